//! The pixloom command line. Jobs and operations come from the registry; nothing here is about
//! a single one.
use std::process::ExitCode;

mod app;
mod args;
mod argv;
mod commands;
mod context;
mod errors;
mod events;
mod face;
mod progress;
mod report;
mod signals;
mod style;
mod talk;
mod words;

fn main() -> ExitCode {
    app::run(std::env::args_os().collect())
}
