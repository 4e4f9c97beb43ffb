//! A page that shows what a search found; needs nothing else.
use std::fmt::Write as _;

use super::pair::{PairRecord, Scored};
use super::tally::{Findings, triple};
use crate::jobs::analyze::html::{STYLE, escaped, section};
use crate::jobs::analyze::text::{figure, grouped, percent};

/// Bars of a histogram.
const BARS: usize = 24;
const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 110.0;
/// Pairs that are listed one by one.
pub(super) const LISTED: usize = 500;

/// The whole page.
pub(super) fn page(title: &str, found: &Findings) -> String {
    let sections = [
        section("quality", "Before and after", &quality(found)),
        section("distributions", "Distributions", &distributions(found)),
        section("optima", "Best of the 40", &optima(found)),
        section("failures", "Pairs that failed", &failures(found)),
        section("pairs", "Pairs", &pairs(found)),
    ];
    document(title, &cards(found), &sections.concat())
}

/// A page of some sections, cards above them.
pub(super) fn document(title: &str, cards: &str, body: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{title} · pixloom restore search</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#h-pairs\">Skip to the table</a>\n\
         <header><p class=\"kicker\">pixloom restore search</p><h1>{title}</h1>\n{cards}</header>\n\
         <main>\n{body}</main>\n</body>\n</html>\n"
    )
}

fn cards(found: &Findings) -> String {
    let pairs = found.pairs.len();
    let share = |count: usize| percent(count as f64 / pairs.max(1) as f64);
    cards_of(&[
        ("pairs", grouped(pairs as u64), false),
        ("failed", grouped(found.failed.len() as u64), !found.failed.is_empty()),
        (
            "optima on an edge",
            percent(found.on_edge() as f64 / found.searched().max(1) as f64),
            found.on_edge() * 2 > found.searched(),
        ),
        ("doing nothing wins", share(found.identity_wins()), found.identity_wins() * 2 > pairs),
        ("mean gain, best of 40", format!("{:.4}", found.mean(PairRecord::grid_gain)), false),
        ("mean gain, refined", format!("{:.4}", found.mean(PairRecord::gain)), false),
    ])
}

/// Figures by name; those that are marked are bad.
pub(super) fn cards_of(cards: &[(&str, String, bool)]) -> String {
    let mut out = String::from("<dl class=\"cards\">");
    for (name, value, bad) in cards {
        let class = if *bad { " class=\"bad\"" } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(out, "<div{class}><dt>{name}</dt><dd>{value}</dd></div>");
    }
    out + "</dl>\n"
}

/// How near one of the pictures of a pair comes.
type State = fn(&PairRecord) -> Scored;

fn quality(found: &Findings) -> String {
    if found.pairs.is_empty() {
        return String::new();
    }
    let states: [(&str, State); 4] = [
        ("untouched", |pair| pair.identity),
        ("white balance only", |pair| pair.color_only),
        ("best of the 40", |pair| pair.best.scored),
        ("refined", |pair| pair.refined.scored),
    ];
    let mean = |scored: State, figure: fn(&Scored) -> f64| found.mean(|pair| figure(&scored(pair)));
    let rows: Vec<(&str, [f64; 3])> = states
        .iter()
        .map(|(name, of)| {
            (*name, [mean(*of, |s| s.psnr), mean(*of, |s| s.ssim), mean(*of, |s| s.score)])
        })
        .collect();
    means(&rows)
}

/// A table of mean PSNR, SSIM and score.
pub(super) fn means(rows: &[(&str, [f64; 3])]) -> String {
    let mut lines = String::new();
    for (name, [psnr, ssim, score]) in rows {
        // Writing to a string cannot fail.
        let _ = write!(
            lines,
            "<tr><th scope=\"row\">{name}</th><td class=\"num\">{psnr:.2} dB</td>\
             <td class=\"num\">{ssim:.4}</td><td class=\"num\">{score:.4}</td></tr>"
        );
    }
    format!(
        "<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Mean of all pairs</th>\
         <th scope=\"col\" class=\"num\">PSNR</th><th scope=\"col\" class=\"num\">SSIM</th>\
         <th scope=\"col\" class=\"num\">Score</th></tr></thead><tbody>{lines}</tbody></table></div>\n\
         <p class=\"note\">Pairs with an infinite PSNR in any line (equal pictures) are left out of all \
         means.</p>\n"
    )
}

/// A figure of one pair.
type Figure = fn(&PairRecord) -> f64;

fn distributions(found: &Findings) -> String {
    let figures: [(&str, Figure); 6] = [
        ("gain of the best of 40 over untouched", PairRecord::grid_gain),
        ("gain of the refined over untouched", PairRecord::gain),
        ("PSNR untouched, dB", |pair| pair.identity.psnr),
        ("PSNR refined, dB", |pair| pair.refined.scored.psnr),
        ("refined sigma, pixels", |pair| pair.refined.sharpen_sigma),
        ("refined strength (below 0: smoothing)", |pair| pair.refined.sharpen_strength),
    ];
    let drawn: String = figures
        .iter()
        .map(|(name, value)| {
            histogram(name, found.pairs.iter().map(value).filter(|v| v.is_finite()).collect())
        })
        .collect();
    grid(drawn)
}

/// Charts beside one another.
pub(super) fn grid(drawn: String) -> String {
    if drawn.is_empty() { drawn } else { format!("<div class=\"grid\">{drawn}</div>\n") }
}

/// The distribution of a figure; nothing if there are no values.
pub(super) fn histogram(name: &str, mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let (Some(low), Some(high)) = (values.first().copied(), values.last().copied()) else {
        return String::new();
    };
    let span = (high - low).max(1e-12);
    let mut counts = [0_u32; BARS];
    for value in &values {
        counts[(((value - low) / span * BARS as f64) as usize).min(BARS - 1)] += 1;
    }
    let most = f64::from(counts.iter().copied().max().unwrap_or(1).max(1));
    let step = WIDTH / BARS as f64;
    let mut shapes = String::new();
    for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (f64::from(*count) / most * HEIGHT).max(2.0);
        let from = low + span * at as f64 / BARS as f64;
        // Writing to a string cannot fail.
        let _ = write!(
            shapes,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" rx=\"1\">\
             <title>from {from:.4}: {count}</title></rect>",
            at as f64 * step + 0.5,
            HEIGHT - height,
            step - 1.0,
        );
    }
    let median = values[values.len() / 2];
    let (low, high) = (decimals(low), decimals(high));
    format!(
        "<figure><figcaption>{name}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{name}: from {low} to {high}\" preserveAspectRatio=\"none\">{shapes}</svg>\
         <div class=\"axis\"><span>{low}</span><span>{high}</span></div>\
         <p class=\"note\">median <b>{}</b></p></figure>",
        decimals(median)
    )
}

fn decimals(value: f64) -> String {
    if value.abs() < 1.0 { format!("{value:.4}") } else { figure(value) }
}

fn optima(found: &Findings) -> String {
    let mut ranked: Vec<(String, u64)> = found.triples().into_iter().collect();
    ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    if ranked.is_empty() {
        return String::new();
    }
    let pairs = found.pairs.len().max(1) as f64;
    let bars = ranked.iter().take(20).map(|(triple, count)| {
        let share = *count as f64 / pairs;
        (triple.as_str(), share, [count.to_string(), percent(share)])
    });
    bars_of("Colour, sigma, strength", &bars.collect::<Vec<_>>())
}

/// Bars with names before and two figures behind them; lengths are shares of the whole.
pub(super) fn bars_of(caption: &str, bars: &[(&str, f64, [String; 2])]) -> String {
    let mut rows = String::new();
    for (name, share, [first, second]) in bars {
        // Writing to a string cannot fail.
        let _ = write!(
            rows,
            "<tr><th scope=\"row\">{}</th><td class=\"bar\"><span style=\"width:{:.1}%\"></span>\
             </td><td class=\"num\">{first}</td><td class=\"num\">{second}</td></tr>",
            escaped(name),
            share.clamp(0.0, 1.0) * 100.0,
        );
    }
    format!(
        "<figure><figcaption>{caption}</figcaption><table class=\"counts\"><tbody>\
         {rows}</tbody></table></figure>\n"
    )
}

fn failures(found: &Findings) -> String {
    failed(&found.failed)
}

/// Files and what is wrong with them.
pub(super) fn failed(failed: &[(String, String)]) -> String {
    let mut rows = String::new();
    for (path, message) in failed.iter().take(LISTED) {
        let (path, message) = (escaped(path), escaped(message));
        // Writing to a string cannot fail.
        let _ = write!(rows, "<tr><td class=\"path\">{path}</td><td>{message}</td></tr>");
    }
    if rows.is_empty() { rows } else { table(&[("File", ""), ("What is wrong", "")], &rows) }
}

fn pairs(found: &Findings) -> String {
    let mut rows = String::new();
    for pair in found.pairs.iter().take(LISTED) {
        // Writing to a string cannot fail.
        let _ = write!(
            rows,
            "<tr><td class=\"path\">{}</td><td class=\"num\">{:.4}</td><td>{}</td>\
             <td class=\"num\">{:.4}</td><td>{}</td><td class=\"num\">{:.4}</td>\
             <td class=\"num\">{:+.4}</td></tr>",
            escaped(&pair.filename),
            pair.identity.score,
            triple(&pair.best),
            pair.best.scored.score,
            triple(&pair.refined),
            pair.refined.scored.score,
            pair.gain(),
        );
    }
    let head = [
        ("File", ""),
        ("Untouched", "num"),
        ("Best of 40", ""),
        ("Score", "num"),
        ("Refined", ""),
        ("Score", "num"),
        ("Gain", "num"),
    ];
    listed(&head, &rows, found.pairs.len())
}

/// A table of the pairs that are listed, and how many are not.
pub(super) fn listed(head: &[(&str, &str)], rows: &str, pairs: usize) -> String {
    let more = pairs.saturating_sub(LISTED);
    let note = if more > 0 {
        format!("<p class=\"note\">and {more} more; the table in CSV has all.</p>\n")
    } else {
        String::new()
    };
    if rows.is_empty() { String::new() } else { table(head, rows) + &note }
}

fn table(head: &[(&str, &str)], rows: &str) -> String {
    let mut cells = String::new();
    for (name, class) in head {
        // Writing to a string cannot fail.
        let _ = write!(cells, "<th scope=\"col\" class=\"{class}\">{name}</th>");
    }
    format!(
        "<div class=\"scroll\"><table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody>\
         </table></div>\n"
    )
}
