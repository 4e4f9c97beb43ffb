//! The lowest frequencies of the 64×64 grid and the codes of their signs.
use std::sync::LazyLock;

use super::{Code, CodeBits, Form, SIDE, median};

/// Frequencies kept per axis, the constant one included.
const KEPT: usize = 17;
/// Coefficients this near the median count as equal to it, in gray values × 64.
const EPSILON: f32 = 0.05;
/// Share of the low frequencies' strength by which the upright position must be clear.
const CLEAR: f32 = 0.1;

/// Rows of the orthonormal DCT-II.
static BASIS: LazyLock<Vec<[f32; SIDE]>> = LazyLock::new(|| {
    let row = |k: usize| {
        let scale = (if k == 0 { 1.0 } else { 2.0 } / SIDE as f64).sqrt();
        std::array::from_fn(|x| {
            let angle = std::f64::consts::PI * k as f64 * (2 * x + 1) as f64 / (2 * SIDE) as f64;
            (scale * libm::cos(angle)) as f32
        })
    };
    (0..KEPT).map(row).collect()
});

/// DCT coefficients: `[vertical][horizontal]` frequency.
pub(crate) struct Frequencies([[f32; KEPT]; KEPT]);

impl Frequencies {
    pub(crate) fn new(luma: &[f32]) -> Self {
        let mut coefficients = [[0.0; KEPT]; KEPT];
        for (v, basis) in BASIS.iter().enumerate() {
            let mut line = [0.0_f32; SIDE];
            for (weight, row) in basis.iter().zip(luma.chunks_exact(SIDE)) {
                for (sum, value) in line.iter_mut().zip(row) {
                    *sum += weight * value;
                }
            }
            for (h, basis) in BASIS.iter().enumerate() {
                coefficients[v][h] = dot(&line, basis);
            }
        }
        Self(coefficients)
    }

    /// The coefficient of the turned picture.
    fn at(&self, form: Form, v: usize, h: usize) -> f32 {
        let value = if form.swapped { self.0[h][v] } else { self.0[v][h] };
        let negative = (form.mirrored && h % 2 == 1) != (form.inverted && v % 2 == 1);
        if negative { -value } else { value }
    }

    pub(crate) fn code(&self, form: Form, bits: CodeBits) -> Code {
        let side = bits.side();
        // Without the constant row and column at 256 bits, as they say little beyond the
        // brightness of the sky; at 64 bits only the mean is left out of the median.
        let first = usize::from(bits == CodeBits::B256);
        let values: Vec<f32> = (0..side * side)
            .map(|at| self.at(form, at / side + first, at % side + first))
            .collect();
        let limit = median(&mut values[1 - first..].to_vec()) + EPSILON;
        let bit = |(at, value): (usize, &f32)| *value > limit && (at > 0 || first == 1);
        Code::from_bits(values.iter().enumerate().map(bit))
    }

    /// See `Grid::upright`: brighter on the right and at the bottom, more so from left to right.
    pub(crate) fn upright(&self) -> Vec<Code> {
        let low = self.0.iter().take(4).flat_map(|row| &row[..4]).skip(1);
        let slack = CLEAR * low.map(|value| value * value).sum::<f32>().sqrt();
        let fits = |form: &Form| {
            let (h, v) = (self.at(*form, 0, 1), self.at(*form, 1, 0));
            h >= -slack && v >= -slack && h.abs() - v.abs() >= -slack
        };
        let forms = Form::ALL.into_iter().filter(fits);
        let mut codes: Vec<Code> = forms.map(|form| self.code(form, CodeBits::B256)).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// In eight sums, so that it is vectorised and yet has a fixed order.
fn dot(a: &[f32; SIDE], b: &[f32; SIDE]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}
