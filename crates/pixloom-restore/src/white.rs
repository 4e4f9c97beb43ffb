//! Gray-world white balance in 8 bit.
use crate::{Plane, Planes};

/// Multiplies each channel so that its mean becomes 128, cuts to 255 and drops the fraction.
///
/// Gray-world assumption (Buchsbaum 1980) with 128 as the gray; a black channel stays black.
pub fn white_balance(picture: &Planes) -> Planes {
    picture.map(|plane| {
        let table = table(plane);
        let mut balanced = plane.clone();
        balanced.values_mut().iter_mut().for_each(|value| *value = table[usize::from(*value)]);
        balanced
    })
}

/// What each value becomes.
fn table(plane: &Plane) -> [u8; 256] {
    let sum: u64 = plane.values().iter().map(|value| u64::from(*value)).sum();
    let mean = sum as f64 / plane.values().len() as f64;
    let gain = if mean > 0.0 { 128.0 / mean } else { 0.0 };
    std::array::from_fn(|value| (value as f64 * gain).clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_becomes_128_and_fractions_are_dropped() {
        let plane = Plane::new(4, 1, vec![10, 20, 30, 41]).unwrap();
        let balanced = white_balance(&Planes::new(vec![plane]).unwrap());
        // The mean is 25.25, the gain 5.0693.
        assert_eq!(balanced.as_slice()[0].values(), &[50, 101, 152, 207]);
        let black = Planes::new(vec![Plane::zeros(3, 3)]).unwrap();
        assert_eq!(white_balance(&black), black);
    }
}
