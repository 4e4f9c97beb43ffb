//! The eight ways to lay a rectangle on itself: flips, quarter turns, transposes.
use serde::{Deserialize, Serialize};

use super::Geometry;
use crate::sample::Sample;
use crate::visit::{Visitor, visit};
use crate::{Image, Orientation, Samples, Size};

/// A flip or turn by a multiple of 90°; moves pixels, changes none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// Nothing.
    Identity,
    /// Left and right exchanged.
    FlipHorizontal,
    /// Half a turn.
    Rotate180,
    /// Top and bottom exchanged.
    FlipVertical,
    /// Mirrored about the diagonal from top left: rows become columns.
    Transpose,
    /// A quarter turn clockwise.
    Rotate90,
    /// Mirrored about the diagonal from top right.
    Transverse,
    /// A quarter turn counterclockwise.
    Rotate270,
}

impl Turn {
    /// All of them, in the order of the EXIF values that they undo.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::FlipHorizontal,
        Self::Rotate180,
        Self::FlipVertical,
        Self::Transpose,
        Self::Rotate90,
        Self::Transverse,
        Self::Rotate270,
    ];

    /// What makes a picture of that orientation upright.
    pub const fn of_orientation(orientation: Orientation) -> Self {
        Self::ALL[orientation.exif() as usize - 1]
    }

    /// The turn that undoes this one.
    #[must_use]
    pub const fn inverse(self) -> Self {
        match self {
            Self::Rotate90 => Self::Rotate270,
            Self::Rotate270 => Self::Rotate90,
            other => other,
        }
    }

    /// Whether width and height are exchanged.
    pub const fn swaps_sides(self) -> bool {
        matches!(self, Self::Transpose | Self::Rotate90 | Self::Transverse | Self::Rotate270)
    }

    /// The size of a picture of `size` after the turn.
    pub const fn size(self, size: Size) -> Size {
        if self.swaps_sides() { size.transposed() } else { size }
    }

    /// Whether input columns, input rows are taken backwards.
    const fn backwards(self) -> (bool, bool) {
        match self {
            Self::Identity | Self::Transpose => (false, false),
            Self::FlipHorizontal | Self::Rotate270 => (true, false),
            Self::FlipVertical | Self::Rotate90 => (false, true),
            Self::Rotate180 | Self::Transverse => (true, true),
        }
    }

    /// Where positions go when a picture of `input` size is turned.
    pub fn geometry(self, input: Size) -> Geometry {
        let (back_x, back_y) = self.backwards();
        let line = |backwards: bool, len: u32| {
            if backwards { (-1.0, f64::from(len)) } else { (1.0, 0.0) }
        };
        let ((sx, tx), (sy, ty)) = (line(back_x, input.width), line(back_y, input.height));
        Geometry::Affine(if self.swaps_sides() {
            [0.0, sx, tx, sy, 0.0, ty]
        } else {
            [sx, 0.0, tx, 0.0, sy, ty]
        })
    }
}

/// Turns the pixels of a picture. [`crate::Metadata::orientation`] is left as it is.
#[must_use]
pub fn turn(mut image: Image, turn: Turn) -> Image {
    let size = image.size();
    match turn {
        Turn::Identity => image,
        Turn::FlipHorizontal | Turn::FlipVertical | Turn::Rotate180 => {
            let channels = image.channels().count();
            match image.samples_mut() {
                Samples::U8(samples) => mirror_channels(samples, channels, size, turn),
                Samples::U16(samples) => mirror_channels(samples, channels, size, turn),
                Samples::F32(samples) => mirror_channels(samples, channels, size, turn),
            }
            image
        }
        _ => {
            let samples = visit(&image, Transposer { size, turn });
            let turned = image.with_pixels(size.transposed(), image.channels(), samples);
            // The sample count is the same; the fallback is never taken.
            turned.unwrap_or(image)
        }
    }
}

/// Turns a picture upright as its orientation says and marks it as upright. The EXIF block is
/// left alone: encoders write the orientation that the picture now has.
#[must_use]
pub fn apply_orientation(image: Image) -> Image {
    let needed = Turn::of_orientation(image.metadata.orientation);
    let mut image = turn(image, needed);
    image.metadata.orientation = Orientation::UPRIGHT;
    image
}

fn mirror_channels<T: Copy>(samples: &mut [T], channels: usize, size: Size, turn: Turn) {
    match channels {
        1 => mirror(samples.as_chunks_mut::<1>().0, size, turn),
        2 => mirror(samples.as_chunks_mut::<2>().0, size, turn),
        3 => mirror(samples.as_chunks_mut::<3>().0, size, turn),
        _ => mirror(samples.as_chunks_mut::<4>().0, size, turn),
    }
}

/// Reverses rows, columns or both in place.
fn mirror<P: Copy>(pixels: &mut [P], size: Size, turn: Turn) {
    let (width, height) = (size.width as usize, size.height as usize);
    if pixels.is_empty() {
        return;
    }
    match turn {
        Turn::FlipHorizontal => pixels.chunks_exact_mut(width).for_each(<[P]>::reverse),
        Turn::Rotate180 => pixels.reverse(),
        _ => {
            let (top, bottom) = pixels.split_at_mut(height / 2 * width);
            let bottom = bottom.chunks_exact_mut(width).rev();
            top.chunks_exact_mut(width).zip(bottom).for_each(|(a, b)| a.swap_with_slice(b));
        }
    }
}

/// Side of the blocks in which rows become columns; a block of both pictures fits the cache.
const BLOCK: usize = 32;

struct Transposer {
    size: Size,
    turn: Turn,
}

impl Visitor for Transposer {
    type Output = Samples;

    fn visit<T: Sample, const C: usize>(self, pixels: &[[T; C]]) -> Samples {
        let (width, height) = (self.size.width as usize, self.size.height as usize);
        let (back_x, back_y) = self.turn.backwards();
        let mut out = vec![[T::default(); C]; pixels.len()];
        // Output columns are input rows, output rows are input columns.
        for first_y in (0..width).step_by(BLOCK) {
            for first_x in (0..height).step_by(BLOCK) {
                for y in first_y..(first_y + BLOCK).min(width) {
                    let x_in = if back_x { width - 1 - y } else { y };
                    let end_x = (first_x + BLOCK).min(height);
                    let line = &mut out[y * height + first_x..y * height + end_x];
                    for (x, pixel) in (first_x..end_x).zip(line) {
                        let y_in = if back_y { height - 1 - x } else { x };
                        *pixel = pixels[y_in * width + x_in];
                    }
                }
            }
        }
        T::wrap(out.into_flattened())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Channels;

    fn turned(by: Turn) -> Vec<u8> {
        // 1 2 3
        // 4 5 6
        let samples = Samples::U8(vec![1, 2, 3, 4, 5, 6]);
        let image = Image::new(Size::new(3, 2), Channels::Gray, samples).unwrap();
        let result = turn(image, by);
        assert_eq!(result.size(), by.size(Size::new(3, 2)));
        let Samples::U8(samples) = result.into_samples() else { panic!("not 8 bit") };
        samples
    }

    #[test]
    fn turns_do_what_their_names_say() {
        assert_eq!(turned(Turn::FlipHorizontal), [3, 2, 1, 6, 5, 4]);
        assert_eq!(turned(Turn::FlipVertical), [4, 5, 6, 1, 2, 3]);
        assert_eq!(turned(Turn::Rotate180), [6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(Turn::Transpose), [1, 4, 2, 5, 3, 6]);
        assert_eq!(turned(Turn::Rotate90), [4, 1, 5, 2, 6, 3]);
        assert_eq!(turned(Turn::Rotate270), [3, 6, 2, 5, 1, 4]);
        assert_eq!(turned(Turn::Transverse), [6, 3, 5, 2, 4, 1]);
    }

    #[test]
    fn geometry_finds_the_pixel_that_was_moved() {
        let size = Size::new(3, 2);
        for by in Turn::ALL {
            let (after, out) = (turned(by), by.size(size));
            for (index, value) in after.iter().enumerate() {
                let x = (index % out.width as usize) as f64 + 0.5;
                let y = (index / out.width as usize) as f64 + 0.5;
                let [u, v] = by.geometry(size).map_point([x, y]);
                assert_eq!(v as usize * 3 + u as usize + 1, usize::from(*value), "{by:?}");
            }
        }
    }

    #[test]
    fn orientation_is_undone_and_marked() {
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif);
            let by = Turn::of_orientation(orientation);
            let upright = Image::new(
                Size::new(40, 35),
                Channels::Rgb,
                Samples::U16((0..40 * 35 * 3).collect()),
            )
            .unwrap();
            let mut stored = turn(upright.clone(), by.inverse());
            stored.metadata.orientation = orientation;
            assert_eq!(orientation.swaps_sides(), by.swaps_sides());
            let result = apply_orientation(stored);
            assert!(result.metadata.orientation.is_upright());
            assert_eq!(result.size(), upright.size());
            assert!(result.samples() == upright.samples(), "{exif}");
        }
    }
}
