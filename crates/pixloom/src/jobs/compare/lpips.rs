//! LPIPS (Zhang et al. 2018) by an ONNX graph that the user has.
use std::path::Path;

use pixloom_engine::Fingerprint;
use pixloom_image::geometry::{self, Rect};
use pixloom_image::{Channels, Depth, Image, ImageError, PixelFormat, Samples, Size, convert};

use crate::onnx::{OnnxError, Session, Tensor, read_file};

/// Bytes for each pixel, by experience with graphs on `AlexNet` and VGG.
pub(in crate::jobs) const BYTES: u64 = 1200;

/// Side of the pictures that a graph is tried on, where it does not say one, and the largest.
const SIDE: usize = 64;
const MOST: usize = 4096;

/// A graph with two pictures as inputs: `[1, 3, height, width]`, red, green, blue from -1 to 1.
/// The mean of its first output is the score.
#[derive(Debug)]
pub(in crate::jobs) struct Lpips {
    session: Session,
    /// Of the graph with all its weights.
    pub(in crate::jobs) hash: Fingerprint,
}

impl Lpips {
    /// Opens the graph, and tries it on two pictures.
    ///
    /// # Errors
    /// If it cannot be read, does not take two pictures or gives no number.
    pub(in crate::jobs) fn open(path: &Path) -> Result<Self, OnnxError> {
        Self::tried(path)
            .map_err(|error| OnnxError(format!("{} cannot be used: {error}", path.display())))
    }

    fn tried(path: &Path) -> Result<Self, OnnxError> {
        let bytes = read_file(path)?;
        let hash = Fingerprint::of(&bytes);
        let session = Session::read(bytes)?;
        let inputs = session.inputs().len();
        if inputs != 2 {
            let message = format!("a graph with {inputs} inputs; LPIPS takes two pictures");
            return Err(OnnxError(message));
        }
        let shape = session.inputs().next().map(|port| port.shape.clone()).unwrap_or_default();
        let side = |at: usize| shape.get(at).copied().flatten().unwrap_or(SIDE);
        let [height, width] = [side(2), side(3)];
        if shape.first().copied().flatten().is_some_and(|batch| batch != 1) {
            let batch = shape[0].unwrap_or_default();
            let message = format!("takes {batch} pairs at once; export it for one, (1, 3, h, w)");
            return Err(OnnxError(message));
        }
        if !(1..=MOST).contains(&height) || !(1..=MOST).contains(&width) {
            return Err(OnnxError(format!("the graph wants pictures of {width}×{height}")));
        }
        let pattern = |step: usize| {
            let values = (0..3 * height * width).map(|at| (at * step % 255) as f32 / 127.0 - 1.0);
            Tensor { shape: vec![1, 3, height, width], values: values.collect() }
        };
        let lpips = Self { session, hash };
        let figure = lpips.run(vec![pattern(7), pattern(11)])?;
        if !figure.is_finite() {
            return Err(OnnxError(format!(
                "gives {figure} for two pictures, which is no distance"
            )));
        }
        Ok(lpips)
    }

    /// The only size that the graph takes, if it says one.
    pub(in crate::jobs) fn size(&self) -> Option<Size> {
        let port = self.session.inputs().next()?;
        let [_, _, Some(height), Some(width)] = port.shape[..] else { return None };
        Some(Size::new(u32::try_from(width).ok()?, u32::try_from(height).ok()?))
    }

    /// How far apart two pictures look; 0 for equal ones.
    pub(in crate::jobs) fn score(
        &self,
        a: &Image,
        b: &Image,
        border: u32,
    ) -> Result<f64, ImageError> {
        let inputs = vec![tensor(a, border)?, tensor(b, border)?];
        self.run(inputs).map_err(|error| {
            ImageError::unsupported("the LPIPS graph does not take these pictures")
                .with_source(error)
        })
    }

    fn run(&self, inputs: Vec<Tensor>) -> Result<f64, OnnxError> {
        let outputs = self.session.run(inputs)?;
        let values = outputs.first().map(|tensor| &tensor.values[..]).unwrap_or_default();
        if values.is_empty() {
            return Err(OnnxError("the graph gives no number".to_owned()));
        }
        Ok(values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64)
    }
}

/// The picture inside of the border as planes from -1 to 1.
fn tensor(image: &Image, border: u32) -> Result<Tensor, ImageError> {
    let side = |side: u32| side.saturating_sub(2 * border);
    let size = Size::new(side(image.width()), side(image.height()));
    let inner = geometry::crop(image, Rect::new(border, border, size))?;
    let float = convert::convert(inner, PixelFormat::new(Channels::Rgb, Depth::F32));
    let Samples::F32(samples) = float.samples() else {
        return Err(ImageError::unsupported("no floats"));
    };
    let mut values = Vec::with_capacity(samples.len());
    for channel in 0..3 {
        values.extend(samples.iter().skip(channel).step_by(3).map(|value| value * 2.0 - 1.0));
    }
    Ok(Tensor { shape: vec![1, 3, size.height as usize, size.width as usize], values })
}
