//! The histogram behind the colour hash: four grays, six hues pale and vivid.
use super::{Code, CodeBits};
use crate::plane::{Plane, RgbPlane};

const BINS: usize = 16;
/// Chroma (largest less smallest sample) below which a pixel is gray, and from which it is vivid.
const GRAY: u8 = 24;
const VIVID: u8 = 96;

/// Shares of the bins, summing to 1.
#[derive(Debug, Clone)]
pub(super) struct Histogram([f32; BINS]);

impl Histogram {
    pub(super) fn of_rgb(picture: RgbPlane<'_>) -> Self {
        let rows = (0..picture.height()).flat_map(|y| picture.row(y).chunks_exact(3));
        Self::count(rows.map(|pixel| bin([pixel[0], pixel[1], pixel[2]])))
    }

    pub(super) fn of_gray(picture: Plane<'_>) -> Self {
        Self::count(picture.pixels().iter().map(|value| usize::from(value / 64)))
    }

    fn count(bins: impl Iterator<Item = usize>) -> Self {
        let mut counts = [0_u64; BINS];
        bins.for_each(|bin| counts[bin] += 1);
        let total = counts.iter().sum::<u64>().max(1) as f32;
        Self(counts.map(|count| count as f32 / total))
    }

    /// As many bits of each bin as its share's root says: small shares count for more.
    pub(super) fn code(&self, bits: CodeBits) -> Code {
        let steps = bits.side() * bits.side() / BINS;
        let set = self.0.iter().flat_map(|share| {
            let level = (share.sqrt() * steps as f32).round() as usize;
            (0..steps).map(move |step| step < level)
        });
        Code::from_bits(set)
    }
}

fn bin([r, g, b]: [u8; 3]) -> usize {
    let (most, least) = (r.max(g).max(b), r.min(g).min(b));
    let chroma = most - least;
    if chroma < GRAY {
        return usize::from(most / 64);
    }
    let difference = |a: u8, b: u8| (f32::from(a) - f32::from(b)) / f32::from(chroma);
    let sixth = if most == r {
        difference(g, b).rem_euclid(6.0)
    } else if most == g {
        difference(b, r) + 2.0
    } else {
        difference(r, g) + 4.0
    };
    // The middle of the first sector is red.
    let hue = (sixth + 0.5) as usize % 6;
    4 + 2 * hue + usize::from(chroma >= VIVID)
}
