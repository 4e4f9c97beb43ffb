//! ICC profiles: naming them, and converting pictures to sRGB.
use std::sync::Arc;

use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, ProfileText, RenderingIntent, ToneReprCurve,
    TransformExecutor, TransformOptions,
};

use super::transfer::linear_to_srgb;
use crate::bands::{Banding, for_each_band};
use crate::buffer::ColorSpace;
use crate::{Channels, Exec, Image, ImageError, Samples};

/// Samples of one band.
const BAND_SAMPLES: usize = 1 << 20;

/// Converts a picture to sRGB by its embedded profile (relative colorimetric intent; alpha is
/// kept) and says whether the pixels changed. A picture that is sRGB already, by a profile or by
/// default, keeps its pixels; either way the result is marked as sRGB. Floats are transformed
/// with the precision of 14 bit and not clipped.
///
/// # Errors
/// `Corrupt` if the profile cannot be read or is for other channels than the picture has,
/// `Unsupported` if no transform can be made of it, `Limit` if `exec` says stop.
pub fn to_srgb(mut image: Image, exec: &dyn Exec) -> Result<(Image, bool), ImageError> {
    let ColorSpace::Icc(icc) = &image.color_space else { return Ok((image, false)) };
    let profile = parse(icc)?;
    if is_srgb_profile(&profile) {
        image.color_space = ColorSpace::Srgb;
        return Ok((image, false));
    }
    let transform = Transform::new(&profile, image.channels())?;
    let row_len = image.row_len();
    let samples = match image.samples() {
        Samples::U8(samples) => {
            let executor = transform.build(ColorProfile::create_transform_8bit)?;
            Samples::U8(run(&*executor, samples, row_len, exec)?)
        }
        Samples::U16(samples) => {
            let executor = transform.build(ColorProfile::create_transform_16bit)?;
            Samples::U16(run(&*executor, samples, row_len, exec)?)
        }
        Samples::F32(samples) => {
            let executor = transform.build(ColorProfile::create_transform_f32)?;
            Samples::F32(run(&*executor, samples, row_len, exec)?)
        }
    };
    *image.samples_mut() = samples;
    image.color_space = ColorSpace::Srgb;
    Ok((image, true))
}

/// The profile's own description, or nothing if there is none or the profile is damaged.
pub fn describe_icc(icc: &[u8]) -> Option<String> {
    let text = match ColorProfile::new_from_slice(icc).ok()?.description? {
        ProfileText::PlainString(text) => text,
        ProfileText::Localizable(texts) => texts.into_iter().next()?.value,
        ProfileText::Description(text) if text.ascii_string.is_empty() => text.unicode_string,
        ProfileText::Description(text) => text.ascii_string,
    };
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Whether a profile says nothing but sRGB: the primaries and the curve, to well below one
/// 8-bit step. Cheap; no transform is built.
pub fn is_srgb(icc: &[u8]) -> bool {
    ColorProfile::new_from_slice(icc).is_ok_and(|profile| is_srgb_profile(&profile))
}

fn parse(icc: &[u8]) -> Result<ColorProfile, ImageError> {
    ColorProfile::new_from_slice(icc)
        .map_err(|error| ImageError::corrupt("the ICC profile is damaged").with_source(error))
}

fn is_srgb_profile(profile: &ColorProfile) -> bool {
    let srgb = ColorProfile::new_srgb();
    let near = |a: moxcms::Xyzd, b: moxcms::Xyzd| {
        // Writers round and adapt differently; 0.0015 is a third of an 8-bit step at white.
        (a.x - b.x).abs() < 0.001_5 && (a.y - b.y).abs() < 0.001_5 && (a.z - b.z).abs() < 0.001_5
    };
    let curves = [&profile.red_trc, &profile.green_trc, &profile.blue_trc];
    profile.color_space == DataColorSpace::Rgb
        && profile.lut_a_to_b_colorimetric.is_none()
        && profile.lut_a_to_b_perceptual.is_none()
        && near(profile.red_colorant, srgb.red_colorant)
        && near(profile.green_colorant, srgb.green_colorant)
        && near(profile.blue_colorant, srgb.blue_colorant)
        && curves.into_iter().all(|curve| curve.as_ref().is_some_and(is_srgb_curve))
}

/// Whether a curve is the sRGB one to half an 8-bit step of the encoded value.
fn is_srgb_curve(curve: &ToneReprCurve) -> bool {
    let close = |encoded: f32, linear: f32| (linear_to_srgb(linear) - encoded).abs() < 0.002;
    match curve {
        ToneReprCurve::Lut(table) if table.len() >= 256 => {
            let last = (table.len() - 1) as f32;
            table.iter().enumerate().all(|(i, &v)| close(i as f32 / last, v as f32 / 65_535.0))
        }
        // ICC.1 table 68, function type 3: (a x + b)^g from d on, c x below.
        ToneReprCurve::Parametric(parameters) => match parameters[..] {
            [g, a, b, c, d] => (0..=255).all(|i| {
                let x = i as f32 / 255.0;
                close(x, if x >= d { libm::powf((a * x + b).max(0.0), g) } else { c * x })
            }),
            _ => false,
        },
        ToneReprCurve::Lut(_) => false,
    }
}

/// A conversion that is about to be built.
struct Transform<'a> {
    source: &'a ColorProfile,
    target: ColorProfile,
    layout: Layout,
}

type Executor<T> = Arc<dyn TransformExecutor<T> + Send + Sync>;
type Builder<T> = fn(
    &ColorProfile,
    Layout,
    &ColorProfile,
    Layout,
    TransformOptions,
) -> Result<Executor<T>, CmsError>;

impl<'a> Transform<'a> {
    fn new(source: &'a ColorProfile, channels: Channels) -> Result<Self, ImageError> {
        let expected = if channels.is_gray() { DataColorSpace::Gray } else { DataColorSpace::Rgb };
        if source.color_space != expected {
            return Err(ImageError::corrupt(format!(
                "the ICC profile is for {:?}, the picture has {channels:?}",
                source.color_space
            )));
        }
        let (target, layout) = match channels {
            Channels::Gray => (gray_srgb(), Layout::Gray),
            Channels::GrayAlpha => (gray_srgb(), Layout::GrayAlpha),
            Channels::Rgb => (ColorProfile::new_srgb(), Layout::Rgb),
            Channels::Rgba => (ColorProfile::new_srgb(), Layout::Rgba),
        };
        Ok(Self { source, target, layout })
    }

    fn build<T>(&self, builder: Builder<T>) -> Result<Executor<T>, ImageError> {
        let with_intent = |rendering_intent| {
            let options = TransformOptions { rendering_intent, ..TransformOptions::default() };
            builder(self.source, self.layout, &self.target, self.layout, options)
        };
        // Profiles that are tables may have the perceptual one only.
        with_intent(RenderingIntent::RelativeColorimetric)
            .or_else(|_| with_intent(RenderingIntent::Perceptual))
            .map_err(|error| {
                ImageError::unsupported("the ICC profile cannot be converted to sRGB")
                    .with_source(error)
            })
    }
}

/// Grey with the curve of sRGB.
fn gray_srgb() -> ColorProfile {
    let mut profile = ColorProfile::new_gray_with_gamma(2.2);
    profile.gray_trc = ColorProfile::new_srgb().red_trc;
    profile
}

fn run<T: Copy + Default + Send + Sync>(
    executor: &(dyn TransformExecutor<T> + Send + Sync),
    samples: &[T],
    row_len: usize,
    exec: &dyn Exec,
) -> Result<Vec<T>, ImageError> {
    let mut out = vec![T::default(); samples.len()];
    let banding = Banding::of_samples(row_len, BAND_SAMPLES);
    for_each_band(
        &mut out,
        banding,
        exec,
        || (),
        |(), first, rows| {
            let start = first * row_len;
            executor.transform(&samples[start..start + rows.len()], rows).map_err(|error| {
                ImageError::unsupported("the colour transform failed").with_source(error)
            })
        },
    )?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::convert;
    use crate::{Depth, PixelFormat, Serial, Size};

    fn encoded(profile: &ColorProfile) -> Arc<[u8]> {
        profile.encode().unwrap().into()
    }

    fn picture(channels: Channels, values: &[u8], icc: Arc<[u8]>) -> Image {
        let size = Size::new((values.len() / channels.count()) as u32, 1);
        let mut image = Image::new(size, channels, Samples::U8(values.to_vec())).unwrap();
        image.color_space = ColorSpace::Icc(icc);
        image
    }

    #[test]
    fn srgb_is_recognised_and_kept() {
        let icc = encoded(&ColorProfile::new_srgb());
        assert!(is_srgb(&icc));
        let image = picture(Channels::Rgb, &[1, 200, 33], icc);
        let (converted, changed) = to_srgb(image.clone(), &Serial).unwrap();
        assert!(!changed);
        assert_eq!(converted.samples(), image.samples());
        assert_eq!(converted.color_space, ColorSpace::Srgb);
    }

    #[test]
    fn wide_gamuts_are_converted_at_every_depth() {
        let icc = encoded(&ColorProfile::new_display_p3());
        assert!(!is_srgb(&icc) && !is_srgb(&encoded(&ColorProfile::new_adobe_rgb())));
        let image = picture(Channels::Rgba, &[200, 100, 50, 7, 128, 128, 128, 255], icc);
        for depth in [Depth::U8, Depth::U16, Depth::F32] {
            let deep = convert(image.clone(), PixelFormat::new(Channels::Rgba, depth));
            let (converted, changed) = to_srgb(deep, &Serial).unwrap();
            assert!(changed);
            let eight = convert(converted, PixelFormat::new(Channels::Rgba, Depth::U8));
            let Samples::U8(values) = eight.samples() else { panic!("not 8 bit") };
            // Display P3 (200, 100, 50) is sRGB (214.9, 92.6, 31.0) by the published matrices.
            for (value, expected) in values.iter().zip([215, 93, 31, 7, 128, 128, 128, 255]) {
                assert!(value.abs_diff(expected) <= 1, "{depth:?} {values:?}");
            }
        }
    }

    #[test]
    fn grey_curves_are_converted() {
        let icc = encoded(&ColorProfile::new_gray_with_gamma(1.0));
        let image = picture(Channels::GrayAlpha, &[55, 9, 255, 10], icc);
        let (converted, _) = to_srgb(image, &Serial).unwrap();
        // Linear 55/255 is 127.96/255 encoded.
        let Samples::U8(values) = converted.samples() else { panic!("not 8 bit") };
        assert!(values[0].abs_diff(128) <= 1, "{values:?}");
        assert_eq!(values[1..], [9, 255, 10]);
    }

    #[test]
    fn bad_profiles_are_errors() {
        use crate::ImageErrorKind::Corrupt;
        let image = picture(Channels::Rgb, &[1, 2, 3], vec![7; 200].into());
        assert_eq!(to_srgb(image, &Serial).unwrap_err().kind(), Corrupt);
        let gray = encoded(&ColorProfile::new_gray_with_gamma(2.2));
        let image = picture(Channels::Rgb, &[1, 2, 3], gray);
        assert_eq!(to_srgb(image, &Serial).unwrap_err().kind(), Corrupt);
    }

    #[test]
    fn description_is_plain_text() {
        let text = describe_icc(&encoded(&ColorProfile::new_srgb())).unwrap();
        assert_eq!(text, "sRGB IEC61966-2.1");
        assert_eq!(describe_icc(b"nonsense"), None);
    }
}
