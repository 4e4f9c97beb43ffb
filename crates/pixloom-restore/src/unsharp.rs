//! Unsharp masking in 8 bit, as OpenCV's `addWeighted` over `GaussianBlur`.
use crate::gauss::{Kernel, blur};
use crate::{Plane, Planes, simd};

/// `(1 + strength) · base − strength · blurred`, rounded half to even, cut to 0 to 255.
pub fn mix(base: &Plane, blurred: &Plane, strength: f64) -> Plane {
    let mut out = Plane::zeros(base.width(), base.height());
    let width = base.width();
    for (y, row) in out.values_mut().chunks_exact_mut(width).enumerate() {
        simd::unsharp_row(base.row(y), blurred.row(y), strength as f32, row);
    }
    out
}

/// Sharpens by `strength` times what a blur of `sigma` pixels takes away.
#[must_use]
pub fn unsharp(picture: &Planes, sigma: f64, strength: f64) -> Planes {
    let kernel = Kernel::new(sigma);
    picture.map(|plane| mix(plane, &blur(plane, &kernel), strength))
}
