//! A stage that does everything a stage can do, and ways to run and compare it.
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use pixloom_engine::{
    Bytes, Counts, Delivery, Durability, Engine, ErrorKind, Fingerprint, FnSink, ItemCx, ItemError,
    ItemKey, IterSource, Journal, Outcome, Output, Product, RunError, SourceItem, Stage,
};
use serde::{Deserialize, Serialize};

pub(crate) const SEED: u64 = 11;

/// Runs the test on a thread of its own and fails it if it takes too long.
pub(crate) fn within<T: Send + 'static>(
    seconds: u64,
    body: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (sender, receiver) = sync_channel(1);
    let watched = move || {
        // The receiver is gone only if the test has failed already.
        let _ = sender.send(catch_unwind(AssertUnwindSafe(body)));
    };
    std::thread::Builder::new().spawn(watched).unwrap();
    let result = receiver.recv_timeout(Duration::from_secs(seconds)).expect("the run hangs");
    result.unwrap_or_else(|panic| resume_unwind(panic))
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) number: u64,
    pub(crate) drawn: f64,
    pub(crate) parts: Vec<u64>,
}

type Hook = Box<dyn Fn(u64, &ItemCx<'_>) -> Result<(), ItemError> + Send + Sync>;

/// Fails, skips, panics, notes, fans out and writes files, depending on the number.
pub(crate) struct Mixed {
    pub(crate) hook: Hook,
    pub(crate) version: u64,
    pub(crate) files: bool,
}

impl Mixed {
    pub(crate) fn new(files: bool) -> Self {
        Self { hook: Box::new(|_, _| Ok(())), version: 1, files }
    }

    pub(crate) fn with_hook(
        mut self,
        hook: impl Fn(u64, &ItemCx<'_>) -> Result<(), ItemError> + Send + Sync + 'static,
    ) -> Self {
        self.hook = Box::new(hook);
        self
    }

    fn add_files(&self, number: u64, cx: &ItemCx<'_>) -> Result<(), ItemError> {
        let mut rng = cx.seed.child("files").rng();
        let content: Vec<u8> = (0..=number % 50).map(|_| rng.next_u32() as u8).collect();
        if number.is_multiple_of(6) {
            let mut file = cx.pending_file()?;
            for _ in 0..3000 {
                std::io::Write::write_all(&mut file, &content)?;
            }
            cx.add_product(Product::file("rows", format!("rows/{number}.bin"), file));
        }
        let folder = format!("v{}/{}", self.version, number % 7);
        cx.add_product(Product::bytes("small", format!("{folder}/{number}.bin"), content));
        Ok(())
    }
}

impl Stage for Mixed {
    type In = u64;
    type Out = Record;
    type Scratch = Vec<u64>;

    fn name(&self) -> &'static str {
        "mixed"
    }

    fn scratch(&self) -> Vec<u64> {
        Vec::new()
    }

    fn cost(&self, number: &u64) -> Bytes {
        Bytes(number % 20 + 1)
    }

    fn fingerprint(&self, number: &u64) -> Option<Fingerprint> {
        let builder = Fingerprint::builder("mixed").field("number", number.to_le_bytes());
        Some(builder.field("version", self.version.to_le_bytes()).finish())
    }

    fn run(
        &self,
        number: u64,
        scratch: &mut Vec<u64>,
        cx: &ItemCx<'_>,
    ) -> Result<Record, ItemError> {
        scratch.push(number);
        cx.add_input_bytes(number);
        if number.is_multiple_of(4) {
            cx.note("fourth", format!("{number} is a multiple of four"));
        }
        (self.hook)(number, cx)?;
        if self.files && number.is_multiple_of(3) {
            self.add_files(number, cx)?;
        }
        match number % 13 {
            3 => Err(ItemError::new(ErrorKind::BadInput, "ends early").with_code("truncated")),
            5 => Err(ItemError::skip("nothing to do")),
            7 => panic!("number {number}"),
            _ => {
                let parts = cx.fan_out((number % 5) as usize, &|| (), &|part, ()| {
                    cx.note("part", format!("{part}"));
                    cx.seed.child_index(part as u64).value()
                });
                Ok(Record { number, drawn: cx.seed.rng().normal(), parts })
            }
        }
    }
}

pub(crate) fn count(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

pub(crate) fn engine(workers: usize, memory: u64) -> Engine {
    Engine::new(count(workers), Bytes(memory)).with_seed(pixloom_engine::Seed::root(SEED))
}

pub(crate) fn numbers(
    range: std::ops::Range<u64>,
) -> IterSource<impl Iterator<Item = SourceItem<u64>> + Send> {
    IterSource::new(range.map(|number| SourceItem::new(ItemKey::from_index(number), number)))
}

/// A delivery as text; a resumed one reads the same as one just done.
pub(crate) fn text(delivery: &Delivery<Record>) -> String {
    let json = |value: serde_json::Result<String>| value.unwrap();
    let outcome = match &delivery.outcome {
        Outcome::Done(record) | Outcome::Resumed(record) => {
            format!("done {}", json(serde_json::to_string(record)))
        }
        Outcome::Skipped(reason) => format!("skipped {reason}"),
        Outcome::Failed(error) => format!("failed {}", json(serde_json::to_string(error))),
    };
    let products = json(serde_json::to_string(&delivery.products));
    let notes = json(serde_json::to_string(&delivery.notes));
    let Delivery { index, key, input_bytes, .. } = delivery;
    format!("{index} {key} {outcome} {products} {notes} {input_bytes}")
}

/// Runs and returns what the sink got, whatever the end.
pub(crate) fn deliveries(
    engine: &Engine,
    source: &mut dyn pixloom_engine::Source<Value = u64>,
    stage: &Mixed,
) -> (Vec<String>, Result<Counts, RunError>) {
    let mut got = Vec::new();
    let mut sink = FnSink::new(|delivery: Delivery<Record>| {
        got.push(text(&delivery));
        Ok(())
    });
    let result = engine.run(source, stage, &mut sink);
    (got, result)
}

/// An output folder with a journal beside it.
pub(crate) struct Place {
    folder: PathBuf,
    _removed_on_drop: Option<tempfile::TempDir>,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder: folder.path().to_owned(), _removed_on_drop: Some(folder) }
    }

    /// One that belongs to somebody else.
    pub(crate) fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), _removed_on_drop: None }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.join("out")
    }

    pub(crate) fn journal_path(&self) -> PathBuf {
        self.folder.join("journal.jsonl")
    }

    pub(crate) fn output(&self) -> Arc<Output> {
        let record_dir = self.root().join(".pixloom");
        Output::open_with(&self.root(), &record_dir, Durability::None).unwrap()
    }

    pub(crate) fn journal(&self, resume: bool) -> Arc<Journal> {
        Arc::new(Journal::open(&self.journal_path(), resume).unwrap())
    }

    pub(crate) fn engine(&self, workers: usize, resume: bool) -> Engine {
        engine(workers, 100).with_output(self.output()).with_journal(self.journal(resume))
    }

    /// All files with their content. Call it when no engine is left.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        gather(&self.root(), &self.root(), &mut files);
        files
    }
}

fn gather(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, files);
        } else {
            let content = std::fs::read(&path).unwrap();
            files.insert(path.strip_prefix(root).unwrap().to_owned(), content);
        }
    }
}
