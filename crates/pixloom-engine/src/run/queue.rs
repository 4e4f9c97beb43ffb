//! Queues between the threads of a run.
use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often a waiting feeder looks whether it should stop.
const POLL: Duration = Duration::from_millis(25);
/// How many items wait for a worker at most.
const CAPACITY: usize = 1024;
/// The largest chunk that is chosen by itself.
const AUTO_CHUNK: usize = 32;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Items on their way to the workers. A worker takes a chunk into a slot of its own; those with
/// nothing to do take from the slots of others, so no item waits behind a slow one.
#[derive(Debug)]
pub(super) struct WorkQueue<T> {
    shared: Mutex<Shared<T>>,
    work_came: Condvar,
    room_came: Condvar,
    slots: Vec<Mutex<VecDeque<T>>>,
    chunk: Option<NonZeroUsize>,
}

#[derive(Debug)]
struct Shared<T> {
    ready: VecDeque<T>,
    closed: bool,
    sleepers: usize,
    feeder_waits: bool,
}

impl<T> WorkQueue<T> {
    pub(super) fn new(workers: NonZeroUsize, chunk: Option<NonZeroUsize>) -> Self {
        let shared =
            Shared { ready: VecDeque::new(), closed: false, sleepers: 0, feeder_waits: false };
        Self {
            shared: Mutex::new(shared),
            work_came: Condvar::new(),
            room_came: Condvar::new(),
            slots: (0..workers.get()).map(|_| Mutex::default()).collect(),
            chunk,
        }
    }

    /// Adds an item, waiting for room. `false` once `stopped` says so.
    pub(super) fn push(&self, item: T, stopped: &dyn Fn() -> bool) -> bool {
        let mut shared = lock(&self.shared);
        // Room is reported when half of it is free, so that nobody is woken for each item.
        if shared.ready.len() >= CAPACITY {
            shared.feeder_waits = true;
            while shared.feeder_waits {
                if stopped() {
                    return false;
                }
                let waited = self.room_came.wait_timeout(shared, POLL);
                shared = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
        }
        shared.ready.push_back(item);
        let asleep = shared.sleepers > 0;
        drop(shared);
        if asleep {
            self.work_came.notify_one();
        }
        true
    }

    /// No more items will come.
    pub(super) fn close(&self) {
        lock(&self.shared).closed = true;
        self.work_came.notify_all();
    }

    /// The next item for this worker, without waiting.
    pub(super) fn pop(&self, worker: usize) -> Option<T> {
        if let Some(item) = lock(&self.slots[worker]).pop_front() {
            return Some(item);
        }
        self.take_chunk(worker).or_else(|| self.steal(worker))
    }

    fn take_chunk(&self, worker: usize) -> Option<T> {
        let mut shared = lock(&self.shared);
        let first = shared.ready.pop_front()?;
        let auto = (shared.ready.len() / (2 * self.slots.len())).min(AUTO_CHUNK);
        let more = self.chunk.map_or(auto, |chunk| chunk.get() - 1).min(shared.ready.len());
        if more > 0 {
            // The slot is filled under the lock of the queue: whoever goes to sleep sees it.
            lock(&self.slots[worker]).extend(shared.ready.drain(..more));
        }
        let room = shared.feeder_waits && shared.ready.len() <= CAPACITY / 2;
        if room {
            shared.feeder_waits = false;
        }
        let asleep = more > 0 && shared.sleepers > 0;
        drop(shared);
        if room {
            self.room_came.notify_one();
        }
        if asleep {
            self.work_came.notify_one();
        }
        Some(first)
    }

    fn steal(&self, worker: usize) -> Option<T> {
        let others = self.slots.len();
        (1..others).find_map(|step| lock(&self.slots[(worker + step) % others]).pop_front())
    }

    /// Waits until there may be an item; `false` when there will be none any more.
    pub(super) fn wait(&self) -> bool {
        let mut shared = lock(&self.shared);
        loop {
            let ready = !shared.ready.is_empty();
            if ready || self.slots.iter().any(|slot| !lock(slot).is_empty()) {
                return true;
            }
            if shared.closed {
                return false;
            }
            shared.sleepers += 1;
            shared = self.work_came.wait(shared).unwrap_or_else(PoisonError::into_inner);
            shared.sleepers -= 1;
        }
    }
}

/// A bounded queue that many push to and many pop from.
#[derive(Debug)]
pub(super) struct Bounded<T> {
    state: Mutex<(VecDeque<T>, bool)>,
    changed: Condvar,
    room: Condvar,
    capacity: usize,
}

impl<T> Bounded<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let state = Mutex::new((VecDeque::new(), false));
        Self { state, changed: Condvar::new(), room: Condvar::new(), capacity }
    }

    /// Adds an item if there is room; gives it back if not. Dropped if the queue is closed.
    pub(super) fn try_push(&self, item: T) -> Result<(), T> {
        let mut state = lock(&self.state);
        if state.1 {
            return Ok(());
        }
        if state.0.len() >= self.capacity {
            return Err(item);
        }
        state.0.push_back(item);
        drop(state);
        self.changed.notify_one();
        Ok(())
    }

    /// Waits until there may be room.
    pub(super) fn wait_for_room(&self) {
        let full = |state: &mut (VecDeque<T>, bool)| !state.1 && state.0.len() >= self.capacity;
        drop(self.room.wait_while(lock(&self.state), full));
    }

    /// The next item; `None` when the queue is closed and empty.
    pub(super) fn pop(&self) -> Option<T> {
        let nothing = |state: &mut (VecDeque<T>, bool)| !state.1 && state.0.is_empty();
        let waited = self.changed.wait_while(lock(&self.state), nothing);
        let item = waited.unwrap_or_else(PoisonError::into_inner).0.pop_front();
        self.room.notify_one();
        item
    }

    /// What is in the queue can still be taken, nothing more can be added.
    pub(super) fn close(&self) {
        lock(&self.state).1 = true;
        self.changed.notify_all();
        self.room.notify_all();
    }
}

/// Finished items on their way to the collector, who takes all at once. Its length is bounded
/// by the item slots of the budget.
#[derive(Debug)]
pub(super) struct Arrivals<T> {
    state: Mutex<Arrived<T>>,
    came: Condvar,
}

#[derive(Debug)]
struct Arrived<T> {
    items: Vec<T>,
    closed: bool,
    waits: bool,
}

impl<T> Arrivals<T> {
    pub(super) fn new() -> Self {
        let state = Arrived { items: Vec::new(), closed: false, waits: false };
        Self { state: Mutex::new(state), came: Condvar::new() }
    }

    pub(super) fn push(&self, item: T) {
        let mut state = lock(&self.state);
        state.items.push(item);
        let waits = std::mem::take(&mut state.waits);
        drop(state);
        if waits {
            self.came.notify_one();
        }
    }

    pub(super) fn close(&self) {
        lock(&self.state).closed = true;
        self.came.notify_all();
    }

    /// Waits for items and takes all of them into `batch`, which is empty; `false` at the end.
    pub(super) fn take(&self, batch: &mut Vec<T>) -> bool {
        let mut state = lock(&self.state);
        while state.items.is_empty() && !state.closed {
            state.waits = true;
            state = self.came.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut state.items, batch);
        !batch.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STOP: fn() -> bool = || true;

    fn queue(workers: usize, chunk: usize, items: u32) -> WorkQueue<u32> {
        let queue = WorkQueue::new(
            NonZeroUsize::new(workers).unwrap(),
            Some(NonZeroUsize::new(chunk).unwrap()),
        );
        assert!((0..items).all(|item| queue.push(item, &STOP)));
        queue
    }

    #[test]
    fn the_rest_of_a_chunk_is_left_to_others() {
        let queue = queue(2, 8, 10);
        assert_eq!(queue.pop(0), Some(0));
        // Worker 0 is held up by its first item; seven more are in its slot.
        let rest: Vec<u32> =
            std::iter::from_fn(|| queue.wait().then(|| queue.pop(1))?).take(9).collect();
        assert_eq!(rest, [8, 9, 1, 2, 3, 4, 5, 6, 7]);
        queue.close();
        assert!(!queue.wait() && queue.pop(1).is_none() && queue.pop(0).is_none());
    }

    #[test]
    fn a_full_queue_refuses_when_the_run_stops() {
        let queue = queue(1, 1, CAPACITY as u32);
        assert!(!queue.push(0, &STOP));
        assert_eq!(queue.pop(0), Some(0));
    }

    #[test]
    fn a_bounded_queue_gives_back_and_closes() {
        let queue = Bounded::new(2);
        assert_eq!(
            (queue.try_push(1), queue.try_push(2), queue.try_push(3)),
            (Ok(()), Ok(()), Err(3))
        );
        assert_eq!(queue.pop(), Some(1));
        queue.wait_for_room();
        queue.close();
        // What comes too late is dropped, what is in stays.
        assert_eq!((queue.try_push(4), queue.pop(), queue.pop()), (Ok(()), Some(2), None));
    }

    #[test]
    fn arrivals_come_all_at_once() {
        let arrivals = Arrivals::new();
        (0..3).for_each(|item| arrivals.push(item));
        let mut batch = Vec::new();
        assert!(arrivals.take(&mut batch));
        assert_eq!(batch, [0, 1, 2]);
        batch.clear();
        arrivals.close();
        assert!(!arrivals.take(&mut batch));
    }
}
