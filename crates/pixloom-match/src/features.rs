//! What is kept of a picture: codes, colours, a small gray picture, key points.
mod bytes;

use crate::color::LabGrid;
use crate::content::{Part, content};
use crate::hash::{Code, CodeBits, Grid, HashKind};
use crate::keypoint::{self, Descriptor, KeyPoint};
use crate::plane::{Plane, RgbPlane};
use crate::quality::Tone;
use crate::resample::{Gray, area, area_gray, fit};

/// Long side of the small gray picture that is kept, in pixels.
const SMALL: usize = 192;
/// Levels of the small picture, each half as large.
const HALVINGS: usize = 3;
/// Side of the [`Look`].
pub(crate) const LOOK: usize = 16;

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

/// 16×16 gray averages of a part of a picture, less their mean, to length 1.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Look {
    pub(crate) part: Part,
    pub(crate) values: Vec<f32>,
}

/// What is kept of a picture: enough to find candidates and to verify a pair without the file.
/// At most about 60 KB; [`Features::to_bytes`] packs it for the cache.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    pub(crate) full_size: [u32; 2],
    /// Long side of the picture that key points were sought in, in pixels, at most
    /// [`keypoint::LONG_SIDE`].
    pub(crate) sought: u32,
    pub(crate) pixel_digest: Option<u64>,
    pub(crate) code: Code,
    /// The codes of the index: upright, with and without borders.
    pub(crate) codes: Vec<Code>,
    pub(crate) lab: Option<LabGrid>,
    pub(crate) content: Option<Part>,
    /// Smaller and smaller.
    pub(crate) small: Vec<Gray>,
    pub(crate) looks: Vec<Look>,
    pub(crate) points: Vec<KeyPoint>,
    pub(crate) descriptors: Vec<Descriptor>,
    pub(crate) tone: Tone,
}

impl Features {
    /// Changes whenever the same picture gives other features or other bytes: part of the key of
    /// any cache.
    pub const VERSION: u32 = 4;

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
        self.code
    }

    /// Coarse colours; `None` where the input had none.
    pub fn lab(&self) -> Option<&LabGrid> {
        self.lab.as_ref()
    }

    /// Measured on the decode that was given.
    pub fn tone(&self) -> Tone {
        self.tone
    }

    /// The key points, strongest first.
    pub fn key_points(&self) -> &[KeyPoint] {
        &self.points
    }

    /// Width and height in units in which the long side is [`keypoint::LONG_SIDE`].
    pub(crate) fn frame(&self) -> [f64; 2] {
        let [width, height] = self.full_size.map(|side| f64::from(side.max(1)));
        let scale = keypoint::LONG_SIDE as f64 / width.max(height);
        [width * scale, height * scale]
    }
}

/// Extracts the features of a picture; about 4 ms.
pub fn extract(input: &Input<'_>) -> Features {
    let (width, height) = (input.gray.width(), input.gray.height());
    let long = width.max(height);
    let frame = if long > keypoint::LONG_SIDE {
        let (width, height) = fit(width, height, keypoint::LONG_SIDE);
        area_gray(input.gray, width, height)
    } else {
        input.gray.into()
    };
    let grid = Grid::of_luma(input.gray);
    let content = content(&frame);
    let mut codes = grid.upright();
    if let Some(part) = content {
        codes.extend(inside_codes(&frame, part));
    }
    let (points, descriptors) = keypoint::key_points(&frame);
    let small = halvings(small(&frame));
    Features {
        full_size: input.full_size,
        sought: frame.width.max(frame.height) as u32,
        pixel_digest: input.pixel_digest,
        code: grid.code(HashKind::Phash, CodeBits::B256),
        codes,
        lab: input.rgb.map(LabGrid::new),
        content,
        looks: looks(&small, content),
        small,
        points,
        descriptors,
        tone: Tone::measure(input.gray),
    }
}

/// The codes of what is inside a border.
fn inside_codes(frame: &Gray, part: Part) -> Vec<Code> {
    let inside = cut(frame, part);
    match Plane::new(&inside.pixels, inside.width, inside.height) {
        Some(plane) => Grid::of_luma(plane).upright(),
        None => Vec::new(),
    }
}

fn cut(picture: &Gray, part: Part) -> Gray {
    let [x, y, width, height] = part.pixels(picture.width, picture.height);
    let rows = (y..y + height).flat_map(|y| &picture.row(y)[x..x + width]);
    Gray::new(rows.copied().collect(), width, height)
}

fn small(frame: &Gray) -> Gray {
    let (width, height) = fit(frame.width, frame.height, SMALL.min(frame.width.max(frame.height)));
    resized(frame, width, height)
}

fn resized(picture: &Gray, width: usize, height: usize) -> Gray {
    match Plane::new(&picture.pixels, picture.width, picture.height) {
        Some(plane) => area_gray(plane, width, height),
        None => Gray::default(),
    }
}

/// The picture and its halves.
fn halvings(picture: Gray) -> Vec<Gray> {
    let mut all = vec![picture];
    for level in 1..HALVINGS {
        all.push(all[level - 1].half());
    }
    all
}

/// The looks of the whole and of what is inside a border.
fn looks(small: &[Gray], content: Option<Part>) -> Vec<Look> {
    let parts = std::iter::once(Part::WHOLE).chain(content);
    parts.map(|part| Look { part, values: look(&cut(&small[0], part)) }).collect()
}

fn look(picture: &Gray) -> Vec<f32> {
    let Some(plane) = Plane::new(&picture.pixels, picture.width, picture.height) else {
        return vec![0.0; LOOK * LOOK];
    };
    let mut values = area(plane, LOOK, LOOK);
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    for value in &mut values {
        *value -= mean;
    }
    let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
    // A flat picture looks like nothing.
    let scale = if length > 1.0 { 1.0 / length } else { 0.0 };
    for value in &mut values {
        *value *= scale;
    }
    values
}
