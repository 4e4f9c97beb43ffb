//! The same results for all numbers of workers, budgets, chunk sizes and shards.
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pixloom_engine::{Counts, ItemCx, ItemKey, Seed, Shard};

use crate::support::{Mixed, Place, deliveries, engine, numbers, within};

const ITEMS: u64 = 300;

#[test]
fn workers_budgets_and_chunks_do_not_show() {
    within(120, || {
        let stage = Mixed::new(false);
        let (expected, counts) = deliveries(&engine(1, 20), &mut numbers(0..ITEMS), &stage);
        let counts = counts.unwrap();
        assert_eq!(expected.len() as u64, ITEMS);
        assert!(counts.failed > 40 && counts.skipped > 20 && counts.done > 200, "{counts:?}");
        for workers in [1, 2, 3, 8, 16] {
            for budget in [20, 57, 1_000_000] {
                for chunk in [None, Some(0), Some(1), Some(7), Some(1000)] {
                    let engine = engine(workers, budget).with_chunk_size(chunk);
                    let got = deliveries(&engine, &mut numbers(0..ITEMS), &stage);
                    assert_eq!(got.0, expected, "{workers} {budget} {chunk:?}");
                    assert_eq!(got.1.unwrap(), counts);
                }
            }
        }
    });
}

#[test]
fn files_are_the_same_too() {
    within(120, || {
        let mut first = None;
        for workers in [1, 2, 8] {
            let place = Place::new();
            let run = |engine| deliveries(&engine, &mut numbers(0..ITEMS), &Mixed::new(true));
            let (got, counts) = run(place.engine(workers, false));
            let files = place.files();
            assert!(files.len() > 100 && files.keys().all(|path| !path.starts_with(".pixloom")));
            let total: usize = files.values().map(Vec::len).sum();
            assert_eq!(counts.as_ref().unwrap().output_bytes, total as u64);
            let all = (got, counts.unwrap(), files);
            assert_eq!(first.get_or_insert_with(|| all.clone()), &all, "{workers}");
        }
    });
}

#[test]
fn shards_together_are_the_whole() {
    within(60, || {
        let stage = Mixed::new(false);
        let whole = deliveries(&engine(2, 100), &mut numbers(0..ITEMS), &stage);
        let mut parts = Vec::new();
        let mut counts = Counts::default();
        for index in 1..=3 {
            let mut source = Shard::new(index, 3).unwrap().select(numbers(0..ITEMS));
            let (got, part) = deliveries(&engine(2, 100), &mut source, &stage);
            parts.extend(got);
            counts = counts.plus(&part.unwrap());
        }
        parts.sort_by_key(|line| line.split(' ').next().unwrap().parse::<u64>().unwrap());
        assert_eq!((parts, counts), (whole.0, whole.1.unwrap()));
    });
}

#[test]
fn fan_out_uses_no_more_than_the_workers_and_may_be_nested() {
    within(60, || {
        for workers in [1, 2, 8] {
            let busy = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
            let seen = Arc::clone(&busy);
            let stage = Mixed::new(false).with_hook(move |number, cx| {
                let work = |part: usize| {
                    let now = busy.0.fetch_add(1, Ordering::SeqCst) + 1;
                    busy.1.fetch_max(now, Ordering::SeqCst);
                    let sum: u64 = (0..2000).fold(part as u64, |sum, i| sum ^ (sum << 1) ^ i);
                    busy.0.fetch_sub(1, Ordering::SeqCst);
                    sum
                };
                let sums = cx.fan_out(6, &|| (), &|outer, ()| {
                    cx.fan_out(outer, &|| (), &|inner, ()| work(inner)).iter().sum::<u64>()
                });
                let alone = ItemCx::standalone(ItemKey::new("k"), Seed::root(0));
                let expected: Vec<u64> = (0..6)
                    .map(|outer| (0..outer).map(work).fold(0_u64, u64::wrapping_add))
                    .collect();
                assert_eq!(sums, expected, "{number}");
                assert_eq!(alone.fan_out(3, &|| (), &|part, ()| part), [0, 1, 2]);
                Ok(())
            });
            let (got, counts) = deliveries(&engine(workers, 100), &mut numbers(0..60), &stage);
            assert_eq!(got.len(), 60);
            assert!(counts.unwrap().done > 40);
            assert!(seen.1.load(Ordering::SeqCst) <= workers, "{workers}");
        }
    });
}

#[test]
fn a_panic_in_a_part_fails_the_item_with_the_first_part() {
    within(60, || {
        for workers in [1, 8] {
            let stage = Mixed::new(false).with_hook(|number, cx| {
                cx.for_each_part(20, &|part| assert!(part < 9 || number != 2, "part {part}"));
                Ok(())
            });
            let (got, _) = deliveries(&engine(workers, 100), &mut numbers(0..20), &stage);
            assert!(got[2].contains("\"code\":\"panic\""), "{}", got[2]);
            assert!(got[2].contains("internal error: part 9\""), "{}", got[2]);
            assert!(got[1].contains("done"));
        }
    });
}

#[test]
fn text_of_a_delivery_tells_items_apart() {
    // The comparison the other tests rest on.
    within(30, || {
        let (a, _) = deliveries(&engine(1, 100), &mut numbers(0..30), &Mixed::new(false));
        let (b, _) = deliveries(
            &engine(1, 100).with_seed(Seed::root(12)),
            &mut numbers(0..30),
            &Mixed::new(false),
        );
        assert!(a[0] != b[0] && a[3] == b[3]);
    });
}
