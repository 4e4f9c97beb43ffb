//! The pictures of a training, large and small, and patches of them.
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use pixloom_engine::{Bytes, Fingerprint, ItemCx, ItemError, Rng, Seed, Stage};
use pixloom_image::codec::DecodeOptions;
use pixloom_image::geometry::{self, Rect};
use pixloom_image::resize::{self, Filter, ResizeOptions};
use pixloom_image::{Exec, Image, ImageError, Limits, PixelFormat, Samples, Serial, Size, convert};
use serde::{Deserialize, Serialize};

use crate::job::JobError;
use crate::picture::{ItemExec, PictureInput, item_error, load};
use crate::pipeline::{Loaded, Pipeline, PipelineCx};

/// Longest side of a picture that is held out, so that measuring takes little time.
const MOST_HELD: u32 = 768;

/// A picture and itself made small, both 8-bit red, green and blue.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) high: Image,
    pub(super) low: Image,
}

/// Reads pictures and keeps them.
#[derive(Debug)]
pub(super) struct PairStage {
    pub(super) limits: Limits,
    pub(super) tolerant: bool,
    pub(super) scale: u32,
    pub(super) patch: u32,
    /// Larger pictures are cut to this area.
    pub(super) most_pixels: u64,
    /// By place in the listing.
    pub(super) pairs: Mutex<BTreeMap<u64, Pair>>,
}

/// What is recorded of a picture.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct PairRecord {
    /// What is kept of it.
    size: Size,
}

impl Stage for PairStage {
    type In = PictureInput;
    type Out = PairRecord;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "read"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &PictureInput) -> Bytes {
        let header = &input.peeked.header;
        let decode = input.peeked.codec.decode_memory(header, &DecodeOptions::default());
        // Turned, cut and as 8 bit; then floats to make it small.
        let copies = header.size.pixels().saturating_mul(24);
        Bytes(decode.saturating_add(copies).saturating_add(input.file.bytes))
    }

    fn fingerprint(&self, _: &PictureInput) -> Option<Fingerprint> {
        None
    }

    fn run(
        &self,
        input: PictureInput,
        (): &mut (),
        cx: &ItemCx<'_>,
    ) -> Result<PairRecord, ItemError> {
        cx.add_input_bytes(input.file.bytes);
        let exec = ItemExec(cx);
        let note = |code: &'static str, message: String| cx.note(code, message);
        let (loaded, _) = load(&input.file, None, (&self.limits, self.tolerant), &exec, &note)?;
        let pair = self.pair(&loaded.image, &exec).map_err(|error| item_error(error, "prepare"))?;
        let size = pair.high.size();
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner).insert(cx.index, pair);
        Ok(PairRecord { size })
    }
}

impl PairStage {
    fn pair(&self, image: &Image, exec: &dyn Exec) -> Result<Pair, ImageError> {
        let size = self.cut(image.size())?;
        let at = |side: u32, whole: u32| (whole - side) / 2;
        let place = Rect::new(at(size.width, image.width()), at(size.height, image.height()), size);
        let cut = geometry::crop(image, place)?;
        let high = convert::convert(cut, PixelFormat::RGB8);
        let target = Size::new(size.width / self.scale, size.height / self.scale);
        let options = ResizeOptions::with_filter(Filter::MatlabBicubicLegacy);
        let low = resize::resize(&high, target, &options, exec)?;
        Ok(Pair { high, low })
    }

    /// The size of the middle that is kept: a multiple of the scale, and not too much.
    fn cut(&self, size: Size) -> Result<Size, ImageError> {
        let factor = (self.most_pixels as f64 / size.pixels() as f64).sqrt().min(1.0);
        let least = self.patch * self.scale;
        let side = |side: u32| {
            let kept = ((f64::from(side) * factor) as u32).max(least.min(side));
            kept / self.scale * self.scale
        };
        let kept = Size::new(side(size.width), side(size.height));
        if kept.width < least || kept.height < least {
            let message = format!("{size} is smaller than a patch of {least}×{least} pixels");
            return Err(ImageError::settings(message));
        }
        Ok(kept)
    }

    pub(super) fn into_pairs(self) -> Vec<Pair> {
        let pairs = self.pairs.into_inner().unwrap_or_else(PoisonError::into_inner);
        pairs.into_values().collect()
    }
}

/// All pictures of a training.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) pairs: Vec<Pair>,
    /// Those that are held out.
    pub(super) held: Vec<Pair>,
    /// Pixels of the small pictures up to and with each.
    areas: Vec<u64>,
}

impl Data {
    /// Holds out some pictures.
    ///
    /// # Errors
    /// `Refused` if there are too few.
    pub(super) fn new(mut pairs: Vec<Pair>, held: usize, seed: Seed) -> Result<Self, JobError> {
        if pairs.len() < 2 {
            let message = format!("{} pictures that can be used are too few", pairs.len());
            return Err(JobError::refused(message, vec!["there must be at least 2".to_owned()]));
        }
        seed.child("held").rng().shuffle(&mut pairs);
        let held = held.min(pairs.len() / 5).max(1);
        let mut held: Vec<Pair> = pairs.drain(..held).collect();
        for pair in &mut held {
            pair.shorten()?;
        }
        let area = |sum: &mut u64, pair: &Pair| {
            *sum += pair.low.size().pixels();
            Some(*sum)
        };
        let areas = pairs.iter().scan(0, area).collect();
        Ok(Self { pairs, held, areas })
    }

    /// A random picture, each by its area.
    fn pick(&self, rng: &mut Rng) -> &Pair {
        let all = self.areas.last().copied().unwrap_or(1);
        let at = rng.range_u64(all);
        &self.pairs[self.areas.partition_point(|sum| *sum <= at).min(self.pairs.len() - 1)]
    }

    /// A random patch of `side` pixels, turned and mirrored at random: small and large values
    /// from 0 to 1.
    pub(super) fn patch(
        &self,
        (side, scale): (usize, usize),
        degrade: &Pipeline,
        seed: Seed,
    ) -> Result<(Vec<f32>, Vec<f32>), ImageError> {
        let mut rng = seed.rng();
        let pair = self.pick(&mut rng);
        let size = pair.low.size();
        let mut place = |whole: u32| rng.range_u64(u64::from(whole) - side as u64 + 1) as usize;
        let (x, y) = (place(size.width), place(size.height));
        let turn = rng.range_u64(8);
        let low = square(&pair.low, (x, y), side, turn);
        let high = square(&pair.high, (x * scale, y * scale), side * scale, turn);
        let low = if degrade.is_empty() { low } else { worse(low, side, degrade, seed)? };
        let unit = |samples: Vec<u8>| samples.iter().map(|v| f32::from(*v) / 255.0).collect();
        Ok((unit(low), unit(high)))
    }
}

impl Pair {
    /// Cuts the middle out of a large picture.
    fn shorten(&mut self) -> Result<(), JobError> {
        let scale = self.high.width() / self.low.width().max(1);
        let side = |side: u32| side.min(MOST_HELD / scale.max(1));
        let size = Size::new(side(self.low.width()), side(self.low.height()));
        let (x, y) = ((self.low.width() - size.width) / 2, (self.low.height() - size.height) / 2);
        let large = Size::new(size.width * scale, size.height * scale);
        let failed = |error: ImageError| JobError::refused(error.to_string(), vec![]);
        let high = geometry::crop(&self.high, Rect::new(x * scale, y * scale, large));
        self.high = high.map_err(failed)?;
        self.low = geometry::crop(&self.low, Rect::new(x, y, size)).map_err(failed)?;
        Ok(())
    }
}

/// A square of a picture in one of the eight turns.
fn square(image: &Image, (left, top): (usize, usize), side: usize, turn: u64) -> Vec<u8> {
    let Samples::U8(samples) = image.samples() else { return vec![0; side * side * 3] };
    let row = image.row_len();
    let mut out = Vec::with_capacity(side * side * 3);
    for at in 0..side * side {
        let (mut x, mut y) = (at % side, at / side);
        if turn & 4 != 0 {
            (x, y) = (y, x);
        }
        let x = if turn & 1 == 0 { x } else { side - 1 - x };
        let y = if turn & 2 == 0 { y } else { side - 1 - y };
        let from = (top + y) * row + (left + x) * 3;
        out.extend_from_slice(&samples[from..from + 3]);
    }
    out
}

/// A patch after the operations.
fn worse(
    samples: Vec<u8>,
    side: usize,
    degrade: &Pipeline,
    seed: Seed,
) -> Result<Vec<u8>, ImageError> {
    let size = Size::new(side as u32, side as u32);
    let image = Image::new(size, PixelFormat::RGB8.channels, Samples::U8(samples))?;
    let seed = seed.child("degrade");
    let drawn = degrade.draw(seed)?;
    let cx = PipelineCx { seed, exec: &Serial, note: &|_, _| {} };
    let mut made = None;
    degrade.run(Loaded::full(image), &drawn, &cx, &mut |_, applied| {
        made = Some(convert::convert(applied.into_image(), PixelFormat::RGB8));
        Ok(())
    })?;
    match made.filter(|image| image.size() == size).map(Image::into_samples) {
        Some(Samples::U8(samples)) => Ok(samples),
        _ => Err(ImageError::settings("the operations of --degrade change the size")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(seed: u8) -> Pair {
        let image = |side: u32| {
            let sample = |i: u32| (i / 3 % side / (side / 8)) as u8 * 30 + seed;
            let samples = (0..side * side * 3).map(sample).collect();
            Image::new(Size::new(side, side), PixelFormat::RGB8.channels, Samples::U8(samples))
                .unwrap()
        };
        Pair { high: image(32), low: image(16) }
    }

    #[test]
    fn patches_show_the_same_place_in_both_sizes() {
        let data = Data::new((0..6).map(pair).collect(), 1, Seed::root(1)).unwrap();
        assert_eq!((data.pairs.len(), data.held.len()), (5, 1));
        for index in 0..40 {
            let seed = Seed::root(2).child_index(index);
            let (low, high) = data.patch((8, 2), &Pipeline::default(), seed).unwrap();
            for at in 0..64 {
                let (x, y) = (at % 8, at / 8);
                assert!((low[at * 3] - high[(y * 2 * 16 + x * 2) * 3]).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn operations_that_change_the_size_are_refused() {
        let data = Data::new((0..6).map(pair).collect(), 1, Seed::root(1)).unwrap();
        let patch = |text: &str| {
            data.patch((8, 2), &Pipeline::parse(text).unwrap(), Seed::root(3)).map(|(low, _)| low)
        };
        assert!(patch("resize:scale=0.5").is_err());
        assert_ne!(patch("noise:sigma=0.1").unwrap(), patch("noise:sigma=0.0").unwrap());
        assert!(Data::new(vec![pair(0)], 1, Seed::root(1)).is_err());
    }
}
