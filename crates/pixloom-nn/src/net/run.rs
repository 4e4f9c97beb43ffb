//! Computing one cell.
use super::area::{Area, areas};
use super::{AFTER, BEFORE, Net, Step, Work};
use crate::simd::{self, Pixels, PixelsMut, Side};

/// A box of input pixels whose result is computed at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Left edge, a multiple of 4.
    pub x: usize,
    /// Top edge, a multiple of 4.
    pub y: usize,
    /// Width, more than 0.
    pub width: usize,
    /// Height, more than 0.
    pub height: usize,
}

/// The picture that a net reads: its size and how to get at a run of pixels.
pub struct Planes<'a> {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// Fills the slice with the values (0 to 1, channels side by side) from column x of row y on.
    pub read: &'a (dyn Fn(usize, usize, &mut [f32]) + Sync),
}

impl std::fmt::Debug for Planes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Planes({}×{})", self.width, self.height)
    }
}

/// One worker's buffers; they grow once and are used again for every cell.
#[derive(Debug, Default)]
pub struct Scratch {
    slots: Vec<Vec<f32>>,
    winograd: (Vec<f32>, Vec<f32>),
    line: Vec<f32>,
    out: Vec<f32>,
}

impl Net {
    /// Computes the result of one cell: `cell.height · scale` rows of `cell.width · scale`
    /// pixels, channels side by side. Values are not clipped.
    pub fn run<'s>(&self, planes: &Planes<'_>, cell: Cell, scratch: &'s mut Scratch) -> &'s [f32] {
        let areas = areas(&self.steps, cell, (planes.width, planes.height), self.halo);
        scratch.slots.resize_with(self.slots.max(scratch.slots.len()), Vec::new);
        let needed = self.winograd_floats();
        grow(&mut scratch.winograd.0, needed.0);
        grow(&mut scratch.winograd.1, needed.1);
        for (index, step) in self.steps.iter().enumerate() {
            if let Work::Emit { shuffle, channels } = step.work {
                self.emit((shuffle, channels), &areas, cell, scratch);
                continue;
            }
            let slot = step.tensor.slot;
            let mut buffer = std::mem::take(&mut scratch.slots[slot]);
            grow(&mut buffer, areas[index].floats(step.tensor.pixel));
            self.step((step, &areas[index]), &areas, planes, (&mut buffer, scratch));
            clear_margin(&mut buffer, &areas[index], step.tensor.pixel);
            scratch.slots[slot] = buffer;
        }
        let area = cell.width * cell.height * self.facts.scale * self.facts.scale;
        &scratch.out[..area * self.facts.output_channels]
    }

    fn step(
        &self,
        (step, area): (&Step, &Area),
        areas: &[Area],
        planes: &Planes<'_>,
        (buffer, scratch): (&mut [f32], &mut Scratch),
    ) {
        let pixel = step.tensor.pixel;
        match &step.work {
            Work::Load => load(planes, (area, buffer), step.tensor.channels, &mut scratch.line),
            Work::Conv(packed) => {
                let read = |&source: &usize| Pixels {
                    values: &scratch.slots[self.steps[source].tensor.slot],
                    at: self.side(source, areas, (area.x0, area.y0)),
                };
                let reads: Vec<Pixels<'_>> = step.inputs.iter().map(read).collect();
                let to = PixelsMut { values: buffer, at: side(area, pixel) };
                let size = (area.width(), area.height());
                simd::convolve(self.isa, packed, (&reads, to), size, &mut scratch.winograd);
            }
            Work::Emit { .. } => {}
            work => {
                for y in area.y0..area.y1 {
                    let start = area.index((area.x0, y), pixel);
                    let row = &mut buffer[start..start + area.width() * pixel];
                    self.row(work, step, (areas, &scratch.slots), ((area.x0, y), row));
                }
            }
        }
    }

    /// Where the pixel at `first` of a step's tensor lies.
    fn side(&self, source: usize, areas: &[Area], first: (usize, usize)) -> Side {
        let pixel = self.steps[source].tensor.pixel;
        let area = &areas[source];
        Side { first: area.index(first, pixel), pixel, row: area.row(pixel) }
    }

    /// One row of a step that is no convolution.
    fn row(
        &self,
        work: &Work,
        step: &Step,
        (areas, slots): (&[Area], &[Vec<f32>]),
        ((x, y), row): ((usize, usize), &mut [f32]),
    ) {
        let input = |place: usize, x: usize, y: usize| {
            let source = step.inputs[place.min(step.inputs.len() - 1)];
            let tensor = self.steps[source].tensor;
            &slots[tensor.slot][areas[source].index((x, y), tensor.pixel)..]
        };
        let length = row.len();
        match work {
            Work::Pointwise(work) => {
                let (a, b) = (&input(0, x, y)[..length], &input(1, x, y)[..length]);
                simd::pointwise(self.isa, *work, (a, b), row);
            }
            Work::Slopes(slopes) => simd::slopes(&input(0, x, y)[..length], row, slopes),
            Work::Concat => {
                let mut start = 0;
                for (place, &source) in step.inputs.iter().enumerate() {
                    let tensor = self.steps[source].tensor;
                    let from = input(place, x, y).chunks_exact(tensor.pixel);
                    for (to, from) in row.chunks_exact_mut(step.tensor.pixel).zip(from) {
                        to[start..start + tensor.channels]
                            .copy_from_slice(&from[..tensor.channels]);
                    }
                    start += tensor.channels;
                }
            }
            Work::Nearest(r) => nearest(input(0, x / r, y / r), (*r, x), (row, step.tensor.pixel)),
            Work::Shuffle(r) => {
                let pixel = self.steps[step.inputs[0]].tensor.pixel;
                let from = (input(0, x / r, y / r), pixel);
                let tensor = (step.tensor.pixel, step.tensor.channels);
                shuffle(from, (*r, x, y), (row, tensor));
            }
            Work::Load | Work::Conv(_) | Work::Emit { .. } => {}
        }
    }

    /// Writes the result of the cell.
    fn emit(
        &self,
        (shuffle, channels): (usize, usize),
        areas: &[Area],
        cell: Cell,
        scratch: &mut Scratch,
    ) {
        let Some(step) = self.steps.last() else { return };
        let scale = step.tensor.scale;
        let width = cell.width * scale;
        grow(&mut scratch.out, width * cell.height * scale * channels);
        let source = step.inputs[0];
        let tensor = self.steps[source].tensor;
        let values = &scratch.slots[tensor.slot];
        let skip = step.inputs.get(1).map(|&picture| {
            let tensor = self.steps[picture].tensor;
            (&scratch.slots[tensor.slot], &areas[picture], tensor.pixel)
        });
        let rows = scratch.out.chunks_exact_mut(width * channels).take(cell.height * scale);
        for (y, row) in rows.enumerate() {
            let y = cell.y * scale + y;
            let from = areas[source].index((cell.x * scale / shuffle, y / shuffle), tensor.pixel);
            let from = values[from..].chunks_exact(tensor.pixel);
            let phase = y % shuffle * shuffle;
            for (to, from) in row.chunks_exact_mut(shuffle * channels).zip(from) {
                for (x, to) in to.chunks_exact_mut(channels).enumerate() {
                    for (c, to) in to.iter_mut().enumerate() {
                        *to = from[c * shuffle * shuffle + phase + x];
                    }
                }
            }
            if let Some((values, area, pixel)) = skip {
                let from = values[area.index((cell.x, y / scale), pixel)..].chunks_exact(pixel);
                for (to, from) in row.chunks_exact_mut(scale * channels).zip(from) {
                    for to in to.chunks_exact_mut(channels) {
                        to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
                    }
                }
            }
        }
    }
}

fn grow(buffer: &mut Vec<f32>, length: usize) {
    if buffer.len() < length {
        buffer.resize(length, 0.0);
    }
}

const fn side(area: &Area, pixel: usize) -> Side {
    Side { first: area.index((area.x0, area.y0), pixel), pixel, row: area.row(pixel) }
}

/// Takes the pixels of an area from the picture.
fn load(
    planes: &Planes<'_>,
    (area, buffer): (&Area, &mut [f32]),
    channels: usize,
    line: &mut Vec<f32>,
) {
    let pixel = channels.next_multiple_of(simd::LANES);
    line.resize(area.width() * channels, 0.0);
    for y in area.y0..area.y1 {
        (planes.read)(area.x0, y, line);
        let start = area.index((area.x0, y), pixel);
        let row = &mut buffer[start..start + area.width() * pixel];
        for (to, from) in row.chunks_exact_mut(pixel).zip(line.chunks_exact(channels)) {
            to[..channels].copy_from_slice(from);
        }
    }
}

/// Zeros around the area: the picture's surroundings, and nothing left of an earlier cell.
fn clear_margin(buffer: &mut [f32], area: &Area, pixel: usize) {
    let row = area.row(pixel);
    let rows = area.height();
    buffer[..BEFORE * row].fill(0.0);
    let end = (BEFORE + rows + AFTER) * row;
    buffer[(BEFORE + rows) * row..end].fill(0.0);
    for line in buffer[BEFORE * row..(BEFORE + rows) * row].chunks_exact_mut(row) {
        line[..BEFORE * pixel].fill(0.0);
        line[(BEFORE + area.width()) * pixel..].fill(0.0);
    }
}

/// A row from `x` on of a plane enlarged `r` times, `from` the pixels that begin at `x / r`.
fn nearest(from: &[f32], (r, x): (usize, usize), (row, pixel): (&mut [f32], usize)) {
    for (i, to) in row.chunks_exact_mut(pixel).enumerate() {
        let at = ((x + i) / r - x / r) * pixel;
        to.copy_from_slice(&from[at..at + pixel]);
    }
}

/// A row from `x` on of a plane whose `r` × `r` squares lie in the channels of `from`, pixels of
/// `wide` floats (pixel shuffle, Shi et al. 2016).
fn shuffle(
    (from, wide): (&[f32], usize),
    (r, x, y): (usize, usize, usize),
    (row, (pixel, channels)): (&mut [f32], (usize, usize)),
) {
    for (i, to) in row.chunks_exact_mut(pixel).enumerate() {
        let from = &from[((x + i) / r - x / r) * wide..];
        let phase = y % r * r + (x + i) % r;
        for (c, to) in to.iter_mut().take(channels).enumerate() {
            *to = from[c * r * r + phase];
        }
    }
}
