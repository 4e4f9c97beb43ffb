//! Asking a run to stop.
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// A request to stop, shared by everyone who takes part; clones are the same request.
///
/// The first [`request`](Cancel::request) drains: items being worked on are finished, no new
/// ones start. The second aborts: [`ItemCx::check`](crate::ItemCx::check) fails inside items.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    level: Arc<AtomicU8>,
}

/// The run was asked to stop. Finished items are kept; the run can be resumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

const DRAIN: u8 = 1;
const ABORT: u8 = 2;

impl Cancel {
    /// A request nobody has made yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks to stop: the first time gently, from the second time on at once.
    pub fn request(&self) {
        if self.level.compare_exchange(0, DRAIN, Ordering::SeqCst, Ordering::SeqCst).is_err() {
            self.level.store(ABORT, Ordering::SeqCst);
        }
    }

    /// Whether nothing new should start.
    pub fn is_draining(&self) -> bool {
        self.level.load(Ordering::SeqCst) >= DRAIN
    }

    /// Whether running items should give up too.
    pub fn is_aborting(&self) -> bool {
        self.level.load(Ordering::SeqCst) >= ABORT
    }

    /// Fails once a stop was requested; for loops outside of items, such as a global step.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_draining() { Err(Cancelled) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_drains_second_aborts() {
        let cancel = Cancel::new();
        let other = cancel.clone();
        assert_eq!(cancel.check(), Ok(()));
        other.request();
        assert!(cancel.is_draining() && !cancel.is_aborting());
        assert_eq!(cancel.check(), Err(Cancelled));
        other.request();
        other.request();
        assert!(cancel.is_draining() && cancel.is_aborting());
    }
}
