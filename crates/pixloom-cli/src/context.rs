//! What every command may use.
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

use pixloom::jobs::JOBS;
use pixloom::settings::{Dirs, Known, Layers};
use serde_json::{Map, Value, json};

use crate::argv::Switched;
use crate::errors::Problem;
use crate::style::Style;
use crate::talk::{self, Talk};

/// What every command may use.
pub(crate) struct Context {
    /// Folder in which the command was given.
    pub(crate) cwd: PathBuf,
    /// The `PIXLOOM_*` variables.
    pub(crate) env: BTreeMap<String, String>,
    /// The words of the command line, without the program.
    pub(crate) command: Vec<String>,
    /// Switches that were given a value.
    pub(crate) switched: Switched,
    /// What is printed.
    pub(crate) talk: Talk,
    /// How it looks.
    pub(crate) style: Style,
}

impl Context {
    /// All settings that files and environment may give.
    pub(crate) fn known() -> Known {
        Known::new(JOBS, talk::GROUPS)
    }

    /// What files and environment set.
    pub(crate) fn layers(&self) -> Result<Layers, Problem> {
        Ok(Layers::load_for(&Self::known(), &self.cwd, &self.env)?)
    }

    /// The user's folders.
    pub(crate) fn dirs(&self) -> Dirs {
        Dirs::find(&self.env)
    }

    /// The folder with the list of runs.
    pub(crate) fn state_dir(&self) -> Result<PathBuf, Problem> {
        let state = self.dirs().state;
        state.ok_or_else(|| Problem::usage("there is no home folder; set PIXLOOM_STATE_DIR"))
    }

    /// Prints the result of a command: `text`, or with `--json` a document with `fields`.
    pub(crate) fn answer(&self, command: &str, fields: Value, text: &str) -> u8 {
        if self.talk.json {
            print_json(&document(command, fields));
        } else {
            print(text);
        }
        0
    }
}

/// The frame of every document on standard output.
pub(crate) fn document(command: &str, fields: Value) -> Value {
    let mut frame = json!({
        "schema": 1,
        "command": command,
        "version": env!("CARGO_PKG_VERSION"),
        "ok": true,
    });
    if let (Value::Object(frame), Value::Object(fields)) = (&mut frame, fields) {
        frame.extend::<Map<String, Value>>(fields);
    }
    frame
}

/// Prints a JSON document.
pub(crate) fn print_json(document: &Value) {
    print(&format!("{document:#}\n"));
}

/// Prints to standard output. A reader that closes early, such as `head`, is no error.
pub(crate) fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let _closed = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
