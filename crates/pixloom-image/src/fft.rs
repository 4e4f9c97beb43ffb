//! Discrete Fourier transforms of lines and squares whose side is a power of two.
use std::sync::Arc;

use rustfft::{FftDirection, FftPlannerScalar};

/// A number with a real and an imaginary part, `re` and `im`.
pub(crate) type Complex = rustfft::num_complex::Complex64;

/// Transforms squares of one size. Without vector units, so that every machine gets the same bits.
pub(crate) struct Fft {
    side: usize,
    plan: Arc<dyn rustfft::Fft<f64>>,
}

impl Fft {
    /// For squares of at least `side` a side.
    pub(crate) fn at_least(side: usize) -> Self {
        let side = side.next_power_of_two().max(2);
        Self { side, plan: FftPlannerScalar::new().plan_fft(side, FftDirection::Forward) }
    }

    pub(crate) const fn side(&self) -> usize {
        self.side
    }

    /// Transforms in place; `values` are rows of [`Fft::side`].
    pub(crate) fn forward(&self, values: &mut [Complex]) {
        self.lines(values);
        self.transpose(values);
        self.lines(values);
        self.transpose(values);
    }

    /// The inverse of [`Fft::forward`].
    pub(crate) fn inverse(&self, values: &mut [Complex]) {
        for value in values.iter_mut() {
            *value = value.conj();
        }
        self.forward(values);
        let scale = 1.0 / (self.side * self.side) as f64;
        for value in values.iter_mut() {
            *value = value.conj() * scale;
        }
    }

    fn transpose(&self, values: &mut [Complex]) {
        for y in 0..self.side {
            for x in y + 1..self.side {
                values.swap(y * self.side + x, x * self.side + y);
            }
        }
    }

    /// Transforms lines of [`Fft::side`] values, one after the other, in place.
    pub(crate) fn lines(&self, lines: &mut [Complex]) {
        let mut scratch = vec![Complex::default(); self.plan.get_inplace_scratch_len()];
        self.plan.process_with_scratch(lines, &mut scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn transform_of_a_wave_is_one_peak_and_comes_back() {
        let fft = Fft::at_least(9);
        let side = fft.side();
        assert_eq!(side, 16);
        let wave = |at: usize| {
            let phase = TAU * (3 * (at % side) + 5 * (at / side)) as f64 / side as f64;
            Complex::new(phase.cos(), phase.sin())
        };
        let original: Vec<Complex> = (0..side * side).map(wave).collect();
        let mut values = original.clone();
        fft.forward(&mut values);
        for (at, value) in values.iter().enumerate() {
            let expected = if at == 5 * side + 3 { (side * side) as f64 } else { 0.0 };
            assert!((value.re - expected).abs() < 1e-9 && value.im.abs() < 1e-9, "{at}: {value:?}");
        }
        fft.inverse(&mut values);
        assert!(values.iter().zip(&original).all(|(a, b)| (a - b).norm() < 1e-12));
    }
}
