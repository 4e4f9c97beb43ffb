//! One execution of a job: its settings, its engine, its record.
mod clock;
mod history;
mod merge;
mod recorder;
mod session;
mod settings;

pub use clock::{Timestamp, new_run_id};
pub use history::{RunFile, RunStatus, find_run, history};
pub use merge::{MergeReport, merge};
pub use recorder::{ErrorRow, ManifestRow, OutputRow, Recorded, Recorder};
pub(crate) use session::JOURNAL;
pub use session::{RECORD_DIR, Session, shard_dir};
pub use settings::{Auto, InputSettings, LogLevel, Memory, OnErrorSetting, RunSettings};
