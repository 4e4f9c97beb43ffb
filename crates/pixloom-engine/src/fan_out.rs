//! Splitting one item over idle workers.
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, Scope};

use crate::permits::{Permit, Permits};

type Panic = Box<dyn Any + Send>;

/// The parts of one call: who takes which, and how to do one.
struct Parts<'a, T, S> {
    count: usize,
    next: AtomicUsize,
    panicked: AtomicBool,
    scratch: &'a (dyn Fn() -> S + Sync),
    work: &'a (dyn Fn(usize, &mut S) -> T + Sync),
}

/// What one thread did: its results with their numbers, and where it panicked.
struct Share<T> {
    results: Vec<(usize, T)>,
    panic: Option<(usize, Panic)>,
}

/// Runs `work` for `0..count` on the calling thread and on as many others as there are free
/// permits, now or later. Results by index. If parts panic, the panic of the first of them goes
/// on in the caller: parts are handed out in order and all that were started are finished, so
/// which one is first does not depend on the number of helpers.
pub(crate) fn fan_out<T: Send, S>(
    permits: Option<&Permits>,
    count: usize,
    scratch: &(dyn Fn() -> S + Sync),
    work: &(dyn Fn(usize, &mut S) -> T + Sync),
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let parts = Parts { count, next, panicked: AtomicBool::new(false), scratch, work };
    let shares = match permits {
        Some(permits) if count > 1 => with_helpers(&parts, permits),
        _ => vec![parts.share(|| ())],
    };
    merge(count, shares)
}

#[expect(clippy::disallowed_methods, reason = "the engine is where threads are made")]
fn with_helpers<T: Send, S>(parts: &Parts<'_, T, S>, permits: &Permits) -> Vec<Share<T>> {
    thread::scope(|scope| {
        let mut helpers = Vec::new();
        let own = parts.share(|| {
            while parts.left() > 1
                && let Some(permit) = permits.try_acquire()
                && let Some(helper) = start_helper(scope, parts, permit)
            {
                helpers.push(helper);
            }
        });
        let mut shares = vec![own];
        for helper in helpers {
            shares.push(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        shares
    })
}

/// A thread that takes parts while it holds the permit; none if the system refuses one.
fn start_helper<'scope, T: Send, S>(
    scope: &'scope Scope<'scope, '_>,
    parts: &'scope Parts<'_, T, S>,
    permit: Permit<'scope>,
) -> Option<thread::ScopedJoinHandle<'scope, Share<T>>> {
    let help = move || {
        let share = parts.share(|| ());
        drop(permit);
        share
    };
    thread::Builder::new().name("pixloom-help".into()).spawn_scoped(scope, help).ok()
}

impl<T, S> Parts<'_, T, S> {
    fn left(&self) -> usize {
        self.count.saturating_sub(self.next.load(Ordering::Relaxed))
    }

    /// Takes parts until none are left; `between` runs before each.
    fn share(&self, mut between: impl FnMut()) -> Share<T> {
        let mut share = Share { results: Vec::new(), panic: None };
        let mut scratch = None;
        while !self.panicked.load(Ordering::Relaxed) && self.left() > 0 {
            between();
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= self.count {
                break;
            }
            let part = || (self.work)(index, scratch.get_or_insert_with(self.scratch));
            match catch_unwind(AssertUnwindSafe(part)) {
                Ok(result) => share.results.push((index, result)),
                Err(panic) => {
                    self.panicked.store(true, Ordering::Relaxed);
                    share.panic = Some((index, panic));
                }
            }
        }
        share
    }
}

fn merge<T>(count: usize, shares: Vec<Share<T>>) -> Vec<T> {
    let mut all: Vec<(usize, T)> = Vec::with_capacity(count);
    let mut first: Option<(usize, Panic)> = None;
    for share in shares {
        all.extend(share.results);
        first = match (first, share.panic) {
            (Some(a), Some(b)) => Some(if a.0 < b.0 { a } else { b }),
            (a, b) => a.or(b),
        };
    }
    if let Some((_index, panic)) = first {
        resume_unwind(panic);
    }
    all.sort_unstable_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(permits: Option<&Permits>, count: usize) -> Vec<usize> {
        fan_out(permits, count, &|| (), &|index, ()| index * index)
    }

    #[test]
    fn results_are_by_index_for_any_number_of_helpers() {
        let expected: Vec<usize> = (0..100).map(|i| i * i).collect();
        assert_eq!(squares(None, 100), expected);
        for extra in [0, 1, 2, 7] {
            assert_eq!(squares(Some(&Permits::new(extra)), 100), expected);
        }
        assert!(squares(None, 0).is_empty());
    }

    #[test]
    fn the_first_panic_wins() {
        for extra in [0, 1, 7] {
            let permits = Permits::new(extra);
            let caught = catch_unwind(AssertUnwindSafe(|| {
                fan_out(Some(&permits), 50, &|| (), &|index, ()| {
                    assert!(index < 20, "part {index}");
                });
            }));
            let panic = caught.unwrap_err();
            assert_eq!(crate::error::panic_message(&*panic), "part 20");
            assert!(extra == 0 || permits.try_acquire().is_some());
        }
    }

    #[test]
    fn nested_calls_do_not_deadlock() {
        let permits = Permits::new(3);
        let sums = fan_out(Some(&permits), 6, &|| (), &|outer, ()| {
            squares(Some(&permits), outer + 1).iter().sum::<usize>()
        });
        assert_eq!(sums, [0, 1, 5, 14, 30, 55]);
    }
}
