//! The table of document 003, with more columns at its end (RFC 4180).
use std::io::{self, Write};

use pixloom_restore::{features, traits};

use super::pair::{Found, PairRecord};
use crate::jobs::csv::line;

/// The columns before the features.
const FIRST: [&str; 4] = ["filename", "similarity_score", "psnr", "ssim"];
/// The columns after the features.
const PARAMETERS: [&str; 4] =
    ["color_method", "apply_color_correction", "sharpen_sigma", "sharpen_strength"];
/// What document 003 does not have.
const MORE: [&str; 17] = [
    "identity_score",
    "identity_psnr",
    "identity_ssim",
    "color_only_score",
    "refined_score",
    "refined_psnr",
    "refined_ssim",
    "refined_apply_color_correction",
    "refined_sharpen_sigma",
    "refined_sharpen_strength",
    "gain",
    "grid_gain",
    "on_grid_edge",
    "evaluations",
    "undamaged",
    "group",
    "notes",
];

/// The first line: 22 columns of document 003, ours, the measures of damage.
pub(super) fn header(out: &mut dyn Write) -> io::Result<()> {
    let names = FIRST.iter().chain(&features::NAMES).chain(&PARAMETERS);
    let names = names.chain(&MORE).chain(&traits::NAMES);
    line(out, names.map(|name| (*name).to_owned()))
}

/// The line of one pair.
pub(super) fn row(out: &mut dyn Write, pair: &PairRecord) -> io::Result<()> {
    let PairRecord { best, identity, refined, .. } = pair;
    let number = |value: &f64| value.to_string();
    let color = |found: &Found| u8::from(found.color_method != "none").to_string();
    let mut cells = vec![pair.filename.clone()];
    cells.extend([best.scored.score, best.scored.psnr, best.scored.ssim].iter().map(number));
    cells.extend(pair.features.iter().map(number));
    cells.extend([best.color_method.clone(), color(best)]);
    cells.extend([best.sharpen_sigma, best.sharpen_strength].iter().map(number));
    let own = [identity.score, identity.psnr, identity.ssim, pair.color_only.score];
    cells.extend(own.iter().map(number));
    let scored = refined.scored;
    cells.extend([scored.score, scored.psnr, scored.ssim].iter().map(number));
    cells.push(color(refined));
    let rest = [refined.sharpen_sigma, refined.sharpen_strength, pair.gain(), pair.grid_gain()];
    cells.extend(rest.iter().map(number));
    cells.extend([u8::from(pair.on_grid_edge).to_string(), pair.evaluations.to_string()]);
    cells.extend([pair.undamaged.clone(), pair.group.clone(), pair.notes.join(";")]);
    cells.extend(pair.traits.iter().map(number));
    line(out, cells.into_iter())
}

/// The first line of a table of features alone.
pub(super) fn features_header(out: &mut dyn Write) -> io::Result<()> {
    let names = ["filename"].into_iter().chain(features::NAMES).chain(traits::NAMES);
    line(out, names.map(ToOwned::to_owned))
}

/// The line of one picture in a table of features alone.
pub(super) fn features_row(out: &mut dyn Write, filename: &str, values: &[f64]) -> io::Result<()> {
    let cells = values.iter().map(ToString::to_string);
    line(out, std::iter::once(filename.to_owned()).chain(cells))
}
