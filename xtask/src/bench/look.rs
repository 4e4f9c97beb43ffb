//! Commands that only look at pictures, against the same questions asked of other programs.
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Contender;
use super::own::{copies, folder};
use super::peers::{peer, with_files};
use crate::sh;

/// Reads the headers of all files below a folder, or decodes all pixels of them.
const PILLOW: &str = "
import os, sys
from PIL import Image
Image.MAX_IMAGE_PIXELS = None
task, found = sys.argv[1], []
for root, _, names in os.walk(sys.argv[2]):
    for name in names:
        path = os.path.join(root, name)
        try:
            with Image.open(path) as image:
                if task == 'load':
                    image.load()
                found.append((path, image.size, image.format, image.mode, os.path.getsize(path)))
        except Exception as error:
            found.append((path, str(error)))
";

/// What the headers say, of 20,000 files.
pub(super) fn analyze(
    binary: &Path,
    photos: &[PathBuf],
    work: &Path,
) -> Result<(Vec<Contender>, Vec<PathBuf>)> {
    let mut all = Vec::new();
    for (at, photo) in photos.iter().enumerate() {
        let share = 20_000 / photos.len().max(1);
        let into = work.join("headers").join(at.to_string());
        all.extend(copies(&into, &std::fs::read(photo)?, share)?);
    }
    let input = work.join("headers");
    let mut contenders = vec![
        looking(binary, "pixloom analyze, 1 worker", &["analyze", "--workers", "1"], &input),
        looking(binary, "pixloom analyze, 2 workers", &["analyze", "--workers", "2"], &input),
    ];
    contenders.extend(pillow("header", &input));
    Ok((contenders, all))
}

/// Every pixel of every file.
pub(super) fn validate(binary: &Path, files: &[PathBuf]) -> Result<Vec<Contender>> {
    let input = folder(files)?;
    let mut contenders = vec![
        looking(binary, "pixloom validate, 1 worker", &["validate", "--workers", "1"], input),
        looking(binary, "pixloom validate, 2 workers", &["validate", "--workers", "2"], input),
    ];
    contenders.extend(pillow("load", input));
    if let Some(version) = sh::version("identify", &["-version"]) {
        // `-regard-warnings -verbose` would also compute statistics; `%k` alone decodes.
        let args = with_files(&["-regard-warnings", "-format", "%wx%h %[channels] %#\n"], files);
        let note = "decodes and hashes the pixels";
        contenders.push(Contender { note, ..peer("identify", ("identify", version), args, 0) });
    }
    Ok(contenders)
}

fn looking(binary: &Path, name: &str, words: &[&str], input: &Path) -> Contender {
    let program = binary.to_string_lossy().into_owned();
    let version = sh::version(&program, &["--version"]).unwrap_or_default();
    let mut args: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    args.extend([input.to_string_lossy().into_owned(), "--quiet".to_owned()]);
    peer(name, (&program, version), args, 0)
}

fn pillow(task: &str, input: &Path) -> Option<Contender> {
    let version = sh::version("python3", &["-c", "import PIL; print('Pillow', PIL.__version__)"])?;
    let words = ["-c", PILLOW, task, &input.to_string_lossy()].map(str::to_owned);
    Some(peer("Pillow", ("python3", version), words.to_vec(), 0))
}
