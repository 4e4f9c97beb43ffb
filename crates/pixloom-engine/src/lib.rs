//! An ordered, streaming, memory-bounded, resumable parallel map with isolated item errors.
//!
//! The engine knows nothing about images. A [`Source`] yields items, a [`Stage`] turns one item
//! into one small record and any number of files, a [`Sink`] receives the outcomes in source
//! order. What comes out never depends on the number of workers, on the memory budget, or on
//! how often the run was interrupted.
mod budget;
mod bytes;
mod cancel;
mod cx;
mod engine;
mod error;
mod fan_out;
pub mod files;
mod fingerprint;
mod item;
mod journal;
mod key;
mod machine;
mod meter;
mod output;
mod pending;
mod permits;
mod progress;
mod run;
mod seed;
mod session;
mod shard;
mod stage;
mod tuning;

pub use budget::{Budget, Reservation};
pub use bytes::{Bytes, ParseBytesError};
pub use cancel::{Cancel, Cancelled};
pub use cx::ItemCx;
pub use engine::{Engine, OnError, Usage};
pub use error::{BoxError, ErrorKind, ItemError, RunError};
pub use fingerprint::{Fingerprint, FingerprintBuilder, ParseFingerprintError};
pub use item::{Delivery, Note, Outcome, OutcomeKind, Payload, Product, SourceItem, Written};
pub use journal::{Journal, JournalEntry, Status};
pub use key::{ItemKey, key_path, path_key};
pub use machine::{Machine, MachineClass};
pub use meter::{Meter, Resources, RunRecord, peak_rss};
pub use output::{Durability, Output};
pub use pending::PendingFile;
pub use progress::{Counts, Event, Progress, Silent};
pub use seed::{Rng, Seed};
pub use shard::{ParseShardError, Shard, ShardSource};
pub use stage::{FnSink, IterSource, Sink, Source, Stage};
pub use tuning::{Requested, Tuning};

/// Lets the calling thread wait, for those who may not start threads of their own.
pub fn pause(time: std::time::Duration) {
    std::thread::sleep(time);
}

/// Whether the calling thread works on an item: a panic there becomes a failed item, so a panic
/// hook need not report it.
pub fn on_worker_thread() -> bool {
    std::thread::current().name().is_some_and(|name| name.starts_with("pixloom-"))
}
