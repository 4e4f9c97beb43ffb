//! Everything that is drawn for one image: enough to make it again, pixel for pixel.
use pixloom_engine::{ErrorKind, ItemError, Rng, Seed};
use pixloom_text::{Block, Face, OutlineCache, is_invisible};
use serde::{Deserialize, Serialize};

use super::background::BackgroundRef;
use super::config::{
    BackgroundMode, ColorMode, CurveType, Layout, LineBreakMode, MissingGlyphs, Spec,
    TextAlignment, TextDirection,
};
use super::knob::{K, KNOBS, Values};
use super::library::{FontRef, varied};
use super::page::{Part, compose};
use super::studio::Studio;
use super::typeset::{Typeset, typeset};

/// What was drawn for one image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    /// Number of the image.
    pub index: u64,
    /// Seed of the run.
    pub seed: u64,
    /// Name of the kind of image.
    pub specification: String,
    /// The text in the order of reading.
    pub text: String,
    /// The corpus that it is from.
    pub corpus: String,
    /// Which way it runs.
    pub direction: TextDirection,
    /// Most lines that it is broken into.
    pub lines: u32,
    /// Where lines end.
    pub line_break_mode: LineBreakMode,
    /// How lines stand to each other.
    pub text_alignment: TextAlignment,
    /// Fonts: the first for all that it has, the others for the rest.
    pub fonts: Vec<FontRef>,
    /// How the baseline is bent.
    pub curve_type: CurveType,
    /// Whether the ends of an arc rise.
    pub arc_concave: bool,
    /// The points of a free baseline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub curve_points: Vec<[f64; 2]>,
    /// The parts of a page; none for plain lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub page: Vec<Part>,
    /// How ink is coloured.
    pub color_mode: ColorMode,
    /// The colours: one, the palette, or both ends of the gradient.
    pub colors: Vec<[u8; 3]>,
    /// Red, green, blue, alpha.
    pub drop_shadow_color: [u8; 4],
    /// Red, green, blue, alpha.
    pub block_shadow_color: [u8; 4],
    /// Colour of the border.
    pub stroke_color: [u8; 3],
    /// Strokes shrink instead of growing.
    pub erode: bool,
    /// What lies behind.
    pub background: BackgroundRef,
    /// What fills the letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texture: Option<BackgroundRef>,
    /// Ink is changed until it has this contrast.
    pub min_contrast: f64,
    /// Distances of the text from left, top, right and bottom, pixels.
    pub padding: [f64; 4],
    /// The numbers that are not off.
    pub values: Values,
}

impl Drawn {
    /// The seed of one stream of this image.
    pub fn stream(&self, name: &str) -> Seed {
        stream(self.seed, self.index, name)
    }
}

/// The seed of a stream: it depends on nothing but its name, so that switching one effect on
/// changes no other.
pub(super) fn stream(seed: u64, index: u64, name: &str) -> Seed {
    Seed::root(seed).child("ocr").child_index(index).child(name)
}

/// A multiple of a millionth: such numbers come back from JSON as they were.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// How many texts are tried until a font can show one.
const MOST_TRIES: u64 = 64;

/// Draws image `index` of a run, with its text set already.
///
/// # Errors
/// If no text can be drawn, or no font can show it.
pub(super) fn draw(
    studio: &Studio,
    index: u64,
    cache: &mut OutlineCache,
) -> Result<(Drawn, Typeset), ItemError> {
    let number = studio.allocation.kind(index).unwrap_or(0);
    let (spec, kind) = (&studio.config.specifications[number], &studio.kinds[number]);
    let mut drawn = look(studio, spec, index);
    let mut last = None;
    for attempt in 0..MOST_TRIES {
        let mut rng = drawn.stream("text").child_index(attempt).rng();
        let corpus = kind.corpora[rng.range_u64(kind.corpora.len() as u64) as usize];
        let corpus = &studio.corpora[corpus];
        let length = within(spec.min_text_length, spec.max_text_length, &mut rng);
        drawn.text = corpus.draw(length as usize, &mut rng)?;
        drawn.corpus.clone_from(&corpus.name);
        if spec.layout == Layout::Page {
            let mut rng = drawn.stream("page").child_index(attempt).rng();
            (drawn.text, drawn.page) = compose(&drawn.text, &drawn.values, &mut rng);
        }
        let mut rng = drawn.stream("font").child_index(attempt).rng();
        let faces = choose(studio, number, &mut drawn, &mut rng);
        match faces.and_then(|faces| shows(&drawn, faces, cache)) {
            Ok(set) => return Ok((drawn, set)),
            Err(missing) => last = missing,
        }
        if spec.missing_glyphs == MissingGlyphs::Error {
            break;
        }
    }
    Err(no_font(&drawn, last))
}

/// Draws everything but the text and its fonts.
fn look(studio: &Studio, spec: &Spec, index: u64) -> Drawn {
    let of = |name: &str| stream(studio.seed, index, name);
    let values = values(spec, &of);
    Drawn {
        index,
        seed: studio.seed,
        specification: spec.name.clone(),
        text: String::new(),
        corpus: String::new(),
        direction: spec.text_direction,
        lines: whole(of("lines"), spec.min_lines, spec.max_lines),
        line_break_mode: spec.line_break_mode,
        text_alignment: spec.text_alignment,
        fonts: Vec::new(),
        curve_type: spec.curve_type,
        arc_concave: spec.arc_concave,
        curve_points: curve_points(spec, &values, &mut of("curve_points").rng()),
        page: Vec::new(),
        color_mode: spec.color_mode,
        colors: colors(spec, &mut of("color").rng()),
        drop_shadow_color: between(
            spec.drop_shadow_color_min,
            spec.drop_shadow_color_max,
            &mut of("drop_shadow_color").rng(),
        ),
        block_shadow_color: between(
            spec.block_shadow_color_min,
            spec.block_shadow_color_max,
            &mut of("block_shadow_color").rng(),
        ),
        stroke_color: between(
            spec.stroke_color_min,
            spec.stroke_color_max,
            &mut of("stroke_color").rng(),
        ),
        erode: of("erode").rng().chance(0.5),
        background: background(studio, spec, &of),
        texture: texture(studio, spec, &of),
        min_contrast: spec.min_contrast,
        padding: padding(spec, &of),
        values,
    }
}

/// The points of a free baseline: those of the configuration, or some around a straight line.
fn curve_points(spec: &Spec, values: &Values, rng: &mut Rng) -> Vec<[f64; 2]> {
    let bend = values.get(K::CurveBend);
    let count = match spec.curve_type {
        CurveType::Spline => 4 + rng.range_u64(3),
        CurveType::Bezier => 4,
        _ => return Vec::new(),
    };
    if !spec.curve_points.is_empty() {
        return spec.curve_points.clone();
    }
    let x = |at: u64| rounded(at as f64 / (count - 1) as f64);
    (0..count).map(|at| [x(at), rounded(rng.range_f64(-bend, bend))]).collect()
}

fn no_font(drawn: &Drawn, missing: Option<char>) -> ItemError {
    let what = missing.map_or_else(
        || "no font can show the text".to_owned(),
        |c| format!("no font has all characters of a text, such as `{c}` (U+{:04X})", u32::from(c)),
    );
    ItemError::new(ErrorKind::BadInput, format!("{what}, of the corpus {}", drawn.corpus))
        .with_code("no-font")
        .with_hint(
            "add a font that has these characters; `pixloom ocr fonts DIR` lists what each has",
        )
}

/// Sets the text and makes sure that every letter has ink.
fn shows(
    drawn: &Drawn,
    faces: Vec<(u64, Face)>,
    cache: &mut OutlineCache,
) -> Result<Typeset, Option<char>> {
    let set = typeset(drawn, faces);
    for (placed, text) in set.block.lines.iter().zip(&set.lines) {
        if let Some(missing) = placed.line.missing {
            return Err(Some(missing));
        }
        let text = &drawn.text[text.clone()];
        let mut inked = vec![false; placed.line.clusters.len()];
        for glyph in &placed.line.glyphs {
            if !inked[glyph.cluster] {
                let (id, face) = &set.faces[glyph.face];
                inked[glyph.cluster] = !cache.get(*id, face, glyph.id).is_empty();
            }
        }
        for (cluster, inked) in placed.line.clusters.iter().zip(inked) {
            let shown = text[cluster.bytes.clone()].chars().find(|c| !is_invisible(*c));
            if let (Some(c), false) = (shown, inked) {
                return Err(Some(c));
            }
        }
    }
    if is_blank(&set.block) { Err(None) } else { Ok(set) }
}

fn is_blank(block: &Block) -> bool {
    block.lines.iter().all(|placed| placed.line.glyphs.is_empty())
}

/// Chooses the fonts of a text.
fn choose(
    studio: &Studio,
    number: usize,
    drawn: &mut Drawn,
    rng: &mut Rng,
) -> Result<Vec<(u64, Face)>, Option<char>> {
    let (spec, kind) = (&studio.config.specifications[number], &studio.kinds[number]);
    let covers = |at: usize| studio.library.fonts[at].face.coverage().covers(&drawn.text);
    let first = kind.draw_font(rng);
    let mut chosen = vec![first];
    if !covers(first) {
        let missing = studio.library.fonts[first].face.coverage().missing(&drawn.text);
        match spec.missing_glyphs {
            MissingGlyphs::Error => return Err(missing),
            MissingGlyphs::Skip => {
                let other = (0..16).map(|_| kind.draw_font(rng)).find(|at| covers(*at));
                let other =
                    other.or_else(|| kind.fonts.iter().map(|(at, _)| *at).find(|at| covers(*at)));
                chosen = vec![other.ok_or(missing)?];
            }
            MissingGlyphs::Fallback => fill_in(studio, number, (drawn, rng), &mut chosen)?,
        }
    }
    drawn.fonts.clear();
    let mut faces = Vec::new();
    for at in chosen {
        let font = &studio.library.fonts[at];
        let mut reference = font.reference.clone();
        if spec.vary_fonts {
            reference.variations = variations(&font.face, rng);
        }
        let face = varied(&font.face, &reference.variations);
        faces.push((face_id(&reference), face));
        drawn.fonts.push(reference);
    }
    Ok(faces)
}

/// Adds fonts until every letter has one.
fn fill_in(
    studio: &Studio,
    number: usize,
    (drawn, rng): (&Drawn, &mut Rng),
    chosen: &mut Vec<usize>,
) -> Result<(), Option<char>> {
    let kind = &studio.kinds[number];
    let has = |at: usize, cluster: &str| studio.library.fonts[at].face.coverage().covers(cluster);
    for range in pixloom_text::clusters(&drawn.text) {
        let cluster = &drawn.text[range];
        if chosen.iter().any(|at| has(*at, cluster)) {
            continue;
        }
        let drawn = (0..8).map(|_| kind.draw_font(rng)).find(|at| has(*at, cluster));
        let any = || kind.fonts.iter().map(|(at, _)| *at).find(|at| has(*at, cluster));
        chosen.push(drawn.or_else(any).ok_or(cluster.chars().next())?);
    }
    Ok(())
}

fn variations(face: &Face, rng: &mut Rng) -> Vec<(String, f64)> {
    let draw = |axis: pixloom_text::Axis| {
        let value = rng.range_f64(f64::from(axis.min), f64::from(axis.max));
        (String::from_utf8_lossy(&axis.tag).into_owned(), (value * 100.0).round() / 100.0)
    };
    face.axes().into_iter().map(draw).collect()
}

/// Tells faces and their instances apart in the cache of outlines.
pub(super) fn face_id(reference: &FontRef) -> u64 {
    let name = serde_json::to_vec(reference).unwrap_or_default();
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(&name).as_bytes()[..8]);
    u64::from_le_bytes(first)
}

fn values(spec: &Spec, of: &dyn Fn(&str) -> Seed) -> Values {
    let mut values = Values::default();
    for (at, (knob, range)) in KNOBS.iter().zip(&spec.ranges).enumerate() {
        let fixed = range.low >= range.high;
        if fixed && (range.probability >= 1.0 || knob.is_off(range.low)) {
            values.set(at, range.low);
            continue;
        }
        let mut rng = of(knob.name).rng();
        if !rng.chance(range.probability) {
            continue;
        }
        let value = range.distribution.sample(range.low, range.high, &mut rng);
        values.set(at, if knob.whole { value.round() } else { rounded(value) });
    }
    values
}

fn padding(spec: &Spec, of: &dyn Fn(&str) -> Seed) -> [f64; 4] {
    let range = &spec.ranges[K::Padding as usize];
    let mut rng = of("padding of each side").rng();
    std::array::from_fn(|_| rounded(range.distribution.sample(range.low, range.high, &mut rng)))
}

fn background(studio: &Studio, spec: &Spec, of: &dyn Fn(&str) -> Seed) -> BackgroundRef {
    let mut rng = of("background").rng();
    let color = between(spec.background_color_min, spec.background_color_max, &mut rng);
    let paper = |rng: &mut Rng| BackgroundRef::Paper {
        color,
        grain: rounded(rng.range_f64(0.2, 1.0)),
        at: [rng.next_u32() % 512, rng.next_u32() % 512],
    };
    match spec.background {
        BackgroundMode::Flat => BackgroundRef::Flat { color },
        BackgroundMode::Auto if !studio.backgrounds.is_empty() => {
            let picture = studio.backgrounds.draw(&mut of("background picture").rng());
            picture.unwrap_or_else(|| paper(&mut rng))
        }
        BackgroundMode::Paper | BackgroundMode::Auto => paper(&mut rng),
    }
}

/// What fills the letters, if they are filled with a picture.
fn texture(studio: &Studio, spec: &Spec, of: &dyn Fn(&str) -> Seed) -> Option<BackgroundRef> {
    if spec.color_mode != ColorMode::Texture {
        return None;
    }
    let mut rng = of("texture").rng();
    let picture = studio.backgrounds.draw(&mut rng);
    picture.or_else(|| {
        let color = between(spec.text_color_min, spec.text_color_max, &mut rng);
        let at = [rng.next_u32() % 512, rng.next_u32() % 512];
        Some(BackgroundRef::Paper { color, grain: 1.0, at })
    })
}

fn colors(spec: &Spec, rng: &mut Rng) -> Vec<[u8; 3]> {
    match spec.color_mode {
        ColorMode::Uniform | ColorMode::Texture => {
            vec![between(spec.text_color_min, spec.text_color_max, rng)]
        }
        ColorMode::PerGlyph => {
            let (low, high) = (spec.per_glyph_palette_size_min, spec.per_glyph_palette_size_max);
            let (from, to) = if spec.text_color_min == spec.text_color_max {
                ([0; 3], [255; 3])
            } else {
                (spec.text_color_min, spec.text_color_max)
            };
            (0..within(low, high, rng)).map(|_| between(from, to, rng)).collect()
        }
        ColorMode::Gradient => vec![
            between(spec.gradient_start_color_min, spec.gradient_start_color_max, rng),
            between(spec.gradient_end_color_min, spec.gradient_end_color_max, rng),
        ],
    }
}

fn between<const N: usize>(low: [u8; N], high: [u8; N], rng: &mut Rng) -> [u8; N] {
    std::array::from_fn(|c| {
        let (low, high) = (low[c].min(high[c]), low[c].max(high[c]));
        low + rng.range_u64(u64::from(high - low) + 1) as u8
    })
}

fn whole(seed: Seed, low: u32, high: u32) -> u32 {
    if low == high { low } else { within(low, high, &mut seed.rng()) }
}

fn within(low: u32, high: u32, rng: &mut Rng) -> u32 {
    low + rng.range_u64(u64::from(high.saturating_sub(low)) + 1) as u32
}
