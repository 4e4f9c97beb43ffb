//! Numbers and times as people read them.
use std::time::Duration;

/// `1204` as `1,204`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 image`, `2 images`.
pub(crate) fn counted(number: u64, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", count(number))
}

/// `0.3 s`, `10.2 s`, `3 min 5 s`, `2 h 14 min`.
pub(crate) fn time(time: Duration) -> String {
    let secs = time.as_secs_f64();
    match secs.round() as u64 {
        0..=59 => format!("{secs:.1} s"),
        whole => long_time(whole),
    }
}

/// Like [`time`], in whole seconds.
pub(crate) fn rough_time(time: Duration) -> String {
    match time.as_secs_f64().round() as u64 {
        secs @ 0..=59 => format!("{secs} s"),
        secs => long_time(secs),
    }
}

fn long_time(secs: u64) -> String {
    match secs {
        ..3_600 => format!("{} min {} s", secs / 60, secs % 60),
        3_600..86_400 => format!("{} h {} min", secs / 3_600, secs / 60 % 60),
        _ => format!("{} d {} h", secs / 86_400, secs / 3_600 % 24),
    }
}

/// A rate with about three digits: `0.25`, `8.4`, `118`.
pub(crate) fn rate(per_second: f64) -> String {
    match per_second {
        rate if rate < 1.0 => format!("{rate:.2}"),
        rate if rate < 10.0 => format!("{rate:.1}"),
        rate => count(rate.round() as u64),
    }
}

/// Cuts `text` to `width` characters, with `…` (or `~`) for what is left out.
pub(crate) fn shorten(text: &str, width: usize, mark: char) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push(mark);
    short
}

/// `text` with its control characters made visible, so that a file name cannot steer the
/// terminal; ends of lines and tabs stay.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() && !matches!(letter, '\n' | '\t') {
            plain.extend(letter.escape_default());
        } else {
            plain.push(letter);
        }
    }
    plain
}

/// [`plain`] on one line.
pub(crate) fn one_line(text: &str) -> String {
    plain(text).replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        let texts = [0, 999, 1_000, 1_204, 1_234_567].map(count);
        assert_eq!(texts, ["0", "999", "1,000", "1,204", "1,234,567"]);
        assert_eq!(
            (counted(1, "image"), counted(2, "image")),
            ("1 image".into(), "2 images".into())
        );
        assert_eq!([0.254, 8.44, 118.4].map(rate), ["0.25", "8.4", "118"]);
    }

    #[test]
    fn times() {
        let texts =
            [0.26, 59.6, 185.0, 8_040.0, 90_000.0].map(|s| time(Duration::from_secs_f64(s)));
        assert_eq!(texts, ["0.3 s", "1 min 0 s", "3 min 5 s", "2 h 14 min", "1 d 1 h"]);
        assert_eq!(rough_time(Duration::from_secs_f64(4.4)), "4 s");
    }

    #[test]
    fn control_characters_are_shown_not_sent() {
        assert_eq!(plain("a\x1b[2Jb\u{9b}é\tc\n"), "a\\u{1b}[2Jb\\u{9b}é\tc\n");
        assert_eq!(one_line("a\r\nb"), "a\\r\\nb");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(shorten("abcdef", 4, '~'), "abc~");
        assert_eq!(shorten("abc", 3, '~'), "abc");
    }
}
