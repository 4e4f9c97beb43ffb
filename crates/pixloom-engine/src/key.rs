//! Stable names of items, and paths as text without loss.
use std::ffi::OsString;
use std::fmt::{self, Write as _};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The stable name of an item: a path relative to the root, or a padded index.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKey(Arc<str>);

impl ItemKey {
    /// A key with this text.
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// The key of a file, see [`path_key`].
    pub fn from_path(path: &Path) -> Self {
        Self(Arc::from(path_key(path)))
    }

    /// The key of a generated item: its index, padded so that keys sort like numbers.
    pub fn from_index(index: u64) -> Self {
        Self(Arc::from(format!("{index:010}")))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path that this key was made from, see [`key_path`].
    pub fn to_path(&self) -> PathBuf {
        key_path(&self.0)
    }
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for ItemKey {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for ItemKey {
    fn from(name: String) -> Self {
        Self(Arc::from(name))
    }
}

impl Serialize for ItemKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ItemKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

/// Any path as text that [`key_path`] turns back into the same path.
///
/// Text stays as it is; a backslash becomes `\\`, a byte that is not UTF-8 becomes `\xNN`.
///
/// ```
/// use std::path::Path;
/// assert_eq!(pixloom_engine::path_key(Path::new("trip/a b.jpg")), "trip/a b.jpg");
/// ```
pub fn path_key(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes();
    let mut key = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => key.push_str("\\\\"),
                other => key.push(other),
            }
        }
        for byte in chunk.invalid() {
            // Writing to a string cannot fail.
            let _ = write!(key, "\\x{byte:02x}");
        }
    }
    key
}

/// The path that [`path_key`] wrote as text. An unknown escape is kept as it stands.
pub fn key_path(key: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let (byte, used) = if first == b'\\' { unescape(tail) } else { (first, 0) };
        bytes.push(byte);
        rest = &tail[used..];
    }
    PathBuf::from(OsString::from_vec(bytes))
}

/// The byte after a backslash, and how many characters stood for it.
fn unescape(tail: &[u8]) -> (u8, usize) {
    match tail {
        [b'\\', ..] => (b'\\', 1),
        [b'x', high, low, ..] => match (hex_digit(*high), hex_digit(*low)) {
            (Some(high), Some(low)) => (high << 4 | low, 3),
            _ => (b'\\', 0),
        },
        _ => (b'\\', 0),
    }
}

/// The value of one lower- or upper-case hexadecimal digit.
pub(crate) fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(bytes: &[u8]) -> String {
        let path = PathBuf::from(OsString::from_vec(bytes.to_vec()));
        let key = path_key(&path);
        assert_eq!(key_path(&key), path, "{key}");
        key
    }

    #[test]
    fn every_byte_survives() {
        assert_eq!(round_trip("é/ü ß.png".as_bytes()), "é/ü ß.png");
        assert_eq!(round_trip(b"a\\b"), "a\\\\b");
        assert_eq!(round_trip(b"a\\x41"), "a\\\\x41");
        assert_eq!(round_trip(b"\xff\\\xfe"), "\\xff\\\\\\xfe");
        assert_eq!(round_trip(b"\xe2\x82/x"), "\\xe2\\x82/x");
        round_trip(&(1..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn different_paths_have_different_keys() {
        let keys = [round_trip(b"\xff"), round_trip(b"\\xff"), round_trip(b"\\\\xff")];
        assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
    }

    #[test]
    fn indices_sort_like_numbers() {
        assert!(ItemKey::from_index(9) < ItemKey::from_index(10));
    }
}
