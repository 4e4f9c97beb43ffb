//! Starting the program in folders of its own.
#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]
use std::path::{Path, PathBuf};
use std::process::Command;

use pixloom_testkit::{gradient, write_file};

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

    /// Writes small pictures to the folder `name`; those that are there stay untouched.
    pub(crate) fn pictures(&self, name: &str, count: u32) {
        let is_new = |number: &u32| !self.path(&format!("{name}/p{number:03}.ppm")).exists();
        for number in (0..count).filter(is_new) {
            let (width, height) = (8 + number % 5, 6);
            let mut ppm = format!("P6\n{width} {height}\n255\n").into_bytes();
            ppm.extend(gradient(width, height, 3));
            self.write(&format!("{name}/p{number:03}.ppm"), ppm);
        }
    }

    /// The program with a command line, words separated by spaces; `'…'` holds words together.
    pub(crate) fn command(&self, line: &str) -> Command {
        let root = self.folder.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_pixloom"));
        command
            .args(words(line))
            .current_dir(root.join("project"))
            .env("HOME", root)
            .env("TERM", "xterm")
            .env("NO_COLOR", "")
            .env("PIXLOOM_CONFIG_DIR", root.join("user"))
            .env("PIXLOOM_STATE_DIR", root.join("state"))
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program.
    pub(crate) fn run(&self, line: &str) -> Said {
        let output = self.command(line).output().unwrap();
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
            ' ' if !quoted => {
                words.extend(Some(std::mem::take(&mut word)).filter(|w| !w.is_empty()));
            }
            letter => word.push(letter),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}
