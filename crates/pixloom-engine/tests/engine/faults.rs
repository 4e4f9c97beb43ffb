//! A fault at every point, at the first, a middle and the last item, for 1, 2 and 8 workers:
//! the run ends, the sink has an exact prefix, no half file is left, and a resumed run gives
//! what an undisturbed one would have given.
use std::sync::Mutex;

use pixloom_engine::{
    Cancel, Counts, Delivery, Engine, ErrorKind, FnSink, ItemError, ItemKey, OnError, RunError,
    Source, SourceItem,
};

use crate::support::{Mixed, Place, Record, deliveries, numbers, text, within};

const ITEMS: u64 = 61;
const PLACES: [u64; 3] = [0, 30, ITEMS - 1];

/// Runs with a fault at the item of this number; returns what the sink got, and the end.
type Disturbed = fn(&Engine, u64) -> (Vec<String>, Result<Counts, RunError>);

/// Does something before it yields item number `at`.
struct Trap<F> {
    next: u64,
    at: u64,
    spring: F,
}

impl<F: FnMut() -> Result<Option<ItemError>, RunError> + Send> Source for Trap<F> {
    type Value = u64;

    fn next(&mut self) -> Result<Option<SourceItem<u64>>, RunError> {
        let (number, key) = (self.next, ItemKey::from_index(self.next));
        self.next += 1;
        if number == self.at
            && let Some(error) = (self.spring)()?
        {
            return Ok(Some(SourceItem::failed(key, error)));
        }
        Ok((number < ITEMS).then(|| SourceItem::new(key, number)))
    }
}

fn clean() -> (Vec<String>, std::collections::BTreeMap<std::path::PathBuf, Vec<u8>>) {
    let place = Place::new();
    let run = |engine: Engine| deliveries(&engine, &mut numbers(0..ITEMS), &Mixed::new(true)).0;
    (run(place.engine(1, false)), place.files())
}

/// Runs `disturbed` everywhere. It returns the deliveries and the result; `ends` says whether
/// the run should have ended with that error.
fn everywhere(disturbed: Disturbed, ends: fn(&RunError) -> bool) {
    within(240, move || {
        let (expected, files) = clean();
        for workers in [1, 2, 8] {
            for at in PLACES {
                let place = Place::new();
                let (got, result) = disturbed(&place.engine(workers, false), at);
                let error = result.expect_err("the fault was ignored");
                assert!(ends(&error), "{workers} {at} {error:?}");
                assert!(got.len() <= expected.len());
                assert_eq!(got, expected[..got.len()], "{workers} {at}");
                assert!(place.files().iter().all(|(path, bytes)| files.get(path) == Some(bytes)));

                let engine = place.engine(workers, true);
                let (again, counts) =
                    deliveries(&engine, &mut numbers(0..ITEMS), &Mixed::new(true));
                drop(engine);
                assert_eq!(again, expected, "resumed {workers} {at}");
                assert!(counts.unwrap().resumed >= prefix_done(&got));
                assert_eq!(place.files(), files);
            }
        }
    });
}

/// How many of these items a resumed run may take from the journal, skipped ones apart.
fn prefix_done(got: &[String]) -> u64 {
    got.iter().filter(|line| line.contains(" done ")).count() as u64
}

fn trapped(
    engine: &Engine,
    at: u64,
    trap: impl FnMut() -> Result<Option<ItemError>, RunError> + Send,
) -> (Vec<String>, Result<Counts, RunError>) {
    deliveries(engine, &mut Trap { next: 0, at, spring: trap }, &Mixed::new(true))
}

fn with_sink(
    engine: &Engine,
    mut accept: impl FnMut(usize) -> Result<(), RunError>,
) -> (Vec<String>, Result<Counts, RunError>) {
    let mut got = Vec::new();
    let mut sink = FnSink::new(|delivery: Delivery<Record>| {
        accept(got.len())?;
        got.push(text(&delivery));
        Ok(())
    });
    let result = engine.run(&mut numbers(0..ITEMS), &Mixed::new(true), &mut sink);
    (got, result)
}

#[test]
fn source_error() {
    everywhere(
        |engine, at| trapped(engine, at, || Err(RunError::Source("unplugged".into()))),
        |error| matches!(error, RunError::Source(_)),
    );
}

#[test]
fn source_panic() {
    everywhere(
        |engine, at| trapped(engine, at, || panic!("source")),
        |error| matches!(error, RunError::Source(_)),
    );
}

#[test]
fn sink_error() {
    everywhere(
        |engine, at| {
            let (got, result) = with_sink(engine, |number| match number as u64 {
                number if number == at => Err(RunError::Sink("full".into())),
                _ => Ok(()),
            });
            assert_eq!(got.len() as u64, at);
            (got, result)
        },
        |error| matches!(error, RunError::Sink(_)),
    );
}

#[test]
fn sink_panic() {
    everywhere(
        |engine, at| {
            with_sink(engine, |number| {
                assert!(number as u64 != at, "sink");
                Ok(())
            })
        },
        |error| matches!(error, RunError::Sink(_)),
    );
}

/// The folder for temporary files vanishes while an item is worked on.
#[test]
fn output_gone() {
    everywhere(
        |engine, at| {
            let tmp = engine.output().unwrap().root().join(".pixloom");
            let stage = Mixed::new(true).with_hook(move |number, cx| {
                if number == at {
                    // Other items add files while they are being removed.
                    while tmp.exists() {
                        let _ = std::fs::remove_dir_all(&tmp);
                    }
                    cx.pending_file()?;
                }
                Ok(())
            });
            deliveries(engine, &mut numbers(0..ITEMS), &stage)
        },
        |error| matches!(error, RunError::Output(_)),
    );
}

#[test]
fn cancel_drains() {
    everywhere(
        |engine, at| {
            let cancel = engine.cancel().clone();
            let trap = move || {
                cancel.request();
                Ok(None)
            };
            let (got, result) = trapped(engine, at, trap);
            assert!(got.len() as u64 <= at);
            (got, result)
        },
        |error| matches!(error, RunError::Cancelled),
    );
}

#[test]
fn cancel_aborts_running_items() {
    everywhere(
        |engine, at| {
            let cancel: Cancel = engine.cancel().clone();
            let stage = Mixed::new(true).with_hook(move |number, cx| {
                if number == at {
                    cancel.request();
                    cancel.request();
                    loop {
                        cx.check()?;
                    }
                }
                Ok(())
            });
            let (got, result) = deliveries(engine, &mut numbers(0..ITEMS), &stage);
            assert!(got.len() as u64 <= at);
            (got, result)
        },
        |error| matches!(error, RunError::Cancelled),
    );
}

#[test]
fn too_many_failures_end_the_run_at_the_same_item() {
    everywhere(
        |engine, _at| {
            let engine = engine.clone().with_on_error(OnError::StopAfter(2));
            let (got, result) = deliveries(&engine, &mut numbers(0..ITEMS), &Mixed::new(true));
            // 3, 7 and 16 fail.
            assert_eq!(got.len(), 17);
            (got, result)
        },
        |error| matches!(error, RunError::TooManyFailures { failed: 3, allowed: 2 }),
    );
}

/// Faults that fail one item and leave the others alone.
fn one_item(disturbed: Disturbed, code: &'static str) {
    within(240, move || {
        let (expected, files) = clean();
        for workers in [1, 2, 8] {
            for at in PLACES {
                let place = Place::new();
                let (got, counts) = disturbed(&place.engine(workers, false), at);
                assert_eq!(counts.unwrap().total(), ITEMS);
                for (number, (got, expected)) in got.iter().zip(&expected).enumerate() {
                    if number as u64 == at {
                        assert!(got.contains(&format!("\"code\":\"{code}\"")), "{got}");
                    } else {
                        assert_eq!(got, expected, "{workers} {at}");
                    }
                }
                let intact = |(path, bytes): (&std::path::PathBuf, &Vec<u8>)| {
                    files.get(path) == Some(bytes) || path.ends_with("taken/x")
                };
                assert!(place.files().iter().all(intact));
            }
        }
    });
}

#[test]
fn source_yields_a_failed_item() {
    one_item(
        |engine, at| {
            let error = || ItemError::new(ErrorKind::Io, "it vanished").with_code("vanished");
            trapped(engine, at, move || Ok(Some(error())))
        },
        "vanished",
    );
}

#[test]
fn stage_error() {
    one_item(
        |engine, at| {
            let stage = Mixed::new(true).with_hook(move |number, _| {
                let error = || ItemError::new(ErrorKind::Unsupported, "no").with_code("odd");
                if number == at { Err(error()) } else { Ok(()) }
            });
            deliveries(engine, &mut numbers(0..ITEMS), &stage)
        },
        "odd",
    );
}

#[test]
fn stage_panic() {
    one_item(
        |engine, at| {
            let stage = Mixed::new(true).with_hook(move |number, _| {
                assert!(number != at, "stage");
                Ok(())
            });
            deliveries(engine, &mut numbers(0..ITEMS), &stage)
        },
        "panic",
    );
}

#[test]
fn product_target_is_a_folder() {
    one_item(
        |engine, at| {
            let root = engine.output().unwrap().root();
            let stage = Mixed::new(true).with_hook(move |number, cx| {
                if number == at {
                    cx.add_product(pixloom_engine::Product::bytes("x", "taken", vec![1]));
                    // Whatever else the item would do, it should come to writing.
                    return Ok(());
                }
                Ok(())
            });
            std::fs::create_dir_all(root.join("taken/x")).unwrap();
            deliveries(engine, &mut numbers(0..ITEMS), &stage)
        },
        "target-is-a-folder",
    );
}

#[test]
fn time_limit() {
    one_item(
        |engine, at| {
            let engine = engine.clone().with_timeout(std::time::Duration::from_millis(400));
            let stage = Mixed::new(true).with_hook(move |number, cx| {
                if number != at {
                    return Ok(());
                }
                loop {
                    cx.check()?;
                }
            });
            deliveries(&engine, &mut numbers(0..ITEMS), &stage)
        },
        "timeout",
    );
}

#[test]
fn oversize_items_never_reach_the_stage() {
    within(60, || {
        for workers in [1, 8] {
            let seen = std::sync::Arc::new(Mutex::new(Vec::new()));
            let sees = std::sync::Arc::clone(&seen);
            let stage = Mixed::new(false).with_hook(move |number, _| {
                sees.lock().unwrap().push(number);
                Ok(())
            });
            let engine = crate::support::engine(workers, 10);
            let (got, counts) = deliveries(&engine, &mut numbers(0..40), &stage);
            assert!(seen.lock().unwrap().iter().all(|number| number % 20 < 10));
            assert_eq!(got.iter().filter(|line| line.contains("\"code\":\"limit\"")).count(), 20);
            assert!(got[10].contains("needs 11 B of memory, more than the budget of 10 B"));
            assert!(got[10].contains("--max-memory") && counts.unwrap().failed > 20);
        }
    });
}

/// Whatever everyone is waiting for at that moment.
#[test]
fn cancel_at_any_moment() {
    within(240, || {
        let (expected, _) =
            deliveries(&crate::support::engine(1, 20), &mut numbers(0..400), &Mixed::new(false));
        let mut rng = pixloom_engine::Seed::root(9).rng();
        let mut cut = 0;
        for round in 0..150 {
            let engine = crate::support::engine([1, 2, 8][round % 3], [20, 1000][round % 2]);
            let (cancel, micros) = (engine.cancel().clone(), rng.range_u64(4000));
            let twice = rng.chance(0.5);
            let canceller = std::thread::Builder::new().spawn(move || {
                std::thread::sleep(std::time::Duration::from_micros(micros));
                cancel.request();
                if twice {
                    cancel.request();
                }
            });
            let (got, result) = deliveries(&engine, &mut numbers(0..400), &Mixed::new(false));
            canceller.unwrap().join().unwrap();
            assert_eq!(got, expected[..got.len()]);
            let complete = got.len() == expected.len();
            cut += u64::from(!complete);
            assert!(if complete { result.is_ok() } else { result.is_err() }, "{result:?}");
        }
        assert!(cut > 0, "every run was over before it was cancelled");
    });
}
