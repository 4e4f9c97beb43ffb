//! Hashes over folders: equal if and only if all paths and all bytes are equal.
use std::fs;
use std::path::Path;

/// The relative paths of all files below `dir`, with `/`, in byte order.
pub fn listing(dir: &Path) -> Vec<String> {
    let mut files = Vec::new();
    walk(dir, "", &mut files);
    files.sort_unstable();
    files
}

fn walk(dir: &Path, prefix: &str, files: &mut Vec<String>) {
    for entry in fs::read_dir(dir).expect("the folder can be listed") {
        let entry = entry.expect("the folder can be listed");
        let name = entry.file_name().to_string_lossy().into_owned();
        let relative = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if entry.file_type().expect("the entry has a type").is_dir() {
            walk(&entry.path(), &relative, files);
        } else {
            files.push(relative);
        }
    }
}

/// Hex hash over the paths and bytes of all files below `dir` whose relative path `keep` takes.
pub fn tree_hash(dir: &Path, keep: impl Fn(&str) -> bool) -> String {
    let mut hasher = blake3::Hasher::new();
    for relative in listing(dir).iter().filter(|path| keep(path)) {
        let bytes = fs::read(dir.join(relative)).expect("the file can be read");
        hasher.update(&(relative.len() as u64).to_le_bytes()).update(relative.as_bytes());
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(&bytes);
    }
    hasher.finalize().to_hex().to_string()
}

/// [`tree_hash`] over the result of a run that wrote to `out`: its outputs, `manifest.jsonl` and
/// `errors.jsonl`, without what differs by nature (times, journal, log, older runs).
pub fn result_hash(out: &Path) -> String {
    tree_hash(out, |path| match path.strip_prefix(".pixloom/") {
        Some(own) => own == "manifest.jsonl" || own == "errors.jsonl",
        None => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write_file;

    #[test]
    fn hash_sees_names_and_bytes_and_where_they_part() {
        let hash = |files: &[(&str, &str)]| {
            let dir = tempfile::tempdir().unwrap();
            for (name, text) in files {
                write_file(dir.path().join(name), text);
            }
            tree_hash(dir.path(), |_| true)
        };
        let first = hash(&[("a", "1"), ("sub/b", "2")]);
        assert_eq!(first, hash(&[("sub/b", "2"), ("a", "1")]));
        for other in [&[("a", "2"), ("sub/b", "2")], &[("a", "12"), ("sub/b", "")]] {
            assert_ne!(first, hash(other));
        }
        assert_ne!(hash(&[("ab", "c")]), hash(&[("a", "bc")]));
    }

    #[test]
    fn result_leaves_out_journal_but_not_manifest() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            write_file(dir.path().join(name), text);
            result_hash(dir.path())
        };
        let first = put("x.png", "pixels");
        assert_eq!(first, put(".pixloom/journal.jsonl", "j"));
        assert_eq!(first, put(".pixloom/runs/1/manifest.jsonl", "old"));
        let manifest = put(".pixloom/manifest.jsonl", "m");
        assert_ne!(first, manifest);
        assert_ne!(manifest, put(".pixloom/errors.jsonl", "e"));
    }
}
