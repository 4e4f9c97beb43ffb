//! The engine as a whole: same results however it runs, and no fault ever hangs it.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests fail by panicking")]

mod determinism;
mod faults;
mod flow;
mod resume;
mod seeds;
mod support;
