//! Whether a small picture shows the same as a large one, at the same place.
//!
//! Both are brought to the size of the small one. Normalised cross-correlation of small
//! versions finds flips, turns and rough shifts; least squares over finer and finer versions
//! finds the shift to a fraction of a pixel, together with its standard error.
mod color;
mod correlate;
mod crop;
mod judge;
mod plane;
mod refine;

pub use color::ColorChange;
pub use crop::Crop;

use serde::{Deserialize, Serialize};

use crate::geometry::Turn;
use crate::resize::{Filter, ResizeOptions, Window, resize_cost};
use crate::{Exec, Image, ImageError, PixelFormat, Size};
use judge::Judge;
use plane::{fit, reduced};

/// Longer side of the finest version that is compared.
pub const WORK_EDGE: u32 = 512;

/// The thresholds of [`align`]. They were chosen from how the measures behave;
/// `cargo xtask pairs-accuracy` measures how well they tell degraded pairs from wrong ones
/// (`docs/pairs.md`).
pub mod threshold {
    /// Correlation of small versions below which two pictures are unrelated.
    pub const RELATED: f64 = 0.6;
    /// A flip or turn must correlate better than no flip by this much.
    pub const TURN_MARGIN: f64 = 0.03;
    /// A crop must correlate better than the whole by this much.
    pub const CROP_MARGIN: f64 = 0.1;
    /// Correlation of the whole below which a crop is looked for.
    pub const LOOK_FOR_CROP: f64 = 0.85;
    /// Correlation that a crop must reach.
    pub const CROP: f64 = 0.75;
    /// Shift in LQ pixels from which a pair counts as shifted.
    pub const SHIFT: f64 = 0.5;
    /// Shift at the edges, beside that in the middle, from which a pair counts as stretched.
    pub const STRETCH: f64 = 1.0;
    /// A shift must be this many times its standard error.
    pub const CERTAINTY: f64 = 4.0;
    /// Standard error in LQ pixels above which a small shift says nothing.
    pub const UNSURE: f64 = 0.25;
    /// Correlation above which no blur of LQ is looked for.
    pub const EXPLAINED: f64 = 0.999;
    /// Deviation of the luma (0 to 1) below which a picture is flat.
    pub const FLAT: f64 = 0.004;
}

/// How two pictures relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// They show the same at the same place.
    Aligned,
    /// LQ lies half a pixel or more beside HQ.
    Shifted,
    /// LQ is a flipped or turned HQ.
    Turned,
    /// Width or height are scaled differently than the sizes say.
    Stretched,
    /// One shows only a part of the other.
    Cropped,
    /// They do not show the same.
    Unrelated,
    /// There is too little in the pictures to tell: flat, too small, or too noisy.
    Unsure,
}

/// What was measured about two pictures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Alignment {
    /// What it comes down to.
    pub verdict: Verdict,
    /// What turns HQ into the orientation of LQ.
    pub turn: Turn,
    /// How far LQ lies to the right of HQ and below it, in LQ pixels.
    pub shift: [f64; 2],
    /// Standard errors of the shift, in LQ pixels.
    pub shift_error: [f64; 2],
    /// What is added to the shift at the right and at the lower edge (and subtracted at the
    /// opposite ones), in LQ pixels.
    pub stretch: [f64; 2],
    /// Correlation of small versions at the best shift, -1 to 1.
    pub correlation: f64,
    /// Correlation of small versions at the best shift without any flip or turn.
    pub unturned: f64,
    /// The part that one shows of the other, if the verdict says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crop: Option<Crop>,
    /// How the colours differ, if the pictures can be laid on each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<ColorChange>,
}

/// A decoded picture and the part of it that counts.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The picture; a reduced decode will do.
    pub image: &'a Image,
    /// The part, in its pixels.
    pub window: Window,
}

impl<'a> View<'a> {
    /// All of a picture.
    pub fn whole(image: &'a Image) -> Self {
        Self { image, window: Window::whole(image.size()) }
    }

    fn reduced(&self, size: Size, exec: &dyn Exec) -> Result<Image, ImageError> {
        reduced(self.image, self.window, size, exec)
    }
}

/// Compares `lq`, whose full size is `lq_size`, with `hq`.
///
/// Blur, noise, compression and changes of brightness and contrast do not count as misalignment.
/// Costs memory for a few pictures of [`WORK_EDGE`], whatever the sizes.
///
/// # Errors
/// `Settings` if a window lies outside of its picture; `Limit` if `exec` says stop.
pub fn align(
    hq: View<'_>,
    lq: View<'_>,
    lq_size: Size,
    exec: &dyn Exec,
) -> Result<Alignment, ImageError> {
    let work = fit(lq_size, WORK_EDGE);
    if work.short_edge() < 16 {
        return Ok(unsure());
    }
    let small = lq.reduced(work, exec)?;
    let judge = Judge { hq, small: &small, lq_size, exec };
    judge.verdict()
}

/// Upper bound of the bytes that [`align`] allocates beside the pictures, for decoded pictures
/// of these sizes and formats and an LQ of `lq_size`.
pub fn align_cost(hq: (Size, PixelFormat), lq: (Size, PixelFormat), lq_size: Size) -> u64 {
    let work = fit(lq_size, WORK_EDGE);
    let options = ResizeOptions::with_filter(Filter::CatmullRom);
    let reduce = |(size, format)| resize_cost(size, format, work, &options);
    let pictures = work.pixels() * WORK_PICTURES * FLOATS;
    reduce(hq).max(reduce(lq)).saturating_add(pictures).saturating_add(ROUGH_BYTES)
}

/// Pictures of three floats a pixel that are held at a time at most.
const WORK_PICTURES: u64 = 12;
const FLOATS: u64 = 12;
/// The rough comparison: transforms of at most 256 × 256 numbers, and what goes with them.
const ROUGH_BYTES: u64 = 4 << 20;

const fn unsure() -> Alignment {
    Alignment {
        verdict: Verdict::Unsure,
        turn: Turn::Identity,
        shift: [0.0; 2],
        shift_error: [0.0; 2],
        stretch: [0.0; 2],
        correlation: 0.0,
        unturned: 0.0,
        crop: None,
        color: None,
    }
}
