//! How work inside one picture is split, without this crate knowing about threads.
use crate::{ImageError, ImageErrorKind};

/// Runs the parts of one picture's work, in any order and possibly at the same time.
///
/// The number and bounds of the parts are chosen from the picture alone, never from the
/// number of workers, so that the split never shows in the result.
pub trait Exec: Sync {
    /// Calls `part(i)` once for each `i` in `0..parts` and returns when all are done.
    fn for_each(&self, parts: usize, part: &(dyn Fn(usize) + Sync));

    /// Whether the work should stop: a deadline has passed or the run was cancelled.
    /// Long loops ask between rows or tiles and then return an error of their choice.
    fn is_stopped(&self) -> bool {
        false
    }

    /// An error of kind `Io` if the work should stop.
    fn check_stop(&self) -> Result<(), ImageError> {
        if self.is_stopped() {
            return Err(ImageError::new(ImageErrorKind::Io, "stopped"));
        }
        Ok(())
    }
}

/// Runs all parts on the calling thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct Serial;

impl Exec for Serial {
    fn for_each(&self, parts: usize, part: &(dyn Fn(usize) + Sync)) {
        (0..parts).for_each(part);
    }
}
