//! Doing the work of one item after the other.
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;
use std::time::Duration;

use serde_json::value::{RawValue, to_raw_value};

use super::{Run, Task, Ticket, Work, Worked};
use crate::journal::{JournalEntry, Status};
use crate::permits::Permit;
use crate::{
    Bytes, Delivery, ErrorKind, Fingerprint, ItemCx, ItemError, ItemKey, Outcome, Product,
    RunError, Stage,
};

/// A worker that ran through this many items at less than this time each waits for the queue
/// to fill up a little, instead of being woken for every item.
const BURST: u32 = 16;
const QUICK: Duration = Duration::from_micros(20);
const NAP: Duration = Duration::from_micros(100);

/// What a worker keeps from item to item.
struct Kept<'r, S: Stage> {
    scratch: Option<S::Scratch>,
    line: Vec<u8>,
    permit: Option<Permit<'r>>,
}

/// A result that an earlier run left.
struct Found<T> {
    entry: JournalEntry,
    outcome: Outcome<T>,
}

impl<S: Stage> Run<'_, S> {
    pub(super) fn work(&self, number: usize) {
        let mut kept = Kept { scratch: None, line: Vec::new(), permit: None };
        while self.queue.wait() {
            let permit = kept.permit.insert(self.permits.acquire());
            let since = permit.since();
            let mut burst = 0;
            while !self.stop.is_set()
                && let Some(work) = self.queue.pop(number)
            {
                if kept.permit.is_none() {
                    kept.permit = Some(self.permits.acquire());
                }
                self.item(work, &mut kept);
                burst += 1;
            }
            let quick = burst >= BURST && since.elapsed() < QUICK * burst;
            kept.permit = None;
            if self.stop.is_set() {
                return;
            }
            if quick {
                thread::sleep(NAP);
            }
        }
    }

    fn item<'r>(&'r self, work: Work<S::In>, kept: &mut Kept<'r, S>) {
        match self.outcome(work, kept) {
            Ok(Some(worked)) => self.hand_over(worked, kept),
            // The run is aborted: the item counts as not started.
            Ok(None) => {}
            Err(error) => self.stop.fail(error),
        }
    }

    /// Items with files go to the writers, the others are finished here.
    fn hand_over<'r>(&'r self, worked: Worked<S::Out>, kept: &mut Kept<'r, S>) {
        if worked.products.is_empty() {
            return self.settle(worked, &mut kept.line);
        }
        let mut waiting = self.writes.try_push(worked);
        while let Err(worked) = waiting {
            // Others may compute while this worker waits for the disk.
            kept.permit = None;
            self.writes.wait_for_room();
            waiting = self.writes.try_push(worked);
        }
    }

    /// Takes the result from the journal or makes it.
    fn outcome(
        &self,
        work: Work<S::In>,
        kept: &mut Kept<'_, S>,
    ) -> Result<Option<Worked<S::Out>>, RunError> {
        let Work { seq, index, key, task, held } = work;
        let mut ticket = self.engine.journal.as_ref().map(|_| Ticket::default());
        let resumed = self.look_up(&key, &task, ticket.as_mut())?;
        let mut worked = Worked {
            seq,
            delivery: Delivery {
                index,
                key,
                outcome: Outcome::Skipped(String::new()),
                products: Vec::new(),
                notes: Vec::new(),
                input_bytes: 0,
            },
            products: Vec::new(),
            record_bytes: 0,
            ticket,
            held,
        };
        if let Some(Found { entry, outcome }) = resumed {
            worked.record_bytes = entry.record.as_ref().map_or(0, |json| json.get().len() as u64);
            worked.delivery.outcome = outcome;
            worked.delivery.products = entry.products;
            worked.delivery.notes = entry.notes;
            worked.delivery.input_bytes = entry.input_bytes;
            worked.ticket = None;
        } else if !self.fresh(task, &mut worked, kept)? {
            return Ok(None);
        }
        let payloads: u64 = worked.products.iter().map(Product::retained).sum();
        worked.held.shrink_to(Bytes(worked.record_bytes + payloads));
        Ok(Some(worked))
    }

    /// The item's usable entry in the journal. What an unusable one wrote goes to the ticket.
    fn look_up(
        &self,
        key: &ItemKey,
        task: &Task<S::In>,
        ticket: Option<&mut Ticket>,
    ) -> Result<Option<Found<S::Out>>, RunError> {
        let (Some(journal), Some(ticket)) = (&self.engine.journal, ticket) else {
            return Ok(None);
        };
        ticket.fingerprint = match task {
            Task::Run(input) | Task::Oversize(input, _) => self.fingerprint(input),
            Task::Failed(_) => None,
        };
        let Some(entry) = journal.find(&self.engine.phase, key)? else { return Ok(None) };
        let same = !self.engine.redo
            && ticket.fingerprint.is_some()
            && ticket.fingerprint == entry.fingerprint;
        let outcome = if same { entry_outcome(&entry) } else { None };
        if let Some(outcome) = outcome {
            let output = self.engine.output.as_deref();
            if journal.products_stand(&entry, output) {
                return Ok(Some(Found { entry, outcome }));
            }
        }
        ticket.old = entry.products;
        Ok(None)
    }

    /// A panic here means: never resumed. The stage will show it again when it runs.
    fn fingerprint(&self, input: &S::In) -> Option<Fingerprint> {
        let item = catch_unwind(AssertUnwindSafe(|| self.stage.fingerprint(input)));
        Some(self.engine.entry_fingerprint(&item.ok()??))
    }

    /// Runs the stage. `false` if the run was aborted meanwhile.
    fn fresh(
        &self,
        task: Task<S::In>,
        worked: &mut Worked<S::Out>,
        kept: &mut Kept<'_, S>,
    ) -> Result<bool, RunError> {
        let input = match task {
            Task::Run(input) => input,
            Task::Oversize(_, cost) => {
                worked.delivery.outcome = Outcome::Failed(self.oversize(cost));
                return Ok(true);
            }
            Task::Failed(error) => {
                worked.delivery.outcome = failed(error);
                return Ok(true);
            }
        };
        let key = worked.delivery.key.clone();
        let seed = self.engine.seed.child(key.as_str());
        let cx = ItemCx::new(key, worked.delivery.index, seed, self.scope());
        let result = self.run_stage(input, &cx, kept);
        let result = result.and_then(|out| self.check_record(out, worked, &cx));
        worked.delivery.notes = cx.take_notes();
        worked.delivery.input_bytes = cx.input_bytes();
        if let Some(broken) = self.engine.output.as_ref().and_then(|output| output.broken()) {
            return Err(broken);
        }
        let given_up = |error: &ItemError| error.kind == ErrorKind::Cancelled && !error.is_skip();
        worked.delivery.outcome = match result {
            Ok(record) => Outcome::Done(record),
            Err(error) if given_up(&error) && self.stop.is_aborting() => return Ok(false),
            Err(error) => failed(error),
        };
        Ok(true)
    }

    fn run_stage(
        &self,
        input: S::In,
        cx: &ItemCx<'_>,
        kept: &mut Kept<'_, S>,
    ) -> Result<S::Out, ItemError> {
        let scratch = &mut kept.scratch;
        let body = AssertUnwindSafe(|| {
            self.stage.run(input, scratch.get_or_insert_with(|| self.stage.scratch()), cx)
        });
        catch_unwind(body).unwrap_or_else(|panic| {
            kept.scratch = None;
            Err(ItemError::panic(&*panic))
        })
    }

    /// Turns the record into JSON, for its length and for the journal, and takes the products.
    fn check_record(
        &self,
        out: S::Out,
        worked: &mut Worked<S::Out>,
        cx: &ItemCx<'_>,
    ) -> Result<S::Out, ItemError> {
        let products = cx.take_products();
        if !products.is_empty() && self.engine.output.is_none() {
            let message = "the stage made files, but the run has no output folder";
            return Err(ItemError::new(ErrorKind::Internal, message).with_code("no-output"));
        }
        let json = catch_unwind(AssertUnwindSafe(|| measure(&out, worked.ticket.is_some())));
        let json = json.unwrap_or_else(|panic| {
            Err(serde::ser::Error::custom(crate::error::panic_message(&*panic)))
        });
        let (length, record) = json.map_err(|error: serde_json::Error| {
            ItemError::new(ErrorKind::Internal, "the record cannot be written as JSON")
                .with_code("bad-record")
                .with_source(error)
        })?;
        worked.record_bytes = length;
        if let Some(ticket) = &mut worked.ticket {
            ticket.record = record;
        }
        worked.products = products;
        Ok(out)
    }

    fn oversize(&self, cost: Bytes) -> ItemError {
        let memory = self.engine.memory;
        let message = format!("needs {cost} of memory, more than the budget of {memory}");
        let hint = format!("raise --max-memory to at least {} bytes", cost.0);
        ItemError::new(ErrorKind::Limit, message).with_step("admit").with_hint(hint)
    }
}

/// The length of a record as JSON, and the JSON itself if it is needed.
fn measure<T: serde::Serialize>(
    out: &T,
    keep: bool,
) -> serde_json::Result<(u64, Option<Box<RawValue>>)> {
    if keep {
        let json = to_raw_value(out)?;
        return Ok((json.get().len() as u64, Some(json)));
    }
    let mut length = Length(0);
    serde_json::to_writer(&mut length, out)?;
    Ok((length.0, None))
}

/// Counts what is written to it.
struct Length(u64);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn failed<T>(error: ItemError) -> Outcome<T> {
    if error.is_skip() { Outcome::Skipped(error.message) } else { Outcome::Failed(error) }
}

/// What an entry brings back; `None` if the item has to be done again.
fn entry_outcome<T: serde::de::DeserializeOwned>(entry: &JournalEntry) -> Option<Outcome<T>> {
    match entry.status {
        Status::Skipped => Some(Outcome::Skipped(entry.reason.clone())),
        Status::Done => {
            let json = entry.record.as_ref()?.get();
            serde_json::from_str(json).ok().map(Outcome::Resumed)
        }
        Status::Failed | Status::Forgotten => None,
    }
}
