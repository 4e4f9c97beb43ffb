//! Source → workers → writers → reordering → sink.
mod collect;
mod feed;
mod queue;
mod settle;
mod stop;
mod work;

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::{self, Scope};

use serde_json::value::RawValue;

use crate::permits::Permits;
use crate::progress::Event;
use crate::{
    Budget, Counts, Delivery, Engine, Fingerprint, ItemError, ItemKey, Product, Reservation,
    RunError, Sink, Source, Stage, Written, cx,
};
use queue::{Arrivals, Bounded, WorkQueue};
use stop::{Leaving, Stop};

/// How many items may be between source and sink: one slow item at the head holds up nobody
/// until this many others are finished behind it.
const WINDOW: usize = (1 << 16) + 1024;

/// An item on its way to a worker.
struct Work<T> {
    seq: u64,
    index: u64,
    key: ItemKey,
    task: Task<T>,
    held: Reservation,
}

enum Task<T> {
    Run(T),
    /// Needs more memory than the whole budget; carries the number of bytes.
    Oversize(T, crate::Bytes),
    Failed(ItemError),
}

/// An item that was worked on, before its files are written.
struct Worked<T> {
    seq: u64,
    delivery: Delivery<T>,
    products: Vec<Product>,
    /// The length of the record as JSON.
    record_bytes: u64,
    ticket: Option<Ticket>,
    held: Reservation,
}

/// What the journal needs to know about an item.
#[derive(Default)]
struct Ticket {
    fingerprint: Option<Fingerprint>,
    record: Option<Box<RawValue>>,
    /// The files of the item's last entry, which this result replaces.
    old: Vec<Written>,
}

/// An item that is finished for good.
struct Arrival<T> {
    seq: u64,
    delivery: Delivery<T>,
    held: Reservation,
}

/// What the threads of a run share.
struct Run<'r, S: Stage> {
    engine: &'r Engine,
    stage: &'r S,
    budget: Budget,
    permits: Permits,
    stop: Stop<'r>,
    queue: WorkQueue<Work<S::In>>,
    writes: Bounded<Worked<S::Out>>,
    arrivals: Arrivals<Arrival<S::Out>>,
    workers_left: AtomicUsize,
    writers_left: AtomicUsize,
    /// How many items the source yielded, and whether that was all of them.
    fed: AtomicU64,
    fed_all: AtomicBool,
}

/// See [`Engine::run`].
pub(crate) fn run<S: Stage>(
    engine: &Engine,
    source: &mut dyn Source<Value = S::In>,
    stage: &S,
    sink: &mut dyn Sink<In = S::Out>,
) -> Result<Counts, RunError> {
    let run = Run::new(engine, stage);
    if let Some(output) = &engine.output {
        output.forget_broken();
    }
    let started = Event::Started { stage: stage.name(), total: source.total() };
    engine.progress.event(&started);
    let counts = run.with_threads(source, sink);
    engine.progress.event(&Event::Finished { counts: &counts });
    engine.usage.add(run.permits.busy_nanos(), counts.output_bytes, run.budget.peak());
    run.end(counts)
}

impl<'r, S: Stage> Run<'r, S> {
    fn new(engine: &'r Engine, stage: &'r S) -> Self {
        let workers = engine.workers.get();
        let writers = if engine.output.is_some() { engine.io_workers.get() } else { 0 };
        Self {
            engine,
            stage,
            budget: Budget::new(engine.memory, WINDOW),
            permits: Permits::new(workers),
            stop: Stop::new(&engine.cancel),
            queue: WorkQueue::new(engine.workers, engine.chunk_size),
            writes: Bounded::new(workers + 2 * writers),
            arrivals: Arrivals::new(),
            workers_left: AtomicUsize::new(workers),
            writers_left: AtomicUsize::new(writers),
            fed: AtomicU64::new(0),
            fed_all: AtomicBool::new(false),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the engine is where threads are made")]
    fn with_threads(
        &self,
        source: &mut dyn Source<Value = S::In>,
        sink: &mut dyn Sink<In = S::Out>,
    ) -> Counts {
        let (after_workers, after_writers) = (|| self.workers_are_gone(), || self.close_all());
        let collectors = AtomicUsize::new(1);
        thread::scope(|scope| {
            for number in 0..self.workers_left.load(Ordering::Relaxed) {
                let leaving = Leaving::new(&self.workers_left, &after_workers, &self.stop);
                self.start(scope, format!("pixloom-work-{number}"), move || {
                    let _leaving = leaving;
                    self.work(number);
                });
            }
            for number in 0..self.writers_left.load(Ordering::Relaxed) {
                let leaving = Leaving::new(&self.writers_left, &after_writers, &self.stop);
                self.start(scope, format!("pixloom-write-{number}"), move || {
                    let _leaving = leaving;
                    self.write();
                });
            }
            let feeding = feed::Feeding(&self.queue);
            self.start(scope, "pixloom-feed".to_owned(), move || {
                let _feeding = feeding;
                self.feed(source);
            });
            // If collecting itself panics, the others still have to be told.
            let _leaving = Leaving::new(&collectors, &|| (), &self.stop);
            self.collect(sink)
        })
    }

    fn start<'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        name: String,
        body: impl FnOnce() + Send + 'scope,
    ) {
        if let Err(error) = thread::Builder::new().name(name).spawn_scoped(scope, body) {
            self.stop.fail(RunError::Threads(Box::new(error)));
        }
    }

    fn workers_are_gone(&self) {
        self.writes.close();
        if self.engine.output.is_none() {
            self.arrivals.close();
        }
    }

    fn close_all(&self) {
        self.writes.close();
        self.arrivals.close();
    }

    /// After all threads: the last lines and files to disk, and the verdict.
    fn end(&self, counts: Counts) -> Result<Counts, RunError> {
        if let Err(error) = self.sync_all() {
            self.stop.fail(error);
        }
        if let Some(error) = self.stop.take_error() {
            return Err(error);
        }
        let fed = self.fed.load(Ordering::Relaxed);
        if self.fed_all.load(Ordering::Relaxed) && counts.total() == fed {
            return Ok(counts);
        }
        Err(RunError::Cancelled)
    }

    fn scope(&self) -> cx::Scope<'_> {
        cx::Scope {
            cancel: Some(&self.engine.cancel),
            abort: Some(self.stop.abort_flag()),
            permits: Some(&self.permits),
            output: self.engine.output.as_ref(),
            timeout: self.engine.timeout,
        }
    }
}
