//! What went into each stage and what came out, and how long it took.
use std::time::Instant;

use serde::Serialize;

/// One stage of the work.
#[derive(Debug, Clone, Serialize)]
pub(super) struct StageRow {
    /// Its number in document order.
    pub(super) stage: u8,
    /// Its name.
    pub(super) name: &'static str,
    /// What is counted.
    pub(super) of: &'static str,
    /// How many came in.
    pub(super) input: u64,
    /// How many were accepted here.
    pub(super) accepted: u64,
    /// How many were rejected here.
    pub(super) rejected: u64,
    /// How many went on.
    pub(super) output: u64,
    /// Seconds.
    pub(super) secs: f64,
}

/// All stages of a run.
#[derive(Debug, Default)]
pub(super) struct Stages {
    pub(super) rows: Vec<StageRow>,
}

impl Stages {
    /// Adds a stage.
    pub(super) fn add(
        &mut self,
        (stage, name, of): (u8, &'static str, &'static str),
        (input, accepted, rejected, output): (u64, u64, u64, u64),
        since: Option<Instant>,
    ) {
        let secs = since.map_or(0.0, |since| since.elapsed().as_secs_f64());
        self.rows.push(StageRow { stage, name, of, input, accepted, rejected, output, secs });
    }

    /// A table for people.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "{:<9} {:<9} {:>10} {:>10} {:>10} {:>10} {:>9}",
            "STAGE", "OF", "IN", "ACCEPTED", "REJECTED", "OUT", "SECONDS"
        )];
        lines.extend(self.rows.iter().map(|row| {
            format!(
                "{} {:<7} {:<9} {:>10} {:>10} {:>10} {:>10} {:>9.2}",
                row.stage,
                row.name,
                row.of,
                row.input,
                row.accepted,
                row.rejected,
                row.output,
                row.secs
            )
        }));
        lines
    }
}
