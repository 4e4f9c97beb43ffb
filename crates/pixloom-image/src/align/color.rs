//! How the colours of two aligned pictures differ.
use serde::{Deserialize, Serialize};

use crate::filter::gaussian_blur;
use crate::{Exec, Image, ImageError, Samples};

/// Values nearer to black or white than this are left out: noise is clipped there, which moves
/// the mean.
const CLIPPED: f32 = 0.15;
/// The share of pixels that must remain.
const MIN_SHARE: f64 = 0.05;

/// The orders that three channels can have; the usual one first.
const ORDERS: [[u8; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
/// Differences of colour (without brightness), root mean square, that noise alone may leave.
const SWAP_NOISE: f64 = 2.0 / 255.0;
/// How many times smaller (in energy) the difference must be in another order.
const SWAP_GAIN: f64 = 4.0;

/// How LQ colours differ from HQ colours.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ColorChange {
    /// Mean of LQ minus HQ for red, green and blue, on the 0 to 255 scale.
    pub offset: [f64; 3],
    /// Contrast of the LQ luma relative to HQ: the slope of the regression line. Coarse
    /// structure only, so blur does not count.
    pub gain: f64,
    /// The channel of LQ that shows each channel of HQ: 0, 1, 2 unless channels were swapped,
    /// as by a program that takes BGR for RGB.
    pub order: [u8; 3],
}

impl ColorChange {
    /// Mean difference of all channels: brighter or darker.
    pub fn brightness(&self) -> f64 {
        self.offset.iter().sum::<f64>() / 3.0
    }

    /// Whether channels were swapped.
    pub fn is_swapped(&self) -> bool {
        self.order != ORDERS[0]
    }

    /// How far a channel is from the mean of all: a cast of colour.
    pub fn cast(&self) -> f64 {
        let mean = self.brightness();
        self.offset.iter().map(|offset| (offset - mean).abs()).fold(0.0, f64::max)
    }
}

/// The colours of one place in both pictures.
type Colors = ([f32; 3], [f32; 3]);

/// Compares two small RGB pictures of floats; `None` if too little of them is neither black nor
/// white.
pub(super) fn compare(
    hq: &Image,
    lq: &Image,
    exec: &dyn Exec,
) -> Result<Option<ColorChange>, ImageError> {
    let (hq, lq) = (gaussian_blur(hq, 2.0, exec)?, gaussian_blur(lq, 2.0, exec)?);
    let (Samples::F32(a), Samples::F32(b)) = (hq.samples(), lq.samples()) else {
        return Ok(None);
    };
    let usable = |pixel: &[f32; 3]| pixel.iter().all(|v| (CLIPPED..=1.0 - CLIPPED).contains(v));
    let pixels: Vec<_> = a.as_chunks::<3>().0.iter().zip(b.as_chunks::<3>().0).collect();
    let kept: Vec<_> = pixels.iter().filter(|(a, b)| usable(a) && usable(b)).collect();
    if (kept.len() as f64) < MIN_SHARE * pixels.len() as f64 || kept.len() < 16 {
        return Ok(None);
    }
    let count = kept.len() as f64;
    let mean = |of: &dyn Fn(&Colors) -> f64| {
        kept.iter().map(|(a, b)| of(&(**a, **b))).sum::<f64>() / count
    };
    let offset = [0, 1, 2].map(|c| 255.0 * mean(&|(a, b)| f64::from(b[c]) - f64::from(a[c])));
    let (mean_a, mean_b) = (mean(&|(a, _)| luma(a)), mean(&|(_, b)| luma(b)));
    let variance = mean(&|(a, _)| (luma(a) - mean_a) * (luma(a) - mean_a));
    let shared = mean(&|(a, b)| (luma(a) - mean_a) * (luma(b) - mean_b));
    // Below this deviation of 4/255 there is no contrast to compare.
    let gain = if variance > 2.5e-4 { shared / variance } else { 1.0 };
    let order = order(&ORDERS.map(|order| mean(&|(a, b)| chroma_difference(a, b, order))));
    Ok(Some(ColorChange { offset, gain, order }))
}

/// The order whose difference is least, if that tells.
fn order(differences: &[f64; 6]) -> [u8; 3] {
    let best = (1..6).min_by(|&a, &b| differences[a].total_cmp(&differences[b])).unwrap_or(0);
    let as_is = differences[0];
    let is_better = as_is > SWAP_NOISE * SWAP_NOISE && as_is > SWAP_GAIN * differences[best];
    if is_better { ORDERS[best] } else { ORDERS[0] }
}

/// Squared difference of two colours, without their brightness; those of `b` in this order.
fn chroma_difference(a: &[f32; 3], b: &[f32; 3], order: [u8; 3]) -> f64 {
    let difference = [0, 1, 2].map(|c| f64::from(b[usize::from(order[c])]) - f64::from(a[c]));
    let brightness = difference.iter().sum::<f64>() / 3.0;
    difference.iter().map(|d| (d - brightness) * (d - brightness)).sum()
}

fn luma([r, g, b]: &[f32; 3]) -> f64 {
    0.299 * f64::from(*r) + 0.587 * f64::from(*g) + 0.114 * f64::from(*b)
}
