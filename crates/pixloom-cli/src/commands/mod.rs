//! The commands: one for each job, and those that serve them.
use clap::{ArgMatches, Command};
use pixloom::jobs::JOBS;

use crate::context::Context;
use crate::errors::Problem;

mod cache;
mod completions;
mod config;
mod job;
mod man;
mod merge;
mod ops;
mod runs;
mod schema;
mod system;
mod undo;

/// The commands beside the jobs.
pub(crate) fn all() -> Vec<Command> {
    vec![
        ops::command(),
        system::command(),
        runs::command(),
        config::command(),
        merge::command(),
        undo::command(),
        cache::command(),
        completions::command(),
        man::command(),
        schema::command(),
    ]
}

/// Runs the command `name`, words separated by spaces; the result is its exit code.
pub(crate) fn run(name: &str, matches: &ArgMatches, cx: &mut Context) -> Result<u8, Problem> {
    if let Some(entry) = JOBS.iter().find(|job| job.name == name) {
        return job::run(entry, matches, cx);
    }
    let (first, rest) = name.split_once(' ').unwrap_or((name, ""));
    match first {
        "ops" => ops::run(matches, cx),
        "system" => system::run(cx),
        "runs" => runs::run(rest, matches, cx),
        "config" => config::run(rest, matches, cx),
        "merge" => merge::run(matches, cx),
        "undo" => undo::run(matches, cx),
        "cache" => cache::run(rest, matches, cx),
        "completions" => completions::run(matches),
        "man" => man::run(matches, cx),
        "schema" => Ok(schema::run(matches)),
        other => Err(Problem::usage(format!("there is no command `{other}`"))),
    }
}
