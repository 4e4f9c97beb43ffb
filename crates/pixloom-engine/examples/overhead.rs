//! Prints what the engine costs per item: an empty stage, a million items.
#![expect(clippy::print_stdout, reason = "the figures are what the example is for")]
use pixloom_engine::{
    BoxError, Bytes, Delivery, Engine, Fingerprint, FnSink, ItemCx, ItemError, ItemKey, IterSource,
    Journal, Meter, SourceItem, Stage,
};
use std::num::NonZeroUsize;
use std::sync::Arc;

const ITEMS: u64 = 1_000_000;

struct Empty;

impl Stage for Empty {
    type In = u64;
    type Out = u64;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "empty"
    }

    fn scratch(&self) {}

    fn cost(&self, _input: &u64) -> Bytes {
        Bytes(64)
    }

    fn fingerprint(&self, input: &u64) -> Option<Fingerprint> {
        Some(Fingerprint::of(&input.to_le_bytes()))
    }

    fn run(&self, input: u64, _scratch: &mut (), _cx: &ItemCx<'_>) -> Result<u64, ItemError> {
        Ok(input)
    }
}

fn once(label: &str, engine: &Engine) -> Result<(), BoxError> {
    let items = (0..ITEMS).map(|index| SourceItem::new(ItemKey::from_index(index), index));
    let mut sum = 0;
    let mut sink = FnSink::new(|delivery: Delivery<u64>| {
        sum += delivery.outcome.record().copied().unwrap_or(0);
        Ok(())
    });
    let meter = Meter::start();
    let counts = engine.run(&mut IterSource::new(items), &Empty, &mut sink)?;
    let used = meter.read(engine);
    let per_item = |secs: f64| (secs * 1e9 / counts.total() as f64).round();
    println!(
        "{label}: {} ns/item, {} ns/item of processor time, peak {}",
        per_item(used.wall_secs),
        per_item(used.cpu_secs),
        Bytes(used.peak_rss_bytes),
    );
    Ok(())
}

fn main() -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    for workers in [1, 2] {
        let count = NonZeroUsize::new(workers).unwrap_or(NonZeroUsize::MIN);
        let engine = Engine::new(count, Bytes::MIB);
        once(&format!("{workers} workers"), &engine)?;
        let path = folder.path().join(format!("{workers}.jsonl"));
        let journalled = engine.clone().with_journal(Arc::new(Journal::open(&path, false)?));
        once(&format!("{workers} workers, journal"), &journalled)?;
        drop(journalled);
        let resumed = engine.with_journal(Arc::new(Journal::open(&path, true)?));
        once(&format!("{workers} workers, resumed"), &resumed)?;
    }
    Ok(())
}
