//! Finding copies: one hash and everything, without a cache, beside other programs.
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Contender;
use super::own::folder;
use super::peers::peer;
use crate::sh;

/// Turns and mirrored pictures are found by pixloom's hash anyway.
const GEOMETRIC: [&str; 2] = ["--geometric-invariance", "mirror-flip-rotate90"];

/// Contenders with one and two threads on the folder of `files`.
pub(super) fn contenders(binary: &Path, files: &[PathBuf]) -> Result<Vec<Contender>> {
    let input = folder(files)?.to_string_lossy().into_owned();
    let mut all = Vec::new();
    for threads in ["1", "2"] {
        all.push(pixloom(binary, ("hash", &["--method", "phash"]), threads, &input)?);
        all.extend(czkawka(&[], threads, &input));
        all.extend(czkawka(&GEOMETRIC, threads, &input));
        all.push(pixloom(binary, ("all stages", &[]), threads, &input)?);
        all.extend(img_fp(threads, &input));
    }
    Ok(all)
}

fn pixloom(
    binary: &Path,
    (mode, args): (&str, &[&str]),
    workers: &str,
    input: &str,
) -> Result<Contender> {
    let program = binary.to_string_lossy().into_owned();
    let version = sh::version(&program, &["--version"]);
    let version = version.context("the program does not tell its version")?;
    let own = ["dedup", input, "--cache=false", "--quiet", "--workers", workers];
    let args = own.iter().chain(args).map(|arg| (*arg).to_owned()).collect();
    Ok(peer(&format!("pixloom, {mode}, {workers}"), (&program, version), args, 0))
}

/// `czkawka_cli`, if it is on the PATH; it ends with 11 where it finds something.
fn czkawka(more: &[&str], threads: &str, input: &str) -> Option<Contender> {
    let version = sh::version("czkawka_cli", &["--version"])?;
    let own = ["image", "--directories", input, "-H", "-m", "1", "--thread-number", threads];
    let args = own.iter().chain(more).map(|arg| (*arg).to_owned()).collect();
    let name = if more.is_empty() { "czkawka_cli" } else { "czkawka_cli, turned and mirrored" };
    Some(peer(&format!("{name}, {threads}"), ("czkawka_cli", version), args, 0))
}

/// `img-fp`, if it is on the PATH.
fn img_fp(threads: &str, input: &str) -> Option<Contender> {
    let version = sh::version("img-fp", &["--version"])?;
    let args = ["-r", "--no-cache", "--threads", threads, input].map(str::to_owned);
    Some(peer(&format!("img-fp, {threads}"), ("img-fp", version), args.to_vec(), 0))
}
