//! Running a net over a picture, cell by cell, on all workers that are free.
use std::sync::{Mutex, PoisonError};

use pixloom_image::{Exec, Image, ImageError, Samples, Size};
use pixloom_nn::{Cell, Net, Planes, Scratch};

use super::bleed::bleed;
use super::enlarge::scaled;

/// A net and how its cells are handed out.
pub(super) struct Cells<'a> {
    pub(super) net: &'a Net,
    pub(super) tile: usize,
    pub(super) exec: &'a dyn Exec,
}

/// A sample as a float from 0 to 1 and back.
trait Value: Copy + Default + Send + Sync {
    const FULL: Self;
    fn to_unit(self) -> f32;
    fn from_unit(value: f32) -> Self;
}

impl Value for u8 {
    const FULL: Self = Self::MAX;
    fn to_unit(self) -> f32 {
        f32::from(self) / 255.0
    }
    fn from_unit(value: f32) -> Self {
        (value * 255.0 + 0.5) as Self
    }
}

impl Value for u16 {
    const FULL: Self = Self::MAX;
    fn to_unit(self) -> f32 {
        f32::from(self) / 65_535.0
    }
    fn from_unit(value: f32) -> Self {
        (value * 65_535.0 + 0.5) as Self
    }
}

impl Value for f32 {
    const FULL: Self = 1.0;
    fn to_unit(self) -> f32 {
        self
    }
    fn from_unit(value: f32) -> Self {
        value
    }
}

/// Which channels of the picture a run of the net reads, and which of the result it writes. A
/// net of three colours reads a single channel three times; the mean of its result is written.
struct Pass {
    read: Vec<usize>,
    write: Vec<usize>,
}

impl Cells<'_> {
    /// The picture as many times larger as the net makes it.
    ///
    /// # Errors
    /// `Limit` if the result is too large to exist, or the run is stopped.
    pub(super) fn enlarge(&self, image: Image) -> Result<Image, ImageError> {
        let size = scaled(image.size(), self.net.facts().scale);
        let channels = image.channels().count() as u64;
        if size.pixels().checked_mul(channels * 4).is_none_or(|bytes| bytes > isize::MAX as u64) {
            return Err(ImageError::limit(format!("a result of {size} pixels is too large")));
        }
        let image = if image.channels().has_alpha() { bleed(image) } else { image };
        let samples = match image.samples() {
            Samples::U8(samples) => Samples::U8(self.typed(samples, &image, size)?),
            Samples::U16(samples) => Samples::U16(self.typed(samples, &image, size)?),
            Samples::F32(samples) => Samples::F32(self.typed(samples, &image, size)?),
        };
        image.with_pixels(size, image.channels(), samples)
    }

    fn typed<T: Value + PartialEq>(
        &self,
        samples: &[T],
        image: &Image,
        size: Size,
    ) -> Result<Vec<T>, ImageError> {
        let channels = image.channels().count();
        let mut out = vec![T::default(); size.pixels() as usize * channels];
        let colours = if image.channels().is_gray() { 1 } else { 3 };
        let opaque = colours == channels
            || samples.chunks_exact(channels).all(|pixel| pixel[colours] == T::FULL);
        if opaque && colours < channels {
            out.chunks_exact_mut(channels).for_each(|pixel| pixel[colours] = T::FULL);
        }
        for pass in self.passes(colours, !opaque) {
            self.pass(samples, image, &pass, &mut out)?;
        }
        Ok(out)
    }

    fn passes(&self, colours: usize, alpha: bool) -> Vec<Pass> {
        let single = self.net.facts().input_channels == 1;
        let one = |channel: usize| {
            let read = vec![channel; if single { 1 } else { 3 }];
            Pass { read, write: vec![channel] }
        };
        let mut passes: Vec<Pass> = if single || colours == 1 {
            (0..colours).map(one).collect()
        } else {
            vec![Pass { read: vec![0, 1, 2], write: vec![0, 1, 2] }]
        };
        if alpha {
            passes.push(one(colours));
        }
        passes
    }

    fn pass<T: Value>(
        &self,
        samples: &[T],
        image: &Image,
        pass: &Pass,
        out: &mut [T],
    ) -> Result<(), ImageError> {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let channels = image.channels().count();
        let read = |x: usize, y: usize, to: &mut [f32]| {
            let pixels = samples[(y * width + x) * channels..].chunks_exact(channels);
            for (to, pixel) in to.chunks_exact_mut(pass.read.len()).zip(pixels) {
                for (to, &channel) in to.iter_mut().zip(&pass.read) {
                    *to = pixel[channel].to_unit();
                }
            }
        };
        let planes = Planes { width, height, read: &read };
        let (cell, scale) = (self.net.cell(), self.net.facts().scale);
        let row = width * scale * channels;
        let bands: Vec<_> = out.chunks_mut(row * scale * cell).map(Mutex::new).collect();
        let pool = Mutex::new(Vec::<Scratch>::new());
        let (tiles, per_tile) = tiles((width, height), cell, self.tile);
        self.exec.for_each(tiles.len(), &|index| {
            let mut scratch = locked(&pool).pop().unwrap_or_default();
            for cell in cells_of(tiles[index], (width, height), (cell, per_tile)) {
                if self.exec.is_stopped() {
                    return;
                }
                let result = self.net.run(&planes, cell, &mut scratch);
                let mut band = locked(&bands[cell.y / self.net.cell()]);
                write(result, (cell, scale), (&mut band, row, channels), pass);
            }
            locked(&pool).push(scratch);
        });
        if self.exec.is_stopped() {
            return Err(ImageError::limit("stopped before the picture was finished"));
        }
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The top left corners of the squares that are handed out, and their side in cells.
fn tiles(
    (width, height): (usize, usize),
    cell: usize,
    tile: usize,
) -> (Vec<(usize, usize)>, usize) {
    let per_tile = (tile / cell).max(1);
    let step = per_tile * cell;
    let rows = (0..height).step_by(step);
    (rows.flat_map(|y| (0..width).step_by(step).map(move |x| (x, y))).collect(), per_tile)
}

/// The cells of a square.
fn cells_of(
    (left, top): (usize, usize),
    (width, height): (usize, usize),
    (side, per_tile): (usize, usize),
) -> impl Iterator<Item = Cell> {
    let places = move |start: usize, end: usize| {
        (0..per_tile).map(move |i| start + i * side).filter(move |place| *place < end)
    };
    places(top, height).flat_map(move |y| {
        places(left, width).map(move |x| Cell {
            x,
            y,
            width: side.min(width - x),
            height: side.min(height - y),
        })
    })
}

/// Copies the result of a cell into its band of rows.
fn write<T: Value>(
    result: &[f32],
    (cell, scale): (Cell, usize),
    (band, row, channels): (&mut [T], usize, usize),
    pass: &Pass,
) {
    let values = pass.read.len();
    let wide = cell.width * scale;
    for (line, to) in result.chunks_exact(wide * values).zip(band.chunks_exact_mut(row)) {
        let to = to[cell.x * scale * channels..].chunks_exact_mut(channels);
        for (from, to) in line.chunks_exact(values).zip(to) {
            if let [channel] = pass.write[..] {
                let mean = from.iter().sum::<f32>() / values as f32;
                to[channel] = T::from_unit(mean);
            } else {
                for (value, &channel) in from.iter().zip(&pass.write) {
                    to[channel] = T::from_unit(*value);
                }
            }
        }
    }
}
