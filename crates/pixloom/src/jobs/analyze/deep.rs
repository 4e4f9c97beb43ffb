//! What only the pixels show: unused alpha, hidden grey, constant, black and cut-off pictures.
use pixloom_image::{Image, Samples};
use serde::{Deserialize, Serialize};

use super::facts::Finding;

/// Colours up to this share of the range count as black.
const BLACK: f64 = 4.0 / 255.0;
/// A tail of fewer rows may well be part of the picture.
const MIN_TAIL: u32 = 16;

/// Facts about decoded pixels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations, only ever read")]
pub(super) struct Deep {
    /// Whether the alpha channel varies. `None`: there is none.
    pub(super) alpha_used: Option<bool>,
    /// Whether alpha is opaque everywhere, or absent.
    pub(super) opaque: bool,
    /// Whether a picture in colour has only greys.
    pub(super) gray_in_rgb: bool,
    /// Whether all pixels are the same.
    pub(super) constant: bool,
    /// Whether nothing is brighter than almost black.
    pub(super) black: bool,
    /// Rows of one medium grey at the bottom: what some decoders leave of a file that was cut.
    pub(super) grey_tail: u32,
}

impl Deep {
    pub(super) fn of(image: &Image) -> Self {
        match image.samples() {
            Samples::U8(samples) => scan(samples, image, 255.0),
            Samples::U16(samples) => scan(samples, image, 65_535.0),
            Samples::F32(samples) => scan(samples, image, 1.0),
        }
    }

    /// What of it is worth a look.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut add = |is: bool, kind, message: &str| {
            if is {
                found.push(Finding::new(kind, message));
            }
        };
        let unused = self.alpha_used == Some(false);
        add(unused && self.opaque, "alpha-unused", "the alpha channel is opaque everywhere");
        add(unused && !self.opaque, "alpha-constant", "the alpha channel has one value everywhere");
        add(self.gray_in_rgb, "gray-in-rgb", "the picture is stored in colour and has only greys");
        add(self.constant && !self.black, "constant-image", "all pixels are the same");
        add(self.black, "black-image", "the picture is black");
        let tail = format!("the last {} rows are plain grey: the file was cut", self.grey_tail);
        add(self.grey_tail > 0, "grey-tail", &tail);
        found
    }
}

fn scan<T: Copy + PartialEq + PartialOrd + Into<f64>>(
    samples: &[T],
    image: &Image,
    white: f64,
) -> Deep {
    let channels = image.channels();
    let count = channels.count();
    let colors = if channels.is_gray() { 1 } else { 3 };
    let pixels = || samples.chunks_exact(count);
    let first = samples.get(..count).unwrap_or_default();
    let constant = pixels().all(|pixel| pixel == first);
    let black = pixels().all(|pixel| pixel[..colors].iter().all(|&c| c.into() <= BLACK * white));
    let gray_in_rgb = colors == 3 && !constant && pixels().all(|p| p[0] == p[1] && p[1] == p[2]);
    let (alpha_used, opaque) = if channels.has_alpha() {
        let at = count - 1;
        let used = pixels().any(|pixel| pixel[at] != first[at]);
        (Some(used), !used && first[at].into() >= white)
    } else {
        (None, true)
    };
    let tail = grey_rows(samples, image.row_len(), white);
    let enough = tail >= MIN_TAIL && !constant && channels.count() == colors;
    Deep {
        alpha_used,
        opaque,
        gray_in_rgb,
        constant,
        black,
        grey_tail: if enough { tail } else { 0 },
    }
}

/// Rows at the bottom in which every sample is the grey that stands for "no data".
fn grey_rows<T: Copy + Into<f64>>(samples: &[T], row_len: usize, white: f64) -> u32 {
    let grey = 126.5 / 255.0 * white..129.5 / 255.0 * white;
    let rows = samples.chunks_exact(row_len.max(1)).rev();
    rows.take_while(|row| row.iter().all(|&sample| grey.contains(&sample.into()))).count() as u32
}

#[cfg(test)]
mod tests {
    use pixloom_image::{Channels, Size};
    use pixloom_testkit::{constant, gradient};

    use super::*;

    fn kinds(channels: Channels, samples: Vec<u8>) -> Vec<String> {
        let side = Size::new(40, 60);
        let image = Image::new(side, channels, Samples::U8(samples)).unwrap();
        Deep::of(&image).findings().into_iter().map(|f| f.kind.into_owned()).collect()
    }

    #[test]
    fn each_oddity_is_found_and_nothing_else() {
        use Channels::{Gray, Rgb, Rgba};
        assert!(kinds(Rgb, gradient(40, 60, 3)).is_empty());
        assert!(kinds(Gray, gradient(40, 60, 1)).is_empty());
        assert!(kinds(Rgba, gradient(40, 60, 4)).is_empty());
        assert_eq!(kinds(Rgb, constant(40, 60, 3, 0)), ["black-image"]);
        assert_eq!(kinds(Rgb, constant(40, 60, 3, 90)), ["constant-image"]);
        let gray = gradient(40, 60, 1).into_iter().flat_map(|v| [v, v, v]).collect();
        assert_eq!(kinds(Rgb, gray), ["gray-in-rgb"]);
        let mut opaque = gradient(40, 60, 4);
        opaque.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = 255);
        assert_eq!(kinds(Rgba, opaque.clone()), ["alpha-unused"]);
        opaque.iter_mut().skip(3).step_by(4).for_each(|alpha| *alpha = 7);
        assert_eq!(kinds(Rgba, opaque), ["alpha-constant"]);
        let mut cut = gradient(40, 60, 3);
        cut[40 * 3 * 30..].fill(128);
        assert_eq!(kinds(Rgb, cut), ["grey-tail"]);
    }
}
