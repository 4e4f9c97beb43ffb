//! The parallel map and its settings.
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::fan_out::fan_out;
use crate::permits::Permits;
use crate::progress::Silent;
use crate::run::run;
use crate::{
    Bytes, Cancel, Counts, Fingerprint, Journal, Output, Progress, RunError, Seed, Sink, Source,
    Stage,
};

/// What to do when an item fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnError {
    /// Record it and go on.
    #[default]
    Continue,
    /// End the run once more than this many have failed, counted in source order.
    StopAfter(u64),
}

/// An ordered, streaming, memory-bounded, resumable parallel map.
///
/// Clones share progress, journal, output, stop request and measurements.
///
/// ```
/// use std::num::NonZeroUsize;
/// use pixloom_engine::*;
///
/// struct Double;
/// impl Stage for Double {
///     type In = u64;
///     type Out = u64;
///     type Scratch = ();
///     fn name(&self) -> &'static str { "double" }
///     fn scratch(&self) {}
///     fn cost(&self, _: &u64) -> Bytes { Bytes(8) }
///     fn fingerprint(&self, _: &u64) -> Option<Fingerprint> { None }
///     fn run(&self, x: u64, _: &mut (), _: &ItemCx<'_>) -> Result<u64, ItemError> { Ok(2 * x) }
/// }
///
/// let mut source = IterSource::new((0..5).map(|i| SourceItem::new(ItemKey::from_index(i), i)));
/// let mut out = Vec::new();
/// let mut sink = FnSink::new(|delivery: Delivery<u64>| {
///     out.extend(delivery.outcome.record());
///     Ok(())
/// });
/// let engine = Engine::new(NonZeroUsize::MIN, Bytes::MIB);
/// let counts = engine.run(&mut source, &Double, &mut sink)?;
/// assert_eq!((counts.done, out), (5, vec![0, 2, 4, 6, 8]));
/// # Ok::<(), RunError>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    pub(crate) workers: NonZeroUsize,
    pub(crate) io_workers: NonZeroUsize,
    pub(crate) memory: Bytes,
    pub(crate) seed: Seed,
    pub(crate) cancel: Cancel,
    pub(crate) on_error: OnError,
    pub(crate) timeout: Option<Duration>,
    pub(crate) progress: Arc<dyn Progress>,
    pub(crate) journal: Option<Arc<Journal>>,
    pub(crate) output: Option<Arc<Output>>,
    pub(crate) chunk_size: Option<NonZeroUsize>,
    pub(crate) redo: bool,
    pub(crate) phase: Arc<str>,
    pub(crate) depends: Fingerprint,
    pub(crate) usage: Arc<Usage>,
}

/// What an engine and its clones have used so far.
#[derive(Debug, Default)]
pub struct Usage {
    busy_nanos: AtomicU64,
    output_bytes: AtomicU64,
    peak_reserved: AtomicU64,
}

impl Engine {
    /// An engine with `workers` compute threads and `memory` bytes in flight; 2 threads write.
    pub fn new(workers: NonZeroUsize, memory: Bytes) -> Self {
        Self {
            workers,
            io_workers: NonZeroUsize::MIN.saturating_add(1),
            memory,
            seed: Seed::root(0),
            cancel: Cancel::new(),
            on_error: OnError::Continue,
            timeout: None,
            progress: Arc::new(Silent),
            journal: None,
            output: None,
            chunk_size: None,
            redo: false,
            phase: Arc::from("main"),
            depends: Fingerprint([0; 32]),
            usage: Arc::default(),
        }
    }

    /// Sets the number of threads that write.
    #[must_use]
    pub fn with_io_workers(mut self, io_workers: NonZeroUsize) -> Self {
        self.io_workers = io_workers;
        self
    }

    /// Sets the run's seed.
    #[must_use]
    pub fn with_seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// Sets the stop request to obey.
    #[must_use]
    pub fn with_cancel(mut self, cancel: Cancel) -> Self {
        self.cancel = cancel;
        self
    }

    /// Sets what to do when an item fails.
    #[must_use]
    pub fn with_on_error(mut self, on_error: OnError) -> Self {
        self.on_error = on_error;
        self
    }

    /// Sets how long one item may take, as far as its stage calls
    /// [`ItemCx::check`](crate::ItemCx::check).
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets who is told how it goes.
    #[must_use]
    pub fn with_progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.progress = progress;
        self
    }

    /// Sets the journal to resume from and to write to.
    #[must_use]
    pub fn with_journal(mut self, journal: Arc<Journal>) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Does every item again, whatever the journal says. It still knows what earlier runs wrote,
    /// so that files of theirs which an item no longer yields are removed.
    #[must_use]
    pub fn with_redo(mut self, redo: bool) -> Self {
        self.redo = redo;
        self
    }

    /// Sets the folder that products go to.
    #[must_use]
    pub fn with_output(mut self, output: Arc<Output>) -> Self {
        self.output = Some(output);
        self
    }

    /// Sets how many items a worker takes at once (`Some(0)` means 1); `None` decides by the
    /// length of the queue. It never shows in results, and a worker that is held up by a slow
    /// item leaves the rest of its chunk to others.
    #[must_use]
    pub fn with_chunk_size(mut self, chunk_size: Option<usize>) -> Self {
        self.chunk_size =
            chunk_size.map(|size| NonZeroUsize::new(size).unwrap_or(NonZeroUsize::MIN));
        self
    }

    /// One phase of a job: its own section of the journal, whose entries count while `depends`
    /// (what the phase needs besides its items, such as the result of a global step) is the
    /// same.
    #[must_use]
    pub fn phase(&self, name: &str, depends: Fingerprint) -> Self {
        Self { phase: Arc::from(name), depends, ..self.clone() }
    }

    /// Runs `stage` over `source` and hands the outcomes to `sink` in source order, on the
    /// calling thread. Returns how many items ended in which way.
    ///
    /// On an error the sink has received an exact prefix, the journal has all items that were
    /// finished, and no half file is left.
    pub fn run<S: Stage>(
        &self,
        source: &mut dyn Source<Value = S::In>,
        stage: &S,
        sink: &mut dyn Sink<In = S::Out>,
    ) -> Result<Counts, RunError> {
        run(self, source, stage, sink)
    }

    /// Splits a global step, between two runs, over all workers; the caller takes part.
    /// Otherwise like [`ItemCx::fan_out`](crate::ItemCx::fan_out).
    pub fn fan_out<T: Send, S>(
        &self,
        parts: usize,
        scratch: &(dyn Fn() -> S + Sync),
        work: &(dyn Fn(usize, &mut S) -> T + Sync),
    ) -> Vec<T> {
        let permits = Permits::new(self.workers.get());
        let own = permits.acquire();
        let results = fan_out(Some(&permits), parts, scratch, work);
        drop(own);
        self.usage.add(permits.busy_nanos(), 0, Bytes(0));
        results
    }

    /// The number of compute threads.
    pub const fn workers(&self) -> NonZeroUsize {
        self.workers
    }

    /// The number of threads that write.
    pub const fn io_workers(&self) -> NonZeroUsize {
        self.io_workers
    }

    /// The memory budget.
    pub const fn memory(&self) -> Bytes {
        self.memory
    }

    /// The run's seed.
    pub const fn seed(&self) -> Seed {
        self.seed
    }

    /// The stop request that this engine obeys.
    pub const fn cancel(&self) -> &Cancel {
        &self.cancel
    }

    /// The journal, if there is one.
    pub const fn journal(&self) -> Option<&Arc<Journal>> {
        self.journal.as_ref()
    }

    /// The output folder, if there is one.
    pub const fn output(&self) -> Option<&Arc<Output>> {
        self.output.as_ref()
    }

    /// The name of the phase.
    pub fn phase_name(&self) -> &str {
        &self.phase
    }

    /// What this engine and its clones have used so far.
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// An item's fingerprint together with what its phase depends on.
    pub(crate) fn entry_fingerprint(&self, item: &Fingerprint) -> Fingerprint {
        let builder = Fingerprint::builder("pixloom journal entry");
        builder.field("depends", self.depends).field("item", item).finish()
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("workers", &self.workers)
            .field("io_workers", &self.io_workers)
            .field("memory", &self.memory)
            .field("seed", &self.seed)
            .field("phase", &self.phase)
            .finish_non_exhaustive()
    }
}

impl Usage {
    /// How long workers and their helpers were at work, summed over threads.
    pub fn busy(&self) -> Duration {
        Duration::from_nanos(self.busy_nanos.load(Ordering::Relaxed))
    }

    /// Bytes of the files written.
    pub fn output_bytes(&self) -> Bytes {
        Bytes(self.output_bytes.load(Ordering::Relaxed))
    }

    /// The most bytes of the budget that were reserved at any time.
    pub fn peak_reserved(&self) -> Bytes {
        Bytes(self.peak_reserved.load(Ordering::Relaxed))
    }

    pub(crate) fn add(&self, busy_nanos: u64, output_bytes: u64, peak_reserved: Bytes) {
        self.busy_nanos.fetch_add(busy_nanos, Ordering::Relaxed);
        self.output_bytes.fetch_add(output_bytes, Ordering::Relaxed);
        self.peak_reserved.fetch_max(peak_reserved.0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn global_steps_use_all_workers() {
        for workers in [1, 2, 8] {
            let engine = Engine::new(NonZeroUsize::new(workers).unwrap(), Bytes::MIB);
            let squares = engine.fan_out(40, &|| (), &|part, ()| part * part);
            assert_eq!(squares, (0..40).map(|part| part * part).collect::<Vec<_>>());
            assert!(engine.usage().busy() > Duration::ZERO);
        }
    }
}
