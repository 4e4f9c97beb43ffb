//! Takes the items one by one and hands them to every report that was asked for.
use std::io::{self, Write};

use pixloom_engine::{Delivery, Outcome};
use serde_json::{Value, json};

use super::csv;
use super::facts::{Facts, Trouble};
use super::html::Page;
use super::summary::Summary;

/// What the run gathers.
pub(super) struct Gathered<'a> {
    csv: Option<&'a mut dyn Write>,
    written: io::Result<()>,
    wants_items: bool,
    finished: Finished,
}

/// What was gathered.
pub(super) struct Finished {
    pub(super) summary: Summary,
    pub(super) items: Vec<Value>,
    /// What the page shows beyond the summary.
    pub(super) page: Option<Page>,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(
        mut csv: Option<&'a mut dyn Write>,
        (wants_items, wants_page): (bool, bool),
    ) -> Self {
        let written = csv.as_mut().map_or(Ok(()), |csv| csv::header(csv));
        let page = wants_page.then(Page::default);
        let finished = Finished { summary: Summary::new(), items: Vec::new(), page };
        Self { csv, written, wants_items, finished }
    }

    /// Takes one item, in the order of the listing.
    pub(super) fn take(&mut self, delivery: &Delivery<Facts>) {
        let path = delivery.key.as_str();
        match &delivery.outcome {
            Outcome::Done(facts) | Outcome::Resumed(facts) => self.picture(path, facts),
            Outcome::Failed(error) => self.failure(Trouble::new(path, error)),
            Outcome::Skipped(_) => {}
        }
    }

    fn picture(&mut self, path: &str, facts: &Facts) {
        self.finished.summary.add(path, facts);
        if let Some(page) = &mut self.finished.page {
            page.add(path, facts);
        }
        self.write(|csv| csv::row(csv, path, facts));
        if self.wants_items
            && let Ok(Value::Object(more)) = serde_json::to_value(facts)
        {
            let mut item = json!({"path": path, "ok": true});
            if let Value::Object(item) = &mut item {
                item.extend(more);
            }
            self.finished.items.push(item);
        }
    }

    fn failure(&mut self, trouble: Trouble) {
        self.write(|csv| csv::failed_row(csv, &trouble));
        if self.wants_items {
            let Trouble { path, kind, message, hint } = &trouble;
            let finding = json!({"kind": kind, "message": message, "hint": hint});
            self.finished.items.push(json!({"path": path, "ok": false, "findings": [finding]}));
        }
        self.finished.summary.fail(trouble);
    }

    /// After the first error nothing more is written; it is reported at the end.
    fn write(&mut self, line: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if let (Some(csv), Ok(())) = (&mut self.csv, &self.written) {
            self.written = line(csv);
        }
    }

    /// What was gathered.
    ///
    /// # Errors
    /// The table could not be written.
    pub(super) fn finish(self) -> io::Result<Finished> {
        self.written.map(|()| self.finished)
    }
}
