//! Makes one image: the stage of a run, and the same outside of a run.
use std::path::PathBuf;

use pixloom_engine::{
    Bytes, ErrorKind, Fingerprint, ItemCx, ItemError, ItemKey, Product, RunError, Shard, Source,
    SourceItem, Stage,
};
use pixloom_image::codec::{self, EncodeOptions};
use pixloom_image::{Image, Serial};
use pixloom_text::{Mask, OutlineCache, Raster};

use super::background::{Backgrounds, fill, picture};
use super::config::{Layout, Spec};
use super::drawn::{Drawn, draw};
use super::effects::{self, Canvas};
use super::knob::K;
use super::paint::paint;
use super::record::{Record, document_001, file_name, record};
use super::scene::Scene;
use super::studio::Studio;
use super::typeset::Typeset;

/// Buffers that one worker keeps.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Outlines that were drawn before.
    pub cache: OutlineCache,
    /// The sheet that is filled.
    pub raster: Raster,
}

/// A finished image.
#[derive(Debug)]
pub(super) struct Made {
    /// Pixels.
    pub canvas: Canvas,
    /// Its label.
    pub record: Record,
    /// The coverage of the ink.
    pub ink: Mask,
}

/// Makes the image that was drawn.
///
/// # Errors
/// If it is too large or its background is gone.
pub(super) fn make(
    mut drawn: Drawn,
    set: &Typeset,
    backgrounds: &Backgrounds,
    scratch: &mut Scratch,
) -> Result<Made, ItemError> {
    let scene = Scene::new(&drawn, set, &mut scratch.cache)?;
    let mut canvas = Canvas { width: scene.width, pixels: vec![0; scene.width * scene.height * 3] };
    fill(&drawn.background, backgrounds, &mut canvas.pixels, scene.width)
        .map_err(|message| ItemError::new(ErrorKind::BadInput, message).with_step("background"))?;
    let mut texture = Vec::new();
    if let Some(reference) = &drawn.texture {
        texture = vec![0; canvas.pixels.len()];
        fill(reference, backgrounds, &mut texture, scene.width)
            .map_err(|message| ItemError::new(ErrorKind::BadInput, message).with_step("texture"))?;
    }
    let ink = paint(&mut drawn, &scene, &mut canvas.pixels, (&texture, &mut scratch.raster));
    effects::apply(&drawn, &mut canvas)?;
    let record = record(&drawn, set, &scene);
    Ok(Made { canvas, record, ink })
}

/// The image as PNG; fast settings, as noise gains little from slow ones.
///
/// # Errors
/// If the encoder fails.
pub(super) fn png(canvas: Canvas) -> Result<Vec<u8>, ItemError> {
    let failed = |error: pixloom_image::ImageError| {
        ItemError::new(ErrorKind::Internal, error.to_string()).with_step("encode")
    };
    let image = picture(canvas.width, canvas.pixels).map_err(failed)?;
    encode(&image).map_err(failed)
}

fn encode(image: &Image) -> Result<Vec<u8>, pixloom_image::ImageError> {
    let mut bytes = Vec::with_capacity(image.bytes() as usize / 2 + 1024);
    let options = EncodeOptions { effort: 0, ..EncodeOptions::default() };
    if let Some(codec) = codec::by_name("png") {
        codec.encode(image, &options, &Serial, &mut bytes)?;
    }
    Ok(bytes)
}

/// What is written beside each image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Beside {
    /// Document 001's label.
    pub document_001: bool,
    /// The coverage of the ink as a grey picture.
    pub mask: bool,
}

/// The stage of `ocr generate`.
#[derive(Debug)]
pub(super) struct Generator {
    /// The materials.
    pub studio: Studio,
    /// What is written beside each image.
    pub beside: Beside,
    /// Everything but the index that decides a result.
    pub identity: Fingerprint,
}

impl Stage for Generator {
    type In = u64;
    type Out = Record;
    type Scratch = Scratch;

    fn name(&self) -> &'static str {
        "generate"
    }

    fn scratch(&self) -> Scratch {
        Scratch::default()
    }

    fn cost(&self, index: &u64) -> Bytes {
        Bytes(self.memory(*index))
    }

    fn fingerprint(&self, index: &u64) -> Option<Fingerprint> {
        let all = Fingerprint::builder("ocr-image").field("identity", self.identity);
        Some(all.field("index", index.to_le_bytes()).finish())
    }

    fn run(&self, index: u64, scratch: &mut Scratch, cx: &ItemCx<'_>) -> Result<Record, ItemError> {
        let (drawn, set) = draw(&self.studio, index, &mut scratch.cache)?;
        cx.check()?;
        let made = make(drawn, &set, &self.studio.backgrounds, scratch)?;
        cx.check()?;
        let size = pixloom_image::Size::new(made.record.width, made.record.height);
        cx.add_product(Product::bytes("image", file_name(index, "png"), png(made.canvas)?));
        if self.beside.mask {
            let samples = pixloom_image::Samples::U8(made.ink.samples);
            let mask = Image::new(size, pixloom_image::Channels::Gray, samples);
            let bytes = mask.and_then(|mask| encode(&mask)).map_err(|error| {
                ItemError::new(ErrorKind::Internal, error.to_string()).with_step("mask")
            })?;
            let path = PathBuf::from("masks").join(file_name(index, "png"));
            cx.add_product(Product::bytes("mask", path, bytes));
        }
        if self.beside.document_001 {
            let mut label = serde_json::to_vec_pretty(&document_001(&made.record))
                .map_err(|error| ItemError::new(ErrorKind::Internal, error.to_string()))?;
            label.push(b'\n');
            cx.add_product(Product::bytes("label", file_name(index, "json"), label));
        }
        Ok(made.record)
    }
}

impl Generator {
    /// Upper bound of what one image takes: a canvas with room for the longest text, its copies,
    /// and the coverage as numbers.
    fn memory(&self, index: u64) -> u64 {
        let number = self.studio.allocation.kind(index).unwrap_or(0);
        let spec = &self.studio.config.specifications[number];
        let most = |k: K| spec.ranges[k as usize].high.max(spec.ranges[k as usize].low);
        let (size, pad) = (most(K::FontSize), most(K::Padding));
        let length = f64::from(spec.max_text_length) * size * 1.1 + 2.0 * pad;
        let height = f64::from(spec.max_lines) * size * 1.6 * most(K::LineSpacing) + 2.0 * pad;
        if spec.layout == Layout::Page {
            return page_memory(spec, &most);
        }
        let turned = if most(K::Rotation) > 10.0 { 0.35 * length } else { 0.12 * length };
        let pixels = length * (height + turned).min(length + height);
        (pixels.min(200e6) * 16.0) as u64 + (4 << 20)
    }
}

/// Upper bound of what a page takes: its text in columns, with the gaps between its parts.
fn page_memory(spec: &Spec, most: &dyn Fn(K) -> f64) -> u64 {
    let (size, columns) = (most(K::FontSize), most(K::Columns).max(1.0));
    let width = columns * (most(K::Measure) + 3.0) * size + 2.0 * most(K::Padding);
    let line = size * 1.6 * most(K::LineSpacing);
    let lines = f64::from(spec.max_text_length) / spec.ranges[K::Measure as usize].low.max(1.0);
    let height = 2.0 * (lines * 1.3 / columns + 4.0) * line * most(K::HeadingScale).max(1.0);
    ((width * (height + 2.0 * most(K::Padding))).min(200e6) * 16.0) as u64 + (4 << 20)
}

/// Yields the indexes of a run.
#[derive(Debug)]
pub(super) struct Indexes {
    next: u64,
    total: u64,
    shard: Option<Shard>,
}

impl Indexes {
    /// All of `total`, or those of a shard.
    pub(super) const fn new(total: u64, shard: Option<Shard>) -> Self {
        Self { next: 0, total, shard }
    }

    /// How many there are.
    pub(super) fn count(total: u64, shard: Option<Shard>) -> u64 {
        match shard {
            None => total,
            Some(shard) => {
                (0..total).filter(|index| shard.owns(&ItemKey::from_index(*index))).count() as u64
            }
        }
    }
}

impl Source for Indexes {
    type Value = u64;

    fn next(&mut self) -> Result<Option<SourceItem<u64>>, RunError> {
        while self.next < self.total {
            let index = self.next;
            self.next += 1;
            let key = ItemKey::from_index(index);
            if self.shard.is_none_or(|shard| shard.owns(&key)) {
                return Ok(Some(SourceItem::new(key, index).with_index(index)));
            }
        }
        Ok(None)
    }

    fn total(&self) -> Option<u64> {
        self.shard.is_none().then_some(self.total)
    }
}
