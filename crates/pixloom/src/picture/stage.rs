//! The work on one picture: decode, operations, encode.
use std::cell::RefCell;
use std::io::Write;

use pixloom_engine::{
    Bytes, ErrorKind, Fingerprint, ItemCx, ItemError, ItemKey, Product, Seed, Stage,
};
use pixloom_image::codec::{Codec, DecodeOptions, EncodeHeader, RowSink};
use pixloom_image::{Exec, Image, ImageError, Limits, Size};
use serde::{Deserialize, Serialize};

use super::load::{FIRST_FRAME, decode, item_error, read, read_again};
use super::{EncodeSettings, Naming, PictureInput};
use crate::op::{Applied, RowOp};
use crate::pipeline::{DrawnStep, Loaded, Pipeline, PipelineCx};
use crate::source::Peeked;

/// Results with more bytes of pixels than this are encoded to a file, not to memory.
const STREAM_FROM: u64 = 32 << 20;

/// Reads a picture, applies the operations and writes what comes out.
#[derive(Debug)]
pub struct PictureStage {
    /// The name in progress and records.
    pub name: &'static str,
    /// The operations.
    pub pipeline: Pipeline,
    /// How results are written.
    pub encode: EncodeSettings,
    /// Where results are written.
    pub naming: Naming,
    /// The decoders' limits.
    pub limits: Limits,
    /// Whether damage is concealed instead of failing the item.
    pub tolerant: bool,
    /// Everything beside the input that decides a result.
    pub identity: Fingerprint,
    /// The run's seed.
    pub seed: Seed,
}

/// How a result is made and written in bands.
struct ByRows<'a> {
    op: &'a dyn RowOp,
    /// Of the result.
    size: Size,
    encoder_bytes: u64,
}

/// What is recorded of one picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PictureRecord {
    /// What was read.
    pub input: InputFacts,
    /// What the operations drew; enough to replay them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drawn: Vec<DrawnStep>,
    /// What was written, in the order of the products.
    pub outputs: Vec<OutputFacts>,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFacts {
    /// Format of the content.
    pub format: String,
    /// Upright width in pixels.
    pub width: u32,
    /// Upright height in pixels.
    pub height: u32,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFacts {
    /// Format.
    pub format: String,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Whether it is the input's file, byte for byte.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
}

impl OutputFacts {
    fn new(codec: &dyn Codec, size: Size) -> Self {
        let format = codec.info().name.to_owned();
        Self { format, width: size.width, height: size.height, kept: false }
    }
}

/// Splits work inside one picture over idle workers.
pub(crate) struct ItemExec<'a, 'run>(pub(crate) &'a ItemCx<'run>);

impl Exec for ItemExec<'_, '_> {
    fn for_each(&self, parts: usize, part: &(dyn Fn(usize) + Sync)) {
        self.0.for_each_part(parts, part);
    }

    fn is_stopped(&self) -> bool {
        self.0.check().is_err()
    }
}

impl Stage for PictureStage {
    type In = PictureInput;
    type Out = PictureRecord;
    type Scratch = ();

    fn name(&self) -> &'static str {
        self.name
    }

    fn scratch(&self) {}

    fn cost(&self, input: &PictureInput) -> Bytes {
        self.memory(input)
    }

    fn fingerprint(&self, input: &PictureInput) -> Option<Fingerprint> {
        let codec = self.naming.codec(&input.file.relative).ok()?;
        let target = self.naming.target(&input.file.relative, "", codec);
        let fingerprint = Fingerprint::builder("picture")
            .field("identity", self.identity)
            .field("format", codec.info().name)
            .field("target", target.as_os_str().as_encoded_bytes())
            .field("bytes", input.file.bytes.to_le_bytes())
            .field("modified", input.file.modified_ns.to_le_bytes());
        Some(fingerprint.finish())
    }

    fn run(
        &self,
        input: PictureInput,
        (): &mut (),
        cx: &ItemCx<'_>,
    ) -> Result<PictureRecord, ItemError> {
        cx.add_input_bytes(input.file.bytes);
        let result = self.work(&input, cx);
        // A stop inside a kernel surfaces as that kernel's error; its cause is the better one.
        result.map_err(|error| cx.check().err().unwrap_or(error))
    }
}

impl PictureStage {
    fn options(&self, at_least: Option<Size>) -> DecodeOptions {
        DecodeOptions { at_least, tolerant: self.tolerant, ..DecodeOptions::default() }
    }

    fn work(&self, input: &PictureInput, cx: &ItemCx<'_>) -> Result<PictureRecord, ItemError> {
        let exec = ItemExec(cx);
        // Of a file with several frames nothing is used, or all.
        let may_keep = self.pipeline.may_keep();
        let note = |code: &'static str, message: String| {
            if !may_keep || code != FIRST_FRAME {
                cx.note(code, message);
            }
        };
        let codec = self.naming.codec(&input.file.relative)?;
        note_extension(input, &note);
        let drawn = self.pipeline.draw(cx.seed).map_err(|error| item_error(error, "draw"))?;
        let upright = input.peeked.header.upright_size();
        let needs = self.pipeline.needs(upright, &drawn);
        let bytes = read(&input.file)?;
        let source = may_keep.then(|| Fingerprint::of(&bytes));
        let (loaded, peeked) = decode(bytes, self.options(needs), &self.limits, &exec, &note)?;
        cx.check()?;
        let nominal = loaded.nominal;
        if let Some(source) = source.filter(|_| peeked.header.frames > 1) {
            let facts = self.keep_frames((input, source), &peeked, codec, cx)?;
            return Ok(record(&peeked, nominal, drawn, vec![facts]));
        }
        let source = source.filter(|_| self.may_keep(codec, &peeked, &loaded));
        if let Some(ByRows { size, .. }) = self.by_rows(input) {
            let facts = self.save_rows((loaded, size), &drawn, (input, codec), cx)?;
            return Ok(record(&peeked, nominal, drawn, vec![facts]));
        }
        let outputs = RefCell::new(Vec::new());
        let failure = RefCell::new(None);
        let pipeline_cx = PipelineCx { seed: cx.seed, exec: &exec, note: &note };
        let result = self.pipeline.run(loaded, &drawn, &pipeline_cx, &mut |suffix, applied| {
            let facts = match (applied, source) {
                (Applied::Kept(image), Some(source)) => {
                    let size = image.size();
                    drop(image);
                    self.keep((input, source), size, codec, cx)
                }
                (applied, _) => self.save(applied.into_image(), (input, suffix), codec, cx),
            };
            let facts = facts.map_err(|error| {
                *failure.borrow_mut() = Some(error);
                ImageError::encode("the result cannot be written")
            })?;
            outputs.borrow_mut().push(facts);
            Ok(())
        });
        if let Some(error) = failure.into_inner() {
            return Err(error);
        }
        result.map_err(|error| item_error(error, "transform"))?;
        Ok(record(&peeked, nominal, drawn, outputs.into_inner()))
    }

    /// A file with several frames stays as it is: what may keep a picture is for single ones.
    fn keep_frames(
        &self,
        (input, source): (&PictureInput, Fingerprint),
        peeked: &Peeked,
        codec: &'static dyn Codec,
        cx: &ItemCx<'_>,
    ) -> Result<OutputFacts, ItemError> {
        let frames = peeked.header.frames;
        let same = codec.info().name == peeked.codec.info().name;
        if !same || self.encode.asks_for_other_bytes() {
            let message = format!("{frames} frames: the file can only be kept as it is");
            return Err(ItemError::new(ErrorKind::Unsupported, message)
                .with_code("several-frames")
                .with_step("transform")
                .with_hint("ask for no other format or coding; `convert` takes the first frame"));
        }
        cx.note("several-frames", format!("{frames} frames: kept as it is"));
        self.keep((input, source), peeked.header.size, codec, cx)
    }

    /// Whether the file is the result where all operations keep the picture: nothing of it is left
    /// out or turned, and nobody asks for another format or coding.
    fn may_keep(&self, codec: &dyn Codec, peeked: &Peeked, loaded: &Loaded) -> bool {
        let header = &peeked.header;
        codec.info().name == peeked.codec.info().name
            && !self.encode.asks_for_other_bytes()
            && header.orientation.is_upright()
            && !loaded.concealed
            && loaded.image.size() == header.size
    }

    /// Writes the file of the input, which must still be the one that was decoded.
    fn keep(
        &self,
        (input, source): (&PictureInput, Fingerprint),
        size: Size,
        codec: &'static dyn Codec,
        cx: &ItemCx<'_>,
    ) -> Result<OutputFacts, ItemError> {
        cx.check()?;
        let bytes = read_again(&input.file, source)?;
        let path = self.naming.target(&input.file.relative, "", codec);
        cx.add_product(Product::bytes("image", path, bytes));
        Ok(OutputFacts { kept: true, ..OutputFacts::new(codec, size) })
    }

    fn save(
        &self,
        image: Image,
        (input, suffix): (&PictureInput, &str),
        codec: &'static dyn Codec,
        cx: &ItemCx<'_>,
    ) -> Result<OutputFacts, ItemError> {
        cx.check()?;
        let exec = ItemExec(cx);
        let failed = |error| item_error(error, "encode");
        let note = |code: &'static str, message: String| cx.note(code, message);
        let image = self.encode.prepare(image, codec, &exec, &note).map_err(failed)?;
        let path = self.naming.target(&input.file.relative, suffix, codec);
        let options = self.encode.options();
        let facts = OutputFacts::new(codec, image.size());
        if image.bytes() >= STREAM_FROM {
            let mut file = cx.pending_file()?;
            codec.encode(&image, &options, &exec, &mut file).map_err(failed)?;
            file.flush()?;
            cx.add_product(Product::file("image", path, file));
        } else {
            let mut bytes = Vec::new();
            codec.encode(&image, &options, &exec, &mut bytes).map_err(failed)?;
            cx.add_product(Product::bytes("image", path, bytes));
        }
        Ok(facts)
    }

    /// How the result of an input is made and written from the top to the bottom, if it is so
    /// large that this is worth it, and both the operation and the format can do it.
    fn by_rows(&self, input: &PictureInput) -> Option<ByRows<'_>> {
        let op = self.pipeline.row_op()?;
        let header = &input.peeked.header;
        let drawn = self.pipeline.draw(self.seed).ok()?;
        let outputs = self.pipeline.outputs(header.upright_size(), &drawn).ok()?;
        let (_, size) = *outputs.first()?;
        if header.format.bytes_of(size) < STREAM_FROM {
            return None;
        }
        let codec = self.naming.codec(&input.file.relative).ok()?;
        let encoded = encode_header(codec, input, size);
        let encoder_bytes = codec.row_memory(&encoded, &self.encode.options())?;
        Some(ByRows { op, size, encoder_bytes })
    }

    /// Makes and writes the result band by band.
    fn save_rows(
        &self,
        (loaded, size): (Loaded, Size),
        drawn: &[DrawnStep],
        (input, codec): (&PictureInput, &'static dyn Codec),
        cx: &ItemCx<'_>,
    ) -> Result<OutputFacts, ItemError> {
        let exec = ItemExec(cx);
        let note = |code: &'static str, message: String| cx.note(code, message);
        let options = self.encode.options();
        let mut file = cx.pending_file()?;
        let mut out: Option<&mut dyn Write> = Some(&mut file);
        let mut sink: Option<Box<dyn RowSink + '_>> = None;
        let pipeline_cx = PipelineCx { seed: cx.seed, exec: &exec, note: &note };
        let result = self.pipeline.run_rows(loaded, drawn, &pipeline_cx, &mut |band| {
            exec.check_stop()?;
            // What is given up is said once, not for each band.
            let band = match &sink {
                None => self.encode.prepare(band, codec, &exec, &note)?,
                Some(_) => self.encode.prepare(band, codec, &exec, &|_, _| {})?,
            };
            if let Some(out) = out.take() {
                let header = EncodeHeader { size, ..EncodeHeader::of(&band) };
                sink = Some(codec.encoder(&header, &options, out)?);
            }
            sink.as_mut().map_or(Ok(()), |sink| sink.rows_with(band.samples(), &exec))
        });
        let result = result.and_then(|()| sink.map_or(Ok(()), RowSink::finish));
        result.map_err(|error| item_error(error, "transform"))?;
        file.flush()?;
        let path = self.naming.target(&input.file.relative, "", codec);
        cx.add_product(Product::file("image", path, file));
        Ok(OutputFacts::new(codec, size))
    }

    /// What is held beside the picture where the result is made in bands: the operation with its
    /// band, the band as the format wants it, and the encoder.
    fn rows_memory(&self, input: &PictureInput, rows: &ByRows<'_>) -> u64 {
        let header = &input.peeked.header;
        let band = Size::new(rows.size.width, rows.op.band_rows());
        let copies =
            self.naming.codec(&input.file.relative).map_or(3, |codec| copies(codec, input));
        let copies = header.format.bytes_of(band).saturating_mul(copies);
        let own = rows.op.cost(header.upright_size(), header.format).0;
        own.saturating_add(copies).saturating_add(rows.encoder_bytes)
    }

    /// Upper bound of the memory for one picture: the file, the decoded picture, the most that
    /// an operation needs beside it, the encoder and what it wrote.
    fn memory(&self, input: &PictureInput) -> Bytes {
        let header = &input.peeked.header;
        let upright = header.upright_size();
        // The item's own seed: what is drawn may change the size.
        let key = ItemKey::from_path(&input.file.relative);
        let drawn = self.pipeline.draw(self.seed.child(key.as_str())).unwrap_or_default();
        let at_least = self.pipeline.needs(upright, &drawn);
        let stored = |s: Size| if header.orientation.swaps_sides() { s.transposed() } else { s };
        let options = self.options(at_least.map(stored));
        let codec = input.peeked.codec;
        let decode = codec.decode_memory(header, &options);
        let decoded = codec.decoded_size(header, &options);
        let picture = header.format.bytes_of(decoded);
        let turned = if header.orientation.is_upright() { 0 } else { picture };
        if let Some(rows) = self.by_rows(input) {
            let read = decode.saturating_add(input.file.bytes);
            let work = picture.saturating_add(turned.max(self.rows_memory(input, &rows)));
            return Bytes(read.max(work));
        }
        let (ops, result) = self.pipeline.cost(upright, (stored(decoded), header.format), &drawn);
        let read = decode.saturating_add(input.file.bytes);
        let changed = picture.saturating_add(turned.max(ops.0));
        let saved = self.save_memory(input, result);
        let saved = if self.pipeline.is_split() {
            // The whole picture stays while its tiles are saved, and so do their encoded bytes.
            let tiles = self.pipeline.outputs(upright, &drawn).unwrap_or_default();
            let encoded = |size: Size| header.format.bytes_of(size).saturating_mul(9) / 8 + 4096;
            let kept = tiles.iter().fold(0_u64, |sum, (_, s)| sum.saturating_add(encoded(*s)));
            saved.saturating_add(changed).saturating_add(kept)
        } else {
            saved
        };
        Bytes(read.max(changed).max(saved))
    }

    /// What saving a result takes, the result itself included.
    fn save_memory(&self, input: &PictureInput, size: Size) -> u64 {
        let Ok(codec) = self.naming.codec(&input.file.relative) else { return 0 };
        let result = input.peeked.header.format.bytes_of(size);
        let all = result.saturating_mul(1 + copies(codec, input));
        all.saturating_add(self.encode_memory(input, size))
    }

    fn encode_memory(&self, input: &PictureInput, size: Size) -> u64 {
        let Ok(codec) = self.naming.codec(&input.file.relative) else { return 0 };
        let header = encode_header(codec, input, size);
        let pixels = header.format.bytes_of(size);
        pixels.saturating_add(codec.encode_memory(&header, &self.encode.options()))
    }
}

fn record(
    peeked: &Peeked,
    nominal: Size,
    drawn: Vec<DrawnStep>,
    outputs: Vec<OutputFacts>,
) -> PictureRecord {
    let format = peeked.codec.info().name.to_owned();
    let input = InputFacts { format, width: nominal.width, height: nominal.height };
    PictureRecord { input, drawn, outputs }
}

/// Copies of a result on the way to what the format can hold.
fn copies(codec: &dyn Codec, input: &PictureInput) -> u64 {
    let header = &input.peeked.header;
    match (header.has_icc && !codec.info().carries_icc, header.format) {
        (true, _) => 3,
        (false, format) if codec.accepts(format) != format => 1,
        _ => 0,
    }
}

/// What a result of an input looks like to the encoder, its metadata apart.
fn encode_header(codec: &dyn Codec, input: &PictureInput, size: Size) -> EncodeHeader {
    EncodeHeader {
        size,
        format: codec.accepts(input.peeked.header.format),
        color_space: pixloom_image::ColorSpace::default(),
        metadata: pixloom_image::Metadata::default(),
    }
}

fn note_extension(input: &PictureInput, note: &dyn Fn(&'static str, String)) {
    let info = input.peeked.codec.info();
    let extension = input.file.relative.extension().and_then(|extension| extension.to_str());
    if let Some(extension) = extension
        && !info.extensions.contains(&extension.to_ascii_lowercase().as_str())
    {
        note(
            "wrong-extension",
            format!("the content is {}, the name says .{extension}", info.name),
        );
    }
}
