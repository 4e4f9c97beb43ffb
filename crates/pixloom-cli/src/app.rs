//! From the command line to a command, and from its result to an exit code.
use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{ArgMatches, Command};
use pixloom::jobs::JOBS;

use crate::argv::{self, Switched};
use crate::context::{Context, print_json};
use crate::errors::{Problem, USAGE};
use crate::face::write_stderr;
use crate::style::Style;
use crate::talk::{self, Talk};
use crate::{args, commands};

const ABOUT: &str = "Parallel jobs on image datasets: the same results on any number of cores";

const HELP: &str = "\
Try this first:
  # What this machine offers, and what pixloom makes of it
  pixloom system
  # Operations for `transform`; add a name for its settings
  pixloom ops

Settings come from the command line, PIXLOOM_* variables, pixloom.toml in the folder or
above, and the user's own; `pixloom config show --origin` tells which.";

/// The whole command line, grown from the registry.
pub(crate) fn command() -> Command {
    let mut root = Command::new("pixloom")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(HELP)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .infer_long_args(false)
        .max_term_width(100);
    for group in talk::GROUPS {
        root = args::group_args(root, group).mut_args(|arg| arg.global(true));
    }
    for job in JOBS {
        let words: Vec<&str> = job.name.split(' ').collect();
        root = insert(root, &words, args::job_command(job));
    }
    root.subcommands(commands::all())
}

/// Puts `leaf` where `words` say: `ocr generate` is `generate` in `ocr`.
fn insert(command: Command, words: &[&str], leaf: Command) -> Command {
    match words {
        [] | [_] => command.subcommand(leaf),
        [family, rest @ ..] if command.find_subcommand(family).is_some() => {
            command.mut_subcommand(*family, |sub| insert(sub, rest, leaf))
        }
        [family, rest @ ..] => {
            let parent = Command::new((*family).to_owned())
                .about(format!("Jobs of `{family}`"))
                .subcommand_required(true)
                .arg_required_else_help(true);
            command.subcommand(insert(parent, rest, leaf))
        }
    }
}

/// Runs the program.
pub(crate) fn run(args: Vec<OsString>) -> ExitCode {
    let words = args.iter().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    let words: Vec<String> = words.collect();
    let (args, switched) = argv::split(args);
    let code = match command().try_get_matches_from(args) {
        Ok(matches) => dispatch(&matches, words, switched),
        Err(error) => usage(&error, &words),
    };
    ExitCode::from(code)
}

/// What clap has to say: help, version, or wrong usage.
fn usage(error: &clap::Error, words: &[String]) -> u8 {
    let wants_json = words.iter().any(|word| word == "--json");
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let _closed = error.print();
            0
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand if !wants_json => {
            let _closed = error.print();
            USAGE
        }
        _ if wants_json => {
            let text = error.render().to_string();
            let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            print_json(&Problem::usage(message).json(words.first().map_or("", String::as_str)));
            USAGE
        }
        _ => {
            let _closed = error.print();
            USAGE
        }
    }
}

fn dispatch(matches: &ArgMatches, command: Vec<String>, switched: Switched) -> u8 {
    let (name, leaf) = leaf(matches);
    let mut cx = Context {
        cwd: std::env::current_dir().unwrap_or_default(),
        env: pixloom::settings::environment(),
        command,
        talk: Talk::of_flags(leaf, &switched),
        switched,
        style: Style::of_stderr(),
    };
    match commands::run(&name, leaf, &mut cx) {
        Ok(code) => code,
        Err(problem) => tell(&problem, &name, &cx),
    }
}

/// The words of the subcommand and its arguments.
fn leaf(matches: &ArgMatches) -> (String, &ArgMatches) {
    let (mut words, mut at) = (Vec::new(), matches);
    while let Some((word, inner)) = at.subcommand() {
        words.push(word);
        at = inner;
    }
    (words.join(" "), at)
}

fn tell(problem: &Problem, command: &str, cx: &Context) -> u8 {
    if cx.talk.json {
        print_json(&problem.json(command));
    } else {
        write_stderr(&problem.text(cx.style));
    }
    problem.exit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help_of(words: &[&str]) -> Option<String> {
        let mut command = command();
        command.build();
        let mut at = &mut command;
        for word in words {
            at = at.find_subcommand_mut(word)?;
        }
        Some(at.render_long_help().to_string())
    }

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_job_has_help_with_its_examples() {
        for job in JOBS {
            let words: Vec<&str> = job.name.split(' ').collect();
            let help = help_of(&words).unwrap();
            for example in job.examples {
                assert!(help.contains(example.line), "{}", job.name);
            }
        }
    }

    #[test]
    fn names_of_two_words_become_nested_commands() {
        let root = insert(Command::new("x"), &["ocr", "generate"], Command::new("generate"));
        let root = insert(root, &["ocr", "render"], Command::new("render"));
        let ocr = root.find_subcommand("ocr").unwrap();
        let names: Vec<&str> = ocr.get_subcommands().map(Command::get_name).collect();
        assert_eq!(names, ["generate", "render"]);
    }
}
