//! How many copies are found, by kind of edit, and what is taken for one: the tables of
//! `docs/dedup.md`.
mod edits;
mod make;
mod score;
mod set;

use std::path::Path;

use anyhow::{Context, Result};
use pixloom_testkit::shared_data;

use crate::options::Options;

pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(folder) = options.word() {
        return one(Path::new(folder), options);
    }
    if let Some(folder) = shared_data("dups_derived") {
        one(&folder, options)?;
    }
    let made = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tmp/dedup-set");
    make::set(&made).context("cannot make the labelled set")?;
    one(&made, options)
}

fn one(folder: &Path, options: &Options) -> Result<()> {
    println!("\n{}\n", folder.display());
    let set = set::read(folder)?;
    let score = score::score(&set, options.is_set("all-pairs"));
    score.print(&set);
    Ok(())
}
