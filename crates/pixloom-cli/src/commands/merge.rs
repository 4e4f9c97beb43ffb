//! `pixloom merge`: joins the parts of a run that was split with `--shard`.
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, ValueHint, value_parser};
use pixloom::run::merge;
use pixloom::settings::Resolved;
use serde_json::json;

use crate::context::Context;
use crate::errors::{FAILED, Problem};
use crate::words::counted;

const EXAMPLES: &str = "\
Examples:
  # Three processes, or three machines, that share a folder
  pixloom transform photos out --ops 'resize:long_edge=256' --shard 1/3
  pixloom merge out
  # Parts that were written to folders of their own
  pixloom merge all part1 part2 part3";

pub(super) fn command() -> Command {
    let folder = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::DirPath)
            .help(help)
    };
    Command::new("merge")
        .about("Join the parts of a run that was split with --shard")
        .long_about(
            "Join the parts of a run that was split with --shard.\n\nOUT then holds what a single \
             run would have written, byte for byte. Nothing is removed.",
        )
        .arg(folder("out", "Folder that gets the whole").value_name("OUT").required(true))
        .arg(
            folder("parts", "Folders with the parts, if not OUT itself")
                .value_name("PART")
                .num_args(0..),
        )
        .after_help(EXAMPLES)
}

pub(super) fn run(matches: &ArgMatches, cx: &Context) -> Result<u8, Problem> {
    let paths = |id: &str| {
        matches.get_many::<PathBuf>(id).into_iter().flatten().cloned().collect::<Vec<_>>()
    };
    let out = paths("out").into_iter().next().unwrap_or_default();
    let of_job = |error| Problem::of_job(&error, &[], &Resolved::default());
    let report = merge(&out, &paths("parts")).map_err(of_job)?;
    let mut text = format!(
        "{} {} of {} joined in {}: {}\n",
        cx.style.good(),
        counted(report.shards.into(), "part"),
        counted(report.items, "image"),
        out.display(),
        counted(report.files, "file")
    );
    if report.failed > 0 {
        let failed = counted(report.failed, "image");
        let list = out.join(pixloom::run::RECORD_DIR).join("errors.jsonl");
        text.extend([format!("{} {failed}, listed in {}\n", cx.style.bad(), list.display())]);
    }
    let ok = report.failed == 0;
    cx.answer("merge", json!({"ok": ok, "summary": report}), &text);
    Ok(if ok { 0 } else { FAILED })
}
