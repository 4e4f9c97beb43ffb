//! Which crate may use which, and where threads and unsafe code may stand.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::sh;

/// What each crate may use of ours in the program that is shipped.
const MAY_USE: &[(&str, &[&str])] = &[
    ("pixloom-engine", &[]),
    ("pixloom-image", &[]),
    ("pixloom-match", &[]),
    ("pixloom-nn", &[]),
    ("pixloom-restore", &[]),
    ("pixloom-text", &[]),
    ("pixloom-testkit", &[]),
    (
        "pixloom",
        &[
            "pixloom-engine",
            "pixloom-image",
            "pixloom-match",
            "pixloom-nn",
            "pixloom-restore",
            "pixloom-text",
        ],
    ),
    ("pixloom-cli", &["pixloom"]),
    ("pixloom-py", &["pixloom"]),
    ("pixloom-studio", &["pixloom"]),
    ("xtask", &["pixloom-image", "pixloom-match", "pixloom-nn", "pixloom-testkit"]),
];

/// Crates whose sources may start threads: the engine, and what never ships.
const THREADS: [&str; 3] = ["pixloom-engine", "pixloom-testkit", "xtask"];

pub(crate) fn run() -> Result<()> {
    let metadata = sh::metadata()?;
    let packages = metadata["packages"].as_array().context("cargo lists no packages")?;
    let mut problems = Vec::new();
    for package in packages {
        problems.extend(forbidden_uses(package));
        let name = package["name"].as_str().unwrap_or_default();
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        for file in rust_files(&manifest.with_file_name("src"))? {
            let text = fs::read_to_string(&file)?;
            problems.extend(source_problems(name, &file, &text));
        }
    }
    if !problems.is_empty() {
        bail!("the layers are broken:\n  {}", problems.join("\n  "));
    }
    println!("layers: {} crates keep to their place", packages.len());
    Ok(())
}

fn forbidden_uses(package: &Value) -> Vec<String> {
    let rules: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let name = package["name"].as_str().unwrap_or_default();
    let Some(allowed) = rules.get(name) else {
        return vec![format!("{name} is not in the table of layers")];
    };
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    let ours: BTreeSet<&str> = dependencies
        .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
        .filter_map(|dependency| dependency["name"].as_str())
        .filter(|dependency| rules.contains_key(dependency))
        .collect();
    let wrong = ours.into_iter().filter(|dependency| !allowed.contains(dependency));
    wrong.map(|dependency| format!("{name} may not use {dependency}")).collect()
}

/// The Rust files below `dir`, sorted.
pub(crate) fn rust_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn source_problems(name: &str, file: &Path, text: &str) -> Vec<String> {
    let fenced =
        file.components().any(|part| part.as_os_str() == "simd" || part.as_os_str() == "ffi");
    let code = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
    let mut problems = Vec::new();
    for (number, line) in code {
        let place = || format!("{}:{}", file.display(), number + 1);
        if !THREADS.contains(&name) && (line.contains("std::thread") || line.contains("rayon::")) {
            problems.push(format!("{}: threads belong to pixloom-engine", place()));
        }
        let opens = ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"];
        if !fenced && opens.iter().any(|open| line.contains(open)) && !line.contains('"') {
            problems.push(format!("{}: unsafe code belongs to a folder simd/ or ffi/", place()));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn image_may_not_use_the_engine_but_its_tests_may() {
        let package = |kind: Value| json!({"name": "pixloom-image", "dependencies": [{"name": "pixloom-engine", "kind": kind}]});
        assert_eq!(forbidden_uses(&package(Value::Null)).len(), 1);
        assert!(forbidden_uses(&package(json!("dev"))).is_empty());
        assert_eq!(forbidden_uses(&json!({"name": "pixloom-utils"})).len(), 1);
    }

    #[test]
    fn threads_and_unsafe_code_are_found() {
        let bad = "use std::thread;\n// std::thread\nlet x = unsafe { y };\n";
        assert_eq!(source_problems("pixloom", Path::new("src/a.rs"), bad).len(), 2);
        assert_eq!(source_problems("pixloom-engine", Path::new("src/simd/a.rs"), bad).len(), 0);
    }
}
