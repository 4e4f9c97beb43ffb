//! Programs: run them, find them, build ours.
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::options::Options;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    pixloom_testkit::repository_root()
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// Prints the command line, runs it with its output shown, and fails if it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    println!("$ {line}");
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    ensure!(status.success(), "`{line}` failed");
    Ok(())
}

/// Standard output of a command that must succeed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = line(command);
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("cannot start `{line}`"))?;
    ensure!(
        output.status.success(),
        "`{line}` failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// The first line that a program prints with `args`, or `None` if it cannot be run.
pub(crate) fn version(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let first = text.lines().next().map(str::to_owned);
    first.filter(|_| output.status.success())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    let name = Path::new(&words[0]).file_name().map(|name| name.to_string_lossy().into_owned());
    std::iter::once(name.unwrap_or_default())
        .chain(words[1..].iter().cloned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The Python that `PYTHON` names, or `python3`.
pub(crate) fn python() -> String {
    std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// What cargo knows about the workspace.
pub(crate) fn metadata() -> Result<Value> {
    let text = output(cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
    Ok(serde_json::from_str(&text)?)
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let metadata = metadata()?;
    let dir = metadata["target_directory"].as_str().context("cargo names no target directory")?;
    Ok(PathBuf::from(dir))
}

/// The pixloom program that `--binary` names, or one built now with optimisation.
pub(crate) fn release_binary(options: &Options) -> Result<PathBuf> {
    if let Some(binary) = options.path("binary") {
        return binary.canonicalize().with_context(|| format!("there is no {}", binary.display()));
    }
    run(cargo().args(["build", "--release", "--quiet", "--package", "pixloom-cli"]))?;
    Ok(target_dir()?.join("release").join(format!("pixloom{}", std::env::consts::EXE_SUFFIX)))
}

/// The pixloom program as the tests build it.
pub(crate) fn debug_binary() -> Result<PathBuf> {
    run(cargo().args(["build", "--quiet", "--package", "pixloom-cli"]))?;
    Ok(target_dir()?.join("debug").join(format!("pixloom{}", std::env::consts::EXE_SUFFIX)))
}

/// An empty folder at `path`.
pub(crate) fn fresh_dir(path: &Path) -> Result<()> {
    if path.exists() {
        std::fs::remove_dir_all(path)
            .with_context(|| format!("cannot empty {}", path.display()))?;
    }
    std::fs::create_dir_all(path).with_context(|| format!("cannot make {}", path.display()))
}
