//! How well an independent reader (Tesseract) reads our lines, beside the same lines drawn by Pillow:
//! the table of `docs/ocr.md`.
use std::process::Command;

use anyhow::Result;
use pixloom_testkit::shared_data;

use crate::options::Options;
use crate::sh;

/// Prints one line for each language. Needs Python with Pillow (`PYTHON` names it), Tesseract and
/// Debian's Noto fonts.
pub(crate) fn run(options: &Options) -> Result<()> {
    let Some(corpora) = shared_data("corpora") else {
        println!("skipped: the folder corpora of the shared data is not here");
        return Ok(());
    };
    if sh::version("tesseract", &["--version"]).is_none() {
        println!("skipped: tesseract is not installed");
        return Ok(());
    }
    let mut command = Command::new(sh::python());
    command.arg(sh::root().join("tests/reference/ocr_read.py"));
    command.arg(sh::release_binary(options)?).arg(corpora.join("udhr"));
    command.args(options.word());
    sh::run(&mut command)
}
