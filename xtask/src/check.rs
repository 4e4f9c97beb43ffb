//! The whole gate, the same on a developer's machine and in CI.
use anyhow::{Result, ensure};

use crate::options::Options;
use crate::{generate, layers, sh, sizes};

pub(crate) fn run(options: &Options) -> Result<()> {
    sh::run(sh::cargo().args(["fmt", "--all", "--check"]))?;
    sh::run(sh::cargo().args([
        "clippy",
        "--quiet",
        "--workspace",
        "--all-targets",
        "--",
        "-D",
        "warnings",
    ]))?;
    if options.is_set("no-tests") {
        println!("tests are left out (--no-tests)");
    } else {
        // Runs the examples in the documentation as well.
        sh::run(sh::cargo().args(["test", "--quiet", "--workspace"]))?;
    }
    same_test_command()?;
    layers::run()?;
    sizes::run()?;
    generate::check()?;
    optional("cargo-deny", "licences and banned crates", || {
        sh::run(sh::cargo().args([
            "deny",
            "--log-level",
            "error",
            "check",
            "bans",
            "licenses",
            "sources",
        ]))
    })?;
    optional("typos", "spelling", || {
        sh::run(std::process::Command::new("typos").current_dir(sh::root()))
    })?;
    println!("all checks passed");
    Ok(())
}

/// What the README tells people to run is what CI runs.
fn same_test_command() -> Result<()> {
    for file in ["README.md", ".ci/run"] {
        let text = std::fs::read_to_string(sh::root().join(file))?;
        let said = text.lines().any(|line| line == "cargo test --workspace");
        ensure!(said, "{file} lacks the line `cargo test --workspace`");
    }
    Ok(())
}

/// Runs `check` if the tool is installed, and says so if it is not.
fn optional(tool: &str, what: &str, check: impl FnOnce() -> Result<()>) -> Result<()> {
    if sh::version(tool, &["--version"]).is_some() {
        return check();
    }
    println!("{what}: not checked, {tool} is not installed");
    Ok(())
}
