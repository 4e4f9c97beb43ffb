//! Resampling to another size.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::geometry::Geometry;
use pixloom_image::resize::{self, Filter, ResizeOptions};
use pixloom_image::{Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx, Window};
use crate::params::{ParamError, Params};

/// How much bigger than the result a picture is decoded at least, so that the resampling kernel
/// has something to work with (the margin that the common image servers use).
const DECODE_MARGIN: u32 = 2;

/// Resize a picture.
///
/// Say the size by `width` and `height`, by one of them, by `long_edge` or `short_edge`, or by
/// `scale`. What is not said follows from the shape of the picture. With `width` and `height`
/// both, `fit` decides what happens to pictures of another shape.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Resize {
    /// Width of the result in pixels.
    #[schemars(range(min = 1, max = 1_000_000))]
    width: Option<u32>,
    /// Height of the result in pixels.
    #[schemars(range(min = 1, max = 1_000_000))]
    height: Option<u32>,
    /// Longer side of the result in pixels.
    #[schemars(range(min = 1, max = 1_000_000))]
    long_edge: Option<u32>,
    /// Shorter side of the result in pixels.
    #[schemars(range(min = 1, max = 1_000_000))]
    short_edge: Option<u32>,
    /// Factor for both sides, such as 0.5.
    #[schemars(range(min = 0.0001, max = 1000.0))]
    scale: Option<f64>,
    /// What `width` and `height` together mean for pictures of another shape.
    fit: Fit,
    /// Resampling kernel.
    filter: FilterName,
    /// Widen the kernel when shrinking, so that every pixel counts.
    antialias: bool,
    /// Resample light intensities instead of the stored (gamma-encoded) values.
    linear_light: bool,
    /// Leave pictures alone that are smaller already.
    only_shrink: bool,
    /// Strength of `dpid`: 0 is a plain mean, 1 keeps most detail.
    #[schemars(range(min = 0.0, max = 8.0))]
    lambda: f32,
}

/// What a target of both width and height means for pictures of another shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Fit {
    /// Exactly that size, distorted if need be.
    #[default]
    Exact,
    /// As large as fits inside, shape kept.
    Inside,
    /// As small as covers it, shape kept; `crop` cuts the rest.
    Cover,
}

/// A resampling kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum FilterName {
    /// The nearest pixel.
    Nearest,
    /// Mean of the covered pixels.
    Box,
    /// Triangle (linear).
    Bilinear,
    /// Hermite cubic.
    Hermite,
    /// Keys cubic with a = -0.5, the bicubic of Pillow and of papers.
    #[serde(alias = "catmull-rom")]
    Bicubic,
    /// Mitchell-Netravali cubic with B = C = 1/3.
    Mitchell,
    /// Cubic B-spline; the softest.
    BSpline,
    /// Lanczos, 2 lobes.
    Lanczos2,
    /// Lanczos, 3 lobes.
    #[default]
    Lanczos3,
    /// Lanczos, 4 lobes.
    Lanczos4,
    /// Gaussian of half a pixel.
    Gaussian,
    /// As OpenCV's `INTER_AREA`.
    Area,
    /// Detail-preserving downscaling (Weber et al. 2016).
    Dpid,
    /// As MATLAB's imresize of today, which mirrors the picture at its edges.
    MatlabBicubic,
    /// As the MATLAB imresize that made the low-resolution pictures of the SR literature, which
    /// repeats the outermost pixels.
    MatlabBicubicLegacy,
    /// As OpenCV's `INTER_LINEAR`, not antialiased.
    OpencvLinear,
    /// As OpenCV's `INTER_CUBIC`, not antialiased.
    OpencvCubic,
    /// As OpenCV's `INTER_LANCZOS4`, not antialiased.
    OpencvLanczos4,
}

impl Default for Resize {
    fn default() -> Self {
        Self {
            width: None,
            height: None,
            long_edge: None,
            short_edge: None,
            scale: None,
            fit: Fit::default(),
            filter: FilterName::default(),
            antialias: true,
            linear_light: false,
            only_shrink: false,
            lambda: 1.0,
        }
    }
}

impl Params for Resize {
    fn validate(&self) -> Result<(), ParamError> {
        let ways = [
            self.width.is_some() || self.height.is_some(),
            self.long_edge.is_some(),
            self.short_edge.is_some(),
            self.scale.is_some(),
        ];
        match ways.into_iter().filter(|given| *given).count() {
            1 => Ok(()),
            0 => Err(ParamError::new(
                "width",
                "say the size: width, height, long_edge, short_edge or scale",
            )),
            _ => Err(ParamError::new(
                "width",
                "say the size one way: width and height, long_edge, short_edge or scale",
            )),
        }
    }
}

impl Op for Resize {
    const NAME: &'static str = "resize";
    const EXAMPLES: &'static [&'static str] =
        &["resize:long_edge=256", "resize:scale=0.5,filter=lanczos3,linear_light=true"];
    type Drawn = ();

    fn draw(&self, _: Seed) {}

    fn shape(&self, input: Size, (): &()) -> Result<Size, ImageError> {
        let target = self.target(input);
        let grows = target.width >= input.width && target.height >= input.height;
        Ok(if self.only_shrink && grows { input } else { target })
    }

    fn geometry(&self, input: Size, (): &()) -> Geometry {
        let output = self.shape(input, &()).unwrap_or(input);
        Geometry::resize(input, output)
    }

    fn cost(&self, input: Size, format: PixelFormat, (): &()) -> Bytes {
        let output = self.shape(input, &()).unwrap_or(input);
        Bytes(resize::resize_cost(input, format, output, &self.options()))
    }

    fn needs(&self, input: Size, (): &()) -> Option<Size> {
        let output = self.shape(input, &()).ok()?;
        // Kernels that do not average cannot tell a reduced decode from the picture.
        if self.is_exact() || self.linear_light || !self.antialias {
            return None;
        }
        let margin = |side: u32| side.saturating_mul(DECODE_MARGIN);
        let needs = Size::new(margin(output.width), margin(output.height));
        (needs.width < input.width && needs.height < input.height).then_some(needs)
    }

    fn apply(&self, image: Image, (): &(), cx: &OpCx<'_>) -> Result<Image, ImageError> {
        if image.size() == cx.output && cx.input == cx.output {
            return Ok(image);
        }
        let source = self.matlab_window(cx.output).unwrap_or(cx.window);
        let options = ResizeOptions { source: Some(source), ..self.options() };
        resize::resize(&image, cx.output, &options, cx.exec)
    }
}

impl Resize {
    fn options(&self) -> ResizeOptions {
        ResizeOptions {
            filter: self.filter(),
            antialias: self.antialias,
            linear_light: self.linear_light,
            source: None,
        }
    }

    /// Whether the kernel is defined by what another program computes from all pixels.
    const fn is_exact(&self) -> bool {
        matches!(
            self.filter,
            FilterName::Nearest
                | FilterName::Dpid
                | FilterName::MatlabBicubic
                | FilterName::MatlabBicubicLegacy
                | FilterName::OpencvLinear
                | FilterName::OpencvCubic
                | FilterName::OpencvLanczos4
        )
    }

    const fn is_matlab(&self) -> bool {
        matches!(self.filter, FilterName::MatlabBicubic | FilterName::MatlabBicubicLegacy)
    }

    /// `imresize(A, scale)` rounds the size up but resamples by the scale that was given, so
    /// its window is not always the whole picture.
    fn matlab_window(&self, output: Size) -> Option<Window> {
        let scale = self.scale.filter(|_| self.is_matlab())?;
        let extent = |side: u32| f64::from(side) / scale;
        Some(Window { x: 0.0, y: 0.0, width: extent(output.width), height: extent(output.height) })
    }

    fn target(&self, input: Size) -> Size {
        let (width, height) = (f64::from(input.width), f64::from(input.height));
        if let Some(scale) = self.scale.filter(|_| self.is_matlab()) {
            // As MATLAB: rounding errors of the product must not add a pixel.
            let up = |length: f64| side((length * scale - 1e-9).ceil());
            return Size::new(up(width), up(height));
        }
        let by = |factor: f64| Size::new(side(width * factor), side(height * factor));
        if let Some(scale) = self.scale {
            return by(scale);
        }
        if let Some(edge) = self.long_edge {
            return by(f64::from(edge) / width.max(height));
        }
        if let Some(edge) = self.short_edge {
            return by(f64::from(edge) / width.min(height));
        }
        match (self.width, self.height) {
            (Some(w), Some(h)) => {
                let (x, y) = (f64::from(w) / width, f64::from(h) / height);
                match self.fit {
                    Fit::Exact => Size::new(w, h),
                    Fit::Inside => by(x.min(y)),
                    Fit::Cover => by(x.max(y)),
                }
            }
            (Some(w), None) => Size::new(w, side(height * f64::from(w) / width)),
            (None, Some(h)) => Size::new(side(width * f64::from(h) / height), h),
            (None, None) => input,
        }
    }

    const fn filter(&self) -> Filter {
        self.filter.filter(self.lambda)
    }
}

impl FilterName {
    /// The kernel; `lambda` is for [`FilterName::Dpid`].
    pub(crate) const fn filter(self, lambda: f32) -> Filter {
        match self {
            Self::Nearest => Filter::Nearest,
            Self::Box => Filter::Box,
            Self::Bilinear => Filter::Bilinear,
            Self::Hermite => Filter::Hermite,
            Self::Bicubic => Filter::CatmullRom,
            Self::Mitchell => Filter::Mitchell,
            Self::BSpline => Filter::BSpline,
            Self::Lanczos2 => Filter::Lanczos2,
            Self::Lanczos3 => Filter::Lanczos3,
            Self::Lanczos4 => Filter::Lanczos4,
            Self::Gaussian => Filter::Gaussian,
            Self::Area => Filter::Area,
            Self::Dpid => Filter::Dpid { lambda },
            Self::MatlabBicubic => Filter::MatlabBicubic,
            Self::MatlabBicubicLegacy => Filter::MatlabBicubicLegacy,
            Self::OpencvLinear => Filter::OpencvLinear,
            Self::OpencvCubic => Filter::OpencvCubic,
            Self::OpencvLanczos4 => Filter::OpencvLanczos4,
        }
    }
}

/// A side in whole pixels, at least one.
fn side(length: f64) -> u32 {
    length.round().clamp(1.0, f64::from(u32::MAX)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Pipeline;

    fn size(text: &str, width: u32, height: u32) -> Size {
        let pipeline = Pipeline::parse(text).unwrap();
        let drawn = pipeline.draw(Seed::root(0)).unwrap();
        pipeline.outputs(Size::new(width, height), &drawn).unwrap()[0].1
    }

    #[test]
    fn every_way_to_say_the_size() {
        assert_eq!(size("resize:long_edge=256", 4000, 3000), Size::new(256, 192));
        assert_eq!(size("resize:long_edge=256", 3000, 4000), Size::new(192, 256));
        assert_eq!(size("resize:short_edge=256", 4000, 3000), Size::new(341, 256));
        assert_eq!(size("resize:scale=0.5", 5, 4), Size::new(3, 2));
        let matlab = "resize:scale=0.25,filter=matlab-bicubic";
        assert_eq!(size(matlab, 201, 200), Size::new(51, 50));
        assert_eq!(size("resize:width=100", 400, 300), Size::new(100, 75));
        assert_eq!(size("resize:height=100", 400, 300), Size::new(133, 100));
        assert_eq!(size("resize:width=9,height=9", 400, 300), Size::new(9, 9));
        assert_eq!(size("resize:width=90,height=90,fit=inside", 400, 300), Size::new(90, 68));
        assert_eq!(size("resize:width=90,height=90,fit=cover", 400, 300), Size::new(120, 90));
        assert_eq!(size("resize:long_edge=256,only_shrink=true", 100, 90), Size::new(100, 90));
        assert_eq!(size("resize:long_edge=4", 4000, 3), Size::new(4, 1));
    }

    /// `imresize` by a scale that does not divide the side, for a ramp of 5 pixels: the values
    /// are those of MATLAB's algorithm, computed apart with `NumPy`.
    #[test]
    fn matlab_resamples_by_the_scale_that_was_given() {
        use pixloom_image::{Channels, Samples, Serial};
        let ramp = Samples::U8(vec![0, 50, 100, 150, 200]);
        let image = Image::new(Size::new(5, 1), Channels::Gray, ramp).unwrap();
        let pipeline = Pipeline::parse("resize:scale=0.5,filter=matlab-bicubic").unwrap();
        let cx = crate::pipeline::PipelineCx {
            seed: Seed::root(0),
            exec: &Serial,
            note: &|_, _| {},
        };
        let mut results = Vec::new();
        let loaded = crate::pipeline::Loaded::full(image);
        let drawn = pipeline.draw(cx.seed).unwrap();
        pipeline
            .run(loaded, &drawn, &cx, &mut |_, applied| {
                results.push(applied.into_image().into_samples());
                Ok(())
            })
            .unwrap();
        assert_eq!(results, [Samples::U8(vec![22, 128, 199])]);
    }

    #[test]
    fn the_size_must_be_said_once() {
        for text in ["resize", "resize:scale=2,width=5", "resize:long_edge=5,short_edge=5"] {
            assert!(Pipeline::parse(text).is_err(), "{text}");
        }
    }
}
