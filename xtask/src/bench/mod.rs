//! Whole programs side by side: the same work, the same inputs, in turns (A B A B), CPU time
//! and memory as the operating system counts them.
mod dedup;
mod look;
mod ocr;
mod own;
mod peers;
mod report;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::options::Options;
use crate::{ffi, inputs, sh};

/// One program doing the work in its own way.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    /// Name in the table.
    pub(crate) name: String,
    /// Its version line.
    pub(crate) version: String,
    /// The program.
    pub(crate) program: PathBuf,
    /// Its arguments; `{out}` stands for the output folder.
    pub(crate) args: Vec<String>,
    /// Files it must leave in the output folder.
    pub(crate) outputs: usize,
    /// What the reader must know about the comparison.
    pub(crate) note: &'static str,
}

/// One run, measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak_bytes: u64,
    /// Bytes of all outputs: fast programs may pack loosely.
    pub(crate) output_bytes: u64,
}

/// A contender with its runs, one a round.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) contender: Contender,
    pub(crate) samples: Vec<Sample>,
}

const NAMES: [&str; 9] =
    ["thumbs", "half", "scaling", "overhead", "memory", "analyze", "validate", "ocr", "dedup"];

pub(crate) fn run(options: &Options) -> Result<()> {
    let name = options.word().unwrap_or_default().to_owned();
    ensure!(NAMES.contains(&name.as_str()), "name a benchmark: {}", NAMES.join(", "));
    let binary = sh::release_binary(options)?;
    let rounds = options.number("rounds", 5)?.max(1);
    let work = sh::target_dir()?.join("bench");
    std::fs::create_dir_all(&work)?;
    let (contenders, inputs) = match name.as_str() {
        "overhead" => own::overhead(&binary, &work)?,
        "memory" => own::memory(&binary, &work)?,
        "analyze" => look::analyze(&binary, &inputs::photos(options, &work)?, &work)?,
        "ocr" => ocr::contenders(&binary, &work)?,
        _ => {
            let files = inputs::gather(&inputs::photos(options, &work)?, &work.join("input"))?;
            let contenders = match name.as_str() {
                "thumbs" => peers::thumbs(&binary, &files)?,
                "half" => peers::half(&binary, &files)?,
                "validate" => look::validate(&binary, &files)?,
                "dedup" => dedup::contenders(&binary, &files)?,
                "scaling" => own::scaling(&binary, &files)?,
                other => bail!("there is no benchmark {other}"),
            };
            (contenders, files)
        }
    };
    let entries = measure(contenders, rounds, &work.join("out"))?;
    report::publish(&name, &inputs, &entries, &work);
    if name == "ocr" {
        ocr::steady(&entries, &work.join("out"))?;
    }
    Ok(())
}

/// Runs all contenders in turns, `rounds` times.
fn measure(contenders: Vec<Contender>, rounds: u64, out: &Path) -> Result<Vec<Entry>> {
    let entries = contenders.into_iter().map(|contender| Entry { contender, samples: Vec::new() });
    let mut entries: Vec<Entry> = entries.collect();
    for round in 1..=rounds {
        for entry in &mut entries {
            let sample = once(&entry.contender, out)?;
            println!(
                "round {round} {:<28} {:>8.2} s CPU",
                entry.contender.name,
                sample.cpu.as_secs_f64()
            );
            entry.samples.push(sample);
        }
    }
    Ok(entries)
}

fn once(contender: &Contender, out: &Path) -> Result<Sample> {
    sh::fresh_dir(out)?;
    let place = out.to_string_lossy();
    let args = contender.args.iter().map(|arg| arg.replace("{out}", &place));
    let mut command = Command::new(&contender.program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null());
    command.env("VIPS_CONCURRENCY", "1");
    command.env("XDG_STATE_HOME", out.with_extension("state"));
    let start = Instant::now();
    let child = command.spawn().with_context(|| format!("cannot start {}", contender.name))?;
    let usage = ffi::wait(child)?;
    let wall = start.elapsed();
    let files = pixloom_testkit::listing(out);
    let files: Vec<_> = files.iter().filter(|file| !file.starts_with(".pixloom/")).collect();
    let left = files.len();
    ensure!(
        left == contender.outputs,
        "{} left {left} files instead of {} (exit code {})",
        contender.name,
        contender.outputs,
        usage.code
    );
    let output_bytes =
        files.iter().filter_map(|file| out.join(file).metadata().ok()).map(|data| data.len()).sum();
    Ok(Sample { wall, cpu: usage.cpu, peak_bytes: usage.peak_bytes, output_bytes })
}
