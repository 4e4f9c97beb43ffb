//! Resampling a picture to another size, with the kernels of the imaging and SR fields.
mod dpid;
mod fast;
mod kernel;
mod nearest;
mod plan;
mod separable;
mod taps;

use serde::{Deserialize, Serialize};

use crate::visit::visit;
use crate::{Exec, Image, ImageError, PixelFormat, Size};
use plan::{Plan, Route};

/// How pixels are weighted. The names are those of the kernels in the literature.
///
/// Kernels are cut off at the picture's edge and renormalised, as Pillow and libvips do,
/// unless stated otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// The pixel whose area contains the sampled point (Pillow `NEAREST`, OpenCV
    /// `INTER_NEAREST_EXACT`).
    Nearest,
    /// Mean over the pixel's area, pixels counted whole (Pillow `BOX`).
    Box,
    /// Triangle, support 1 (Pillow `BILINEAR`).
    Bilinear,
    /// Hermite cubic (Mitchell-Netravali B = C = 0), support 1.
    Hermite,
    /// Keys cubic with a = -0.5 (Pillow `BICUBIC`), support 2.
    #[serde(alias = "bicubic")]
    CatmullRom,
    /// Mitchell-Netravali cubic with B = C = 1/3 (SIGGRAPH 1988), support 2.
    Mitchell,
    /// Cubic B-spline, support 2; smooths even where the size stays.
    #[serde(alias = "bspline")]
    BSpline,
    /// Sinc windowed by sinc, 2 lobes.
    Lanczos2,
    /// Sinc windowed by sinc, 3 lobes (Pillow `LANCZOS`).
    #[default]
    Lanczos3,
    /// Sinc windowed by sinc, 4 lobes.
    Lanczos4,
    /// Gaussian with a standard deviation of 0.5 output pixels, support 2.
    Gaussian,
    /// OpenCV `INTER_AREA`: exact area coverage where both sides shrink, otherwise OpenCV's
    /// variant of linear interpolation. Ignores `antialias`.
    Area,
    /// Detail-preserving downscaling (Weber et al., SIGGRAPH Asia 2016): pixels count the more
    /// the further they are from the local mean. Where a side grows it is [`Filter::Area`].
    Dpid {
        /// Exponent of the distance; 0 is a plain mean, 1 the paper's default, at most 8.
        lambda: f32,
    },
    /// `imresize(…, 'bicubic')` of today's MATLAB: a = -0.5, widened when shrinking (unless
    /// `antialias` is off), mirrored edges, rounding after each direction, the stronger
    /// reduction first.
    MatlabBicubic,
    /// The same with the repeated edges of older MATLAB releases, which made the low-resolution
    /// files of the common benchmarks (Set5, Set14). Differs in the two outermost pixels.
    MatlabBicubicLegacy,
    /// OpenCV `INTER_LINEAR`: never widened, edges repeated. Ignores `antialias`.
    OpencvLinear,
    /// OpenCV `INTER_CUBIC`: a = -0.75, never widened, edges repeated. Ignores `antialias`.
    OpencvCubic,
    /// OpenCV `INTER_LANCZOS4`: 8 taps, never widened, edges repeated. Ignores `antialias`.
    OpencvLanczos4,
}

/// A part of a picture in fractional pixels; (0, 0) is the top left corner of the first pixel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width, more than 0.
    pub width: f64,
    /// Height, more than 0.
    pub height: f64,
}

impl Window {
    /// The whole picture.
    pub fn whole(size: Size) -> Self {
        Self { x: 0.0, y: 0.0, width: f64::from(size.width), height: f64::from(size.height) }
    }

    /// The part that a decode at 1/`shrink` covers of a picture whose full size is `full`.
    ///
    /// Such a decode is rounded up to whole pixels; resampling from this window instead of from
    /// the whole keeps positions exact. It never reaches beyond `decoded`.
    pub fn of_shrunk(full: Size, shrink: u8, decoded: Size) -> Self {
        let side = |full: u32, decoded: u32| {
            (f64::from(full) / f64::from(shrink.max(1))).min(f64::from(decoded))
        };
        let (width, height) = (side(full.width, decoded.width), side(full.height, decoded.height));
        Self { x: 0.0, y: 0.0, width, height }
    }
}

/// How to resample.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResizeOptions {
    /// The kernel.
    pub filter: Filter,
    /// Widen the kernel when shrinking, so that every pixel counts. Default true.
    pub antialias: bool,
    /// Resample linear light instead of the stored values, assuming the sRGB curve.
    /// Default false.
    pub linear_light: bool,
    /// The part of the picture to take. `None`: all of it.
    pub source: Option<Window>,
}

impl Default for ResizeOptions {
    fn default() -> Self {
        Self { filter: Filter::default(), antialias: true, linear_light: false, source: None }
    }
}

impl ResizeOptions {
    /// The default options with another kernel.
    pub fn with_filter(filter: Filter) -> Self {
        Self { filter, ..Self::default() }
    }
}

/// Resamples `image` to `target` pixels.
///
/// A direction in which nothing changes is left alone whatever the kernel. Colours are weighted
/// by alpha, so that what is transparent does not bleed; pixels of alpha 0 become black. Floats
/// are not clipped. The result does not depend on `exec`.
///
/// # Errors
/// `Settings` if a side is 0, the source window is not inside the picture or λ is out of range;
/// `Limit` if `exec` says stop.
pub fn resize(
    image: &Image,
    target: Size,
    options: &ResizeOptions,
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    let plan = Plan::new(image.size(), image.format(), target, options)?;
    let samples = match plan.route {
        Route::Copy => image.samples().clone(),
        Route::Nearest => visit(image, nearest::Nearest { plan: &plan, exec })?,
        Route::Dpid(lambda) => visit(image, dpid::Dpid { lambda, plan: &plan, exec })?,
        Route::Fast if fast::is_opaque(image) => fast::resize(image, &plan, exec)?,
        Route::Fast | Route::Separable => visit(image, separable::Separable { plan: &plan, exec })?,
    };
    image.with_pixels(target, image.channels(), samples)
}

/// Most bytes of the list of bands for one row of the result.
const LIST_ENTRY_BYTES: u64 = 64;
/// Small allocations of any resize.
const OVERHEAD_BYTES: u64 = 64 << 10;

/// Upper bound of the bytes that [`resize`] allocates beside the source, the result included.
/// Settings that [`resize`] refuses cost 0. Tables of half a megabyte that are made once per
/// process are not counted.
pub fn resize_cost(
    source: Size,
    format: PixelFormat,
    target: Size,
    options: &ResizeOptions,
) -> u64 {
    let Ok(plan) = Plan::new(source, format, target, options) else { return 0 };
    let result = target.pixels().saturating_mul(format.bytes_per_pixel() as u64);
    let scratch = match plan.route {
        Route::Copy => 0,
        Route::Nearest => nearest::cost(&plan),
        Route::Dpid(_) => dpid::cost(&plan),
        Route::Fast if format.channels.has_alpha() => fast::cost(&plan).max(separable::cost(&plan)),
        Route::Fast => fast::cost(&plan),
        Route::Separable => separable::cost(&plan),
    };
    let lists = u64::from(target.height) * LIST_ENTRY_BYTES;
    result.saturating_add(scratch).saturating_add(lists).saturating_add(OVERHEAD_BYTES)
}
