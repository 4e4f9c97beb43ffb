//! Whether the decoded picture can be what was meant.
use pixloom_image::{Image, Samples};

use super::Subject;
use crate::finding::{Finding, Kind, Place};

/// A pixel is dark if none of its samples is above this share of white: 10 of 255.
const DARK: f32 = 10.0 / 255.0;
/// A picture is nearly black if at most one pixel in so many is not dark.
const ONE_IN: usize = 1000;
/// Mid-grey as decoders fill it in (128 of 255, the mean of a block without data), and how
/// much conversions move it.
const GREY: (f32, f32) = (126.0 / 255.0, 130.0 / 255.0);
/// The least number of rows of a grey tail: one row of JPEG blocks.
const TAIL_ROWS: u32 = 8;

pub(super) fn check(subject: &mut Subject<'_>, found: &mut Vec<Finding>) {
    let Some(decoded) = &subject.decoded else { return };
    let image = &decoded.image;
    let is_constant = match image.samples() {
        Samples::U8(samples) => constant(samples, image.channels().count()),
        Samples::U16(samples) => constant(samples, image.channels().count()),
        Samples::F32(samples) => constant(samples, image.channels().count()),
    };
    if is_constant {
        // One pixel is the same as itself.
        if image.size().pixels() > 1 {
            found.push(Finding::new(Kind::Constant, "all pixels are the same"));
        }
    } else if is_nearly_black(image) {
        let message = "fewer than one pixel in 1000 is brighter than 4 % of white";
        found.push(Finding::new(Kind::NearlyBlack, message));
    } else if let Some(row) = grey_tail(image) {
        let rows = image.height() - row;
        let message = format!("the last {rows} rows are an even mid-grey");
        let finding = Finding::new(Kind::GreyTail, message).at(Place::Row(row));
        found.push(finding.with_hint("it was probably saved from a file that had been cut off"));
    }
}

fn constant<T: PartialEq>(samples: &[T], channels: usize) -> bool {
    let (first, rest) = samples.split_at(channels.min(samples.len()));
    rest.chunks_exact(channels.max(1)).all(|pixel| pixel == first)
}

/// Samples that can be compared with a share of white.
trait Share: Copy + PartialOrd {
    fn of(share: f32) -> Self;
}

impl Share for u8 {
    fn of(share: f32) -> Self {
        (share * 255.0).round() as u8
    }
}

impl Share for u16 {
    fn of(share: f32) -> Self {
        (share * 65_535.0).round() as u16
    }
}

impl Share for f32 {
    fn of(share: f32) -> Self {
        share
    }
}

fn is_nearly_black(image: &Image) -> bool {
    match image.samples() {
        Samples::U8(samples) => nearly_black(samples, image),
        Samples::U16(samples) => nearly_black(samples, image),
        Samples::F32(samples) => nearly_black(samples, image),
    }
}

fn nearly_black<T: Share>(samples: &[T], image: &Image) -> bool {
    let (channels, alpha) = (image.channels().count(), image.channels().has_alpha());
    let colors = channels - usize::from(alpha);
    let dark = T::of(DARK);
    let bright = |pixel: &&[T]| pixel[..colors].iter().any(|sample| *sample > dark);
    let allowed = samples.len() / channels / ONE_IN;
    samples.chunks_exact(channels).filter(bright).take(allowed + 1).count() <= allowed
}

/// The first row of an even mid-grey that reaches from there to the bottom.
fn grey_tail(image: &Image) -> Option<u32> {
    let row_len = image.row_len();
    if image.channels().has_alpha() {
        return None;
    }
    let rows = match image.samples() {
        Samples::U8(samples) => grey_rows(samples, row_len),
        Samples::U16(samples) => grey_rows(samples, row_len),
        Samples::F32(samples) => grey_rows(samples, row_len),
    };
    let height = image.height();
    let least = TAIL_ROWS.max(height / 50);
    (rows >= least && rows < height).then(|| height - rows)
}

/// How many rows at the bottom are grey.
fn grey_rows<T: Share>(samples: &[T], row_len: usize) -> u32 {
    let (low, high) = (T::of(GREY.0), T::of(GREY.1));
    let grey = |row: &&[T]| row.iter().all(|sample| *sample >= low && *sample <= high);
    samples.chunks_exact(row_len).rev().take_while(grey).count() as u32
}

#[cfg(test)]
mod tests {
    use pixloom_image::{Channels, Size};

    use super::*;

    fn picture(width: u32, height: u32, sample: impl Fn(u32) -> u8) -> Image {
        let samples = (0..width * height * 3).map(|at| sample(at / (width * 3))).collect();
        Image::new(Size::new(width, height), Channels::Rgb, Samples::U8(samples)).unwrap()
    }

    #[test]
    fn grey_tails_have_a_least_length() {
        let tail = |rows: u32| picture(20, 100, move |y| if y < 100 - rows { 7 } else { 128 });
        assert_eq!(grey_tail(&tail(30)), Some(70));
        assert_eq!(grey_tail(&tail(8)), Some(92));
        assert_eq!(grey_tail(&tail(7)), None);
        assert_eq!(grey_tail(&tail(100)), None);
    }

    #[test]
    fn a_few_bright_pixels_do_not_save_a_black_picture() {
        let with = |bright: usize| {
            let mut image = picture(100, 40, |_| 9);
            let Samples::U8(samples) = image.samples_mut() else { panic!("not 8 bit") };
            samples[..3 * bright].fill(255);
            is_nearly_black(&image)
        };
        assert!(with(4) && !with(5));
    }

    #[test]
    fn constant_means_every_channel() {
        assert!(constant(&[1, 2, 1, 2], 2));
        assert!(!constant(&[1, 2, 1, 3], 2));
        assert!(!constant(&[1.0, f32::NAN, 1.0, f32::NAN], 2));
    }
}
