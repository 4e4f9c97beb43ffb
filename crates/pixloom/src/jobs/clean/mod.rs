//! The `clean` job: which pictures of a data set deserve a second look.
mod checks;
mod report;

use std::collections::BTreeMap;
use std::path::PathBuf;

use pixloom_engine::{Fingerprint, RunError, files};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::checks::{Issue, Limits, Scored, root, scores, usual_sizes};
use self::report::{Cleaned, Row};
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::jobs::analyze::refuse_unwritable;
use crate::jobs::dedup::{Copies, copies};
use crate::jobs::features::{CacheSettings, Folders, Mode, Role, Scan, Scanner};
use crate::params::{ParamError, Params};
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::tell_left_alone;

/// Find pictures that deserve a second look: blurry, dark, bright, empty, gray, odd, doubled.
///
/// Each picture is decoded once, at reduced size, and remembered; scores and thresholds are those
/// of cleanvision, from 0 (bad) to 1. Nothing is changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Clean {
    /// Folders or pictures to look at.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    input: Vec<PathBuf>,
    /// Look for these only, such as `blurry,dark`.
    only: Vec<Issue>,
    /// Leave these out, such as `grayscale`.
    ignore: Vec<Issue>,
    /// Write a table with one line per file here.
    csv: Option<PathBuf>,
    /// End with exit code 1 if anything was found.
    fail_on_findings: bool,
}

impl Params for Clean {
    fn validate(&self) -> Result<(), ParamError> {
        if !self.only.is_empty() && !self.ignore.is_empty() {
            return Err(ParamError::new(
                "only",
                "leaves out all else; `ignore` is not needed then",
            ));
        }
        Ok(())
    }
}

impl Clean {
    fn wants(&self, issue: Issue) -> bool {
        (self.only.is_empty() || self.only.contains(&issue)) && !self.ignore.contains(&issue)
    }
}

impl Job for Clean {
    const NAME: &'static str = "clean";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Look for everything and keep a table of scores",
            line: "pixloom clean photos/ --csv scores.csv",
        },
        Example {
            does: "Blurry and dark pictures only, for a program",
            line: "pixloom clean photos/ --only blurry,dark --json",
        },
    ];
    const GROUPS: &'static [Group] = &[
        Group::of::<Limits>("Thresholds"),
        Group::of::<CacheSettings>("Cache"),
        Group::of::<InputSettings>("Input"),
        Group::of::<RunSettings>("Run"),
    ];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let input: InputSettings = settings.get()?;
        let run: RunSettings = settings.get()?;
        if let Some(path) = &own.csv {
            refuse_unwritable(path, run.overwrite)?;
        }
        run.only_whole("is not offered: sizes and copies are judged among all pictures")?;
        if own.input.is_empty() {
            return Err(ParamError::new("input", "must be given: a folder or a picture").into());
        }
        let folders = Folders::open(&[("input", Role::Own, &own.input)], &input, &[])?;
        own.clean(&folders, &input, settings, cx)
    }
}

impl Clean {
    fn clean(
        &self,
        folders: &Folders,
        input: &InputSettings,
        settings: &Settings,
        cx: &JobCx,
    ) -> Result<Report, JobError> {
        let limits: Limits = settings.get()?;
        let cache: CacheSettings = settings.get()?;
        let identity = Fingerprint::builder("clean")
            .field("limits", serde_json::to_vec(&limits).unwrap_or_default());
        let mut session = Session::inspect(Self::NAME, settings, cx, identity.finish())?;
        let mut scanner = Scanner::new(folders, (Mode::Features, input.limits()), &cache, cx);
        let mut left_alone = folders.left_alone();
        scanner.total = folders.list(&mut left_alone)?.count() as u64;
        let left_alone = tell_left_alone(&left_alone, cx.face.as_ref());
        let start = session.start();
        session.announce(&Start { items: scanner.total, ..start });
        let mut scan = scanner.run(&mut session, cx)?;
        let counts =
            match std::mem::replace(&mut scan.outcome, Ok(pixloom_engine::Counts::default())) {
                Ok(counts) => counts,
                Err(error) => return session.close(Err(error), pixloom_engine::Counts::default()),
            };
        let wants_copies = self.wants(Issue::ExactDuplicate) || self.wants(Issue::NearDuplicate);
        let copies = if wants_copies {
            copies(&scan, (folders, scanner.store.as_ref()), (session.engine(), &cx.cancel))
        } else {
            Ok(Copies::default())
        };
        let copies = match copies {
            Ok(copies) => copies,
            Err(error) => return session.close(Err(error), counts),
        };
        let cleaned = Cleaned { rows: self.rows(&scan, &limits, &copies), scan: &scan };
        let mut report = session.close(Ok(counts), counts)?;
        report.summary["left_alone"] = left_alone;
        self.finish(report, &cleaned, cx)
    }

    /// Every picture with its scores and findings, in the order of the listing.
    fn rows<'a>(&self, scan: &'a Scan, limits: &Limits, copies: &'a Copies) -> Vec<Row<'a>> {
        let sizes: Vec<[u32; 2]> = scan.pictures.iter().map(|picture| picture.facts.size).collect();
        let usual = usual_sizes(&sizes, limits.odd_size_factor);
        let row = |(number, picture): (usize, &'a crate::jobs::features::Picture)| {
            let size = picture.facts.size;
            let mut all: Vec<Scored> =
                picture.facts.measures().map_or_else(Vec::new, |m| scores(m, size).to_vec());
            let odd = usual.is_some_and(|(low, high)| !(low..=high).contains(&root(size)));
            all.push((Issue::OddSize, if odd { 0.0 } else { 1.0 }));
            let group = |map: &'a BTreeMap<u32, u32>| map.get(&(number as u32)).copied();
            let (exact, near) = (group(&copies.exact), group(&copies.near));
            all.push((Issue::ExactDuplicate, if exact.is_some() { 0.0 } else { 1.0 }));
            all.push((Issue::NearDuplicate, if near.is_some() { 0.0 } else { 1.0 }));
            all.retain(|(issue, _)| self.wants(*issue));
            all.sort_by_key(|(issue, _)| *issue);
            let found = all
                .iter()
                .filter(|score| limits.is_bad(**score))
                .map(|(issue, _)| *issue)
                .collect();
            Row { picture, scores: all, found, exact, near }
        };
        scan.pictures.iter().enumerate().map(row).collect()
    }

    fn finish(
        &self,
        mut report: Report,
        cleaned: &Cleaned<'_>,
        cx: &JobCx,
    ) -> Result<Report, JobError> {
        if let (serde_json::Value::Object(all), serde_json::Value::Object(own)) =
            (&mut report.summary, cleaned.summary())
        {
            all.extend(own);
        }
        report.lines = cleaned.lines();
        if cx.items {
            report.items = cleaned.items();
        }
        if let Some(path) = &self.csv {
            files::write_atomic(path, cleaned.csv().as_bytes())
                .map_err(|error| RunError::Output(error.into()))?;
            report.lines.push(format!("table  {}", path.display()));
        }
        if self.fail_on_findings && cleaned.rows.iter().any(|row| !row.found.is_empty()) {
            report.ok = false;
        }
        Ok(report)
    }
}
