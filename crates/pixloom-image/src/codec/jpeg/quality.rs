//! The quality setting that a quantisation table stands for.
use super::tables::QUANT_LUMA;

/// The IJG quality, 1 to 100, at which the steps of table K.1 come nearest to the sum `steps`.
///
/// Tables of other make get the quality of comparable strength.
pub(in crate::codec) fn quality_of_luma(steps: u32) -> u8 {
    // The sum never grows with the quality, so it can be searched by halves.
    let (mut low, mut high) = (1, 100);
    while low < high {
        let middle = u8::midpoint(low, high);
        if sum_at(middle) > steps {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let nearer = low > 1 && sum_at(low - 1).abs_diff(steps) < sum_at(low).abs_diff(steps);
    if nearer { low - 1 } else { low }
}

/// The sum of the luminance steps at a quality, scaled as the IJG's library does.
fn sum_at(quality: u8) -> u32 {
    let quality = u32::from(quality);
    let scale = if quality < 50 { 5000 / quality } else { 200 - 2 * quality };
    QUANT_LUMA.iter().map(|&step| ((u32::from(step) * scale + 50) / 100).clamp(1, 255)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quality_is_told_apart() {
        assert!((1..100).all(|quality| sum_at(quality) > sum_at(quality + 1)));
        assert!((1..=100).all(|quality| quality_of_luma(sum_at(quality)) == quality));
        assert_eq!((quality_of_luma(0), quality_of_luma(u32::MAX)), (100, 1));
    }
}
