//! The table of a benchmark, for people and for programs.
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use pixloom_testkit::write_file;
use serde_json::{Value, json};

use super::{Entry, Sample};
use crate::sh;

/// Prints the table and writes it to `NAME.md` and `NAME.json` in `dir`.
pub(super) fn publish(name: &str, inputs: &[PathBuf], entries: &[Entry], dir: &Path) {
    let bytes: u64 =
        inputs.iter().filter_map(|file| file.metadata().ok()).map(|data| data.len()).sum();
    let text = markdown(name, (inputs.len(), bytes), entries);
    println!("\n{text}");
    let rows: Vec<Value> = entries.iter().map(row).collect();
    let document = json!({
        "benchmark": name, "machine": machine(), "inputs": {"files": inputs.len(), "bytes": bytes},
        "contenders": rows,
    });
    write_file(dir.join(format!("{name}.md")), text);
    write_file(dir.join(format!("{name}.json")), format!("{document:#}\n"));
    println!("written to {}", dir.join(format!("{name}.{{md,json}}")).display());
}

fn markdown(name: &str, (files, bytes): (usize, u64), entries: &[Entry]) -> String {
    let rounds = entries.first().map_or(0, |entry| entry.samples.len());
    let mut text = format!(
        "# {name}\n\n{} · {files} files, {:.1} MB · {rounds} rounds in turns, medians\n\n",
        machine(),
        bytes as f64 / 1e6
    );
    text.push_str(
        "| Program | CPU s | Wall s | Peak MB | Output MB | CPU relative to the first (lowest to highest) |\n",
    );
    text.push_str("|---|---:|---:|---:|---:|---|\n");
    for entry in entries {
        let (low, middle, high) = relative(&entry.samples, &entries[0].samples);
        let _ = writeln!(
            text,
            "| {} ({}) | {:.2} | {:.2} | {:.0} | {:.1} | {middle:.2}× ({low:.2} to {high:.2}) {} |",
            entry.contender.name,
            entry.contender.version,
            median(entry.samples.iter().map(|sample| sample.cpu.as_secs_f64())),
            median(entry.samples.iter().map(|sample| sample.wall.as_secs_f64())),
            peak(entry),
            median(entry.samples.iter().map(|sample| sample.output_bytes as f64 / 1e6)),
            entry.contender.note,
        );
    }
    text
}

/// CPU time over that of `first` in the same round: lowest, median, highest.
fn relative(samples: &[Sample], first: &[Sample]) -> (f64, f64, f64) {
    let pairs = samples.iter().zip(first);
    let mut ratios: Vec<f64> =
        pairs.map(|(a, b)| a.cpu.as_secs_f64() / b.cpu.as_secs_f64()).collect();
    ratios.sort_by(f64::total_cmp);
    let end = |at: usize| ratios.get(at).copied().unwrap_or(1.0);
    (end(0), median(ratios.iter().copied()), end(ratios.len().saturating_sub(1)))
}

/// Median over the rounds of how much more the second entry took than the first.
pub(super) fn middle(pair: &[Entry; 2], value: impl Fn(&Sample) -> f64) -> f64 {
    let rounds = pair[0].samples.iter().zip(&pair[1].samples);
    median(rounds.map(|(few, many)| value(many) - value(few)))
}

/// Median peak memory, megabytes.
pub(super) fn peak(entry: &Entry) -> f64 {
    median(entry.samples.iter().map(|sample| sample.peak_bytes as f64 / 1e6))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => 0.0,
        len if len % 2 == 0 => f64::midpoint(values[half - 1], values[half]),
        _ => values[half],
    }
}

fn row(entry: &Entry) -> Value {
    let samples = entry.samples.iter().map(|sample| {
        json!({
            "cpu_secs": sample.cpu.as_secs_f64(), "wall_secs": sample.wall.as_secs_f64(),
            "peak_rss_bytes": sample.peak_bytes, "output_bytes": sample.output_bytes,
        })
    });
    json!({
        "name": entry.contender.name, "version": entry.contender.version,
        "note": entry.contender.note, "samples": samples.collect::<Vec<_>>(),
    })
}

/// Processor, cores and system, in words.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let system = sh::version("uname", &["-sr"]).unwrap_or_else(|| std::env::consts::OS.to_owned());
    format!("{model}, {cores} cores, {system}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn medians_of_odd_even_and_no_values() {
        assert!((median([3.0, 1.0, 2.0].into_iter()) - 2.0).abs() < 1e-12);
        assert!((median([4.0, 1.0].into_iter()) - 2.5).abs() < 1e-12);
        assert!(median(std::iter::empty()).abs() < 1e-12);
    }

    #[test]
    fn ratios_are_within_rounds() {
        let sample = |secs| Sample {
            wall: Duration::ZERO,
            cpu: Duration::from_secs(secs),
            peak_bytes: 0,
            output_bytes: 0,
        };
        let (low, middle, high) = relative(&[sample(2), sample(9)], &[sample(1), sample(3)]);
        assert!(
            (low - 2.0).abs() < 1e-12 && (middle - 2.5).abs() < 1e-12 && (high - 3.0).abs() < 1e-12
        );
    }
}
