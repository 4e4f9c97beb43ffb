//! From checked slices to the kernels of an instruction set.
#![expect(unsafe_code, reason = "the only door to the kernels: checks first, then calls")]
use super::kernels::{self, At, Convolve, Last, POINTS, Pointwise, TILES};
use super::lanes::{LANES, Lanes, Plain};
use super::{Activation, Isa, Method, Packed};

/// How far the pixels of a tensor lie apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Side {
    /// Index of the pixel that the first result belongs to.
    pub(crate) first: usize,
    /// Floats from pixel to pixel.
    pub(crate) pixel: usize,
    /// Floats from row to row.
    pub(crate) row: usize,
}

/// Pixels to read.
pub(crate) struct Pixels<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) at: Side,
}

/// Pixels to write.
pub(crate) struct PixelsMut<'a> {
    pub(crate) values: &'a mut [f32],
    pub(crate) at: Side,
}

/// Pixels around the box that a kernel may read: before it and, because Winograd works on whole
/// tiles, after it.
fn reach(packed: &Packed) -> (usize, usize) {
    let half = packed.side / 2;
    (half, if packed.method == Method::Winograd { 4 } else { half })
}

/// Whether every access of a convolution over `size` stays inside of the slices.
fn fits(packed: &Packed, from: &Pixels<'_>, to: &PixelsMut<'_>, size: (usize, usize)) -> bool {
    let (before, after) = reach(packed);
    let (width, height) = size;
    let read = packed.inputs.next_multiple_of(LANES);
    let last_read = from.at.first
        + (height - 1 + after) * from.at.row
        + (width - 1 + after) * from.at.pixel
        + read;
    let last_write =
        to.at.first + (height - 1) * to.at.row + (width - 1) * to.at.pixel + packed.blocks * LANES;
    from.at.first >= before * (from.at.row + from.at.pixel)
        && last_read <= from.values.len()
        && last_write <= to.values.len()
}

/// Convolves a box of `size` pixels. The source must hold the pixels around it (and up to 4
/// after it for Winograd).
pub(crate) fn convolve(
    isa: Isa,
    packed: &Packed,
    (from, to): (Pixels<'_>, PixelsMut<'_>),
    size: (usize, usize),
    scratch: &mut (Vec<f32>, Vec<f32>),
) {
    if size.0 == 0 || size.1 == 0 {
        return;
    }
    assert!(fits(packed, &from, &to, size), "a convolution reaches outside of its buffers");
    let needed = packed.scratch();
    assert!(scratch.0.len() >= needed.0 && scratch.1.len() >= needed.1, "scratch too small");
    let work = Convolve {
        from: At {
            first: from.values[from.at.first..].as_ptr(),
            pixel: from.at.pixel,
            row: from.at.row,
        },
        to: At { first: to.values[to.at.first..].as_mut_ptr(), pixel: to.at.pixel, row: to.at.row },
        width: size.0,
        height: size.1,
        inputs: packed.inputs,
        blocks: packed.blocks,
        side: packed.side,
        weights: packed.weights.as_ptr(),
        bias: packed.bias.as_ptr(),
        last: match &packed.last {
            Activation::Nothing => Last::Nothing,
            Activation::Slopes(slopes) => Last::Slopes(slopes.as_ptr()),
            Activation::Silu => Last::Silu,
            Activation::Sigmoid => Last::Sigmoid,
        },
        scratch: (scratch.0.as_mut_ptr(), scratch.1.as_mut_ptr()),
    };
    // SAFETY: `fits` and the scratch check cover all accesses; the weights, bias and slopes were
    // made by `Packed::new` for these numbers; an `Isa` other than plain was detected.
    unsafe {
        match (isa, packed.method) {
            (Isa::Plain, Method::Direct) => direct_narrow::<Plain>(&work),
            (Isa::Plain, Method::Winograd) => winograd_narrow::<Plain>(&work),
            #[cfg(target_arch = "x86_64")]
            (Isa::Avx2, Method::Direct) => x86::direct_avx2(&work),
            #[cfg(target_arch = "x86_64")]
            (Isa::Avx2, Method::Winograd) => x86::winograd_avx2(&work),
            #[cfg(target_arch = "x86_64")]
            (Isa::Avx512, Method::Direct) => x86::direct_avx512(&work),
            #[cfg(target_arch = "x86_64")]
            (Isa::Avx512, Method::Winograd) => x86::winograd_avx512(&work),
        }
    }
}

/// One block at a time: for sets with few registers.
#[expect(clippy::inline_always, reason = "must be part of the function that enables the feature")]
#[inline(always)]
unsafe fn direct_narrow<V: Lanes>(c: &Convolve) {
    for block in 0..c.blocks {
        // SAFETY: as the caller's.
        unsafe { kernels::direct::<V, 1, 6>(c, block) }
    }
}

#[expect(clippy::inline_always, reason = "must be part of the function that enables the feature")]
#[inline(always)]
unsafe fn winograd_narrow<V: Lanes>(c: &Convolve) {
    let tiles = c.width.div_ceil(4) * c.height.div_ceil(4);
    for first in (0..tiles).step_by(TILES) {
        let count = (tiles - first).min(TILES);
        // SAFETY: as the caller's.
        unsafe {
            kernels::patches::<V>(c, first, count);
            for point in 0..POINTS {
                for block in 0..c.blocks {
                    kernels::product::<V, 1, 6>(c, (point, block), count);
                }
            }
            kernels::results::<V>(c, first, count);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! The kernels compiled with the features of a set.
    use super::super::x86::{Avx2, Avx512};
    use super::{Convolve, POINTS, Pointwise, TILES, kernels};

    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn direct_avx2(c: &Convolve) {
        // SAFETY: as the caller's.
        unsafe { super::direct_narrow::<Avx2>(c) }
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn winograd_avx2(c: &Convolve) {
        // SAFETY: as the caller's.
        unsafe { super::winograd_narrow::<Avx2>(c) }
    }

    #[target_feature(enable = "avx512f")]
    pub(super) unsafe fn direct_avx512(c: &Convolve) {
        let mut block = 0;
        while block < c.blocks {
            // SAFETY: as the caller's.
            unsafe {
                match c.blocks - block {
                    1 => kernels::direct::<Avx512, 1, 24>(c, block),
                    2 => kernels::direct::<Avx512, 2, 12>(c, block),
                    3 => kernels::direct::<Avx512, 3, 8>(c, block),
                    _ => kernels::direct::<Avx512, 4, 6>(c, block),
                }
            }
            block += 4;
        }
    }

    #[target_feature(enable = "avx512f")]
    pub(super) unsafe fn winograd_avx512(c: &Convolve) {
        let tiles = c.width.div_ceil(4) * c.height.div_ceil(4);
        for first in (0..tiles).step_by(TILES) {
            let count = (tiles - first).min(TILES);
            // SAFETY: as the caller's.
            unsafe {
                kernels::patches::<Avx512>(c, first, count);
                for point in 0..POINTS {
                    for block in (0..c.blocks).step_by(4) {
                        let at = (point, block);
                        match c.blocks - block {
                            1 => kernels::product::<Avx512, 1, 24>(c, at, count),
                            2 => kernels::product::<Avx512, 2, 12>(c, at, count),
                            3 => kernels::product::<Avx512, 3, 8>(c, at, count),
                            _ => kernels::product::<Avx512, 4, 6>(c, at, count),
                        }
                    }
                }
                kernels::results::<Avx512>(c, first, count);
            }
        }
    }

    #[target_feature(enable = "avx2,fma")]
    pub(super) unsafe fn pointwise_avx2(
        work: Pointwise,
        from: (*const f32, *const f32),
        to: *mut f32,
        length: usize,
    ) {
        // SAFETY: as the caller's.
        unsafe { kernels::pointwise::<Avx2>(work, from, to, length) }
    }

    #[target_feature(enable = "avx512f")]
    pub(super) unsafe fn pointwise_avx512(
        work: Pointwise,
        from: (*const f32, *const f32),
        to: *mut f32,
        length: usize,
    ) {
        // SAFETY: as the caller's.
        unsafe { kernels::pointwise::<Avx512>(work, from, to, length) }
    }
}

/// `to = work(a, b)`, all of one length that is a multiple of 16.
pub(crate) fn pointwise(isa: Isa, work: Pointwise, (a, b): (&[f32], &[f32]), to: &mut [f32]) {
    let length = to.len();
    assert!(
        a.len() == length && b.len() == length && length.is_multiple_of(LANES),
        "lengths differ"
    );
    let from = (a.as_ptr(), b.as_ptr());
    let to = to.as_mut_ptr();
    // SAFETY: the lengths were checked; an `Isa` other than plain was detected.
    unsafe {
        match isa {
            Isa::Plain => kernels::pointwise::<Plain>(work, from, to, length),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 => x86::pointwise_avx2(work, from, to, length),
            #[cfg(target_arch = "x86_64")]
            Isa::Avx512 => x86::pointwise_avx512(work, from, to, length),
        }
    }
}

/// Multiplies negative values by their channel's slope.
pub(crate) fn slopes(from: &[f32], to: &mut [f32], slopes: &[f32]) {
    let blocks = slopes.len() / LANES;
    assert!(
        from.len() == to.len() && blocks > 0 && to.len().is_multiple_of(blocks * LANES),
        "lengths differ"
    );
    let pixels = to.len() / (blocks * LANES);
    // SAFETY: the lengths were checked.
    unsafe {
        kernels::slopes::<Plain>(from.as_ptr(), to.as_mut_ptr(), (pixels, blocks), slopes.as_ptr());
    }
}
