//! Jobs: what a user starts on a dataset.
use std::path::PathBuf;
use std::sync::Arc;

use pixloom_engine::{Bytes, Cancel, Counts, Event, RunError};
use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::params::{self, ParamError, Params};
use crate::pipeline::PipelineError;
use crate::schema::{self, Field};

/// One task on a dataset: a subcommand, a Python function, a page of the reference.
///
/// The struct holds the job's own settings; [`Job::GROUPS`] adds those that it shares.
pub trait Job: Params {
    /// The name on the command line and in Python. Never reused.
    const NAME: &'static str;
    /// Command lines that really work, each with what it does.
    const EXAMPLES: &'static [Example];
    /// The groups of settings beside its own.
    const GROUPS: &'static [Group];
    /// Whether `resume` goes on with an interrupted run; other jobs refuse it.
    const RESUMES: bool = true;

    /// Runs the job.
    ///
    /// # Errors
    /// [`JobError`] if nothing was done or the run ended early; failed items are in the report.
    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError>;
}

/// A command line and what it does.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What it does, a sentence without a full stop.
    pub does: &'static str,
    /// The command line.
    pub line: &'static str,
}

/// Some settings under a heading.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// The settings.
    pub schema: fn() -> Schema,
}

impl Group {
    /// The settings of `P` under the heading `title`.
    pub const fn of<P: JsonSchema>(title: &'static str) -> Self {
        Self { title, schema: || schema_for!(P) }
    }
}

/// All settings of one job, checked for names, types and bounds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings(Map<String, Value>);

impl Settings {
    /// Checks `map` against everything that the job declares.
    pub fn new(entry: &JobEntry, map: Map<String, Value>) -> Result<Self, ParamError> {
        schema::check_all(&entry.fields(), &map)?;
        Ok(Self(map))
    }

    /// The settings of one struct.
    pub fn get<P: Params>(&self) -> Result<P, ParamError> {
        let fields = params::fields_of::<P>();
        let own = self.0.iter().filter(|(name, _)| fields.iter().any(|field| field.name == **name));
        params::from_json(own.map(|(name, value)| (name.clone(), value.clone())).collect())
    }

    /// The same settings with one of them changed.
    #[must_use]
    pub fn with(&self, name: &str, value: Value) -> Self {
        let mut map = self.0.clone();
        map.insert(name.to_owned(), value);
        Self(map)
    }

    /// What was set, as it goes into the run's record.
    pub const fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// How a job speaks to whoever started it.
pub trait Face: Send + Sync {
    /// The work is known and begins.
    fn started(&self, start: &Start);
    /// One line of a plan (`--dry-run`).
    fn action(&self, line: &str);
    /// Progress.
    fn event(&self, event: &Event<'_>);
    /// Something worth knowing before or beside the items.
    fn remark(&self, line: &str);
}

/// Says nothing: for library use and tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Face for Silent {
    fn started(&self, _: &Start) {}
    fn action(&self, _: &str) {}
    fn event(&self, _: &Event<'_>) {}
    fn remark(&self, _: &str) {}
}

/// What a run is about to do and with which resources.
#[derive(Debug, Clone, Serialize)]
pub struct Start {
    /// The run.
    pub run: String,
    /// The job.
    pub job: String,
    /// Items of this run (of this shard).
    pub items: u64,
    /// Bytes of all input files.
    pub input_bytes: Bytes,
    /// Workers that compute.
    pub workers: usize,
    /// Workers that write.
    pub io_workers: usize,
    /// Memory for items in flight.
    pub memory: Bytes,
    /// Seed.
    pub seed: u64,
    /// Part of the items, such as `3/16`.
    pub shard: Option<String>,
}

/// What a job may use besides its settings.
#[derive(Clone)]
pub struct JobCx {
    /// Speaks to the user.
    pub face: Arc<dyn Face>,
    /// Asks the run to stop.
    pub cancel: Cancel,
    /// Where records of runs that write no folder go, and the list of all runs.
    pub state_dir: Option<PathBuf>,
    /// Where what can be computed again is kept; without it, nothing is.
    pub cache_dir: Option<PathBuf>,
    /// The command line, for the record.
    pub command: Vec<String>,
    /// Whether the list in [`Report::items`] is wanted; without it, memory does not grow with
    /// the number of items.
    pub items: bool,
}

impl Default for JobCx {
    fn default() -> Self {
        Self {
            face: Arc::new(Silent),
            cancel: Cancel::default(),
            state_dir: None,
            cache_dir: None,
            command: Vec::new(),
            items: true,
        }
    }
}

impl std::fmt::Debug for JobCx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JobCx").field("command", &self.command).finish_non_exhaustive()
    }
}

/// What a job hands back.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The run, empty for a plan.
    pub run: String,
    /// Whether every item succeeded and no check found anything.
    pub ok: bool,
    /// How many items ended how.
    pub counts: Counts,
    /// What the job found, for programs.
    pub summary: Value,
    /// What the job found, for people: short lines.
    pub lines: Vec<String>,
    /// One entry per item, for commands whose purpose is the list.
    pub items: Vec<Value>,
    /// The first failures; all are in `errors.jsonl`.
    pub failures: Vec<Failure>,
    /// Time, memory and workers.
    pub resources: Value,
    /// Where the run's record lies.
    pub record_dir: Option<PathBuf>,
    /// Whether the run was cancelled and can be resumed.
    pub cancelled: bool,
}

/// One failed item, as in `errors.jsonl`.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// The item.
    pub path: String,
    /// Stable kebab-case name.
    pub kind: String,
    /// What is wrong, with its causes.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Why a job ended without a report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// A setting has a wrong value; nothing was done.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// The operations cannot be read; nothing was done.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The command cannot be carried out as it stands; nothing was done.
    #[error("{message}")]
    Refused {
        /// What is wrong: a lower-case sentence.
        message: String,
        /// Examples and proposals, one a line.
        details: Vec<String>,
    },
    /// The run ended early.
    #[error("{source}")]
    Run {
        /// Why.
        source: RunError,
        /// How many items were finished.
        finished: u64,
        /// The first failed items.
        failures: Vec<Failure>,
    },
}

impl JobError {
    /// The command cannot be carried out as it stands.
    pub fn refused(message: impl Into<String>, details: Vec<String>) -> Self {
        Self::Refused { message: message.into(), details }
    }
}

impl From<RunError> for JobError {
    fn from(source: RunError) -> Self {
        Self::Run { source, finished: 0, failures: Vec::new() }
    }
}

/// An entry of the registry: everything that the faces need to offer a job.
#[derive(Debug)]
pub struct JobEntry {
    /// See [`Job::NAME`].
    pub name: &'static str,
    /// See [`Job::EXAMPLES`].
    pub examples: &'static [Example],
    /// Its own settings.
    pub schema: fn() -> Schema,
    /// The groups of settings beside its own.
    pub groups: &'static [Group],
    /// See [`Job::RESUMES`].
    pub resumes: bool,
    /// Runs the job.
    pub run: fn(&Settings, &JobCx) -> Result<Report, JobError>,
}

impl JobEntry {
    /// The entry of `J`.
    pub const fn of<J: Job>() -> Self {
        Self {
            name: J::NAME,
            examples: J::EXAMPLES,
            schema: || schema_for!(J),
            groups: J::GROUPS,
            resumes: J::RESUMES,
            run: J::run,
        }
    }

    /// All settings: its own, then those of its groups.
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = schema::fields(&(self.schema)());
        for group in self.groups {
            fields.extend(schema::fields(&(group.schema)()));
        }
        fields
    }
}
