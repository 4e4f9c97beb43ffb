//! From a line of text to positioned glyphs and the clusters that they show.
use std::ops::Range;

use harfrust::{Buffer, BufferFlags, Direction, Script, ShapeOptions, ShaperFont, Tag, shape};

use crate::breaks;
use crate::coverage::is_invisible;
use crate::font::Face;
use crate::items::{Item, is_upright, joins, logical_items, visual_items};

/// The direction that a line has before its characters are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Base {
    /// That of the first letter (UAX 9, P2 and P3).
    #[default]
    Auto,
    /// Left to right.
    LeftToRight,
    /// Right to left.
    RightToLeft,
}

/// How a line runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Writing {
    /// To the side; the bidirectional algorithm decides where each letter goes.
    #[default]
    Horizontal,
    /// Downwards: letters of most scripts upright, those that join turned to the right.
    Down,
    /// Upwards: the first letter at the bottom.
    Up,
}

/// How a glyph is turned in its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Turn {
    /// Upright.
    #[default]
    None,
    /// A quarter clockwise.
    Right,
    /// A quarter anticlockwise.
    Left,
}

/// How a line is set.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LineStyle {
    /// Size of the em square in pixels.
    pub size: f32,
    /// Pixels added behind each cluster; not within scripts whose letters join.
    pub spacing: f32,
    /// Part of each cluster's advance that the next one overlaps, 0 to 1; not within scripts
    /// whose letters join.
    pub overlap: f32,
    /// How the line runs.
    pub writing: Writing,
    /// Its direction before its characters are looked at.
    pub base: Base,
}

/// A glyph at its place in a line: pixels, x to the right, y downwards, the baseline at 0 (in
/// vertical lines the middle).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glyph {
    /// The number of its face.
    pub face: usize,
    /// Its number in the face.
    pub id: u32,
    /// Where its origin is.
    pub at: [f32; 2],
    /// How it is turned.
    pub turn: Turn,
    /// The number of its cluster.
    pub cluster: usize,
}

/// Characters that are drawn as one: a letter with its marks, a ligature, a syllable.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Where it is in the line's text.
    pub bytes: Range<usize>,
    /// Where its advance begins along the line, pixels.
    pub start: f32,
    /// Where it ends.
    pub end: f32,
    /// Whether it runs from right to left.
    pub rtl: bool,
}

/// A line of glyphs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Line {
    /// From left to right (top to bottom), not in the order of the text.
    pub glyphs: Vec<Glyph>,
    /// In the order of the text.
    pub clusters: Vec<Cluster>,
    /// Length in pixels.
    pub advance: f32,
    /// Extent above the baseline (to the right of the middle).
    pub ascent: f32,
    /// Extent below the baseline (to the left of the middle).
    pub descent: f32,
    /// Size of its em square in pixels.
    pub size: f32,
    /// How it runs.
    pub writing: Writing,
    /// A character that no face has: its glyph would be a box.
    pub missing: Option<char>,
}

/// A glyph as the shaper gives it, in pixels along and across its run.
struct Shaped {
    face: usize,
    id: u32,
    byte: usize,
    advance: f32,
    /// Offset to the right and downwards, in the run's own orientation.
    offset: [f32; 2],
    turned: bool,
    rtl: bool,
    joins: bool,
}

/// Shapes one line. `faces` are tried in order for each cluster; the first serves for what none
/// has, and [`Line::missing`] says so.
pub fn shape_line(text: &str, faces: &[Face], style: &LineStyle) -> Line {
    let mut line = Line { writing: style.writing, size: style.size, ..Line::default() };
    if faces.is_empty() || text.is_empty() {
        return line;
    }
    let items = match style.writing {
        Writing::Horizontal => visual_items(text, faces, style.base),
        Writing::Down | Writing::Up => logical_items(text, faces),
    };
    let mut shaped = Vec::with_capacity(text.len());
    for item in &items {
        shape_item((text, item), faces, style, &mut shaped);
        let face = &faces[item.face];
        let (up, down) = (face.ascent() * style.size, face.descent() * style.size);
        let (up, down) = match style.writing {
            Writing::Horizontal => (up, down),
            _ => (
                (0.5 * (up + down)).max(0.5 * style.size),
                (0.5 * (up + down)).max(0.5 * style.size),
            ),
        };
        line.ascent = line.ascent.max(up);
        line.descent = line.descent.max(down);
    }
    line.missing = missing(text, &shaped);
    line.clusters = empty_clusters(text, &items, &shaped);
    place(&mut line, &shaped, faces, style);
    line
}

fn shape_item(
    (text, item): (&str, &Item),
    faces: &[Face],
    style: &LineStyle,
    out: &mut Vec<Shaped>,
) {
    let face = &faces[item.face];
    let vertical = style.writing != Writing::Horizontal;
    let turned = vertical && !is_upright(item.script);
    let upright = vertical && !turned;
    let mut buffer = Buffer::new();
    for (at, c) in text[item.range.clone()].char_indices() {
        buffer.push(u32::from(c), (item.range.start + at) as u32);
    }
    buffer.set_pre_context(&text[..item.range.start]);
    buffer.set_post_context(&text[item.range.end..]);
    let rtl =
        if turned { text[item.range.clone()].chars().any(crate::items::is_rtl) } else { item.rtl };
    buffer.set_direction(match (upright, rtl) {
        (true, _) => Direction::TopToBottom,
        (false, true) => Direction::RightToLeft,
        (false, false) => Direction::LeftToRight,
    });
    let tag = Tag::from_be_bytes(item.script.as_iso15924_tag().to_be_bytes());
    buffer.set_script(Script::from_iso15924_tag(tag));
    buffer.set_flags(BufferFlags::DO_NOT_INSERT_DOTTED_CIRCLE);
    let font = ShaperFont::new(face.font());
    if shape(&font, &mut buffer, ShapeOptions::new()).is_err() {
        return;
    }
    let scale = style.size / face.units_per_em();
    let joins = joins(item.script);
    for (info, position) in buffer.glyph_infos().iter().zip(buffer.glyph_positions()) {
        let advance = if upright { -position.y_advance } else { position.x_advance };
        out.push(Shaped {
            face: item.face,
            id: info.glyph_id,
            byte: info.cluster as usize,
            advance: advance as f32 * scale,
            offset: [position.x_offset as f32 * scale, -position.y_offset as f32 * scale],
            turned,
            rtl,
            joins,
        });
    }
}

fn missing(text: &str, shaped: &[Shaped]) -> Option<char> {
    let boxes = shaped.iter().filter(|glyph| glyph.id == 0);
    let mut chars = boxes.filter_map(|glyph| text.get(glyph.byte..)?.chars().next());
    chars.find(|c| !is_invisible(*c))
}

/// The clusters without their places: they begin where the shaper and the rules for graphemes
/// both begin one.
fn empty_clusters(text: &str, items: &[Item], shaped: &[Shaped]) -> Vec<Cluster> {
    let mut starts: Vec<usize> = shaped.iter().map(|glyph| glyph.byte).collect();
    starts.extend(items.iter().map(|item| item.range.start));
    starts.sort_unstable();
    starts.dedup();
    let mut clusters: Vec<Cluster> = Vec::with_capacity(starts.len());
    for bytes in breaks::clusters(text) {
        match clusters.last_mut() {
            Some(last) if starts.binary_search(&bytes.start).is_err() => last.bytes.end = bytes.end,
            _ => clusters.push(Cluster {
                bytes,
                start: f32::INFINITY,
                end: f32::NEG_INFINITY,
                rtl: false,
            }),
        }
    }
    clusters
}

/// Sets the glyphs one behind the other.
fn place(line: &mut Line, shaped: &[Shaped], faces: &[Face], style: &LineStyle) {
    let (mut pen, mut before) = (0.0_f32, None::<(usize, f32, bool)>);
    for glyph in shaped {
        let found = line.clusters.partition_point(|cluster| cluster.bytes.start <= glyph.byte);
        let cluster = found.saturating_sub(1);
        if let Some((last, width, joins)) = before
            && last != cluster
        {
            pen += gap(style, width, joins && glyph.joins);
            before = None;
        }
        let middle = 0.5 * (faces[glyph.face].ascent() - faces[glyph.face].descent()) * style.size;
        let [right, down] = glyph.offset;
        let (at, turn) = match (style.writing, glyph.turned) {
            (Writing::Horizontal, _) => ([pen + right, down], Turn::None),
            (_, false) => ([right, pen + down], Turn::None),
            (Writing::Down, true) => ([-(down + middle), pen + right], Turn::Right),
            (Writing::Up, true) => ([down + middle, pen + right], Turn::Left),
        };
        line.glyphs.push(Glyph { face: glyph.face, id: glyph.id, at, turn, cluster });
        let place = &mut line.clusters[cluster];
        place.start = place.start.min(pen);
        pen += glyph.advance;
        place.end = place.end.max(pen);
        place.rtl = glyph.rtl;
        let width = before.map_or(0.0, |(_, width, _)| width) + glyph.advance;
        before = Some((cluster, width, glyph.joins));
    }
    line.advance = pen.max(0.0);
    for cluster in &mut line.clusters {
        if cluster.start > cluster.end {
            (cluster.start, cluster.end) = (0.0, 0.0);
        }
    }
    if style.writing == Writing::Up {
        turn_upwards(line);
    }
}

/// What is added between two clusters; both of a script that joins stay together.
fn gap(style: &LineStyle, width: f32, joined: bool) -> f32 {
    if joined { 0.0 } else { style.spacing - style.overlap.clamp(0.0, 1.0) * width.max(0.0) }
}

/// Turns the order of the clusters round, so that the first is at the bottom.
fn turn_upwards(line: &mut Line) {
    for glyph in &mut line.glyphs {
        let cluster = &line.clusters[glyph.cluster];
        glyph.at[1] = match glyph.turn {
            Turn::None => glyph.at[1] + line.advance - cluster.end - cluster.start,
            Turn::Left | Turn::Right => line.advance - glyph.at[1],
        };
    }
    for cluster in &mut line.clusters {
        (cluster.start, cluster.end) = (line.advance - cluster.end, line.advance - cluster.start);
    }
}
