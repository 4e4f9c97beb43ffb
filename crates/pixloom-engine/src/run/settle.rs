//! Finishing an item: files in place, old ones gone, journal line written.
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use super::{Arrival, Run, Ticket, Worked};
use crate::error::panic_message;
use crate::journal::{EntryLine, Status};
use crate::output::PlaceError;
use crate::{Bytes, Delivery, ErrorKind, Journal, Outcome, RunError, Stage};

impl<S: Stage> Run<'_, S> {
    /// The loop of a writing thread.
    pub(super) fn write(&self) {
        let mut line = Vec::new();
        while let Some(worked) = self.writes.pop() {
            let settle = AssertUnwindSafe(|| {
                self.settle(worked, &mut line);
                self.sync_if_due()
            });
            let settled = catch_unwind(settle).unwrap_or_else(|panic| {
                Err(RunError::Output(panic_message(&*panic).to_owned().into()))
            });
            if let Err(error) = settled {
                self.stop.fail(error);
            }
        }
    }

    /// Writes files and line, and sends the item to the collector. If the run has to end, the
    /// item counts as not done.
    pub(super) fn settle(&self, mut worked: Worked<S::Out>, line: &mut Vec<u8>) {
        let settled = self.place(&mut worked).and_then(|()| self.record(&worked, line));
        if let Err(error) = settled {
            return self.stop.fail(error);
        }
        let Worked { seq, delivery, record_bytes, mut held, .. } = worked;
        held.shrink_to(Bytes(record_bytes));
        self.arrivals.push(Arrival { seq, delivery, held });
    }

    fn place(&self, worked: &mut Worked<S::Out>) -> Result<(), RunError> {
        let products = std::mem::take(&mut worked.products);
        let (Some(output), false) = (&self.engine.output, products.is_empty()) else {
            return Ok(());
        };
        let journal = self.engine.journal.as_deref().filter(|journal| !journal.is_empty());
        let paths: Vec<PathBuf> =
            journal.iter().flat_map(|_| &products).map(|product| product.path.clone()).collect();
        if let Some(journal) = journal {
            journal.hold_paths(paths.iter().map(PathBuf::as_path));
        }
        match output.place(products) {
            Ok(written) => worked.delivery.products = written,
            Err(PlaceError::Output(error)) => return Err(error),
            Err(PlaceError::Item(error)) => {
                if let Some(journal) = journal {
                    journal.release_paths(paths.iter().map(PathBuf::as_path));
                }
                worked.delivery.outcome = Outcome::Failed(error);
                if let Some(ticket) = &mut worked.ticket {
                    ticket.record = None;
                }
            }
        }
        Ok(())
    }

    /// Removes what the last result of this item left, then writes the journal line.
    fn record(&self, worked: &Worked<S::Out>, line: &mut Vec<u8>) -> Result<(), RunError> {
        let (Some(journal), Some(ticket)) = (&self.engine.journal, &worked.ticket) else {
            return Ok(());
        };
        let keeps = keeps_old(&worked.delivery.outcome);
        if let (Some(output), false) = (&self.engine.output, ticket.old.is_empty() || keeps) {
            // A file that cannot be removed stays; the next line no longer lists it.
            let _ = journal.remove_superseded(output, &ticket.old, &worked.delivery.products);
        }
        entry_line(&self.engine.phase, &worked.delivery, ticket)
            .write(line)
            .map_err(|error| RunError::Journal(Box::new(error)))?;
        journal.append(line)
    }

    /// Makes files durable now and then, and marks in the journal up to where.
    fn sync_if_due(&self) -> Result<(), RunError> {
        match &self.engine.output {
            Some(output) if output.sync_is_due() => self.sync_output(),
            _ => Ok(()),
        }
    }

    fn sync_output(&self) -> Result<(), RunError> {
        let Some(output) = &self.engine.output else { return Ok(()) };
        let end = self.engine.journal.as_deref().map(Journal::end);
        output.sync()?;
        match (&self.engine.journal, end) {
            (Some(journal), Some(end)) => journal.mark_synced(end),
            _ => Ok(()),
        }
    }

    /// At the end of a run.
    pub(super) fn sync_all(&self) -> Result<(), RunError> {
        if let Some(journal) = &self.engine.journal {
            journal.flush()?;
        }
        if self.engine.output.as_ref().is_some_and(|output| output.needs_sync()) {
            self.sync_output()?;
            self.engine.journal.as_deref().map_or(Ok(()), Journal::sync)?;
        }
        Ok(())
    }
}

/// Whether the files of an item's last result stay, and on record, although it failed: nothing
/// replaces them, and where the input is damaged by now they may be all that is left of it.
fn keeps_old<T>(outcome: &Outcome<T>) -> bool {
    use ErrorKind::{BadInput, Cancelled, Internal, Io, Timeout};
    let Outcome::Failed(error) = outcome else { return false };
    matches!(error.kind, BadInput | Cancelled | Internal | Io | Timeout)
}

fn entry_line<'a, T>(
    phase: &'a str,
    delivery: &'a Delivery<T>,
    ticket: &'a Ticket,
) -> EntryLine<'a> {
    let (status, reason, error) = match &delivery.outcome {
        Outcome::Done(_) | Outcome::Resumed(_) => (Status::Done, "", None),
        Outcome::Skipped(reason) => (Status::Skipped, reason.as_str(), None),
        Outcome::Failed(error) => (Status::Failed, "", Some(error)),
    };
    let mut line = EntryLine::new(phase, &delivery.key, status);
    line.fingerprint = ticket.fingerprint;
    line.record = ticket.record.as_deref();
    line.reason = reason;
    line.error = error;
    line.products = if keeps_old(&delivery.outcome) { &ticket.old } else { &delivery.products };
    line.notes = &delivery.notes;
    line.input_bytes = delivery.input_bytes;
    line
}
