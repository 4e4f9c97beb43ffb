//! pixloom against itself: more workers, more items, hardly any work per item.
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use pixloom_image::Size;
use pixloom_image::synth::Scene;
use pixloom_testkit::write_file;

use super::Contender;
use crate::{inputs, sh};

/// pixloom transforming the folder `input` with further `args`.
pub(super) fn pixloom(binary: &Path, name: &str, input: &Path, args: &[&str]) -> Result<Contender> {
    let version = sh::version(&binary.to_string_lossy(), &["--version"]);
    let words = ["transform", &input.to_string_lossy(), "{out}", "--quiet"].map(str::to_owned);
    Ok(Contender {
        name: name.to_owned(),
        version: version.context("the program does not tell its version")?,
        program: binary.to_path_buf(),
        args: words.into_iter().chain(args.iter().map(|arg| (*arg).to_owned())).collect(),
        outputs: pixloom_testkit::listing(input).len(),
        note: "",
    })
}

/// The folder that holds `files`.
pub(super) fn folder(files: &[PathBuf]) -> Result<&Path> {
    files.first().and_then(|file| file.parent()).context("there are no inputs")
}

/// The same work with one worker and with two: wall time should halve.
pub(super) fn scaling(binary: &Path, files: &[PathBuf]) -> Result<Vec<Contender>> {
    let ops = ["--ops", "resize:scale=0.5,filter=lanczos3", "--to", "jpg", "--workers"];
    let with = |workers: &str| {
        let args: Vec<&str> = ops.iter().copied().chain([workers]).collect();
        pixloom(binary, &format!("pixloom, {workers} workers"), folder(files)?, &args)
    };
    Ok(vec![with("1")?, with("2")?])
}

/// 4,000 pictures of 16×16 pixels: what an item costs beside its pixels.
pub(super) fn overhead(binary: &Path, work: &Path) -> Result<(Vec<Contender>, Vec<PathBuf>)> {
    let bytes = inputs::picture(Scene::Landscape, 1, Size::new(16, 16), "png")?;
    let (few, many) = (work.join("tiny-400"), work.join("tiny-4000"));
    let files = copies(&few, &bytes, 400)?;
    copies(&many, &bytes, 4000)?;
    let args = ["--ops", "flip", "--workers", "1"];
    let contenders = vec![
        pixloom(binary, "pixloom, 400 tiny items", &few, &args)?,
        pixloom(binary, "pixloom, 4,000 tiny items", &many, &args)?,
    ];
    Ok((contenders, files))
}

/// 500 and 10,000 inputs: peak memory should not grow with their number.
pub(super) fn memory(binary: &Path, work: &Path) -> Result<(Vec<Contender>, Vec<PathBuf>)> {
    let bytes = inputs::picture(Scene::Landscape, 1, Size::new(320, 240), "jpg")?;
    let (few, many) = (work.join("items-500"), work.join("items-10000"));
    let files = copies(&few, &bytes, 500)?;
    copies(&many, &bytes, 10_000)?;
    let args = ["--ops", "resize:long_edge=64", "--workers", "2"];
    let contenders = vec![
        pixloom(binary, "pixloom, 500 items", &few, &args)?,
        pixloom(binary, "pixloom, 10,000 items", &many, &args)?,
    ];
    Ok((contenders, files))
}

/// `count` hard links to one file (a file system allows some thousands; then a new file).
pub(super) fn copies(folder: &Path, bytes: &[u8], count: usize) -> Result<Vec<PathBuf>> {
    sh::fresh_dir(folder)?;
    let mut files: Vec<PathBuf> = Vec::with_capacity(count);
    for item in 0..count {
        let path = folder.join(format!(
            "{item:05}.{}",
            if bytes.starts_with(b"\x89PNG") { "png" } else { "jpg" }
        ));
        let first = files.get(item / 1000 * 1000);
        if first.is_none_or(|first| std::fs::hard_link(first, &path).is_err()) {
            write_file(&path, bytes);
        }
        files.push(path);
    }
    Ok(files)
}
