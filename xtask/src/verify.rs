//! Same input, same bytes: with any number of workers, any memory, any chunks, in shards, and
//! after being killed at any moment.
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use pixloom_testkit::{Ended, Lcg, Program, result_hash};

use crate::options::Options;
use crate::{inputs, sh};

/// Something of everything: random draws, a change of size, neighbourhoods.
const OPS: &str = "resize:long_edge=300 | sharpen:amount=0.4 | noise:sigma=0.02";

struct Case {
    binary: PathBuf,
    input: PathBuf,
    out: PathBuf,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let work = sh::target_dir()?.join("verify");
    let case = Case {
        binary: sh::release_binary(options)?,
        input: work.join("in"),
        out: work.join("out"),
    };
    let items = inputs::mixed_folder(&case.input)?;
    let start = Instant::now();
    let expected = case.hash("1 worker", &["--workers", "1"])?;
    let took = start.elapsed();
    println!("{items} items, one worker: {:.1} s, result {}", took.as_secs_f64(), &expected[..16]);
    let mut wrong = Vec::new();
    for (name, args) in variants() {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        check(&name, &case.hash(&name, &args)?, &expected, &mut wrong);
    }
    check("3 shards, merged", &case.sharded()?, &expected, &mut wrong);
    let mut dice = Lcg::new(options.number("seed", 1)?);
    let kills = options.number("kills", 20)?;
    for kill in 1..=kills {
        let name = format!("killed and resumed, {kill} of {kills}");
        check(&name, &case.killed(took, &mut dice)?, &expected, &mut wrong);
    }
    if !wrong.is_empty() {
        bail!("different results: {}", wrong.join("; "));
    }
    println!("all results are the same, byte for byte");
    Ok(())
}

fn variants() -> Vec<(String, Vec<String>)> {
    let mut variants = Vec::new();
    for workers in ["1", "2", "8"] {
        for (memory, chunk) in [("auto", "auto"), ("48M", "1"), ("1G", "7")] {
            let name = format!("{workers} workers, memory {memory}, chunks of {chunk}");
            let args = ["--workers", workers, "--max-memory", memory, "--chunk-size", chunk];
            variants.push((name, args.map(str::to_owned).to_vec()));
        }
    }
    variants
}

fn check(name: &str, hash: &str, expected: &str, wrong: &mut Vec<String>) {
    println!("{} {name}", if hash == expected { "same     " } else { "DIFFERENT" });
    if hash != expected {
        wrong.push(name.to_owned());
    }
}

impl Case {
    fn program(&self, out: &Path, args: &[&str]) -> Program {
        let (input, out) = (self.input.to_string_lossy(), out.to_string_lossy());
        Program::new(&self.binary)
            .args(["transform", &input, &out, "--ops", OPS, "--seed", "7", "--quiet"])
            .args(args)
    }

    /// Runs to the end; some inputs are broken, so the exit code is 1.
    fn finish(&self, name: &str, args: &[&str]) -> Result<()> {
        let output = self.program(&self.out, args).run();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(output.status.code() == Some(1), "{name}: {} {said}", output.status);
        Ok(())
    }

    fn hash(&self, name: &str, args: &[&str]) -> Result<String> {
        sh::fresh_dir(&self.out)?;
        self.finish(name, args)?;
        Ok(result_hash(&self.out))
    }

    fn sharded(&self) -> Result<String> {
        sh::fresh_dir(&self.out)?;
        for shard in ["1/3", "2/3", "3/3"] {
            let output = self.program(&self.out, &["--shard", shard]).run();
            let code = output.status.code();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            ensure!(code == Some(0) || code == Some(1), "shard {shard}: {} {said}", output.status);
        }
        let merge = Program::new(&self.binary).args(["merge", &self.out.to_string_lossy()]).run();
        let code = merge.status.code();
        let said = String::from_utf8_lossy(&merge.stderr).into_owned();
        ensure!(code == Some(0) || code == Some(1), "merge: {} {said}", merge.status);
        Ok(result_hash(&self.out))
    }

    /// Kills up to four runs in a row, each at a random moment, then lets one finish.
    fn killed(&self, took: Duration, dice: &mut Lcg) -> Result<String> {
        sh::fresh_dir(&self.out)?;
        for attempt in 0..=dice.below(4) {
            let resume: &[&str] = if attempt > 0 { &["--resume"] } else { &[] };
            let args: Vec<&str> = resume.iter().copied().chain(["--workers", "2"]).collect();
            let delay = took.mul_f64(dice.below(1000) as f64 / 1000.0);
            if self.program(&self.out, &args).run_and_kill(delay) != Ended::Killed {
                break;
            }
        }
        self.finish("resumed", &["--resume", "--workers", "2"])?;
        Ok(result_hash(&self.out))
    }
}
