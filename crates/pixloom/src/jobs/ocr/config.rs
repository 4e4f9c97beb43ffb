//! The configuration: document 001's batch YAML and what we add to it.
use std::collections::BTreeMap;

use schemars::{JsonSchema, schema_for};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::distribution::Distribution;
use super::knob::{KNOBS, Knob, position};
use super::problem::Problem;
use crate::schema::{self, Field};

/// Which way text runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextDirection {
    /// As the first letter says.
    #[default]
    Auto,
    /// From left to right.
    LeftToRight,
    /// From right to left.
    RightToLeft,
    /// Downwards.
    TopToBottom,
    /// Upwards.
    BottomToTop,
}

/// How the baseline is bent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CurveType {
    /// Not at all.
    #[default]
    None,
    /// Along a circle.
    Arc,
    /// Along a wave.
    Sine,
    /// Along a smooth curve through points.
    Spline,
    /// Along cubic Bézier curves.
    Bezier,
}

/// How the text is arranged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Layout {
    /// As many lines as asked for.
    #[default]
    Lines,
    /// A page with a heading, paragraphs and lists, in columns.
    Page,
}

/// Where lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineBreakMode {
    /// Between words.
    #[default]
    Word,
    /// Anywhere between letters.
    Character,
}

/// How lines of different lengths stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextAlignment {
    /// At the left; vertical lines at the top.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At the right; vertical lines at the bottom.
    Right,
    /// As `left`.
    Top,
    /// As `right`.
    Bottom,
}

/// How ink is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ColorMode {
    /// One colour.
    #[default]
    Uniform,
    /// Letters take colours of a palette in turn.
    PerGlyph,
    /// From one colour to another along the text.
    Gradient,
    /// With a part of a picture of the background folder, or of paper without one.
    Texture,
}

/// What lies behind the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum BackgroundMode {
    /// A picture of the background folder, or paper if there is none.
    #[default]
    Auto,
    /// One colour.
    Flat,
    /// Generated paper.
    Paper,
}

/// What happens with text that a font lacks characters of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MissingGlyphs {
    /// Another font is drawn, and if none has them all, another text.
    #[default]
    Skip,
    /// Other fonts fill in what is missing.
    Fallback,
    /// The image fails.
    Error,
}

/// One kind of image. Beside these keys each number has `_min`, `_max`, `_distribution` and
/// `_probability`, such as `blur_radius_max`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Spec {
    /// Its name.
    pub name: String,
    /// Its part of all images; those of all kinds sum to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub proportion: f64,
    /// Which way text runs.
    pub text_direction: TextDirection,
    /// Text file below the corpus folder; without it all text files there.
    pub corpus_file: Option<String>,
    /// Fonts are only taken if their path matches this pattern, such as `*Mono*`.
    pub font_filter: Option<String>,
    /// Least number of grapheme clusters of a text.
    #[schemars(range(min = 1, max = 20_000))]
    pub min_text_length: u32,
    /// Most grapheme clusters of a text.
    #[schemars(range(min = 1, max = 20_000))]
    pub max_text_length: u32,
    /// Least number of lines.
    #[schemars(range(min = 1, max = 500))]
    pub min_lines: u32,
    /// Most lines.
    #[schemars(range(min = 1, max = 500))]
    pub max_lines: u32,
    /// Where lines end.
    pub line_break_mode: LineBreakMode,
    /// How lines of different lengths stand to each other.
    pub text_alignment: TextAlignment,
    /// How the baseline is bent.
    pub curve_type: CurveType,
    /// Whether the ends of an arc rise.
    pub arc_concave: bool,
    /// Points of a free baseline: x to the right, y downwards, in any unit, as the curve is made
    /// as long as the text. A spline goes through all of them; Bézier curves have two controls
    /// between two points. Without them points are drawn, see `curve_bend`.
    pub curve_points: Vec<[f64; 2]>,
    /// How the text is arranged.
    pub layout: Layout,
    /// How ink is coloured.
    pub color_mode: ColorMode,
    /// Least red, green, blue of uniform ink, 0 to 255.
    pub text_color_min: [u8; 3],
    /// Most red, green, blue of uniform ink.
    pub text_color_max: [u8; 3],
    /// Fewest colours of a palette.
    #[schemars(range(min = 1, max = 64))]
    pub per_glyph_palette_size_min: u32,
    /// Most colours of a palette.
    #[schemars(range(min = 1, max = 64))]
    pub per_glyph_palette_size_max: u32,
    /// Least colour at the beginning of a gradient.
    pub gradient_start_color_min: [u8; 3],
    /// Most colour at the beginning of a gradient.
    pub gradient_start_color_max: [u8; 3],
    /// Least colour at the end of a gradient.
    pub gradient_end_color_min: [u8; 3],
    /// Most colour at the end of a gradient.
    pub gradient_end_color_max: [u8; 3],
    /// Least red, green, blue, alpha of the drop shadow.
    pub drop_shadow_color_min: [u8; 4],
    /// Most red, green, blue, alpha of the drop shadow.
    pub drop_shadow_color_max: [u8; 4],
    /// Least red, green, blue, alpha of the block shadow.
    pub block_shadow_color_min: [u8; 4],
    /// Most red, green, blue, alpha of the block shadow.
    pub block_shadow_color_max: [u8; 4],
    /// Least colour of the border around letters.
    pub stroke_color_min: [u8; 3],
    /// Most colour of the border around letters.
    pub stroke_color_max: [u8; 3],
    /// What lies behind the text.
    pub background: BackgroundMode,
    /// Least colour of paper and of flat backgrounds.
    pub background_color_min: [u8; 3],
    /// Most colour of paper and of flat backgrounds.
    pub background_color_max: [u8; 3],
    /// What happens with text that a font lacks characters of.
    pub missing_glyphs: MissingGlyphs,
    /// Least contrast of ink and background (WCAG 2 ratio, 1 to 21); ink is made darker or
    /// lighter until it has it. 1 leaves all colours alone.
    #[schemars(range(min = 1.0, max = 4.5))]
    pub min_contrast: f64,
    /// Draw a place on every axis of variable fonts.
    pub vary_fonts: bool,
    /// How often fonts are taken whose path matches a pattern; others have weight 1.
    pub font_weights: BTreeMap<String, f64>,
    /// The numbers, in the order of the table.
    #[serde(skip)]
    pub ranges: Vec<Range>,
}

/// The range of one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    /// Least value.
    pub low: f64,
    /// Largest value.
    pub high: f64,
    /// How values are spread.
    pub distribution: Distribution,
    /// How often it is not off, 0 to 1.
    pub probability: f64,
}

impl Range {
    const fn of(knob: &Knob) -> Self {
        Self { low: knob.off, high: knob.off, distribution: knob.distribution, probability: 1.0 }
    }
}

impl Default for Spec {
    fn default() -> Self {
        let (black, white) = ([0; 3], [255; 3]);
        let mut ranges: Vec<Range> = KNOBS.iter().map(Range::of).collect();
        // Document 001 keeps 10 to 50 pixels around the text.
        ranges[super::knob::K::Padding as usize].high = 50.0;
        Self {
            name: "default".to_owned(),
            proportion: 1.0,
            text_direction: TextDirection::default(),
            corpus_file: None,
            font_filter: None,
            min_text_length: 10,
            max_text_length: 50,
            min_lines: 1,
            max_lines: 1,
            line_break_mode: LineBreakMode::default(),
            text_alignment: TextAlignment::default(),
            curve_type: CurveType::default(),
            arc_concave: true,
            curve_points: Vec::new(),
            layout: Layout::default(),
            color_mode: ColorMode::default(),
            text_color_min: black,
            text_color_max: black,
            per_glyph_palette_size_min: 2,
            per_glyph_palette_size_max: 5,
            gradient_start_color_min: black,
            gradient_start_color_max: black,
            gradient_end_color_min: white,
            gradient_end_color_max: white,
            drop_shadow_color_min: [0, 0, 0, 128],
            drop_shadow_color_max: [0, 0, 0, 128],
            block_shadow_color_min: [0, 0, 0, 128],
            block_shadow_color_max: [0, 0, 0, 128],
            stroke_color_min: white,
            stroke_color_max: white,
            background: BackgroundMode::default(),
            background_color_min: [215, 210, 200],
            background_color_max: [252, 250, 246],
            missing_glyphs: MissingGlyphs::default(),
            min_contrast: 2.0,
            vary_fonts: false,
            font_weights: BTreeMap::new(),
            ranges,
        }
    }
}

/// All kinds of images of a run.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Config {
    /// How many images.
    pub total_images: u64,
    /// Seed, unless the command line gives one.
    pub seed: Option<u64>,
    /// The kinds, by name.
    pub specifications: Vec<Spec>,
}

/// Keys of the file itself.
pub(super) const TOP_KEYS: [&str; 4] = ["total_images", "specifications", "seed", "$schema"];

impl Config {
    /// Reads a configuration from its tables; everything that is wrong goes to `problems`.
    pub(super) fn from_tables(
        top: &Map<String, Value>,
        specs: &[Map<String, Value>],
        problems: &mut Vec<Problem>,
    ) -> Self {
        for key in top.keys().filter(|key| !TOP_KEYS.contains(&key.as_str())) {
            let meant = schema::nearest(key, TOP_KEYS);
            problems.push(Problem::unknown(key, meant));
        }
        let total_images = top.get("total_images").and_then(Value::as_u64).unwrap_or(0);
        if total_images == 0 {
            problems.push(Problem::top("total_images", "must be a whole number above 0"));
        }
        if specs.is_empty() {
            problems.push(Problem::top("specifications", "must be a list with at least one entry"));
        }
        let seed = top.get("seed").and_then(|seed| {
            let number = seed.as_u64();
            if number.is_none() {
                problems.push(Problem::top("seed", "must be a whole number"));
            }
            number
        });
        let read = |(at, table): (usize, &Map<String, Value>)| {
            let mut own = Vec::new();
            let spec = read_spec(table, &mut own);
            problems.extend(own.into_iter().map(|problem| problem.in_spec(at)));
            spec
        };
        let specifications: Vec<Spec> = specs.iter().enumerate().map(read).collect();
        check_together(&specifications, problems);
        Self { total_images, seed, specifications }
    }
}

fn check_together(specs: &[Spec], problems: &mut Vec<Problem>) {
    let sum: f64 = specs.iter().map(|spec| spec.proportion).sum();
    if !specs.is_empty() && (sum - 1.0).abs() > 0.001 {
        let problem = format!("the proportions of all specifications sum to {sum:.4}, not to 1");
        problems.push(Problem::top("specifications", &problem));
    }
    for (at, spec) in specs.iter().enumerate() {
        if specs[..at].iter().any(|other| other.name == spec.name) {
            let problem = format!("another specification is called `{}`, too", spec.name);
            problems.push(Problem::new("name", problem).in_spec(at));
        }
    }
}

/// The keys of a specification that are no numbers with a range.
pub(super) fn plain_fields() -> Vec<Field> {
    schema::fields(&schema_for!(Spec))
}

const SUFFIXES: [&str; 4] = ["_min", "_max", "_distribution", "_probability"];

/// The number and the part of its range that a key is about.
fn knob_key(key: &str) -> Option<(usize, &'static str)> {
    SUFFIXES.into_iter().find_map(|suffix| Some((position(key.strip_suffix(suffix)?)?, suffix)))
}

/// Every key that a specification may have.
pub(super) fn all_keys() -> Vec<String> {
    let plain = plain_fields().into_iter().map(|field| field.name);
    let ranges =
        KNOBS.iter().flat_map(|knob| SUFFIXES.map(|suffix| format!("{}{suffix}", knob.name)));
    plain.chain(ranges).collect()
}

const REQUIRED: [&str; 4] = ["name", "proportion", "text_direction", "corpus_file"];

fn read_spec(table: &Map<String, Value>, problems: &mut Vec<Problem>) -> Spec {
    let fields = plain_fields();
    let mut plain = Map::new();
    let mut spec = Spec::default();
    for key in REQUIRED.iter().filter(|key| !table.contains_key(**key)) {
        problems.push(Problem::new(key, "must be given".to_owned()));
    }
    for (key, value) in table {
        if let Some((at, suffix)) = knob_key(key) {
            read_range(&mut spec.ranges[at], (&KNOBS[at], suffix), (key, value), problems);
        } else if let Some(field) = fields.iter().find(|field| field.name == *key) {
            match check_plain(field, value) {
                Ok(()) => drop(plain.insert(key.clone(), value.clone())),
                Err(problem) => problems.push(Problem::new(key, problem)),
            }
        } else {
            let keys = all_keys();
            let meant = schema::nearest(key, keys.iter().map(String::as_str));
            problems.push(Problem::unknown(key, meant));
        }
    }
    let ranges = spec.ranges;
    plain.retain(|_, value| !value.is_null());
    spec = serde_json::from_value(Value::Object(plain)).unwrap_or_else(|error| {
        problems.push(Problem::new("specifications", error.to_string()));
        Spec::default()
    });
    spec.ranges = ranges;
    check_spec(&spec, problems);
    spec
}

/// Checks one key alone, so that its problem is found whatever the others are.
fn check_plain(field: &Field, value: &Value) -> Result<(), String> {
    if value.is_null() {
        return Ok(());
    }
    if !matches!(field.name.as_str(), "font_weights" | "curve_points") {
        field.check(value).map_err(|error| error.problem)?;
    }
    let alone = Map::from_iter([(field.name.clone(), value.clone())]);
    match serde_json::from_value::<Spec>(Value::Object(alone)) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

fn read_range(
    range: &mut Range,
    (knob, suffix): (&Knob, &str),
    (key, value): (&str, &Value),
    problems: &mut Vec<Problem>,
) {
    if suffix == "_distribution" {
        if let Ok(distribution) = serde_json::from_value(value.clone()) {
            range.distribution = distribution;
        } else {
            let text = "must be uniform, normal, exponential, beta, lognormal or truncated_normal";
            problems.push(Problem::new(key, text.to_owned()));
        }
        return;
    }
    let Some(number) = value.as_f64() else {
        return problems.push(Problem::new(key, format!("{value} is not a number")));
    };
    let (least, most) = if suffix == "_probability" { (0.0, 1.0) } else { (knob.least, knob.most) };
    if !(least..=most).contains(&number) {
        problems.push(Problem::new(key, format!("{number} is not between {least} and {most}")));
        return;
    }
    match suffix {
        "_min" => range.low = number,
        "_max" => range.high = number,
        _ => range.probability = number,
    }
}

fn check_spec(spec: &Spec, problems: &mut Vec<Problem>) {
    for (knob, range) in KNOBS.iter().zip(&spec.ranges) {
        if range.low > range.high {
            let key = format!("{}_min", knob.name);
            let text =
                format!("{} is more than {}_max, which is {}", range.low, knob.name, range.high);
            problems.push(Problem::new(&key, text));
        }
    }
    for (key, low, high) in [
        ("min_text_length", spec.min_text_length, spec.max_text_length),
        ("min_lines", spec.min_lines, spec.max_lines),
        (
            "per_glyph_palette_size_min",
            spec.per_glyph_palette_size_min,
            spec.per_glyph_palette_size_max,
        ),
    ] {
        if low > high {
            problems.push(Problem::new(key, format!("{low} is more than its maximum, {high}")));
        }
    }
    check_curve(spec, problems);
    for (pattern, weight) in &spec.font_weights {
        if !(*weight >= 0.0 && weight.is_finite()) {
            let text = format!("the weight of `{pattern}` must be 0 or more");
            problems.push(Problem::new("font_weights", text));
        }
    }
    if let Some(filter) = &spec.font_filter
        && globset::Glob::new(filter).is_err()
    {
        problems.push(Problem::new("font_filter", format!("`{filter}` is no pattern")));
    }
}

fn check_curve(spec: &Spec, problems: &mut Vec<Problem>) {
    use super::knob::K;
    let free = matches!(spec.curve_type, CurveType::Spline | CurveType::Bezier);
    let count = spec.curve_points.len();
    let wrong = match spec.curve_type {
        _ if count == 0 => None,
        CurveType::Bezier if count < 4 || count % 3 != 1 => Some("4, 7, 10 or so on"),
        CurveType::Spline if count < 2 => Some("at least 2"),
        _ => None,
    };
    if let Some(wanted) = wrong {
        let text = format!("there are {count} points, but this curve needs {wanted}");
        problems.push(Problem::new("curve_points", text));
    }
    if spec.curve_points.as_flattened().iter().any(|v| v.is_nan() || v.abs() > 1e6) {
        let text = "must be numbers up to a million".to_owned();
        problems.push(Problem::new("curve_points", text));
    }
    let bend = spec.ranges[K::CurveBend as usize].high;
    for (key, used) in [("curve_points", count > 0), ("curve_bend_max", bend != 0.0)] {
        if used && !free {
            let text = "is only used with `curve_type: spline` or `bezier`".to_owned();
            problems.push(Problem::new(key, text));
        }
    }
    if free && count == 0 && bend == 0.0 {
        let text = "makes a straight line without `curve_bend_max` or `curve_points`".to_owned();
        problems.push(Problem::new("curve_type", text));
    }
    let vertical =
        matches!(spec.text_direction, TextDirection::TopToBottom | TextDirection::BottomToTop);
    if spec.layout == Layout::Page && vertical {
        let text = "of pages must be horizontal".to_owned();
        problems.push(Problem::new("text_direction", text));
    }
    for (knob, needed) in [(K::ArcRadius, CurveType::Arc), (K::SineAmplitude, CurveType::Sine)] {
        if spec.ranges[knob as usize].high != 0.0 && spec.curve_type == CurveType::None {
            let key = format!("{}_max", knob.knob().name);
            let word = if needed == CurveType::Arc { "arc" } else { "sine" };
            let text = format!("is only used with `curve_type: {word}`, but that is `none`");
            problems.push(Problem::new(&key, text));
        }
    }
}
