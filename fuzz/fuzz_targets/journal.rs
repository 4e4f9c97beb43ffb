#![no_main]
use pixloom_engine::{ItemKey, Journal};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("journal.jsonl");
    std::fs::write(&path, bytes).expect("a file in it");
    let Ok(journal) = Journal::open(&path, true) else { return };
    let _ = journal.find("main", &ItemKey::new("a"));
    let _ = journal.unclaimed("main");
});
