//! `pixloom runs`: what was run, and how it ended.
use std::path::Path;
use std::time::Duration;

use clap::{Arg, ArgMatches, Command};
use pixloom::engine::Bytes;
use pixloom::run::{RunFile, RunStatus, find_run, history};
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::Problem;
use crate::words;

pub(super) fn command() -> Command {
    let show = Command::new("show").about("Show the record of one run").arg(
        Arg::new("id").value_name("ID").required(true).help("Name of the run, or how it begins"),
    );
    Command::new("runs")
        .about("List the runs of this user, or show one")
        .subcommand(show)
        .after_help(
            "Examples:\n  # All runs, the latest last\n  pixloom runs\n  # Everything about one\n  \
             pixloom runs show 20251014-094912",
        )
}

pub(super) fn run(rest: &str, matches: &ArgMatches, cx: &Context) -> Result<u8, Problem> {
    let state = cx.state_dir()?;
    let unreadable = |error| Problem::io("cannot read the list of runs in", &state, &error);
    if rest != "show" {
        let runs = history(&state).map_err(unreadable)?;
        let all: Vec<Value> = runs.iter().map(|(folder, run)| json(folder, run)).collect();
        return Ok(cx.answer("runs", json!({"runs": all}), &list(&runs)));
    }
    let id = matches.get_one::<String>("id").map_or("", String::as_str);
    let found = find_run(&state, id).map_err(unreadable)?;
    let (folder, run) = found.ok_or_else(|| {
        Problem::usage(format!("there is no run `{id}`")).with_hint("`pixloom runs` lists them")
    })?;
    Ok(cx.answer("runs show", json!({"run": json(&folder, &run)}), &detail(&folder, &run)))
}

fn json(folder: &Path, run: &RunFile) -> Value {
    let mut value = json!(run);
    value["record_dir"] = json!(folder.to_string_lossy());
    value
}

fn list(runs: &[(std::path::PathBuf, RunFile)]) -> String {
    if runs.is_empty() {
        return "no runs yet\n".to_owned();
    }
    let job_width = runs.iter().map(|(_, run)| run.job.len()).max().unwrap_or(0).max(3);
    let mut text = format!(
        "{:22}{:job_width$}  {:10}{:>9}{:>8}  {}\n",
        "RUN", "JOB", "STATUS", "DONE", "FAILED", "RECORD"
    );
    for (folder, run) in runs {
        let done = words::count(run.counts.done + run.counts.resumed);
        let failed = words::count(run.counts.failed);
        let status = status(run.status);
        text.extend([format!(
            "{:22}{:job_width$}  {status:10}{done:>9}{failed:>8}  {}\n",
            run.id,
            run.job,
            folder.display()
        )]);
    }
    text
}

const fn status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "unfinished",
        RunStatus::Finished => "finished",
        RunStatus::Cancelled => "stopped",
        RunStatus::Failed => "failed",
    }
}

fn detail(folder: &Path, run: &RunFile) -> String {
    let mut lines = vec![
        ("run", run.id.clone()),
        ("command", run.command.join(" ")),
        ("version", run.version.clone()),
        ("status", status(run.status).to_owned()),
        ("started", run.started.plain()),
    ];
    lines.extend(run.finished.map(|time| ("finished", time.plain())));
    lines.extend(run.error.clone().map(|error| ("error", error)));
    lines.extend(run.shard.clone().map(|shard| ("shard", shard)));
    lines.push(("seed", run.seed.to_string()));
    lines.push(("items", counts(run)));
    lines.push((
        "bytes",
        format!(
            "{} read, {} written",
            Bytes(run.counts.input_bytes),
            Bytes(run.counts.output_bytes)
        ),
    ));
    lines.extend(resources(&run.resources).map(|text| ("resources", text)));
    lines.push(("record", folder.display().to_string()));
    lines.push(("settings", run.settings.to_string()));
    let line = |(name, value): &(&str, String)| format!("{name:11}{value}\n");
    lines.iter().map(line).collect()
}

fn counts(run: &RunFile) -> String {
    let counts = &run.counts;
    let [done, failed] = [counts.done, counts.failed].map(words::count);
    let [skipped, resumed] = [counts.skipped, counts.resumed].map(words::count);
    format!("{done} done, {failed} failed, {skipped} skipped, {resumed} finished earlier")
}

fn resources(resources: &Value) -> Option<String> {
    let figure = |name: &str| resources[name].as_f64();
    let time = |secs| words::time(Duration::try_from_secs_f64(secs).unwrap_or_default());
    let (wall, cpu) = (time(figure("wall_secs")?), time(figure("cpu_secs")?));
    let peak = Bytes(figure("peak_rss_bytes")? as u64);
    let workers = words::counted(figure("workers")? as u64, "worker");
    let busy = figure("utilisation")? * 100.0;
    Some(format!("{wall}, {cpu} of processor time, peak {peak}, {workers} {busy:.0} % busy"))
}
