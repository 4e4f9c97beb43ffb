//! Five steps over an HQ and an LQ folder, cheapest first: names, files, scale, sizes, formats.
mod report;

use std::collections::BTreeSet;
use std::path::Path;

use pixloom_engine::{Bytes, Counts, Outcome, RunError, Shard};
use pixloom_image::Limits;

use self::report::Dataset;
use super::Validate;
use super::checks::Level;
use super::report::{Findings, Form};
use super::run::identity;
use super::source::Candidates;
use super::stage::Checks;
use crate::job::{Job, JobCx, JobError, Report, Settings, Start};
use crate::jobs::pairs::{Comparison, PairRecord, Pairs, SideFacts, Tally};
use crate::params::ParamError;
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::{Inputs, LeftAlone, Share};

/// Runs the steps; ends after the first if no file has a partner.
pub(super) fn run(
    (own, lq): (&Validate, &Path),
    settings: &Settings,
    cx: &JobCx,
) -> Result<Report, JobError> {
    let input: InputSettings = settings.get()?;
    let run: RunSettings = settings.get()?;
    own.refuse_what_is_not_offered(&input, &run)?;
    if input.files_from.is_some() {
        let problem = "names the files of one folder, but there are two; use `glob`";
        return Err(ParamError::new("files_from", problem).into());
    }
    let form = Form::of(own.report.as_deref())?;
    let [hq] = own.input.as_slice() else {
        return Err(ParamError::new("input", "must be given: the folder of HQ pictures").into());
    };
    let mut comparison = Pairs::between(hq, lq)
        .expecting(own.expect)
        .with_content(own.checks >= Level::Decode)
        .with_lq_suffix(own.lq_suffix.clone())
        .comparison(&input)
        .map_err(renamed)?;
    // What is damaged was found out before; here it is only compared.
    comparison.stage.tolerant = true;
    let matched = comparison.matched()?;
    let mut session = Session::inspect(Validate::NAME, settings, cx, identity(own))?;
    let start = session.start();
    let items = if matched.pairs == 0 { 0 } else { matched.hq + matched.lq + matched.pairs };
    session.announce(&Start { items, input_bytes: Bytes(0), ..start });
    let mut dataset = Dataset::new(matched, own.rules()?);
    let outcome = if matched.pairs == 0 {
        Ok(Counts::default())
    } else {
        let place = (input.limits(), run.shard()?);
        examine(own, (&comparison, place), &mut session, &mut dataset)
    };
    let counts = *outcome.as_ref().unwrap_or(&Counts::default());
    let mut report = dataset.finish(session.close(outcome, counts)?);
    if let (Some(path), Some(form)) = (&own.report, form) {
        dataset.files().write(path, form)?;
        report.lines.push(format!("the findings of all files are in {}", path.display()));
    }
    report.items = dataset.into_items()?;
    Ok(report)
}

/// `pairs` calls the first folder `hq`, this job `input`.
fn renamed(error: JobError) -> JobError {
    match error {
        JobError::Param(error) if error.name == "hq" => {
            ParamError::new("input", error.problem).into()
        }
        other => other,
    }
}

/// The steps that open files.
fn examine(
    own: &Validate,
    (comparison, (limits, shard)): (&Comparison, (Limits, Option<Shard>)),
    session: &mut Session,
    dataset: &mut Dataset,
) -> Result<Counts, RunError> {
    let engine = session.engine().clone();
    let mut counts = Counts::default();
    let rules = own.rules().map_err(|error| RunError::Source(error.into()))?;
    let checks = Checks { level: own.checks, limits, min_side: own.min_side, rules };
    let sides = [(&comparison.hq, "HQ"), (&comparison.lq, "LQ")];
    for (inputs, side) in sides {
        let mut left = LeftAlone::new();
        let mut source = candidates(inputs, &mut left, (limits, own.checks, shard))?;
        let mut found = Findings::of_side(side);
        let observer = &mut |delivery: &_| found.take(delivery);
        add(&mut counts, session.phase(&engine, &mut source, &checks, observer)?);
        dataset.add_side(found);
    }
    let mut left = <(LeftAlone, LeftAlone)>::default();
    let source = comparison.source(&mut left, (limits, shard));
    let mut source = source.map_err(|error| RunError::Source(error.into()))?;
    let mut tally = Tally::new(own.expect);
    let (broken, mut unreadable) = (dataset.broken(), 0);
    let observer = &mut |delivery: &_| {
        let delivery: &pixloom_engine::Delivery<_> = delivery;
        match &delivery.outcome {
            Outcome::Failed(_) => unreadable += 1,
            Outcome::Done(record) if is_broken(record, &broken) => unreadable += 1,
            _ => tally.add(delivery),
        }
    };
    let compared = session.phase(&engine, &mut source, &comparison.stage, observer)?;
    add(&mut counts, Counts { failed: 0, ..compared });
    dataset.add_pairs(tally, unreadable);
    Ok(counts)
}

fn candidates<'a>(
    inputs: &'a Inputs,
    left: &'a mut LeftAlone,
    (limits, level, shard): (Limits, Level, Option<Shard>),
) -> Result<Candidates<'a>, RunError> {
    let unlisted = |error: std::io::Error| RunError::Source(error.into());
    let mut again = LeftAlone::new();
    let total = Share::of(inputs.list(&mut again).map_err(unlisted)?, (shard, 0)).count() as u64;
    let files = Share::of(inputs.list(left).map_err(unlisted)?, (shard, total));
    Ok(Candidates { files, limits, level })
}

/// Whether a file of the pair has an error: what is left of it is not worth a comparison.
fn is_broken(record: &PairRecord, broken: &BTreeSet<String>) -> bool {
    let has = |side: &str, facts: &SideFacts| broken.contains(&format!("{side}/{}", facts.path));
    record.hq.iter().any(|facts| has("HQ", facts)) || record.lq.iter().any(|facts| has("LQ", facts))
}

fn add(all: &mut Counts, more: Counts) {
    all.done += more.done;
    all.resumed += more.resumed;
    all.skipped += more.skipped;
    all.failed += more.failed;
    all.input_bytes += more.input_bytes;
    all.output_bytes += more.output_bytes;
}
