//! Kernels with run-time dispatch; all instruction sets give the same bits.
#[cfg(target_arch = "aarch64")]
mod arm;
mod kernels;
mod lanes;
#[cfg(target_arch = "x86_64")]
mod x86;

mod dispatch;
mod gradient;

pub(crate) use dispatch::{Pixels, PixelsMut, Side, convolve, pointwise, slopes};
pub(crate) use gradient::weight_gradient;
pub(crate) use kernels::{MOST_SOURCES, POINTS, Pointwise, TILES};
pub(crate) use lanes::LANES;

use serde::{Deserialize, Serialize};

/// An instruction set that the kernels were written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Isa {
    /// Plain Rust: correct and slow.
    Plain,
    /// AVX2 with fused multiply-add.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-512F.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// NEON, which every 64-bit ARM CPU has.
    #[cfg(target_arch = "aarch64")]
    Neon,
}

impl Isa {
    /// All that this machine has, the best last.
    pub fn available() -> Vec<Self> {
        let mut all = vec![Self::Plain];
        all.extend(Self::detected());
        all
    }

    #[cfg(target_arch = "x86_64")]
    fn detected() -> Vec<Self> {
        use std::arch::is_x86_feature_detected;
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let avx512 = avx2 && is_x86_feature_detected!("avx512f");
        let all = [(Self::Avx2, avx2), (Self::Avx512, avx512)];
        all.into_iter().filter(|(_, there)| *there).map(|(isa, _)| isa).collect()
    }

    #[cfg(target_arch = "aarch64")]
    const fn detected() -> [Self; 1] {
        [Self::Neon]
    }

    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    const fn detected() -> [Self; 0] {
        []
    }

    /// The best that this machine has.
    pub fn best() -> Self {
        Self::available().last().copied().unwrap_or(Self::Plain)
    }

    /// The name in logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => "avx512",
            #[cfg(target_arch = "aarch64")]
            Self::Neon => "neon",
        }
    }
}

/// How the weights of a convolution are laid out, and so how it is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Direct,
    Winograd,
}

/// What follows a convolution at once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Activation {
    Nothing,
    /// Negative values are multiplied, per channel (PReLU, leaky ReLU; ReLU with 0).
    Slopes(Vec<f32>),
    Silu,
    Sigmoid,
    /// Joined with the values of a further tensor.
    Joined(Pointwise),
}

/// The weights of a convolution as the kernels read them.
#[derive(Debug, Clone)]
pub(crate) struct Packed {
    pub(crate) method: Method,
    pub(crate) side: usize,
    pub(crate) inputs: usize,
    /// Channels of each tensor that it reads, `inputs` in all.
    pub(crate) parts: Vec<usize>,
    pub(crate) blocks: usize,
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: Vec<f32>,
    pub(crate) last: Activation,
}

impl Packed {
    /// Packs weights `[out][in][side][side]`. Winograd needs a 3×3 kernel with enough channels
    /// to pay for its transforms.
    pub(crate) fn new(
        weights: &[f32],
        bias: &[f32],
        (outputs, inputs, side): (usize, usize, usize),
        last: Activation,
    ) -> Self {
        let blocks = outputs.div_ceil(LANES);
        let winograd = side == 3 && inputs >= 8 && outputs >= 8;
        let method = if winograd { Method::Winograd } else { Method::Direct };
        let packed = if winograd {
            pack_winograd(weights, (outputs, inputs), blocks)
        } else {
            pack_direct(weights, (outputs, inputs, side), blocks)
        };
        let mut padded = bias.to_vec();
        padded.resize(blocks * LANES, 0.0);
        let last = match last {
            Activation::Slopes(mut slopes) => {
                slopes.resize(blocks * LANES, 0.0);
                Activation::Slopes(slopes)
            }
            other => other,
        };
        let parts = vec![inputs];
        Self { method, side, inputs, parts, blocks, weights: packed, bias: padded, last }
    }

    /// The same convolution, reading its channels from several tensors.
    #[must_use]
    pub(crate) fn reading(mut self, parts: Vec<usize>) -> Self {
        self.parts = parts;
        self
    }

    /// Floats of the two scratch buffers of Winograd.
    pub(crate) fn scratch(&self) -> (usize, usize) {
        match self.method {
            Method::Direct => (0, 0),
            Method::Winograd => (
                POINTS * TILES * self.inputs.next_multiple_of(LANES),
                POINTS * TILES * self.blocks * LANES,
            ),
        }
    }
}

/// `[block][ky][kx][in][16]`
fn pack_direct(
    weights: &[f32],
    (outputs, inputs, side): (usize, usize, usize),
    blocks: usize,
) -> Vec<f32> {
    let taps = side * side;
    let mut packed = vec![0.0; blocks * taps * inputs * LANES];
    for o in 0..outputs {
        for i in 0..inputs {
            for tap in 0..taps {
                let to = ((o / LANES * taps + tap) * inputs + i) * LANES + o % LANES;
                packed[to] = weights[(o * inputs + i) * taps + tap];
            }
        }
    }
    packed
}

/// G of F(4, 3) for the points 0, ±3/4, ±3/2 and infinity (Lagrange's interpolation: the powers
/// of a point over the product of its distances to the others).
fn to_points() -> [[f64; 3]; 6] {
    let points = [0.0_f64, 0.75, -0.75, 1.5, -1.5];
    let mut rows = [[0.0, 0.0, 1.0]; 6];
    for (row, &point) in rows.iter_mut().zip(&points) {
        let others = points.iter().filter(|&other| other.total_cmp(&point).is_ne());
        let distances: f64 = others.map(|other| point - other).product();
        *row = [1.0 / distances, point / distances, point * point / distances];
    }
    rows
}

/// `[point][block][in][16]` of G g Gᵀ, computed in double precision.
fn pack_winograd(weights: &[f32], (outputs, inputs): (usize, usize), blocks: usize) -> Vec<f32> {
    let mut packed = vec![0.0; POINTS * blocks * inputs * LANES];
    let to_points = to_points();
    for o in 0..outputs {
        for i in 0..inputs {
            let kernel = &weights[(o * inputs + i) * 9..][..9];
            for point in 0..POINTS {
                let (row, column) = (to_points[point / 6], to_points[point % 6]);
                let sum: f64 =
                    (0..9).map(|tap| row[tap / 3] * f64::from(kernel[tap]) * column[tap % 3]).sum();
                let to = ((point * blocks + o / LANES) * inputs + i) * LANES + o % LANES;
                packed[to] = sum as f32;
            }
        }
    }
    packed
}
