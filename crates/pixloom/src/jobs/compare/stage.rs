//! The comparison of one pair.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pixloom_engine::{Bytes, ErrorKind, Fingerprint, ItemCx, ItemError, Stage};
use pixloom_image::codec::DecodeOptions;
use pixloom_image::geometry::{self, Rect};
use pixloom_image::metric::{self, Plane};
use pixloom_image::{Channels, Depth, Exec, Image, Limits, PixelFormat, Serial, Size, convert};
use serde::{Deserialize, Serialize};

use super::lpips::{self, Lpips};
use crate::picture::{ItemExec, PictureInput, item_error, load};
use crate::source::InputFile;

/// Floats that the metrics hold for each pixel, in bytes: planes of both, and their lumas.
const METRIC_BYTES: u64 = 32;

/// What is recorded of one pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct CompareRecord {
    /// The judged file below its folder.
    pub(super) picture: String,
    /// The size that was compared.
    pub(super) size: Size,
    /// The figures.
    pub(super) scores: Scores,
}

/// How close two pictures are. What has no value is left out of the record: it was not asked for,
/// or the pictures are too small for it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Scores {
    /// Whether all compared samples are equal.
    pub(super) identical: bool,
    /// PSNR over red, green and blue in dB; infinite for equal colours.
    #[serde(with = "decibels")]
    pub(super) psnr_rgb_db: f64,
    /// PSNR over the BT.601 luma in dB; infinite for equal lumas.
    #[serde(with = "decibels")]
    pub(super) psnr_y_db: f64,
    /// SSIM of the luma; none for pictures below 11×11 pixels.
    pub(super) ssim: Option<f64>,
    /// MS-SSIM of the luma; none for pictures below 176×176 pixels.
    pub(super) ms_ssim: Option<f64>,
    /// SSIMULACRA2; none for pictures below 8×8 pixels, or if it was not asked for.
    pub(super) ssimulacra2: Option<f64>,
    /// What the user's LPIPS graph says; 0 for equal pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) lpips: Option<f64>,
}

/// Decibels, which may be infinite: then the text `"inf"`, since JSON has no such number.
pub(super) mod decibels {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    pub(crate) enum Decibels {
        Finite(f64),
        Infinite(String),
    }

    pub(crate) fn of(value: f64) -> Decibels {
        if value.is_finite() { Decibels::Finite(value) } else { Decibels::Infinite("inf".into()) }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    pub(crate) fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
        of(*value).serialize(to)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        Ok(match Decibels::deserialize(from)? {
            Decibels::Finite(value) => value,
            Decibels::Infinite(_) => f64::INFINITY,
        })
    }
}

/// Where the judged pictures are.
#[derive(Debug)]
pub(super) enum Partners {
    /// A single file.
    One(PathBuf),
    /// By path below the folder, without extension, and without what says a picture's role.
    Folder {
        /// By the path without extension.
        exact: ByName,
        /// By [`bare`] path.
        bare: ByName,
    },
}

/// Files by their path below a folder.
pub(super) type ByName = BTreeMap<PathBuf, Vec<InputFile>>;

/// Compares references with their partners.
#[derive(Debug)]
pub(super) struct CompareStage {
    pub(super) partners: Partners,
    pub(super) limits: Limits,
    pub(super) border: u32,
    pub(super) crop: bool,
    /// Whether SSIMULACRA2 is computed, which takes the most time and memory.
    pub(super) ssimulacra2: bool,
    /// The user's LPIPS graph.
    pub(super) lpips: Option<Lpips>,
}

impl Partners {
    /// The file to judge for a reference.
    pub(super) fn of(&self, relative: &Path) -> Result<InputFile, ItemError> {
        let missing = |message: String| {
            ItemError::new(ErrorKind::BadInput, message)
                .with_code("missing-partner")
                .with_step("pair")
        };
        match self {
            Self::One(path) => {
                let relative = path.file_name().map(PathBuf::from).unwrap_or_default();
                let bytes = std::fs::metadata(path).map_or(0, |meta| meta.len());
                Ok(InputFile { path: path.clone(), relative, bytes, modified_ns: 0 })
            }
            Self::Folder { exact, bare: by_bare } => {
                let of = |files: &'_ ByName, name: PathBuf| files.get(&name).cloned();
                let same = of(exact, relative.with_extension(""));
                let same = same.or_else(|| of(by_bare, bare(relative))).unwrap_or_default();
                if let Some(exact) = same.iter().find(|file| file.relative == relative) {
                    return Ok(exact.clone());
                }
                match &same[..] {
                    [one] => Ok(one.clone()),
                    [] => Err(missing("there is no picture of this name to judge".to_owned())
                        .with_hint(
                            "names may differ by extension and by endings such as _x4, _HR",
                        )),
                    more => {
                        Err(missing(format!("{} pictures to judge have this name", more.len())))
                    }
                }
            }
        }
    }

    /// The files of a folder.
    pub(super) fn folder(files: impl Iterator<Item = InputFile>) -> Self {
        let (mut exact, mut by_bare) = (ByName::new(), ByName::new());
        for file in files {
            by_bare.entry(bare(&file.relative)).or_default().push(file.clone());
            exact.entry(file.relative.with_extension("")).or_default().push(file);
        }
        Self::Folder { exact, bare: by_bare }
    }
}

/// A path without extension and without endings that say a picture's role or scale, such as
/// `_HR`, `-x4`, `_SR`.
fn bare(relative: &Path) -> PathBuf {
    const ROLES: [&str; 10] =
        ["hr", "lr", "sr", "gt", "hq", "lq", "out", "result", "upscaled", "bicubic"];
    let stem = relative.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut name = stem.as_str();
    while let Some((rest, ending)) = name.rsplit_once(['_', '-']) {
        let ending = ending.to_ascii_lowercase();
        let is_scale = ending.trim_matches('x').parse::<u8>().is_ok() && ending.contains('x');
        if rest.is_empty() || !(is_scale || ROLES.contains(&ending.as_str())) {
            break;
        }
        name = rest;
    }
    if let Some((rest, scale)) = name.rsplit_once('x')
        && scale.len() == 1
        && scale.parse::<u8>().is_ok()
        && !rest.is_empty()
    {
        name = rest;
    }
    relative.with_file_name(name)
}

impl Stage for CompareStage {
    type In = PictureInput;
    type Out = CompareRecord;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "compare"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &PictureInput) -> Bytes {
        let header = &input.peeked.header;
        let decode = input.peeked.codec.decode_memory(header, &DecodeOptions::default());
        let both = header.decoded_bytes().saturating_mul(4).saturating_add(decode);
        let perceptual = if self.ssimulacra2 { metric::SSIMULACRA2_BYTES } else { 0 };
        let graph = if self.lpips.is_some() { lpips::BYTES } else { 0 };
        let most = METRIC_BYTES.max(perceptual).max(graph);
        let metric = header.size.pixels().saturating_mul(most);
        Bytes(both.saturating_add(metric).saturating_add(input.file.bytes))
    }

    fn fingerprint(&self, _: &PictureInput) -> Option<Fingerprint> {
        None
    }

    fn run(
        &self,
        input: PictureInput,
        (): &mut (),
        cx: &ItemCx<'_>,
    ) -> Result<CompareRecord, ItemError> {
        let partner = self.partners.of(&input.file.relative)?;
        cx.add_input_bytes(input.file.bytes + partner.bytes);
        let exec = ItemExec(cx);
        let (a, b) = self.pair(&input.file, &partner, &exec)?;
        cx.check()?;
        let scores = self.scores(&a, &b)?;
        let picture = partner.relative.to_string_lossy().into_owned();
        Ok(CompareRecord { picture, size: a.size(), scores })
    }
}

impl CompareStage {
    /// Both pictures in the same size, channels and depth.
    pub(super) fn pair(
        &self,
        reference: &InputFile,
        judged: &InputFile,
        exec: &dyn Exec,
    ) -> Result<(Image, Image), ItemError> {
        let read = |file: &InputFile| {
            load(file, None, (&self.limits, false), exec, &|_, _| {})
                .map(|(loaded, _)| loaded.image)
        };
        let (a, b) = (read(reference)?, read(judged)?);
        let size = Size::new(a.width().min(b.width()), a.height().min(b.height()));
        if a.size() != b.size() && !self.crop {
            let message = format!("the reference has {}, the picture {}", a.size(), b.size());
            return Err(ItemError::new(ErrorKind::BadInput, message)
                .with_code("other-size")
                .with_step("compare")
                .with_hint("--crop compares the part that both have, from the top left"));
        }
        let gray = a.channels().is_gray() && b.channels().is_gray();
        let alpha = a.channels().has_alpha() && b.channels().has_alpha();
        let channels = if gray { Channels::Gray } else { Channels::Rgb }.with_alpha(alpha);
        let depth = if a.depth() == b.depth() { a.depth() } else { Depth::F32 };
        let same = |image: Image| -> Result<Image, ItemError> {
            let cut = if image.size() == size {
                image
            } else {
                geometry::crop(&image, Rect::new(0, 0, size))
                    .map_err(|error| item_error(error, "compare"))?
            };
            Ok(convert::convert(cut, PixelFormat::new(channels, depth)))
        };
        Ok((same(a)?, same(b)?))
    }

    /// Both pictures again, for a page.
    pub(super) fn again(&self, reference: &InputFile) -> Option<(Image, Image)> {
        let partner = self.partners.of(&reference.relative).ok()?;
        self.pair(reference, &partner, &Serial).ok()
    }

    fn scores(&self, a: &Image, b: &Image) -> Result<Scores, ItemError> {
        let failed = |error| item_error(error, "compare");
        let border = self.border;
        let psnr = |plane| metric::psnr(a, b, plane, border).map_err(failed);
        let lpips = self.lpips.as_ref().map(|lpips| lpips.score(a, b, border)).transpose();
        Ok(Scores {
            identical: a.samples() == b.samples(),
            psnr_rgb_db: psnr(Plane::Rgb)?,
            psnr_y_db: psnr(Plane::Y)?,
            ssim: metric::ssim(a, b, border).ok(),
            ms_ssim: metric::ms_ssim(a, b, border).ok(),
            ssimulacra2: self.ssimulacra2.then(|| metric::ssimulacra2(a, b, border).ok()).flatten(),
            lpips: lpips.map_err(failed)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_of_roles_and_scales_do_not_count() {
        let bare = |name: &str| bare(Path::new(name)).display().to_string();
        for name in
            ["a/baby.png", "a/baby_x4.png", "a/babyx4.jpg", "a/baby_HR.png", "a/baby-4x-SR.png"]
        {
            assert_eq!(bare(name), "a/baby", "{name}");
        }
        assert_eq!(bare("a_12.png"), "a_12");
        assert_eq!(bare("_HR.png"), "_HR");
        assert_eq!(bare("x4.png"), "x4");
    }
}
