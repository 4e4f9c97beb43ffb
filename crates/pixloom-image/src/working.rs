//! The float form in which pixels are mixed: colours weighted by alpha, optionally linear light.
use crate::Image;
use crate::sample::Sample;

/// How stored pixels become floats that may be averaged, and back.
///
/// Values are in the sample's own scale, or 0 to 1 in linear light, where rounding of exact
/// halves then happens as it does in integer programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Working {
    /// Decode the sRGB curve.
    pub(crate) linear: bool,
    /// The last channel is alpha.
    pub(crate) alpha: bool,
}

impl Working {
    /// The stored values of `image`, weighted by alpha.
    pub(crate) fn of(image: &Image) -> Self {
        Self { linear: false, alpha: image.channels().has_alpha() }
    }

    /// Whether the float form is the stored value.
    const fn is_plain(self) -> bool {
        !self.linear && !self.alpha
    }

    /// Full intensity of the float form.
    pub(crate) const fn full<T: Sample>(self) -> f32 {
        if self.linear { 1.0 } else { T::FULL }
    }

    /// The float form of a stored pixel.
    #[inline]
    pub(crate) fn load<T: Sample, const C: usize>(self, pixel: [T; C]) -> [f32; C] {
        if self.is_plain() {
            return pixel.map(T::to_float);
        }
        let mut out = if self.linear { pixel.map(T::decode_srgb) } else { pixel.map(T::to_float) };
        if self.alpha {
            let opacity = pixel[C - 1].to_float() / T::FULL;
            out = out.map(|v| v * opacity);
            out[C - 1] = opacity * self.full::<T>();
        }
        out
    }

    /// The stored pixel of a float form. What is fully transparent becomes black.
    #[inline]
    pub(crate) fn store<T: Sample, const C: usize>(self, mut value: [f32; C]) -> [T; C] {
        if self.is_plain() {
            return value.map(T::from_float);
        }
        let opacity = if self.alpha { value[C - 1] / self.full::<T>() } else { 1.0 };
        let alpha = T::from_float(opacity * T::FULL);
        if self.alpha {
            if opacity <= 0.0 || alpha == T::default() {
                return [T::default(); C];
            }
            value = value.map(|v| v / opacity);
        }
        let mut out =
            if self.linear { value.map(T::encode_srgb) } else { value.map(T::from_float) };
        if self.alpha {
            out[C - 1] = alpha;
        }
        out
    }

    /// [`Working::load`] for a row.
    pub(crate) fn load_row<T: Sample, const C: usize>(self, row: &[[T; C]], out: &mut [[f32; C]]) {
        if self.is_plain() {
            // The same as below in a loop that the compiler can vectorise.
            for (to, from) in out.as_flattened_mut().iter_mut().zip(row.as_flattened()) {
                *to = from.to_float();
            }
            return;
        }
        for (to, from) in out.iter_mut().zip(row) {
            *to = self.load(*from);
        }
    }

    /// [`Working::store`] for a row.
    pub(crate) fn store_row<T: Sample, const C: usize>(self, row: &[[f32; C]], out: &mut [T]) {
        if self.is_plain() {
            for (to, from) in out.iter_mut().zip(row.as_flattened()) {
                *to = T::from_float(*from);
            }
            return;
        }
        for (to, from) in out.as_chunks_mut::<C>().0.iter_mut().zip(row) {
            *to = self.store(*from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_visible_pixel_survives() {
        for linear in [false, true] {
            let working = Working { linear, alpha: true };
            for alpha in 1..=255_u8 {
                for value in 0..=255_u8 {
                    let pixel = [value, alpha];
                    assert_eq!(working.store::<u8, 2>(working.load(pixel)), pixel);
                }
            }
        }
    }

    #[test]
    fn transparent_becomes_black() {
        let working = Working { linear: false, alpha: true };
        assert_eq!(working.store::<u16, 4>(working.load([9_u16, 8, 7, 0])), [0; 4]);
    }
}
