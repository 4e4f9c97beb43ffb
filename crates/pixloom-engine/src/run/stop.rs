//! Ending a run early without leaving anyone waiting.
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::{Cancel, RunError};

/// Whether the run should end, and why.
#[derive(Debug)]
pub(super) struct Stop<'r> {
    cancel: &'r Cancel,
    stopped: AtomicBool,
    aborted: AtomicBool,
    error: Mutex<Option<RunError>>,
}

impl<'r> Stop<'r> {
    pub(super) fn new(cancel: &'r Cancel) -> Self {
        let (stopped, aborted) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { cancel, stopped, aborted, error: Mutex::new(None) }
    }

    /// Ends the run; the first error is the one that is reported. If results cannot be kept
    /// any more, running items are asked to give up, too.
    pub(super) fn fail(&self, error: RunError) {
        let pointless = matches!(error, RunError::Output(_) | RunError::Journal(_));
        self.error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.stopped.store(true, Ordering::SeqCst);
        if pointless {
            self.aborted.store(true, Ordering::SeqCst);
        }
    }

    /// Whether nothing new should start.
    pub(super) fn is_set(&self) -> bool {
        self.stopped.load(Ordering::SeqCst) || self.cancel.is_draining()
    }

    /// Whether running items should give up.
    pub(super) fn is_aborting(&self) -> bool {
        self.aborted.load(Ordering::SeqCst) || self.cancel.is_aborting()
    }

    /// For items, together with the run's [`Cancel`].
    pub(super) fn abort_flag(&self) -> &AtomicBool {
        &self.aborted
    }

    pub(super) fn take_error(&self) -> Option<RunError> {
        self.error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Held by each thread of a group: when the last one leaves, by whatever way, the group's
/// queue is closed, so that those behind it can leave too.
pub(super) struct Leaving<'a> {
    left: &'a AtomicUsize,
    last: &'a (dyn Fn() + Sync),
    stop: &'a Stop<'a>,
}

impl<'a> Leaving<'a> {
    pub(super) fn new(
        left: &'a AtomicUsize,
        last: &'a (dyn Fn() + Sync),
        stop: &'a Stop<'a>,
    ) -> Self {
        Self { left, last, stop }
    }
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.stop.fail(RunError::Threads("a worker thread panicked".into()));
        }
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            (self.last)();
        }
    }
}
