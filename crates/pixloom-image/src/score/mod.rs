//! Scores of a picture without a reference: how sharp, noisy, blocky, busy it is.
//!
//! All are computed from the luma of the stored pixels, in fixed order, so that they are the
//! same on every machine. None is a verdict on a picture by itself: a foggy morning is not sharp.
mod banding;
mod blockiness;
mod complexity;
mod exposure;
mod noise;
mod plane;
mod sharpness;
mod spectrum;

pub(crate) use noise::noise_of;

use serde::{Deserialize, Serialize};

use crate::{Exec, Image, ImageError};
use plane::Plane;

/// All scores of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Scores {
    /// 0 (blurred) to 1 (sharp): 1 minus the perceptual blur of Crete et al., "The blur effect"
    /// (SPIE 2007).
    pub sharpness: f64,
    /// Variance of the Laplacian on the 0 to 255 scale (Pech-Pacheco et al., ICPR 2000). Grows
    /// with contrast and with noise.
    pub laplacian_variance: f64,
    /// By how much steps between 8 × 8 blocks exceed the steps elsewhere, each relative to its
    /// neighbourhood; 0 without blocks (Chen and Bloom, PCM 2010), for the best place of the grid.
    pub blockiness: f64,
    /// Standard deviation of the noise on the 0 to 255 scale (Immerkær, CVIU 1996), over the
    /// quiet half of the picture.
    pub noise: f64,
    /// Mean luma, 0 to 1.
    pub brightness: f64,
    /// Share of pixels that are black (luma of at most 2 of 255).
    pub clipped_dark: f64,
    /// Share of pixels that are white (luma of at least 253 of 255).
    pub clipped_bright: f64,
    /// Standard deviation of the Sobel gradient on the 0 to 255 scale: spatial information of
    /// ITU-T P.910.
    pub spatial_information: f64,
    /// Entropy of the luma histogram in bits, 0 to 8 (Shannon 1948).
    pub entropy: f64,
    /// Share of pixels whose Sobel gradient exceeds 40 of 255.
    pub edge_density: f64,
    /// 0 (none) to 1: contours in smooth areas, by the contrast ratios of CAMBI (Tandon et al.,
    /// PCS 2021; Bhagavathy et al. 2009) at one scale.
    pub banding: f64,
    /// The share of the resolution that is used, 0 to 1: the cut-off frequency, relative to the
    /// highest possible, below which 95 % of the detail lie. Detail is energy times frequency
    /// squared, which is level for photographs (Field 1987), without what rounding adds. A
    /// picture that was enlarged twofold, or is as blurred as that, has 0.4 to 0.65.
    pub native_scale: f64,
}

impl Scores {
    /// Names and values, in the order of the columns of a table.
    pub const fn fields(&self) -> [(&'static str, f64); 12] {
        [
            ("sharpness", self.sharpness),
            ("laplacian_variance", self.laplacian_variance),
            ("blockiness", self.blockiness),
            ("noise", self.noise),
            ("brightness", self.brightness),
            ("clipped_dark", self.clipped_dark),
            ("clipped_bright", self.clipped_bright),
            ("spatial_information", self.spatial_information),
            ("entropy", self.entropy),
            ("edge_density", self.edge_density),
            ("banding", self.banding),
            ("native_scale", self.native_scale),
        ]
    }
}

/// Scores a picture. What is transparent counts as mid-grey.
///
/// # Errors
/// `Limit` if `exec` says stop.
pub fn score(image: &Image, exec: &dyn Exec) -> Result<Scores, ImageError> {
    let luma = Plane::luma(image);
    let check = || if exec.is_stopped() { Err(ImageError::limit("stopped")) } else { Ok(()) };
    check()?;
    let (sharpness, laplacian_variance) =
        (1.0 - sharpness::blur(&luma), sharpness::laplacian(&luma));
    check()?;
    let blockiness = blockiness::blockiness(&luma);
    let noise = noise::noise(&luma);
    check()?;
    let exposure = exposure::exposure(&luma);
    let complexity = complexity::complexity(&luma);
    check()?;
    let banding = banding::banding(&luma);
    check()?;
    Ok(Scores {
        sharpness,
        laplacian_variance,
        blockiness,
        noise,
        brightness: exposure.mean,
        clipped_dark: exposure.dark,
        clipped_bright: exposure.bright,
        spatial_information: complexity.information,
        entropy: exposure.entropy,
        edge_density: complexity.edges,
        banding,
        native_scale: spectrum::native_scale(&luma),
    })
}

/// Upper bound of the bytes that [`score`] allocates for a picture of so many pixels.
pub const fn score_cost(pixels: u64) -> u64 {
    // Luma in floats, a flattened copy of up to 16 bytes a pixel, the mask of the banding.
    pixels.saturating_mul(32).saturating_add(1 << 20)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "a flat picture scores exactly nothing")]
mod tests {
    use super::*;
    use crate::codec::{self, DecodeOptions, EncodeOptions};
    use crate::filter::gaussian_blur;
    use crate::resize::{Filter, ResizeOptions, resize};
    use crate::synth::{Scene, scene};
    use crate::{Limits, Samples, Serial, Size};

    const SIZE: Size = Size::new(320, 240);

    fn scores(image: &Image) -> Scores {
        score(image, &Serial).unwrap()
    }

    /// Every scene, scored after each strength of a degradation.
    fn series(strengths: &[f64], degrade: impl Fn(&Image, f64) -> Image) -> Vec<Vec<Scores>> {
        let of = |kind: Scene| {
            let image = scene(kind, 7, SIZE);
            strengths.iter().map(|strength| scores(&degrade(&image, *strength))).collect()
        };
        Scene::ALL.into_iter().map(of).collect()
    }

    fn assert_falls(series: &[Vec<Scores>], name: &str, of: impl Fn(&Scores) -> f64) {
        for (scene, scores) in Scene::ALL.iter().zip(series) {
            let values: Vec<f64> = scores.iter().map(&of).collect();
            assert!(values.is_sorted_by(|a, b| a > b), "{name} of {scene:?}: {values:?}");
        }
    }

    fn jpeg(image: &Image, quality: f64) -> Image {
        let codec = codec::by_name("jpeg").unwrap();
        let options = EncodeOptions { quality: Some(quality as u8), ..EncodeOptions::default() };
        let mut bytes = Vec::new();
        codec.encode(image, &options, &Serial, &mut bytes).unwrap();
        codec.decode(&bytes, &DecodeOptions::default(), &Limits::default(), &Serial).unwrap().image
    }

    fn noisy(image: &Image, sigma: f64) -> Image {
        let mut state = 12_345_u32;
        let mut uniform = move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1 << 24)
        };
        let mut image = image.clone();
        if let Samples::U8(samples) = image.samples_mut() {
            for pixel in samples.chunks_exact_mut(3) {
                let normal: f64 = (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
                for sample in pixel {
                    *sample = (f64::from(*sample) + sigma * normal).round().clamp(0.0, 255.0) as u8;
                }
            }
        }
        image
    }

    fn resized(image: &Image, size: Size) -> Image {
        resize(image, size, &ResizeOptions::with_filter(Filter::CatmullRom), &Serial).unwrap()
    }

    #[test]
    fn blur_lowers_sharpness() {
        let blurred = series(&[0.0, 0.7, 1.5, 3.0], |image, sigma| {
            gaussian_blur(image, sigma as f32, &Serial).unwrap()
        });
        assert_falls(&blurred, "sharpness", |s| s.sharpness);
        assert_falls(&blurred, "laplacian", |s| s.laplacian_variance);
        assert_falls(&blurred, "edges", |s| s.spatial_information);
    }

    #[test]
    fn compression_raises_blockiness() {
        assert_falls(&series(&[10.0, 20.0, 30.0, 95.0], jpeg), "blockiness", |s| s.blockiness);
        // A crop moves the grid, which is found again.
        let image = jpeg(&scene(Scene::Landscape, 7, SIZE), 15.0);
        let part = crate::geometry::Rect::new(3, 5, Size::new(300, 200));
        let part = crate::geometry::crop(&image, part).unwrap();
        let (whole, part) = (scores(&image).blockiness, scores(&part).blockiness);
        assert!((whole - part).abs() < 0.3 * whole && part > 0.5, "{whole} {part}");
    }

    #[test]
    fn noise_is_measured() {
        for kind in Scene::ALL {
            let image = scene(kind, 7, SIZE);
            let clean = scores(&image).noise;
            for sigma in [5.0, 10.0, 20.0] {
                let noise = scores(&noisy(&image, sigma)).noise;
                // Quiet areas of pages and nights are clipped, which halves the noise there.
                assert!(noise > clean && noise > 0.4 * sigma, "{kind:?}: {noise} for {sigma}");
                assert!(noise < 1.4 * sigma + clean, "{kind:?}: {noise} for {sigma}");
            }
        }
    }

    #[test]
    fn enlarged_pictures_show() {
        for kind in Scene::ALL {
            let image = scene(kind, 7, SIZE);
            let native = scores(&image).native_scale;
            let enlarged = |factor: u32| {
                let small = Size::new(SIZE.width / factor, SIZE.height / factor);
                scores(&resized(&resized(&image, small), SIZE)).native_scale
            };
            let (twice, four) = (enlarged(2), enlarged(4));
            // A soft picture uses less than its resolution, but still more than an enlarged one.
            assert!(native > twice + 0.1 && twice > four, "{kind:?}: {native} {twice} {four}");
            assert!(twice < 0.7 && four < 0.45, "{kind:?}: {twice} {four}");
        }
    }

    #[test]
    fn posterised_skies_have_banding() {
        let values = (0..320 * 240).map(|at| 60 + ((at % 320) / 4 + (at / 320) / 4) as u8);
        let smooth: Vec<u8> = values.collect();
        let steps = |bits: u32| smooth.iter().map(|v| v >> bits << bits).collect::<Vec<u8>>();
        let banding = |samples: Vec<u8>| {
            let image = Image::new(SIZE, crate::Channels::Gray, Samples::U8(samples)).unwrap();
            scores(&image).banding
        };
        let (fine, coarse, flat) =
            (banding(smooth.clone()), banding(steps(3)), banding(vec![90; 76_800]));
        assert!(coarse > 2.0 * fine && coarse > 0.1, "{fine} {coarse}");
        assert_eq!(flat, 0.0);
        for kind in Scene::ALL {
            let noisy = scores(&noisy(&scene(kind, 7, SIZE), 4.0)).banding;
            assert!(noisy < 0.05, "{kind:?}: {noisy}");
        }
    }

    #[test]
    fn exposure_and_complexity() {
        let of = |samples: Vec<u8>| {
            let size = Size::new(64, samples.len() as u32 / 64);
            scores(&Image::new(size, crate::Channels::Gray, Samples::U8(samples)).unwrap())
        };
        let black = of(vec![0; 4096]);
        assert_eq!((black.brightness, black.clipped_dark, black.clipped_bright), (0.0, 1.0, 0.0));
        assert_eq!((black.entropy, black.spatial_information, black.sharpness), (0.0, 0.0, 0.0));
        let checks =
            of((0..4096).map(|at| if (at / 8 + at / 512) % 2 == 0 { 0 } else { 255 }).collect());
        assert!((checks.entropy - 1.0).abs() < 1e-9 && checks.edge_density > 0.2);
        assert!(checks.spatial_information > 100.0);
    }

    #[test]
    fn any_size_has_finite_scores() {
        for (width, height) in [(0, 0), (1, 1), (2, 7), (5, 1), (9, 9), (40, 33)] {
            let image = scene(Scene::City, 1, Size::new(width, height));
            for (name, value) in scores(&image).fields() {
                assert!(value.is_finite(), "{name} of {width}x{height}: {value}");
            }
        }
    }
}
