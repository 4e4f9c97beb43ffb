//! The search over one pair of files.
use std::cell::RefCell;

use pixloom_engine::{Bytes, Fingerprint, ItemCx, ItemError, Stage, path_key};
use pixloom_image::Limits;
use pixloom_restore::{Planes, Quality};
use serde::{Deserialize, Serialize};

use super::hunt::{Hunt, State};
use super::space::Space;
use crate::jobs::pairs::{Together, about};
use crate::jobs::restore::pair::unpaired;
use crate::jobs::restore::{pixels, read, read_cost, settings};
use crate::picture::{PictureInput, item_error};

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

    fn fingerprint(&self, _: &Together) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: Together, (): &mut (), cx: &ItemCx<'_>) -> Result<WideRecord, ItemError> {
        match input {
            Together::Unpaired { hq, lq } => Err(unpaired(&hq, &lq)),
            Together::Pair(pair) => self.pair(&pair, cx),
        }
    }
}

impl WideStage<'_> {
    fn pair(
        &self,
        (undamaged, damaged): &(PictureInput, PictureInput),
        cx: &ItemCx<'_>,
    ) -> Result<WideRecord, ItemError> {
        let notes = RefCell::new(Vec::new());
        let note = |code: &'static str, message: String| {
            notes.borrow_mut().push(code.to_owned());
            cx.note(code, message);
        };
        let limits = (&self.limits, self.tolerant);
        let truth = read(undamaged, limits, cx, &note).map_err(|e| about(e, "undamaged"))?;
        let picture = read(damaged, limits, cx, &note).map_err(|e| about(e, "damaged"))?;
        cx.check()?;
        if (picture.width(), picture.height()) != (truth.width(), truth.height()) {
            note("resized", "resized (bilinear) to the undamaged one before the search".to_owned());
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
        if found.states.first().is_some_and(|state| state.scored.psnr.is_infinite()) {
            note("identical", "the two pictures are equal".to_owned());
        }
        let names = (path_key(&damaged.file.relative), path_key(&undamaged.file.relative));
        if names.0 != names.1 {
            note("other-name", format!("the undamaged one is {}", names.1));
        }
        Ok(WideRecord {
            filename: names.0,
            undamaged: names.1,
            group,
            states: found.states,
            evaluations: found.evaluations,
            notes: notes.into_inner(),
        })
    }
}

/// A short name of the pixels (FNV-1a, 64 bit).
fn group(truth: &Planes) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let values = truth.as_slice().iter().flat_map(pixloom_restore::Plane::values);
    for value in values {
        hash = (hash ^ u64::from(*value)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{hash:016x}")
}
