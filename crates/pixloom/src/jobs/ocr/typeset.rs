//! From what was drawn to lines of glyphs, and to the way that they take into the picture.
use std::ops::Range;

use pixloom_text::{
    Align, Base, Block, BlockStyle, Breaks, Chain, Curve, Face, Field, LineStyle, Map, Writing,
    script_of, shape_line, split_lines,
};

use super::config::{CurveType, LineBreakMode, TextAlignment, TextDirection};
use super::drawn::Drawn;
use super::knob::K;
use super::page::{self, Group};

/// A text that is set.
#[derive(Debug)]
pub(super) struct Typeset {
    /// Its lines.
    pub block: Block,
    /// Where each line is in the text, bytes.
    pub lines: Vec<Range<usize>>,
    /// Lines of a page that belong together; none for plain lines.
    pub groups: Vec<Group>,
    /// Its faces with the numbers that tell them apart.
    pub faces: Vec<(u64, Face)>,
}

/// Breaks and shapes the text.
pub(super) fn typeset(drawn: &Drawn, faces: Vec<(u64, Face)>) -> Typeset {
    let breaks = match drawn.line_break_mode {
        LineBreakMode::Word => Breaks::Words,
        LineBreakMode::Character => Breaks::Clusters,
    };
    let size = drawn.values.get(K::FontSize);
    let (writing, base) = match drawn.direction {
        TextDirection::Auto => (Writing::Horizontal, Base::Auto),
        TextDirection::LeftToRight => (Writing::Horizontal, Base::LeftToRight),
        TextDirection::RightToLeft => (Writing::Horizontal, Base::RightToLeft),
        TextDirection::TopToBottom => (Writing::Down, Base::Auto),
        TextDirection::BottomToTop => (Writing::Up, Base::Auto),
    };
    let style = LineStyle {
        size: size as f32,
        spacing: (drawn.values.get(K::LetterSpacing) * size) as f32,
        overlap: drawn.values.get(K::GlyphOverlap) as f32,
        writing,
        base,
    };
    let shown: Vec<Face> = faces.iter().map(|(_, face)| face.clone()).collect();
    if !drawn.page.is_empty() {
        let page::Set { block, lines, groups } = page::set(drawn, &shown, &style);
        return Typeset { block, lines, groups, faces };
    }
    let lines = split_lines(&drawn.text, drawn.lines as usize, breaks);
    let shape = |range: &Range<usize>| shape_line(&drawn.text[range.clone()], &shown, &style);
    let align = match drawn.text_alignment {
        TextAlignment::Left | TextAlignment::Top => Align::Start,
        TextAlignment::Center => Align::Centre,
        TextAlignment::Right | TextAlignment::Bottom => Align::End,
    };
    let style = BlockStyle {
        spacing: drawn.values.get(K::LineSpacing) as f32,
        align,
        rightwards: script_of(&drawn.text) == "Mong",
    };
    let block = Block::new(lines.iter().map(shape).collect(), &style);
    Typeset { block, lines, groups: Vec::new(), faces }
}

/// The way of the text into the picture, and the picture's size before anything is cut.
pub(super) fn way(drawn: &Drawn, block: &Block) -> (Chain, [f64; 2]) {
    let mut chain = Chain::new();
    bend(drawn, block, &mut chain);
    turn(drawn, &mut chain);
    let [left, top, right, bottom] = reach(block, &chain);
    let [pad_left, pad_top, pad_right, pad_bottom] = drawn.padding;
    chain.push(Map::shift(pad_left - left, pad_top - top));
    let size = [
        (right - left + pad_left + pad_right).ceil().max(1.0),
        (bottom - top + pad_top + pad_bottom).ceil().max(1.0),
    ];
    distort(drawn, size, &mut chain);
    (chain, size)
}

fn bend(drawn: &Drawn, block: &Block, chain: &mut Chain) {
    let vertical = block.is_vertical();
    let [left, top, right, bottom] = block.bounds().map(f64::from);
    let centre = [0.5 * (left + right), 0.5 * (top + bottom)];
    let (along, across) =
        if vertical { (bottom - top, right - left) } else { (right - left, bottom - top) };
    match drawn.curve_type {
        CurveType::None => {}
        CurveType::Arc => {
            let radius = drawn.values.get(K::ArcRadius);
            if radius > 0.0 {
                // Less would close the circle, or squeeze the lines that are nearer to its centre:
                // those of several to less than 70 %.
                let least = if block.lines.len() > 1 { 1.75 } else { 0.75 };
                let radius = radius.max(along / 5.5).max(least * across);
                chain.push(Map::Arc { centre, radius, concave: drawn.arc_concave, vertical });
            }
        }
        CurveType::Sine => {
            let amplitude = drawn.values.get(K::SineAmplitude);
            if amplitude > 0.0 {
                let frequency = drawn.values.get(K::SineFrequency);
                let phase = drawn.values.get(K::SinePhase);
                chain.push(Map::Sine { amplitude, frequency, phase, vertical });
            }
        }
        CurveType::Spline | CurveType::Bezier => {
            let make =
                if drawn.curve_type == CurveType::Spline { Curve::through } else { Curve::bezier };
            // The points stand upright; along a column they are taken a quarter turn on.
            let curve = make(&drawn.curve_points, along.max(1.0), 0.75 * across);
            let start = if vertical { [centre[0], top] } else { [left, centre[1]] };
            chain.extend(curve.map(|curve| Map::Curve { curve, start, vertical }));
        }
    }
}

fn turn(drawn: &Drawn, chain: &mut Chain) {
    let shear = drawn.values.get(K::Shear);
    if shear != 0.0 {
        let slant = libm::tan(shear.to_radians());
        chain.push(Map::affine([1.0, -slant, 0.0, 0.0, 1.0, 0.0]));
    }
    let angle = drawn.values.get(K::Rotation);
    if angle != 0.0 {
        let (sin, cos) = libm::sincos(angle.to_radians());
        chain.push(Map::affine([cos, sin, 0.0, -sin, cos, 0.0]));
    }
}

/// Left, top, right and bottom of the block in the picture.
fn reach(block: &Block, chain: &Chain) -> [f64; 4] {
    let [left, top, right, bottom] = block.bounds();
    let steps = if chain.keeps_lines() { 1 } else { 64 };
    let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for step in 0..=steps {
        let t = step as f32 / steps as f32;
        let (x, y) = (left + (right - left) * t, top + (bottom - top) * t);
        for corner in [[x, top], [x, bottom], [left, y], [right, y]] {
            let [x, y] = chain.apply(corner).map(f64::from);
            bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x), bounds[3].max(y)];
        }
    }
    bounds
}

/// Perspective, elastic, grid and optical distortion, in document 001's order.
fn distort(drawn: &Drawn, size: [f64; 2], chain: &mut Chain) {
    let [width, height] = size;
    // Half of the shorter side would let the corners meet.
    let magnitude = drawn.values.get(K::Perspective).min(0.45);
    if magnitude > 0.0 {
        let mut rng = drawn.stream("perspective").rng();
        let reach = magnitude * width.min(height);
        let mut inward = || rng.f64() * reach;
        let corners = [
            [inward(), inward()],
            [width - inward(), inward()],
            [width - inward(), height - inward()],
            [inward(), height - inward()],
        ];
        chain.extend(Map::rectangle_to(size, corners));
    }
    let (alpha, sigma) = (drawn.values.get(K::ElasticAlpha), drawn.values.get(K::ElasticSigma));
    if alpha > 0.0 && sigma > 0.0 {
        chain.push(elastic(drawn, size, (alpha, sigma)));
    }
    let curl = drawn.values.get(K::PageCurl);
    if curl > 0.0 {
        chain.push(Map::Curl { size, strength: curl, right: bound_right(drawn) });
    }
    let limit = drawn.values.get(K::GridLimit);
    if limit > 0.0 && drawn.values.get(K::GridSteps) >= 1.0 {
        chain.push(grid(drawn, size, limit));
    }
    // Below, corners would be torn off: the distortion has no inverse there.
    let strength = drawn.values.get(K::Optical).max(-0.1);
    if strength != 0.0 {
        let centre = [0.5 * width, 0.5 * height];
        chain.push(Map::Radial { centre, size, strength });
    }
}

/// Whether a page that curls is bound at the right.
pub(super) fn bound_right(drawn: &Drawn) -> bool {
    drawn.stream("page_curl").rng().chance(0.5)
}

/// Most nodes of a field in one direction.
const MOST_NODES: f64 = 400.0;

/// Random offsets that are as strong and as smooth as white noise of ±`alpha` under a Gaussian
/// of `sigma` pixels (Simard, Steinkraus and Platt 2003).
fn elastic(drawn: &Drawn, [width, height]: [f64; 2], (alpha, sigma): (f64, f64)) -> Map {
    let step = (1.5 * sigma).max(4.0).max(width.max(height) / MOST_NODES);
    let nodes = |length: f64| (length / step).ceil() as usize + 3;
    let (columns, rows) = (nodes(width), nodes(height));
    // ±1 has deviation 1/√3; the Gaussian divides by 2 σ √π; the spline by 2.1.
    let deviation = (alpha / (3.0_f64.sqrt() * 3.544_907_7 * sigma)).min(0.12 * step) * 2.1;
    let mut rng = drawn.stream("elastic").rng();
    let mut node = || rng.normal().clamp(-2.5, 2.5) * deviation;
    let offsets = (0..columns * rows).map(|_| [node() as f32, node() as f32]).collect();
    Map::Field(Field { origin: [-step, -step], step: [step; 2], columns, rows, offsets })
}

fn grid(drawn: &Drawn, [width, height]: [f64; 2], limit: f64) -> Map {
    let steps = drawn.values.get(K::GridSteps);
    let step = [width / steps, height / steps];
    let nodes = steps as usize + 1;
    let mut rng = drawn.stream("grid").rng();
    let mut node = |step: f64| {
        let limit = limit.min(0.3 * step);
        rng.range_f64(-limit, limit) as f32
    };
    let offsets = (0..nodes * nodes).map(|_| [node(step[0]), node(step[1])]).collect();
    Map::Field(Field { origin: [0.0; 2], step, columns: nodes, rows: nodes, offsets })
}
