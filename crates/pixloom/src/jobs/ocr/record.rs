//! The label of one image, and document 001's form of it.
use std::ops::Range;

use pixloom_text::{ClusterShape, Point, Quad, Writing, script_of, words};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::config::TextDirection;
use super::drawn::Drawn;
use super::knob::{K, KNOBS};
use super::page::{Group, Role};
use super::scene::Scene;
use super::typeset::Typeset;

/// Raised when the form of labels changes.
pub(super) const SCHEMA: u32 = 1;

/// Everything that is known about an image. Positions are pixels with two decimals, (0, 0) the
/// top left corner of the first pixel; quads are x, y of the corners top left, top right, bottom
/// right, bottom left of the upright text. Ranges count Unicode characters of `text`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// The form of this record.
    pub schema: u32,
    /// The version of the program.
    pub pixloom: String,
    /// The image file.
    pub file: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The text in the order of reading.
    pub text: String,
    /// Its script, ISO 15924.
    pub script: String,
    /// The lines.
    pub lines: Vec<LineLabel>,
    /// Heading, paragraphs and entries of lists of a page; none for plain lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<BlockLabel>,
    /// The words: what stands between white space.
    pub words: Vec<PartLabel>,
    /// The grapheme clusters and ligatures.
    pub clusters: Vec<PartLabel>,
    /// What was drawn: `pixloom ocr render` makes the image again from it.
    pub drawn: Drawn,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineLabel {
    /// Its text.
    pub text: String,
    /// Its characters.
    pub chars: [u32; 2],
    /// `ltr`, `rtl`, `ttb` or `btt`.
    pub direction: String,
    /// The smallest quad around its ink.
    pub quad: [f64; 8],
    /// Its outline, with more corners where it is bent.
    pub polygon: Vec<[f64; 2]>,
    /// The baseline from left to right (top to bottom); of vertical lines the middle.
    pub baseline: Vec<[f64; 2]>,
}

/// Lines of a page that belong together. One that goes on in the next column is two.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockLabel {
    /// What it is.
    pub role: Role,
    /// Its first line, and the one behind its last.
    pub lines: [u32; 2],
    /// Its column, from 0.
    pub column: u32,
    /// Its characters.
    pub chars: [u32; 2],
    /// The smallest quad around its ink.
    pub quad: [f64; 8],
}

/// A word or a cluster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartLabel {
    /// Its text.
    pub text: String,
    /// Its line.
    pub line: u32,
    /// Its characters.
    pub chars: [u32; 2],
    /// The smallest quad around its ink; its advance, half as high as a letter, without ink.
    pub quad: [f64; 8],
    /// Its outline, of words that are bent; none elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub polygon: Vec<[f64; 2]>,
    /// Whether nothing of it shows, as of a space.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blank: bool,
}

/// Builds the record of a scene.
pub(super) fn record(drawn: &Drawn, set: &Typeset, scene: &Scene) -> Record {
    let maker = Maker { drawn, set, scene };
    let mut record = Record {
        schema: SCHEMA,
        pixloom: env!("CARGO_PKG_VERSION").to_owned(),
        file: file_name(drawn.index, "png"),
        width: scene.width as u32,
        height: scene.height as u32,
        text: drawn.text.clone(),
        script: script_of(&drawn.text).to_owned(),
        lines: Vec::new(),
        blocks: Vec::new(),
        words: Vec::new(),
        clusters: Vec::new(),
        drawn: drawn.clone(),
    };
    let mut rest: &[ClusterShape] = &scene.shapes.clusters;
    let counter = Counter::new(&drawn.text);
    for (number, range) in set.lines.iter().enumerate() {
        let count = rest.iter().take_while(|part| part.line == number).count();
        let (own, after) = rest.split_at(count);
        rest = after;
        record.lines.push(maker.line((number, range), own, &counter));
        maker.parts((number, range), own, (&counter, &mut record));
    }
    record.blocks = set.groups.iter().map(|group| maker.block(group, &counter)).collect();
    record
}

/// The file of image `index`.
pub(super) fn file_name(index: u64, extension: &str) -> String {
    format!("{index:08}.{extension}")
}

/// Turns bytes into characters without walking the text anew for each.
struct Counter(Vec<u32>);

impl Counter {
    fn new(text: &str) -> Self {
        let mut counts = Vec::with_capacity(text.len() + 1);
        let mut count = 0;
        for at in 0..=text.len() {
            counts.push(count);
            count += u32::from(text.is_char_boundary(at) && at < text.len());
        }
        Self(counts)
    }

    fn chars(&self, bytes: &Range<usize>) -> [u32; 2] {
        [bytes.start, bytes.end].map(|at| self.0.get(at).copied().unwrap_or_default())
    }
}

struct Maker<'a> {
    drawn: &'a Drawn,
    set: &'a Typeset,
    scene: &'a Scene,
}

impl Maker<'_> {
    fn block(&self, group: &Group, counter: &Counter) -> BlockLabel {
        let all = &self.scene.shapes.clusters;
        let first = all.partition_point(|part| part.line < group.lines.start);
        let end = all.partition_point(|part| part.line < group.lines.end);
        let lines = &self.set.lines[group.lines.clone()];
        let bytes = lines.first().map_or(0, |line| line.start)..lines.last().map_or(0, |l| l.end);
        BlockLabel {
            role: group.role,
            lines: [group.lines.start as u32, group.lines.end as u32],
            column: group.column as u32,
            chars: counter.chars(&bytes),
            quad: flat(&self.scene.shapes.quad(&all[first..end], self.scene.growth)),
        }
    }

    fn line(
        &self,
        (number, range): (usize, &Range<usize>),
        own: &[ClusterShape],
        counter: &Counter,
    ) -> LineLabel {
        let (shapes, growth) = (&self.scene.shapes, self.scene.growth);
        let placed = &self.set.block.lines[number];
        let rtl = placed.line.clusters.iter().filter(|cluster| cluster.rtl).count();
        let direction = match placed.line.writing {
            Writing::Down => "ttb",
            Writing::Up => "btt",
            Writing::Horizontal if self.drawn.direction == TextDirection::RightToLeft => "rtl",
            Writing::Horizontal if 2 * rtl > placed.line.clusters.len() => "rtl",
            Writing::Horizontal => "ltr",
        };
        LineLabel {
            text: self.drawn.text[range.clone()].to_owned(),
            chars: counter.chars(range),
            direction: direction.to_owned(),
            quad: flat(&shapes.quad(own, growth)),
            polygon: rounded(&shapes.polygon(own, growth)),
            baseline: rounded(&shapes.baseline(&self.set.block, number)),
        }
    }

    fn parts(
        &self,
        (number, range): (usize, &Range<usize>),
        own: &[ClusterShape],
        (counter, record): (&Counter, &mut Record),
    ) {
        let placed = &self.set.block.lines[number];
        let bytes = |part: &ClusterShape| {
            let inside = &placed.line.clusters[part.cluster].bytes;
            range.start + inside.start..range.start + inside.end
        };
        let part = |bytes: Range<usize>, clusters: &[ClusterShape]| PartLabel {
            text: self.drawn.text[bytes.clone()].to_owned(),
            line: number as u32,
            chars: counter.chars(&bytes),
            quad: flat(&self.scene.shapes.quad(clusters, self.scene.growth)),
            polygon: Vec::new(),
            blank: !clusters.iter().any(ClusterShape::has_ink),
        };
        record.clusters.extend(own.iter().map(|one| part(bytes(one), std::slice::from_ref(one))));
        for word in words(&self.drawn.text[range.clone()]) {
            let word = range.start + word.start..range.start + word.end;
            let first = own.partition_point(|one| bytes(one).end <= word.start);
            let last = own.partition_point(|one| bytes(one).start < word.end);
            if first < last {
                let mut word = part(word, &own[first..last]);
                if self.scene.shapes.is_bent() && !word.blank {
                    let growth = self.scene.growth;
                    word.polygon = rounded(&self.scene.shapes.polygon(&own[first..last], growth));
                }
                record.words.push(word);
            }
        }
    }
}

fn cents(value: f32) -> f64 {
    (f64::from(value) * 100.0).round() / 100.0
}

fn flat(quad: &Quad) -> [f64; 8] {
    std::array::from_fn(|at| cents(quad[at / 2][at % 2]))
}

fn rounded(points: &[Point]) -> Vec<[f64; 2]> {
    points.iter().map(|p| p.map(cents)).collect()
}

/// The upright rectangle around a quad: left, top, right, bottom.
pub(super) fn upright(quad: &[f64; 8]) -> [f64; 4] {
    let of = |start: usize| quad.iter().skip(start).step_by(2).copied();
    [
        of(0).fold(f64::INFINITY, f64::min),
        of(1).fold(f64::INFINITY, f64::min),
        of(0).fold(f64::NEG_INFINITY, f64::max),
        of(1).fold(f64::NEG_INFINITY, f64::max),
    ]
}

/// The label in the form of document 001's project, with the same keys and `pixloom` beside
/// them, from which the image can be made again. One box for each cluster of the text.
#[expect(clippy::too_many_lines, reason = "one line for each key")]
pub(super) fn document_001(record: &Record) -> Value {
    let drawn = &record.drawn;
    let value = |k: K| drawn.values.get(k);
    let mut all = Map::new();
    let lines: Vec<&str> = record.lines.iter().map(|line| line.text.as_str()).collect();
    let font = drawn.fonts.first();
    let path = font.map(|font| format!("{}/{}", font.folder, font.file)).unwrap_or_default();
    let boxes: Vec<Value> = record.clusters.iter().map(one_box).collect();
    let direction = record.lines.first().map_or("ltr", |line| line.direction.as_str());
    let place = record.lines.first().map_or([0.0; 4], |line| upright(&line.quad));
    for (key, value) in [
        ("text", json!(record.text)),
        ("lines", json!(lines)),
        ("num_lines", json!(lines.len())),
        ("line_break_mode", json!(drawn.line_break_mode)),
        ("text_alignment", json!(drawn.text_alignment)),
        ("font_path", json!(path)),
        ("direction", json!(long_direction(direction))),
        ("seed", json!(drawn.stream("").value())),
        ("canvas_w", json!(record.width)),
        ("canvas_h", json!(record.height)),
        ("placement_x", json!(place[0].floor() as i64)),
        ("placement_y", json!(place[1].floor() as i64)),
        (
            "drop_shadow_options",
            shadow(drawn, [K::DropShadowX, K::DropShadowY, K::DropShadowRadius]),
        ),
        (
            "block_shadow_options",
            shadow(drawn, [K::BlockShadowX, K::BlockShadowY, K::BlockShadowRadius]),
        ),
        ("color_mode", json!(drawn.color_mode)),
        ("color_palette", json!(drawn.colors)),
        (
            "elastic_distortion_options",
            json!({"alpha": value(K::ElasticAlpha), "sigma": value(K::ElasticSigma)}),
        ),
        (
            "grid_distortion_options",
            json!({"num_steps": value(K::GridSteps), "distort_limit": value(K::GridLimit)}),
        ),
        ("optical_distortion_options", json!({"distort_limit": value(K::Optical)})),
        ("cutout_options", json!({"cutout_size": [value(K::CutoutWidth), value(K::CutoutHeight)]})),
        (
            "erosion_dilation_options",
            json!({"mode": if drawn.erode { "erode" } else { "dilate" }, "kernel_size": value(K::ErosionDilation)}),
        ),
        ("background_path", background_path(drawn)),
        ("curve_type", json!(drawn.curve_type)),
        ("arc_concave", json!(drawn.arc_concave)),
    ] {
        all.insert(key.to_owned(), value);
    }
    for k in PLAIN_VALUES {
        all.insert(KNOBS[k as usize].name.to_owned(), json!(value(k)));
    }
    all.insert("bboxes".to_owned(), Value::Array(boxes));
    all.insert("pixloom".to_owned(), json!(drawn));
    Value::Object(all)
}

/// Values that stand under their own name in document 001's labels.
const PLAIN_VALUES: [K; 14] = [
    K::FontSize,
    K::LineSpacing,
    K::GlyphOverlap,
    K::InkBleed,
    K::Rotation,
    K::Perspective,
    K::Noise,
    K::Blur,
    K::Brightness,
    K::Contrast,
    K::ArcRadius,
    K::SineAmplitude,
    K::SineFrequency,
    K::SinePhase,
];

fn one_box(part: &PartLabel) -> Value {
    let [x0, y0, x1, y1] = upright(&part.quad);
    json!({
        "char": part.text,
        "x0": x0.floor() as i64,
        "y0": y0.floor() as i64,
        "x1": x1.ceil() as i64,
        "y1": y1.ceil() as i64,
        "line_index": part.line,
    })
}

fn long_direction(short: &str) -> &'static str {
    match short {
        "rtl" => "right_to_left",
        "ttb" => "top_to_bottom",
        "btt" => "bottom_to_top",
        _ => "left_to_right",
    }
}

fn shadow(drawn: &Drawn, [x, y, radius]: [K; 3]) -> Value {
    let value = |k: K| drawn.values.get(k);
    if value(x) == 0.0 && value(y) == 0.0 && value(radius) == 0.0 {
        return Value::Null;
    }
    let color =
        if x == K::DropShadowX { drawn.drop_shadow_color } else { drawn.block_shadow_color };
    json!({"offset": [value(x), value(y)], "radius": value(radius), "color": color})
}

fn background_path(drawn: &Drawn) -> Value {
    match &drawn.background {
        super::background::BackgroundRef::File { folder, file, .. } => {
            json!(format!("{folder}/{file}"))
        }
        _ => Value::Null,
    }
}

/// Finds what was drawn in a label of either form.
///
/// # Errors
/// A sentence if there is none.
pub(super) fn drawn_of(label: &Value) -> Result<Drawn, String> {
    let inside = label.get("record").unwrap_or(label);
    let drawn = inside.get("drawn").or_else(|| inside.get("pixloom")).unwrap_or(inside);
    serde_json::from_value(drawn.clone())
        .map_err(|error| format!("is no label of pixloom: {error}"))
}
