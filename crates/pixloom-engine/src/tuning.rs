//! How many workers and how much memory, and why.
use std::num::NonZeroUsize;

use serde::Serialize;

use crate::{Bytes, Engine, Machine};

/// What the user asked for; `None`: choose.
#[derive(Debug, Clone, Copy, Default)]
pub struct Requested {
    /// Compute threads.
    pub workers: Option<NonZeroUsize>,
    /// Threads that write.
    pub io_workers: Option<NonZeroUsize>,
    /// Memory budget.
    pub memory: Option<Bytes>,
}

/// The choice, with the reason of each number in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Tuning {
    /// Compute threads.
    pub workers: NonZeroUsize,
    /// Such as `2 workers: 2 cores allowed by affinity`.
    pub workers_reason: String,
    /// Threads that write.
    pub io_workers: NonZeroUsize,
    /// Such as `2 I/O workers: writing overlaps with computing`.
    pub io_workers_reason: String,
    /// Memory budget.
    pub memory: Bytes,
    /// Such as `1.2 GB memory: half of the 2.4 GB available`.
    pub memory_reason: String,
}

impl Tuning {
    /// Takes what was asked for and fits the rest to the machine: one worker per usable core,
    /// 2 to 4 I/O workers, half of the memory that is available within the limits.
    pub fn choose(machine: &Machine, requested: &Requested) -> Self {
        let (workers, workers_why) = workers(machine, requested.workers);
        let (io_workers, io_why) = io_workers(workers, requested.io_workers);
        let (memory, memory_why) = memory(machine, requested.memory);
        Self {
            workers_reason: format!("{}: {workers_why}", counted(workers, "worker")),
            io_workers_reason: format!("{}: {io_why}", counted(io_workers, "I/O worker")),
            memory_reason: format!("{memory} memory: {memory_why}"),
            workers,
            io_workers,
            memory,
        }
    }

    /// An engine of this size.
    pub fn engine(&self) -> Engine {
        Engine::new(self.workers, self.memory).with_io_workers(self.io_workers)
    }
}

const AS_REQUESTED: &str = "as requested";

fn counted(number: NonZeroUsize, what: &str) -> String {
    let plural = if number.get() == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

fn workers(machine: &Machine, requested: Option<NonZeroUsize>) -> (NonZeroUsize, String) {
    if let Some(workers) = requested {
        return (workers, AS_REQUESTED.to_owned());
    }
    let cores = NonZeroUsize::new(machine.usable_cores()).unwrap_or(NonZeroUsize::MIN);
    let cores_text = counted(cores, "core");
    let reason = match machine.quota_cores {
        Some(quota) if quota < machine.online_cores.min(machine.affinity_cores) as f64 => {
            format!("the container may use {quota:.1} cores")
        }
        _ if machine.affinity_cores < machine.online_cores => {
            format!("{cores_text} allowed by affinity")
        }
        _ => format!("{cores_text} online"),
    };
    (cores, reason)
}

fn io_workers(workers: NonZeroUsize, requested: Option<NonZeroUsize>) -> (NonZeroUsize, String) {
    if let Some(io_workers) = requested {
        return (io_workers, AS_REQUESTED.to_owned());
    }
    let chosen = NonZeroUsize::new((workers.get() / 2).clamp(2, 4)).unwrap_or(NonZeroUsize::MIN);
    (chosen, "writing overlaps with computing".to_owned())
}

fn memory(machine: &Machine, requested: Option<Bytes>) -> (Bytes, String) {
    if let Some(memory) = requested {
        return (memory, AS_REQUESTED.to_owned());
    }
    let available = machine.memory_available;
    match machine.memory_limit {
        Some(limit) if limit < available => {
            (Bytes(limit.0 / 2), format!("half of the {limit} that the container may use"))
        }
        _ => (Bytes(available.0 / 2), format!("half of the {available} available")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MachineClass;

    fn machine() -> Machine {
        Machine {
            online_cores: 8,
            affinity_cores: 8,
            quota_cores: None,
            memory_total: Bytes(16_000_000_000),
            memory_available: Bytes(8_000_000_000),
            memory_limit: None,
            gpus: vec![],
            class: MachineClass::MidRange,
        }
    }

    #[test]
    fn follows_the_machine_and_says_why() {
        let all = Tuning::choose(&machine(), &Requested::default());
        assert_eq!((all.workers.get(), all.io_workers.get()), (8, 4));
        assert_eq!(all.workers_reason, "8 workers: 8 cores online");
        assert_eq!(all.memory_reason, "4.0 GB memory: half of the 8.0 GB available");
        let pinned = Machine { affinity_cores: 2, ..machine() };
        let pinned = Tuning::choose(&pinned, &Requested::default());
        assert_eq!(pinned.workers_reason, "2 workers: 2 cores allowed by affinity");
        let limit = Some(Bytes(1_000_000_000));
        let boxed = Machine { quota_cores: Some(1.5), memory_limit: limit, ..machine() };
        let boxed = Tuning::choose(&boxed, &Requested::default());
        assert_eq!(boxed.workers_reason, "1 worker: the container may use 1.5 cores");
        assert_eq!(boxed.memory, Bytes(500_000_000));
    }

    #[test]
    fn requests_win() {
        let requested = Requested {
            workers: NonZeroUsize::new(3),
            io_workers: NonZeroUsize::new(1),
            memory: Some(Bytes(5)),
        };
        let tuning = Tuning::choose(&machine(), &requested);
        assert_eq!((tuning.workers.get(), tuning.io_workers.get()), (3, 1));
        assert_eq!(tuning.memory_reason, "5 B memory: as requested");
    }
}
