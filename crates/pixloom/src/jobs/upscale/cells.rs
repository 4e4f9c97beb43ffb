//! Running a net over a picture, cell by cell, on all workers that are free.
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use pixloom_image::{Exec, Image, ImageError, Samples, Size};
use pixloom_nn::{Cell, Planes, Scratch};

use super::bleed::bleed;
use super::engine::Engine;
use super::enlarge::scaled;
use crate::op::TakeRows;

/// A net and how its cells are handed out.
pub(super) struct Cells<'a> {
    pub(super) net: &'a Engine,
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

/// A picture made ready for the net.
struct Ready {
    image: Image,
    /// Whether alpha, if there is one, is full everywhere.
    opaque: bool,
}

impl Ready {
    fn of(image: Image) -> Self {
        let alpha = image.channels().has_alpha();
        let image = if alpha { bleed(image) } else { image };
        let channels = image.channels().count();
        let opaque = !alpha
            || match image.samples() {
                Samples::U8(samples) => is_opaque(samples, channels),
                Samples::U16(samples) => is_opaque(samples, channels),
                Samples::F32(samples) => is_opaque(samples, channels),
            };
        Self { image, opaque }
    }
}

fn is_opaque<T: Value + PartialEq>(samples: &[T], channels: usize) -> bool {
    samples.chunks_exact(channels).all(|pixel| pixel[channels - 1] == T::FULL)
}

/// The buffers of the workers, kept from band to band.
type Pool = Mutex<Vec<Scratch>>;

impl Cells<'_> {
    /// The picture as many times larger as the net makes it.
    ///
    /// # Errors
    /// `Limit` if the result is too large to exist, or the run is stopped.
    pub(super) fn enlarge(&self, image: Image) -> Result<Image, ImageError> {
        let size = scaled(image.size(), self.net.scale());
        let channels = image.channels().count() as u64;
        if size.pixels().checked_mul(channels * 4).is_none_or(|bytes| bytes > isize::MAX as u64) {
            return Err(ImageError::limit(format!("a result of {size} pixels is too large")));
        }
        let rows = 0..image.height() as usize;
        self.rows(&Ready::of(image), rows, &Pool::default())
    }

    /// The same in bands as high as a cell, from the top to the bottom.
    ///
    /// # Errors
    /// Those of `take`, or if the run is stopped.
    pub(super) fn bands(&self, image: Image, take: &mut TakeRows<'_>) -> Result<(), ImageError> {
        let height = image.height() as usize;
        let (ready, pool) = (Ready::of(image), Pool::default());
        for first in (0..height).step_by(self.net.cell().1) {
            let rows = first..(first + self.net.cell().1).min(height);
            take(self.rows(&ready, rows, &pool)?)?;
        }
        Ok(())
    }

    /// The result of some rows of the picture, from the top of a cell on.
    fn rows(&self, ready: &Ready, rows: Range<usize>, pool: &Pool) -> Result<Image, ImageError> {
        let image = &ready.image;
        let size = scaled(Size::new(image.width(), rows.len() as u32), self.net.scale());
        let samples = match image.samples() {
            Samples::U8(samples) => Samples::U8(self.typed(samples, ready, &rows, pool)?),
            Samples::U16(samples) => Samples::U16(self.typed(samples, ready, &rows, pool)?),
            Samples::F32(samples) => Samples::F32(self.typed(samples, ready, &rows, pool)?),
        };
        image.with_pixels(size, image.channels(), samples)
    }

    fn typed<T: Value>(
        &self,
        samples: &[T],
        ready: &Ready,
        rows: &Range<usize>,
        pool: &Pool,
    ) -> Result<Vec<T>, ImageError> {
        let channels = ready.image.channels().count();
        let scale = self.net.scale();
        let length = ready.image.width() as usize * rows.len() * scale * scale * channels;
        let mut out = vec![T::default(); length];
        let colours = if ready.image.channels().is_gray() { 1 } else { 3 };
        if ready.opaque && colours < channels {
            out.chunks_exact_mut(channels).for_each(|pixel| pixel[colours] = T::FULL);
        }
        for pass in self.passes(colours, !ready.opaque) {
            self.pass((samples, &ready.image), &pass, (rows, &mut out), pool)?;
        }
        Ok(out)
    }

    fn passes(&self, colours: usize, alpha: bool) -> Vec<Pass> {
        let single = self.net.channels() == 1;
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
        (samples, image): (&[T], &Image),
        pass: &Pass,
        (rows, out): (&Range<usize>, &mut [T]),
        pool: &Pool,
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
        let (cell, scale) = (self.net.cell(), self.net.scale());
        let row = width * scale * channels;
        let bands: Vec<_> = out.chunks_mut(row * scale * cell.1).map(Mutex::new).collect();
        let tiles = tiles(width, rows, cell, self.tile);
        let failed = Mutex::new(None);
        self.exec.for_each(tiles.len(), &|index| {
            let mut scratch = locked(pool).pop().unwrap_or_default();
            for place in cells_of(&tiles[index], cell) {
                if self.exec.is_stopped() {
                    return;
                }
                let result = self.net.run(&planes, place, &mut scratch, |result| {
                    let mut band = locked(&bands[(place.y - rows.start) / cell.1]);
                    write(result, (place, scale), (&mut band, row, channels), pass);
                });
                if let Err(error) = result {
                    locked(&failed).get_or_insert(error);
                }
            }
            locked(pool).push(scratch);
        });
        if self.exec.is_stopped() {
            return Err(ImageError::limit("stopped before the picture was finished"));
        }
        failed.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Boxes of whole cells that are handed out one by one, about `tile` pixels wide and high.
fn tiles(width: usize, rows: &Range<usize>, cell: (usize, usize), tile: usize) -> Vec<Cell> {
    let step = |cell: usize| (tile / cell).max(1) * cell;
    let (wide, high) = (step(cell.0), step(cell.1));
    let row = move |y: usize| {
        (0..width).step_by(wide).map(move |x| {
            let (width, height) = (wide.min(width - x), high.min(rows.end - y));
            Cell { x, y, width, height }
        })
    };
    rows.clone().step_by(high).flat_map(row).collect()
}

/// The cells of a box.
fn cells_of(all: &Cell, (wide, high): (usize, usize)) -> impl Iterator<Item = Cell> {
    let Cell { x: left, y: top, width, height } = *all;
    let row = move |y: usize| {
        let height = high.min(top + height - y);
        (left..left + width).step_by(wide).map(move |x| {
            let width = wide.min(left + width - x);
            Cell { x, y, width, height }
        })
    };
    (top..top + height).step_by(high).flat_map(row)
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
