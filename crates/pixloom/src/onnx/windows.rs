//! A graph that enlarges pictures, run on windows of a fixed size.
use pixloom_nn::{Cell, Planes};

use super::{OnnxError, Runner, Tensor};

/// Side of the windows where the graph leaves it open.
const SIDE: usize = 256;
/// Pixels around a cell that it is computed from.
const AROUND: usize = 32;
/// What a worker needs for a window, by experience with nets of 64 channels.
const WORKER_BYTES: usize = 128 << 20;

/// A graph from pictures to larger pictures.
///
/// Every window has the same size, so graphs that take only some sizes work too; beyond the
/// edges of the picture its last pixels are repeated.
#[derive(Debug)]
pub struct Windows {
    graph: Box<dyn Runner>,
    channels: usize,
    scale: usize,
    /// Width and height of a window.
    window: (usize, usize),
    around: usize,
}

impl Windows {
    /// Looks at a graph and runs it once, to know its scale.
    ///
    /// # Errors
    /// If it does not take a picture of 1 or 3 channels and give one that is a whole number of
    /// times as large.
    pub fn new(graph: Box<dyn Runner>) -> Result<Self, OnnxError> {
        let ports = graph.ports();
        let [port] = &ports[..] else {
            return Err(OnnxError("the graph takes more than a picture".to_owned()));
        };
        let axis = |at: usize| port.shape.get(at).copied().flatten();
        if !port.shape.is_empty() && port.shape.len() != 4 || axis(0).is_some_and(|n| n != 1) {
            return Err(OnnxError("the graph takes no single picture (N, C, H, W)".to_owned()));
        }
        let channels = axis(1).unwrap_or(3);
        if !matches!(channels, 1 | 3) {
            return Err(OnnxError(format!("the graph takes {channels} channels, not 1 or 3")));
        }
        let window = (axis(3).unwrap_or(SIDE), axis(2).unwrap_or(SIDE));
        let around = AROUND.min(window.0.min(window.1) / 4);
        let mut windows = Self { graph, channels, scale: 1, window, around };
        windows.scale = windows.probe()?;
        Ok(windows)
    }

    /// The scale, from the size of a result.
    fn probe(&self) -> Result<usize, OnnxError> {
        let (width, height) = self.window;
        let values = vec![0.0; width * height * self.channels];
        let shape = vec![1, self.channels, height, width];
        let result = self.graph.run(vec![Tensor { shape, values }])?;
        let shape = result.first().map(|tensor| tensor.shape.clone()).unwrap_or_default();
        match shape[..] {
            [1, channels, high, wide]
                if channels == self.channels
                    && high % height == 0
                    && high / height > 0
                    && high / height == wide / width
                    && wide % width == 0 =>
            {
                Ok(high / height)
            }
            _ => Err(OnnxError(format!(
                "the graph turns {width}×{height} pixels of {} channels into {shape:?}",
                self.channels
            ))),
        }
    }

    /// The graph.
    pub fn graph(&self) -> &dyn Runner {
        &*self.graph
    }

    /// Channels of the picture, 1 or 3.
    pub const fn channels(&self) -> usize {
        self.channels
    }

    /// How many times larger the result is.
    pub const fn scale(&self) -> usize {
        self.scale
    }

    /// Width and height of the cells that a picture is cut into.
    pub const fn cell(&self) -> (usize, usize) {
        (self.window.0 - 2 * self.around, self.window.1 - 2 * self.around)
    }

    /// Bytes that a worker needs, roughly: only the graph knows.
    pub const fn worker_bytes(&self) -> usize {
        WORKER_BYTES
    }

    /// Computes a cell as [`pixloom_nn::Net::run`] does.
    ///
    /// # Errors
    /// If the graph fails.
    pub fn run(&self, planes: &Planes<'_>, cell: Cell) -> Result<Vec<f32>, OnnxError> {
        let (width, height) = self.window;
        let shape = vec![1, self.channels, height, width];
        let values = self.window_at(planes, cell);
        let result = self.graph.run(vec![Tensor { shape, values }])?;
        let scale = self.scale;
        let large = &result.first().map(|tensor| &tensor.values[..]).unwrap_or_default();
        let plane = width * height * scale * scale;
        if large.len() != plane * self.channels {
            return Err(OnnxError("the graph gave a picture of another size".to_owned()));
        }
        let mut out = Vec::with_capacity(cell.width * cell.height * scale * scale * self.channels);
        for y in 0..cell.height * scale {
            let start = (self.around * scale + y) * width * scale + self.around * scale;
            for at in start..start + cell.width * scale {
                out.extend((0..self.channels).map(|channel| large[channel * plane + at]));
            }
        }
        Ok(out)
    }

    /// The pixels of a window as planes, the last ones of the picture repeated beyond its edges.
    fn window_at(&self, planes: &Planes<'_>, cell: Cell) -> Vec<f32> {
        let (width, height) = self.window;
        let mut values = vec![0.0; width * height * self.channels];
        let first = cell.x.saturating_sub(self.around);
        let last = (cell.x + width - self.around).min(planes.width);
        let mut line = vec![0.0; (last - first) * self.channels];
        for y in 0..height {
            let row = (cell.y + y).saturating_sub(self.around).min(planes.height - 1);
            (planes.read)(first, row, &mut line);
            for x in 0..width {
                let column = (cell.x + x).saturating_sub(self.around).clamp(first, last - 1);
                for channel in 0..self.channels {
                    values[(channel * height + y) * width + x] =
                        line[(column - first) * self.channels + channel];
                }
            }
        }
        values
    }
}
