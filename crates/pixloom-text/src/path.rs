//! Outlines of glyphs and how curves become short lines.
use std::collections::BTreeMap;
use std::rc::Rc;

use harfrust::font::glyph::outline::PathSink;

use crate::color::ColorGlyph;
use crate::font::Face;

/// One command of an outline, in font units, y upwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Segment {
    Move([f32; 2]),
    Line([f32; 2]),
    Quad([f32; 2], [f32; 2]),
    Cubic([f32; 2], [f32; 2], [f32; 2]),
}

/// The outline of a glyph: closed contours of lines and Bézier curves.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outline {
    pub(crate) segments: Vec<Segment>,
}

impl Outline {
    /// The mean of its corners; 0, 0 if it has none.
    pub(crate) fn centre(&self) -> [f32; 2] {
        let ends = self.segments.iter().map(|segment| match *segment {
            Segment::Move(p) | Segment::Line(p) | Segment::Quad(_, p) | Segment::Cubic(_, _, p) => {
                p
            }
        });
        let sum = ends.fold([0.0; 2], |sum, p| [sum[0] + p[0], sum[1] + p[1]]);
        sum.map(|v| v / self.segments.len().max(1) as f32)
    }

    /// Whether nothing would be drawn.
    pub const fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }
}

/// A glyph with more commands than this is no letter but an attack on memory.
const MOST_SEGMENTS: usize = 200_000;

/// Collects an outline.
#[derive(Debug, Default)]
pub(crate) struct Pen {
    segments: Vec<Segment>,
}

impl Pen {
    pub(crate) fn finish(self) -> Outline {
        let finite = |p: &[f32; 2]| p.iter().all(|v| v.is_finite() && v.abs() < 1e7);
        let sound = self.segments.iter().all(|segment| match segment {
            Segment::Move(a) | Segment::Line(a) => finite(a),
            Segment::Quad(a, b) => finite(a) && finite(b),
            Segment::Cubic(a, b, c) => finite(a) && finite(b) && finite(c),
        });
        let draws = self.segments.iter().any(|segment| !matches!(segment, Segment::Move(_)));
        if sound && draws { Outline { segments: self.segments } } else { Outline::default() }
    }

    fn push(&mut self, segment: Segment) {
        if self.segments.len() < MOST_SEGMENTS {
            self.segments.push(segment);
        }
    }
}

impl PathSink for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.push(Segment::Move([x, y]));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.push(Segment::Line([x, y]));
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        self.push(Segment::Quad([cx0, cy0], [x, y]));
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.push(Segment::Cubic([cx0, cy0], [cx1, cy1], [x, y]));
    }

    fn close(&mut self) {}
}

/// Outlines that were drawn before, so that each letter is read from its font once. For one
/// worker; bounded.
#[derive(Debug, Default)]
pub struct OutlineCache {
    outlines: BTreeMap<(u64, u32), Rc<Outline>>,
    segments: usize,
    colors: BTreeMap<(u64, u32), Option<Rc<ColorGlyph>>>,
    color_bytes: usize,
}

/// The cache starts anew when it holds more than this (about 6 MB).
const MOST_CACHED: usize = 200_000;
/// As much is kept of glyphs with colours of their own.
const MOST_COLOR_BYTES: usize = 4 << 20;

impl OutlineCache {
    /// The outline of `glyph` in `face`; `id` tells faces (and their instances) apart.
    pub fn get(&mut self, id: u64, face: &Face, glyph: u32) -> Rc<Outline> {
        if let Some(found) = self.outlines.get(&(id, glyph)) {
            return Rc::clone(found);
        }
        if self.segments > MOST_CACHED {
            self.outlines.clear();
            self.segments = 0;
        }
        let color = self.color(id, face, glyph);
        let outline = color.map_or_else(|| face.outline(glyph), |color| color.silhouette());
        let outline = Rc::new(outline);
        self.segments += outline.segments.len() + 4;
        self.outlines.insert((id, glyph), Rc::clone(&outline));
        outline
    }

    /// A glyph with colours of its own; `None` for all others.
    pub(crate) fn color(&mut self, id: u64, face: &Face, glyph: u32) -> Option<Rc<ColorGlyph>> {
        if !face.has_colors() {
            return None;
        }
        if let Some(found) = self.colors.get(&(id, glyph)) {
            return found.clone();
        }
        if self.color_bytes > MOST_COLOR_BYTES {
            self.colors.clear();
            self.color_bytes = 0;
        }
        let color = face.color_glyph(glyph).map(Rc::new);
        self.color_bytes += color.as_ref().map_or(0, |color| color.bytes()) + 64;
        self.colors.insert((id, glyph), color.clone());
        color
    }
}

/// How far a line may be from its curve, in pixels.
const TOLERANCE: f32 = 0.05;
/// Most lines of one curve.
const MOST_LINES: f32 = 256.0;

/// Walks the corners of an outline's contours, its curves cut into lines. `place` takes font
/// units to pixels. Where `longest` is given, no line is longer than that many pixels, so that
/// it can be bent.
pub(crate) fn flatten(
    outline: &Outline,
    place: impl Fn([f32; 2]) -> [f32; 2],
    longest: Option<f32>,
    emit: &mut impl FnMut(bool, [f32; 2]),
) {
    let (mut start, mut at) = ([0.0; 2], [0.0; 2]);
    let count = |curved: f32, length: f32| {
        let lines = longest.map_or(1.0, |longest| length / longest);
        (curved.max(lines).ceil().clamp(1.0, MOST_LINES)) as usize
    };
    for segment in &outline.segments {
        match *segment {
            Segment::Move(to) => {
                close(at, start, longest, emit);
                at = place(to);
                start = at;
                emit(true, at);
            }
            Segment::Line(to) => {
                let to = place(to);
                let lines = count(1.0, distance(at, to));
                (1..=lines).for_each(|i| emit(false, mix(at, to, i as f32 / lines as f32)));
                at = to;
            }
            Segment::Quad(control, to) => {
                let (control, to) = (place(control), place(to));
                let bend = length(second(at, control, to));
                let lines = count((bend / (4.0 * TOLERANCE)).sqrt(), polyline(&[at, control, to]));
                for i in 1..=lines {
                    let t = i as f32 / lines as f32;
                    emit(false, mix(mix(at, control, t), mix(control, to, t), t));
                }
                at = to;
            }
            Segment::Cubic(first, last, to) => {
                let (first, last, to) = (place(first), place(last), place(to));
                let bend = length(second(at, first, last)).max(length(second(first, last, to)));
                let lines =
                    count((0.75 * bend / TOLERANCE).sqrt(), polyline(&[at, first, last, to]));
                for i in 1..=lines {
                    let t = i as f32 / lines as f32;
                    let (a, b, c) = (mix(at, first, t), mix(first, last, t), mix(last, to, t));
                    emit(false, mix(mix(a, b, t), mix(b, c, t), t));
                }
                at = to;
            }
        }
    }
    close(at, start, longest, emit);
}

/// Goes back to where the contour began, in short lines if it will be bent.
fn close(
    at: [f32; 2],
    start: [f32; 2],
    longest: Option<f32>,
    emit: &mut impl FnMut(bool, [f32; 2]),
) {
    let Some(longest) = longest else { return };
    let lines = (distance(at, start) / longest).ceil().clamp(1.0, MOST_LINES) as usize;
    (1..lines).for_each(|i| emit(false, mix(at, start, i as f32 / lines as f32)));
}

fn mix(a: [f32; 2], b: [f32; 2], t: f32) -> [f32; 2] {
    [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
}

fn second(a: [f32; 2], b: [f32; 2], c: [f32; 2]) -> [f32; 2] {
    [a[0] - 2.0 * b[0] + c[0], a[1] - 2.0 * b[1] + c[1]]
}

fn length(v: [f32; 2]) -> f32 {
    (v[0] * v[0] + v[1] * v[1]).sqrt()
}

fn distance(a: [f32; 2], b: [f32; 2]) -> f32 {
    length([b[0] - a[0], b[1] - a[1]])
}

fn polyline(points: &[[f32; 2]]) -> f32 {
    points.windows(2).map(|pair| distance(pair[0], pair[1])).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn corners(segments: Vec<Segment>, longest: Option<f32>) -> Vec<[f32; 2]> {
        let mut points = Vec::new();
        flatten(&Outline { segments }, |p| p, longest, &mut |_, p| points.push(p));
        points
    }

    #[test]
    fn curves_stay_within_the_tolerance() {
        // A quarter of a circle of radius 100 as a cubic (Riškus 2006, k = 0.5523).
        let k = 55.23;
        let arc = Segment::Cubic([100.0, k], [k, 100.0], [0.0, 100.0]);
        let points = corners(vec![Segment::Move([100.0, 0.0]), arc], None);
        for pair in points.windows(2) {
            let middle = mix(pair[0], pair[1], 0.5);
            assert!((length(middle) - 100.0).abs() < 0.1, "{middle:?}");
        }
    }

    #[test]
    fn lines_are_short_where_they_bend() {
        let square = |longest| {
            let lines = [[40.0, 0.0], [40.0, 40.0], [0.0, 40.0]].map(Segment::Line);
            let segments = std::iter::once(Segment::Move([0.0; 2])).chain(lines).collect();
            corners(segments, longest)
        };
        assert_eq!(square(None).len(), 4);
        let short = square(Some(2.0));
        assert_eq!(short.len(), 80);
        assert!(short.windows(2).all(|pair| distance(pair[0], pair[1]) < 2.001));
    }

    #[test]
    fn nonsense_draws_nothing() {
        let mut pen = Pen::default();
        pen.move_to(0.0, f32::NAN);
        pen.line_to(1.0, 1.0);
        assert!(pen.finish().is_empty());
    }
}
