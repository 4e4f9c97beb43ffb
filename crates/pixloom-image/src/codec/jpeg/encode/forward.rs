//! From rows of pixels to quantised coefficients.
use super::super::{fdct, simd};
use super::quantisation_pair;
use crate::Size;

/// What moves a tie off the middle and nothing else across it: 2^-16.
const EPSILON: f32 = 1.0 / 65_536.0;

/// One component of the file.
pub(in super::super) struct Component {
    /// Blocks of an MCU in a row.
    pub h: usize,
    /// Rows of blocks of an MCU.
    pub v: usize,
    /// Blocks in a row and rows of blocks that hold part of the picture.
    pub blocks: (usize, usize),
}

/// Everything that stays the same from strip to strip.
pub(in super::super) struct Forward {
    /// The components.
    pub components: Vec<Component>,
    /// Quantisation steps for luminance and chrominance, in natural order.
    pub quant: [[u8; 64]; 2],
    /// MCUs in a row.
    pub mcus_x: usize,
    width: usize,
    factors: [[f32; 64]; 2],
    /// Full-resolution planes of a strip.
    planes: Vec<Vec<u8>>,
    half: Vec<u8>,
}

/// Blocks in natural order: for each component, row after row of blocks.
pub(in super::super) struct Strip {
    /// One list per component.
    pub blocks: Vec<Vec<[i16; 64]>>,
}

impl Strip {
    /// No blocks yet.
    pub(super) fn new(forward: &Forward) -> Self {
        Self { blocks: forward.components.iter().map(|_| Vec::new()).collect() }
    }
}

impl Forward {
    /// Prepares tables and buffers.
    pub(super) fn new(size: Size, color: bool, (h, v): (usize, usize), quality: u8) -> Self {
        let (width, height) = (size.width as usize, size.height as usize);
        let component = |i: usize| {
            let (ch, cv) = if i == 0 { (h, v) } else { (1, 1) };
            let blocks = ((width * ch).div_ceil(h * 8), (height * cv).div_ceil(v * 8));
            Component { h: ch, v: cv, blocks }
        };
        let components: Vec<_> = (0..if color { 3 } else { 1 }).map(component).collect();
        let quant = quantisation_pair(quality);
        let mcus_x = width.div_ceil(8 * h);
        let samples = mcus_x * 8 * h * 8 * v;
        Self {
            planes: components.iter().map(|_| vec![0; samples]).collect(),
            half: vec![0; samples],
            // A little more than the inverse, so that ties go away from zero, as in libjpeg;
            // all other values are at least 1 / (8 * step) away from a tie.
            factors: quant.map(|steps| steps.map(|step| (1.0 + EPSILON) / (8.0 * f32::from(step)))),
            components,
            quant,
            mcus_x,
            width,
        }
    }

    /// Rows of pixels in a strip.
    pub(super) fn strip_rows(&self) -> usize {
        8 * self.components[0].v
    }

    fn stride(&self) -> usize {
        self.mcus_x * 8 * self.components[0].h
    }

    /// Transforms one strip; the last may have fewer rows, its last row is then repeated.
    pub(super) fn strip(&mut self, rows: &[u8], strip: &mut Strip) {
        self.split(rows);
        let (h, v) = (self.components[0].h, self.components[0].v);
        for (i, blocks) in strip.blocks.iter_mut().enumerate() {
            let stride = self.stride();
            let (plane, stride) = if i == 0 || (h, v) == (1, 1) {
                (&self.planes[i], stride)
            } else {
                shrink(&self.planes[i], stride, v, &mut self.half);
                (&self.half, stride / 2)
            };
            let factors = &self.factors[i.min(1)];
            for row in plane.chunks_exact(stride * 8).take(self.components[i].v) {
                simd::forward_row(row, stride, factors, blocks);
            }
        }
    }

    /// Planes of whole MCUs from pixels.
    fn split(&mut self, rows: &[u8]) {
        let (stride, width, count) = (self.stride(), self.width, self.components.len());
        let source = rows.chunks_exact(width * count);
        let last = source.len().max(1) - 1;
        for (y, row) in source.enumerate() {
            let span = y * stride..(y + 1) * stride;
            match &mut self.planes[..] {
                [luma, cb, cr] => {
                    let planes = [luma, cb, cr].map(|plane| &mut plane[span.clone()][..width]);
                    simd::rgb_to_ycc(row, planes);
                }
                planes => planes[0][span.clone()][..width].copy_from_slice(row),
            }
            for plane in &mut self.planes {
                let line = &mut plane[span.clone()];
                let edge = line[width - 1];
                line[width..].fill(edge);
            }
        }
        for plane in &mut self.planes {
            for y in last + 1..plane.len() / stride {
                plane.copy_within(last * stride..(last + 1) * stride, y * stride);
            }
        }
    }
}

/// Means of pairs or squares of samples; ties go up and down by turns.
fn shrink(plane: &[u8], stride: usize, v: usize, half: &mut [u8]) {
    for (pair, out) in plane.chunks_exact(stride * v).zip(half.chunks_exact_mut(stride / 2)) {
        if v == 2 {
            let (upper, lower) = pair.split_at(stride);
            simd::mean_of_squares(upper, lower, out);
        } else {
            simd::mean_of_pairs(pair, out);
        }
    }
}

/// Transforms and quantises a row of 8×8 blocks.
pub(in super::super) fn forward_row(
    samples: &[u8],
    stride: usize,
    factors: &[f32; 64],
    blocks: &mut Vec<[i16; 64]>,
) {
    for x in (0..stride).step_by(8) {
        let coefs = fdct::forward(samples, stride, x);
        blocks.push(quantise(&coefs, factors));
    }
}

/// Divides by the quantisation steps and rounds to nearest.
#[inline(always)]
pub(in super::super) fn quantise(coefs: &[i32; 64], factors: &[f32; 64]) -> [i16; 64] {
    let mut natural = [0_i16; 64];
    for ((out, &coef), &factor) in natural.iter_mut().zip(coefs).zip(factors) {
        // Adding 1.5 * 2^23 leaves the nearest integer in the lowest bits.
        let bits = (coef as f32 * factor + 12_582_912.0).to_bits() as i32;
        // Baseline codes end at 10 bits.
        *out = (bits - 0x4B40_0000).clamp(-1023, 1023) as i16;
    }
    natural
}
