//! A page that shows what a wide search found; needs nothing else.
use std::fmt::Write as _;

use super::{Seen, SeenPair};
use crate::jobs::analyze::html::{escaped, section};
use crate::jobs::analyze::text::{grouped, percent};
use crate::jobs::restore::page::{
    LISTED, bars_of, cards_of, document, failed, grid, histogram, listed, means,
};

/// Candidates whose mean gain is shown.
const SHOWN: usize = 40;

/// The whole page.
pub(super) fn page(title: &str, seen: &Seen) -> String {
    let sections = [
        section("quality", "Before and after", &quality(seen)),
        section("distributions", "Distributions", &distributions(seen)),
        section("taken", "Operations that were taken", &taken(seen)),
        section("alone", "What candidates gain alone", &alone(seen)),
        section("failures", "Pairs that failed", &failed(&seen.failed)),
        section("pairs", "Pairs", &pairs(seen)),
    ];
    document(title, &cards(seen), &sections.concat())
}

fn cards(seen: &Seen) -> String {
    let pairs = seen.pairs.len();
    let count = pairs.max(1) as f64;
    let left = seen.pairs.iter().filter(|pair| pair.done.is_empty()).count();
    let [before, after] = seen.means(|scored| scored.score);
    let each = f64::from(u32::try_from(seen.evaluations).unwrap_or(u32::MAX)) / count;
    cards_of(&[
        ("pairs", grouped(pairs as u64), false),
        ("failed", grouped(seen.failed.len() as u64), !seen.failed.is_empty()),
        ("mean gain", format!("{:.4}", after - before), false),
        ("doing nothing wins", percent(left as f64 / count), left * 2 > pairs),
        ("candidates a pair", format!("{each:.0}"), false),
    ])
}

fn quality(seen: &Seen) -> String {
    if seen.pairs.is_empty() {
        return String::new();
    }
    let [psnr, ssim, score] =
        [seen.means(|s| s.psnr), seen.means(|s| s.ssim), seen.means(|s| s.score)];
    let row = |at: usize| [psnr[at], ssim[at], score[at]];
    means(&[("untouched", row(0)), ("best found", row(1))])
}

/// A figure of one pair.
type Figure = fn(&SeenPair) -> f64;

fn distributions(seen: &Seen) -> String {
    let figures: [(&str, Figure); 5] = [
        ("gain over untouched", SeenPair::gain),
        ("PSNR untouched, dB", |pair| pair.before.psnr),
        ("PSNR of the best found, dB", |pair| pair.after.psnr),
        ("operations in a row", |pair| pair.operations().count() as f64),
        ("candidates tried", |pair| f64::from(pair.evaluations)),
    ];
    let drawn = figures.iter().map(|(name, value)| {
        histogram(name, seen.pairs.iter().map(value).filter(|v| v.is_finite()).collect())
    });
    grid(drawn.collect())
}

fn taken(seen: &Seen) -> String {
    let mut ranked: Vec<(&String, &u64)> = seen.taken.iter().collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let pairs = seen.pairs.len().max(1) as f64;
    let bars: Vec<(&str, f64, [String; 2])> = ranked
        .iter()
        .map(|(name, count)| {
            let share = **count as f64 / pairs;
            (name.as_str(), share, [count.to_string(), percent(share)])
        })
        .collect();
    if bars.is_empty() { String::new() } else { bars_of("Times, share of the pairs", &bars) }
}

/// The surface of the search over the damaged pictures: how often a candidate gains on their
/// tiles, and how much on average.
fn alone(seen: &Seen) -> String {
    let tried = seen.surfaces.max(1) as f64;
    let mut ranked: Vec<&(String, u32, f64)> =
        seen.alone.iter().filter(|(_, gains, _)| *gains > 0).collect();
    ranked.sort_by_key(|(_, gains, _)| std::cmp::Reverse(*gains));
    let bars: Vec<(&str, f64, [String; 2])> = ranked
        .iter()
        .take(SHOWN)
        .map(|(name, gains, sum)| {
            let (share, mean) = (f64::from(*gains) / tried, sum / f64::from(*gains));
            (name.as_str(), share, [percent(share), format!("{mean:+.4}")])
        })
        .collect();
    if bars.is_empty() {
        return String::new();
    }
    bars_of("Share of the damaged pictures that gain, mean gain of those", &bars)
}

fn pairs(seen: &Seen) -> String {
    let mut rows = String::new();
    for pair in seen.pairs.iter().take(LISTED) {
        // Writing to a string cannot fail.
        let _ = write!(
            rows,
            "<tr><td class=\"path\">{}</td><td class=\"num\">{:.4}</td><td>{}</td>\
             <td class=\"num\">{:.4}</td><td class=\"num\">{:+.4}</td></tr>",
            escaped(&pair.filename),
            pair.before.score,
            escaped(if pair.done.is_empty() { "nothing" } else { &pair.done }),
            pair.after.score,
            pair.gain(),
        );
    }
    let head =
        [("File", ""), ("Untouched", "num"), ("Best found", ""), ("Score", "num"), ("Gain", "num")];
    listed(&head, &rows, seen.pairs.len())
}
