//! The luma that all scores are computed from.
use crate::{Channels, Depth, Image, PixelFormat, Samples, convert};

/// Luma on the 0 to 255 scale, in rows.
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) data: Vec<f32>,
}

impl Plane {
    pub(super) fn luma(image: &Image) -> Self {
        let flat = if image.channels().has_alpha() {
            convert::flatten(image.clone(), [0.5; 3])
        } else {
            image.clone()
        };
        let gray = convert::convert(flat, PixelFormat::new(Channels::Gray, Depth::F32));
        let (width, height) = (gray.width() as usize, gray.height() as usize);
        let mut data = match gray.into_samples() {
            Samples::F32(data) => data,
            other => vec![0.0; other.len()],
        };
        for value in &mut data {
            *value = if value.is_finite() { (*value * 255.0).clamp(0.0, 255.0) } else { 0.0 };
        }
        Self { width, height, data }
    }

    pub(super) fn at(&self, x: usize, y: usize) -> f64 {
        f64::from(self.data[y * self.width + x])
    }

    pub(super) fn row(&self, y: usize) -> &[f32] {
        &self.data[y * self.width..][..self.width]
    }

    /// Calls `visit` with every row that has neighbours, and these: the one above, itself, the
    /// one below.
    pub(super) fn inner(&self, mut visit: impl FnMut([&[f32]; 3])) {
        for y in 1..self.height.saturating_sub(1) {
            visit([self.row(y - 1), self.row(y), self.row(y + 1)]);
        }
    }
}

/// `a / b`, or 0 where there is nothing to divide by.
pub(super) fn ratio(a: f64, b: f64) -> f64 {
    if b > 0.0 { a / b } else { 0.0 }
}
