//! Charts as inline SVG and as tables with bars.
use std::fmt::Write as _;

use super::super::measure::{Bar, Measure};
use super::super::tally::Tally;
use super::super::text::{figure, grouped, label, percent, with_unit};
use super::{escaped, or_none};

/// Values of one property that are shown.
const SHOWN: usize = 12;
/// Sizes that are drawn one by one; more are gathered in cells.
const DOTS: usize = 400;

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 110.0;

/// The distribution of a measure, with its figures below.
pub(super) fn histogram(measure: &Measure) -> String {
    let bars = measure.bars();
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(1) as f64;
    let step = WIDTH / bars.len().max(1) as f64;
    let mut shapes = String::new();
    for (at, bar) in bars.iter().enumerate().filter(|(_, bar)| bar.count > 0) {
        // Even one picture among many is visible.
        let height = (bar.count as f64 / most * HEIGHT).max(2.0);
        // Writing to a string cannot fail.
        let _ = write!(
            shapes,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" rx=\"1\">\
             <title>{}</title></rect>",
            at as f64 * step + 0.5,
            HEIGHT - height,
            (step - 1.0).max(1.0),
            range(measure, bar),
        );
    }
    let show = |value| with_unit(measure, value);
    let (low, high) = bars.first().zip(bars.last()).map_or((0.0, 0.0), |(a, b)| (a.from, b.to));
    let (five, half, most) =
        (show(measure.quantile(0.05)), show(measure.quantile(0.5)), show(measure.quantile(0.95)));
    let name = label(measure);
    format!(
        "<figure><figcaption>{name}</figcaption><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{name}: nine tenths lie between {five} and {most}, median {half}\" \
         preserveAspectRatio=\"none\">{shapes}</svg><div class=\"axis\"><span>{}</span>\
         <span>{}</span></div><p class=\"note\">5 % <b>{five}</b> · median <b>{half}</b> · 95 % \
         <b>{most}</b> · mean <b>{}</b></p></figure>",
        show(low),
        show(high),
        show(measure.mean()),
    )
}

fn range(measure: &Measure, bar: &Bar) -> String {
    let (from, to) = (with_unit(measure, bar.from), with_unit(measure, bar.to));
    format!("{from} to {to}: {}", grouped(bar.count))
}

/// The most frequent values with bars; nothing if there are none.
pub(super) fn counts(title: &str, tally: &Tally<String>) -> String {
    let ranked = tally.ranked();
    if ranked.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
    for (value, count) in ranked.iter().take(SHOWN) {
        let share = tally.share(*count);
        let _ = write!(
            rows,
            "<tr><th scope=\"row\">{}</th><td class=\"bar\"><span style=\"width:{:.1}%\"></span>\
             </td><td class=\"num\">{}</td><td class=\"num\">{}</td></tr>",
            escaped(or_none(value)),
            share * 100.0,
            grouped(*count),
            percent(share),
        );
    }
    let more = if ranked.len() > SHOWN {
        format!("<p class=\"note\">and {} more</p>", grouped((ranked.len() - SHOWN) as u64))
    } else {
        String::new()
    };
    format!(
        "<figure><figcaption>{title}</figcaption><table class=\"counts\"><tbody>{rows}</tbody>\
         </table>{more}</figure>"
    )
}

/// Width against height, each twice as far per doubling.
pub(super) fn scatter(sizes: &Tally<(u32, u32)>) -> String {
    if sizes.distinct() == 0 {
        return String::new();
    }
    let dots = dots(sizes);
    let (across, up) = (Axis::of(&dots, |dot| dot.width), Axis::of(&dots, |dot| dot.height));
    let x = |width: f64| 50.0 + across.place(width) * 580.0;
    let y = |height: f64| 340.0 - up.place(height) * 320.0;
    let mut shapes = String::new();
    for value in across.doublings() {
        let (at, value) = (x(value), grouped(value as u64));
        // Writing to a string cannot fail.
        let _ = write!(shapes, "<path d=\"M{at:.1} 20V340\"/>");
        let _ = write!(shapes, "<text x=\"{at:.1}\" y=\"358\" class=\"x\">{value}</text>");
    }
    for value in up.doublings() {
        let (at, value) = (y(value), grouped(value as u64));
        let _ = write!(shapes, "<path d=\"M50 {at:.1}H630\"/>");
        let _ = write!(shapes, "<text x=\"44\" y=\"{:.1}\" class=\"y\">{value}</text>", at + 4.0);
    }
    let most = dots.iter().map(|dot| dot.count).max().unwrap_or(1) as f64;
    for dot in &dots {
        let (name, count) = (&dot.name, grouped(dot.count));
        let radius = 3.0 + 11.0 * (dot.count as f64 / most).sqrt();
        let (x, y) = (x(dot.width), y(dot.height));
        let _ = write!(
            shapes,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\"><title>{name}: {count}</title></circle>"
        );
    }
    let ranked = sizes.ranked();
    let first = ranked.first().map(|((w, h), n)| format!("{w}×{h} ({})", percent(sizes.share(*n))));
    let first = first.unwrap_or_default();
    let gathers = if sizes.distinct() > DOTS { "gathers similar sizes" } else { "is one size" };
    format!(
        "<figure class=\"wide\"><svg viewBox=\"0 0 650 370\" class=\"scatter\" role=\"img\" \
         aria-label=\"width against height; most often {first}\">{shapes}</svg><p class=\"note\">\
         Width across, height up, in pixels. Each circle {gathers}; the larger, the more pictures. \
         Most often <b>{first}</b>.</p></figure>\n"
    )
}

/// The powers of two between which all values lie.
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    fn of(dots: &[Dot], side: fn(&Dot) -> f64) -> Self {
        let low = dots.iter().map(side).fold(f64::MAX, f64::min).log2().floor();
        let high = dots.iter().map(side).fold(1.0, f64::max).log2().ceil();
        Self { low, high: high.max(low + 1.0) }
    }

    /// 0 at the low end, 1 at the high end.
    fn place(&self, value: f64) -> f64 {
        (value.log2() - self.low) / (self.high - self.low)
    }

    fn doublings(&self) -> impl Iterator<Item = f64> {
        (self.low as i32..=self.high as i32).map(|power| f64::from(power).exp2())
    }
}

struct Dot {
    width: f64,
    height: f64,
    count: u64,
    name: String,
}

fn dots(sizes: &Tally<(u32, u32)>) -> Vec<Dot> {
    if sizes.distinct() <= DOTS {
        let dot = |(&(w, h), count): (&(u32, u32), u64)| {
            let name = format!("{w}×{h}");
            Dot { width: f64::from(w.max(1)), height: f64::from(h.max(1)), count, name }
        };
        return sizes.iter().map(dot).collect();
    }
    let cell = |side: u32| (f64::from(side.max(1)).log2() * 4.0).floor() as i32;
    let middle = |cell: i32| ((f64::from(cell) + 0.5) / 4.0).exp2();
    let mut cells = std::collections::BTreeMap::new();
    for (&(w, h), count) in sizes.iter() {
        *cells.entry((cell(w), cell(h))).or_insert(0_u64) += count;
    }
    let dot = |((w, h), count)| {
        let (width, height) = (middle(w), middle(h));
        Dot {
            width,
            height,
            count,
            name: format!("about {}×{}", figure(width.round()), figure(height.round())),
        }
    };
    cells.into_iter().map(dot).collect()
}
