//! Cutting a line into runs of one direction, one script and one font.
use std::ops::Range;

use unicode_bidi::{BidiClass, Level, ParagraphBidiInfo};
use unicode_script::{Script, UnicodeScript as _};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::coverage::is_invisible;
use crate::font::Face;
use crate::shape::Base;

/// A piece of text that is shaped at once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) range: Range<usize>,
    pub(crate) script: Script,
    pub(crate) face: usize,
    pub(crate) rtl: bool,
}

/// Whether a character is of a script that is written from right to left.
pub fn is_rtl(c: char) -> bool {
    matches!(unicode_bidi::bidi_class(c), BidiClass::R | BidiClass::AL)
}

/// The script that most letters of a text are of, by its ISO 15924 code; `Zyyy` without letters.
pub fn script_of(text: &str) -> &'static str {
    let mut counts: Vec<(Script, usize)> = Vec::new();
    for script in text.chars().map(|c| c.script()) {
        if matches!(script, Script::Common | Script::Inherited | Script::Unknown) {
            continue;
        }
        match counts.iter_mut().find(|(known, _)| *known == script) {
            Some((_, count)) => *count += 1,
            None => counts.push((script, 1)),
        }
    }
    // The first of several with the same count.
    let most = counts.iter().rev().max_by_key(|(_, count)| *count);
    most.map_or("Zyyy", |(script, _)| script.short_name())
}

/// Whether letters of the script join, so that spacing between them would tear them apart.
pub fn is_joining(c: char) -> bool {
    joins(c.script())
}

pub(crate) const fn joins(script: Script) -> bool {
    matches!(
        script,
        Script::Arabic
            | Script::Syriac
            | Script::Mongolian
            | Script::Nko
            | Script::Mandaic
            | Script::Phags_Pa
            | Script::Adlam
            | Script::Devanagari
            | Script::Bengali
            | Script::Gurmukhi
    )
}

/// Whether letters stand upright in vertical lines; others are turned with the line.
pub(crate) const fn is_upright(script: Script) -> bool {
    matches!(
        script,
        Script::Han
            | Script::Hiragana
            | Script::Katakana
            | Script::Hangul
            | Script::Bopomofo
            | Script::Yi
            | Script::Latin
            | Script::Cyrillic
            | Script::Greek
            | Script::Armenian
            | Script::Georgian
            | Script::Ethiopic
            | Script::Hebrew
            | Script::Common
    )
}

/// The runs of a horizontal line from left to right.
pub(crate) fn visual_items(text: &str, faces: &[Face], base: Base) -> Vec<Item> {
    let logical = logical_items(text, faces);
    let wanted = match base {
        Base::Auto => None,
        Base::LeftToRight => Some(Level::ltr()),
        Base::RightToLeft => Some(Level::rtl()),
    };
    let plain = base != Base::RightToLeft && !text.chars().any(needs_bidi);
    if plain {
        return logical;
    }
    let bidi = ParagraphBidiInfo::new(text, wanted);
    let (levels, runs) = bidi.visual_runs(0..text.len());
    let mut items = Vec::new();
    for run in runs {
        let rtl = levels.get(run.start).is_some_and(Level::is_rtl);
        let inside = logical.iter().filter_map(|item| {
            let range = item.range.start.max(run.start)..item.range.end.min(run.end);
            (range.start < range.end).then(|| Item { range, rtl, ..item.clone() })
        });
        let first = items.len();
        items.extend(inside);
        if rtl {
            items[first..].reverse();
        }
    }
    items
}

fn needs_bidi(c: char) -> bool {
    use BidiClass::{AL, AN, FSI, LRE, LRI, LRO, PDF, PDI, R, RLE, RLI, RLO};
    matches!(
        unicode_bidi::bidi_class(c),
        R | AL | AN | LRE | LRO | RLE | RLO | PDF | LRI | RLI | FSI | PDI
    )
}

/// The runs of a line in the order of its text.
pub(crate) fn logical_items(text: &str, faces: &[Face]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut script = first_script(text);
    let fits = faces.len() < 2 || faces[0].coverage().covers(text);
    let mut face = 0;
    for (start, cluster) in text.grapheme_indices(true) {
        script = cluster_script(cluster).unwrap_or(script);
        if !fits && !cluster.chars().all(is_invisible) {
            face = faces.iter().position(|face| face.coverage().covers(cluster)).unwrap_or(0);
        }
        let end = start + cluster.len();
        match items.last_mut() {
            Some(last) if last.script == script && last.face == face => last.range.end = end,
            _ => items.push(Item { range: start..end, script, face, rtl: false }),
        }
    }
    items
}

fn cluster_script(cluster: &str) -> Option<Script> {
    let known =
        |script: &Script| !matches!(script, Script::Common | Script::Inherited | Script::Unknown);
    cluster.chars().map(|c| c.script()).find(known)
}

fn first_script(text: &str) -> Script {
    text.chars().find_map(|c| cluster_script(c.encode_utf8(&mut [0; 4]))).unwrap_or(Script::Common)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(text: &str, base: Base) -> Vec<(&str, bool)> {
        let items = visual_items(text, &[], base);
        items.iter().map(|item| (&text[item.range.clone()], item.rtl)).collect()
    }

    #[test]
    fn scripts_split_and_common_follows() {
        let items = logical_items("abc, яд 1", &[]);
        let found: Vec<_> = items.iter().map(|i| (i.range.clone(), i.script)).collect();
        assert_eq!(found, [(0..5, Script::Latin), (5..11, Script::Cyrillic)]);
    }

    #[test]
    fn digits_in_hebrew_run_from_left_to_right() {
        assert_eq!(runs("אב 1357 גד", Base::Auto), [(" גד", true), ("1357", false), ("אב ", true)]);
        assert_eq!(runs("ab אב", Base::Auto), [("ab ", false), ("אב", true)]);
        assert_eq!(runs("ab", Base::RightToLeft), [("ab", false)]);
    }

    #[test]
    fn the_script_of_a_text_is_that_of_most_letters() {
        assert_eq!(script_of("in Москва 1905"), "Cyrl");
        assert_eq!(script_of("12 !"), "Zyyy");
    }
}
