//! Which characters a font can show.
use std::collections::BTreeMap;

use unicode_script::{Script, UnicodeScript as _};

/// The characters of a font, as sorted ranges: a few kilobytes even for the largest fonts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// First and last of each range, sorted, apart from each other.
    ranges: Vec<(u32, u32)>,
}

impl Coverage {
    /// The set of these code points, in any order.
    pub fn new(points: impl IntoIterator<Item = u32>) -> Self {
        let mut points: Vec<u32> = points.into_iter().collect();
        points.sort_unstable();
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for point in points {
            match ranges.last_mut() {
                Some((_, last)) if point <= last.saturating_add(1) => *last = point,
                _ => ranges.push((point, point)),
            }
        }
        Self { ranges }
    }

    /// Whether the character is in the set.
    pub fn contains(&self, c: char) -> bool {
        let point = u32::from(c);
        let at = self.ranges.partition_point(|(_, last)| *last < point);
        self.ranges.get(at).is_some_and(|(first, _)| *first <= point)
    }

    /// Whether every character that shows is in the set; those that never show need not be.
    pub fn covers(&self, text: &str) -> bool {
        text.chars().all(|c| self.contains(c) || is_invisible(c))
    }

    /// The first character of `text` that would be missing.
    pub fn missing(&self, text: &str) -> Option<char> {
        text.chars().find(|c| !self.contains(*c) && !is_invisible(*c))
    }

    /// Number of characters.
    pub fn len(&self) -> u64 {
        self.ranges.iter().map(|(first, last)| u64::from(last - first) + 1).sum()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// All characters of the set in order.
    pub fn chars(&self) -> impl Iterator<Item = char> + '_ {
        self.ranges.iter().flat_map(|(first, last)| *first..=*last).filter_map(char::from_u32)
    }

    /// Characters per script, by the script's English name.
    pub fn scripts(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for c in self.chars() {
            let script = c.script();
            if !matches!(script, Script::Common | Script::Inherited | Script::Unknown) {
                *counts.entry(script.full_name()).or_insert(0) += 1;
            }
        }
        counts
    }
}

/// Whether a character shows nothing by itself, so that no font needs a glyph for it: joiners,
/// variation selectors, marks of direction, tags (Unicode's `Default_Ignorable_Code_Point`),
/// and white space.
pub fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_joined_and_found() {
        let set = Coverage::new("cabxyd".chars().map(u32::from));
        assert_eq!((set.ranges.len(), set.len()), (2, 6));
        assert!(set.contains('a') && set.contains('d') && !set.contains('e'));
        assert!(set.covers("a b\u{200d}") && !set.covers("ae"));
        assert_eq!(set.missing("ab!"), Some('!'));
        assert!(Coverage::default().is_empty());
    }

    #[test]
    fn scripts_are_counted() {
        let set = Coverage::new("abя1".chars().map(u32::from));
        let scripts: Vec<_> = set.scripts().into_iter().collect();
        assert_eq!(scripts, [("Cyrillic", 1), ("Latin", 2)]);
    }
}
