//! The search over one pair.
use std::cell::RefCell;

use pixloom_engine::{Bytes, ErrorKind, Fingerprint, ItemCx, ItemError, Stage, path_key};
use pixloom_image::Limits;
use pixloom_restore::search::{PARTS, Part};
use pixloom_restore::{Candidate, Outcome, Quality, Searcher, features, traits};
use serde::{Deserialize, Serialize};

use super::{number, pixels, read, read_cost};
use crate::jobs::pairs::{Together, about};
use crate::picture::{PictureInput, item_error};

/// Pictures up to this many pixels are searched on all idle workers at once; larger ones would
/// take too much memory for that.
const SHARED_BELOW: u64 = 8_000_000;

/// What is recorded of one pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PairRecord {
    /// The damaged file, below its folder.
    pub(super) filename: String,
    /// The undamaged file, below its folder.
    pub(super) undamaged: String,
    /// The best of the forty.
    pub(super) best: Found,
    /// The picture as it is.
    pub(super) identity: Scored,
    /// The picture after white balance alone.
    pub(super) color_only: Scored,
    /// The best of all after refinement.
    pub(super) refined: Found,
    /// Whether the best of the forty lies on an edge of the grid.
    pub(super) on_grid_edge: bool,
    /// How many candidates were tried.
    pub(super) evaluations: u32,
    /// The fourteen features.
    pub(super) features: Vec<f64>,
    /// The measures of single kinds of damage.
    pub(super) traits: Vec<f64>,
    /// What was odd: kebab-case names.
    pub(super) notes: Vec<String>,
}

impl PairRecord {
    /// How much better than doing nothing the best of all is.
    pub(super) fn gain(&self) -> f64 {
        difference(self.refined.scored.score, self.identity.score)
    }

    /// How much better than doing nothing the best of the forty is.
    pub(super) fn grid_gain(&self) -> f64 {
        difference(self.best.scored.score, self.identity.score)
    }
}

/// Two infinite scores are equal.
fn difference(a: f64, b: f64) -> f64 {
    if a.is_infinite() && b.is_infinite() { 0.0 } else { a - b }
}

/// Parameters and how near they come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Found {
    /// `white_balance` or `none`.
    pub(super) color_method: String,
    /// Standard deviation of the blur in pixels.
    pub(super) sharpen_sigma: f64,
    /// Strength of the sharpening.
    pub(super) sharpen_strength: f64,
    #[serde(flatten)]
    pub(super) scored: Scored,
}

/// How near a picture comes to the truth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Scored {
    #[serde(with = "number")]
    pub(super) psnr: f64,
    pub(super) ssim: f64,
    #[serde(with = "number")]
    pub(super) score: f64,
}

impl From<Quality> for Scored {
    fn from(quality: Quality) -> Self {
        Self { psnr: quality.psnr, ssim: quality.ssim, score: quality.score() }
    }
}

impl From<Candidate> for Found {
    fn from(candidate: Candidate) -> Self {
        let method = if candidate.parameters.white_balance { "white_balance" } else { "none" };
        Self {
            color_method: method.to_owned(),
            sharpen_sigma: candidate.parameters.sigma,
            sharpen_strength: candidate.parameters.strength,
            scored: candidate.quality.into(),
        }
    }
}

/// Searches pairs.
#[derive(Debug)]
pub(super) struct SearchStage {
    pub(super) limits: Limits,
    pub(super) tolerant: bool,
    /// Candidates beyond the grid.
    pub(super) steps: u32,
}

impl Stage for SearchStage {
    type In = Together;
    type Out = PairRecord;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "restore search"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &Together) -> Bytes {
        let Together::Pair(pair) = input else { return Bytes(64 << 10) };
        let (truth, damaged) = (pixels(&pair.0), pixels(&pair.1));
        // Decoding; damaged, balanced and one blur for each part; truth with its terms; spectrum.
        let parts = if damaged <= SHARED_BELOW { PARTS as u64 } else { 1 };
        let search = damaged.saturating_mul(6 + 5 * parts).saturating_add(truth * (21 + 3));
        let features = damaged.saturating_mul(32);
        let read = read_cost(&pair.0, self.tolerant) + read_cost(&pair.1, self.tolerant);
        Bytes(read.saturating_add(search).saturating_add(features).saturating_add(1 << 20))
    }

    fn fingerprint(&self, _: &Together) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: Together, (): &mut (), cx: &ItemCx<'_>) -> Result<PairRecord, ItemError> {
        match input {
            Together::Unpaired { hq, lq } => Err(unpaired(&hq, &lq)),
            Together::Pair(pair) => self.pair(&pair, cx),
        }
    }
}

impl SearchStage {
    fn pair(
        &self,
        (undamaged, damaged): &(PictureInput, PictureInput),
        cx: &ItemCx<'_>,
    ) -> Result<PairRecord, ItemError> {
        let notes = RefCell::new(Vec::new());
        let note = |code: &'static str, message: String| {
            notes.borrow_mut().push(code.to_owned());
            cx.note(code, message);
        };
        let limits = (&self.limits, self.tolerant);
        let truth = read(undamaged, limits, cx, &note).map_err(|e| about(e, "undamaged"))?;
        let picture = read(damaged, limits, cx, &note).map_err(|e| about(e, "damaged"))?;
        cx.check()?;
        let (features, traits) = (features::features(&picture), traits::traits(&picture));
        cx.check()?;
        let searcher =
            Searcher::new(picture, truth).map_err(|e| item_error(super::settings(e), "search"))?;
        if !searcher.fits() {
            note("resized", "each candidate is resized (bilinear) to the undamaged one".to_owned());
        }
        let outcome = self.search(&searcher, cx);
        cx.check()?;
        if outcome.identity.psnr.is_infinite() {
            note("identical", "the two pictures are equal".to_owned());
        }
        let names = (path_key(&damaged.file.relative), path_key(&undamaged.file.relative));
        if damaged.file.relative != undamaged.file.relative {
            note("other-name", format!("the undamaged one is {}", names.1));
        }
        let record = record(names, &outcome, (&features, &traits));
        Ok(PairRecord { notes: notes.into_inner(), ..record })
    }

    fn search(&self, searcher: &Searcher, cx: &ItemCx<'_>) -> Outcome {
        let stopped = || cx.check().is_err();
        let part = |at: usize| if stopped() { Part::new() } else { searcher.part(at) };
        let picture = searcher.damaged();
        let parts: Vec<Part> = if picture.width() * picture.height() <= SHARED_BELOW as usize {
            cx.fan_out(PARTS, &|| (), &|at, ()| part(at))
        } else {
            (0..PARTS).map(part).collect()
        };
        searcher.finish(&parts, self.steps, &stopped)
    }
}

fn record(
    (filename, undamaged): (String, String),
    outcome: &Outcome,
    (features, traits): (&[f64], &[f64]),
) -> PairRecord {
    PairRecord {
        filename,
        undamaged,
        best: outcome.best.into(),
        identity: outcome.identity.into(),
        color_only: outcome.color_only.into(),
        refined: outcome.refined.into(),
        on_grid_edge: outcome.is_on_edge(),
        evaluations: outcome.evaluations,
        features: features.to_vec(),
        traits: traits.to_vec(),
        notes: Vec::new(),
    }
}

pub(super) fn unpaired(undamaged: &[String], damaged: &[String]) -> ItemError {
    let (code, message) = match (undamaged, damaged) {
        ([_], []) => ("missing-damaged", "there is no damaged file for it".to_owned()),
        ([], [_]) => ("missing-undamaged", "there is no undamaged file for it".to_owned()),
        _ => {
            let (a, b) = (undamaged.join(", "), damaged.join(", "));
            let message = format!("several files share a name: undamaged [{a}], damaged [{b}]");
            return ItemError::new(ErrorKind::BadInput, message)
                .with_code("ambiguous")
                .with_step("match")
                .with_hint("keep one of each");
        }
    };
    ItemError::new(ErrorKind::BadInput, message).with_code(code).with_step("match")
}
