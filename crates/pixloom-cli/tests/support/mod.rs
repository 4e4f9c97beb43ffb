//! Starting the program in folders of its own.
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pixloom_testkit::{Program, gradient, write_file};

/// A user with a home and a project, apart from those of whoever runs the tests.
pub(crate) struct World {
    folder: tempfile::TempDir,
    env: Vec<(&'static str, String)>,
}

/// How the program ended and what it said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("project")).unwrap();
        Self { folder, env: Vec::new() }
    }

    /// Sets a variable for all that is started from now on.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.env.push((name, value.to_owned()));
        self
    }

    /// A path in the project.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("project").join(name)
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        write_file(self.path(name), content);
    }

    /// Writes small pictures to the folder `name`.
    pub(crate) fn pictures(&self, name: &str, count: u32) {
        for number in 0..count {
            let (width, height) = (8 + number % 5, 6);
            let mut ppm = format!("P6\n{width} {height}\n255\n").into_bytes();
            ppm.extend(gradient(width, height, 3));
            self.write(&format!("{name}/p{number:03}.ppm"), ppm);
        }
    }

    /// The program with a command line, words separated by spaces; `'…'` holds words together.
    pub(crate) fn program(&self, line: &str) -> Program {
        let root = self.folder.path();
        let mut program = Program::new(env!("CARGO_BIN_EXE_pixloom"))
            .args(words(line))
            .dir(root.join("project"))
            .env("HOME", root)
            .env("TERM", "xterm")
            .env("NO_COLOR", "")
            .env("PIXLOOM_CONFIG_DIR", root.join("user"))
            .env("PIXLOOM_STATE_DIR", root.join("state"));
        for (name, value) in &self.env {
            program = program.env(name, value);
        }
        program
    }

    /// Runs the program and sends it SIGINT once it has printed a line that contains `mark`.
    ///
    /// Events go to a pipe that nobody empties meanwhile, so a run of many items cannot end
    /// before the signal comes.
    pub(crate) fn interrupt(&self, line: &str, mark: &str) -> Said {
        let root = self.folder.path();
        let mut child = Command::new(env!("CARGO_BIN_EXE_pixloom"))
            .args(words(line))
            .current_dir(root.join("project"))
            .env("PIXLOOM_CONFIG_DIR", root.join("user"))
            .env("PIXLOOM_STATE_DIR", root.join("state"))
            .env("NO_COLOR", "")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        while !text.contains(mark) {
            assert_ne!(out.read_line(&mut text).unwrap(), 0, "`{mark}` never came: {text}");
        }
        let process = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
        out.read_to_string(&mut text).unwrap();
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let code = child.wait().unwrap().code().unwrap_or(-1);
        Said { code, out: text, err }
    }

    /// Runs the program.
    pub(crate) fn run(&self, line: &str) -> Said {
        let output = self.program(line).run();
        let text = |bytes: Vec<u8>| self.filter(&String::from_utf8(bytes).unwrap());
        Said {
            code: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Replaces the folder by its role, as it differs from test to test.
    fn filter(&self, text: &str) -> String {
        let root: &Path = self.folder.path();
        let canonical = root.canonicalize().unwrap();
        let text = text.replace(&canonical.display().to_string(), "ROOT");
        text.replace(&root.display().to_string(), "ROOT")
    }
}

impl Said {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            letter => word.push(letter),
        }
    }
    words.push(word);
    words
}
