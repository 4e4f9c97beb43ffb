//! Moving pixels: exact crops, pads and turns, free warps, and where positions go.
mod exact;
mod map;
mod turn;
mod warp;

pub use exact::{Margins, crop, pad};
pub use map::{Field, Geometry};
pub use turn::{Turn, apply_orientation, turn};
pub use warp::{Interpolation, RotateOptions, WarpOptions, rotate, rotation, warp};

use serde::{Deserialize, Serialize};

use crate::Size;

/// A rectangle of whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rect {
    /// Left column.
    pub x: u32,
    /// Top row.
    pub y: u32,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

impl Rect {
    /// Creates a rectangle from its top left pixel and its size.
    pub const fn new(x: u32, y: u32, size: Size) -> Self {
        Self { x, y, width: size.width, height: size.height }
    }

    /// Width and height.
    pub const fn size(self) -> Size {
        Size::new(self.width, self.height)
    }

    /// Whether the rectangle has pixels and lies inside of a picture of `size`.
    pub const fn is_inside(self, size: Size) -> bool {
        !self.size().is_empty()
            && self.x as u64 + self.width as u64 <= size.width as u64
            && self.y as u64 + self.height as u64 <= size.height as u64
    }

    /// The rectangle of `part` in the middle of a picture of `size`; odd remainders go right and
    /// down. A part that is larger is cut to the picture.
    pub const fn centred(size: Size, part: Size) -> Self {
        let width = if part.width < size.width { part.width } else { size.width };
        let height = if part.height < size.height { part.height } else { size.height };
        Self { x: (size.width - width) / 2, y: (size.height - height) / 2, width, height }
    }
}

/// What lies outside of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Border {
    /// One colour: red, green, blue, alpha from 0 to 1. Grey pictures take the luma, pictures
    /// without alpha ignore it.
    Constant([f32; 4]),
    /// The outermost pixel again and again.
    Edge,
    /// The picture mirrored about the outermost pixel, which is not repeated (reflect-101).
    Reflect,
    /// The picture again and again.
    Wrap,
}

impl Border {
    /// The pixel that stands at `position` of a line of `len` pixels; `None` for the constant.
    pub(crate) fn resolve(self, position: i64, len: usize) -> Option<usize> {
        let last = len as i64 - 1;
        if (0..=last).contains(&position) {
            return Some(position as usize);
        }
        match self {
            Self::Constant(_) => None,
            Self::Edge => Some(position.clamp(0, last) as usize),
            Self::Reflect if last == 0 => Some(0),
            Self::Reflect => {
                let position = position.rem_euclid(2 * last);
                Some(position.min(2 * last - position) as usize)
            }
            Self::Wrap => Some(position.rem_euclid(last + 1) as usize),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(border: Border, len: usize) -> Vec<Option<usize>> {
        (-4..len as i64 + 4).map(|position| border.resolve(position, len)).collect()
    }

    #[test]
    fn borders_repeat_as_named() {
        let some = |values: &[usize]| values.iter().map(|&v| Some(v)).collect::<Vec<_>>();
        assert_eq!(line(Border::Edge, 3), some(&[0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2]));
        assert_eq!(line(Border::Reflect, 3), some(&[0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2]));
        assert_eq!(line(Border::Wrap, 3), some(&[2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0]));
        assert_eq!(line(Border::Reflect, 1), some(&[0; 9]));
        let constant = line(Border::Constant([0.0; 4]), 2);
        assert_eq!(constant.iter().flatten().count(), 2);
    }

    #[test]
    fn centred_part() {
        assert_eq!(
            Rect::centred(Size::new(10, 7), Size::new(4, 20)),
            Rect { x: 3, y: 0, width: 4, height: 7 }
        );
        assert!(!Rect::new(u32::MAX, 0, Size::new(2, 2)).is_inside(Size::new(10, 10)));
    }
}
