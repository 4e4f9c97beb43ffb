//! The `compare` job: how close pictures are to their references.
pub(super) mod lpips;
mod page;
mod stage;
mod tally;

use std::path::{Path, PathBuf};

use pixloom_engine::Fingerprint;
use pixloom_image::Limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::jobs::analyze::refuse_unwritable;
use crate::params::{ParamError, Params};
use crate::picture::PictureSource;
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::{Inputs, LeftAlone, tell_left_alone};
use lpips::Lpips;
use stage::{CompareStage, Partners};
use tally::Tally;

/// Measure how close pictures are to their references.
///
/// Two pictures, or two folders whose files have the same names; extensions may differ, and
/// endings such as `_x4` or `_HR`. PSNR in
/// dB over red, green and blue and over the luma (as super-resolution papers do), SSIM and
/// MS-SSIM of the luma, SSIMULACRA2 of the colours, and LPIPS with a graph of your own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Compare {
    /// Folder or picture that is the reference.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    reference: PathBuf,
    /// Folder or picture to judge.
    #[schemars(extend("x-positional" = 2, "x-required" = true))]
    pictures: PathBuf,
    /// Pixels left out at every side, in papers as many as the scale.
    #[schemars(range(min = 0, max = 1024))]
    border: u32,
    /// Cut the larger of two pictures to the size that both have, from the top left.
    crop: bool,
    /// Compute SSIMULACRA2 too, which takes the most time and 176 bytes of memory a pixel.
    ssimulacra2: bool,
    /// An ONNX file of LPIPS with two inputs: red, green and blue from -1 to 1, (1, 3, H, W).
    lpips: Option<PathBuf>,
    /// Write a page with all figures and, for the first pairs, both pictures under a slider.
    html: Option<PathBuf>,
}

impl Default for Compare {
    fn default() -> Self {
        let (reference, pictures) = (PathBuf::new(), PathBuf::new());
        let (border, crop, ssimulacra2, lpips, html) = (0, false, true, None, None);
        Self { reference, pictures, border, crop, ssimulacra2, lpips, html }
    }
}

impl Params for Compare {}

impl Job for Compare {
    const NAME: &'static str = "compare";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "PSNR-Y as in the papers for results of ×4",
            line: "pixloom compare Set5/HR results/ --border 4 --crop",
        },
        Example {
            does: "One picture, with a page to look at",
            line: "pixloom compare truth.png upscaled.png --html compare.html",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<InputSettings>("Input"), Group::of::<RunSettings>("Run")];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let input: InputSettings = settings.get()?;
        let run: RunSettings = settings.get()?;
        if run.dry_run || run.resume {
            let name = if run.resume { "resume" } else { "dry_run" };
            return Err(ParamError::new(name, "means nothing here: `compare` only looks").into());
        }
        if let Some(path) = &own.html {
            refuse_unwritable(path, run.overwrite)?;
        }
        let inputs = Self::inputs("reference", &own.reference, &input)?;
        let partners = own.partners(&input)?;
        let limits = input.limits();
        let stage = own.stage(partners, limits)?;
        let failed = |error: std::io::Error| {
            JobError::refused(format!("cannot list the input: {error}"), vec![])
        };
        let mut left_alone = [LeftAlone::new()];
        let total = inputs.list(&mut left_alone[0]).map_err(failed)?.count() as u64;
        let left_alone = tell_left_alone(&left_alone, cx.face.as_ref());
        let mut session = Session::inspect(Self::NAME, settings, cx, own.identity())?;
        let start = session.start();
        session.announce(&crate::job::Start { items: total, ..start });
        let mut again = LeftAlone::new();
        let mut source =
            PictureSource::new(&inputs, &mut again, input.limits(), (run.shard()?, total))
                .map_err(failed)?;
        let mut tally = Tally::of(&stage);
        let report = session.observe(&mut source, &stage, &mut |delivery| tally.add(delivery))?;
        if let Some(html) = &own.html {
            page::write(html, &tally, &stage, &own.reference)?;
        }
        let mut report = tally.finish(report);
        report.summary["left_alone"] = left_alone;
        Ok(report)
    }
}

impl Compare {
    fn inputs(name: &str, path: &Path, input: &InputSettings) -> Result<Inputs, ParamError> {
        Inputs::open(path, input, &[]).map_err(|error| {
            if error.name == "input" { ParamError::new(name, error.problem) } else { error }
        })
    }

    /// Where the partner of each reference is.
    fn partners(&self, input: &InputSettings) -> Result<Partners, JobError> {
        if self.reference.is_file() != self.pictures.is_file() {
            let problem = "must be a folder or a file as `reference` is";
            return Err(ParamError::new("pictures", problem).into());
        }
        let inputs = Self::inputs("pictures", &self.pictures, input)?;
        if self.pictures.is_file() {
            return Ok(Partners::One(self.pictures.clone()));
        }
        let mut left_alone = LeftAlone::new();
        let listed = inputs.list(&mut left_alone).map_err(|error| {
            JobError::refused(format!("cannot list the pictures: {error}"), vec![])
        })?;
        Ok(Partners::folder(listed.filter_map(|listed| listed.file.ok())))
    }

    fn stage(&self, partners: Partners, limits: Limits) -> Result<CompareStage, ParamError> {
        let lpips = self.lpips.as_deref().map(Lpips::open).transpose();
        let lpips = lpips.map_err(|error| ParamError::new("lpips", error.to_string()))?;
        let Self { border, crop, ssimulacra2, .. } = *self;
        Ok(CompareStage { partners, limits, border, crop, ssimulacra2, lpips })
    }

    fn identity(&self) -> Fingerprint {
        let settings = serde_json::to_vec(self).unwrap_or_default();
        Fingerprint::builder("compare")
            .field("version", env!("CARGO_PKG_VERSION"))
            .field("settings", settings)
            .finish()
    }
}
