//! Crops and pads, which copy pixels unchanged.
use super::{Border, Rect};
use crate::sample::Sample;
use crate::visit::{Visitor, visit};
use crate::{Channels, Image, ImageError, Samples, Size};

/// Pixels to add at each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Margins {
    /// Columns on the left.
    pub left: u32,
    /// Rows at the top.
    pub top: u32,
    /// Columns on the right.
    pub right: u32,
    /// Rows at the bottom.
    pub bottom: u32,
}

/// The part of a picture inside of `part`.
///
/// # Errors
/// `Settings` if `part` is empty or reaches out of the picture.
pub fn crop(image: &Image, part: Rect) -> Result<Image, ImageError> {
    if !part.is_inside(image.size()) {
        return Err(ImageError::settings(format!(
            "cannot cut {} at ({}, {}) out of {}",
            part.size(),
            part.x,
            part.y,
            image.size()
        )));
    }
    let samples = visit(image, Crop { part, width: image.width() as usize });
    image.with_pixels(part.size(), image.channels(), samples)
}

struct Crop {
    part: Rect,
    width: usize,
}

impl Visitor for Crop {
    type Output = Samples;

    fn visit<T: Sample, const C: usize>(self, pixels: &[[T; C]]) -> Samples {
        let (x, y) = (self.part.x as usize, self.part.y as usize);
        let (width, height) = (self.part.width as usize, self.part.height as usize);
        let mut out = Vec::with_capacity(width * height * C);
        for row in pixels.chunks_exact(self.width).skip(y).take(height) {
            out.extend_from_slice(row[x..x + width].as_flattened());
        }
        T::wrap(out)
    }
}

/// The picture with `margins` around it, filled as `border` says.
///
/// # Errors
/// `Settings` if the picture has no pixels or the result has more than 2³² columns or rows.
pub fn pad(image: &Image, margins: Margins, border: Border) -> Result<Image, ImageError> {
    let side = |before: u32, inner: u32, after: u32| {
        before.checked_add(inner).and_then(|sum| sum.checked_add(after))
    };
    let size = side(margins.left, image.width(), margins.right)
        .zip(side(margins.top, image.height(), margins.bottom))
        .map(|(width, height)| Size::new(width, height))
        .filter(|size| !image.size().is_empty() && size.pixels() <= (isize::MAX / 16) as u64)
        .ok_or_else(|| {
            ImageError::settings(format!("cannot pad {} by {margins:?}", image.size()))
        })?;
    let samples = visit(image, Pad { image, margins, border, size });
    image.with_pixels(size, image.channels(), samples)
}

struct Pad<'a> {
    image: &'a Image,
    margins: Margins,
    border: Border,
    size: Size,
}

impl Visitor for Pad<'_> {
    type Output = Samples;

    fn visit<T: Sample, const C: usize>(self, pixels: &[[T; C]]) -> Samples {
        let (width, height) = (self.image.width() as usize, self.image.height() as usize);
        let fill = fill_pixel::<T, C>(self.border, self.image.channels());
        let columns: Vec<Option<usize>> = (0..self.size.width)
            .map(|x| self.border.resolve(i64::from(x) - i64::from(self.margins.left), width))
            .collect();
        let mut out = Vec::with_capacity(self.size.pixels() as usize * C);
        for y in 0..self.size.height {
            let line = self.border.resolve(i64::from(y) - i64::from(self.margins.top), height);
            let line = line.map(|y| &pixels[y * width..(y + 1) * width]);
            for column in &columns {
                let pixel = line.zip(*column).map_or(fill, |(line, x)| line[x]);
                out.extend_from_slice(&pixel);
            }
        }
        T::wrap(out)
    }
}

/// The constant of a border as a stored pixel.
pub(super) fn fill_pixel<T: Sample, const C: usize>(border: Border, channels: Channels) -> [T; C] {
    let Border::Constant(colour) = border else { return [T::default(); C] };
    let [r, g, b, alpha] = colour.map(|v| T::from_float(v * T::FULL));
    let gray = T::luma([r, g, b]);
    let source = match channels {
        Channels::Gray | Channels::GrayAlpha => [gray, alpha, alpha, alpha],
        Channels::Rgb | Channels::Rgba => [r, g, b, alpha],
    };
    std::array::from_fn(|c| source[c])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture() -> Image {
        let samples = Samples::U8((0..12).collect());
        Image::new(Size::new(3, 2), Channels::GrayAlpha, samples).unwrap()
    }

    #[test]
    fn crop_takes_the_named_pixels() {
        let part = crop(&picture(), Rect { x: 1, y: 1, width: 2, height: 1 }).unwrap();
        assert_eq!(part.samples(), &Samples::U8(vec![8, 9, 10, 11]));
        assert!(crop(&picture(), Rect { x: 2, y: 0, width: 2, height: 1 }).is_err());
        assert!(crop(&picture(), Rect { x: 0, y: 0, width: 0, height: 1 }).is_err());
    }

    #[test]
    fn cropping_undoes_padding() {
        let margins = Margins { left: 5, top: 1, right: 2, bottom: 4 };
        for border in [Border::Edge, Border::Reflect, Border::Wrap, Border::Constant([0.5; 4])] {
            let padded = pad(&picture(), margins, border).unwrap();
            assert_eq!(padded.size(), Size::new(10, 7));
            let back = crop(&padded, Rect::new(5, 1, picture().size())).unwrap();
            assert_eq!(back, picture());
        }
    }

    #[test]
    fn constant_is_the_colour_in_the_picture_format() {
        let margins = Margins { right: 1, ..Margins::default() };
        let padded = pad(&picture(), margins, Border::Constant([1.0, 1.0, 1.0, 0.2])).unwrap();
        let Samples::U8(samples) = padded.samples() else { panic!("not 8 bit") };
        assert_eq!(samples[6..8], [255, 51]);
        let huge = Margins { right: u32::MAX, ..Margins::default() };
        assert!(pad(&picture(), huge, Border::Edge).is_err());
    }
}
