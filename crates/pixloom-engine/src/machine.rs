//! What this machine has, and what of it this process may use.
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Bytes;

/// Processors, memory and graphics cards, as far as the system tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Machine {
    /// Logical processors that are switched on.
    pub online_cores: usize,
    /// Logical processors that this process may run on.
    pub affinity_cores: usize,
    /// The processor quota of the control group, in cores; containers set it.
    pub quota_cores: Option<f64>,
    /// All memory.
    pub memory_total: Bytes,
    /// Memory that can be had without swapping.
    pub memory_available: Bytes,
    /// The memory limit of the control group.
    pub memory_limit: Option<Bytes>,
    /// Names of the graphics cards whose driver is there.
    pub gpus: Vec<String>,
    /// The class, by cores that may be used.
    pub class: MachineClass,
}

/// Machines by the number of cores that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MachineClass {
    /// Up to 2.
    LowEnd,
    /// Up to 4.
    EntryLevel,
    /// Up to 8.
    MidRange,
    /// Up to 16.
    HighEnd,
    /// More than 16.
    Server,
}

impl MachineClass {
    /// The class of a machine with this many usable cores.
    pub const fn of(cores: usize) -> Self {
        match cores {
            0..=2 => Self::LowEnd,
            3..=4 => Self::EntryLevel,
            5..=8 => Self::MidRange,
            9..=16 => Self::HighEnd,
            _ => Self::Server,
        }
    }

    /// The kebab-case name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LowEnd => "low-end",
            Self::EntryLevel => "entry-level",
            Self::MidRange => "mid-range",
            Self::HighEnd => "high-end",
            Self::Server => "server",
        }
    }
}

impl Machine {
    /// Looks at this machine. What cannot be found out gets a cautious value.
    pub fn detect() -> Self {
        let fallback = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self::detect_below(Path::new("/"), affinity().unwrap_or(fallback))
    }

    /// The cores that this process may use: the least of online, affinity and quota, at least
    /// one. A quota of 2.5 cores counts as 2.
    pub fn usable_cores(&self) -> usize {
        let quota = self.quota_cores.map_or(usize::MAX, |cores| cores.floor() as usize);
        self.online_cores.min(self.affinity_cores).min(quota).max(1)
    }

    /// With the system's files below `root`, so that tests can bring their own.
    fn detect_below(root: &Path, affinity_cores: usize) -> Self {
        let read = |path: &str| fs::read_to_string(root.join(path)).unwrap_or_default();
        let online = count_cores(&read("sys/devices/system/cpu/online")).unwrap_or(affinity_cores);
        let meminfo = read("proc/meminfo");
        let groups = Groups::new(root, &read("proc/self/cgroup"));
        let memory_total = meminfo_field(&meminfo, "MemTotal").unwrap_or(Bytes(1 << 30));
        let mut machine = Self {
            online_cores: online,
            affinity_cores,
            quota_cores: groups.quota_cores(),
            memory_total,
            memory_available: meminfo_field(&meminfo, "MemAvailable").unwrap_or(memory_total),
            memory_limit: groups.memory_limit().filter(|limit| *limit < memory_total),
            gpus: gpus(root),
            class: MachineClass::LowEnd,
        };
        machine.class = MachineClass::of(machine.usable_cores());
        machine
    }
}

#[cfg(target_os = "linux")]
fn affinity() -> Option<usize> {
    let set = rustix::thread::sched_getaffinity(None).ok()?;
    Some(set.count() as usize).filter(|count| *count > 0)
}

#[cfg(not(target_os = "linux"))]
fn affinity() -> Option<usize> {
    None
}

/// Counts a kernel list such as `0-3,5`.
fn count_cores(list: &str) -> Option<usize> {
    let count_part = |part: &str| -> Option<usize> {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (first.parse::<usize>().ok()?, last.parse::<usize>().ok()?);
        last.checked_sub(first)?.checked_add(1)
    };
    let parts: Option<Vec<usize>> = list.trim().split(',').map(count_part).collect();
    parts.map(|parts| parts.iter().sum())
}

fn meminfo_field(meminfo: &str, name: &str) -> Option<Bytes> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kibibytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(Bytes(kibibytes.saturating_mul(1024)))
}

/// The control groups of this process: folders to look into, from its own up to the root.
struct Groups {
    unified: Vec<PathBuf>,
    cpu: Vec<PathBuf>,
    memory: Vec<PathBuf>,
}

impl Groups {
    /// `listing` is `/proc/self/cgroup`: lines `ID:CONTROLLERS:PATH`, with ID 0 and no
    /// controllers for version 2.
    fn new(root: &Path, listing: &str) -> Self {
        let mount = root.join("sys/fs/cgroup");
        let mut groups = Self { unified: vec![], cpu: vec![], memory: vec![] };
        for line in listing.lines() {
            let mut fields = line.splitn(3, ':').skip(1);
            let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
            if controllers.is_empty() {
                groups.unified.extend(up(&mount, path));
                groups.unified.extend(up(&mount.join("unified"), path));
            }
            for controller in controllers.split(',') {
                match controller {
                    "cpu" => groups.cpu.extend(up(&mount.join("cpu"), path)),
                    "memory" => groups.memory.extend(up(&mount.join("memory"), path)),
                    _ => {}
                }
            }
        }
        groups
    }

    /// The smallest quota on the way up, in cores.
    fn quota_cores(&self) -> Option<f64> {
        let second = self.unified.iter().filter_map(|folder| quota(&read(folder, "cpu.max")));
        let first = self.cpu.iter().filter_map(|folder| {
            let parts = [read(folder, "cpu.cfs_quota_us"), read(folder, "cpu.cfs_period_us")];
            quota(&parts.join(" "))
        });
        second.chain(first).min_by(f64::total_cmp)
    }

    /// The smallest memory limit on the way up.
    fn memory_limit(&self) -> Option<Bytes> {
        let second = self.unified.iter().map(|folder| read(folder, "memory.max"));
        let first = self.memory.iter().map(|folder| read(folder, "memory.limit_in_bytes"));
        second.chain(first).filter_map(|text| text.trim().parse().ok()).min().map(Bytes)
    }
}

/// The folder of a group below the mount and those of its parents.
fn up(mount: &Path, path: &str) -> Vec<PathBuf> {
    let relative = Path::new(path.trim_start_matches('/'));
    relative.ancestors().map(|ancestor| mount.join(ancestor)).collect()
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap_or_default()
}

/// `QUOTA PERIOD` in microseconds as cores; `max` or a negative quota is none.
fn quota(text: &str) -> Option<f64> {
    let mut fields = text.split_whitespace().map(str::parse::<f64>);
    let (quota, period) = (fields.next()?.ok()?, fields.next()?.ok()?);
    (quota > 0.0 && period > 0.0).then(|| quota / period)
}

fn gpus(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for folder in folders(&root.join("proc/driver/nvidia/gpus")) {
        let information = read(&folder, "information");
        let model = information.lines().find_map(|line| line.strip_prefix("Model:"));
        found.push(model.map_or("NVIDIA", str::trim).to_owned());
    }
    for folder in folders(&root.join("sys/class/drm")) {
        let device = folder.join("device");
        // Connectors such as `card0-HDMI-A-1` stand beside the cards.
        let connector = folder.file_name().is_none_or(|n| n.to_string_lossy().contains('-'));
        if !connector && read(&device, "vendor").trim() == "0x1002" {
            let name = read(&device, "product_name");
            found.push(if name.trim().is_empty() { "AMD" } else { name.trim() }.to_owned());
        }
    }
    found
}

/// What is in a folder, sorted; `renderD128` and the like stand for the card they belong to.
fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| {
        !path.file_name().is_some_and(|n| n.to_string_lossy().starts_with("render"))
    });
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::write_atomic;

    fn fake(files: &[(&str, &str)]) -> Machine {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            write_atomic(&root.path().join(path), text.as_bytes()).unwrap();
        }
        Machine::detect_below(root.path(), 6)
    }

    #[test]
    fn this_machine_has_something() {
        let machine = Machine::detect();
        assert!(machine.usable_cores() >= 1);
        assert!(machine.memory_total >= machine.memory_available);
    }

    #[test]
    fn version_two_groups_count_up_to_the_root() {
        let machine = fake(&[
            ("sys/devices/system/cpu/online", "0-7\n"),
            ("proc/meminfo", "MemTotal:  16000000 kB\nMemAvailable:   8000000 kB\n"),
            ("proc/self/cgroup", "0::/a/b\n"),
            ("sys/fs/cgroup/a/b/cpu.max", "max 100000\n"),
            ("sys/fs/cgroup/a/cpu.max", "250000 100000\n"),
            ("sys/fs/cgroup/a/b/memory.max", "4000000000\n"),
            ("sys/fs/cgroup/a/memory.max", "max\n"),
        ]);
        assert_eq!((machine.online_cores, machine.quota_cores), (8, Some(2.5)));
        assert_eq!((machine.usable_cores(), machine.class), (2, MachineClass::LowEnd));
        assert_eq!(machine.memory_limit, Some(Bytes(4_000_000_000)));
        assert_eq!(machine.memory_available, Bytes(8_192_000_000));
    }

    #[test]
    fn version_one_groups() {
        let machine = fake(&[
            ("proc/self/cgroup", "4:memory:/docker/x\n3:cpu,cpuacct:/docker/x\n"),
            ("proc/meminfo", "MemTotal:  16000000 kB\n"),
            ("sys/fs/cgroup/cpu/docker/x/cpu.cfs_quota_us", "-1\n"),
            ("sys/fs/cgroup/cpu/docker/x/cpu.cfs_period_us", "100000\n"),
            ("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "300000\n"),
            ("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"),
            ("sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes", "9223372036854771712\n"),
        ]);
        assert_eq!(machine.quota_cores, Some(3.0));
        assert_eq!(machine.memory_limit, None);
        assert_eq!(machine.class, MachineClass::EntryLevel);
    }

    #[test]
    fn nothing_known_is_no_disaster() {
        let machine = fake(&[("sys/devices/system/cpu/online", "9-2,x")]);
        assert_eq!((machine.online_cores, machine.usable_cores()), (6, 6));
        assert!(machine.gpus.is_empty());
    }

    #[test]
    fn graphics_cards_are_named_only_if_there() {
        let machine = fake(&[
            ("proc/driver/nvidia/gpus/0000:01/information", "Model:  NVIDIA RTX\nIRQ: 5\n"),
            ("sys/class/drm/card0/device/vendor", "0x8086\n"),
            ("sys/class/drm/card1/device/vendor", "0x1002\n"),
            ("sys/class/drm/card1-DP-1/device/vendor", "0x1002\n"),
        ]);
        assert_eq!(machine.gpus, ["NVIDIA RTX", "AMD"]);
    }
}
