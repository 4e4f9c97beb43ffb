//! `pixloom completions`: scripts that let shells complete commands.
use clap::builder::EnumValueParser;
use clap::{Arg, ArgMatches, Command};
use clap_complete::Shell;

use crate::context::print;
use crate::errors::Problem;

pub(super) fn command() -> Command {
    Command::new("completions")
        .about("Print a script that lets a shell complete commands")
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(EnumValueParser::<Shell>::new())
                .help("The shell"),
        )
        .after_help(
            "Examples:\n  # For bash\n  pixloom completions bash > \
             ~/.local/share/bash-completion/completions/pixloom\n  # For fish\n  \
             pixloom completions fish > ~/.config/fish/completions/pixloom.fish",
        )
}

pub(super) fn run(matches: &ArgMatches) -> Result<u8, Problem> {
    let shell = matches.get_one::<Shell>("shell").copied();
    let shell = shell.ok_or_else(|| Problem::usage("there must be a shell"))?;
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut crate::app::command(), "pixloom", &mut script);
    print(&String::from_utf8_lossy(&script));
    Ok(0)
}
