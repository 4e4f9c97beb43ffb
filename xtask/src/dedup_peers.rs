//! What other programs find of the copies in a labelled set: the table of `docs/dedup.md`.
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;
use pixloom_testkit::shared_data;

use crate::options::Options;
use crate::sh;

/// Prints one line for each program on the PATH. Needs Python (`PYTHON` names it).
pub(crate) fn run(options: &Options) -> Result<()> {
    let Some(set) = options.word().map(PathBuf::from).or_else(|| shared_data("dups_derived"))
    else {
        println!("skipped: the labelled set of the shared data is not here");
        return Ok(());
    };
    let mut command = Command::new(sh::python());
    command.arg(sh::root().join("tests/reference/dedup_peers.py"));
    command.arg(sh::release_binary(options)?).arg(set);
    sh::run(&mut command)
}
