//! Runs a job: settings from all places, then the work, then the report.
use std::sync::Arc;

use clap::ArgMatches;
use pixloom::engine::Cancel;
use pixloom::job::{Face, JobCx, JobEntry, JobError, Report, Settings};
use pixloom::params::{fields_of, from_json};
use pixloom::settings::Resolved;

use crate::context::{Context, print, print_json};
use crate::errors::Problem;
use crate::events::Events;
use crate::face::{Terminal, write_stderr};
use crate::report::{self, Summary};
use crate::talk::{self, Talk};
use crate::{args, signals, style, words};

pub(super) fn run(
    entry: &'static JobEntry,
    matches: &ArgMatches,
    cx: &mut Context,
) -> Result<u8, Problem> {
    let (fields, none) = (entry.fields(), Resolved::default());
    let of_param = |error| Problem::of_param(&error, &fields, &none);
    let given = args::given(&fields, matches, &cx.switched).map_err(of_param)?;
    let layers = cx.layers()?;
    cx.talk = resolve_talk(&layers, matches, cx)?;
    let resolved = layers.resolve(entry, given);
    let settings = Settings::new(entry, resolved.values.clone())
        .map_err(|error| Problem::of_param(&error, &fields, &resolved))?;
    let events = Events::open(cx.talk.events.as_deref())?;
    let face = Terminal::new(cx.style, cx.talk.clone(), events, entry.resumes);
    let result = work(entry, &settings, &face, cx);
    let (mut events, plan) = face.finish();
    let result = result.map_err(|error| {
        let problem = Problem::of_job(&error, &fields, &resolved);
        if entry.resumes { problem } else { problem.without_resume() }
    });
    match &result {
        Ok(report) => events.finished(report),
        Err(problem) => events.error(problem),
    }
    let report = result?;
    tell(entry, &report, &plan, cx);
    Ok(report::exit_code(&report))
}

/// What is printed, from all places.
fn resolve_talk(
    layers: &pixloom::settings::Layers,
    matches: &ArgMatches,
    cx: &Context,
) -> Result<Talk, Problem> {
    let fields = fields_of::<Talk>();
    let of_param = |error, resolved: &Resolved| Problem::of_param(&error, &fields, resolved);
    let given = args::given(&fields, matches, &cx.switched)
        .map_err(|error| of_param(error, &Resolved::default()))?;
    let resolved = layers.resolve_groups(talk::GROUPS, given);
    from_json(resolved.values.clone()).map_err(|error| of_param(error, &resolved))
}

fn work(
    entry: &JobEntry,
    settings: &Settings,
    face: &Arc<Terminal>,
    cx: &Context,
) -> Result<Report, JobError> {
    let cancel = Cancel::new();
    signals::listen(&cancel, face);
    signals::quiet_panics();
    let job_cx = JobCx {
        face: Arc::clone(face) as Arc<dyn Face>,
        cancel,
        state_dir: cx.dirs().state,
        cache_dir: cx.dirs().cache,
        command: std::iter::once("pixloom".to_owned()).chain(cx.command.clone()).collect(),
        items: cx.talk.json,
    };
    (entry.run)(settings, &job_cx)
}

fn tell(entry: &JobEntry, report: &Report, plan: &[String], cx: &Context) {
    if cx.talk.json {
        print_json(&report::json(entry.name, report, plan));
    } else if (!cx.talk.quiet || !report.ok) && !cx.talk.events_to_stdout() {
        let lines = report.lines.iter().map(|line| format!("{line}\n"));
        print(&words::plain(&lines.collect::<String>()));
    }
    let (resumes, style, width) = (entry.resumes, cx.style, style::width());
    let summary = Summary { report, resumes, style, width };
    write_stderr(&summary.text(cx.talk.quiet));
}
