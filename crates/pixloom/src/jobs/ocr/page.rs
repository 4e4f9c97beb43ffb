//! Simple pages: a heading, paragraphs and lists, in columns.
use std::ops::Range;

use pixloom_engine::Rng;
use pixloom_text::{
    Base, Block, Face, Line, LineStyle, PlacedLine, clusters, fill_lines, shape_line,
};
use serde::{Deserialize, Serialize};

use super::config::TextAlignment;
use super::drawn::Drawn;
use super::knob::{K, Values};

/// What a part of a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// In larger letters, above the text.
    Heading,
    /// Running text.
    Paragraph,
    /// An entry of a list, with its mark.
    Item,
}

/// A part of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is.
    pub role: Role,
    /// Its characters.
    pub chars: [u32; 2],
}

/// Clusters of a heading, most.
const LONGEST_HEADING: usize = 28;

/// Cuts a text into the parts of a page, one a line of the result, and says what each is.
pub(super) fn compose(text: &str, values: &Values, rng: &mut Rng) -> (String, Vec<Part>) {
    let mut page = Composer { rest: text, out: String::new(), parts: Vec::new() };
    let length = values.get(K::ParagraphLength) as usize;
    let heading = 8 + rng.range_u64(LONGEST_HEADING as u64 - 8) as usize;
    if clusters(text).nth(3 * heading).is_some() {
        page.add(Role::Heading, "", heading);
    }
    let mut number = 0_u32;
    while !page.rest.is_empty() {
        let wanted = (length as f64 * rng.range_f64(0.6, 1.4)) as usize;
        if !rng.chance(0.3) {
            number = 0;
            page.add(Role::Paragraph, "", wanted.max(8));
            continue;
        }
        let numbered = rng.chance(0.5);
        if !numbered {
            number = 0;
        }
        for _ in 0..2 + rng.range_u64(3) {
            number += u32::from(numbered);
            let mark = if numbered { format!("{number}. ") } else { "- ".to_owned() };
            page.add(Role::Item, &mark, (wanted / 4).max(6));
        }
    }
    (page.out, page.parts)
}

struct Composer<'a> {
    rest: &'a str,
    out: String,
    parts: Vec<Part>,
}

impl Composer<'_> {
    /// Moves about `wanted` clusters of what is left into a part of their own.
    fn add(&mut self, role: Role, mark: &str, wanted: usize) {
        let Some(end) = cut(self.rest, wanted) else { return };
        let (own, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        let own = own.trim_end();
        if own.is_empty() {
            return;
        }
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        let start = self.out.chars().count() as u32;
        self.out.push_str(mark);
        self.out.push_str(own);
        let end = self.out.chars().count() as u32;
        self.parts.push(Part { role, chars: [start, end] });
    }
}

/// Where about `wanted` clusters end: after a word if one ends near, else after a cluster. What
/// would be left is not shorter than a word. `None` if nothing is left.
fn cut(text: &str, wanted: usize) -> Option<usize> {
    let ends: Vec<usize> = clusters(text).take(wanted + 40).map(|range| range.end).collect();
    if ends.len() <= wanted + 5 {
        return ends.last().map(|_| text.len()).filter(|len| *len > 0);
    }
    let from = ends[wanted / 2];
    let space = text[from..ends[ends.len() - 6]].find(char::is_whitespace);
    let late = text[ends[wanted]..ends[ends.len() - 6]].find(char::is_whitespace);
    let late = late.map(|at| ends[wanted] + at);
    late.or_else(|| space.map(|at| from + at)).or(Some(ends[wanted]))
}

/// Lines of a page that belong together in one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// What they are.
    pub role: Role,
    /// The lines.
    pub lines: Range<usize>,
    /// The column, from 0.
    pub column: usize,
}

/// Gap between columns and the indent of lists, in em.
const GAP: f32 = 2.0;
const INDENT: f32 = 1.2;
/// Gap between parts, in heights of a line.
const PART_GAP: f32 = 0.5;

/// A page that is set.
#[derive(Debug, Default)]
pub(super) struct Set {
    /// Its lines.
    pub block: Block,
    /// Where each line is in the text, bytes.
    pub lines: Vec<Range<usize>>,
    /// What belongs together.
    pub groups: Vec<Group>,
}

/// A line before it has its place.
struct Loose {
    line: Line,
    bytes: Range<usize>,
    part: usize,
    indent: f32,
}

/// Breaks the parts into lines and puts them into columns.
pub(super) fn set(drawn: &Drawn, faces: &[Face], style: &LineStyle) -> Set {
    let measure = drawn.values.get(K::Measure) as f32 * style.size;
    let mut loose = Vec::new();
    for (number, part) in drawn.page.iter().enumerate() {
        lines_of((number, part), (drawn, measure), faces, style, &mut loose);
    }
    let spacing = drawn.values.get(K::LineSpacing) as f32;
    let columns = (drawn.values.get(K::Columns) as usize).max(1);
    let height = |loose: &Loose| (loose.line.ascent + loose.line.descent) * spacing;
    let gap = |before: Option<usize>, loose: &Loose| match before {
        Some(part) if part != loose.part => PART_GAP * height(loose),
        _ => 0.0,
    };
    let mut before = None;
    let whole: f32 =
        loose.iter().map(|loose| gap(before.replace(loose.part), loose) + height(loose)).sum();
    let rtl = style.base == Base::RightToLeft;
    let mut set = Set::default();
    let (mut column, mut y, mut done, mut before) = (0, 0.0_f32, 0.0_f32, None);
    for loose in loose {
        let above = gap(before, &loose);
        // A column ends when its share of the whole is done.
        if column + 1 < columns && done >= whole * (column + 1) as f32 / columns as f32 {
            (column, y, before) = (column + 1, 0.0, None);
        }
        let start = y + if before.is_none() { 0.0 } else { above };
        let place = if rtl { columns - 1 - column } else { column };
        let left = place as f32 * (measure + GAP * style.size);
        let at = [left + along(drawn, &loose, measure, rtl), start + loose.line.ascent * spacing];
        set.push((before, column), drawn.page[loose.part].role, &loose);
        y = start + height(&loose);
        done += above + height(&loose);
        before = Some(loose.part);
        set.block.lines.push(PlacedLine { line: loose.line, at });
    }
    set
}

impl Set {
    fn push(&mut self, (before, column): (Option<usize>, usize), role: Role, loose: &Loose) {
        let number = self.lines.len();
        self.lines.push(loose.bytes.clone());
        match self.groups.last_mut() {
            Some(last) if before == Some(loose.part) => last.lines.end = number + 1,
            _ => self.groups.push(Group { role, lines: number..number + 1, column }),
        }
    }
}

/// Where a line begins in its column.
fn along(drawn: &Drawn, loose: &Loose, measure: f32, rtl: bool) -> f32 {
    let free = measure - loose.line.advance - loose.indent;
    match drawn.text_alignment {
        TextAlignment::Center => 0.5 * (measure - loose.line.advance),
        TextAlignment::Right | TextAlignment::Bottom => free,
        TextAlignment::Left | TextAlignment::Top if rtl => free,
        TextAlignment::Left | TextAlignment::Top => loose.indent,
    }
}

/// Breaks one part into lines.
fn lines_of(
    (number, part): (usize, &Part),
    (drawn, measure): (&Drawn, f32),
    faces: &[Face],
    style: &LineStyle,
    loose: &mut Vec<Loose>,
) {
    let larger = if part.role == Role::Heading { drawn.values.get(K::HeadingScale) } else { 1.0 };
    let style = LineStyle { size: style.size * larger as f32, ..*style };
    let indent = if part.role == Role::Item { INDENT * style.size } else { 0.0 };
    let byte = |count: u32| {
        drawn.text.char_indices().nth(count as usize).map_or(drawn.text.len(), |(at, _)| at)
    };
    let range = byte(part.chars[0])..byte(part.chars[1]);
    let text = &drawn.text[range.clone()];
    let whole = shape_line(text, faces, &style);
    let width = |c: &pixloom_text::Cluster| (c.bytes.start, c.end - c.start + style.spacing);
    let widths: Vec<(usize, f32)> = whole.clusters.iter().map(width).collect();
    for own in fill_lines(text, &widths, measure - indent) {
        let line = shape_line(&text[own.clone()], faces, &style);
        let bytes = range.start + own.start..range.start + own.end;
        loose.push(Loose { line, bytes, part: number, indent });
    }
}

#[cfg(test)]
mod tests {
    use pixloom_engine::Seed;

    use super::*;

    #[test]
    fn parts_hold_the_whole_text_in_its_order() {
        let text = "the quick brown fox jumps over the lazy dog and ".repeat(20);
        let text = text.trim();
        let mut roles = std::collections::BTreeMap::new();
        for seed in 0..20 {
            let (page, parts) = compose(text, &Values::default(), &mut Seed::root(seed).rng());
            let chars: Vec<char> = page.chars().collect();
            let mut words = Vec::new();
            for (number, part) in parts.iter().enumerate() {
                *roles.entry(format!("{:?}", part.role)).or_insert(0) += 1;
                let [start, end] = part.chars.map(|at| at as usize);
                let own: String = chars[start..end].iter().collect();
                let skip = usize::from(part.role == Role::Item);
                words.extend(own.split(' ').skip(skip).map(str::to_owned));
                assert!(number == 0 || chars[start - 1] == '\n');
            }
            assert_eq!(words.join(" "), text);
        }
        assert_eq!(roles.len(), 3, "{roles:?}");
    }

    #[test]
    fn text_without_spaces_is_cut_between_clusters() {
        let text = "人人生而自由在尊严和权利上一律平等".repeat(12);
        let (page, parts) = compose(&text, &Values::default(), &mut Seed::root(1).rng());
        assert!(parts.len() > 1);
        let kept = |c: &char| !c.is_ascii() && *c != '\n';
        assert_eq!(page.chars().filter(kept).collect::<String>(), text);
        assert!(compose("", &Values::default(), &mut Seed::root(1).rng()).1.is_empty());
    }
}
