//! What a finished process used, as the operating system counted it.
#![expect(unsafe_code, reason = "wait4 has no safe binding among our dependencies")]
pub(crate) mod allocations;

use std::io;
use std::process::Child;
use std::time::Duration;

/// How a process ended and what it used.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) code: i32,
    /// User and system time of the process and of its children that it waited for.
    pub(crate) cpu: Duration,
    /// Largest resident size of the process (or of its largest child).
    pub(crate) peak_bytes: u64,
}

/// Waits for `child`. The code is -1 if a signal ended it.
#[cfg(unix)]
pub(crate) fn wait(child: Child) -> io::Result<Usage> {
    let mut status = 0;
    // SAFETY: `rusage` is a plain C struct for which all zeros is a valid value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let id = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    // SAFETY: both pointers are to live values of the right type; the process is our own child
    // and has not been waited for, since `child` is owned here and used nowhere else.
    let waited = unsafe { libc::wait4(id, &raw mut status, 0, &raw mut usage) };
    drop(child);
    if waited < 0 {
        return Err(io::Error::last_os_error());
    }
    let code = if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -1 };
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let peak_bytes = usage.ru_maxrss.unsigned_abs() * unit;
    Ok(Usage { code, cpu: time(usage.ru_utime) + time(usage.ru_stime), peak_bytes })
}

#[cfg(unix)]
fn time(value: libc::timeval) -> Duration {
    Duration::from_secs(value.tv_sec.unsigned_abs())
        + Duration::from_micros(value.tv_usec.unsigned_abs())
}

/// Processor time that this thread has used: unlike the clock on the wall it does not run while
/// others compute.
#[cfg(unix)]
pub(crate) fn thread_time() -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live value of the right type.
    let code = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut now) };
    if code != 0 {
        return Duration::ZERO;
    }
    Duration::from_secs(now.tv_sec.unsigned_abs())
        + Duration::from_nanos(now.tv_nsec.unsigned_abs())
}

/// There is no such count here.
#[cfg(not(unix))]
pub(crate) fn thread_time() -> Duration {
    Duration::ZERO
}

/// There is no such count here.
#[cfg(not(unix))]
pub(crate) fn wait(mut child: Child) -> io::Result<Usage> {
    let status = child.wait()?;
    Ok(Usage { code: status.code().unwrap_or(-1), cpu: Duration::ZERO, peak_bytes: 0 })
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn code_time_and_memory_are_counted() {
        let mut child = Command::new("/bin/sh");
        child.args(["-c", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; exit 5"]);
        let usage = wait(child.spawn().unwrap()).unwrap();
        assert_eq!(usage.code, 5);
        assert!(usage.cpu > Duration::ZERO && usage.peak_bytes > 100_000, "{usage:?}");
    }
}
