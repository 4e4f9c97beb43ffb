//! Errors for the person who must act: what is wrong, where, and what to do.
use std::error::Error;
use std::io;
use std::path::Path;

use pixloom::engine::RunError;
use pixloom::job::{Failure, JobError};
use pixloom::ops::OPS;
use pixloom::params::ParamError;
use pixloom::pipeline::PipelineError;
use pixloom::schema::{self, Field};
use pixloom::settings::{Origin, Resolved, SettingsError};
use serde_json::{Value, json};

use crate::style::Style;
use crate::words;

/// Items failed or a check found something.
pub(crate) const FAILED: u8 = 1;
/// Wrong usage or settings.
pub(crate) const USAGE: u8 = 2;
/// The run could not finish.
pub(crate) const BROKEN: u8 = 3;
/// Stopped on request.
pub(crate) const CANCELLED: u8 = 130;

/// Why a command ended without its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Stable kebab-case name.
    pub(crate) kind: &'static str,
    /// A lower-case sentence.
    pub(crate) message: String,
    /// Lines that show the place, or examples.
    pub(crate) place: Vec<String>,
    /// What to do.
    pub(crate) hint: Option<String>,
    /// How the process ends.
    pub(crate) exit: u8,
}

impl Problem {
    pub(crate) fn new(kind: &'static str, message: impl Into<String>, exit: u8) -> Self {
        Self { kind, message: message.into(), place: Vec::new(), hint: None, exit }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new("usage", message, USAGE)
    }

    pub(crate) fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        Self::new("io", format!("{doing} {}: {error}", path.display()), BROKEN)
    }

    #[must_use]
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    fn with_place(mut self, text: &str) -> Self {
        self.place.extend(text.lines().map(str::to_owned));
        self
    }

    /// For people.
    pub(crate) fn text(&self, style: Style) -> String {
        let mut text = format!("{} {}\n", style.error(), words::plain(&self.message));
        for line in self.place.iter().chain(&self.hint) {
            text.extend([format!("  {}\n", words::plain(line))]);
        }
        text
    }

    /// For programs.
    pub(crate) fn json(&self, command: &str) -> Value {
        json!({
            "schema": 1,
            "command": command,
            "version": env!("CARGO_PKG_VERSION"),
            "ok": false,
            "error": {
                "kind": self.kind,
                "message": self.message,
                "place": self.place,
                "hint": self.hint,
            },
        })
    }

    /// A wrong setting of a job or of the program; `resolved` says where it comes from.
    pub(crate) fn of_param(error: &ParamError, fields: &[Field], resolved: &Resolved) -> Self {
        let Some(field) = fields.iter().find(|field| field.name == error.name) else {
            return Self::new("settings", error.to_string(), USAGE);
        };
        let name = match resolved.origins.get(&field.name) {
            Some(Origin::File(path)) => format!("`{}` in {}", field.name, path.display()),
            Some(Origin::Env(name)) => format!("`{name}`"),
            Some(Origin::Default | Origin::Flag) | None => flag_name(field),
        };
        let meant = error.meant.as_ref();
        let meant = meant.map(|meant| format!("; did you mean `{meant}`?")).unwrap_or_default();
        // The sentence may name other settings; on the command line those are flags too.
        let problem = flags_in(&error.problem, fields);
        Self::new("settings", format!("{name}: {problem}{meant}"), USAGE)
    }

    /// Why a job ended without a report.
    pub(crate) fn of_job(error: &JobError, fields: &[Field], resolved: &Resolved) -> Self {
        match error {
            JobError::Param(error) => Self::of_param(error, fields, resolved),
            JobError::Pipeline(error) => Self::of_pipeline(error),
            JobError::Refused { message, details } => {
                Self { place: details.clone(), ..Self::new("refused", message.clone(), USAGE) }
            }
            JobError::Run { source: RunError::Cancelled, finished, .. } => {
                let stopped = Self::new("cancelled", "stopped on request", CANCELLED);
                Self { hint: go_on(*finished), ..stopped }
            }
            JobError::Run { source, finished, failures } => {
                let failed = |f: &Failure| format!("{}: {}: {}", f.path, f.kind, f.message);
                let place = failures.iter().map(failed).collect();
                let error = Self::new("run", with_causes(source), BROKEN);
                Self { place, hint: go_on(*finished), ..error }
            }
            other => Self::new("run", other.to_string(), BROKEN),
        }
    }

    /// Without the advice to go on with `--resume`, which some jobs refuse.
    pub(crate) fn without_resume(self) -> Self {
        let hint = self.hint.filter(|hint| !hint.contains("--resume"));
        Self { hint, ..self }
    }

    fn of_pipeline(error: &PipelineError) -> Self {
        let ParamError { name, meant, of, .. } = error.error.as_ref();
        let fields_of = |op: &str| {
            let entry = OPS.iter().find(|entry| entry.name == op);
            entry.map(|entry| schema::fields(&(entry.schema)()))
        };
        let fields = of.as_deref().and_then(fields_of);
        let is_unknown = fields.is_some_and(|fields| fields.iter().all(|f| f.name != *name));
        let message = match (of, meant) {
            (Some(op), Some(meant)) if is_unknown => {
                format!("`{op}` has no setting `{name}`; did you mean `{meant}`?")
            }
            (Some(op), None) if is_unknown => format!("`{op}` has no setting `{name}`"),
            _ => error.error.to_string(),
        };
        let see = match of {
            Some(op) => format!("see `pixloom ops {op}`"),
            None => "`pixloom ops` lists the operations".to_owned(),
        };
        Self::new("pipeline", message, USAGE).with_place(&error.picture()).with_hint(see)
    }
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        let (message, kind) = (error.to_string(), "settings");
        let place = match &error {
            SettingsError::Wrong { place: Some(place), .. }
            | SettingsError::Syntax { place, .. } => place,
            SettingsError::Io { .. } => return Self::new("io", with_causes(&error), USAGE),
            _ => return Self::new(kind, message, USAGE),
        };
        let at = format!("{}:{}", place.path.display(), place.line);
        Self::new(kind, message, USAGE).with_place(&at).with_place(&place.picture())
    }
}

/// How a setting is written on the command line.
fn flag_name(field: &Field) -> String {
    match field.positional {
        Some(_) => format!("<{}>", field.flag().to_uppercase()),
        None => format!("`--{}`", field.flag()),
    }
}

/// Writes the settings that a sentence names as flags.
fn flags_in(sentence: &str, fields: &[Field]) -> String {
    fields.iter().fold(sentence.to_owned(), |text, field| {
        text.replace(&format!("`{}`", field.name), &flag_name(field))
    })
}

fn go_on(finished: u64) -> Option<String> {
    let images = words::counted(finished, "image");
    (finished > 0)
        .then(|| format!("{images} finished; run the same command with --resume to go on"))
}

/// An error and its causes, each said once.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Style = Style { unicode: false, color: false };

    #[test]
    fn text_shows_place_and_hint() {
        let problem =
            Problem::usage("there is no such thing").with_place("a b\n  ^").with_hint("look");
        assert_eq!(problem.text(PLAIN), "error: there is no such thing\n  a b\n    ^\n  look\n");
    }

    #[test]
    fn wrong_settings_are_named_as_they_were_given() {
        let fields = pixloom::params::fields_of::<crate::talk::Talk>();
        let error = ParamError::new("events", "clashes with `json`");
        let mut resolved = Resolved::default();
        let problem = Problem::of_param(&error, &fields, &resolved);
        assert_eq!(problem.message, "`--events`: clashes with `--json`");
        resolved.origins.insert("events".to_owned(), Origin::Env("PIXLOOM_EVENTS".to_owned()));
        let problem = Problem::of_param(&error, &fields, &resolved);
        assert_eq!(problem.message, "`PIXLOOM_EVENTS`: clashes with `--json`");
    }

    #[test]
    fn causes_are_said_once() {
        let inner = io::Error::other("no space left");
        let error = RunError::Output(Box::new(inner));
        assert_eq!(with_causes(&error), "cannot write to the output folder: no space left");
    }

    #[test]
    fn a_stopped_run_says_how_to_go_on() {
        let error =
            JobError::Run { source: RunError::Cancelled, finished: 3, failures: Vec::new() };
        let problem = Problem::of_job(&error, &[], &Resolved::default());
        assert_eq!((problem.kind, problem.exit), ("cancelled", 130));
        let hint = "3 images finished; run the same command with --resume to go on";
        assert_eq!(problem.hint.as_deref(), Some(hint));
    }
}
