//! What was found, in lines for people.
use pixloom_engine::Bytes;

use super::measure::Measure;
use super::summary::Summary;
use super::tally::Tally;

/// Values that one line names.
const NAMED: usize = 5;

/// The whole report.
pub(super) fn lines(summary: &Summary) -> Vec<String> {
    let mut lines = vec![total(summary)];
    if summary.images > 0 {
        lines.push(line("size", &sizes(summary)));
        for (label, property) in [
            ("format", "format"),
            ("mode", "mode"),
            ("bit depth", "bit_depth"),
            ("extension", "extension"),
            ("subsampling", "subsampling"),
            ("profile", "icc"),
            ("orientation", "orientation"),
            ("camera", "camera"),
            ("shape", "shape"),
            ("frames", "frames"),
        ] {
            lines.extend(ranking(summary.counted(property)).map(|text| line(label, &text)));
        }
        lines.extend(summary.measures.iter().filter_map(spread));
    }
    for (label, tally) in [("found", summary.counted("findings")), ("failed", &summary.failures)] {
        lines.extend(
            tally
                .ranked()
                .iter()
                .map(|(kind, count)| line(label, &format!("{} {kind}", grouped(*count)))),
        );
    }
    lines.extend(verdict(summary));
    lines
}

fn line(label: &str, text: &str) -> String {
    format!("{label:<12} {text}")
}

fn total(summary: &Summary) -> String {
    let images = match summary.images {
        1 => "1 image".to_owned(),
        count => format!("{} images", grouped(count)),
    };
    let megapixels = figure(summary.pixels as f64 / 1e6);
    format!("{images}, {}, {megapixels} megapixels", Bytes(summary.bytes))
}

fn sizes(summary: &Summary) -> String {
    let ranked = summary.sizes.ranked();
    let Some(((width, height), count)) = ranked.first().copied() else { return String::new() };
    let share = percent(summary.sizes.share(count));
    match (ranked.len(), summary.sizes.is_exact()) {
        (1, true) => format!("all {width}×{height}"),
        (distinct, exact) => {
            let more = if exact { "" } else { "more than " };
            let distinct = grouped(distinct as u64);
            format!("{more}{distinct} different, most often {width}×{height} ({share})")
        }
    }
}

/// `jpeg 93 %, png 7 %`; nothing if no picture says anything.
fn ranking(tally: &Tally<String>) -> Option<String> {
    let ranked = tally.ranked();
    if ranked.is_empty() {
        return None;
    }
    let name = |value: &str| if value.is_empty() { "none".to_owned() } else { value.to_owned() };
    let one = |(value, count): &(&String, u64)| {
        format!("{} {}", name(value), percent(tally.share(*count)))
    };
    let mut text = ranked.iter().take(NAMED).map(one).collect::<Vec<_>>().join(", ");
    if ranked.len() > NAMED {
        text.extend([format!(", {} more", grouped((ranked.len() - NAMED) as u64))]);
    }
    Some(text)
}

fn spread(measure: &Measure) -> Option<String> {
    let (least, most) = measure.extremes()?;
    let show = |value: f64| with_unit(measure, value);
    let (low, middle, high) = (show(least.value), show(measure.quantile(0.5)), show(most.value));
    let text = format!("{low} to {high}, median {middle}");
    let ends = if least.value < most.value {
        format!("  (least {}, most {})", least.path, most.path)
    } else {
        String::new()
    };
    Some(line(label(measure), &format!("{text}{ends}")))
}

/// The name of a measure as people write it.
pub(super) fn label(measure: &Measure) -> &'static str {
    match measure.name() {
        "aspect_ratio" => "aspect ratio",
        "bytes" => "file size",
        "bits_per_pixel" => "bits/pixel",
        "quality" => "JPEG quality",
        other => other,
    }
}

/// A value of a measure with its unit.
pub(super) fn with_unit(measure: &Measure, value: f64) -> String {
    match measure.unit() {
        "B" => Bytes(value as u64).to_string(),
        "" => figure(value),
        unit => format!("{} {unit}", figure(value)),
    }
}

fn verdict(summary: &Summary) -> Option<String> {
    let mixed: Vec<String> = summary
        .agreements()
        .iter()
        .filter(|agreement| !agreement.holds())
        .map(|a| format!("{} ({} {})", a.property.replace('_', " "), a.dominant, percent(a.share)))
        .collect();
    match (summary.images, mixed.is_empty()) {
        (0, _) => None,
        (_, true) => Some(line("consistent", "yes")),
        (_, false) => Some(line("mixed", &mixed.join(", "))),
    }
}

/// `93 %`; small shares keep a digit.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if (9.95..99.95).contains(&percent) || share <= 0.0 || share >= 1.0 {
        return format!("{percent:.0} %");
    }
    format!("{percent:.1} %")
}

/// A number with as many digits as matter, thousands apart.
pub(crate) fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), grouped);
    let rest = rest.trim_end_matches('0');
    if rest.is_empty() { whole } else { format!("{whole}.{rest}") }
}

/// `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!((grouped(7), grouped(1_234_567)), ("7".to_owned(), "1,234,567".to_owned()));
        assert_eq!(
            (figure(1.5), figure(12.34), figure(1234.5)),
            ("1.5".into(), "12.3".into(), "1,234".into())
        );
        assert_eq!(
            (percent(0.934), percent(0.0004), percent(1.0)),
            ("93 %".into(), "0.0 %".into(), "100 %".into())
        );
    }

    #[test]
    fn an_empty_folder_is_one_line() {
        assert_eq!(lines(&Summary::new()), ["0 images, 0 B, 0 megapixels"]);
    }
}
