//! The optional formats, built and tested where the system has their libraries, and the build
//! without any option.
use anyhow::{Result, ensure};

use crate::sh;

/// A feature, the library that it needs (as pkg-config and Debian name it), and the oldest version.
const NEEDS: [(&str, &str, &str, &str); 3] = [
    ("heif", "libheif", "libheif-dev", "1.12"),
    ("avif", "libheif", "libheif-dev", "1.12"),
    ("jxl-lossy", "libjxl", "libjxl-dev", "0.7"),
];

pub(crate) fn run() -> Result<()> {
    ensure!(
        sh::version("pkg-config", &["--version"]).is_some(),
        "pkg-config is not installed: it tells where the libraries are"
    );
    let mut found = Vec::new();
    for (feature, library, package, oldest) in NEEDS {
        let enough = format!("--atleast-version={oldest}");
        let version = sh::version("pkg-config", &["--modversion", library]);
        match version.filter(|_| sh::version("pkg-config", &[&enough, library]).is_some()) {
            Some(version) => {
                println!("{feature}: {library} {version}");
                found.push(feature);
            }
            None => println!(
                "{feature}: not checked, {library} {oldest} or newer is missing (Debian: {package})"
            ),
        }
    }
    let bare = ["clippy", "--quiet", "--package", "pixloom", "--no-default-features"];
    sh::run(sh::cargo().args(bare).args(["--", "-D", "warnings"]))?;
    for set in sets(&found) {
        let set = set.join(",");
        let lints = ["clippy", "--quiet", "--package", "pixloom-image", "--all-targets"];
        sh::run(sh::cargo().args(lints).args(["--features", &set, "--", "-D", "warnings"]))?;
        let tests = ["test", "--quiet", "--package", "pixloom-image", "--features", &set];
        sh::run(sh::cargo().args(tests))?;
    }
    if !found.is_empty() {
        let build = ["build", "--quiet", "--package", "pixloom-cli", "--features"];
        sh::run(sh::cargo().args(build).arg(found.join(",")))?;
    }
    println!("{} of {} features checked", found.len(), NEEDS.len());
    Ok(())
}

/// All together, and reading without writing, which has code of its own.
fn sets<'a>(found: &[&'a str]) -> Vec<Vec<&'a str>> {
    let mut sets = vec![found.to_vec()];
    if found.contains(&"heif") {
        sets.push(vec!["heif"]);
    }
    sets.retain(|set| !set.is_empty());
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_alone_is_checked_too() {
        assert_eq!(sets(&["heif", "avif"]), [vec!["heif", "avif"], vec!["heif"]]);
        assert_eq!(sets(&["jxl-lossy"]), [vec!["jxl-lossy"]]);
        assert!(sets(&[]).is_empty());
    }
}
