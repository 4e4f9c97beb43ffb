//! Admitting items in source order, each with the memory it needs.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;

use super::queue::WorkQueue;
use super::{Run, Task, Work};
use crate::error::panic_message;
use crate::{Bytes, ItemError, RunError, Source, SourceItem, Stage};

/// Closes the queue when the feeder leaves, by whatever way.
pub(super) struct Feeding<'a, T>(pub(super) &'a WorkQueue<T>);

impl<T> Drop for Feeding<'_, T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl<S: Stage> Run<'_, S> {
    pub(super) fn feed(&self, source: &mut dyn Source<Value = S::In>) {
        let mut seq = 0;
        while !self.stop.is_set() {
            let next = catch_unwind(AssertUnwindSafe(|| source.next())).unwrap_or_else(|panic| {
                Err(RunError::Source(panic_message(&*panic).to_owned().into()))
            });
            match next {
                Ok(Some(item)) => {
                    if !self.admit(seq, item) {
                        return;
                    }
                    seq += 1;
                }
                Ok(None) => return self.fed_all.store(true, Ordering::Relaxed),
                Err(error) => return self.stop.fail(error),
            }
            self.fed.store(seq, Ordering::Relaxed);
        }
    }

    /// Waits until the item fits, and queues it. `false` if the run stops.
    fn admit(&self, seq: u64, item: SourceItem<S::In>) -> bool {
        let SourceItem { key, index, value } = item;
        let (task, cost) = self.plan(value);
        let stopped = || self.stop.is_set();
        let Some(held) = self.budget.reserve(cost, &stopped) else { return false };
        let work = Work { seq, index: index.unwrap_or(seq), key, task, held };
        self.queue.push(work, &stopped)
    }

    /// What to do with an item, and the memory that takes.
    fn plan(&self, value: Result<S::In, ItemError>) -> (Task<S::In>, Bytes) {
        let input = match value {
            Ok(input) => input,
            Err(error) => return (Task::Failed(error), Bytes(0)),
        };
        match catch_unwind(AssertUnwindSafe(|| self.stage.cost(&input))) {
            Ok(cost) if self.budget.can_hold(cost) => (Task::Run(input), cost),
            Ok(cost) => (Task::Oversize(input, cost), Bytes(0)),
            Err(panic) => (Task::Failed(ItemError::panic(&*panic)), Bytes(0)),
        }
    }
}
