//! What was found of each degradation, as the rows of a table.
use pixloom_image::align::{Alignment, Verdict};

use super::make::Fault;

/// Results of one degradation.
#[derive(Debug)]
pub(super) struct Row {
    pairs: usize,
    false_alarms: Vec<String>,
    unsure: usize,
    shifted: Found,
    turned: Found,
    wrong: Found,
    cropped: Found,
    recolored: Found,
    /// Distances in LQ pixels between the measured and the true shift, where one was measured.
    errors: Vec<f64>,
    /// Largest distance measured of a true pair, smallest of one shifted by 1 px or more.
    pub(super) largest_true: f64,
    pub(super) smallest_shifted: f64,
    pub(super) lowest_true: f64,
    pub(super) highest_wrong: f64,
}

#[derive(Debug, Default)]
struct Found {
    hits: usize,
    of: usize,
    missed: Vec<String>,
}

impl Found {
    fn add(&mut self, found: bool, what: String) {
        self.of += 1;
        self.hits += usize::from(found);
        if !found {
            self.missed.push(what);
        }
    }
}

pub(super) const HEAD: &str = "\
| degradation | true pairs | false alarms | low confidence | shifted | turned | wrong partner \
| other crop | colours | error: 95 % | error: most | true: most px | shifted: least px \
| true: least r | wrong: most r |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";

impl Default for Row {
    fn default() -> Self {
        Self {
            pairs: 0,
            false_alarms: Vec::new(),
            unsure: 0,
            shifted: Found::default(),
            turned: Found::default(),
            wrong: Found::default(),
            cropped: Found::default(),
            recolored: Found::default(),
            errors: Vec::new(),
            largest_true: 0.0,
            smallest_shifted: f64::MAX,
            lowest_true: 1.0,
            highest_wrong: -1.0,
        }
    }
}

impl Row {
    pub(super) fn add(
        &mut self,
        (fault, scale): (Fault, u32),
        found: &Alignment,
        name: &str,
        degradation: &str,
    ) {
        let what = format!("{name} x{scale} {fault:?}, {degradation}: {found:?}");
        let verdict = found.verdict;
        let distance = found.shift[0].hypot(found.shift[1]);
        let alarm = !matches!(verdict, Verdict::Aligned | Verdict::Unsure);
        self.measure_shift((fault, scale), found);
        match fault {
            Fault::None => {
                self.pairs += 1;
                self.unsure += usize::from(verdict == Verdict::Unsure);
                self.largest_true = self.largest_true.max(distance);
                self.lowest_true = self.lowest_true.min(found.correlation);
                if alarm || has_other_colors(found) {
                    self.false_alarms.push(what);
                }
            }
            Fault::Fraction(..) => {}
            Fault::Shift(..) => {
                self.smallest_shifted = self.smallest_shifted.min(distance);
                self.shifted.add(alarm, what);
            }
            Fault::Turn(way) => {
                self.turned.add(verdict == Verdict::Turned && found.turn == way, what);
            }
            Fault::WrongPartner => {
                self.highest_wrong = self.highest_wrong.max(found.correlation);
                self.wrong.add(alarm, what);
            }
            Fault::Crop(_) => self.cropped.add(alarm, what),
            Fault::Cast(_) | Fault::Brightness(_) | Fault::Contrast(_) | Fault::Swapped => {
                self.recolored.add(!alarm && has_other_colors(found), what);
            }
        }
    }

    fn measure_shift(&mut self, (fault, scale): (Fault, u32), found: &Alignment) {
        let told = matches!(found.verdict, Verdict::Aligned | Verdict::Shifted);
        if let (true, Some([x, y])) = (told, fault.shift(scale)) {
            self.errors.push((found.shift[0] - x).hypot(found.shift[1] - y));
        }
    }

    pub(super) fn line(&mut self, name: &str) -> String {
        let found = |found: &Found| format!("{}/{}", found.hits, found.of);
        self.errors.sort_by(f64::total_cmp);
        let last = self.errors.len().saturating_sub(1);
        let error = |at: usize| self.errors.get(at).copied().unwrap_or(0.0);
        format!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} |",
            self.pairs,
            self.false_alarms.len(),
            self.unsure,
            found(&self.shifted),
            found(&self.turned),
            found(&self.wrong),
            found(&self.cropped),
            found(&self.recolored),
            error(last * 95 / 100),
            error(last),
            self.largest_true,
            self.smallest_shifted,
            self.lowest_true,
            self.highest_wrong,
        )
    }

    /// One line for each wrong answer.
    pub(super) fn trouble(&self) -> impl Iterator<Item = &String> {
        let missed = [&self.shifted, &self.turned, &self.wrong, &self.cropped, &self.recolored];
        self.false_alarms.iter().chain(missed.into_iter().flat_map(|found| &found.missed))
    }
}

/// The thresholds of the job.
pub(super) fn has_other_colors(found: &Alignment) -> bool {
    found.color.is_some_and(|color| {
        color.is_swapped()
            || color.cast() >= 6.0
            || color.brightness().abs() >= 10.0
            || color.gain >= 1.2
            || color.gain <= 1.0 / 1.2
    })
}
