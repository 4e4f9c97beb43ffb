//! Noise removal by block matching and collaborative filtering.
use super::canvas::{Canvas, bytes, noise_of, repaired};
use super::dct::{BLOCK, Cosines, SIDE};
use crate::bands::{Banding, for_each_band};
use crate::{Exec, Image, ImageError, PixelFormat, Size};

/// Most blocks of a group; groups have a power of two.
const GROUP: usize = 16;
/// Coefficients below this many standard deviations of the noise are dropped.
const CUT: f32 = 2.7;
/// Blocks whose mean squared difference is larger do not belong together, in the noisy picture and
/// in the first estimate.
const NEAR: [f32; 2] = [0.038, 0.006];
/// Rows that a worker makes at once.
const ROWS: usize = 96;

/// How to remove noise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bm3d {
    /// Standard deviation of the noise on the 0 to 1 scale; 0 takes `strength` times what the
    /// picture shows.
    pub sigma: f32,
    /// Factor on the estimated noise.
    pub strength: f32,
    /// Factor on the noise of the two colour differences.
    pub chroma: f32,
    /// Distance between the blocks that groups are made for in pixels, 1 to 7.
    pub step: u32,
    /// Like blocks are sought up to this many pixels away, 1 to 24.
    pub reach: u32,
}

/// Removes white noise (BM3D, Dabov, Foi, Katkovnik and Egiazarian 2007): blocks of 8 × 8 that look
/// alike are stacked, the stack is transformed (cosine, then Haar across the blocks), small
/// coefficients are dropped, and the overlapping results are averaged. A second pass matches in
/// what came out and shrinks the noisy stack by Wiener's rule. Colours go through opponent axes;
/// groups are found in the first of them (C-BM3D, Dabov et al. 2007).
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn bm3d(image: Image, options: &Bm3d, exec: &dyn Exec) -> Result<Image, ImageError> {
    repaired(image, |canvas| {
        if canvas.width < SIDE || canvas.height < SIDE {
            return Ok(());
        }
        canvas.rotate_to_opponent();
        let sigmas = sigmas(canvas, options);
        if sigmas[0] > 1e-5 {
            let first = Pass::new(canvas, None, (sigmas, options)).run(exec)?;
            canvas.planes = Pass::new(canvas, Some(&first), (sigmas, options)).run(exec)?;
        }
        canvas.rotate_back();
        Ok(())
    })
}

/// Upper bound of the bytes that [`bm3d`] allocates.
pub fn bm3d_cost(size: Size, format: PixelFormat) -> u64 {
    bytes(size, format, 3).saturating_add(16 * ROWS as u64 * 24 * u64::from(size.width))
}

/// The noise of each axis.
fn sigmas(canvas: &Canvas, options: &Bm3d) -> [f32; 3] {
    let mut sigmas = [0.0; 3];
    for (at, (sigma, plane)) in sigmas.iter_mut().zip(&canvas.planes).enumerate() {
        let estimated = || options.strength * noise_of(plane, canvas.width);
        let own = if options.sigma > 0.0 { options.sigma } else { estimated() };
        *sigma = if at > 0 { own * options.chroma } else { own };
    }
    sigmas
}

/// Blocks that look alike, the one they were sought for first.
struct Group {
    places: [usize; GROUP],
    distances: [f32; GROUP],
    count: usize,
}

impl Group {
    const fn of(place: usize) -> Self {
        Self { places: [place; GROUP], distances: [0.0; GROUP], count: 1 }
    }

    /// The largest distance that is still of use.
    fn worst(&self, near: f32) -> f32 {
        if self.count < GROUP { near } else { self.distances[GROUP - 1] }
    }

    /// Puts a block in its place by distance; the first of equals stays in front.
    fn put(&mut self, place: usize, distance: f32) {
        let mut at = self.count.min(GROUP - 1);
        while at > 1 && self.distances[at - 1] > distance {
            (self.places[at], self.distances[at]) = (self.places[at - 1], self.distances[at - 1]);
            at -= 1;
        }
        (self.places[at], self.distances[at]) = (place, distance);
        self.count = (self.count + 1).min(GROUP);
    }

    /// The largest power of two of the nearest.
    fn places(&self) -> &[usize] {
        &self.places[..1 << self.count.ilog2()]
    }
}

type Stack = [[f32; BLOCK]; GROUP];

/// One of the two passes over all planes.
struct Pass<'a> {
    planes: &'a [Vec<f32>],
    /// What the first pass made of them.
    basic: Option<&'a [Vec<f32>]>,
    width: usize,
    height: usize,
    sigmas: [f32; 3],
    near: f32,
    step: usize,
    reach: usize,
    cosines: Cosines,
    /// Weights of a block's pixels: its middle counts more.
    window: [f32; BLOCK],
}

impl<'a> Pass<'a> {
    fn new(
        canvas: &'a Canvas,
        basic: Option<&'a [Vec<f32>]>,
        (sigmas, options): ([f32; 3], &Bm3d),
    ) -> Self {
        Self {
            planes: &canvas.planes,
            basic,
            width: canvas.width,
            height: canvas.height,
            sigmas,
            near: NEAR[usize::from(basic.is_some())] * canvas.planes.len() as f32,
            step: options.step.clamp(1, 7) as usize,
            reach: options.reach.clamp(1, 24) as usize,
            cosines: Cosines::new(),
            window: window(),
        }
    }

    fn run(&self, exec: &dyn Exec) -> Result<Vec<Vec<f32>>, ImageError> {
        // A row of the result holds one row of each plane.
        let (width, planes) = (self.width, self.planes.len());
        let mut out = vec![0.0; width * planes * self.height];
        let banding = Banding { row_len: width * planes, rows: ROWS };
        let work = |(): &mut (), first: usize, rows: &mut [f32]| {
            self.band(first, rows);
            Ok(())
        };
        for_each_band(&mut out, banding, exec, || (), work)?;
        let plane = |at: usize| out.chunks_exact(width).skip(at).step_by(planes).flatten().copied();
        Ok((0..planes).map(|at| plane(at).collect()).collect())
    }

    /// Upper or left edges of blocks: multiples of the step, and the last possible one.
    fn starts(&self, len: usize) -> impl Iterator<Item = usize> + use<> {
        let (last, step) = (len - SIDE, self.step);
        (0..last).step_by(step).chain(std::iter::once(last))
    }

    /// Every group that may touch the rows from `first` on; what falls outside is left out.
    fn band(&self, first: usize, out: &mut [f32]) {
        let planes = self.planes.len();
        let end = first + out.len() / (self.width * planes);
        let mut weights = vec![0.0_f32; out.len()];
        let mut stacks = [[[0.0; BLOCK]; GROUP]; 2];
        let touches = |top: &usize| top + SIDE + self.reach > first && *top < end + self.reach;
        for top in self.starts(self.height).filter(touches) {
            for left in self.starts(self.width) {
                let group = self.group(top, left);
                let inside = |place: &usize| {
                    let top = place / self.width;
                    top + SIDE > first && top < end
                };
                if !group.places().iter().any(inside) {
                    continue;
                }
                for at in 0..planes {
                    let weight = self.filter(at, group.places(), &mut stacks);
                    let rows = (first, planes, at);
                    let blocks = group.places().iter().zip(&stacks[0]);
                    blocks.for_each(|(place, block)| {
                        self.add((&mut *out, &mut weights), rows, (*place, block, weight));
                    });
                }
            }
        }
        out.iter_mut().zip(&weights).for_each(|(out, weight)| *out /= weight.max(1e-12));
    }

    /// Adds a block of plane `at` to the rows from `first` on.
    fn add(
        &self,
        (out, weights): (&mut [f32], &mut [f32]),
        (first, planes, at): (usize, usize, usize),
        (place, block, weight): (usize, &[f32; BLOCK], f32),
    ) {
        let (top, left) = (place / self.width, place % self.width);
        let rows = block.as_chunks::<SIDE>().0.iter().zip(self.window.as_chunks::<SIDE>().0);
        for (dy, (row, window)) in rows.enumerate() {
            let Some(y) = (top + dy).checked_sub(first) else { continue };
            let start = (y * planes + at) * self.width + left;
            let Some(out) = out.get_mut(start..start + SIDE) else { continue };
            let sums = &mut weights[start..start + SIDE];
            for (((out, sum), value), window) in out.iter_mut().zip(sums).zip(row).zip(window) {
                *out += weight * window * value;
                *sum += weight * window;
            }
        }
    }

    /// The blocks most like the one at a place, in the first plane.
    fn group(&self, top: usize, left: usize) -> Group {
        let plane = &self.basic.unwrap_or(self.planes)[0];
        let own = block(plane, self.width, top * self.width + left);
        let mut group = Group::of(top * self.width + left);
        let near = self.near * BLOCK as f32;
        let range = |at: usize, len: usize| {
            at.saturating_sub(self.reach)..=(at + self.reach).min(len - SIDE)
        };
        for y in range(top, self.height) {
            for x in range(left, self.width) {
                let place = y * self.width + x;
                let worst = group.worst(near);
                if (y, x) != (top, left)
                    && let Some(distance) = self.distance(plane, (&own, place), worst)
                {
                    group.put(place, distance);
                }
            }
        }
        group
    }

    /// Sum of squared differences, if it is below `worst`.
    #[inline]
    fn distance(
        &self,
        plane: &[f32],
        (own, place): (&[f32; BLOCK], usize),
        worst: f32,
    ) -> Option<f32> {
        let mut sums = [0.0_f32; SIDE];
        for (dy, row) in own.as_chunks::<SIDE>().0.iter().enumerate() {
            let other = &plane[place + dy * self.width..][..SIDE];
            for ((sum, a), b) in sums.iter_mut().zip(row).zip(other) {
                *sum += (a - b) * (a - b);
            }
            // Half of it tells most blocks apart.
            if dy == 3 && sums.iter().sum::<f32>() >= worst {
                return None;
            }
        }
        let distance = sums.iter().sum::<f32>();
        (distance < worst).then_some(distance)
    }

    /// Leaves the filtered blocks of plane `at` in the first stack and returns their weight.
    fn filter(&self, at: usize, places: &[usize], stacks: &mut [Stack; 2]) -> f32 {
        let [noisy, basic] = stacks;
        let noisy = &mut noisy[..places.len()];
        let sigma = self.sigmas[at].max(1e-6);
        self.load(&self.planes[at], places, noisy);
        let weight = match self.basic {
            Some(planes) => {
                let basic = &mut basic[..places.len()];
                self.load(&planes[at], places, basic);
                wiener(noisy, basic, sigma * sigma)
            }
            None => threshold(noisy, CUT * sigma),
        };
        haar(noisy, true);
        for block in noisy.iter_mut() {
            *block = self.cosines.inverse(block);
        }
        weight
    }

    /// The transformed stack of some blocks.
    fn load(&self, plane: &[f32], places: &[usize], stack: &mut [[f32; BLOCK]]) {
        for (to, place) in stack.iter_mut().zip(places) {
            *to = self.cosines.forward(&block(plane, self.width, *place));
        }
        haar(stack, false);
    }
}

fn block(plane: &[f32], width: usize, place: usize) -> [f32; BLOCK] {
    let mut block = [0.0; BLOCK];
    for (dy, row) in block.as_chunks_mut::<SIDE>().0.iter_mut().enumerate() {
        row.copy_from_slice(&plane[place + dy * width..][..SIDE]);
    }
    block
}

/// Drops small coefficients; the weight is larger the fewer are left.
fn threshold(stack: &mut [[f32; BLOCK]], cut: f32) -> f32 {
    let mean = stack[0][0];
    let mut kept = 0.0_f32;
    for value in stack.iter_mut().flatten() {
        let keep = value.abs() > cut;
        *value = if keep { *value } else { 0.0 };
        kept += f32::from(u8::from(keep));
    }
    stack[0][0] = mean;
    1.0 / kept.max(1.0)
}

/// Shrinks each coefficient by what the first estimate says of signal and noise.
fn wiener(stack: &mut [[f32; BLOCK]], basic: &[[f32; BLOCK]], variance: f32) -> f32 {
    let mut sum = 0.0_f32;
    for (value, basic) in stack.iter_mut().flatten().zip(basic.iter().flatten()) {
        let power = basic * basic;
        let factor = power / (power + variance);
        *value *= factor;
        sum += factor * factor;
    }
    1.0 / sum.max(1e-3)
}

/// The orthonormal Haar transform across the blocks of a stack (a power of two), or its inverse.
fn haar(stack: &mut [[f32; BLOCK]], inverse: bool) {
    let levels = stack.len().ilog2();
    let mut scratch = [[0.0; BLOCK]; GROUP];
    for level in 0..levels {
        // Sums go to the first half, differences to the second.
        let half = if inverse { 1 << level } else { stack.len() >> (level + 1) };
        for at in 0..half {
            let places = if inverse { (at, half + at) } else { (2 * at, 2 * at + 1) };
            let to = if inverse { (2 * at, 2 * at + 1) } else { (at, half + at) };
            for cell in 0..BLOCK {
                let (a, b) = (stack[places.0][cell], stack[places.1][cell]);
                scratch[to.0][cell] = (a + b) * core::f32::consts::FRAC_1_SQRT_2;
                scratch[to.1][cell] = (a - b) * core::f32::consts::FRAC_1_SQRT_2;
            }
        }
        stack[..2 * half].copy_from_slice(&scratch[..2 * half]);
    }
}

/// Kaiser's window with beta 2, which lessens steps at the edges of blocks.
fn window() -> [f32; BLOCK] {
    // The modified Bessel function of order 0 by its series.
    let bessel = |x: f64| {
        let (mut term, mut sum) = (1.0, 1.0);
        for k in 1..20 {
            term *= (x / 2.0 / f64::from(k)).powi(2);
            sum += term;
        }
        sum
    };
    let weight = |at: usize| {
        let place = 2.0 * at as f64 / (SIDE - 1) as f64 - 1.0;
        bessel(2.0 * libm::sqrt((1.0 - place * place).max(0.0))) / bessel(2.0)
    };
    let mut window = [0.0; BLOCK];
    for (at, value) in window.iter_mut().enumerate() {
        *value = (weight(at % SIDE) * weight(at / SIDE)) as f32;
    }
    window
}

#[cfg(test)]
mod tests {
    use super::super::dct::{DctDenoise, dct_denoise};
    use super::super::support::{error, noisy, values};
    use super::*;
    use crate::{Channels, Samples, Serial};

    const SIZE: Size = Size { width: 72, height: 120 };

    fn image(samples: &[f32], channels: Channels) -> Image {
        Image::new(SIZE, channels, Samples::F32(samples.to_vec())).unwrap()
    }

    /// A pattern that repeats, and the same with noise of 0.06.
    fn pattern(channels: usize) -> (Vec<f32>, Vec<f32>) {
        let width = SIZE.width as usize;
        let value = |at: usize| {
            let (x, y, c) =
                ((at / channels) % width, at / channels / width, (at % channels) as f32);
            let on = (x % 9 < 4) != (y % 7 < 3);
            if on { 0.7 - 0.1 * c } else { 0.25 + 0.1 * c }
        };
        let clean: Vec<f32> = (0..SIZE.pixels() as usize * channels).map(value).collect();
        let noisy = noisy(&clean, 0.06);
        (clean, noisy)
    }

    const OPTIONS: Bm3d = Bm3d { sigma: 0.06, strength: 1.0, chroma: 1.0, step: 3, reach: 10 };

    #[test]
    fn repeated_patterns_are_denoised_better_than_block_by_block() {
        for (channels, count) in [(Channels::Gray, 1), (Channels::Rgb, 3)] {
            let (clean, noisy) = pattern(count);
            let found = bm3d(image(&noisy, channels), &OPTIONS, &Serial).unwrap();
            let single = DctDenoise { sigma: 0.06, strength: 1.0, chroma: 1.0, step: 1 };
            let single = dct_denoise(image(&noisy, channels), &single, &Serial).unwrap();
            let (found, single) = (error(values(&found), &clean), error(values(&single), &clean));
            assert!(found < 0.6 * single && found < 0.02, "{channels:?}: {found} {single}");
        }
    }

    #[test]
    fn the_noise_is_found_and_flat_pictures_stay() {
        let (clean, noisy) = pattern(1);
        let options = Bm3d { sigma: 0.0, ..OPTIONS };
        let found = bm3d(image(&noisy, Channels::Gray), &options, &Serial).unwrap();
        assert!(error(values(&found), &clean) < 0.5 * error(&noisy, &clean));
        let flat = image(&vec![0.4; noisy.len()], Channels::Gray);
        let same = bm3d(flat.clone(), &OPTIONS, &Serial).unwrap();
        assert!(error(values(&same), values(&flat)) < 1e-5);
    }

    #[test]
    fn stacks_come_back_and_bands_do_not_show() {
        let mut stack = [[0.0; BLOCK]; GROUP];
        let value = |at: usize| ((at * 7919) % 101) as f32 / 101.0;
        stack.iter_mut().flatten().enumerate().for_each(|(at, v)| *v = value(at));
        haar(&mut stack[..8], false);
        haar(&mut stack[..8], true);
        let worst = stack.iter().flatten().enumerate().map(|(at, v)| (v - value(at)).abs());
        assert!(worst.fold(0.0, f32::max) < 1e-6);
        // The band that begins at row 96 gives what one band over everything gives.
        let (_, noisy) = pattern(1);
        let canvas = Canvas { width: 72, height: 120, planes: vec![noisy] };
        let pass = Pass::new(&canvas, None, ([0.06; 3], &OPTIONS));
        let mut whole = vec![0.0; 72 * 120];
        pass.band(0, &mut whole);
        assert_eq!(pass.run(&Serial).unwrap()[0], whole);
    }
}
