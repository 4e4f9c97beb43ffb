//! How noisy a picture is.
use super::plane::Plane;
use crate::{Channels, Depth, Image, PixelFormat, Samples, convert};

const BLOCK: usize = 16;

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
    if width < 3 || height < 3 {
        return 0.0;
    }
    let mut blocks = Vec::new();
    // Sums of a row of blocks, and how many responses are in each.
    let mut sums = vec![0.0_f64; (width - 2).div_ceil(BLOCK)];
    let mut response = vec![0.0_f32; width - 2];
    for top in (1..height - 1).step_by(BLOCK) {
        let below = (top + BLOCK).min(height - 1);
        sums.fill(0.0);
        for y in top..below {
            let row = |y: usize| &samples[y * width..][..width];
            respond([row(y - 1), row(y), row(y + 1)], &mut response);
            for (sum, part) in sums.iter_mut().zip(response.chunks(BLOCK)) {
                *sum += f64::from(part.iter().sum::<f32>());
            }
        }
        for (sum, part) in sums.iter().zip(response.chunks(BLOCK)) {
            let count = part.len() * (below - top);
            // Scraps at the edge say little.
            if count >= BLOCK * BLOCK / 4 {
                blocks.push(sum / count as f64);
            }
        }
    }
    blocks.sort_by(f64::total_cmp);
    let quiet = &blocks[..blocks.len().div_ceil(2)];
    let mean = quiet.iter().sum::<f64>() / quiet.len().max(1) as f64;
    // E|N(0, 6σ)| = 6σ √(2/π)
    mean / 6.0 * (std::f64::consts::PI / 2.0).sqrt()
}

/// Absolute responses of the pixels between the first and the last of a row.
fn respond([above, row, below]: [&[f32]; 3], out: &mut [f32]) {
    let columns = above.windows(3).zip(row.windows(3)).zip(below.windows(3));
    for (out, ((a, m), b)) in out.iter_mut().zip(columns) {
        let corners = a[0] + a[2] + b[0] + b[2];
        let sides = a[1] + b[1] + m[0] + m[2];
        *out = (corners - 2.0 * sides + 4.0 * m[1]).abs();
    }
}
