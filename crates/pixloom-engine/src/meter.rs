//! What a run used, measured.
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::{Bytes, Counts, Engine, Seed};

/// Measures from its start on.
#[derive(Debug, Clone, Copy)]
pub struct Meter {
    started: Instant,
    cpu: Duration,
}

/// What a run used.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Resources {
    /// Time on the clock, in seconds.
    pub wall_secs: f64,
    /// Processor time of the whole process, in seconds.
    pub cpu_secs: f64,
    /// The most memory that the process had at any time since it was started.
    pub peak_rss_bytes: u64,
    /// The most of the memory budget that was reserved at any time.
    pub peak_reserved_bytes: u64,
    /// Compute threads.
    pub workers: usize,
    /// The share of the time that workers were at work, 0–1: busy time ÷ (wall time × workers).
    pub utilisation: f64,
    /// Bytes of the files written.
    pub output_bytes: u64,
}

/// What is kept of a run, apart from its results.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Unique name.
    pub run_id: String,
    /// Version of the program.
    pub version: String,
    /// What was done, such as `transform`.
    pub job: String,
    /// With which settings.
    pub settings: serde_json::Value,
    /// The seed.
    pub seed: Seed,
    /// Whether the run came to its end.
    pub complete: bool,
    /// How many items ended in which way.
    pub counts: Counts,
    /// What it used.
    pub resources: Resources,
}

impl Meter {
    /// Starts measuring.
    pub fn start() -> Self {
        Self { started: Instant::now(), cpu: cpu_time() }
    }

    /// Time since the start.
    pub fn wall(&self) -> Duration {
        self.started.elapsed()
    }

    /// What was used since the start. Busy time and bytes are those of `engine` and its
    /// clones, so start the meter together with the engine.
    pub fn read(&self, engine: &Engine) -> Resources {
        let wall = self.wall().as_secs_f64();
        let workers = engine.workers().get();
        let capacity = wall * workers as f64;
        let busy = engine.usage().busy().as_secs_f64();
        Resources {
            wall_secs: wall,
            cpu_secs: cpu_time().saturating_sub(self.cpu).as_secs_f64(),
            peak_rss_bytes: peak_rss().0,
            peak_reserved_bytes: engine.usage().peak_reserved().0,
            workers,
            utilisation: if capacity > 0.0 { (busy / capacity).min(1.0) } else { 0.0 },
            output_bytes: engine.usage().output_bytes().0,
        }
    }
}

/// Processor time of the process so far.
fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// The most memory the process has had, as the system counts it; 0 where it does not say.
pub fn peak_rss() -> Bytes {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    // Some sandboxes have no peak; the present size is the next best.
    let field = |name| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    Bytes(field("VmHWM:").or_else(|| field("VmRSS:")).unwrap_or(0) * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::num::NonZeroUsize;

    #[test]
    fn measures_this_process() {
        let meter = Meter::start();
        let engine = Engine::new(NonZeroUsize::MIN, Bytes::MIB);
        let mut number = 1_u64;
        while meter.wall() < Duration::from_millis(20) {
            number = std::hint::black_box(number.wrapping_mul(3));
        }
        let used = meter.read(&engine);
        assert!(used.wall_secs >= 0.02 && used.cpu_secs > 0.0);
        assert!(used.peak_rss_bytes > 100_000 && used.utilisation == 0.0);
    }
}
