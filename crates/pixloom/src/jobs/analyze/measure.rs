//! The distribution of one number over all pictures, at constant memory.
use serde_json::{Value, json};

/// Steps within one octave.
const STEPS: usize = 32;
/// Octaves from 2^-16, which is narrower than any picture, to 2^48, more than any file has.
const OCTAVES: usize = 64;
const LOWEST: i64 = -16;
/// Bars of a chart, at most.
const BARS: usize = 28;

/// Count, moments, extremes and a histogram.
///
/// The bins are equal parts of an octave, so that their bounds are exact and no logarithm is
/// rounded differently elsewhere. Quantiles are within 1/32 of the truth.
#[derive(Debug, Clone)]
pub(super) struct Measure {
    name: &'static str,
    unit: &'static str,
    bins: Vec<u64>,
    count: u64,
    sum: f64,
    squares: f64,
    smallest: Option<Extreme>,
    largest: Option<Extreme>,
}

/// A value and the picture that has it, the first of several.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Extreme {
    pub(super) value: f64,
    pub(super) path: String,
}

/// A bar of a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) count: u64,
}

impl Measure {
    pub(super) fn new(name: &'static str, unit: &'static str) -> Self {
        let bins = vec![0; STEPS * OCTAVES];
        let (smallest, largest) = (None, None);
        Self { name, unit, bins, count: 0, sum: 0.0, squares: 0.0, smallest, largest }
    }

    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    pub(super) const fn unit(&self) -> &'static str {
        self.unit
    }

    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    /// Takes the value of one picture.
    pub(super) fn add(&mut self, value: f64, path: &str) {
        self.bins[bin_of(value)] += 1;
        self.count += 1;
        self.sum += value;
        self.squares += value * value;
        let extreme = || Some(Extreme { value, path: path.to_owned() });
        if self.smallest.as_ref().is_none_or(|least| value < least.value) {
            self.smallest = extreme();
        }
        if self.largest.as_ref().is_none_or(|most| value > most.value) {
            self.largest = extreme();
        }
    }

    /// The least and the greatest value, once there is one.
    pub(super) fn extremes(&self) -> Option<(&Extreme, &Extreme)> {
        self.smallest.as_ref().zip(self.largest.as_ref())
    }

    pub(super) fn mean(&self) -> f64 {
        if self.count == 0 { 0.0 } else { self.sum / self.count as f64 }
    }

    /// Standard deviation of the whole population.
    pub(super) fn deviation(&self) -> f64 {
        let mean = self.mean();
        if self.count == 0 {
            0.0
        } else {
            (self.squares / self.count as f64 - mean * mean).max(0.0).sqrt()
        }
    }

    /// The value below which `share` of the pictures lie, to within a bin.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let Some((least, most)) = self.extremes() else { return 0.0 };
        let wanted = ((share * self.count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let bin = self.bins.iter().position(|&count| {
            seen += count;
            seen >= wanted
        });
        bin.map_or(most.value, bound).clamp(least.value, most.value)
    }

    /// The histogram in as many bars as a chart can show, from the first that is not empty to
    /// the last.
    pub(super) fn bars(&self) -> Vec<Bar> {
        let first = self.bins.iter().position(|&count| count > 0);
        let last = self.bins.iter().rposition(|&count| count > 0);
        let (Some(first), Some(last)) = (first, last) else { return Vec::new() };
        let fits = |step: &usize| last / step - first / step < BARS;
        let step = [1, 2, 4, 8, 16, 32, 64].into_iter().find(fits).unwrap_or(128);
        (first / step..=last / step)
            .map(|bar| Bar {
                from: bound(bar * step),
                to: bound((bar + 1) * step),
                count: self.bins.iter().skip(bar * step).take(step).sum(),
            })
            .collect()
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let Some((least, most)) = self.extremes() else { return json!({"count": 0}) };
        let histogram: Vec<Value> = self
            .bars()
            .iter()
            .map(|bar| json!({"from": bar.from, "to": bar.to, "count": bar.count}))
            .collect();
        json!({
            "unit": self.unit,
            "count": self.count,
            "min": least.value,
            "max": most.value,
            "mean": self.mean(),
            "std": self.deviation(),
            "p05": self.quantile(0.05),
            "median": self.quantile(0.5),
            "p95": self.quantile(0.95),
            "smallest": {"path": least.path, "value": least.value},
            "largest": {"path": most.path, "value": most.value},
            "histogram": histogram,
        })
    }
}

/// The bin of a value: its octave and the upper bits of its fraction.
fn bin_of(value: f64) -> usize {
    if value.is_nan() || value <= 0.0 {
        return 0;
    }
    let bits = value.to_bits();
    let octave = (bits >> 52) as i64 - 1023 - LOWEST;
    let step = (bits >> 47) as usize % STEPS;
    if octave < 0 {
        return 0;
    }
    (octave as usize * STEPS + step).min(STEPS * OCTAVES - 1)
}

/// The lower bound of a bin.
fn bound(bin: usize) -> f64 {
    let octave = (bin / STEPS) as i64 + LOWEST;
    let power = f64::from_bits(((octave + 1023) as u64) << 52);
    power * (1.0 + (bin % STEPS) as f64 / STEPS as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_hold_their_values() {
        for value in [0.01, 0.75, 1.0, 1.5, 3.0, 640.0, 1023.0, 4_000_000.0, 1e12] {
            let bin = bin_of(value);
            assert!(bound(bin) <= value && value < bound(bin + 1), "{value}");
            assert!(bound(bin + 1) / bound(bin) <= 1.0 + 1.0 / STEPS as f64 + 1e-9);
        }
        assert_eq!((bin_of(0.0), bin_of(-1.0), bin_of(f64::NAN)), (0, 0, 0));
        assert_eq!(bin_of(f64::MAX), STEPS * OCTAVES - 1);
    }

    #[test]
    fn figures_are_right() {
        let mut measure = Measure::new("width", "px");
        for value in 1..=1000 {
            measure.add(f64::from(value), &value.to_string());
        }
        assert!((measure.mean() - 500.5).abs() < 1e-9);
        assert!((measure.deviation() - 288.675).abs() < 1e-2);
        assert!((measure.quantile(0.5) / 500.0 - 1.0).abs() < 0.04);
        let (least, most) = measure.extremes().unwrap();
        assert_eq!((least.path.as_str(), most.path.as_str()), ("1", "1000"));
        let bars = measure.bars();
        assert!(bars.len() <= BARS && bars.iter().map(|bar| bar.count).sum::<u64>() == 1000);
    }

    #[test]
    fn one_value_is_exact() {
        let mut measure = Measure::new("width", "px");
        measure.add(1001.0, "a");
        measure.add(1001.0, "b");
        assert_eq!((measure.quantile(0.5), measure.bars().len()), (1001.0, 1));
        assert_eq!(measure.extremes().unwrap().1.path, "a");
    }
}
