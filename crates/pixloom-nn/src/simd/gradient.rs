//! The gradient of a 3×3 convolution's weights: for each tap, pixels times pixels.
#![expect(clippy::inline_always, reason = "must be part of the function that enables the feature")]
#![expect(unsafe_code, unsafe_op_in_unsafe_fn, reason = "pointers checked once per call")]
use super::Isa;
use super::dispatch::{Pixels, Side};
use super::lanes::{LANES, Lanes, Plain};
#[cfg(target_arch = "x86_64")]
use super::x86;

/// Channels of the input that a kernel reads at once, at most.
const MOST_INPUTS: usize = 8;

/// One gradient: sums over all pixels of input (one tap away) times output.
#[derive(Clone, Copy)]
struct Gradient {
    input: (*const f32, Side),
    output: (*const f32, Side),
    width: usize,
    height: usize,
}

/// Adds up, for one tap and `I` input channels from `channel` on, the products with `N` blocks of
/// output channels from `block` on. `to` gets `[I][N * 16]` sums.
#[inline(always)]
unsafe fn sums<V: Lanes, const N: usize, const I: usize>(
    g: &Gradient,
    tap: (usize, usize),
    (channel, block): (usize, usize),
    to: *mut f32,
) {
    let mut sums = [[V::splat(0.0); N]; I];
    let (input, output) = (g.input.1, g.output.1);
    let corner = g.input.0.wrapping_sub(input.row + input.pixel).wrapping_add(channel);
    for y in 0..g.height {
        let mut x = corner.wrapping_add((y + tap.1) * input.row + tap.0 * input.pixel);
        let mut d = g.output.0.wrapping_add(y * output.row + block * LANES);
        for _ in 0..g.width {
            let mut row = [V::splat(0.0); N];
            for (n, row) in row.iter_mut().enumerate() {
                *row = V::load(d.add(n * LANES));
            }
            for (i, sums) in sums.iter_mut().enumerate() {
                let value = V::splat(*x.add(i));
                for (sum, row) in sums.iter_mut().zip(row) {
                    *sum = value.fma(row, *sum);
                }
            }
            x = x.wrapping_add(input.pixel);
            d = d.wrapping_add(output.pixel);
        }
    }
    for (i, sums) in sums.iter().enumerate() {
        for (n, sum) in sums.iter().enumerate() {
            sum.store(to.add((i * N + n) * LANES));
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn two_avx512(g: &Gradient, tap: (usize, usize), at: (usize, usize), to: *mut f32) {
    sums::<x86::Avx512, 2, MOST_INPUTS>(g, tap, at, to);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f")]
unsafe fn one_avx512(g: &Gradient, tap: (usize, usize), at: (usize, usize), to: *mut f32) {
    sums::<x86::Avx512, 1, MOST_INPUTS>(g, tap, at, to);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn one_avx2(g: &Gradient, tap: (usize, usize), at: (usize, usize), to: *mut f32) {
    sums::<x86::Avx2, 1, 4>(g, tap, at, to);
}

/// A kernel, and how many input channels and output blocks it takes.
type Kernel = (unsafe fn(&Gradient, (usize, usize), (usize, usize), *mut f32), usize, usize);

#[cfg_attr(
    not(target_arch = "x86_64"),
    expect(unused_variables, reason = "only AVX-512 has registers for two blocks")
)]
fn kernel(isa: Isa, blocks: usize) -> Kernel {
    match isa {
        Isa::Plain => (sums::<Plain, 1, 4>, 4, 1),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => (one_avx2, 4, 1),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 if blocks > 1 => (two_avx512, MOST_INPUTS, 2),
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => (one_avx512, MOST_INPUTS, 1),
        #[cfg(target_arch = "aarch64")]
        Isa::Neon => (sums::<super::arm::Neon, 1, 4>, 4, 1),
    }
}

/// The gradient of weights `[outputs][inputs][3][3]` from a layer's input and the gradient of its
/// result, both with free pixels around a box of `size`. The same bits on every instruction set.
pub(crate) fn weight_gradient(
    isa: Isa,
    (input, output): (&Pixels<'_>, &Pixels<'_>),
    (width, height): (usize, usize),
    (outputs, inputs): (usize, usize),
    to: &mut [f32],
) {
    let last = |p: &Pixels<'_>, after: usize, read: usize| {
        p.at.first + (height - 1 + after) * p.at.row + (width - 1 + after) * p.at.pixel + read
    };
    let padded = outputs.next_multiple_of(2 * LANES).min(output.at.pixel);
    assert!(
        width > 0 && height > 0 && to.len() == outputs * inputs * 9,
        "a gradient of another size"
    );
    assert!(
        input.at.first >= input.at.row + input.at.pixel
            && last(input, 1, inputs + MOST_INPUTS) <= input.values.len()
            && last(output, 0, padded) <= output.values.len()
            && padded >= outputs,
        "a gradient reaches outside of its buffers"
    );
    let g = Gradient {
        input: (input.values[input.at.first..].as_ptr(), input.at),
        output: (output.values[output.at.first..].as_ptr(), output.at),
        width,
        height,
    };
    let all = outputs.div_ceil(LANES);
    let mut sums = [0.0_f32; MOST_INPUTS * 2 * LANES];
    let mut block = 0;
    while block < all {
        let (run, many, blocks) = kernel(isa, all - block);
        for channel in (0..inputs).step_by(many) {
            for tap in 0..9 {
                // SAFETY: the reach of all accesses was checked; an `Isa` other than plain was
                // detected.
                unsafe { run(&g, (tap % 3, tap / 3), (channel, block), sums.as_mut_ptr()) };
                for i in 0..many.min(inputs - channel) {
                    for lane in 0..(blocks * LANES).min(outputs - block * LANES) {
                        let o = block * LANES + lane;
                        to[(o * inputs + channel + i) * 9 + tap] = sums[i * blocks * LANES + lane];
                    }
                }
            }
        }
        block += blocks;
    }
}
