//! LPIPS (Zhang et al. 2018) by an ONNX graph that the user has.
use std::path::Path;

use pixloom_image::geometry::{self, Rect};
use pixloom_image::{Channels, Depth, Image, ImageError, PixelFormat, Samples, Size, convert};

use crate::onnx::{OnnxError, Session, Tensor};

/// Bytes for each pixel, by experience with graphs on `AlexNet` and VGG.
pub(in crate::jobs) const BYTES: u64 = 1200;

/// A graph with two pictures as inputs: `[1, 3, height, width]`, red, green, blue from -1 to 1.
/// The mean of its first output is the score.
#[derive(Debug)]
pub(in crate::jobs) struct Lpips(Session);

impl Lpips {
    /// Opens the graph.
    ///
    /// # Errors
    /// If it cannot be read or does not take two pictures.
    pub(in crate::jobs) fn open(path: &Path) -> Result<Self, OnnxError> {
        let session = Session::open(path)?;
        let inputs = session.inputs().len();
        if inputs != 2 {
            let message = format!("a graph with {inputs} inputs; LPIPS takes two pictures");
            return Err(OnnxError(message));
        }
        Ok(Self(session))
    }

    /// The only size that the graph takes, if it says one.
    pub(in crate::jobs) fn size(&self) -> Option<Size> {
        let port = self.0.inputs().next()?;
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
        let outputs = self.0.run(inputs);
        let outputs = outputs.map_err(|error| {
            ImageError::unsupported("the LPIPS graph does not take these pictures")
                .with_source(error)
        })?;
        let values = outputs.first().map(|tensor| &tensor.values[..]).unwrap_or_default();
        if values.is_empty() {
            return Err(ImageError::unsupported("the LPIPS graph gives no number"));
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
