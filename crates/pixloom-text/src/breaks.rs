//! Where text may be cut: grapheme clusters, words, lines (UAX 14 and 29).
use std::ops::Range;

use unicode_linebreak::linebreaks;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::coverage::is_invisible;

/// Where lines may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Breaks {
    /// Where Unicode's rules allow it (UAX 14), within a word only if nothing else fits.
    #[default]
    Words,
    /// After any grapheme cluster.
    Clusters,
}

/// Byte ranges of the grapheme clusters.
pub fn clusters(text: &str) -> impl DoubleEndedIterator<Item = Range<usize>> + '_ {
    text.grapheme_indices(true).map(|(start, cluster)| start..start + cluster.len())
}

/// Byte ranges of the words: what stands between white space.
pub fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            words.extend(start.take().map(|start| start..at));
        } else if start.is_none() {
            start = Some(at);
        }
    }
    words.extend(start.map(|start| start..text.len()));
    words
}

/// Cuts `text` into at most `count` lines of about the same number of clusters, without the
/// white space at their ends. Byte ranges; fewer where the text is too short.
pub fn split_lines(text: &str, count: usize, breaks: Breaks) -> Vec<Range<usize>> {
    let mut ends: Vec<usize> = clusters(text).map(|range| range.end).collect();
    let count = count.clamp(1, ends.len().max(1));
    if count == 1 {
        return trimmed(text, 0..text.len()).into_iter().collect();
    }
    let total = ends.len();
    let wanted: Vec<usize> = (1..count).map(|line| ends[line * total / count - 1]).collect();
    if breaks == Breaks::Words {
        let allowed: Vec<usize> = linebreaks(text).map(|(at, _)| at).collect();
        // As long as there is one place for each end.
        if allowed.len() >= count {
            ends = allowed;
        }
    }
    let mut lines = Vec::with_capacity(count);
    let mut start = 0;
    for end in wanted {
        let near = ends.iter().copied().filter(|at| *at > start && *at < text.len());
        let Some(end) = near.min_by_key(|at| (at.abs_diff(end), *at)) else { break };
        lines.extend(trimmed(text, start..end));
        start = end;
    }
    lines.extend(trimmed(text, start..text.len()));
    lines
}

/// Cuts `text` into lines that are no wider than `width`, without the white space at their ends:
/// where Unicode's rules allow it, within a word only if that alone is wider. `widths` are those
/// of the clusters of the text, by their first byte. Byte ranges.
pub fn fill_lines(text: &str, widths: &[(usize, f32)], width: f32) -> Vec<Range<usize>> {
    let of = |range: Range<usize>| -> f32 {
        let first = widths.partition_point(|(byte, _)| *byte < range.start);
        let own = widths[first..].iter().take_while(|(byte, _)| *byte < range.end);
        own.map(|(_, width)| width).sum()
    };
    let shown = |range: Range<usize>| trimmed(text, range).map_or(0.0, of);
    let mut lines = Vec::new();
    let (mut start, mut end) = (0, 0);
    for (allowed, _) in linebreaks(text) {
        if shown(start..allowed) > width && end > start {
            lines.extend(trimmed(text, start..end));
            start = end;
        }
        // What is too wide alone is cut between clusters.
        while shown(start..allowed) > width {
            let cuts = || clusters(&text[start..allowed]).map(|cluster| start + cluster.end);
            let fits = cuts().take_while(|cut| shown(start..*cut) <= width).last();
            let Some(cut) = fits.or_else(|| cuts().next()).filter(|cut| *cut < allowed) else {
                break;
            };
            lines.extend(trimmed(text, start..cut));
            start = cut;
        }
        end = allowed;
    }
    lines.extend(trimmed(text, start..text.len()));
    lines
}

/// The range without white space at its ends; `None` if nothing visible is left.
fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let part = &text[range.clone()];
    if part.chars().all(is_invisible) {
        return None;
    }
    let start = range.start + (part.len() - part.trim_start().len());
    let end = range.start + part.trim_end().len();
    Some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str, count: usize, breaks: Breaks) -> Vec<&str> {
        split_lines(text, count, breaks).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn lines_end_at_words() {
        let text = "the quick brown fox jumps";
        assert_eq!(lines(text, 2, Breaks::Words), ["the quick", "brown fox jumps"]);
        assert_eq!(lines(text, 1, Breaks::Words), [text]);
        assert_eq!(lines(text, 3, Breaks::Clusters), ["the quic", "k brown", "fox jumps"]);
    }

    #[test]
    fn lines_are_filled_to_a_width() {
        let wrap = |text: &str, width: f32| -> Vec<String> {
            let widths: Vec<_> = clusters(text).map(|range| (range.start, 1.0)).collect();
            let lines = fill_lines(text, &widths, width).into_iter();
            lines.map(|range| text[range].to_owned()).collect()
        };
        assert_eq!(wrap("the quick brown fox", 9.0), ["the quick", "brown fox"]);
        assert_eq!(wrap("the quick brown fox", 8.9), ["the", "quick", "brown", "fox"]);
        assert_eq!(wrap("a extraordinarily b", 6.0), ["a", "extrao", "rdinar", "ily b"]);
        assert_eq!(wrap("人人生而自由", 2.0), ["人人", "生而", "自由"]);
        assert_eq!(wrap("abc", 0.0), ["a", "b", "c"]);
        assert!(wrap(" ", 3.0).is_empty());
    }

    #[test]
    fn text_without_places_is_cut_anyway() {
        assert_eq!(lines("abcdef", 3, Breaks::Words), ["ab", "cd", "ef"]);
        assert_eq!(lines("ab", 9, Breaks::Words), ["a", "b"]);
        assert!(lines("  ", 2, Breaks::Words).is_empty());
        assert_eq!(lines("人人生而自由", 2, Breaks::Words), ["人人生", "而自由"]);
    }

    #[test]
    fn clusters_are_never_cut() {
        let text = "e\u{301}e\u{301}e\u{301}e\u{301}";
        assert_eq!(lines(text, 2, Breaks::Clusters), ["e\u{301}e\u{301}"; 2]);
        assert_eq!(words(" ab  c "), [1..3, 5..6]);
    }
}
