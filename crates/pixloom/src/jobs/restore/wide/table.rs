//! The table of a wide search: one line per state, what every candidate gains in its last columns.
use std::io::{self, Write};

use pixloom_restore::{features, traits};

use super::space::Space;
use super::stage::WideRecord;
use crate::jobs::csv::line;

/// The columns before the features.
pub(in crate::jobs::restore) const FIRST: [&str; 19] = [
    "filename",
    "undamaged",
    "group",
    "step",
    "done",
    "score",
    "psnr",
    "ssim",
    "identity_score",
    "identity_psnr",
    "identity_ssim",
    "oracle_score",
    "oracle_psnr",
    "oracle_ssim",
    "oracle",
    "best",
    "gain",
    "evaluations",
    "notes",
];
/// What the columns of gains begin with; the candidate's pipeline text follows.
pub(in crate::jobs::restore) const GAIN: &str = "gain: ";

pub(super) fn header(out: &mut dyn Write, space: &Space) -> io::Result<()> {
    let names = FIRST.iter().chain(&features::NAMES).chain(&traits::NAMES);
    let names = names.map(|name| (*name).to_owned());
    let gains = space.candidates.iter().map(|candidate| format!("{GAIN}{}", candidate.text));
    line(out, names.chain(gains))
}

/// The lines of one pair.
pub(super) fn rows(out: &mut dyn Write, pair: &WideRecord, space: &Space) -> io::Result<()> {
    let (Some(first), Some(last)) = (pair.states.first(), pair.states.last()) else {
        return Ok(());
    };
    let three = |scored: &crate::jobs::restore::pair::Scored| {
        [scored.score, scored.psnr, scored.ssim].map(|figure| figure.to_string())
    };
    for (step, state) in pair.states.iter().enumerate() {
        let mut cells = vec![pair.filename.clone(), pair.undamaged.clone(), pair.group.clone()];
        cells.extend([step.to_string(), state.done.clone()]);
        cells.extend(three(&state.scored));
        cells.extend(three(&first.scored));
        cells.extend(three(&last.scored));
        cells.extend([last.done.clone(), state.best.clone(), state.gain.to_string()]);
        cells.extend([pair.evaluations.to_string(), pair.notes.join(";")]);
        cells.extend(state.features.iter().chain(&state.traits).map(ToString::to_string));
        // A state where nothing was tried has empty cells.
        for at in 0..space.candidates.len() {
            let gain = state.gains.get(at).copied().flatten();
            cells.push(
                gain.map_or_else(String::new, |gain| (libm::round(gain * 1e6) / 1e6).to_string()),
            );
        }
        line(out, cells.into_iter())?;
    }
    Ok(())
}
