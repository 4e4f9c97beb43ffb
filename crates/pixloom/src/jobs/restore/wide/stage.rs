//! The search over one pair of files.
use pixloom_engine::{Bytes, Fingerprint, ItemCx, ItemError, Stage};
use pixloom_image::Limits;
use pixloom_restore::{Planes, Quality};
use serde::{Deserialize, Serialize};

use super::hunt::{Found, Hunt, State};
use super::space::Space;
use crate::jobs::pairs::Together;
use crate::jobs::restore::both::{Notes, Pair, fingerprint};
use crate::jobs::restore::pair::unpaired;
use crate::jobs::restore::{pixels, read_cost, settings};
use crate::picture::item_error;

/// What is recorded of one pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::jobs::restore) struct WideRecord {
    /// The damaged file, below its folder.
    pub(super) filename: String,
    /// The undamaged file, below its folder.
    pub(super) undamaged: String,
    /// Equal for pairs with the same undamaged pixels.
    pub(super) group: String,
    /// From the damaged picture to the best that was found.
    pub(super) states: Vec<State>,
    pub(super) evaluations: u32,
    pub(super) notes: Vec<String>,
}

/// Searches pairs.
#[derive(Debug)]
pub(super) struct WideStage<'a> {
    pub(super) limits: Limits,
    pub(super) tolerant: bool,
    pub(super) space: &'a Space,
    pub(super) budget: u32,
    /// Everything beside the pair that decides what is found.
    pub(super) identity: Fingerprint,
}

impl Stage for WideStage<'_> {
    type In = Together;
    type Out = WideRecord;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "restore search"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &Together) -> Bytes {
        let Together::Pair(pair) = input else { return Bytes(64 << 10) };
        let (truth, damaged) = (pixels(&pair.0), pixels(&pair.1));
        let read = read_cost(&pair.0, self.tolerant) + read_cost(&pair.1, self.tolerant);
        // Truth with its terms, the picture and its copies, spectrum; four contenders at once on
        // the whole picture, each with some planes of floats.
        let search = truth.saturating_mul(30 + 4 * 120).saturating_add(damaged.saturating_mul(40));
        Bytes(read.saturating_add(search).saturating_add(8 << 20))
    }

    fn fingerprint(&self, input: &Together) -> Option<Fingerprint> {
        let Together::Pair(pair) = input else { return None };
        Some(fingerprint(pair, self.identity))
    }

    fn run(&self, input: Together, (): &mut (), cx: &ItemCx<'_>) -> Result<WideRecord, ItemError> {
        match input {
            Together::Unpaired { hq, lq } => Err(unpaired(&hq, &lq)),
            Together::Pair(pair) => self.pair(&pair, cx),
        }
    }
}

impl WideStage<'_> {
    fn pair(&self, pair: &Pair, cx: &ItemCx<'_>) -> Result<WideRecord, ItemError> {
        let notes = Notes::new(cx);
        let (picture, truth) = notes.read(pair, (&self.limits, self.tolerant))?;
        if (picture.width(), picture.height()) != (truth.width(), truth.height()) {
            notes.add(
                "resized",
                "resized (bilinear) to the undamaged one before the search".to_owned(),
            );
        }
        let group = group(&truth);
        let each = |count: usize, work: &(dyn Fn(usize) -> Option<Quality> + Sync)| {
            cx.fan_out(count, &|| (), &|at, ()| if cx.check().is_err() { None } else { work(at) })
        };
        let hunt = Hunt {
            space: self.space,
            budget: self.budget,
            each: &each,
            stopped: &|| cx.check().is_err(),
        };
        let found = hunt.run(picture, truth).map_err(|e| item_error(settings(e), "search"))?;
        cx.check()?;
        let identical = found.states.first().is_some_and(|state| state.scored.psnr.is_infinite());
        let (filename, undamaged, notes) = notes.finish(pair, identical);
        let Found { states, evaluations } = found;
        Ok(WideRecord { filename, undamaged, group, states, evaluations, notes })
    }
}

/// A short name of the pixels (FNV-1a, 64 bit).
pub(in crate::jobs::restore) fn group(truth: &Planes) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let values = truth.as_slice().iter().flat_map(pixloom_restore::Plane::values);
    for value in values {
        hash = (hash ^ u64::from(*value)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}
