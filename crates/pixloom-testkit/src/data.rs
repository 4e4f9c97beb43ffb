//! Test data beside the repository, where it is there, and files that tests write.
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The root of the repository that these tests were built from.
pub fn repository_root() -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    crates.and_then(Path::parent).expect("the crate lies in crates/").to_path_buf()
}

/// The folder `sub` of the shared test data, or `None` with a printed line if it is not there;
/// the test then returns.
///
/// The data is looked for at `PIXLOOM_SHARED`, or else in `shared` beside the repository; both
/// hold a folder `data`.
pub fn shared_data(sub: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("PIXLOOM_SHARED")
        .map_or_else(|| repository_root().join("../shared"), PathBuf::from);
    let found = [shared.join("data").join(sub), shared.join(sub)].into_iter().find(|p| p.exists());
    if found.is_none() {
        skipped(sub);
    }
    found
}

#[expect(clippy::print_stderr, reason = "the reader of the test log must see what was not tested")]
fn skipped(sub: &str) {
    eprintln!("skipped: no shared test data `{sub}` (set PIXLOOM_SHARED)");
}

/// Writes a file and the folders above it.
pub fn write_file(path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
    let path = path.as_ref();
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).expect("the test's folder can be made");
    }
    let mut file = fs::File::create(path).expect("the test's file can be made");
    file.write_all(bytes.as_ref()).expect("the test's file can be written");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_holds_the_workspace() {
        assert!(repository_root().join("Cargo.lock").exists());
    }

    #[test]
    fn missing_data_is_none() {
        assert_eq!(shared_data("no such folder"), None);
    }

    #[test]
    fn files_are_written_below_new_folders() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a/b/c.bin");
        write_file(&path, b"123");
        assert_eq!(fs::read(path).unwrap(), b"123");
    }
}
