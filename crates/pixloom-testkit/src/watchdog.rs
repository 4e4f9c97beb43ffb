//! A time limit for tests of code that could wait for ever.
use std::panic;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Runs `work` and returns its result; panics if it takes longer than `limit`.
///
/// A panic inside `work` is passed on. Work that hangs keeps its thread until the test program
/// ends.
pub fn within<T: Send + 'static>(limit: Duration, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::sync_channel(1);
    let worker = thread::Builder::new().name("watched test".to_owned()).spawn(move || {
        // The test may be over already, then nobody listens.
        let _ = sender.send(work());
    });
    let worker = worker.expect("a thread can be started");
    match receiver.recv_timeout(limit) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("still running after {limit:?}"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match worker.join() {
            Err(cause) => panic::resume_unwind(cause),
            Ok(()) => unreachable!("the work ended without a result"),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_comes_back() {
        assert_eq!(within(Duration::from_secs(30), || 1 + 1), 2);
    }

    #[test]
    #[should_panic(expected = "still running after")]
    fn endless_work_fails() {
        within(Duration::from_millis(20), || {
            loop {
                thread::park();
            }
        });
    }

    #[test]
    #[should_panic(expected = "its own reason")]
    fn panic_is_passed_on() {
        within(Duration::from_secs(30), || panic!("its own reason"));
    }
}
