//! An image encoder of the user's: a picture becomes a vector of length one.
use pixloom_engine::Fingerprint;
use pixloom_image::resize::{self, ResizeOptions};
use pixloom_image::{
    Channels, Depth, Exec, Image, ImageError, PixelFormat, Samples, Serial, Size, convert,
};
use pixloom_match::unit_vector;

use super::settings::{Networks, Norm};
use crate::onnx::{Session, Tensor, read_file};
use crate::params::ParamError;

/// Side of the input where nothing says otherwise.
const SIDE: usize = 224;
/// Bytes for each pixel of the input, by experience with ResNet-50 and ViT-B.
const BYTES: u64 = 1600;
/// Longest vector.
const MOST: usize = 1 << 16;

/// A graph that takes one picture, `[1, 3, height, width]`.
#[derive(Debug)]
pub(super) struct Encoder {
    session: Session,
    size: Size,
    norm: Norm,
    /// Values of a vector.
    pub(super) width: usize,
    /// Hash of the graph and of what is done to pictures before.
    pub(super) identity: Fingerprint,
}

impl Encoder {
    /// Opens the graph, if there is one, and tries it on a picture.
    ///
    /// # Errors
    /// If it cannot be read, does not take one picture or gives no vector with a direction.
    pub(super) fn open(settings: &Networks) -> Result<Option<Self>, ParamError> {
        let Some(path) = &settings.embedding else { return Ok(None) };
        let wrong = |problem: String| {
            let problem = format!("{} cannot be used: {problem}", path.display());
            ParamError::new("embedding", problem)
        };
        let bytes = read_file(path).map_err(|error| wrong(error.to_string()))?;
        let graph = Fingerprint::of(&bytes);
        let session = Session::read(bytes).map_err(|error| wrong(error.to_string()))?;
        let side = settings.embedding_size.map(|side| side as usize);
        let [height, width] = sides(&session, side).map_err(wrong)?;
        let size = Size::new(width as u32, height as u32);
        let norm = settings.embedding_norm;
        let identity = Fingerprint::builder("encoder")
            .field("graph", graph.0)
            .field("input", format!("{size} {norm:?}"))
            .finish();
        let mut encoder = Self { session, size, norm, width: 0, identity };
        let values = pattern().and_then(|image| encoder.values(&image, &Serial));
        let values = values.map_err(|error| {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            wrong(cause.unwrap_or_else(|| error.to_string()))
        })?;
        if values.is_empty() || values.len() > MOST {
            let count = values.len();
            return Err(wrong(format!("gives {count} values; an image encoder gives a vector")));
        }
        if unit_vector(&values).is_none() {
            let what = if values.iter().all(|v| *v == 0.0) { "zeros" } else { "what is no number" };
            let hint = "an image encoder gives a vector; does the graph have another output first?";
            return Err(wrong(format!("gives {what} for a picture; {hint}")));
        }
        encoder.width = values.len();
        Ok(Some(encoder))
    }

    /// Bytes that one picture takes.
    pub(super) fn cost(&self) -> u64 {
        self.size.pixels().saturating_mul(BYTES)
    }

    /// The side that a decode must keep.
    pub(super) fn side(&self) -> u32 {
        self.size.width.max(self.size.height)
    }

    /// The vector of a picture; nothing where the graph gives no direction.
    ///
    /// # Errors
    /// If the graph cannot be run on it.
    pub(super) fn vector(
        &self,
        image: &Image,
        exec: &dyn Exec,
    ) -> Result<Option<Vec<f32>>, ImageError> {
        let values = self.values(image, exec)?;
        Ok(unit_vector(&values).filter(|vector| vector.len() == self.width))
    }

    fn values(&self, image: &Image, exec: &dyn Exec) -> Result<Vec<f32>, ImageError> {
        let input = self.tensor(image, exec)?;
        let outputs = self.session.run(vec![input]).map_err(|error| {
            ImageError::unsupported("the encoder does not take this picture").with_source(error)
        })?;
        Ok(pooled(outputs))
    }

    /// The whole picture at the size of the input, as planes.
    fn tensor(&self, image: &Image, exec: &dyn Exec) -> Result<Tensor, ImageError> {
        let resized = resize::resize(image, self.size, &ResizeOptions::default(), exec)?;
        let float = convert::convert(resized, PixelFormat::new(Channels::Rgb, Depth::F32));
        let Samples::F32(samples) = float.samples() else {
            return Err(ImageError::unsupported("no floats"));
        };
        let [mean, deviation] = self.norm.moments();
        let mut values = Vec::with_capacity(samples.len());
        for channel in 0..3 {
            let plane = samples.iter().skip(channel).step_by(3);
            values.extend(plane.map(|value| (value - mean[channel]) / deviation[channel]));
        }
        let shape = vec![1, 3, self.size.height as usize, self.size.width as usize];
        Ok(Tensor { shape, values })
    }
}

/// Height and width of the input.
fn sides(session: &Session, given: Option<usize>) -> Result<[usize; 2], String> {
    let ports: Vec<_> = session.inputs().collect();
    let [port] = &ports[..] else {
        let count = ports.len();
        return Err(format!(
            "a graph with {count} inputs; an image encoder takes one picture (of CLIP, export the \
             image part alone)"
        ));
    };
    let said = match &port.shape[..] {
        [_, Some(3) | None, height, width] => [*height, *width],
        [] => [None; 2],
        shape => {
            let sides = shape.iter().map(|side| side.map_or("?".to_owned(), |n| n.to_string()));
            let sides = sides.collect::<Vec<_>>().join(", ");
            return Err(format!("takes ({sides}); an image encoder takes (1, 3, height, width)"));
        }
    };
    for side in said.into_iter().flatten() {
        if given.is_some_and(|given| given != side) || !(1..=4096).contains(&side) {
            return Err(format!("the graph wants sides of {side} pixels"));
        }
    }
    Ok(said.map(|side| side.or(given).unwrap_or(SIDE)))
}

/// The vector among the outputs: the first with one row; else the first token of a sequence, or
/// the means of planes.
fn pooled(outputs: Vec<Tensor>) -> Vec<f32> {
    let at = outputs.iter().position(|tensor| tensor.shape.len() == 2).unwrap_or(0);
    let Some(tensor) = outputs.into_iter().nth(at) else { return Vec::new() };
    let Tensor { shape, mut values } = tensor;
    match shape[..] {
        [1, _, width] => {
            values.truncate(width);
            values
        }
        [1, _, height, width] if height * width > 1 => {
            let area = height * width;
            values.chunks_exact(area).map(|plane| plane.iter().sum::<f32>() / area as f32).collect()
        }
        _ => values,
    }
}

/// A picture of many colours.
fn pattern() -> Result<Image, ImageError> {
    let size = Size::new(32, 32);
    let samples = (0..size.pixels() * 3).map(|at| (at * at * 7 % 251) as u8);
    Image::new(size, Channels::Rgb, Samples::U8(samples.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensor(shape: &[usize]) -> Tensor {
        let count: usize = shape.iter().product();
        Tensor { shape: shape.to_vec(), values: (0..count).map(|i| i as f32).collect() }
    }

    #[test]
    fn the_vector_is_found_among_the_outputs() {
        assert_eq!(pooled(vec![tensor(&[1, 3])]), [0.0, 1.0, 2.0]);
        assert_eq!(pooled(vec![tensor(&[1, 5, 2]), tensor(&[1, 3])]), [0.0, 1.0, 2.0]);
        assert_eq!(pooled(vec![tensor(&[1, 5, 2])]), [0.0, 1.0]);
        assert_eq!(pooled(vec![tensor(&[1, 2, 1, 3])]), [1.0, 4.0]);
        assert_eq!(pooled(vec![tensor(&[1, 2, 1, 1])]), [0.0, 1.0]);
        assert!(pooled(Vec::new()).is_empty());
    }
}
