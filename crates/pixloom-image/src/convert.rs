//! Conversion between channels and sample types.
use crate::buffer::ColorSpace;
use crate::sample::Sample;
use crate::{Channels, Depth, Image, PixelFormat, Samples};

/// Converts a picture to other channels or another sample type.
///
/// - Grey to colour repeats the value; colour to grey takes the BT.601 luma
///   (0.299, 0.587, 0.114, in the rounding of Pillow's mode "L").
/// - New alpha is opaque. Alpha that the new format lacks is discarded and the colours stay as
///   stored; use [`flatten`] to composite onto a background first.
/// - 8 to 16 bit multiplies by 257, 16 to 8 bit divides by 257 and rounds; floats are 0 to 1,
///   clipped and rounded half up.
///
/// An ICC profile is dropped where grey becomes colour or colour grey, since it then no longer
/// fits; convert to sRGB before if it matters.
#[must_use]
pub fn convert(image: Image, format: PixelFormat) -> Image {
    let from = image.channels();
    if image.format() == format {
        return image;
    }
    let samples = convert_samples(image.samples(), from, format);
    let mut converted = rebuilt(&image, format, samples);
    if from.is_gray() != format.channels.is_gray() {
        converted.color_space = ColorSpace::Srgb;
    }
    converted
}

/// Converts whole rows of samples as [`convert`] does, for encoders that take rows.
pub fn convert_samples(samples: &Samples, from: Channels, format: PixelFormat) -> Samples {
    // The luma is taken at the finer of the two depths.
    if format.depth.bytes() > samples.depth().bytes() {
        change_channels(&change_depth(samples, format.depth), from, format.channels)
    } else {
        change_depth(&change_channels(samples, from, format.channels), format.depth)
    }
}

/// Composites a picture with alpha onto an opaque background and drops the alpha.
///
/// The mix is made of the stored (gamma-encoded) values, as browsers and Pillow do it.
/// `background` is red, green, blue from 0 to 1; grey pictures use its luma. A picture without
/// alpha is returned as it is.
#[must_use]
pub fn flatten(image: Image, background: [f32; 3]) -> Image {
    if !image.channels().has_alpha() {
        return image;
    }
    let format = PixelFormat::new(image.channels().with_alpha(false), image.depth());
    let gray = image.channels().is_gray();
    let samples = match image.samples() {
        Samples::U8(samples) => u8::wrap(composite(samples, gray, background)),
        Samples::U16(samples) => u16::wrap(composite(samples, gray, background)),
        Samples::F32(samples) => f32::wrap(composite(samples, gray, background)),
    };
    rebuilt(&image, format, samples)
}

/// Other pixels of the same size in the frame of `image`.
fn rebuilt(image: &Image, format: PixelFormat, samples: Samples) -> Image {
    // The sample count is right by construction; the fallback is never taken.
    image
        .with_pixels(image.size(), format.channels, samples)
        .unwrap_or_else(|_| Image::zeros(image.size(), format))
}

fn composite<T: Sample>(samples: &[T], gray: bool, background: [f32; 3]) -> Vec<T> {
    let mix = |value: T, alpha: T, back: f32| {
        let alpha = alpha.to_float() / T::FULL;
        T::from_float(value.to_float() * alpha + back * (1.0 - alpha))
    };
    if gray {
        let back = f32::luma(background) * T::FULL;
        map_pixels(samples, |[v, a]| [mix(v, a, back)])
    } else {
        let back = background.map(|v| v * T::FULL);
        map_pixels(samples, |[r, g, b, a]| {
            [mix(r, a, back[0]), mix(g, a, back[1]), mix(b, a, back[2])]
        })
    }
}

fn change_depth(samples: &Samples, depth: Depth) -> Samples {
    match (samples, depth) {
        (Samples::U8(s), Depth::U16) => Samples::U16(map(s, |v| u16::from(v) * 257)),
        (Samples::U8(s), Depth::F32) => Samples::F32(map(s, |v| v as f32 / 255.0)),
        (Samples::U16(s), Depth::U8) => Samples::U8(map(s, narrow)),
        (Samples::U16(s), Depth::F32) => Samples::F32(map(s, |v| v as f32 / 65_535.0)),
        (Samples::F32(s), Depth::U8) => Samples::U8(map(s, |v| u8::from_float(v * 255.0))),
        (Samples::F32(s), Depth::U16) => Samples::U16(map(s, |v| u16::from_float(v * 65_535.0))),
        (same, _) => same.clone(),
    }
}

/// `v / 257` rounded to nearest, without a division.
fn narrow(v: u16) -> u8 {
    ((u32::from(v) * 255 + 32_895) >> 16) as u8
}

fn map<A: Copy, B>(samples: &[A], f: impl Fn(A) -> B) -> Vec<B> {
    samples.iter().map(|&v| f(v)).collect()
}

fn change_channels(samples: &Samples, from: Channels, to: Channels) -> Samples {
    if from == to {
        return samples.clone();
    }
    match samples {
        Samples::U8(samples) => u8::wrap(typed_channels(samples, from, to)),
        Samples::U16(samples) => u16::wrap(typed_channels(samples, from, to)),
        Samples::F32(samples) => f32::wrap(typed_channels(samples, from, to)),
    }
}

fn typed_channels<T: Sample>(s: &[T], from: Channels, to: Channels) -> Vec<T> {
    use Channels::{Gray, GrayAlpha, Rgb, Rgba};
    match (from, to) {
        (Gray, GrayAlpha) => map_pixels(s, |[v]| [v, T::WHITE]),
        (Gray, Rgb) => map_pixels(s, |[v]| [v; 3]),
        (Gray, Rgba) => map_pixels(s, |[v]| [v, v, v, T::WHITE]),
        (GrayAlpha, Gray) => map_pixels(s, |[v, _]| [v]),
        (GrayAlpha, Rgb) => map_pixels(s, |[v, _]| [v; 3]),
        (GrayAlpha, Rgba) => map_pixels(s, |[v, a]| [v, v, v, a]),
        (Rgb, Gray) => map_pixels(s, |rgb| [T::luma(rgb)]),
        (Rgb, GrayAlpha) => map_pixels(s, |rgb| [T::luma(rgb), T::WHITE]),
        (Rgb, Rgba) => map_pixels(s, |[r, g, b]| [r, g, b, T::WHITE]),
        (Rgba, Gray) => map_pixels(s, |[r, g, b, _]| [T::luma([r, g, b])]),
        (Rgba, GrayAlpha) => map_pixels(s, |[r, g, b, a]| [T::luma([r, g, b]), a]),
        (Rgba, Rgb) => map_pixels(s, |[r, g, b, _]| [r, g, b]),
        (Gray, Gray) | (GrayAlpha, GrayAlpha) | (Rgb, Rgb) | (Rgba, Rgba) => s.to_vec(),
    }
}

/// Applies `f` to every pixel of `N` samples.
fn map_pixels<T: Sample, const N: usize, const M: usize>(
    samples: &[T],
    f: impl Fn([T; N]) -> [T; M],
) -> Vec<T> {
    let pixels = samples.as_chunks::<N>().0;
    let mut out = vec![T::default(); pixels.len() * M];
    for (to, from) in out.as_chunks_mut::<M>().0.iter_mut().zip(pixels) {
        *to = f(*from);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Size;

    const ALL: [Channels; 4] = [Channels::Gray, Channels::GrayAlpha, Channels::Rgb, Channels::Rgba];
    const DEPTHS: [Depth; 3] = [Depth::U8, Depth::U16, Depth::F32];

    fn picture(channels: Channels, samples: Vec<u8>) -> Image {
        let pixels = samples.len() / channels.count();
        Image::new(Size::new(pixels as u32, 1), channels, Samples::U8(samples)).unwrap()
    }

    #[test]
    fn narrowing_rounds_to_nearest() {
        for v in 0..=65_535_u16 {
            assert_eq!(u32::from(narrow(v)), (u32::from(v) + 128) / 257);
        }
    }

    #[test]
    fn eight_bit_survives_any_depth() {
        let image = picture(Channels::Gray, (0..=255).collect());
        for depth in DEPTHS {
            let there = convert(image.clone(), PixelFormat::new(Channels::Gray, depth));
            assert_eq!(there.depth(), depth);
            assert_eq!(convert(there, image.format()), image);
        }
    }

    #[test]
    fn every_pair_gives_the_promised_format() {
        let formats =
            || ALL.iter().flat_map(|&c| DEPTHS.iter().map(move |&d| PixelFormat::new(c, d)));
        for from in formats() {
            let image = convert(picture(Channels::Rgba, vec![77; 4 * 9]), from);
            for to in formats() {
                let gray = convert(convert(image.clone(), to), PixelFormat::RGB8);
                assert_eq!(gray.samples(), &Samples::U8(vec![77; 27]), "{from:?} {to:?}");
            }
        }
    }

    #[test]
    fn dropping_alpha_keeps_the_colours_and_flattening_mixes() {
        let image = picture(Channels::Rgba, vec![10, 20, 30, 0, 100, 200, 50, 51]);
        let dropped = convert(image.clone(), PixelFormat::RGB8);
        assert_eq!(dropped.samples(), &Samples::U8(vec![10, 20, 30, 100, 200, 50]));
        let flat = flatten(image, [1.0, 0.0, 0.0]);
        assert_eq!(flat.samples(), &Samples::U8(vec![255, 0, 0, 224, 40, 10]));
    }

    #[test]
    fn a_profile_of_the_other_model_is_dropped() {
        let mut image = picture(Channels::Rgb, vec![1, 2, 3]);
        image.color_space = ColorSpace::Icc(vec![1].into());
        let deep = convert(image.clone(), PixelFormat::new(Channels::Rgba, Depth::U16));
        assert_eq!(deep.color_space, image.color_space);
        let gray = convert(image, PixelFormat::new(Channels::Gray, Depth::U8));
        assert_eq!(gray.color_space, ColorSpace::Srgb);
    }
}
