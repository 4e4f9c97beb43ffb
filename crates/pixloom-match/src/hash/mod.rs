//! Perceptual hashes from one small grid.
mod colors;
mod forms;
mod frequencies;

use crate::plane::{Plane, RgbPlane};
use crate::resample::area;

pub(crate) use forms::Form;
use frequencies::Frequencies;

/// Cells per side of a [`Grid`].
pub(crate) const SIDE: usize = 64;

/// A perceptual hash of 64 or 256 bits; the unused words of a short one are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Code(pub [u64; 4]);

impl Code {
    /// Number of bits that differ.
    #[inline]
    pub fn distance(&self, other: &Self) -> u32 {
        self.0.iter().zip(&other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }

    fn from_bits(bits: impl Iterator<Item = bool>) -> Self {
        let mut words = [0; 4];
        for (at, bit) in bits.take(256).enumerate() {
            words[at / 64] |= u64::from(bit) << (at % 64);
        }
        Self(words)
    }
}

/// Which hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashKind {
    /// Signs of the lowest DCT coefficients against their median (Zauner, "Implementation and
    /// benchmarking of perceptual image hash functions", 2010; at 256 bits without the constant
    /// rows, as in Facebook's PDQ).
    Phash,
    /// Whether a cell is darker than its right neighbour.
    Dhash,
    /// Whether a cell is brighter than the mean.
    Ahash,
    /// Whether a coefficient of a Haar wavelet's low band is above their median.
    Whash,
    /// Shares of hues and grays, as a thermometer code; does not change when turned or flipped.
    Color,
}

/// Length of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeBits {
    /// 8×8 cells or coefficients.
    B64,
    /// 16×16 cells or coefficients.
    B256,
}

impl CodeBits {
    fn side(self) -> usize {
        match self {
            Self::B64 => 8,
            Self::B256 => 16,
        }
    }
}

/// What all hashes of a picture are made from: 64×64 averages of its gray values and a histogram
/// of its colours. Made once, any number of hashes taken.
#[derive(Debug, Clone)]
pub struct Grid {
    luma: Vec<f32>,
    colors: Option<colors::Histogram>,
}

impl Grid {
    /// Averages the gray values (area average, so the size of the decode hardly matters) and
    /// counts the colours; without `rgb` the picture counts as gray.
    pub fn new(gray: Plane<'_>, rgb: Option<RgbPlane<'_>>) -> Self {
        let colors = match rgb {
            Some(rgb) => colors::Histogram::of_rgb(rgb),
            None => colors::Histogram::of_gray(gray),
        };
        Self { luma: area(gray, SIDE, SIDE), colors: Some(colors) }
    }

    /// The same without colours, for all kinds but [`HashKind::Color`], whose code is then zero.
    pub fn of_luma(gray: Plane<'_>) -> Self {
        Self { luma: area(gray, SIDE, SIDE), colors: None }
    }

    fn color_code(&self, bits: CodeBits) -> Code {
        self.colors.as_ref().map_or_else(Code::default, |colors| colors.code(bits))
    }

    /// The hash of the picture as it stands.
    pub fn code(&self, kind: HashKind, bits: CodeBits) -> Code {
        match kind {
            HashKind::Phash => Frequencies::new(&self.luma).code(Form::IDENTITY, bits),
            HashKind::Color => self.color_code(bits),
            _ => cells_code(&self.luma, kind, bits),
        }
    }

    /// The hashes of the picture flipped and turned in the eight ways: as it is, mirrored left to
    /// right, top to bottom, turned by 180°; then the same four after swapping rows and columns.
    pub fn dihedral(&self, kind: HashKind, bits: CodeBits) -> [Code; 8] {
        match kind {
            HashKind::Phash => {
                let frequencies = Frequencies::new(&self.luma);
                Form::ALL.map(|form| frequencies.code(form, bits))
            }
            HashKind::Color => [self.color_code(bits); 8],
            _ => Form::ALL.map(|form| cells_code(&form.apply(&self.luma, SIDE), kind, bits)),
        }
    }

    /// The 256-bit pHashes of the picture in its own upright position, which is the same for
    /// all of its eight forms: nearly always one, more where the position is not clear.
    /// Two pictures that differ by a turn or a flip share one of them.
    pub fn upright(&self) -> Vec<Code> {
        Frequencies::new(&self.luma).upright()
    }
}

/// The hashes that compare cells.
fn cells_code(luma: &[f32], kind: HashKind, bits: CodeBits) -> Code {
    let side = bits.side();
    if kind == HashKind::Dhash {
        let cells = regrid(luma, side + 1, side);
        let row = |row: &[f32]| row.windows(2).map(|two| two[1] > two[0] + EPSILON).collect();
        let bits: Vec<Vec<bool>> = cells.chunks_exact(side + 1).map(row).collect();
        return Code::from_bits(bits.into_iter().flatten());
    }
    let cells = regrid(luma, side, side);
    let limit = match kind {
        HashKind::Whash => median(&mut cells.clone()),
        _ => cells.iter().sum::<f32>() / cells.len() as f32,
    };
    Code::from_bits(cells.iter().map(|cell| *cell > limit + EPSILON))
}

/// Differences of gray values up to this much count as none, so that flat pictures have the same
/// hash whatever the rounding.
const EPSILON: f32 = 0.01;

/// Averages the 64×64 values over a coarser grid.
fn regrid(luma: &[f32], width: usize, height: usize) -> Vec<f32> {
    let weights = |len: usize| -> Vec<Vec<(usize, f32)>> {
        let step = SIDE as f32 / len as f32;
        let cover = |cell: usize, at: usize| {
            let (from, to) = (cell as f32 * step, (cell + 1) as f32 * step);
            (to.min((at + 1) as f32) - from.max(at as f32)).max(0.0) / step
        };
        let of = |cell| {
            (0..SIDE).map(|at| (at, cover(cell, at))).filter(|(_, cover)| *cover > 0.0).collect()
        };
        (0..len).map(of).collect()
    };
    let (columns, rows) = (weights(width), weights(height));
    let mut cells = Vec::with_capacity(width * height);
    for row in &rows {
        let mut line = [0.0_f32; SIDE];
        for (y, weight) in row {
            for (sum, value) in line.iter_mut().zip(&luma[y * SIDE..(y + 1) * SIDE]) {
                *sum += weight * value;
            }
        }
        let cell = |taps: &Vec<(usize, f32)>| {
            taps.iter().map(|(x, weight)| line[*x] * weight).sum::<f32>()
        };
        cells.extend(columns.iter().map(cell));
    }
    cells
}

/// The lower of the two middle values of an even number.
fn median(values: &mut [f32]) -> f32 {
    let middle = values.len().saturating_sub(1) / 2;
    if values.is_empty() {
        return 0.0;
    }
    *values.select_nth_unstable_by(middle, f32::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::below;

    const GRAY_KINDS: [HashKind; 4] =
        [HashKind::Phash, HashKind::Dhash, HashKind::Ahash, HashKind::Whash];

    /// Soft blobs.
    fn picture(width: usize, height: usize, seed: u64) -> Vec<u8> {
        let mut state = seed;
        let mut wave = || {
            let f = |state: &mut u64| below(state, 1000) as f64 / 1000.0;
            [f(&mut state) * 9.0 - 4.5, f(&mut state) * 9.0 - 4.5, f(&mut state) * 6.3]
        };
        let waves: Vec<[f64; 3]> = (0..12).map(|_| wave()).collect();
        let value = |x: usize, y: usize| {
            let (x, y) = (x as f64 / width as f64, y as f64 / height as f64);
            let sum: f64 = waves.iter().map(|w| (6.0 * (w[0] * x + w[1] * y) + w[2]).sin()).sum();
            (128.0 + 14.0 * sum).clamp(0.0, 255.0) as u8
        };
        (0..width * height).map(|at| value(at % width, at / width)).collect()
    }

    fn grid(pixels: &[u8], width: usize, height: usize) -> Grid {
        Grid::new(Plane::new(pixels, width, height).unwrap(), None)
    }

    #[test]
    fn size_hardly_matters_and_another_picture_does() {
        let (large, small) = (picture(400, 300, 1), picture(200, 150, 1));
        let other = picture(400, 300, 2);
        for kind in GRAY_KINDS {
            for (bits, near, far) in [(CodeBits::B64, 4, 12), (CodeBits::B256, 16, 60)] {
                let code = grid(&large, 400, 300).code(kind, bits);
                let same = code.distance(&grid(&small, 200, 150).code(kind, bits));
                let else_ = code.distance(&grid(&other, 400, 300).code(kind, bits));
                assert!(same <= near && else_ >= far, "{kind:?} {bits:?}: {same}, {else_}");
                assert!(bits == CodeBits::B256 || code.0[1..] == [0; 3]);
            }
        }
    }

    #[test]
    fn the_eight_forms_are_those_of_the_turned_picture() {
        let pixels = picture(128, 128, 3);
        let whole = grid(&pixels, 128, 128);
        for (number, form) in Form::ALL.into_iter().enumerate() {
            let values: Vec<f32> = pixels.iter().map(|v| f32::from(*v)).collect();
            let turned: Vec<u8> = form.apply(&values, 128).iter().map(|v| *v as u8).collect();
            let turned = grid(&turned, 128, 128);
            for kind in GRAY_KINDS {
                for bits in [CodeBits::B64, CodeBits::B256] {
                    let expected = turned.code(kind, bits);
                    let found = whole.dihedral(kind, bits)[number];
                    assert!(expected.distance(&found) <= 2, "{kind:?} {bits:?} {form:?}");
                }
            }
            let shared = turned
                .upright()
                .iter()
                .any(|code| whole.upright().iter().any(|other| code.distance(other) <= 4));
            assert!(shared, "{form:?}");
        }
    }

    #[test]
    fn flat_pictures_have_no_bits() {
        for value in [0, 77, 127, 255] {
            let flat = grid(&[value; 33 * 5], 33, 5);
            for kind in GRAY_KINDS {
                assert_eq!(flat.code(kind, CodeBits::B256), Code::default(), "{kind:?} {value}");
            }
            assert_eq!(flat.upright(), [Code::default()]);
        }
    }

    #[test]
    fn colours_part_what_gray_values_do_not() {
        let red: Vec<u8> = [200, 30, 30].repeat(100);
        let blue: Vec<u8> = [30, 60, 250].repeat(100);
        let gray = [90; 100];
        let code = |rgb: &[u8]| {
            let rgb = RgbPlane::new(rgb, 10, 10);
            let grid = Grid::new(Plane::new(&gray, 10, 10).unwrap(), rgb);
            grid.code(HashKind::Color, CodeBits::B256)
        };
        assert_eq!(code(&red), code(&red));
        assert!(code(&red).distance(&code(&blue)) >= 20);
        assert!(
            code(&red).distance(&grid(&gray, 10, 10).code(HashKind::Color, CodeBits::B256)) >= 20
        );
    }
}
