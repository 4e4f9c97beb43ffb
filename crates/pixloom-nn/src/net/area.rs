//! Which part of each tensor a cell needs.
use super::{AFTER, BEFORE, Cell, Step, Work};

/// A box of pixels in a tensor's own coordinates, with the layout of its buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Area {
    pub(super) x0: usize,
    pub(super) y0: usize,
    pub(super) x1: usize,
    pub(super) y1: usize,
}

impl Area {
    pub(super) const fn width(&self) -> usize {
        self.x1 - self.x0
    }

    pub(super) const fn height(&self) -> usize {
        self.y1 - self.y0
    }

    /// Floats from row to row of the buffer.
    pub(super) const fn row(&self, pixel: usize) -> usize {
        (self.width() + BEFORE + AFTER) * pixel
    }

    /// Floats of the buffer.
    pub(super) const fn floats(&self, pixel: usize) -> usize {
        self.row(pixel) * (self.height() + BEFORE + AFTER)
    }

    /// Index of the first float of a pixel of the tensor.
    pub(super) const fn index(&self, (x, y): (usize, usize), pixel: usize) -> usize {
        (y + BEFORE - self.y0) * self.row(pixel) + (x + BEFORE - self.x0) * pixel
    }

    fn grown(self, by: usize, (width, height): (usize, usize)) -> Self {
        Self {
            x0: self.x0.saturating_sub(by),
            y0: self.y0.saturating_sub(by),
            x1: (self.x1 + by).min(width),
            y1: (self.y1 + by).min(height),
        }
    }

    fn joined(self, other: Self) -> Self {
        if self == Self::default() {
            return other;
        }
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    fn within(self, other: Self) -> Self {
        Self {
            x0: self.x0.max(other.x0),
            y0: self.y0.max(other.y0),
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
        }
    }

    const fn scaled(self, by: usize) -> Self {
        Self { x0: self.x0 * by, y0: self.y0 * by, x1: self.x1 * by, y1: self.y1 * by }
    }

    const fn shrunk(self, by: usize) -> Self {
        Self {
            x0: self.x0 / by,
            y0: self.y0 / by,
            x1: self.x1.div_ceil(by),
            y1: self.y1.div_ceil(by),
        }
    }

    /// Starts on Winograd's grid of 4 pixels.
    const fn on_grid(self) -> Self {
        Self { x0: self.x0 / 4 * 4, y0: self.y0 / 4 * 4, ..self }
    }
}

/// The area of every step's tensor for one cell of a picture of `size`, at most `halo` input
/// pixels beyond the cell.
pub(super) fn areas(steps: &[Step], cell: Cell, size: (usize, usize), halo: usize) -> Vec<Area> {
    let own = Area { x0: cell.x, y0: cell.y, x1: cell.x + cell.width, y1: cell.y + cell.height };
    let around = own.grown(halo.next_multiple_of(4), size);
    let mut needs = vec![Area::default(); steps.len()];
    let mut areas = vec![Area::default(); steps.len()];
    for (index, step) in steps.iter().enumerate().rev() {
        let scale = step.tensor.scale;
        let last = index + 1 == steps.len();
        let need = if last { own.scaled(scale) } else { needs[index] };
        let area = need.on_grid();
        areas[index] = area;
        for (place, &input) in step.inputs.iter().enumerate() {
            let scale = steps[input].tensor.scale;
            let limits = (size.0 * scale, size.1 * scale);
            let wanted = match &step.work {
                Work::Conv(packed) if place < packed.parts.len() => {
                    need.grown(packed.side / 2, limits)
                }
                Work::Shuffle(r) | Work::Nearest(r) => area.shrunk(*r),
                Work::Emit { shuffle, .. } if place == 0 => need.shrunk(*shuffle),
                Work::Emit { .. } => own,
                _ => need,
            };
            needs[input] = needs[input].joined(wanted.within(around.scaled(scale)));
        }
    }
    areas
}
