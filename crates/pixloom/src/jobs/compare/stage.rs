//! The comparison of one pair.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pixloom_engine::{Bytes, ErrorKind, Fingerprint, ItemCx, ItemError, Stage};
use pixloom_image::codec::DecodeOptions;
use pixloom_image::geometry::{self, Rect};
use pixloom_image::metric::{self, Plane};
use pixloom_image::{Channels, Depth, Exec, Image, Limits, PixelFormat, Serial, Size, convert};
use serde::{Deserialize, Serialize};

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

/// How close two pictures are. Equal pictures have no PSNR, since it would be infinite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Scores {
    /// PSNR over red, green and blue in dB.
    pub(super) psnr_rgb_db: Option<f64>,
    /// PSNR over the BT.601 luma in dB.
    pub(super) psnr_y_db: Option<f64>,
    /// SSIM of the luma; none for pictures below 11×11 pixels.
    pub(super) ssim: Option<f64>,
    /// MS-SSIM of the luma; none for pictures below 176×176 pixels.
    pub(super) ms_ssim: Option<f64>,
}

/// Where the judged pictures are.
#[derive(Debug)]
pub(super) enum Partners {
    /// A single file.
    One(PathBuf),
    /// By path below the folder, without extension.
    Folder(BTreeMap<PathBuf, Vec<InputFile>>),
}

/// Compares references with their partners.
#[derive(Debug)]
pub(super) struct CompareStage {
    pub(super) partners: Partners,
    pub(super) limits: Limits,
    pub(super) border: u32,
    pub(super) crop: bool,
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
            Self::Folder(files) => {
                let same = files.get(&relative.with_extension("")).map_or(&[][..], Vec::as_slice);
                if let Some(exact) = same.iter().find(|file| file.relative == relative) {
                    return Ok(exact.clone());
                }
                match same {
                    [one] => Ok(one.clone()),
                    [] => Err(missing("there is no picture of this name to judge".to_owned())),
                    more => {
                        Err(missing(format!("{} pictures to judge have this name", more.len())))
                    }
                }
            }
        }
    }
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
        let metric = header.size.pixels().saturating_mul(METRIC_BYTES);
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
        let scores = scores(&a, &b, self.border)?;
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
}

fn scores(a: &Image, b: &Image, border: u32) -> Result<Scores, ItemError> {
    let failed = |error| item_error(error, "compare");
    let psnr =
        |plane| metric::psnr(a, b, plane, border).map(|db| Some(db).filter(|db| db.is_finite()));
    Ok(Scores {
        psnr_rgb_db: psnr(Plane::Rgb).map_err(failed)?,
        psnr_y_db: psnr(Plane::Y).map_err(failed)?,
        ssim: metric::ssim(a, b, border).ok(),
        ms_ssim: metric::ms_ssim(a, b, border).ok(),
    })
}
