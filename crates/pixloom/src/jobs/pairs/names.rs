//! Which names belong together: extensions and the usual endings do not count.
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Endings that common datasets give to low-resolution files, longest first where one ends
/// with another.
const LQ_ENDINGS: [&str; 17] = [
    "_x2", "_x3", "_x4", "_x8", "-x2", "-x3", "-x4", "-x8", "x2", "x3", "x4", "x8", "_lr", "_lq",
    "-lr", "-lq", "_low",
];
/// Endings that common datasets give to high-resolution files.
const HQ_ENDINGS: [&str; 7] = ["_hr", "_hq", "_gt", "-hr", "-hq", "-gt", "_high"];

/// What the user says about names; without it the usual endings are tried.
#[derive(Debug, Clone, Default)]
pub(super) struct Pattern {
    pub(super) prefix: Option<String>,
    pub(super) suffix: Option<String>,
}

impl Pattern {
    /// Whether nothing was said.
    const fn is_auto(&self) -> bool {
        self.prefix.is_none() && self.suffix.is_none()
    }

    /// The stem without prefix and suffix; `None` if it lacks one of them.
    fn strip<'a>(&self, stem: &'a [u8]) -> Option<&'a [u8]> {
        let stem = stem.strip_prefix(self.prefix.as_deref().unwrap_or_default().as_bytes())?;
        stem.strip_suffix(self.suffix.as_deref().unwrap_or_default().as_bytes())
    }
}

/// How names of both sides become keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Naming {
    pub(super) hq: Pattern,
    pub(super) lq: Pattern,
}

/// Finds the key of an LQ name among the keys of its folder.
impl Naming {
    /// The key of an HQ file: its stem, without what the user said.
    pub(super) fn hq_key(&self, name: &Path) -> Vec<u8> {
        let stem = stem(name);
        self.hq.strip(stem).unwrap_or(stem).to_vec()
    }

    /// The key of an LQ file. `hq` tells whether the folder has an HQ file with that key.
    pub(super) fn lq_key(&self, name: &Path, hq: &dyn Fn(&[u8]) -> bool) -> Vec<u8> {
        let stem = stem(name);
        if !self.lq.is_auto() {
            return self.lq.strip(stem).unwrap_or(stem).to_vec();
        }
        if hq(stem) {
            return stem.to_vec();
        }
        for short in LQ_ENDINGS.iter().filter_map(|ending| strip_ending(stem, ending)) {
            if hq(short) {
                return short.to_vec();
            }
            if let Some(key) = self.with_hq_ending(short, hq) {
                return key;
            }
        }
        self.with_hq_ending(stem, hq).unwrap_or_else(|| stem.to_vec())
    }

    /// The key that is `stem` and one of the endings of HQ files.
    fn with_hq_ending(&self, stem: &[u8], hq: &dyn Fn(&[u8]) -> bool) -> Option<Vec<u8>> {
        if !self.hq.is_auto() {
            return None;
        }
        let spellings = |ending: &&str| [ending.to_string(), ending.to_uppercase()];
        let keys = HQ_ENDINGS.iter().flat_map(spellings).map(|end| [stem, end.as_bytes()].concat());
        keys.into_iter().find(|key| hq(key))
    }
}

/// The file name without its extension.
fn stem(name: &Path) -> &[u8] {
    name.file_stem().unwrap_or(OsStr::new("")).as_bytes()
}

/// `stem` without `ending`, whatever its case; something must be left.
fn strip_ending<'a>(stem: &'a [u8], ending: &str) -> Option<&'a [u8]> {
    let at = stem.len().checked_sub(ending.len()).filter(|at| *at > 0)?;
    stem[at..].eq_ignore_ascii_case(ending.as_bytes()).then(|| &stem[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(naming: &Naming, hq: &[&str], lq: &str) -> String {
        let keys: Vec<Vec<u8>> = hq.iter().map(|name| naming.hq_key(Path::new(name))).collect();
        let found = naming.lq_key(Path::new(lq), &|key| keys.iter().any(|k| k == key));
        String::from_utf8(found).unwrap()
    }

    #[test]
    fn usual_endings_are_known() {
        let auto = Naming::default();
        for (hq, lq, expected) in [
            ("0001.png", "0001.jpg", "0001"),
            ("0001.png", "0001x4.png", "0001"),
            ("0001.png", "0001_X4.png", "0001"),
            ("a.png", "a_lq.webp", "a"),
            ("img_HR.png", "img_LR.png", "img_HR"),
            ("img_gt.png", "img.png", "img_gt"),
            ("box2.png", "box2.png", "box2"),
            ("a.png", "b_lq.png", "b_lq"),
        ] {
            assert_eq!(key(&auto, &[hq], lq), expected, "{hq} {lq}");
        }
        // The very name goes first, even where an ending could be taken off.
        assert_eq!(key(&auto, &["bo.png", "box2.png"], "box2.png"), "box2");
        assert_eq!(key(&auto, &["x2.png"], "x2.png"), "x2");
    }

    #[test]
    fn patterns_of_the_user_replace_the_usual_ones() {
        let mut naming = Naming::default();
        naming.lq.suffix = Some("_small".to_owned());
        naming.hq.prefix = Some("big_".to_owned());
        assert_eq!(key(&naming, &["big_7.png"], "7_small.png"), "7");
        assert_eq!(key(&naming, &["big_7.png"], "7x4.png"), "7x4");
    }
}
