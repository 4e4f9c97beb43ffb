//! Programs under test: run to the end, or killed without warning half-way.
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// A program with its arguments and environment.
#[derive(Debug, Clone)]
pub struct Program {
    path: PathBuf,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    dir: Option<PathBuf>,
}

/// How a program ended that was to be killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It was killed before it was done.
    Killed,
    /// It was done before; its exit code (-1 if a signal ended it).
    ByItself(i32),
}

impl Program {
    /// The program at `path`, without arguments.
    pub fn new(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_path_buf();
        Self { path, args: Vec::new(), env: Vec::new(), dir: None }
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_os_string()));
        self
    }

    /// Sets a variable of the environment.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name.as_ref().to_os_string(), value.as_ref().to_os_string()));
        self
    }

    /// Sets the working directory.
    #[must_use]
    pub fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.dir = Some(dir.as_ref().to_path_buf());
        self
    }

    /// Runs it to the end and returns exit status and output.
    pub fn run(&self) -> Output {
        self.command().output().expect("the program can be started")
    }

    /// Starts it and kills it (SIGKILL) after `delay`, unless it is done before.
    pub fn run_and_kill(&self, delay: Duration) -> Ended {
        let mut command = self.command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program can be started");
        let deadline = Instant::now() + delay;
        while Instant::now() < deadline {
            if let Some(status) = child.try_wait().expect("the program can be waited for") {
                return Ended::ByItself(status.code().unwrap_or(-1));
            }
            thread::sleep(Duration::from_micros(500));
        }
        child.kill().expect("the program can be killed");
        match child.wait().expect("the program can be waited for").code() {
            Some(code) => Ended::ByItself(code),
            None => Ended::Killed,
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(&self.args).envs(self.env.iter().map(|(name, value)| (name, value)));
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        command.stdin(Stdio::null());
        command
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn output_code_and_environment_arrive() {
        let program = Program::new("/bin/sh").args(["-c", "echo $WORD; exit 3"]).env("WORD", "hi");
        let output = program.run();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), &b"hi\n"[..]));
    }

    #[test]
    fn slow_program_is_killed_and_fast_one_is_not() {
        let sleep = Program::new("/bin/sh").args(["-c", "exec sleep 60"]);
        assert_eq!(sleep.run_and_kill(Duration::from_millis(20)), Ended::Killed);
        let quick = Program::new("/bin/sh").args(["-c", "exit 4"]);
        assert_eq!(quick.run_and_kill(Duration::from_secs(30)), Ended::ByItself(4));
    }

    #[test]
    fn working_directory_is_used() {
        let output = Program::new("/bin/pwd").dir("/").run();
        assert_eq!(output.stdout, b"/\n");
    }
}
