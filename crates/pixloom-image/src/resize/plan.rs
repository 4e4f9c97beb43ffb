//! Decides from sizes and settings alone which loop resamples a picture, and checks both.
use super::kernel::{self, Kernel};
use super::taps::{Axis, Edge, Taps};
use super::{Filter, ResizeOptions, Window};
use crate::bands::Banding;
use crate::{Depth, ImageError, PixelFormat, Size};

/// Which loop does the work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Route {
    /// Nothing changes.
    Copy,
    /// Picking pixels.
    Nearest,
    /// Detail-preserving downscaling with this λ.
    Dpid(f32),
    /// The integer convolution of `fast_image_resize`, if the picture is opaque.
    Fast,
    /// Our own convolution in 32-bit float.
    Separable,
}

/// A checked resize.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) route: Route,
    pub(super) format: PixelFormat,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) filter: Filter,
    pub(super) antialias: bool,
    pub(super) linear_light: bool,
}

/// Beyond this reduction the 16-bit weights of the fast route are too coarse.
const FAST_MAX_SCALE: f64 = 100.0;
/// Most bytes of the fast route's intermediate picture of one band.
const FAST_MAX_BAND_BYTES: f64 = (32 << 20) as f64;
/// Pixels of the source or the result, whichever has more, in one band. The fast route computes
/// its weights anew for every band, our own loops keep more scratch memory.
const FAST_BAND_PIXELS: f64 = 2_000_000.0;
const BAND_PIXELS: f64 = 1_000_000.0;

impl Plan {
    pub(super) fn new(
        source: Size,
        format: PixelFormat,
        target: Size,
        options: &ResizeOptions,
    ) -> Result<Self, ImageError> {
        let window = checked(source, target, options)?;
        let mut plan = Self {
            route: Route::Separable,
            format,
            x: Axis::new(source.width, window.x, window.width, target.width),
            y: Axis::new(source.height, window.y, window.height, target.height),
            filter: options.filter,
            antialias: options.antialias,
            linear_light: options.linear_light,
        };
        plan.route = plan.choose();
        Ok(plan)
    }

    fn choose(&self) -> Route {
        if self.x.is_unchanged() && self.y.is_unchanged() {
            return Route::Copy;
        }
        match self.filter {
            Filter::Nearest => Route::Nearest,
            Filter::Dpid { lambda } if self.shrinks_only() && lambda > 0.0 => Route::Dpid(lambda),
            _ if self.suits_fast() => Route::Fast,
            _ => Route::Separable,
        }
    }

    /// Whether no side grows.
    fn shrinks_only(&self) -> bool {
        self.x.scale() >= 1.0 && self.y.scale() >= 1.0
    }

    fn suits_fast(&self) -> bool {
        if kernel::of(self.filter).is_none() {
            return false;
        }
        let scale = self.x.scale().max(self.y.scale());
        self.format.depth != Depth::F32
            && !self.linear_light
            && scale <= FAST_MAX_SCALE
            && self.fast_band_bytes() <= FAST_MAX_BAND_BYTES
    }

    /// Upper bound of the bytes of the fast route's intermediate picture of one band, which has
    /// the columns of the one picture and the rows of the other.
    pub(super) fn fast_band_bytes(&self) -> f64 {
        let rows = self.fast_banding().rows.min(self.y.target as usize) as f64;
        let source_rows =
            rows * self.y.scale() + 2.0 * self.kernel().support * self.y.scale().max(1.0) + 4.0;
        let rows_first = rows * f64::from(self.x.source);
        let columns_first = source_rows * f64::from(self.x.target);
        rows_first.max(columns_first) * self.format.bytes_per_pixel() as f64
    }

    /// Samples per pixel.
    pub(super) const fn channels(&self) -> usize {
        self.format.channels.count()
    }

    /// Whether colours are weighted by a last channel.
    pub(super) const fn has_alpha(&self) -> bool {
        self.format.channels.has_alpha()
    }

    /// How the result is cut into bands for our own loops.
    pub(super) fn banding(&self) -> Banding {
        self.bands_of(BAND_PIXELS)
    }

    /// How the result is cut into bands for the fast route.
    pub(super) fn fast_banding(&self) -> Banding {
        self.bands_of(FAST_BAND_PIXELS)
    }

    fn bands_of(&self, pixels: f64) -> Banding {
        let source = f64::from(self.x.source) * self.y.scale();
        let pixels_per_row = source.max(f64::from(self.x.target));
        let rows = (pixels / pixels_per_row).max(1.0) as usize;
        Banding { row_len: self.x.target as usize * self.channels(), rows }
    }

    /// Samples of the result.
    pub(super) fn target_len(&self) -> usize {
        self.y.target as usize * self.x.target as usize * self.channels()
    }

    /// The weights of one direction.
    pub(super) fn taps(&self, axis: &Axis) -> Taps {
        if axis.is_unchanged() {
            return Taps::identity(axis.target);
        }
        let widen = self.antialias;
        match self.filter {
            Filter::Area | Filter::Dpid { .. } if self.shrinks_only() => Taps::area(axis),
            Filter::Area | Filter::Dpid { .. } => Taps::area_linear(axis),
            Filter::MatlabBicubic => Taps::kernel(axis, kernel::CATMULL_ROM, widen, Edge::Mirror),
            Filter::MatlabBicubicLegacy => {
                Taps::kernel(axis, kernel::CATMULL_ROM, widen, Edge::Repeat)
            }
            Filter::OpencvLinear => Taps::kernel(axis, kernel::TRIANGLE, false, Edge::Repeat),
            Filter::OpencvCubic => Taps::kernel(axis, kernel::OPENCV_CUBIC, false, Edge::Repeat),
            Filter::OpencvLanczos4 => Taps::kernel(axis, kernel::LANCZOS4, false, Edge::Repeat),
            _ => Taps::kernel(axis, self.kernel(), widen, Edge::CutOff),
        }
    }

    /// The kernel of a filter that is one, else a box.
    pub(super) fn kernel(&self) -> Kernel {
        kernel::of(self.filter).unwrap_or(kernel::BOX)
    }

    fn is_matlab(&self) -> bool {
        matches!(self.filter, Filter::MatlabBicubic | Filter::MatlabBicubicLegacy)
    }

    /// Whether rows are combined before columns. MATLAB takes the stronger reduction first;
    /// otherwise the direction comes first that makes the rest smaller, which is also the order
    /// with less work in the slower horizontal pass.
    pub(super) fn vertical_first(&self) -> bool {
        let other = if self.is_matlab() { self.x.scale() } else { 1.0 };
        self.y.scale() >= other
    }

    /// Whether integers are rounded between the two directions.
    pub(super) fn rounds_between(&self) -> bool {
        self.is_matlab()
            && self.format.depth != Depth::F32
            && !self.linear_light
            && !self.has_alpha()
    }
}

fn checked(source: Size, target: Size, options: &ResizeOptions) -> Result<Window, ImageError> {
    if source.is_empty() || target.is_empty() {
        return Err(ImageError::settings(format!("cannot resize {source} to {target}")));
    }
    if target.pixels() > (isize::MAX / 16) as u64 {
        return Err(ImageError::settings(format!(
            "a picture of {target} is too large to resize to"
        )));
    }
    if let Filter::Dpid { lambda } = options.filter
        && !(0.0..=8.0).contains(&lambda)
    {
        return Err(ImageError::settings(format!("the DPID lambda must be 0 to 8, not {lambda}")));
    }
    let window = options.source.unwrap_or_else(|| Window::whole(source));
    // MATLAB rounds the size up when a scale does not divide it: its last pixels reach beyond.
    let beyond = matches!(options.filter, Filter::MatlabBicubic | Filter::MatlabBicubicLegacy);
    let inside = |start: f64, extent: f64, length: u32| {
        let end = f64::from(length) * (1.0 + 1e-12);
        start >= 0.0 && extent > 0.0 && (start + extent <= end || beyond && start < end)
    };
    if inside(window.x, window.width, source.width)
        && inside(window.y, window.height, source.height)
    {
        Ok(window)
    } else {
        Err(ImageError::settings(format!("the source window lies outside of the {source} picture")))
    }
}
