//! Stopping at any byte and going on.
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use pixloom_engine::{
    Engine, Fingerprint, ItemKey, Journal, Outcome, RunError, Seed, Status, files::write_atomic,
};

use crate::support::{Mixed, Place, deliveries, engine, numbers, within};

const ITEMS: u64 = 60;

fn run(engine: &Engine, stage: &Mixed) -> (Vec<String>, pixloom_engine::Counts) {
    let (got, counts) = deliveries(engine, &mut numbers(0..ITEMS), stage);
    (got, counts.unwrap())
}

/// A stage that counts how often it is run.
fn counting() -> (Mixed, Arc<AtomicU64>) {
    let runs = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&runs);
    let stage = Mixed::new(true).with_hook(move |_, _| {
        counter.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    (stage, runs)
}

#[test]
fn a_finished_run_is_not_done_again() {
    within(60, || {
        let place = Place::new();
        let (first, counts) = run(&place.engine(2, false), &Mixed::new(true));
        let (stage, runs) = counting();
        let (again, resumed) = run(&place.engine(2, true), &stage);
        assert_eq!(again, first);
        assert_eq!((resumed.done, resumed.resumed), (0, counts.done));
        // Only failed ones are tried again; skipped ones are not.
        assert_eq!(runs.load(Ordering::SeqCst), counts.failed);
        assert_eq!((resumed.failed, resumed.skipped), (counts.failed, counts.skipped));
    });
}

#[test]
fn without_resume_everything_is_done_again() {
    within(60, || {
        let place = Place::new();
        let (first, counts) = run(&place.engine(2, false), &Mixed::new(true));
        assert_eq!(run(&place.engine(2, false), &Mixed::new(true)), (first, counts));
    });
}

#[test]
fn a_journal_torn_at_any_byte_and_lost_files_do_no_harm() {
    within(240, || {
        let place = Place::new();
        let (expected, _) = run(&place.engine(2, false), &Mixed::new(true));
        let (files, journal) = (place.files(), fs::read(place.journal_path()).unwrap());
        let mut rng = Seed::root(5).rng();
        let mut some_resumed = 0;
        for round in 0..60 {
            let length = if round == 0 { 0 } else { rng.range_u64(journal.len() as u64 + 1) };
            write_atomic(&place.journal_path(), &journal[..length as usize]).unwrap();
            for path in files.keys() {
                if rng.chance(0.1) {
                    fs::remove_file(place.root().join(path)).unwrap();
                }
            }
            let workers = [1, 2, 8][round % 3];
            let (got, counts) = run(&place.engine(workers, true), &Mixed::new(true));
            assert_eq!(got, expected, "cut at {length}");
            assert_eq!(place.files(), files, "cut at {length}");
            some_resumed += counts.resumed;
            // What the resumed run wrote has to be readable as well.
            let third = run(&place.engine(workers, true), &Mixed::new(true));
            assert_eq!((third.0, third.1.done), (expected.clone(), 0), "cut at {length}");
        }
        assert!(some_resumed > 500, "{some_resumed}");
    });
}

#[test]
fn other_settings_redo_and_remove_what_they_replace() {
    within(60, || {
        let place = Place::new();
        run(&place.engine(2, false), &Mixed::new(true));
        let before = place.files();
        write_atomic(&place.root().join("v1/6/6.bin"), b"edited by someone").unwrap();
        let changed = || Mixed { version: 2, ..Mixed::new(true) };
        let (got, counts) = run(&place.engine(2, true), &changed());
        assert_eq!(counts.resumed, 0);
        let fresh = Place::new();
        assert_eq!(got, run(&fresh.engine(2, false), &changed()).0);
        let mut expected = fresh.files();
        assert_ne!(before, expected);
        expected.insert("v1/6/6.bin".into(), b"edited by someone".to_vec());
        assert_eq!(place.files(), expected);
    });
}

#[test]
fn a_phase_counts_while_what_it_depends_on_is_the_same() {
    within(60, || {
        let place = Place::new();
        let resumed = |name, depends: &[u8]| {
            let engine = place.engine(2, true).phase(name, Fingerprint::of(depends));
            run(&engine, &Mixed::new(true)).1.resumed
        };
        assert_eq!(resumed("features", b"a"), 0);
        assert!(resumed("features", b"a") > 30);
        assert_eq!(resumed("act", b"a"), 0);
        assert!(resumed("act", b"a") > 30);
        assert_eq!(resumed("act", b"b"), 0);
        assert!(resumed("features", b"a") > 30);
    });
}

#[test]
fn vanished_inputs_can_be_cleaned_up() {
    within(60, || {
        let place = Place::new();
        run(&place.engine(2, false), &Mixed::new(true));
        let engine = place.engine(2, true);
        let stage = Mixed::new(true);
        let (got, counts) = deliveries(&engine, &mut numbers(0..20), &stage);
        counts.unwrap();
        let (journal, output) = (engine.journal().unwrap(), engine.output().unwrap());
        let gone = journal.unclaimed("main").unwrap();
        let keys: Vec<ItemKey> = gone.iter().map(|entry| entry.key.clone()).collect();
        assert_eq!(keys, (20..ITEMS).map(ItemKey::from_index).collect::<Vec<_>>());
        assert!(journal.unclaimed("other").unwrap().is_empty());
        let mut removed = 0;
        for entry in &gone {
            removed += journal.remove_entry(entry, output).unwrap();
        }
        assert!(removed > 10);
        drop(engine);
        let small = Place::new();
        assert_eq!(deliveries(&small.engine(1, false), &mut numbers(0..20), &stage).0, got);
        assert_eq!(place.files(), small.files());
        let journal = place.journal(true);
        assert!(journal.find("main", &ItemKey::from_index(30)).unwrap().is_none());
        let kept = journal.find("main", &ItemKey::from_index(1)).unwrap().unwrap();
        assert_eq!(kept.status, Status::Done);
        for number in 0..20 {
            journal.find("main", &ItemKey::from_index(number)).unwrap();
        }
        assert!(journal.unclaimed("main").unwrap().is_empty());
    });
}

/// A file of the right length but other content is found out if asked for, or if the machine
/// went down in between.
#[test]
fn contents_are_compared_when_there_is_doubt() {
    within(60, || {
        let place = Place::new();
        let (expected, _) = run(&place.engine(2, false), &Mixed::new(true));
        let files = place.files();
        let spoil = || {
            let path = place.root().join("rows/0.bin");
            let length = fs::metadata(&path).unwrap().len();
            write_atomic(&path, &vec![0; length as usize]).unwrap();
        };
        spoil();
        assert_eq!(run(&place.engine(1, true), &Mixed::new(true)).0, expected);
        assert_ne!(place.files(), files);
        let careful = Journal::open(&place.journal_path(), true).unwrap().with_verify(true);
        let verifying = engine(1, 100).with_output(place.output()).with_journal(careful.into());
        assert_eq!(run(&verifying, &Mixed::new(true)).1.done, 1);
        drop(verifying);
        assert_eq!(place.files(), files);

        spoil();
        let journal = fs::read_to_string(place.journal_path()).unwrap();
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
        let rebooted = journal.replace(boot.trim(), "another boot");
        assert_ne!(rebooted, journal);
        write_atomic(&place.journal_path(), rebooted.as_bytes()).unwrap();
        assert_eq!(run(&place.engine(1, true), &Mixed::new(true)).1.done, 1);
        assert_eq!(place.files(), files);
    });
}

#[test]
fn one_run_at_a_time() {
    let place = Place::new();
    let first = place.journal(true);
    let error = Journal::open(&place.journal_path(), true).unwrap_err();
    assert!(matches!(error, RunError::Journal(_)));
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "another run is active in this folder");
    drop(first);
    assert!(Journal::open(&place.journal_path(), true).is_ok());
}

#[test]
fn strange_files_are_not_journals() {
    let place = Place::new();
    for content in ["{\"pixloom_journal\":999}\n", "hello\n", "{}\n", "\n"] {
        write_atomic(&place.journal_path(), content.as_bytes()).unwrap();
        assert!(Journal::open(&place.journal_path(), true).is_err(), "{content}");
        assert_eq!(fs::read_to_string(place.journal_path()).unwrap(), content);
    }
    assert!(Journal::open(std::path::Path::new("/dev/full"), true).is_err());
}

#[test]
fn unreadable_lines_are_passed_over() {
    within(60, || {
        let place = Place::new();
        let (expected, counts) = run(&place.engine(2, false), &Mixed::new(true));
        let journal = fs::read_to_string(place.journal_path()).unwrap();
        let mut lines: Vec<String> = journal.lines().map(str::to_owned).collect();
        let damaged = lines.iter().position(|line| line.contains("\"status\":\"done\"")).unwrap();
        lines[damaged] = "\0\0\0\0".to_owned();
        write_atomic(&place.journal_path(), (lines.join("\n") + "\n").as_bytes()).unwrap();
        let (got, resumed) = run(&place.engine(2, true), &Mixed::new(true));
        assert_eq!((got, resumed.resumed), (expected, counts.done - 1));
    });
}

#[test]
fn resumed_items_say_so() {
    within(60, || {
        let place = Place::new();
        run(&place.engine(2, false), &Mixed::new(true));
        let mut kinds = Vec::new();
        let mut sink = pixloom_engine::FnSink::new(|delivery: pixloom_engine::Delivery<_>| {
            if let Outcome::Resumed(record) = &delivery.outcome {
                let record: &crate::support::Record = record;
                kinds.push(record.number);
            }
            Ok(())
        });
        let engine = place.engine(2, true);
        engine.run(&mut numbers(0..5), &Mixed::new(true), &mut sink).unwrap();
        assert_eq!(kinds, [0, 1, 2, 4]);
    });
}

/// Files that were synced before the machine went down are not read again.
#[test]
fn synced_files_are_beyond_doubt() {
    within(60, || {
        let place = Place::new();
        let output = || {
            let root = place.root();
            pixloom_engine::Output::open(&root, &root.join(".pixloom")).unwrap()
        };
        let engine =
            |resume| engine(2, 100).with_output(output()).with_journal(place.journal(resume));
        let (_, counts) = run(&engine(false), &Mixed::new(true));
        let journal = fs::read_to_string(place.journal_path()).unwrap();
        assert!(journal.lines().last().unwrap().starts_with("{\"synced\":"));
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap();
        let rebooted = journal.replace(boot.trim(), "another boot");
        write_atomic(&place.journal_path(), rebooted.as_bytes()).unwrap();
        let path = place.root().join("rows/0.bin");
        let length = fs::metadata(&path).unwrap().len();
        write_atomic(&path, &vec![0; length as usize]).unwrap();
        assert_eq!(run(&engine(true), &Mixed::new(true)).1.resumed, counts.done);
    });
}

const KILL_ROOT: &str = "PIXLOOM_TEST_KILL_ROOT";

fn slow() -> Mixed {
    Mixed::new(true).with_hook(|_, _| {
        std::thread::sleep(std::time::Duration::from_millis(1));
        Ok(())
    })
}

/// Not a test of its own: the process that `killed_at_any_time` kills.
#[test]
fn victim() {
    let Some(root) = std::env::var_os(KILL_ROOT) else { return };
    let place = Place::at(std::path::Path::new(&root));
    deliveries(&place.engine(2, true), &mut numbers(0..400), &slow()).1.unwrap();
}

#[test]
fn killed_at_any_time() {
    within(240, || {
        let clean = Place::new();
        let all = |place: &Place| {
            let (got, counts) = deliveries(&place.engine(2, true), &mut numbers(0..400), &slow());
            (got, counts.unwrap())
        };
        let (expected, _) = all(&clean);
        let place = Place::new();
        let mut rng = Seed::root(6).rng();
        for _ in 0..6 {
            let mut victim = std::process::Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "resume::victim"])
                .env(KILL_ROOT, place.folder())
                .stdout(std::process::Stdio::null())
                .stderr(std::process::Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(std::time::Duration::from_millis(20 + rng.range_u64(60)));
            victim.kill().unwrap();
            victim.wait().unwrap();
        }
        let (got, counts) = all(&place);
        assert_eq!(got, expected);
        assert!(counts.resumed > 0);
        // Nothing of the killed ones is left, not even temporary files.
        assert_eq!(place.files(), clean.files());
    });
}
