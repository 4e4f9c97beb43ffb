//! A few small pictures of each class of size.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pixloom_engine::{
    Bytes, Delivery, Engine, Fingerprint, FnSink, ItemCx, ItemError, ItemKey, IterSource, Machine,
    Outcome, Requested, RunError, SourceItem, Stage, Tuning,
};
use pixloom_image::codec::{self, DecodeOptions, EncodeOptions};
use pixloom_image::resize::{self, ResizeOptions};
use pixloom_image::{
    Channels, Depth, Image, ImageError, Limits, PixelFormat, Serial, Size, convert,
};

use super::super::facts::Facts;
use super::rows::hash;
use crate::job::{JobCx, JobError};
use crate::picture::{honour_profile, item_error, load};
use crate::run::RunSettings;
use crate::source::Roots;
use crate::source::{InputFile, Peeked, peek};

/// Longer side in pixels.
const SIDE: u32 = 112;
/// Pictures of each class.
const EACH: usize = 6;
/// Classes by megapixels: upper bound and name.
const CLASSES: [(f64, &str); 7] = [
    (0.05, "up to 0.05 megapixels"),
    (0.25, "0.05 to 0.25 megapixels"),
    (1.0, "0.25 to 1 megapixel"),
    (4.0, "1 to 4 megapixels"),
    (12.0, "4 to 12 megapixels"),
    (30.0, "12 to 30 megapixels"),
    (f64::MAX, "over 30 megapixels"),
];

/// A small picture.
#[derive(Debug)]
pub(in crate::jobs::analyze) struct Thumbnail {
    /// The name of its class of size.
    pub(super) bucket: &'static str,
    pub(super) path: String,
    /// The size of the original, in words.
    pub(super) size: String,
    /// Its own size.
    pub(super) shown: (u32, u32),
    /// A JPEG.
    pub(super) base64: String,
}

/// The pictures of each class whose names have the smallest hashes.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    classes: [BTreeMap<u64, (String, Size)>; CLASSES.len()],
}

impl Candidates {
    /// Takes one picture.
    pub(super) fn add(&mut self, path: &str, facts: &Facts) {
        let at = CLASSES.iter().position(|(bound, _)| facts.megapixels <= *bound);
        let class = &mut self.classes[at.unwrap_or(CLASSES.len() - 1)];
        class.insert(hash(path), (path.to_owned(), Size::new(facts.width, facts.height)));
        if class.len() > EACH {
            class.pop_last();
        }
    }

    /// Decodes and shrinks them. What cannot be decoded is left out.
    pub(super) fn make(
        &self,
        roots: &Roots,
        run: &RunSettings,
        cx: &JobCx,
    ) -> Result<Vec<Thumbnail>, JobError> {
        let named = self.classes.iter().zip(CLASSES).flat_map(|(class, (_, bucket))| {
            class.values().map(move |(path, size)| (bucket, path.clone(), *size))
        });
        let chosen: Vec<(&'static str, String, Size)> = named.collect();
        let wanted: Vec<(PathBuf, Size)> =
            chosen.iter().map(|(_, path, size)| (roots.locate(path), *size)).collect();
        let made = shrunk(&wanted, SIDE, run, cx)?;
        let thumbnail =
            |((bucket, path, size), made): ((&'static str, String, Size), Option<Shown>)| {
                let (shown, base64) = made?;
                let size = format!("{}×{}", size.width, size.height);
                Some(Thumbnail { bucket, path, size, shown, base64 })
            };
        Ok(chosen.into_iter().zip(made).filter_map(thumbnail).collect())
    }
}

/// The size of a small picture, and it as a JPEG in base 64.
pub(in crate::jobs) type Shown = ((u32, u32), String);

/// Decodes and shrinks pictures, given by path and upright size, to a long side of `side`. There
/// is none of what cannot be decoded, nor of what was not reached before a request to stop.
pub(in crate::jobs) fn shrunk(
    wanted: &[(PathBuf, Size)],
    side: u32,
    run: &RunSettings,
    cx: &JobCx,
) -> Result<Vec<Option<Shown>>, JobError> {
    let items: Vec<SourceItem<Original>> = wanted
        .iter()
        .enumerate()
        .map(|(number, (path, size))| original(number, path, target(*size, side)))
        .collect();
    let mut made = vec![None; wanted.len()];
    let mut sink = FnSink::new(|delivery: Delivery<Shown>| {
        if let Outcome::Done(shown) = delivery.outcome {
            made[delivery.index as usize] = Some(shown);
        }
        Ok(())
    });
    match engine(run, cx).run(&mut IterSource::new(items), &Shrink, &mut sink) {
        Ok(_) | Err(RunError::Cancelled) => Ok(made),
        Err(error) => Err(error.into()),
    }
}

fn engine(run: &RunSettings, cx: &JobCx) -> Engine {
    let requested = Requested {
        workers: run.fixed_workers(),
        io_workers: run.fixed_io_workers(),
        memory: run.max_memory.fixed(),
    };
    Tuning::choose(&Machine::detect(), &requested).engine().with_cancel(cx.cancel.clone())
}

/// A picture to be shrunk.
struct Original {
    file: InputFile,
    peeked: Peeked,
    /// Upright size of the thumbnail.
    target: Size,
}

fn original(number: usize, path: &Path, target: Size) -> SourceItem<Original> {
    let bytes = std::fs::metadata(path).map_or(0, |meta| meta.len());
    let value =
        peek(path, &Limits::default()).map_err(|error| item_error(error, "header")).map(|peeked| {
            let (path, relative) = (path.to_owned(), path.to_owned());
            let file = InputFile { path, relative, bytes, modified_ns: 0 };
            Original { file, peeked, target }
        });
    SourceItem { key: ItemKey::new(&number.to_string()), index: None, value }
}

/// The size within `side` that keeps the shape; small pictures keep their size.
fn target(size: Size, side: u32) -> Size {
    let scale = (f64::from(side) / f64::from(size.long_edge().max(1))).min(1.0);
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    Size::new(side(size.width), side(size.height))
}

/// Makes one thumbnail.
struct Shrink;

impl Stage for Shrink {
    type In = Original;
    type Out = Shown;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "samples"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &Original) -> Bytes {
        let header = &input.peeked.header;
        let decode = input.peeked.codec.decode_memory(header, &DecodeOptions::default());
        Bytes(input.file.bytes + decode + 2 * header.decoded_bytes() + (4 << 20))
    }

    fn fingerprint(&self, _: &Original) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: Original, (): &mut (), cx: &ItemCx<'_>) -> Result<Self::Out, ItemError> {
        let exec = crate::picture::ItemExec(cx);
        let limits = (&Limits::default(), true);
        let (loaded, _) = load(&input.file, Some(input.target), limits, &exec, &|_, _| {})?;
        let window = loaded.window;
        let source =
            resize::Window { x: window.x, y: window.y, width: window.width, height: window.height };
        let options = ResizeOptions { source: Some(source), ..ResizeOptions::default() };
        let small = resize::resize(&loaded.image, input.target, &options, &exec)
            .and_then(encode)
            .map_err(|error| item_error(error, "encode"))?;
        Ok(((input.target.width, input.target.height), base64(&small)))
    }
}

fn encode(image: Image) -> Result<Vec<u8>, ImageError> {
    let image = honour_profile(image, &Serial, &|_, _| {})?;
    let mut image = convert::flatten(image, [1.0; 3]);
    let channels = if image.channels().is_gray() { Channels::Gray } else { Channels::Rgb };
    image.metadata = pixloom_image::Metadata::default();
    image.color_space = pixloom_image::ColorSpace::Srgb;
    let image = convert::convert(image, PixelFormat::new(channels, Depth::U8));
    let codec = codec::by_name("jpeg").ok_or_else(|| ImageError::encode("there is no JPEG"))?;
    let options = EncodeOptions { quality: Some(72), ..EncodeOptions::default() };
    let mut bytes = Vec::new();
    codec.encode(&image, &options, &Serial, &mut bytes)?;
    Ok(bytes)
}

/// RFC 4648, section 4.
pub(in crate::jobs) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| u32::from(group.get(at).copied().unwrap_or(0)));
        let word = a << 16 | b << 8 | c;
        for digit in 0..4 {
            let value = word >> (18 - 6 * digit) & 63;
            let used = digit <= group.len();
            text.push(if used { char::from(DIGITS[value as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        // The test vectors of RFC 4648, section 10.
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let coded = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        assert_eq!(texts.map(|text| base64(text.as_bytes())), coded);
    }

    #[test]
    fn thumbnails_keep_the_shape() {
        assert_eq!(target(Size::new(6000, 4000), SIDE), Size::new(112, 75));
        assert_eq!(target(Size::new(10, 9000), SIDE), Size::new(1, 112));
        assert_eq!(target(Size::new(40, 30), SIDE), Size::new(40, 30));
    }
}
