//! From checked slices to the kernels of an instruction set.
#![expect(unsafe_code, reason = "the only door to the kernels: checks first, then calls")]
#[cfg(target_arch = "aarch64")]
use super::arm::Neon;
use super::kernels::{self, At, Convolve, Last, MOST_SOURCES, POINTS, Pointwise, Source, TILES};
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
fn fits(
    packed: &Packed,
    reads: &[Pixels<'_>],
    to: &PixelsMut<'_>,
    (width, height): (usize, usize),
) -> bool {
    let end = |at: Side, after: usize, floats: usize| {
        at.first + (height - 1 + after) * at.row + (width - 1 + after) * at.pixel + floats
    };
    let (before, after) = reach(packed);
    let written = packed.blocks * LANES;
    let joined = matches!(packed.last, Activation::Joined(_));
    let sources = packed.parts.len();
    let one = packed.method == Method::Direct || sources == 1;
    reads.len() == sources + usize::from(joined)
        && (one && sources <= MOST_SOURCES && packed.parts.iter().sum::<usize>() == packed.inputs)
        && end(to.at, 0, written) <= to.values.len()
        && reads.iter().zip(&packed.parts).all(|(from, channels)| {
            from.at.first >= before * (from.at.row + from.at.pixel)
                && end(from.at, after, channels.next_multiple_of(LANES)) <= from.values.len()
        })
        && reads.iter().skip(sources).all(|p| end(p.at, 0, written) <= p.values.len())
}

impl Pixels<'_> {
    fn at(&self) -> At<*const f32> {
        let first = self.values[self.at.first..].as_ptr();
        At { first, pixel: self.at.pixel, row: self.at.row }
    }
}

/// Convolves a box of `size` pixels: of the tensors that `packed` reads, and with the one that the
/// result is joined with after them. The sources must hold the pixels around the box (and up to 4
/// after it for Winograd).
pub(crate) fn convolve(
    isa: Isa,
    packed: &Packed,
    (reads, to): (&[Pixels<'_>], PixelsMut<'_>),
    size: (usize, usize),
    scratch: &mut (Vec<f32>, Vec<f32>),
) {
    if size.0 == 0 || size.1 == 0 {
        return;
    }
    assert!(fits(packed, reads, &to, size), "a convolution reaches outside of its buffers");
    let needed = packed.scratch();
    assert!(scratch.0.len() >= needed.0 && scratch.1.len() >= needed.1, "scratch too small");
    let sources = packed.parts.len();
    let mut from = [Source { at: reads[0].at(), channels: 0 }; MOST_SOURCES];
    for ((source, pixels), &channels) in from.iter_mut().zip(reads).zip(&packed.parts) {
        *source = Source { at: pixels.at(), channels };
    }
    let work = Convolve {
        from,
        sources,
        to: At { first: to.values[to.at.first..].as_mut_ptr(), pixel: to.at.pixel, row: to.at.row },
        width: size.0,
        height: size.1,
        inputs: packed.inputs,
        blocks: packed.blocks,
        side: packed.side,
        weights: packed.weights.as_ptr(),
        bias: packed.bias.as_ptr(),
        last: last(&packed.last, &reads[sources..]),
        scratch: (scratch.0.as_mut_ptr(), scratch.1.as_mut_ptr()),
    };
    dispatch(isa, packed.method, &work);
}

/// What follows the sums; `further` holds the tensor that they are joined with.
fn last(activation: &Activation, further: &[Pixels<'_>]) -> Last {
    match (activation, further) {
        (Activation::Joined(work), [other, ..]) => Last::Joined(*work, other.at()),
        (Activation::Nothing | Activation::Joined(_), _) => Last::Nothing,
        (Activation::Slopes(slopes), _) => Last::Slopes(slopes.as_ptr()),
        (Activation::Silu, _) => Last::Silu,
        (Activation::Sigmoid, _) => Last::Sigmoid,
    }
}

fn dispatch(isa: Isa, method: Method, work: &Convolve) {
    // SAFETY: the checks of `convolve`, the only caller, cover all accesses; the weights, bias and
    // slopes were made by `Packed::new` for these numbers; an `Isa` other than plain was detected.
    unsafe {
        match (isa, method) {
            (Isa::Plain, Method::Direct) => direct_narrow::<Plain>(work),
            (Isa::Plain, Method::Winograd) => winograd_narrow::<Plain>(work),
            #[cfg(target_arch = "x86_64")]
            (Isa::Avx2, Method::Direct) => x86::direct_avx2(work),
            #[cfg(target_arch = "x86_64")]
            (Isa::Avx2, Method::Winograd) => x86::winograd_avx2(work),
            #[cfg(target_arch = "x86_64")]
            (Isa::Avx512, Method::Direct) => x86::direct_avx512(work),
            #[cfg(target_arch = "x86_64")]
            (Isa::Avx512, Method::Winograd) => x86::winograd_avx512(work),
            #[cfg(target_arch = "aarch64")]
            (Isa::Neon, Method::Direct) => direct_narrow::<Neon>(work),
            #[cfg(target_arch = "aarch64")]
            (Isa::Neon, Method::Winograd) => winograd_narrow::<Neon>(work),
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
            #[cfg(target_arch = "aarch64")]
            Isa::Neon => kernels::pointwise::<Neon>(work, from, to, length),
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
