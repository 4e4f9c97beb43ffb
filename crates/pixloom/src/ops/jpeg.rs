//! The marks of JPEG compression.
use pixloom_image::codec::{self, DecodeOptions, EncodeOptions};
use pixloom_image::{
    Channels, Depth, Image, ImageError, Limits, PixelFormat, Samples, Size, convert,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{OpCx, kernel_op};

/// Compress the picture as JPEG and decode it again: blocks, ringing and smeared colours; alpha and
/// profile stay.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Jpeg {
    /// Quality as libjpeg counts it, 1 to 100.
    #[schemars(range(min = 1, max = 100))]
    pub(crate) quality: u8,
}

impl Default for Jpeg {
    fn default() -> Self {
        Self { quality: 40 }
    }
}

kernel_op!(Jpeg, "jpeg", ["jpeg:quality=20"], cost, |own, image, cx| own.compress(image, cx));

fn cost(size: Size, format: PixelFormat) -> u64 {
    3 * format.bytes_of(size)
}

impl Jpeg {
    fn compress(&self, image: Image, cx: &OpCx<'_>) -> Result<Image, ImageError> {
        let Some(jpeg) = codec::by_name("jpeg") else {
            return Err(ImageError::unsupported("JPEG is not built in"));
        };
        let format = image.format();
        let color = matches!(format.channels, Channels::Rgb | Channels::Rgba);
        let channels = if color { Channels::Rgb } else { Channels::Gray };
        let plain = PixelFormat::new(channels, Depth::U8);
        let colors = convert::convert(image.clone(), plain);
        let mut bytes = Vec::new();
        let options =
            EncodeOptions { quality: Some(self.quality), effort: 0, ..EncodeOptions::default() };
        jpeg.encode(&colors, &options, cx.exec, &mut bytes)?;
        let limits =
            Limits { max_pixels: u64::MAX, max_decoded_bytes: u64::MAX, ..Limits::default() };
        let decoded = jpeg.decode(&bytes, &DecodeOptions::default(), &limits, cx.exec)?.image;
        let decoded = convert::convert(decoded, PixelFormat::new(channels, format.depth));
        with_alpha_of(image, decoded.into_samples())
    }
}

/// The colours of `decoded` in the picture `image`, whose alpha stays.
fn with_alpha_of(mut image: Image, decoded: Samples) -> Result<Image, ImageError> {
    let channels = image.channels();
    if !channels.has_alpha() {
        return image.with_pixels(image.size(), channels, decoded);
    }
    let count = channels.count();
    match (image.samples_mut(), &decoded) {
        (Samples::U8(to), Samples::U8(from)) => put_colors(to, from, count),
        (Samples::U16(to), Samples::U16(from)) => put_colors(to, from, count),
        (Samples::F32(to), Samples::F32(from)) => put_colors(to, from, count),
        _ => return Err(ImageError::settings("the depth changed")),
    }
    Ok(image)
}

fn put_colors<T: Copy>(to: &mut [T], from: &[T], channels: usize) {
    let colors = channels - 1;
    for (pixel, color) in to.chunks_exact_mut(channels).zip(from.chunks_exact(colors)) {
        pixel[..colors].copy_from_slice(color);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pixloom_engine::Seed;

    #[test]
    fn colours_change_and_alpha_and_depth_stay() {
        let size = Size::new(40, 24);
        let samples = (0..40 * 24 * 4).map(|at| (at * 7919 % 65_536) as u16).collect::<Vec<_>>();
        let image = Image::new(size, Channels::Rgba, Samples::U16(samples.clone())).unwrap();
        let cx = OpCx::alone(size, Seed::root(0));
        let Samples::U16(out) = Jpeg { quality: 10 }.compress(image, &cx).unwrap().into_samples()
        else {
            panic!("the depth changed")
        };
        assert!(out.chunks(4).zip(samples.chunks(4)).all(|(a, b)| a[3] == b[3]));
        assert!(out.chunks(4).zip(samples.chunks(4)).any(|(a, b)| a[..3] != b[..3]));
    }
}
