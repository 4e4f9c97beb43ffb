//! `pixloom man`: manual pages.
use std::io;
use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, ValueHint, value_parser};
use clap_mangen::Man;
use pixloom::engine::files::write_atomic;
use serde_json::json;

use crate::context::{Context, print};
use crate::errors::Problem;
use crate::words::counted;

pub(super) fn command() -> Command {
    Command::new("man")
        .about("Print the manual page, or write one for each command")
        .arg(
            Arg::new("dir")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .value_hint(ValueHint::DirPath)
                .help("Folder for a page for each command"),
        )
        .after_help(
            "Examples:\n  # Read it\n  pixloom man | man -l -\n  # Install all pages\n  \
             pixloom man ~/.local/share/man/man1",
        )
}

pub(super) fn run(matches: &ArgMatches, cx: &Context) -> Result<u8, Problem> {
    let mut root = crate::app::command();
    root.build();
    let Some(dir) = matches.get_one::<PathBuf>("dir") else {
        let page =
            page(&root).map_err(|error| Problem::io("cannot write to", Path::new("-"), &error))?;
        print(&String::from_utf8_lossy(&page));
        return Ok(0);
    };
    let written = write_pages(&root, dir, "pixloom")
        .map_err(|error| Problem::io("cannot write to", dir, &error))?;
    let text = format!("{} written to {}\n", counted(written, "page"), dir.display());
    Ok(cx.answer("man", json!({"dir": dir.to_string_lossy(), "pages": written}), &text))
}

/// Writes `NAME.1` for a command and those in it.
fn write_pages(command: &Command, dir: &Path, name: &str) -> io::Result<u64> {
    let named = command.clone().display_name(name.to_owned());
    write_atomic(&dir.join(format!("{name}.1")), &page(&named)?)?;
    let mut written = 1;
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        written += write_pages(inner, dir, &format!("{name}-{}", inner.get_name()))?;
    }
    Ok(written)
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}
