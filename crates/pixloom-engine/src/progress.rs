//! Telling the caller how a run goes.
use serde::{Deserialize, Serialize};

use crate::{Bytes, ItemKey, OutcomeKind};

/// How many items ended in which way, and the bytes of those that were worked on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Finished now.
    pub done: u64,
    /// Finished by an earlier run.
    pub resumed: u64,
    /// Nothing to do.
    pub skipped: u64,
    /// Failed.
    pub failed: u64,
    /// Bytes read now, as far as the stages counted them.
    pub input_bytes: u64,
    /// Bytes of the files written now.
    pub output_bytes: u64,
}

impl Counts {
    /// All items.
    pub const fn total(&self) -> u64 {
        self.done + self.resumed + self.skipped + self.failed
    }

    /// The sum over two phases.
    #[must_use]
    pub const fn plus(&self, other: &Self) -> Self {
        Self {
            done: self.done + other.done,
            resumed: self.resumed + other.resumed,
            skipped: self.skipped + other.skipped,
            failed: self.failed + other.failed,
            input_bytes: self.input_bytes + other.input_bytes,
            output_bytes: self.output_bytes + other.output_bytes,
        }
    }

    /// Adds one item.
    pub(crate) fn add(&mut self, kind: OutcomeKind, input_bytes: u64, output_bytes: u64) {
        match kind {
            OutcomeKind::Done => self.done += 1,
            OutcomeKind::Skipped => self.skipped += 1,
            OutcomeKind::Failed => self.failed += 1,
            OutcomeKind::Resumed => self.resumed += 1,
        }
        if kind != OutcomeKind::Resumed {
            self.input_bytes += input_bytes;
            self.output_bytes += output_bytes;
        }
    }
}

/// Something that happened in a run.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A stage begins.
    Started {
        /// Its name.
        stage: &'a str,
        /// How many items there will be, if known.
        total: Option<u64>,
    },
    /// An item is finished. These come as items finish, so that one slow item does not hide
    /// the others; the sink sees them in source order.
    Item {
        /// Its name.
        key: &'a ItemKey,
        /// What happened to it.
        outcome: OutcomeKind,
        /// All items finished so far.
        counts: &'a Counts,
        /// Bytes of the item's files.
        bytes: Bytes,
    },
    /// The stage ended, well or not.
    Finished {
        /// All items that reached the sink.
        counts: &'a Counts,
    },
}

/// Is told what happens, on the thread that called [`Engine::run`](crate::Engine::run).
pub trait Progress: Send + Sync {
    /// Takes one event; quick, as the run waits for it.
    fn event(&self, event: &Event<'_>);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _event: &Event<'_>) {}
}
