//! The `ocr` jobs: synthetic pictures of text with exact labels.
mod allocate;
mod background;
mod check;
mod config;
mod corpus;
mod distribution;
mod drawn;
mod effects;
mod export;
mod file;
mod fonts;
mod generate;
mod knob;
mod library;
mod lmdb;
mod packed;
mod page;
mod paint;
mod parquet;
mod plan;
mod planes;
mod preview;
mod problem;
mod record;
mod render;
mod samples;
mod scene;
mod settings;
mod shape;
mod stats;
mod studio;
mod target;
mod typeset;
mod work;

#[cfg(test)]
mod tests;

pub use check::Check;
pub use export::Export;
pub use fonts::Fonts;
pub use generate::Generate;
pub use page::{Part, Role};
pub use plan::Plan;
pub use preview::Preview;
pub use record::{BlockLabel, LineLabel, PartLabel, Record};
pub use render::Render;
pub use shape::config_schema;
pub use stats::Stats;

use serde_json::Value;

use crate::job::Report;

/// Raised when the same settings give other pixels or labels.
const METHOD: u32 = 1;

/// The report of a job that keeps no record: what it found, for people and for programs.
fn plain_report(lines: Vec<String>, summary: Value, items: Vec<Value>, ok: bool) -> Report {
    Report { ok, lines, items, ..Report::of_plan(0, summary) }
}
