//! The search over one pair.
use pixloom_engine::{Bytes, ErrorKind, Fingerprint, ItemCx, ItemError, Stage};
use pixloom_image::Limits;
use pixloom_restore::search::{PARTS, Part};
use pixloom_restore::{Candidate, Outcome, Quality, Searcher, features, traits};
use serde::{Deserialize, Serialize};

use super::both::{Notes, Pair, fingerprint};
use super::wide::group;
use super::{number, pixels, read_cost};
use crate::jobs::pairs::Together;
use crate::picture::item_error;

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
    /// Equal for pairs with the same undamaged pixels.
    pub(super) group: String,
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
    /// Whether all of its figures are finite.
    pub(super) fn is_finite(&self) -> bool {
        let all = [self.identity, self.color_only, self.best.scored, self.refined.scored];
        all.iter().all(|scored| scored.psnr.is_finite())
    }

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
    /// Everything beside the pair that decides what is found.
    pub(super) identity: Fingerprint,
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

    fn fingerprint(&self, input: &Together) -> Option<Fingerprint> {
        let Together::Pair(pair) = input else { return None };
        Some(fingerprint(pair, self.identity))
    }

    fn run(&self, input: Together, (): &mut (), cx: &ItemCx<'_>) -> Result<PairRecord, ItemError> {
        match input {
            Together::Unpaired { hq, lq } => Err(unpaired(&hq, &lq)),
            Together::Pair(pair) => self.pair(&pair, cx),
        }
    }
}

impl SearchStage {
    fn pair(&self, pair: &Pair, cx: &ItemCx<'_>) -> Result<PairRecord, ItemError> {
        let notes = Notes::new(cx);
        let (picture, truth) = notes.read(pair, (&self.limits, self.tolerant))?;
        let features = features::features(&picture);
        let traits = traits::traits(&picture, &features);
        let group = group(&truth);
        cx.check()?;
        let searcher =
            Searcher::new(picture, truth).map_err(|e| item_error(super::settings(e), "search"))?;
        if !searcher.fits() {
            notes.add(
                "resized",
                "each candidate is resized (bilinear) to the undamaged one".to_owned(),
            );
        }
        let outcome = self.search(&searcher, cx);
        cx.check()?;
        let (filename, undamaged, notes) = notes.finish(pair, outcome.identity.psnr.is_infinite());
        let record = record((filename, undamaged), &outcome, (&features, &traits));
        Ok(PairRecord { group, notes, ..record })
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
        group: String::new(),
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
    ItemError::new(ErrorKind::BadInput, message)
        .with_code(code)
        .with_step("match")
        .with_hint("files match by their path below the two folders, whatever the extension")
}
