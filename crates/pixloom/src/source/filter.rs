//! Which files of a folder are meant.
use std::path::Path;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use pixloom_image::codec;

use crate::params::ParamError;

/// Decides from its name whether a file is an input.
#[derive(Debug)]
pub(super) struct Filter {
    include: Option<GlobSet>,
    /// The patterns that name an extension: their files count as pictures, whatever it is.
    named: GlobSet,
    exclude: GlobSet,
}

impl Filter {
    /// Patterns without a `/` look at the file name, others at the whole path; a leading `!`
    /// leaves files out. Only files with an image's extension are meant, or with one that a
    /// pattern names.
    pub(super) fn new(patterns: &[String]) -> Result<Self, ParamError> {
        let (out, wanted): (Vec<&String>, Vec<&String>) =
            patterns.iter().partition(|pattern| pattern.starts_with('!'));
        let exclude = set(out.iter().map(|pattern| pattern.trim_start_matches('!')))?;
        let wanted: Vec<&str> = wanted.iter().map(|pattern| pattern.as_str()).collect();
        let named = set(wanted.iter().copied().filter(|pattern| names_extension(pattern)))?;
        let include = if wanted.is_empty() { None } else { Some(set(wanted.into_iter())?) };
        Ok(Self { include, named, exclude })
    }

    /// Whether the file at this path below the input folder is meant.
    pub(super) fn takes(&self, relative: &Path) -> bool {
        if self.exclude.is_match(relative) {
            return false;
        }
        let included = self.include.as_ref().is_none_or(|include| include.is_match(relative));
        included && (has_image_extension(relative) || self.named.is_match(relative))
    }
}

/// Whether a pattern ends in an extension without wildcards.
fn names_extension(pattern: &str) -> bool {
    let extension = pattern.rsplit('/').next().and_then(|name| name.rsplit_once('.'));
    let wild = ['*', '?', '[', ']', '{', '}'];
    extension.is_some_and(|(_, text)| !text.is_empty() && !text.contains(wild))
}

fn set<'a>(patterns: impl Iterator<Item = &'a str>) -> Result<GlobSet, ParamError> {
    let wrong = |error: globset::Error| ParamError::new("glob", error.kind().to_string());
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        let anywhere =
            if pattern.contains('/') { pattern.to_owned() } else { format!("**/{pattern}") };
        let mut glob = GlobBuilder::new(&anywhere);
        glob.literal_separator(true).case_insensitive(true);
        builder.add(glob.build().map_err(wrong)?);
    }
    builder.build().map_err(wrong)
}

/// Whether the extension is that of a format we know, built in or not: a format that is not
/// built in becomes a failed item, not a file that is silently passed over.
fn has_image_extension(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| codec::by_name(extension).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(patterns: &[&str], path: &str) -> bool {
        let patterns: Vec<String> = patterns.iter().map(|p| (*p).to_owned()).collect();
        Filter::new(&patterns).unwrap().takes(Path::new(path))
    }

    #[test]
    fn extensions_decide_without_a_pattern() {
        assert!(takes(&[], "a/b/c.JPG"));
        assert!(takes(&[], "c.webp"));
        assert!(!takes(&[], "notes.txt"));
        assert!(!takes(&[], "jpg"));
    }

    #[test]
    fn patterns_decide_where_given() {
        assert!(takes(&["*.jpg"], "a/b/c.jpg"));
        assert!(!takes(&["*.jpg"], "a/b/c.png"));
        assert!(takes(&["train/*.png"], "train/c.png"));
        assert!(!takes(&["train/*.png"], "train/deep/c.png"));
        assert!(takes(&["train/**"], "train/deep/c.png"));
        assert!(!takes(&["train/**"], "train/labels.json"));
        assert!(takes(&["*.dat"], "a/b.dat") && !takes(&["*"], "a/b.dat"));
        assert!(!takes(&["!*_thumb.jpg"], "a_thumb.jpg"));
        assert!(takes(&["!*_thumb.jpg"], "a.jpg"));
    }

    #[test]
    fn a_broken_pattern_is_named() {
        assert_eq!(Filter::new(&["[".to_owned()]).unwrap_err().name, "glob");
    }
}
