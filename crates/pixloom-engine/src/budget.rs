//! How many bytes and how many items may be in flight at once.
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::Bytes;

/// How often a waiting feeder looks whether it should stop.
const POLL: Duration = Duration::from_millis(25);

/// A shared allowance of bytes and item slots.
///
/// Only the feeding thread reserves, in source order, and a [`Reservation`] only shrinks: the
/// earliest unfinished item always holds all it needs, so the pipeline cannot deadlock.
#[derive(Debug, Clone)]
pub struct Budget {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limit: u64,
    slots: usize,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    used: u64,
    items: usize,
    peak: u64,
    /// What the feeder waits for, so that others wake it only when it fits.
    wanted: Option<u64>,
}

/// A part of a [`Budget`]; dropping it gives bytes and slot back.
#[derive(Debug)]
pub struct Reservation {
    shared: Arc<Shared>,
    held: u64,
}

impl Budget {
    /// A budget of `limit` bytes and `slots` items (at least one).
    pub fn new(limit: Bytes, slots: usize) -> Self {
        let state = Mutex::new(State::default());
        let shared = Shared { limit: limit.0, slots: slots.max(1), state, freed: Condvar::new() };
        Self { shared: Arc::new(shared) }
    }

    /// Whether an item of this cost can ever run.
    pub fn can_hold(&self, cost: Bytes) -> bool {
        cost.0 <= self.shared.limit
    }

    /// Waits until `cost` fits, or returns `None` once `stopped` says so. A cost above the
    /// whole budget is held at the budget; ask [`Budget::can_hold`] first.
    pub fn reserve(&self, cost: Bytes, stopped: &dyn Fn() -> bool) -> Option<Reservation> {
        let cost = cost.0.min(self.shared.limit);
        let mut state = self.shared.lock();
        while !self.shared.fits(&state, cost) {
            if stopped() {
                state.wanted = None;
                return None;
            }
            state.wanted = Some(cost);
            let waited = self.shared.freed.wait_timeout(state, POLL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.wanted = None;
        state.used += cost;
        state.items += 1;
        state.peak = state.peak.max(state.used);
        Some(Reservation { shared: Arc::clone(&self.shared), held: cost })
    }

    /// The most bytes that were reserved at any time.
    pub fn peak(&self) -> Bytes {
        Bytes(self.shared.lock().peak)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fits(&self, state: &State, cost: u64) -> bool {
        state.items < self.slots && self.limit - state.used >= cost
    }

    fn give_back(&self, bytes: u64, items: usize) {
        let mut state = self.lock();
        state.used -= bytes;
        state.items -= items;
        if state.wanted.is_some_and(|cost| self.fits(&state, cost)) {
            state.wanted = None;
            drop(state);
            self.freed.notify_one();
        }
    }
}

impl Reservation {
    /// Gives back all but `bytes`; never grows.
    pub fn shrink_to(&mut self, bytes: Bytes) {
        if bytes.0 < self.held {
            self.shared.give_back(self.held - bytes.0, 0);
            self.held = bytes.0;
        }
    }

    /// The bytes held now.
    pub fn held(&self) -> Bytes {
        Bytes(self.held)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.shared.give_back(self.held, 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GO: fn() -> bool = || false;
    const STOP: fn() -> bool = || true;

    #[test]
    fn bytes_come_back_on_shrink_and_drop() {
        let budget = Budget::new(Bytes(10), 8);
        let mut first = budget.reserve(Bytes(8), &GO).unwrap();
        assert!(budget.reserve(Bytes(3), &STOP).is_none());
        first.shrink_to(Bytes(7));
        first.shrink_to(Bytes(9));
        assert_eq!(first.held(), Bytes(7));
        let second = budget.reserve(Bytes(3), &STOP).unwrap();
        drop((first, second));
        assert!(budget.reserve(Bytes(10), &STOP).is_some());
        assert_eq!(budget.peak(), Bytes(10));
    }

    #[test]
    fn slots_bound_free_items_too() {
        let budget = Budget::new(Bytes(0), 2);
        let held = [budget.reserve(Bytes(0), &STOP), budget.reserve(Bytes(0), &STOP)];
        assert!(held.iter().all(Option::is_some));
        assert!(budget.reserve(Bytes(0), &STOP).is_none());
        drop(held);
        assert!(budget.reserve(Bytes(0), &STOP).is_some());
    }

    #[test]
    fn knows_what_can_never_fit() {
        let budget = Budget::new(Bytes(10), 1);
        assert!(budget.can_hold(Bytes(10)));
        assert!(!budget.can_hold(Bytes(11)));
    }
}
