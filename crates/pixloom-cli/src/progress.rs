//! The line that moves while a run goes on.
use std::time::Duration;

use pixloom::engine::{Bytes, Counts};

use crate::style::Style;
use crate::words;

/// A moment of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moment {
    /// The phase, if the run has several.
    pub(crate) phase: Option<String>,
    /// Items so far.
    pub(crate) counts: Counts,
    /// All items, if known.
    pub(crate) total: Option<u64>,
    /// Bytes of all inputs, 0 if unknown.
    pub(crate) input_bytes: u64,
    /// Time since the start of the phase.
    pub(crate) elapsed: Duration,
    /// Memory of the process, if known.
    pub(crate) memory: Option<Bytes>,
}

const BAR: usize = 15;

impl Moment {
    /// The share of items that are finished, 0 to 1.
    fn share(&self) -> Option<f64> {
        let total = self.total.filter(|total| *total > 0)?;
        Some((self.counts.total() as f64 / total as f64).min(1.0))
    }

    /// Items worked on each second; those of an earlier run do not count.
    fn rate(&self) -> Option<f64> {
        let worked = self.counts.total() - self.counts.resumed;
        let secs = self.elapsed.as_secs_f64();
        (worked > 0 && secs > 0.0).then(|| worked as f64 / secs)
    }

    /// The time left at the mean speed so far: by bytes where the inputs' sizes are known, as
    /// pictures differ in size, else by items.
    fn left(&self) -> Option<Duration> {
        let (total, counts) = (self.total?, &self.counts);
        let worked = counts.total() - counts.resumed;
        let by_bytes = self.input_bytes > 0 && counts.input_bytes > 0 && counts.resumed == 0;
        let (done, all) = if by_bytes {
            (counts.input_bytes, self.input_bytes)
        } else {
            (worked, total.saturating_sub(counts.resumed))
        };
        if done == 0 || self.elapsed < Duration::from_secs(1) {
            return None;
        }
        let left = all.saturating_sub(done) as f64 / done as f64 * self.elapsed.as_secs_f64();
        Duration::try_from_secs_f64(left).ok()
    }

    /// The parts of the line behind the bar, each with its rank: the highest goes first where
    /// there is no room.
    fn parts(&self) -> Vec<(u8, String)> {
        let mut parts = Vec::new();
        if let (Some(done), total) = (self.bytes_done(), self.input_bytes) {
            parts.push((4, format!("{} of {}", Bytes(done), Bytes(total))));
        }
        parts.extend(self.rate().map(|rate| (2, format!("{} img/s", words::rate(rate)))));
        parts.extend(self.memory.map(|memory| (3, format!("{memory} memory"))));
        if self.counts.failed > 0 {
            parts.push((0, format!("{} failed", words::count(self.counts.failed))));
        }
        parts.extend(self.left().map(|left| (1, format!("{} left", words::rough_time(left)))));
        parts
    }

    fn bytes_done(&self) -> Option<u64> {
        let done = self.counts.input_bytes.min(self.input_bytes);
        (done > 0).then_some(done)
    }

    fn position(&self) -> String {
        let done = words::count(self.counts.total());
        self.total.map_or(done.clone(), |total| format!("{done}/{}", words::count(total)))
    }

    /// One line with a bar that fits in `width` characters.
    pub(crate) fn bar_line(&self, style: Style, width: usize) -> String {
        let mut parts = self.parts();
        loop {
            let line = self.line(style, &parts);
            let Some(least) = parts.iter().map(|(rank, _)| *rank).max() else {
                return words::shorten(&line, width, style.pick('…', '~'));
            };
            if line.chars().count() <= width {
                return line;
            }
            parts.retain(|(rank, _)| *rank != least);
        }
    }

    fn line(&self, style: Style, parts: &[(u8, String)]) -> String {
        let phase = self.phase.as_ref().map(|phase| format!("{phase} ")).unwrap_or_default();
        let bar = match self.share() {
            Some(share) => format!("{}{:3.0} %  ", bar(share, style), (share * 100.0).floor()),
            None => String::new(),
        };
        let mut line = format!(" {phase}{bar}{}", self.position());
        for (_, part) in parts {
            line.push_str(style.dot());
            line.push_str(part);
        }
        line
    }

    /// One line without a bar, for logs.
    pub(crate) fn plain_line(&self, style: Style) -> String {
        let share = self.share().map(|share| format!(" ({:.0} %)", (share * 100.0).floor()));
        let phase = self.phase.as_ref().map(|phase| format!("{phase} ")).unwrap_or_default();
        let mut line = format!("{phase}{}{}", self.position(), share.unwrap_or_default());
        for (_, part) in self.parts() {
            line.push_str(style.dot());
            line.push_str(&part);
        }
        line
    }
}

fn bar(share: f64, style: Style) -> String {
    if !style.unicode {
        let full = (share * BAR as f64).floor() as usize;
        return format!("[{}{}]", "#".repeat(full), "-".repeat(BAR - full));
    }
    let eighths = (share * (BAR * 8) as f64).floor() as usize;
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8];
    let filled = eighths / 8 + usize::from(!partial.is_empty());
    format!("▕{}{partial}{}▏", "█".repeat(eighths / 8), " ".repeat(BAR - filled))
}

/// Memory of this process now, as far as the system tells.
pub(crate) fn memory_now() -> Option<Bytes> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(Bytes(kibibytes * 1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RICH: Style = Style { unicode: true, color: false };
    const PLAIN: Style = Style { unicode: false, color: false };

    fn moment() -> Moment {
        Moment {
            phase: None,
            counts: Counts { done: 732, failed: 2, input_bytes: 600_000_000, ..Counts::default() },
            total: Some(1_204),
            input_bytes: 1_000_000_000,
            elapsed: Duration::from_secs(6),
            memory: Some(Bytes(410_000_000)),
        }
    }

    #[test]
    fn a_line_with_everything() {
        let expected = " ▕█████████▏     ▏ 60 %  734/1,204 · 600 MB of 1.0 GB · 122 img/s · 410 MB memory \
                        · 2 failed · 4 s left";
        assert_eq!(moment().bar_line(RICH, 120), expected);
        let plain =
            "734/1,204 (60 %) - 600 MB of 1.0 GB - 122 img/s - 410 MB memory - 2 failed - 4 s left";
        assert_eq!(moment().plain_line(PLAIN), plain);
    }

    #[test]
    fn narrow_terminals_keep_what_matters_most() {
        assert_eq!(
            moment().bar_line(RICH, 60),
            " ▕█████████▏     ▏ 60 %  734/1,204 · 2 failed · 4 s left"
        );
        assert_eq!(moment().bar_line(PLAIN, 20), " [#########------] 6~");
        for width in 0..120 {
            assert!(moment().bar_line(RICH, width).chars().count() <= width.max(1));
        }
    }

    #[test]
    fn what_an_earlier_run_did_is_no_speed() {
        let counts = Counts { resumed: 500, done: 10, ..Counts::default() };
        let moment = Moment { counts, total: Some(610), memory: None, ..moment() };
        assert_eq!(moment.plain_line(PLAIN), "510/610 (83 %) - 1.7 img/s - 1 min 0 s left");
    }

    #[test]
    fn unknown_totals_show_no_bar() {
        let moment = Moment { total: None, memory: None, input_bytes: 0, ..moment() };
        assert_eq!(moment.bar_line(RICH, 80), " 734 · 122 img/s · 2 failed");
    }
}
