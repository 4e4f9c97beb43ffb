//! What happens, as a stream of JSON lines (`--events`).
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use pixloom::engine::Event;
use pixloom::job::{Report, Start};
use serde_json::{Value, json};

use crate::errors::Problem;

/// Writes one JSON object a line.
pub(crate) struct Events {
    out: Option<Box<dyn Write + Send>>,
    run: String,
}

impl Events {
    /// Writes nothing.
    pub(crate) fn nowhere() -> Self {
        Self { out: None, run: String::new() }
    }

    /// Writes to the file `path`, or to standard output for `-`.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Problem> {
        let Some(path) = path else { return Ok(Self::nowhere()) };
        let out: Box<dyn Write + Send> = if path.as_os_str() == "-" {
            Box::new(io::stdout())
        } else {
            let file = File::create(path);
            Box::new(file.map_err(|error| Problem::io("cannot write events to", path, &error))?)
        };
        Ok(Self { out: Some(out), run: String::new() })
    }

    pub(crate) fn started(&mut self, start: &Start) {
        self.run.clone_from(&start.run);
        self.write("started", json!(start));
    }

    pub(crate) fn remark(&mut self, line: &str) {
        self.write("remark", json!({"message": line}));
    }

    pub(crate) fn action(&mut self, line: &str) {
        self.write("action", json!({"message": line}));
    }

    pub(crate) fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Started { stage, total } => {
                self.write("stage", json!({"stage": stage, "items": total}));
            }
            Event::Item { key, outcome, counts, bytes } => {
                let item =
                    json!({"path": key, "outcome": outcome, "bytes": bytes.0, "counts": counts});
                self.write("item", item);
            }
            _ => {}
        }
    }

    pub(crate) fn finished(&mut self, report: &Report) {
        let end = json!({
            "ok": report.ok,
            "cancelled": report.cancelled,
            "counts": report.counts,
            "resources": report.resources,
        });
        self.write("finished", end);
    }

    pub(crate) fn error(&mut self, problem: &Problem) {
        let error = json!({"kind": problem.kind, "message": problem.message, "hint": problem.hint});
        self.write("error", json!({"ok": false, "error": error}));
    }

    fn write(&mut self, name: &str, fields: Value) {
        let Some(out) = &mut self.out else { return };
        let mut line = json!({"schema": 1, "event": name, "run": self.run});
        if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
            line.extend(fields.into_iter().filter(|(key, _)| key != "run"));
        }
        let text = format!("{line}\n");
        // Nobody reads any more, or the disk is full: the run itself matters more.
        if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
            self.out = None;
        }
    }
}
