//! A block of text as polygons in the pixels of a picture, with a quad for every part.
use std::ops::Range;
use std::rc::Rc;

use crate::color::ColorGlyph;
use crate::font::Face;
use crate::layout::{Block, PlacedLine};
use crate::map::{Chain, Point};
use crate::path::{OutlineCache, flatten};
use crate::quad::{Growth, Quad, fit_quad, smallest_rectangle};
use crate::shape::{Glyph, Turn, Writing};

/// Longest line of an outline that is bent, in pixels.
const LONGEST: f32 = 2.0;

/// What becomes polygons.
#[derive(Debug, Clone, Copy)]
pub struct ShapesRequest<'a> {
    /// The text.
    pub block: &'a Block,
    /// Its faces; the numbers tell faces and instances apart in the cache.
    pub faces: &'a [(u64, Face)],
    /// The way to the picture.
    pub chain: &'a Chain,
}

/// One cluster of the text.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterShape {
    /// The number of its line.
    pub line: usize,
    /// Its number in the line, in the order of the text.
    pub cluster: usize,
    /// Its contours.
    pub contours: Range<usize>,
    /// Left, top, right, bottom in the layout: of its ink, or of its advance if it has none.
    layout: [f32; 4],
}

impl ClusterShape {
    /// Whether anything of it shows.
    pub const fn has_ink(&self) -> bool {
        self.contours.start < self.contours.end
    }
}

/// A glyph with colours of its own at its place.
#[derive(Debug, Clone)]
pub struct ColorPlace {
    /// The number of its cluster in [`Shapes::clusters`].
    pub cluster: usize,
    /// Its silhouette.
    contours: Range<usize>,
    pub(crate) glyph: Rc<ColorGlyph>,
    pub(crate) units_per_em: f32,
    at: Point,
    scale: f32,
    turn: Turn,
}

impl ColorPlace {
    /// From font units to the layout.
    pub(crate) fn layout(&self, p: Point) -> Point {
        placed(p, (self.at, self.scale), self.turn)
    }
}

/// From font units, y upwards, to the layout.
fn placed([u, v]: Point, ([x, y], scale): (Point, f32), turn: Turn) -> Point {
    let (right, down) = (u * scale, -v * scale);
    match turn {
        Turn::None => [x + right, y + down],
        Turn::Right => [x - down, y + right],
        Turn::Left => [x + down, y - right],
    }
}

/// Polygons of a text.
#[derive(Debug, Clone, Default)]
pub struct Shapes {
    points: Vec<Point>,
    contours: Vec<Range<usize>>,
    /// Line by line, in the order of the text.
    pub clusters: Vec<ClusterShape>,
    /// Glyphs with colours of their own, in the order of their contours.
    pub colors: Vec<ColorPlace>,
    /// Where each line begins.
    starts: Vec<Point>,
    vertical: bool,
    chain: Chain,
    scale: f32,
    shift: Point,
}

impl Shapes {
    /// Draws every glyph of the block along the chain.
    pub fn build(request: &ShapesRequest<'_>, cache: &mut OutlineCache) -> Self {
        let mut shapes = Self {
            chain: request.chain.clone(),
            scale: 1.0,
            shift: [0.0; 2],
            starts: request.block.lines.iter().map(|placed| placed.at).collect(),
            vertical: request.block.is_vertical(),
            ..Self::default()
        };
        for (number, placed) in request.block.lines.iter().enumerate() {
            let mut glyphs: Vec<&Glyph> = placed.line.glyphs.iter().collect();
            glyphs.sort_by_key(|glyph| glyph.cluster);
            let mut glyphs = glyphs.into_iter().peekable();
            for cluster in 0..placed.line.clusters.len() {
                let first = shapes.contours.len();
                let mut layout =
                    [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
                while let Some(glyph) = glyphs.next_if(|glyph| glyph.cluster == cluster) {
                    shapes.draw((glyph, placed), request, cache, &mut layout);
                }
                let contours = first..shapes.contours.len();
                if contours.is_empty() {
                    layout = placed.advance_box(cluster);
                }
                shapes.clusters.push(ClusterShape { line: number, cluster, contours, layout });
            }
        }
        shapes
    }

    fn draw(
        &mut self,
        (glyph, placed_line): (&Glyph, &PlacedLine),
        request: &ShapesRequest<'_>,
        cache: &mut OutlineCache,
        layout: &mut [f32; 4],
    ) {
        let Some((id, face)) = request.faces.get(glyph.face) else { return };
        let outline = cache.get(*id, face, glyph.id);
        let scale = placed_line.line.size / face.units_per_em();
        let at = [glyph.at[0] + placed_line.at[0], glyph.at[1] + placed_line.at[1]];
        let place = |p: Point| placed(p, (at, scale), glyph.turn);
        let longest = self.longest_line();
        let first = self.contours.len();
        let (points, contours, chain) = (&mut self.points, &mut self.contours, &self.chain);
        flatten(&outline, place, longest, &mut |starts, p| {
            layout[0] = layout[0].min(p[0]);
            layout[1] = layout[1].min(p[1]);
            layout[2] = layout[2].max(p[0]);
            layout[3] = layout[3].max(p[1]);
            match contours.last_mut() {
                Some(last) if !starts => last.end = points.len() + 1,
                _ => contours.push(points.len()..points.len() + 1),
            }
            points.push(chain.apply(p));
        });
        if let Some(color) = cache.color(*id, face, glyph.id) {
            self.colors.push(ColorPlace {
                cluster: self.clusters.len(),
                contours: first..self.contours.len(),
                glyph: color,
                units_per_em: face.units_per_em(),
                at,
                scale,
                turn: glyph.turn,
            });
        }
    }

    /// How long the lines of outlines may be where they are bent.
    pub(crate) fn longest_line(&self) -> Option<f32> {
        (!self.chain.keeps_lines()).then_some(LONGEST)
    }

    /// Left, top, right and bottom of a glyph with colours of its own.
    pub(crate) fn color_bounds(&self, place: &ColorPlace) -> [f32; 4] {
        let own =
            place.contours.clone().filter_map(|at| self.points.get(self.contours[at].clone()));
        bounds(own.flatten().copied())
    }

    /// As [`Shapes::polygons`], without glyphs that have colours of their own.
    pub fn plain_polygons<'a>(
        &'a self,
        clusters: &'a [ClusterShape],
    ) -> impl Iterator<Item = &'a [Point]> + Clone + 'a {
        let contours = clusters.iter().flat_map(|cluster| cluster.contours.clone());
        let plain = contours.filter(|at| {
            let after = self.colors.partition_point(|color| color.contours.end <= *at);
            self.colors.get(after).is_none_or(|color| !color.contours.contains(at))
        });
        plain.filter_map(|contour| self.points.get(self.contours.get(contour)?.clone()))
    }

    /// Left, top, right and bottom of all ink.
    pub fn bounds(&self) -> [f32; 4] {
        bounds(self.points.iter().copied())
    }

    /// Scales, then shifts everything.
    pub fn transform(&mut self, scale: f32, shift: Point) {
        let place = |p: &mut Point| *p = [p[0] * scale + shift[0], p[1] * scale + shift[1]];
        self.points.iter_mut().for_each(place);
        self.scale *= scale;
        place(&mut self.shift);
    }

    /// Where a position of the layout is in the picture.
    pub fn place(&self, p: Point) -> Point {
        let p = self.chain.apply(p);
        [p[0] * self.scale + self.shift[0], p[1] * self.scale + self.shift[1]]
    }

    /// The contours of some clusters, as closed polygons.
    pub fn polygons<'a>(
        &'a self,
        clusters: &'a [ClusterShape],
    ) -> impl Iterator<Item = &'a [Point]> + Clone + 'a {
        let contours = clusters.iter().flat_map(|cluster| cluster.contours.clone());
        contours.filter_map(|contour| self.points.get(self.contours.get(contour)?.clone()))
    }

    /// The smallest quad around some clusters, its sides in the directions that the text has
    /// there, its first corner where an upright text has its top left one.
    pub fn quad(&self, clusters: &[ClusterShape], growth: Growth) -> Quad {
        let inked: Vec<&ClusterShape> = clusters.iter().filter(|part| part.has_ink()).collect();
        let parts = if inked.is_empty() { clusters.iter().collect() } else { inked };
        let layout = bounds(parts.iter().flat_map(|part| {
            let [left, top, right, bottom] = part.layout;
            [[left, top], [right, bottom]]
        }));
        let frame = corners(layout).map(|p| self.place(p));
        if parts.iter().all(|part| !part.has_ink()) {
            return frame;
        }
        let points = self.polygons(clusters).flatten().copied();
        if parts.len() > 1 && self.is_bent() {
            let [left, top, right, bottom] = layout;
            let middle = 0.5 * (top + bottom);
            let (from, to) = (self.place([left, middle]), self.place([right, middle]));
            let along = [to[0] - from[0], to[1] - from[1]];
            return fit_quad(&smallest_rectangle(points.clone(), along), points, growth);
        }
        fit_quad(&frame, points, growth)
    }

    /// Whether straight lines of the layout are not straight in the picture.
    pub fn is_bent(&self) -> bool {
        !self.chain.keeps_lines()
    }

    /// The outline of some clusters: as many corners as the bends need, clockwise from the top
    /// left for an upright text.
    pub fn polygon(&self, clusters: &[ClusterShape], growth: Growth) -> Vec<Point> {
        if self.chain.keeps_lines() {
            return self.quad(clusters, growth).to_vec();
        }
        let inked = clusters.iter().filter(|part| part.has_ink());
        let layout = bounds(inked.flat_map(|part| {
            let [left, top, right, bottom] = part.layout;
            [[left, top], [right, bottom]]
        }));
        let grow = growth.round + growth.square;
        let [left, top, right, bottom] =
            [layout[0] - grow, layout[1] - grow, layout[2] + grow, layout[3] + grow];
        let around = corners([left, top, right, bottom]);
        let sides = (0..4).flat_map(|side| {
            let mut points = self.polyline(around[side], around[(side + 1) % 4]);
            points.pop();
            points
        });
        sides.collect()
    }

    /// A line of the layout in the picture, no further than [`SLACK`] off: two points, or as many
    /// as its bends need.
    pub fn polyline(&self, from: Point, to: Point) -> Vec<Point> {
        let length = (to[0] - from[0]).hypot(to[1] - from[1]) * self.scale;
        let steps = (length / STEP).ceil().clamp(8.0, MOST_STEPS) as i32;
        simplified(&self.polyline_of(from, to, steps), SLACK)
    }

    fn polyline_of(&self, from: Point, to: Point, steps: i32) -> Vec<Point> {
        let steps = if self.chain.keeps_lines() { 1 } else { steps };
        let at = |step: i32| {
            let t = step as f32 / steps as f32;
            self.place([from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t])
        };
        (0..=steps).map(at).collect()
    }

    /// A band along every line of text, as an underline is: `down` from its baseline (from its
    /// middle to the left in vertical lines), `width` thick, both in pixels of the layout.
    pub fn bands(&self, down: f32, width: f32) -> Vec<Vec<Point>> {
        let line_of = |number: usize| {
            let own = self.clusters.iter().filter(move |part| part.line == number);
            bounds(own.flat_map(|part| {
                let [left, top, right, bottom] = part.layout;
                [[left, top], [right, bottom]]
            }))
        };
        let count = self.clusters.last().map_or(0, |part| part.line + 1);
        let bands = (0..count).filter_map(|number| {
            let ([left, top, right, bottom], [x, y]) = (line_of(number), *self.starts.get(number)?);
            let (from, to) = (down - 0.5 * width, down + 0.5 * width);
            let ends = if self.vertical {
                [[[x - from, top], [x - from, bottom]], [[x - to, bottom], [x - to, top]]]
            } else {
                [[[left, y + from], [right, y + from]], [[right, y + to], [left, y + to]]]
            };
            Some(ends.iter().flat_map(|[a, b]| self.polyline_of(*a, *b, 48)).collect())
        });
        bands.collect()
    }

    /// The baseline of a line (the middle of a vertical one) in the direction of its text.
    pub fn baseline(&self, block: &Block, line: usize) -> Vec<Point> {
        let Some(placed) = block.lines.get(line) else { return Vec::new() };
        let [x, y] = placed.at;
        let end = match placed.line.writing {
            Writing::Horizontal => [x + placed.line.advance, y],
            Writing::Down | Writing::Up => [x, y + placed.line.advance],
        };
        self.polyline([x, y], end)
    }
}

/// How far a polyline may lie off the curve it stands for, pixels.
const SLACK: f32 = 0.25;

/// Distance of the points of a curve before it is simplified, pixels.
const STEP: f32 = 3.0;

/// Most of them.
const MOST_STEPS: f32 = 8192.0;

/// The points of a polyline that keep it within `slack` of all of them (Ramer 1972, Douglas and
/// Peucker 1973).
fn simplified(points: &[Point], slack: f32) -> Vec<Point> {
    let mut kept = vec![false; points.len()];
    let mut ranges = vec![(0, points.len().saturating_sub(1))];
    while let Some((first, last)) = ranges.pop() {
        let Some((a, b)) = points.get(first).zip(points.get(last)) else { continue };
        (kept[first], kept[last]) = (true, true);
        let away = (first + 1..last).map(|at| (at, distance(points[at], *a, *b)));
        let far = away.max_by(|x, y| x.1.total_cmp(&y.1).then(y.0.cmp(&x.0)));
        if let Some((at, away)) = far
            && away > slack
        {
            ranges.extend([(first, at), (at, last)]);
        }
    }
    points.iter().zip(kept).filter(|(_, kept)| *kept).map(|(point, _)| *point).collect()
}

/// Distance of a point from the segment from `a` to `b`.
fn distance(p: Point, a: Point, b: Point) -> f32 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let (x, y) = (p[0] - a[0], p[1] - a[1]);
    let squared = dx * dx + dy * dy;
    let t = if squared > 0.0 { ((x * dx + y * dy) / squared).clamp(0.0, 1.0) } else { 0.0 };
    (x - t * dx).hypot(y - t * dy)
}

fn corners([left, top, right, bottom]: [f32; 4]) -> Quad {
    [[left, top], [right, top], [right, bottom], [left, bottom]]
}

fn bounds(points: impl Iterator<Item = Point>) -> [f32; 4] {
    let mut bounds = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
    for [x, y] in points {
        bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x), bounds[3].max(y)];
    }
    if bounds[0] <= bounds[2] { bounds } else { [0.0; 4] }
}
