//! How noisy a picture is.
use super::plane::Plane;
use crate::{Channels, Depth, Image, PixelFormat, Samples, convert};

/// Standard deviation of the noise in a grey picture of floats, in the units of its samples.
///
/// The mean absolute response to a mask that no plane and no straight ramp answers (Immerkær,
/// CVIU 1996), taken over the quietest half of blocks of 16 pixels, since texture answers, too.
pub(crate) fn noise_of(gray: &Image) -> f64 {
    let image;
    let samples = match gray.samples() {
        Samples::F32(samples) if gray.channels() == Channels::Gray => samples,
        _ => {
            image = convert::convert(gray.clone(), PixelFormat::new(Channels::Gray, Depth::F32));
            let Samples::F32(samples) = image.samples() else { return 0.0 };
            samples
        }
    };
    estimate(samples, gray.width() as usize, gray.height() as usize)
}

/// [`noise_of`] on the 0 to 255 scale.
pub(super) fn noise(luma: &Plane) -> f64 {
    estimate(&luma.data, luma.width, luma.height)
}

fn estimate(samples: &[f32], width: usize, height: usize) -> f64 {
    let mut blocks = Vec::new();
    for y in (1..height.saturating_sub(1)).step_by(BLOCK) {
        for x in (1..width.saturating_sub(1)).step_by(BLOCK) {
            let (right, below) = ((x + BLOCK).min(width - 1), (y + BLOCK).min(height - 1));
            blocks.extend(block(samples, width, (x, y), (right, below)));
        }
    }
    blocks.sort_by(f64::total_cmp);
    let quiet = &blocks[..blocks.len().div_ceil(2)];
    let mean = quiet.iter().sum::<f64>() / quiet.len().max(1) as f64;
    // E|N(0, 6σ)| = 6σ √(2/π)
    mean / 6.0 * (std::f64::consts::PI / 2.0).sqrt()
}

const BLOCK: usize = 16;

/// Mean absolute response of a block; `None` for scraps at the edge.
fn block(
    samples: &[f32],
    width: usize,
    (left, top): (usize, usize),
    (right, below): (usize, usize),
) -> Option<f64> {
    let count = (right - left) * (below - top);
    if count < BLOCK * BLOCK / 4 {
        return None;
    }
    let at = |x: usize, y: usize| f64::from(samples[y * width + x]);
    let mut sum = 0.0;
    for y in top..below {
        for x in left..right {
            let corners = at(x - 1, y - 1) + at(x + 1, y - 1) + at(x - 1, y + 1) + at(x + 1, y + 1);
            let sides = at(x, y - 1) + at(x, y + 1) + at(x - 1, y) + at(x + 1, y);
            sum += (corners - 2.0 * sides + 4.0 * at(x, y)).abs();
        }
    }
    Some(sum / count as f64)
}
