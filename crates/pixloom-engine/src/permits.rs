//! Permission to use a processor core: never more threads at work than workers asked for.
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A counting semaphore that also measures how long its permits were held.
#[derive(Debug)]
pub(crate) struct Permits {
    free: Mutex<usize>,
    returned: Condvar,
    busy_nanos: AtomicU64,
}

/// The right to compute; given back on drop.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    permits: &'a Permits,
    since: Instant,
}

impl Permits {
    pub(crate) fn new(count: usize) -> Self {
        let (free, returned) = (Mutex::new(count), Condvar::new());
        Self { free, returned, busy_nanos: AtomicU64::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a permit. Holders finish their part and give it back, so this always ends.
    pub(crate) fn acquire(&self) -> Permit<'_> {
        let free = self.lock();
        let free = self.returned.wait_while(free, |free| *free == 0);
        *free.unwrap_or_else(PoisonError::into_inner) -= 1;
        Permit { permits: self, since: Instant::now() }
    }

    /// A permit if one is free.
    pub(crate) fn try_acquire(&self) -> Option<Permit<'_>> {
        let mut free = self.lock();
        *free = free.checked_sub(1)?;
        Some(Permit { permits: self, since: Instant::now() })
    }

    /// The sum of the times that permits were held, in nanoseconds.
    pub(crate) fn busy_nanos(&self) -> u64 {
        self.busy_nanos.load(Ordering::Relaxed)
    }
}

impl Permit<'_> {
    /// When it was acquired.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let nanos = self.since.elapsed().as_nanos() as u64;
        self.permits.busy_nanos.fetch_add(nanos, Ordering::Relaxed);
        *self.permits.lock() += 1;
        self.permits.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hands_out_no_more_than_there_are() {
        let permits = Permits::new(2);
        let first = permits.try_acquire().unwrap();
        let _second = permits.acquire();
        assert!(permits.try_acquire().is_none());
        drop(first);
        assert!(permits.try_acquire().is_some());
    }
}
