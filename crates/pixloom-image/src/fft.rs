//! Discrete Fourier transforms of lines and squares whose side is a power of two.
use std::f64::consts::PI;

/// Real and imaginary part.
pub(crate) type Complex = (f64, f64);

pub(crate) fn multiply(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// Transforms squares of one size. Radix-2 decimation in time (Cooley and Tukey 1965).
pub(crate) struct Fft {
    side: usize,
    /// e^(-2πik/side) for k below half the side.
    roots: Vec<Complex>,
}

impl Fft {
    /// For squares of at least `side` a side.
    pub(crate) fn at_least(side: usize) -> Self {
        let side = side.next_power_of_two().max(2);
        let root = |k: usize| {
            let angle = -2.0 * PI * k as f64 / side as f64;
            (libm::cos(angle), libm::sin(angle))
        };
        Self { side, roots: (0..side / 2).map(root).collect() }
    }

    pub(crate) const fn side(&self) -> usize {
        self.side
    }

    /// Transforms in place; `values` are rows of [`Fft::side`].
    pub(crate) fn forward(&self, values: &mut [Complex]) {
        for row in values.chunks_exact_mut(self.side) {
            self.line(row);
        }
        self.transpose(values);
        for row in values.chunks_exact_mut(self.side) {
            self.line(row);
        }
        self.transpose(values);
    }

    /// The inverse of [`Fft::forward`].
    pub(crate) fn inverse(&self, values: &mut [Complex]) {
        for value in values.iter_mut() {
            value.1 = -value.1;
        }
        self.forward(values);
        let scale = 1.0 / (self.side * self.side) as f64;
        for value in values.iter_mut() {
            *value = (value.0 * scale, -value.1 * scale);
        }
    }

    fn transpose(&self, values: &mut [Complex]) {
        for y in 0..self.side {
            for x in y + 1..self.side {
                values.swap(y * self.side + x, x * self.side + y);
            }
        }
    }

    /// Transforms one line of [`Fft::side`] values in place.
    pub(crate) fn line(&self, line: &mut [Complex]) {
        let shift = usize::BITS - self.side.trailing_zeros();
        for at in 0..self.side {
            let other = at.reverse_bits() >> shift;
            if at < other {
                line.swap(at, other);
            }
        }
        let mut half = 1;
        while half < self.side {
            let step = self.side / (2 * half);
            for block in line.chunks_exact_mut(2 * half) {
                let (low, high) = block.split_at_mut(half);
                for (k, (a, b)) in low.iter_mut().zip(high).enumerate() {
                    let turned = multiply(*b, self.roots[k * step]);
                    *b = (a.0 - turned.0, a.1 - turned.1);
                    *a = (a.0 + turned.0, a.1 + turned.1);
                }
            }
            half *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transform_of_a_wave_is_one_peak_and_comes_back() {
        let fft = Fft::at_least(9);
        let side = fft.side();
        assert_eq!(side, 16);
        let wave = |at: usize| {
            let phase = 2.0 * PI * (3 * (at % side) + 5 * (at / side)) as f64 / side as f64;
            (phase.cos(), phase.sin())
        };
        let original: Vec<Complex> = (0..side * side).map(wave).collect();
        let mut values = original.clone();
        fft.forward(&mut values);
        for (at, value) in values.iter().enumerate() {
            let expected = if at == 5 * side + 3 { (side * side) as f64 } else { 0.0 };
            assert!((value.0 - expected).abs() < 1e-9 && value.1.abs() < 1e-9, "{at}: {value:?}");
        }
        fft.inverse(&mut values);
        let near = |a: &Complex, b: &Complex| (a.0 - b.0).hypot(a.1 - b.1) < 1e-12;
        assert!(values.iter().zip(&original).all(|(a, b)| near(a, b)));
    }
}
