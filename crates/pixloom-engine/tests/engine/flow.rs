//! Order, back-pressure and the memory budget while a run goes on.
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use pixloom_engine::{
    Bytes, Counts, Delivery, Engine, Event, Fingerprint, FnSink, ItemCx, ItemError, ItemKey,
    IterSource, Meter, Progress, RunError, SourceItem, Stage,
};

use crate::support::{count, engine, numbers, within};

/// A stage made of a closure and a fixed cost.
struct Plain<F> {
    cost: fn(u64) -> u64,
    body: F,
}

impl<F: Fn(u64, &ItemCx<'_>) -> Result<u64, ItemError> + Sync> Stage for Plain<F> {
    type In = u64;
    type Out = u64;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "plain"
    }

    fn scratch(&self) {}

    fn cost(&self, number: &u64) -> Bytes {
        Bytes((self.cost)(*number))
    }

    fn fingerprint(&self, _number: &u64) -> Option<Fingerprint> {
        None
    }

    fn run(&self, number: u64, _scratch: &mut (), cx: &ItemCx<'_>) -> Result<u64, ItemError> {
        (self.body)(number, cx)
    }
}

fn all(engine: &Engine, items: u64, stage: &impl Stage<In = u64, Out = u64>) -> Vec<u64> {
    let mut got = Vec::new();
    let mut sink = FnSink::new(|delivery: Delivery<u64>| {
        got.extend(delivery.outcome.record());
        Ok(())
    });
    engine.run(&mut numbers(0..items), stage, &mut sink).unwrap();
    got
}

/// The first item ends only after all others have.
fn slow_head(workers: usize, items: u64, chunk: Option<usize>) {
    let finished = (Mutex::new(0), Condvar::new());
    let body = |number, _: &ItemCx<'_>| {
        let mut others = finished.0.lock().unwrap();
        if number == 0 {
            drop(finished.1.wait_while(others, |others| *others + 1 < items).unwrap());
        } else {
            *others += 1;
            finished.1.notify_all();
        }
        Ok(number)
    };
    let stage = Plain { cost: |number| if number == 0 { 900 } else { 9 }, body };
    let got = all(&engine(workers, 1_000_000).with_chunk_size(chunk), items, &stage);
    assert_eq!(got, (0..items).collect::<Vec<_>>());
}

#[test]
fn a_slow_head_stalls_nobody() {
    within(120, || {
        for workers in [2, 8] {
            for chunk in [None, Some(1), Some(64)] {
                slow_head(workers, 3000, chunk);
            }
        }
        slow_head(2, 65_537, None);
    });
}

#[test]
fn the_budget_is_never_exceeded() {
    within(60, || {
        for (workers, budget) in [(1, 20), (2, 25), (8, 60)] {
            let (now, most) = (AtomicU64::new(0), AtomicU64::new(0));
            let cost = |number: u64| number % 20 + 1;
            let body = |number, _: &ItemCx<'_>| {
                let held = now.fetch_add(cost(number), Ordering::SeqCst) + cost(number);
                most.fetch_max(held, Ordering::SeqCst);
                std::thread::yield_now();
                now.fetch_sub(cost(number), Ordering::SeqCst);
                Ok(number)
            };
            let engine = engine(workers, budget);
            assert_eq!(all(&engine, 2000, &Plain { cost, body }).len(), 2000);
            assert!(most.load(Ordering::SeqCst) <= budget);
            let peak = engine.usage().peak_reserved().0;
            assert!((20..=budget).contains(&peak), "{peak}");
        }
    });
}

/// How far the source is ahead of the sink at most.
fn lead(engine: &Engine, items: u64, cost: fn(u64) -> u64) -> u64 {
    let yielded = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&yielded);
    let mut source = IterSource::new((0..items).map(move |number| {
        counting.fetch_add(1, Ordering::SeqCst);
        SourceItem::new(ItemKey::from_index(number), number)
    }));
    let (mut taken, mut most) = (0, 0);
    let mut sink = FnSink::new(|_: Delivery<u64>| {
        if taken % 64 == 0 {
            std::thread::sleep(std::time::Duration::from_micros(300));
        }
        most = most.max(yielded.load(Ordering::SeqCst) - taken);
        taken += 1;
        Ok(())
    });
    let stage = Plain { cost, body: |number, _: &ItemCx<'_>| Ok(number) };
    engine.run(&mut source, &stage, &mut sink).unwrap();
    most
}

#[test]
fn a_slow_sink_holds_the_source_back() {
    within(120, || {
        // Records of up to 6 digits are held until the sink has them.
        let most = lead(&engine(2, 100), 5000, |_| 10);
        assert!(most <= 101, "{most}");
        let most = lead(&engine(2, 0), 100_000, |_| 0);
        assert!(most <= 65_536 + 1024 + 1, "{most}");
    });
}

#[test]
fn scratch_is_made_again_after_a_panic_and_never_shared() {
    struct Scratchy(AtomicU64);
    impl Stage for Scratchy {
        type In = u64;
        type Out = u64;
        // Not Send: it stays on its thread.
        type Scratch = std::rc::Rc<std::cell::Cell<bool>>;
        fn name(&self) -> &'static str {
            "scratchy"
        }
        fn scratch(&self) -> Self::Scratch {
            assert!(self.0.fetch_add(1, Ordering::SeqCst) != 2, "the third fails");
            std::rc::Rc::default()
        }
        fn cost(&self, _number: &u64) -> Bytes {
            Bytes(1)
        }
        fn fingerprint(&self, _number: &u64) -> Option<Fingerprint> {
            panic!("never asked without a journal")
        }
        fn run(
            &self,
            number: u64,
            scratch: &mut Self::Scratch,
            _cx: &ItemCx<'_>,
        ) -> Result<u64, ItemError> {
            assert!(!scratch.replace(true), "a scratch in an unknown state");
            assert!(number.is_multiple_of(2), "odd");
            scratch.set(false);
            Ok(number)
        }
    }
    within(60, || {
        let stage = Scratchy(AtomicU64::new(0));
        let got = all(&engine(1, 10), 20, &stage);
        // 1, 3, … panic; 4 meets the failing scratch.
        assert_eq!(got, [0, 2, 6, 8, 10, 12, 14, 16, 18]);
    });
}

#[test]
fn a_panicking_cost_fails_its_item() {
    within(60, || {
        let cost = |number: u64| {
            assert!(number != 3, "cost");
            1
        };
        let stage = Plain { cost, body: |number, _: &ItemCx<'_>| Ok(number) };
        assert_eq!(all(&engine(2, 10), 5, &stage), [0, 1, 2, 4]);
    });
}

/// Remembers the events as text.
#[derive(Default)]
struct Events(Mutex<Vec<String>>);

impl Progress for Events {
    fn event(&self, event: &Event<'_>) {
        let text = match event {
            Event::Started { stage, total } => format!("started {stage} {total:?}"),
            Event::Item { counts, .. } => format!("item {}", counts.total()),
            Event::Finished { counts } => format!("finished {}", counts.total()),
            _ => "unknown".to_owned(),
        };
        self.0.lock().unwrap().push(text);
    }
}

#[test]
fn progress_counts_every_item_once() {
    within(60, || {
        let events = Arc::new(Events::default());
        let progress: Arc<dyn Progress> = Arc::<Events>::clone(&events);
        let engine = engine(2, 100).with_progress(progress);
        let stage = Plain { cost: |_| 1, body: |number, _: &ItemCx<'_>| Ok(number) };
        all(&engine, 50, &stage);
        let events = events.0.lock().unwrap();
        assert_eq!(events[0], "started plain Some(50)");
        let items = (1..=50).map(|number| format!("item {number}"));
        assert!(items.eq(events[1..51].iter().cloned()));
        assert_eq!(events[51..], ["finished 50"]);
    });
}

#[test]
fn utilisation_is_measured() {
    within(60, || {
        let meter = Meter::start();
        let engine = Engine::new(count(2), Bytes(100));
        let body = |number, cx: &ItemCx<'_>| {
            cx.for_each_part(1, &|_| std::thread::sleep(std::time::Duration::from_millis(2)));
            Ok(number)
        };
        all(&engine, 20, &Plain { cost: |_| 1, body });
        let used = meter.read(&engine);
        assert!(engine.usage().busy().as_secs_f64() >= 0.04);
        assert!(used.utilisation > 0.0 && used.utilisation <= 1.0);
    });
}

#[test]
fn an_empty_source_is_fine() {
    within(30, || {
        let stage = Plain { cost: |_| 1, body: |number, _: &ItemCx<'_>| Ok(number) };
        let mut sink = FnSink::new(|_: Delivery<u64>| Err(RunError::Sink("unasked".into())));
        let counts = engine(3, 1).run(&mut numbers(0..0), &stage, &mut sink).unwrap();
        assert_eq!(counts, Counts::default());
    });
}
