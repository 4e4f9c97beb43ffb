//! `restore search` beside OpenCV and scikit-image, and the built-in model made anew.
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use pixloom_testkit::shared_data;

use crate::options::Options;
use crate::sh;

/// Pairs that the built-in model is made from.
const PAIRS: u64 = 2400;

/// Compares every pair of a folder of sets with the Python form.
pub(crate) fn reference(options: &Options) -> Result<()> {
    let data = options.word().map(PathBuf::from).or_else(|| shared_data("restoration"));
    let Some(data) = data else {
        println!("skipped: the folder restoration of the shared data is not here");
        return Ok(());
    };
    let binary = sh::release_binary(options)?;
    let script = sh::root().join("tests/reference/restore.py");
    let pairs = options.number("count", 1 << 30)?.to_string();
    sh::run(
        Command::new(sh::python())
            .arg(script)
            .arg("--pixloom")
            .arg(binary)
            .arg("--data")
            .arg(data)
            .args(["--pairs", &pairs]),
    )
}

/// Makes pairs from photographs, searches them, trains the model that `restore apply` carries.
pub(crate) fn model(options: &Options) -> Result<()> {
    let photos = options.path("photos").context("--photos DIR names the photographs")?;
    let binary = sh::release_binary(options)?;
    let work = sh::target_dir()?.join("restore-model");
    sh::fresh_dir(&work)?;
    let (count, seed) = (options.number("count", PAIRS)?, options.number("seed", 1)?);
    let script = sh::root().join("training/damage_pairs.py");
    let mut make = Command::new(sh::python());
    make.arg(script).arg(&work).arg("--photos").arg(photos);
    make.args(["--count", &count.to_string(), "--seed", &seed.to_string()]);
    if let Some(fonts) = options.path("fonts") {
        make.arg("--fonts").arg(fonts);
    }
    sh::run(&mut make)?;
    let (damaged, undamaged) = (work.join("damaged"), work.join("undamaged"));
    let table = work.join("wide.csv");
    let space = sh::root().join("training/restore_space.yaml");
    sh::run(
        Command::new(&binary)
            .args(["restore", "search", "--quiet", "--space"])
            .arg(space)
            .arg("-o")
            .args([&table, &damaged, &undamaged]),
    )?;
    let model = sh::root().join("crates/pixloom/models/restore.json");
    sh::run(
        Command::new(&binary)
            .args(["train", "restore", "--overwrite", "--seed", &seed.to_string()])
            .args(["--features", "portable", "--scene", "name", "--test-share", "0.1", "-o"])
            .args([&model, &table])
            .arg("--damaged")
            .arg(damaged)
            .arg("--undamaged")
            .arg(undamaged),
    )
}
