//! Putting outcomes back in source order and handing them to the sink.
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::{Duration, Instant};

use super::{Arrival, Run};
use crate::error::panic_message;
use crate::{Bytes, Counts, Delivery, Event, OnError, OutcomeKind, RunError, Sink, Stage, Written};

/// A small batch that came this soon after the last one is left to grow a little, instead of
/// waking the collector for every item.
const SOON: Duration = Duration::from_micros(300);
const NAP: Duration = Duration::from_micros(200);
const SMALL: usize = 64;
/// How much room the window keeps when it is empty.
const KEEP: usize = 4096;

/// Items that arrived before their turn, by distance to the one whose turn it is.
struct Window<T> {
    next: u64,
    waiting: VecDeque<Option<Arrival<T>>>,
}

impl<T> Window<T> {
    fn insert(&mut self, arrival: Arrival<T>) {
        let place = (arrival.seq - self.next) as usize;
        if place >= self.waiting.len() {
            self.waiting.resize_with(place + 1, || None);
        }
        self.waiting[place] = Some(arrival);
    }

    fn pop(&mut self) -> Option<Arrival<T>> {
        let arrival = self.waiting.front_mut()?.take()?;
        self.waiting.pop_front();
        self.next += 1;
        if self.waiting.is_empty() && self.waiting.capacity() > KEEP {
            self.waiting.shrink_to(KEEP);
        }
        Some(arrival)
    }
}

impl<S: Stage> Run<'_, S> {
    /// Returns the counts of what the sink took: an exact prefix of the source.
    pub(super) fn collect(&self, sink: &mut dyn Sink<In = S::Out>) -> Counts {
        let mut window = Some(Window { next: 0, waiting: VecDeque::new() });
        let (mut arrived, mut accepted) = (Counts::default(), Counts::default());
        let mut batch = Vec::new();
        let mut last = Instant::now();
        while self.arrivals.take(&mut batch) {
            self.keep(self.engine.journal.as_ref().map_or(Ok(()), |journal| journal.flush()));
            let soon = last.elapsed() < SOON;
            let small = batch.len() < SMALL;
            for arrival in batch.drain(..) {
                self.keep(self.tell(&arrival.delivery, &mut arrived));
                if let Some(window) = &mut window {
                    window.insert(arrival);
                }
            }
            if !self.deliver_ready(&mut window, sink, &mut accepted) {
                window = None;
            }
            last = Instant::now();
            if soon && small {
                thread::sleep(NAP);
            }
        }
        accepted
    }

    /// `false` once the sink should get nothing more.
    fn deliver_ready(
        &self,
        window: &mut Option<Window<S::Out>>,
        sink: &mut dyn Sink<In = S::Out>,
        counts: &mut Counts,
    ) -> bool {
        let Some(window) = window else { return false };
        while let Some(arrival) = window.pop() {
            let Arrival { delivery, held, .. } = arrival;
            let (kind, input, output) = summary(&delivery);
            let accepted = catch_unwind(AssertUnwindSafe(|| sink.accept(delivery)));
            drop(held);
            let accepted = accepted.unwrap_or_else(|panic| Err(sink_panic(&*panic)));
            if accepted.is_ok() {
                counts.add(kind, input, output);
            }
            if !self.keep(accepted.and_then(|()| self.check_failures(counts))) {
                return false;
            }
        }
        true
    }

    /// Reports an item as soon as it arrives, whether it is its turn or not.
    fn tell(&self, delivery: &Delivery<S::Out>, counts: &mut Counts) -> Result<(), RunError> {
        let (kind, input, output) = summary(delivery);
        counts.add(kind, input, output);
        let (key, bytes) = (&delivery.key, Bytes(output));
        let event = Event::Item { key, outcome: kind, counts, bytes };
        catch_unwind(AssertUnwindSafe(|| self.engine.progress.event(&event)))
            .map_err(|panic| sink_panic(&*panic))
    }

    fn check_failures(&self, counts: &Counts) -> Result<(), RunError> {
        match self.engine.on_error {
            OnError::StopAfter(allowed) if counts.failed > allowed => {
                Err(RunError::TooManyFailures { failed: counts.failed, allowed })
            }
            _ => Ok(()),
        }
    }

    /// Ends the run on an error; `false` if it was one.
    fn keep(&self, result: Result<(), RunError>) -> bool {
        result.map_err(|error| self.stop.fail(error)).is_ok()
    }
}

fn summary<T>(delivery: &Delivery<T>) -> (OutcomeKind, u64, u64) {
    let output = delivery.products.iter().map(|Written { bytes, .. }| *bytes).sum();
    (delivery.outcome.kind(), delivery.input_bytes, output)
}

fn sink_panic(panic: &(dyn std::any::Any + Send)) -> RunError {
    RunError::Sink(panic_message(panic).to_owned().into())
}
