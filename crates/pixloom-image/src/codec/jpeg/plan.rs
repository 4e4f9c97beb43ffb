//! How a frame becomes a picture: shrink, block sizes, upsampling, colour conversion.
use super::markers::Frame;
use super::metadata::AppData;
use crate::{Channels, Size};

/// What the components mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColorModel {
    /// Luminance only.
    Gray,
    /// JFIF's YCbCr.
    YCbCr,
    /// Red, green, blue as they are.
    Rgb,
    /// Inks; Adobe stores them inverted.
    Cmyk {
        /// Whether 255 means no ink.
        inverted: bool,
    },
    /// Inks with the first three as YCbCr.
    Ycck {
        /// Whether 255 means no ink.
        inverted: bool,
    },
}

impl ColorModel {
    /// Guesses as libjpeg does: JFIF, then Adobe's transform, then component identifiers.
    pub(super) fn of(frame: &Frame, app: &AppData<'_>) -> Self {
        let ids: Vec<u8> = frame.components.iter().map(|c| c.id).collect();
        let inverted = app.adobe.is_some();
        match (ids.len(), app.adobe) {
            (1, _) => Self::Gray,
            (4, None | Some(0)) => Self::Cmyk { inverted },
            (4, _) => Self::Ycck { inverted },
            (_, Some(0)) if !app.jfif => Self::Rgb,
            (_, None) if !app.jfif && ids == *b"RGB" => Self::Rgb,
            _ => Self::YCbCr,
        }
    }

    /// Channels of the decoded picture.
    pub(super) const fn channels(self) -> Channels {
        if matches!(self, Self::Gray) { Channels::Gray } else { Channels::Rgb }
    }

    /// Name with the subsampling where there is some to tell.
    pub(super) fn describe(self, frame: &Frame) -> String {
        let sampling = sampling(frame);
        match self {
            Self::Gray => "gray".to_owned(),
            Self::YCbCr => format!("YCbCr {sampling}"),
            Self::Rgb => "RGB".to_owned(),
            Self::Cmyk { .. } => "CMYK".to_owned(),
            Self::Ycck { .. } => "YCCK".to_owned(),
        }
    }
}

/// The usual J:a:b name, or the bare factors where there is none.
fn sampling(frame: &Frame) -> String {
    let factors: Vec<(usize, usize)> = frame.components.iter().map(|c| (c.h, c.v)).collect();
    let name = match factors[..] {
        [(h, v), (a, b), (c, d), ..] if (a, b) == (c, d) && h % a == 0 && v % b == 0 => {
            match (h / a, v / b) {
                (1, 1) => "4:4:4",
                (2, 1) => "4:2:2",
                (2, 2) => "4:2:0",
                (1, 2) => "4:4:0",
                (4, 1) => "4:1:1",
                (4, 2) => "4:1:0",
                _ => "",
            }
        }
        _ => "",
    };
    if !name.is_empty() {
        return name.to_owned();
    }
    factors.iter().map(|(h, v)| format!("{h}x{v}")).collect::<Vec<_>>().join(",")
}

/// How the rows of a component are brought to the width and height of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Upsample {
    /// Already there.
    None,
    /// Twice as wide, triangle filter.
    H2,
    /// Twice as high, triangle filter.
    V2,
    /// Twice both, triangle filter.
    H2V2,
    /// The nearest sample.
    Nearest,
}

/// One component as it is decoded.
#[derive(Debug, Clone)]
pub(super) struct CompPlan {
    /// Sampling factors: blocks per MCU.
    pub h: usize,
    /// Sampling factors: block rows per MCU.
    pub v: usize,
    /// Side of a decoded block in samples: 1, 2, 4 or 8.
    pub n: usize,
    /// Blocks in a row, padded to whole MCUs.
    pub blocks_w: usize,
    /// Blocks in a row and column that hold part of the picture.
    pub blocks: (usize, usize),
    /// Samples in a row that belong to the picture.
    pub width: usize,
    /// Rows of samples that belong to the picture.
    pub height: usize,
    /// How it is brought to full size.
    pub upsample: Upsample,
}

impl CompPlan {
    /// Samples in a padded row.
    pub(super) const fn stride(&self) -> usize {
        self.blocks_w * self.n
    }
}

/// The geometry of one decode.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// Size of the decoded picture.
    pub out: Size,
    /// By how much each side is divided: 1, 2, 4 or 8.
    pub shrink: usize,
    /// MCUs in a row.
    pub mcus_x: usize,
    /// Rows of MCUs.
    pub mcus_y: usize,
    /// Rows of the decoded picture in a row of MCUs.
    pub mcu_height: usize,
    /// Largest sampling factors.
    pub max: (usize, usize),
    /// What the components mean.
    pub color: ColorModel,
    /// The components, shown ones first.
    pub comps: Vec<CompPlan>,
    /// Components that the result is made of.
    pub shown: usize,
}

impl Plan {
    /// Plans a decode at 1/`shrink`. Of a frame with more components than gray has, the first
    /// one is shown and the others are read as coarsely as possible.
    pub(super) fn new(frame: &Frame, color: ColorModel, shrink: usize) -> Self {
        let (w, h) = (frame.size.width as usize, frame.size.height as usize);
        let (hmax, vmax) = frame.max_sampling();
        let (mcus_x, mcus_y) = (w.div_ceil(8 * hmax), h.div_ceil(8 * vmax));
        let base = 8 / shrink;
        let out = Size::new(w.div_ceil(shrink) as u32, h.div_ceil(shrink) as u32);
        let shown = if color == ColorModel::Gray { 1 } else { frame.components.len() };
        let comp = |(index, c): (usize, &super::markers::Component)| {
            // Subsampled components are decoded larger instead of being upsampled, as in
            // libjpeg: as long as both sides allow it.
            let is_shown = index < shown;
            let mut n = if is_shown { base } else { 1 };
            while n < 8
                && is_shown
                && (hmax * base).is_multiple_of(c.h * n * 2)
                && (vmax * base).is_multiple_of(c.v * n * 2)
            {
                n *= 2;
            }
            let width = (w * c.h * n).div_ceil(hmax * 8);
            let height = (h * c.v * n).div_ceil(vmax * 8);
            CompPlan {
                h: c.h,
                v: c.v,
                n,
                blocks_w: mcus_x * c.h,
                blocks: ((w * c.h).div_ceil(hmax * 8), (h * c.v).div_ceil(vmax * 8)),
                width,
                height,
                upsample: if is_shown {
                    upsample((hmax * base, c.h * n), (vmax * base, c.v * n), base, width)
                } else {
                    Upsample::None
                },
            }
        };
        let comps = frame.components.iter().enumerate().map(comp).collect();
        let (max, mcu_height) = ((hmax, vmax), vmax * base);
        Self { out, shrink, mcus_x, mcus_y, mcu_height, max, color, comps, shown }
    }

    /// Whether rows need the chroma rows of their neighbours.
    pub(super) fn needs_context(&self) -> bool {
        self.comps.iter().any(|c| matches!(c.upsample, Upsample::V2 | Upsample::H2V2))
    }

    /// Bytes of one row of the decoded picture.
    pub(super) const fn row_len(&self) -> usize {
        self.out.width as usize * self.color.channels().count()
    }

    /// Bytes of the coefficients of one row of MCUs.
    pub(super) fn coef_bytes(&self) -> usize {
        self.comps.iter().map(|c| c.blocks_w * c.v * c.n * c.n * 2).sum()
    }
}

/// The filter for a component whose sides are `own` parts of `full`: libjpeg's choice, which
/// smooths only from blocks larger than one sample and rows longer than two.
fn upsample(x: (usize, usize), y: (usize, usize), base: usize, width: usize) -> Upsample {
    let ratio = |(full, own): (usize, usize)| if full % own == 0 { full / own } else { 0 };
    match (ratio(x), ratio(y)) {
        (1, 1) => Upsample::None,
        (2, 1) if base > 1 && width > 2 => Upsample::H2,
        (2, 2) if base > 1 && width > 2 => Upsample::H2V2,
        (1, 2) if base > 1 => Upsample::V2,
        _ => Upsample::Nearest,
    }
}

/// The largest of 1, 2, 4, 8 that keeps both sides at least as big as asked.
pub(super) fn shrink_for(size: Size, at_least: Option<Size>) -> usize {
    let Some(least) = at_least else { return 1 };
    let shrunk = |by: u32| Size::new(size.width.div_ceil(by), size.height.div_ceil(by));
    [8, 4, 2].into_iter().find(|&by| shrunk(by).covers(least)).unwrap_or(1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shrinks_no_further_than_asked() {
        let size = Size::new(100, 801);
        let by = |w, h| shrink_for(size, Some(Size::new(w, h)));
        assert_eq!((by(13, 101), by(13, 102), by(26, 1), by(1, 401), by(51, 1)), (8, 4, 2, 2, 1));
        assert_eq!(shrink_for(size, None), 1);
    }
}
