//! Operations in a row: written as text, read from recipes, applied to one picture.
use std::collections::BTreeMap;

use pixloom_engine::{Bytes, Seed};
use pixloom_image::geometry::{self, Geometry, Rect};
use pixloom_image::{Exec, Image, ImageError, PixelFormat, Size};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::op::{Applied, DynOp, OpCx, RowOp, TakeRows, Tile, Window};
use crate::ops::OPS;
use crate::params::ParamError;
use crate::schema;

/// Operations in a row.
#[derive(Default)]
pub struct Pipeline {
    steps: Vec<Box<dyn DynOp>>,
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pipeline({})", self.describe())
    }
}

/// What one operation drew for one item; enough to replay it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DrawnStep {
    /// The operation.
    pub op: String,
    /// Its version when this was drawn.
    pub version: u32,
    /// What it drew.
    pub drawn: Value,
}

/// A decoded picture on its way through a pipeline.
#[derive(Debug)]
pub struct Loaded {
    /// The pixels.
    pub image: Image,
    /// The size at full scale, before any operation.
    pub nominal: Size,
    /// The part of the pixels that shows the picture.
    pub window: Window,
    /// Whether the file is damaged and the decoder filled in what it lacks.
    pub concealed: bool,
}

impl Loaded {
    /// A picture at full scale.
    pub fn full(image: Image) -> Self {
        let nominal = image.size();
        Self { nominal, window: Window::whole(nominal), image, concealed: false }
    }
}

/// What a step may use.
pub struct PipelineCx<'a> {
    /// The item's seed.
    pub seed: Seed,
    /// Splits work over idle workers.
    pub exec: &'a dyn Exec,
    /// Takes warnings.
    pub note: &'a dyn Fn(&'static str, String),
}

impl std::fmt::Debug for PipelineCx<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PipelineCx").field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// Where the result of a pipeline goes: called once for each picture, with the suffix of its
/// file name. It is [kept](Applied::Kept) only if every operation kept it.
pub type Emit<'a> = dyn FnMut(&str, Applied) -> Result<(), ImageError> + 'a;

impl Pipeline {
    /// Operations in a row.
    pub fn new(steps: Vec<Box<dyn DynOp>>) -> Result<Self, ParamError> {
        let splits = steps.iter().filter(|step| step.tiles(Size::new(64, 64)).is_some()).count();
        if splits > 1 {
            return Err(ParamError::new(
                "ops",
                "only one operation may cut the picture into several",
            ));
        }
        Ok(Self { steps })
    }

    /// Reads pipeline text such as `resize:long_edge=256 | sharpen:amount=0.5`.
    pub fn parse(text: &str) -> Result<Self, PipelineError> {
        let mut steps = Vec::new();
        for (offset, part) in split_outside(text, '|') {
            steps.push(parse_step(text, offset, part)?);
        }
        Self::new(steps).map_err(|error| PipelineError::new(text, 0..text.len(), error))
    }

    /// Reads the `ops` of a recipe: a list whose entries are pipeline text, or a table with
    /// `op` and the operation's settings.
    pub fn from_value(ops: &Value) -> Result<Self, PipelineError> {
        let entries = match ops {
            Value::String(text) => return Self::parse(text),
            Value::Array(entries) => entries,
            other => return Err(PipelineError::new(&other.to_string(), 0..0, not_a_list())),
        };
        let mut steps = Vec::new();
        for entry in entries {
            match entry {
                Value::String(text) => steps.append(&mut Self::parse(text)?.steps),
                Value::Object(settings) => steps.push(
                    step_from_table(settings)
                        .map_err(|error| PipelineError::new(&entry.to_string(), 0..0, error))?,
                ),
                other => return Err(PipelineError::new(&other.to_string(), 0..0, not_a_list())),
            }
        }
        if steps.is_empty() {
            let problem = "there is no operation; `convert` changes only the format";
            return Err(PipelineError::new("", 0..0, ParamError::new("ops", problem)));
        }
        Self::new(steps).map_err(|error| PipelineError::new("", 0..0, error))
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The names of the operations, joined by ` | `.
    pub fn describe(&self) -> String {
        self.steps.iter().map(|step| step.name()).collect::<Vec<_>>().join(" | ")
    }

    /// Everything that decides what the pipeline does: names, versions, complete settings.
    pub fn identity(&self) -> Value {
        let step = |op: &dyn DynOp| json!({"op": op.name(), "version": op.version(), "settings": op.settings()});
        Value::Array(self.steps.iter().map(|op| step(op.as_ref())).collect())
    }

    /// Whether all operations may keep a picture as it came.
    pub fn may_keep(&self) -> bool {
        !self.is_empty() && self.steps.iter().all(|step| step.may_keep())
    }

    /// Whether an operation cuts the picture into several.
    pub fn is_split(&self) -> bool {
        self.steps.iter().any(|step| step.tiles(Size::new(64, 64)).is_some())
    }

    /// Whether size, and the place of everything in it, stay as they are in pictures of any size.
    pub fn keeps_geometry(&self) -> bool {
        let keeps = |size: Size| -> Result<bool, ImageError> {
            let drawn = self.draw(Seed::root(0))?;
            for (op, drawn) in self.steps.iter().zip(&drawn) {
                let geometry = op.geometry(size, &drawn.drawn)?;
                if op.tiles(size).is_some()
                    || op.shape(size, &drawn.drawn)? != size
                    || !matches!(geometry, Geometry::Identity)
                {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        // What makes pictures fit shows with a small one or a large one.
        let sizes = [Size::new(64, 48), Size::new(5_000, 3_001)];
        sizes.into_iter().all(|size| keeps(size).unwrap_or(false))
    }

    /// Draws the random parameters of all operations for one item.
    ///
    /// Each operation draws from a seed of its own (name and how many of that name came
    /// before), so that switching one on or off changes no other's draw.
    pub fn draw(&self, seed: Seed) -> Result<Vec<DrawnStep>, ImageError> {
        let draw = |(op, seed): (&dyn DynOp, Seed)| {
            let drawn = op.draw(seed)?;
            Ok(DrawnStep { op: op.name().to_owned(), version: op.version(), drawn })
        };
        self.seeded(seed).map(draw).collect()
    }

    fn seeded(&self, seed: Seed) -> impl Iterator<Item = (&dyn DynOp, Seed)> {
        let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
        self.steps.iter().map(move |op| {
            let count = seen.entry(op.name()).or_default();
            let seed = seed.child(&format!("{}#{count}", op.name()));
            *count += 1;
            (op.as_ref(), seed)
        })
    }

    /// The smallest decode of a picture of size `input` that loses nothing.
    pub fn needs(&self, input: Size, drawn: &[DrawnStep]) -> Option<Size> {
        let (first, drawn) = (self.steps.first()?, drawn.first()?);
        first.needs(input, &drawn.drawn)
    }

    /// The suffixes and sizes of the pictures that an input of size `input` gives.
    pub fn outputs(
        &self,
        input: Size,
        drawn: &[DrawnStep],
    ) -> Result<Vec<(String, Size)>, ImageError> {
        let mut size = input;
        for (at, (op, drawn_step)) in self.steps.iter().zip(drawn).enumerate() {
            let output = op.shape(size, &drawn_step.drawn)?;
            if let Some(tiles) = op.tiles(size) {
                let rest = |tile: Tile| {
                    let size = self.shape_from(at + 1, tile.size, drawn)?;
                    Ok((tile.suffix, size))
                };
                return tiles.into_iter().map(rest).collect();
            }
            size = output;
        }
        Ok(vec![(String::new(), size)])
    }

    fn shape_from(
        &self,
        first: usize,
        input: Size,
        drawn: &[DrawnStep],
    ) -> Result<Size, ImageError> {
        let mut rest = self.steps.iter().zip(drawn).skip(first);
        rest.try_fold(input, |size, (op, drawn)| op.shape(size, &drawn.drawn))
    }

    /// Upper bound of the bytes needed beyond the decoded picture, and the largest result.
    /// `input` is the size at full scale, `decoded` the size in memory.
    pub fn cost(
        &self,
        input: Size,
        (decoded, format): (Size, PixelFormat),
        drawn: &[DrawnStep],
    ) -> (Bytes, Size) {
        let bytes = |size: Size| format.bytes_of(size);
        let (mut size, mut most, mut held) = (input, 0_u64, 0_u64);
        for (at, (op, drawn)) in self.steps.iter().zip(drawn).enumerate() {
            if let Some(tiles) = op.tiles(size) {
                // The picture stays while its tiles are worked on one after the other.
                held = if at == 0 { 0 } else { bytes(size) };
                size = tiles.iter().map(|t| t.size).max_by_key(|s| s.pixels()).unwrap_or(size);
                most = most.max(held.saturating_add(bytes(size)));
                continue;
            }
            // What an operation needs is known for its nominal input; a reduced decode needs less.
            let whole = op.cost(size, format, &drawn.drawn).0;
            let output = op.shape(size, &drawn.drawn).unwrap_or(size);
            let shrunk = at == 0 && decoded.pixels() < input.pixels();
            let cost = if shrunk {
                whole.min(bytes(decoded).saturating_add(bytes(output)).saturating_mul(4))
            } else {
                whole
            };
            // From the second operation on, the input is what the one before made.
            let before = if at == 0 { 0 } else { bytes(size) };
            most = most.max(held.saturating_add(cost).saturating_add(before));
            size = output;
        }
        (Bytes(most), size)
    }

    /// The only operation, if its result can be made from the top to the bottom.
    pub fn row_op(&self) -> Option<&dyn RowOp> {
        let [only] = &self.steps[..] else { return None };
        only.by_rows()
    }

    /// Applies the only operation, band by band; see [`Pipeline::row_op`].
    pub fn run_rows(
        &self,
        loaded: Loaded,
        drawn: &[DrawnStep],
        cx: &PipelineCx<'_>,
        take: &mut TakeRows<'_>,
    ) -> Result<(), ImageError> {
        let (Some((op, seed)), Some(drawn)) = (self.seeded(cx.seed).next(), drawn.first()) else {
            return take(loaded.image);
        };
        let output = op.shape(loaded.nominal, &drawn.drawn)?;
        let (input, window) = (loaded.nominal, loaded.window);
        let cx = OpCx { input, window, output, seed, exec: cx.exec, note: cx.note };
        match op.by_rows() {
            Some(rows) => rows.apply(loaded.image, &cx, take),
            None => take(op.apply(loaded.image, &drawn.drawn, &cx)?.into_image()),
        }
    }

    /// Applies the operations and hands each result to `emit`.
    pub fn run(
        &self,
        loaded: Loaded,
        drawn: &[DrawnStep],
        cx: &PipelineCx<'_>,
        emit: &mut Emit<'_>,
    ) -> Result<(), ImageError> {
        self.run_from(0, loaded, &Running { drawn, cx, suffix: "" }, emit)
    }

    fn run_from(
        &self,
        first: usize,
        mut loaded: Loaded,
        running: &Running<'_>,
        emit: &mut Emit<'_>,
    ) -> Result<(), ImageError> {
        // From the second operation on, the picture is what the one before made.
        let mut kept = first == 0 && !self.is_empty();
        let steps = self.seeded(running.cx.seed).zip(running.drawn).enumerate().skip(first);
        for (at, ((op, seed), drawn)) in steps {
            if let Some(tiles) = op.tiles(loaded.nominal) {
                op.shape(loaded.nominal, &drawn.drawn)?;
                return self.run_tiles(at, &loaded.image, (&tiles, running), emit);
            }
            let applied = apply_step(op, loaded, &drawn.drawn, (seed, running.cx))?;
            kept &= matches!(applied, Applied::Kept(_));
            loaded = Loaded::full(applied.into_image());
        }
        let applied = if kept { Applied::Kept } else { Applied::Changed };
        emit(running.suffix, applied(loaded.image))
    }

    fn run_tiles(
        &self,
        at: usize,
        image: &Image,
        (tiles, running): (&[Tile], &Running<'_>),
        emit: &mut Emit<'_>,
    ) -> Result<(), ImageError> {
        if tiles.is_empty() {
            (running.cx.note)("no-tiles", format!("{} is smaller than a tile", image.size()));
        }
        for tile in tiles {
            let part = geometry::crop(image, Rect::new(tile.x, tile.y, tile.size))?;
            let part = Loaded::full(part);
            let running = Running { suffix: &tile.suffix, ..*running };
            self.run_from(at + 1, part, &running, emit)?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Running<'a> {
    drawn: &'a [DrawnStep],
    cx: &'a PipelineCx<'a>,
    suffix: &'a str,
}

fn apply_step(
    op: &dyn DynOp,
    loaded: Loaded,
    drawn: &Value,
    (seed, cx): (Seed, &PipelineCx<'_>),
) -> Result<Applied, ImageError> {
    let output = op.shape(loaded.nominal, drawn)?;
    let cx = OpCx {
        input: loaded.nominal,
        window: loaded.window,
        output,
        seed,
        exec: cx.exec,
        note: cx.note,
    };
    op.apply(loaded.image, drawn, &cx)
}

/// Text that is no pipeline: what is wrong and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct PipelineError {
    /// What is wrong.
    pub error: Box<ParamError>,
    /// The whole text.
    pub text: String,
    /// The bytes of the text that are wrong.
    pub place: std::ops::Range<usize>,
}

impl PipelineError {
    fn new(text: &str, place: std::ops::Range<usize>, error: ParamError) -> Self {
        Self { error: Box::new(error), text: text.to_owned(), place }
    }

    /// The text with a line of `^` under what is wrong; empty if the place is not known.
    pub fn picture(&self) -> String {
        if self.place.is_empty() {
            return self.text.clone();
        }
        let before = self.text[..self.place.start].chars().count();
        let marked = self.text[self.place.clone()].chars().count();
        format!("{}\n{}{}", self.text, " ".repeat(before), "^".repeat(marked))
    }
}

fn not_a_list() -> ParamError {
    ParamError::new("ops", "must be a list of operations")
}

/// Splits at `mark` where it stands outside quotes and brackets; yields byte offsets.
fn split_outside(text: &str, mark: char) -> Vec<(usize, &str)> {
    let (mut parts, mut start, mut depth, mut quoted) = (Vec::new(), 0, 0_i32, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth -= 1,
            c if c == mark && !quoted && depth <= 0 => {
                parts.push((start, &text[start..at]));
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push((start, &text[start..]));
    parts
}

fn parse_step(text: &str, offset: usize, part: &str) -> Result<Box<dyn DynOp>, PipelineError> {
    let trimmed = part.trim();
    if trimmed.is_empty() {
        let error = ParamError::new("ops", "an operation is missing");
        return Err(PipelineError::new(text, 0..0, error));
    }
    let start = offset + (part.len() - part.trim_start().len());
    let (name, settings) = trimmed.split_once(':').unwrap_or((trimmed, ""));
    let entry = find_op(name.trim()).map_err(|error| {
        PipelineError::new(text, start..start + name.len().max(1).min(text.len() - start), error)
    })?;
    let fields = schema::fields(&(entry.schema)());
    let mut map = Map::new();
    let base = start + name.len() + 1;
    for (at, pair) in split_outside(settings, ',') {
        if pair.trim().is_empty() {
            continue;
        }
        let here = base + at + (pair.len() - pair.trim_start().len());
        let (key, value) = parse_pair(pair.trim(), &fields).map_err(|(error, width)| {
            PipelineError::new(text, here..here + width, error.of(entry.name))
        })?;
        if map.insert(key.clone(), value).is_some() {
            let error = ParamError::new(&key, "is said twice").of(entry.name);
            return Err(PipelineError::new(text, here..here + pair.trim().len(), error));
        }
    }
    (entry.build)(map)
        .map_err(|error| PipelineError::new(text, start..start + trimmed.len(), error))
}

/// Reads `key=value`; an error comes with the number of bytes that are wrong.
fn parse_pair(
    pair: &str,
    fields: &[schema::Field],
) -> Result<(String, Value), (ParamError, usize)> {
    let (key, value) = pair.split_once('=').unwrap_or((pair, "true"));
    let name = key.trim().replace('-', "_");
    let Some(field) = fields.iter().find(|field| field.name == name) else {
        return Err((schema::unknown(key.trim(), fields), key.trim().len()));
    };
    let value = value.trim().trim_matches('"');
    let value = field.parse(value).map_err(|error| (error, pair.len()))?;
    Ok((field.name.clone(), value))
}

fn find_op(name: &str) -> Result<&'static crate::op::OpEntry, ParamError> {
    let wanted = name.replace('_', "-");
    OPS.iter().find(|entry| entry.name == wanted).ok_or_else(|| {
        let error = ParamError::new(name, "there is no such operation");
        match schema::nearest(&wanted, OPS.iter().map(|entry| entry.name)) {
            Some(close) => error.with_meant(close),
            None => error,
        }
    })
}

fn step_from_table(settings: &Map<String, Value>) -> Result<Box<dyn DynOp>, ParamError> {
    let Some(name) = settings.get("op").and_then(Value::as_str) else {
        return Err(ParamError::new("op", "each entry of `ops` needs the name of its operation"));
    };
    let rest = settings.iter().filter(|(key, _)| *key != "op");
    let rest = rest.map(|(key, value)| (key.clone(), value.clone())).collect();
    (find_op(name)?.build)(rest)
}
