//! One channel of floats, and the filters that registration needs.
use crate::filter::gaussian_blur;
use crate::geometry::{Turn, turn};
use crate::resize::{Filter, ResizeOptions, Window, resize};
use crate::{Channels, Depth, Exec, Image, ImageError, PixelFormat, Samples, Size, convert};

/// Standard deviation of the blur that takes noise off a [`band`].
pub(super) const FINE: f32 = 0.8;

/// Luma in rows, nominally 0 to 1.
#[derive(Debug, Clone)]
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) data: Vec<f32>,
}

impl Plane {
    /// Takes the samples of a grey picture of floats.
    fn of(image: Image) -> Self {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let data = match image.into_samples() {
            Samples::F32(data) => data,
            other => vec![0.0; other.len()],
        };
        Self { width, height, data }
    }

    /// Root of the mean square.
    pub(super) fn deviation(&self) -> f64 {
        let sum: f64 = self.data.iter().map(|v| f64::from(*v) * f64::from(*v)).sum();
        (sum / self.data.len().max(1) as f64).sqrt()
    }

    pub(super) fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.width..][..self.width]
    }
}

/// The picture in floats of three channels over mid-grey, reduced from `window` to `size`.
pub(super) fn reduced(
    image: &Image,
    window: Window,
    size: Size,
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    let options =
        ResizeOptions { source: Some(window), ..ResizeOptions::with_filter(Filter::CatmullRom) };
    let small = resize(image, size, &options, exec)?;
    let flat = convert::flatten(small, [0.5; 3]);
    Ok(convert::convert(flat, PixelFormat::new(Channels::Rgb, Depth::F32)))
}

/// The luma of a picture.
pub(super) fn luma(image: &Image) -> Image {
    convert::convert(image.clone(), PixelFormat::new(Channels::Gray, Depth::F32))
}

/// A smaller version of a picture.
pub(super) fn shrink(image: &Image, size: Size, exec: &dyn Exec) -> Result<Image, ImageError> {
    resize(image, size, &ResizeOptions::with_filter(Filter::CatmullRom), exec)
}

/// The plane without noise: blurred with `sigma` pixels.
pub(super) fn smooth(image: &Image, sigma: f32, exec: &dyn Exec) -> Result<Plane, ImageError> {
    gaussian_blur(image, sigma, exec).map(Plane::of)
}

/// The plane without noise and without slow changes of light, turned.
///
/// `slow` is the standard deviation of the blur that is subtracted.
pub(super) fn band(
    image: &Image,
    way: Turn,
    slow: f32,
    exec: &dyn Exec,
) -> Result<Plane, ImageError> {
    let turned = turn(image.clone(), way);
    let mut fine = smooth(&turned, FINE, exec)?;
    let coarse = smooth(&turned, slow, exec)?;
    for (fine, coarse) in fine.data.iter_mut().zip(&coarse.data) {
        *fine -= coarse;
    }
    Ok(fine)
}

/// `size` reduced, if necessary, to a longer side of at most `long_edge`; no side below 1.
pub(super) fn fit(size: Size, long_edge: u32) -> Size {
    let long = size.long_edge().max(1);
    if long <= long_edge {
        return size;
    }
    let side = |side: u32| {
        let scaled =
            (u64::from(side) * u64::from(long_edge) + u64::from(long) / 2) / u64::from(long);
        (scaled as u32).max(1)
    };
    Size::new(side(size.width), side(size.height))
}
