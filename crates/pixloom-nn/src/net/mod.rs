//! A net made ready to run: weights packed once, operations fused, buffers shared.
mod area;
mod compile;
mod run;

pub use run::{Cell, Planes, Scratch};

use crate::simd::{Activation, Packed, Pointwise};
use crate::{Facts, Graph, Isa, NnError};

/// Free pixels before and after the used part of a buffer, so that kernels need no edges.
const BEFORE: usize = 4;
const AFTER: usize = 8;
/// A net that reaches further than this is computed with this much around a cell.
const MOST_HALO: usize = 64;
/// What is taken around a cell where the net reaches further.
const CUT_HALO: usize = 32;
/// No net gets more than this for a worker's buffers.
const MOST_BYTES: usize = 4 << 30;
/// A worker's buffers may take this much before cells become smaller.
const CELL_BYTES: usize = 50_000_000;
/// What a net may take that would otherwise mostly compute its cells' surroundings.
const MOST_CELL_BYTES: usize = 130_000_000;
/// Cells that are tried, the largest first. They are wide rather than high: results are written
/// in bands as high as a cell, which is what bounds the memory of large pictures.
const CELLS: [(usize, usize); 6] =
    [(1024, 192), (768, 192), (512, 192), (384, 192), (256, 192), (192, 192)];

/// What one step does.
#[derive(Debug, Clone)]
enum Work {
    /// Takes the picture.
    Load,
    Conv(Box<Packed>),
    Pointwise(Pointwise),
    Slopes(Vec<f32>),
    Concat,
    Shuffle(usize),
    Nearest(usize),
    /// Writes the result: channels to pixels, plus the enlarged second input if there is one.
    Emit {
        shuffle: usize,
        channels: usize,
    },
}

/// One step: reads tensors, writes the tensor of its own number.
#[derive(Debug, Clone)]
struct Step {
    work: Work,
    inputs: Vec<usize>,
    tensor: Tensor,
}

/// What is known of a tensor before the cell is.
#[derive(Debug, Clone, Copy)]
struct Tensor {
    channels: usize,
    /// Floats per pixel: the channels in whole blocks.
    pixel: usize,
    scale: usize,
    /// The buffer that holds it.
    slot: usize,
}

/// A net ready to run. Shared between workers by reference.
#[derive(Debug, Clone)]
pub struct Net {
    steps: Vec<Step>,
    slots: usize,
    facts: Facts,
    halo: usize,
    cell: (usize, usize),
    isa: Isa,
}

impl Net {
    /// Packs the weights of `graph` for the best instruction set of this machine.
    ///
    /// # Errors
    /// `Unsupported` if the graph ends in nothing that can be written as a picture.
    pub fn new(graph: &Graph) -> Result<Self, NnError> {
        let facts = graph.facts();
        if facts.operations < 2 || facts.output_channels > 4 {
            return Err(NnError::unsupported(format!(
                "a net whose result has {} channels",
                facts.output_channels
            )));
        }
        let (steps, slots) = compile::compile(graph);
        let halo = if facts.reach_px > MOST_HALO { CUT_HALO } else { facts.reach_px };
        let mut net = Self { steps, slots, facts, halo, cell: (0, 0), isa: Isa::best() };
        net.cell = net.choose_cell();
        if net.scratch_bytes() > MOST_BYTES {
            return Err(NnError::limit(format!(
                "a net that needs {} MB for a cell of {}×{} pixels",
                net.scratch_bytes() >> 20,
                net.cell.0,
                net.cell.1
            )));
        }
        Ok(net)
    }

    /// The same net on another instruction set that this machine has.
    #[must_use]
    pub fn on(mut self, isa: Isa) -> Self {
        if Isa::available().contains(&isa) {
            self.isa = isa;
        }
        self
    }

    /// The instruction set it runs on.
    pub const fn isa(&self) -> Isa {
        self.isa
    }

    /// Size and reach of the net.
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Width and height of the cells that a picture is cut into, in input pixels: a property of
    /// the net alone. Each cell is computed with [`Net::halo`] pixels around it; since Winograd's
    /// rounding depends on whole 6×6 patches, a fixed grid of cells is what makes results
    /// independent of how they are handed out.
    pub const fn cell(&self) -> (usize, usize) {
        self.cell
    }

    /// Input pixels around a cell that its result is computed from.
    pub const fn halo(&self) -> usize {
        self.halo
    }

    /// Bytes of one worker's [`Scratch`] for a picture of any size, the result of a cell included.
    pub fn scratch_bytes(&self) -> usize {
        self.bytes_for(self.cell)
    }

    /// The largest cell whose buffers fit; nets that need much get the smallest that does not
    /// mostly compute its own surroundings.
    fn choose_cell(&self) -> (usize, usize) {
        let within = |most: usize| move |cell: &(usize, usize)| self.bytes_for(*cell) <= most;
        let large = CELLS.into_iter().find(within(CELL_BYTES));
        large.or_else(|| Some((192, 192)).filter(within(MOST_CELL_BYTES))).unwrap_or((128, 128))
    }

    fn bytes_for(&self, (width, height): (usize, usize)) -> usize {
        let far = 1 << 20;
        let middle = Cell { x: far, y: far, width, height };
        let areas = area::areas(&self.steps, middle, (2 * far, 2 * far), self.halo);
        let mut slots = vec![0; self.slots];
        // The last step writes the result itself and needs no tensor.
        let inner = self.steps.len().saturating_sub(1);
        for (step, area) in self.steps.iter().zip(&areas).take(inner) {
            let slot = &mut slots[step.tensor.slot];
            *slot = (*slot).max(area.floats(step.tensor.pixel));
        }
        let out = width * height * self.facts.scale * self.facts.scale * self.facts.output_channels;
        let (first, second) = self.winograd_floats();
        4 * (slots.iter().sum::<usize>() + out + first + second)
    }

    fn winograd_floats(&self) -> (usize, usize) {
        let both = self.steps.iter().filter_map(|step| match &step.work {
            Work::Conv(packed) => Some(packed.scratch()),
            _ => None,
        });
        both.fold((0, 0), |a, b| (a.0.max(b.0), a.1.max(b.1)))
    }
}

/// Whether an activation can be done by the convolution before it.
fn fusable(op: &crate::Op) -> Option<Activation> {
    match op {
        crate::Op::Slopes(slopes) => Some(Activation::Slopes(slopes.clone())),
        crate::Op::Silu => Some(Activation::Silu),
        crate::Op::Sigmoid => Some(Activation::Sigmoid),
        _ => None,
    }
}
