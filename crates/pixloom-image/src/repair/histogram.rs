//! A picture's histogram brought to a wanted one.
use super::canvas::{bytes, repaired};
use crate::{Image, ImageError, PixelFormat, Size};

/// Bins of a histogram over 0 to 1.
const BINS: usize = 4096;

/// Which histogram is wanted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HistogramMatch<'a> {
    /// Values of the wanted histogram at evenly spaced shares of the pixels, from the darkest to
    /// the lightest; at least two.
    pub quantiles: &'a [f32],
    /// Each colour by itself, which also removes casts; else the luma.
    pub per_channel: bool,
    /// How much of the change is made, 0 to 1.
    pub amount: f32,
}

/// Maps the values so that their histogram becomes the wanted one (histogram specification,
/// Gonzalez and Fittes 1977): each value goes to that of the same rank.
///
/// # Errors
/// None but those of a picture that cannot be put together.
pub fn match_histogram(image: Image, options: &HistogramMatch<'_>) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        if options.per_channel {
            for plane in &mut canvas.planes {
                mapped(plane, options);
            }
        } else {
            let before = canvas.luma();
            let mut after = before.clone();
            mapped(&mut after, options);
            canvas.add_luma(&before, &after);
        }
        Ok(())
    })
}

/// Upper bound of the bytes that [`match_histogram`] allocates.
pub fn match_histogram_cost(size: Size, format: PixelFormat) -> u64 {
    bytes(size, format, 1).saturating_add(16 * BINS as u64)
}

fn bin(value: f32) -> usize {
    (value.clamp(0.0, 1.0) * (BINS - 1) as f32 + 0.5) as usize
}

fn mapped(plane: &mut [f32], options: &HistogramMatch<'_>) {
    let mut counts = vec![0_u64; BINS];
    for value in plane.iter() {
        counts[bin(*value)] += 1;
    }
    let total = plane.len().max(1) as f64;
    let mut below = 0;
    let curve = counts.into_iter().map(|count| {
        // The middle of the ranks that share a bin.
        let rank = (below as f64 + count as f64 / 2.0) / total;
        below += count;
        quantile(options.quantiles, rank as f32)
    });
    let curve: Vec<f32> = curve.collect();
    for value in plane {
        *value += options.amount * (curve[bin(*value)] - *value);
    }
}

/// The value at a rank from 0 to 1, straight lines between those that are given.
fn quantile(quantiles: &[f32], rank: f32) -> f32 {
    let last = quantiles.len().saturating_sub(1);
    let place = rank * last as f32;
    let at = |place: usize| quantiles.get(place.min(last)).copied().unwrap_or(rank);
    let low = place as usize;
    at(low) + (place - low as f32) * (at(low + 1) - at(low))
}

#[cfg(test)]
mod tests {
    use super::super::support::{gray, values};
    use super::*;
    use crate::{Channels, Samples};

    #[test]
    fn ranks_stay_and_values_follow_the_wanted_ones() {
        let dark: Vec<f32> = (0..1000).map(|at| 0.2 * (at as f32 / 1000.0).powi(2)).collect();
        let image = gray(100, dark);
        let wanted = HistogramMatch { quantiles: &[0.1, 0.9], per_channel: false, amount: 1.0 };
        let found = match_histogram(image.clone(), &wanted).unwrap();
        let found = values(&found);
        assert!(found.windows(2).all(|pair| pair[0] < pair[1] + 1e-6));
        assert!((found[500] - 0.5).abs() < 0.01 && (found[999] - 0.9).abs() < 0.01);
        let half = HistogramMatch { amount: 0.5, ..wanted };
        let half = match_histogram(image, &half).unwrap();
        let half = values(&half);
        assert!((half[500] - f32::midpoint(0.05, 0.5)).abs() < 0.01);
    }

    #[test]
    fn colours_by_themselves_lose_their_cast() {
        let blue = |at: usize| if at % 3 == 2 { 0.3 } else { 0.0 } + 0.6 * (at / 3) as f32 / 400.0;
        let samples = Samples::F32((0..1200).map(blue).collect());
        let image = Image::new(Size::new(20, 20), Channels::Rgb, samples).unwrap();
        let options =
            HistogramMatch { quantiles: &[0.0, 0.5, 1.0], per_channel: true, amount: 1.0 };
        let found = match_histogram(image, &options).unwrap();
        assert!(values(&found).chunks(3).all(|p| (p[0] - p[2]).abs() < 0.01));
    }
}
