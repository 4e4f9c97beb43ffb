//! From settings to a running engine with its record, and to the report at the end.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use pixloom_engine::{
    Bytes, Counts, Delivery, Engine, Event, Fingerprint, Journal, Machine, Meter, Output, Progress,
    Requested, RunError, Seed, Shard, Sink, Source, Stage, Tuning,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::clock::{Timestamp, new_run_id};
use super::history::{RunFile, RunStatus, remember};
use super::recorder::{Recorded, Recorder, record_error, rotate};
use super::settings::{LogLevel, RunSettings};
use crate::job::{Face, Failure, JobCx, JobError, Report, Settings, Start};

/// The folder of records in an output folder.
pub const RECORD_DIR: &str = ".pixloom";

/// The name of the journal in a folder of records.
pub(crate) const JOURNAL: &str = "journal.jsonl";

/// Where the record of a shard lies in an output folder: shards may share one.
pub fn shard_dir(shard: Shard) -> PathBuf {
    let name = format!("{}-of-{}", shard.index(), shard.count());
    Path::new(RECORD_DIR).join("shards").join(name)
}

/// One execution of a job.
pub struct Session {
    engine: Engine,
    recorder: Recorder,
    journal: Option<Arc<Journal>>,
    /// What finished so far, in whatever order: a run that is stopped has more of it than its
    /// records show.
    finished: Arc<Mutex<Counts>>,
    meter: Meter,
    file: RunFile,
    record_dir: PathBuf,
    face: Arc<dyn Face>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("record_dir", &self.record_dir).finish_non_exhaustive()
    }
}

impl Session {
    /// Opens the output folder, the journal and the record.
    ///
    /// `identity` covers everything beside the inputs that decides the results.
    ///
    /// # Errors
    /// `Run` if the folder cannot be written or another run is at work in it.
    pub fn open(
        (job, output): (&'static str, &Path),
        settings: &Settings,
        cx: &JobCx,
        identity: Fingerprint,
    ) -> Result<Self, JobError> {
        let run: RunSettings = settings.get()?;
        let shard = run.shard()?;
        let record_dir = output.join(shard.map_or_else(|| PathBuf::from(RECORD_DIR), shard_dir));
        let failed = |error: io::Error| RunError::Output(error.into());
        fs::create_dir_all(&record_dir).map_err(failed)?;
        let folder = Output::open(output, &output.join(RECORD_DIR)).map_err(failed)?;
        if !run.resume && !run.overwrite {
            folder.keep_existing();
        }
        let before = RunFile::read(&record_dir).ok();
        // What a run over other inputs left is not this run's to clear away.
        let replaces =
            run.overwrite && before.as_ref().is_some_and(|run| is_of(run, job, settings));
        let journal = Arc::new(Journal::open(&record_dir.join(JOURNAL), run.resume || replaces)?);
        if let Some(before) = before {
            rotate(&record_dir, &before.id, false).map_err(failed)?;
            if run.resume && before.identity != identity.to_string() {
                cx.face.remark("other settings than before; what they change is done again");
            }
        }
        let file = run_file(job, cx, &run, identity);
        let mut session = Self::start_record((file, record_dir), settings, cx, &run)?;
        let engine = session.engine.with_journal(Arc::clone(&journal)).with_output(folder);
        session.engine = engine.with_redo(run.overwrite);
        session.journal = Some(journal);
        Ok(session)
    }

    /// For jobs that only look: nothing is written but the record, in the user's state folder.
    ///
    /// # Errors
    /// `Run` if the record cannot be written.
    pub fn inspect(
        job: &'static str,
        settings: &Settings,
        cx: &JobCx,
        identity: Fingerprint,
    ) -> Result<Self, JobError> {
        let run: RunSettings = settings.get()?;
        let file = run_file(job, cx, &run, identity);
        let state = cx.state_dir.clone().unwrap_or_else(|| std::env::temp_dir().join("pixloom"));
        let record_dir = state.join("runs").join(&file.id);
        fs::create_dir_all(&record_dir).map_err(|error| RunError::Output(error.into()))?;
        Self::start_record((file, record_dir), settings, cx, &run)
    }

    /// For a job that writes a single file into a folder of the user's: its record lies in the
    /// user's state folder, and `root` gets only that file and, while it is made, `scratch`.
    ///
    /// # Errors
    /// As [`Session::open`].
    pub fn open_bare(
        (job, root, scratch): (&'static str, &Path, &Path),
        settings: &Settings,
        cx: &JobCx,
        identity: Fingerprint,
    ) -> Result<Self, JobError> {
        let run: RunSettings = settings.get()?;
        let mut session = Self::inspect(job, settings, cx, identity)?;
        let failed = |error: io::Error| RunError::Output(error.into());
        let folder = Output::open(root, scratch).map_err(failed)?;
        if !run.overwrite {
            folder.keep_existing();
        }
        session.engine = session.engine.with_output(folder);
        Ok(session)
    }

    /// The same with a journal of its own at `path`, for a job that looks but takes long: with
    /// `resume` what it holds is not done again.
    ///
    /// # Errors
    /// `Run` if the journal cannot be written, or another run is at work with it.
    pub fn with_journal(mut self, path: &Path, resume: bool) -> Result<Self, JobError> {
        self.engine = self.engine.with_journal(Arc::new(Journal::open(path, resume)?));
        Ok(self)
    }

    fn start_record(
        (file, record_dir): (RunFile, PathBuf),
        settings: &Settings,
        cx: &JobCx,
        run: &RunSettings,
    ) -> Result<Self, JobError> {
        let failed = |error: io::Error| RunError::Output(error.into());
        let recorder = Recorder::create(&record_dir, run.log_level).map_err(failed)?;
        let (machine, tuning) = tune(run);
        let finished = Arc::new(Mutex::new(Counts::default()));
        let progress = FaceProgress { face: Arc::clone(&cx.face), finished: Arc::clone(&finished) };
        let engine = engine(run, &tuning, cx).with_progress(Arc::new(progress));
        let file = RunFile {
            settings: Value::Object(settings.as_map().clone()),
            machine: json!({"machine": machine, "tuning": tuning}),
            ..file
        };
        file.write(&record_dir).map_err(failed)?;
        if let Some(state) = &cx.state_dir
            && let Err(error) = remember(state, &file.id, &record_dir)
        {
            cx.face.remark(&format!("the list of runs cannot be kept: {error}"));
        }
        let face = Arc::clone(&cx.face);
        let meter = Meter::start();
        Ok(Self { engine, recorder, journal: None, finished, meter, file, record_dir, face })
    }

    /// What there is to say at the start, without the number of items.
    pub fn start(&self) -> Start {
        Start {
            run: self.file.id.clone(),
            job: self.file.job.clone(),
            items: 0,
            input_bytes: Bytes(0),
            workers: self.engine.workers().get(),
            io_workers: self.engine.io_workers().get(),
            memory: self.engine.memory(),
            seed: self.file.seed,
            shard: self.file.shard.clone(),
        }
    }

    /// Says what is about to happen, to the user and in the log.
    pub fn announce(&mut self, start: &Start) {
        let line = format!(
            "{} {} starts: {} items, {} workers, {} memory, seed {}",
            start.job, self.file.id, start.items, start.workers, start.memory, start.seed
        );
        // A log that cannot be written shows up when the record is finished.
        let _logged = self.recorder.log(LogLevel::Info, &line);
        self.face.started(start);
    }

    /// Runs the stage over the source and writes everything down.
    ///
    /// `summary` is what the job itself has to say.
    ///
    /// # Errors
    /// `Run` if the run ended early for another reason than a request to stop.
    pub fn run<S: Stage>(
        self,
        source: &mut dyn Source<Value = S::In>,
        stage: &S,
        summary: Value,
    ) -> Result<Report, JobError> {
        let mut report = self.observe(source, stage, &mut |_| {})?;
        if let (Value::Object(all), Value::Object(own)) = (&mut report.summary, summary) {
            all.extend(own);
        }
        Ok(report)
    }

    /// As [`Session::run`]; `observer` sees each item in source order, after it was written
    /// down.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn observe<S: Stage>(
        mut self,
        source: &mut dyn Source<Value = S::In>,
        stage: &S,
        observer: &mut dyn FnMut(&Delivery<S::Out>),
    ) -> Result<Report, JobError> {
        let engine = self.engine.clone();
        let outcome = self.phase(&engine, source, stage, observer);
        let counts = match outcome {
            Ok(counts) => counts,
            Err(_) => *self.finished.lock().unwrap_or_else(PoisonError::into_inner),
        };
        self.remark_vanished(outcome.is_ok());
        self.close(outcome, counts)
    }

    /// One phase of a job that has several: runs `stage` on `engine` (this session's, or a
    /// [phase](Engine::phase) of it) and writes each item down; [`Session::close`] ends the run.
    ///
    /// # Errors
    /// Whatever ended the phase early; hand it to [`Session::close`].
    pub fn phase<S: Stage>(
        &mut self,
        engine: &Engine,
        source: &mut dyn Source<Value = S::In>,
        stage: &S,
        observer: &mut dyn FnMut(&Delivery<S::Out>),
    ) -> Result<Counts, RunError> {
        let mut sink = RecordingSink { recorder: &mut self.recorder, observer };
        engine.run(source, stage, &mut sink)
    }

    /// The engine of this run, for [phases](Engine::phase) and for
    /// [global steps](Engine::fan_out) between them.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Inputs that an earlier run finished and that are gone now keep their outputs: whether
    /// that is meant, only the user knows.
    fn remark_vanished(&self, complete: bool) {
        let Some(journal) = self.journal.as_ref().filter(|_| complete) else { return };
        if let Ok(gone) = journal.unclaimed("main")
            && !gone.is_empty()
        {
            self.face.remark(&format!(
                "{} inputs of the earlier run are no longer there; their outputs were left in place",
                gone.len()
            ));
        }
    }

    /// Ends the run: completes its record and tells how it went. `counts` are those of the
    /// user's items, over all phases.
    ///
    /// # Errors
    /// `Run` if `outcome` is an error other than a request to stop.
    pub fn close(
        mut self,
        outcome: Result<Counts, RunError>,
        counts: Counts,
    ) -> Result<Report, JobError> {
        let resources = self.meter.read(&self.engine);
        self.file.finished = Some(Timestamp::now());
        self.file.counts = counts;
        self.file.resources = json!(resources);
        self.file.status = match &outcome {
            Ok(_) => RunStatus::Finished,
            Err(RunError::Cancelled) => RunStatus::Cancelled,
            Err(_) => RunStatus::Failed,
        };
        self.file.error = outcome.as_ref().err().map(sentence);
        let line = format!(
            "{} {:?}: {} done, {} resumed, {} skipped, {} failed in {:.1} s",
            self.file.id,
            self.file.status,
            counts.done,
            counts.resumed,
            counts.skipped,
            counts.failed,
            resources.wall_secs
        );
        let written = self.recorder.log(LogLevel::Info, &line);
        let finished = written.and_then(|()| self.recorder.finish());
        let stored = self.file.write(&self.record_dir);
        let cancelled = matches!(outcome, Err(RunError::Cancelled));
        if let (Err(source), false) = (outcome, cancelled) {
            // The record may be what could not be written; the reason comes first.
            let failures = finished.map(|recorded| recorded.failures).unwrap_or_default();
            let finished = counts.total() - counts.failed;
            return Err(JobError::Run { source, finished, failures });
        }
        let Recorded { failures, notes, files } = finished.map_err(record_error)?;
        stored.map_err(record_error)?;
        Ok(Report {
            run: self.file.id,
            ok: counts.failed == 0 && !cancelled,
            counts,
            summary: summary(notes, self.journal.map(|_| files)),
            lines: Vec::new(),
            items: Vec::new(),
            failures,
            resources: self.file.resources,
            record_dir: Some(self.record_dir),
            cancelled,
        })
    }
}

/// What every job has to say; `files` only of jobs that write some.
fn summary(notes: impl Serialize, files: Option<u64>) -> Value {
    files.map_or_else(|| json!({"notes": notes}), |files| json!({"notes": notes, "files": files}))
}

/// Whether a record is of the same job over the same inputs.
fn is_of(record: &RunFile, job: &str, settings: &Settings) -> bool {
    let input = settings.as_map().get("input");
    record.job == job && input == record.settings.get("input")
}

/// An error and its causes in one line.
fn sentence(error: &RunError) -> String {
    let mut text = error.to_string();
    let mut next = std::error::Error::source(error);
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

fn tune(run: &RunSettings) -> (Machine, Tuning) {
    let machine = Machine::detect();
    let requested = Requested {
        workers: run.fixed_workers(),
        io_workers: run.fixed_io_workers(),
        memory: run.max_memory.fixed(),
    };
    let tuning = Tuning::choose(&machine, &requested);
    (machine, tuning)
}

fn engine(run: &RunSettings, tuning: &Tuning, cx: &JobCx) -> Engine {
    let engine = tuning
        .engine()
        .with_seed(Seed::root(run.seed))
        .with_cancel(cx.cancel.clone())
        .with_on_error(run.on_error.policy())
        .with_chunk_size(run.chunk_size.fixed().map(std::num::NonZeroUsize::get));
    match run.item_timeout() {
        Some(timeout) => engine.with_timeout(timeout),
        None => engine,
    }
}

fn run_file(job: &str, cx: &JobCx, run: &RunSettings, identity: Fingerprint) -> RunFile {
    RunFile {
        schema: 1,
        id: new_run_id(),
        job: job.to_owned(),
        command: cx.command.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        status: RunStatus::Running,
        started: Timestamp::now(),
        finished: None,
        settings: Value::Object(Map::new()),
        seed: run.seed,
        shard: run.shard.clone(),
        identity: identity.to_string(),
        machine: Value::Null,
        counts: Counts::default(),
        resources: Value::Null,
        error: None,
    }
}

struct FaceProgress {
    face: Arc<dyn Face>,
    finished: Arc<Mutex<Counts>>,
}

impl Progress for FaceProgress {
    fn event(&self, event: &Event<'_>) {
        if let Event::Item { counts, .. } = event {
            *self.finished.lock().unwrap_or_else(PoisonError::into_inner) = **counts;
        }
        self.face.event(event);
    }
}

/// Writes down each item and shows it to the job.
struct RecordingSink<'a, T> {
    recorder: &'a mut Recorder,
    observer: &'a mut dyn FnMut(&Delivery<T>),
}

impl<T: Serialize> Sink for RecordingSink<'_, T> {
    type In = T;

    fn accept(&mut self, delivery: Delivery<T>) -> Result<(), RunError> {
        self.recorder.deliver(&delivery)?;
        (self.observer)(&delivery);
        Ok(())
    }
}

impl Report {
    /// The report of a plan that was only printed.
    pub fn of_plan(items: u64, summary: Value) -> Self {
        Self {
            run: String::new(),
            ok: true,
            counts: Counts::default(),
            summary,
            lines: vec![format!("{items} items planned, nothing was done")],
            items: Vec::new(),
            failures: Vec::<Failure>::new(),
            resources: Value::Null,
            record_dir: None,
            cancelled: false,
        }
    }
}
