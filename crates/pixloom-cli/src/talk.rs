//! How much the program says, and in which form.
use std::path::PathBuf;

use clap::ArgMatches;
use pixloom::job::Group;
use pixloom::params::{ParamError, Params, fields_of, from_json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args;
use crate::argv::Switched;

/// How much the program says, and in which form.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Talk {
    /// Print one JSON document on standard output instead of text.
    pub(crate) json: bool,
    /// Write each event to this file as it happens, one JSON object a line (`-`: standard output).
    pub(crate) events: Option<PathBuf>,
    /// Say nothing but what failed.
    #[schemars(extend("x-alias" = ["q"]))]
    pub(crate) quiet: bool,
}

impl Params for Talk {
    fn validate(&self) -> Result<(), ParamError> {
        if self.json && self.events_to_stdout() {
            let problem =
                "both `--json` and `--events -` want standard output; give `--events` a file";
            return Err(ParamError::new("events", problem));
        }
        Ok(())
    }
}

/// The settings that every command has.
pub(crate) const GROUPS: &[Group] = &[Group::of::<Talk>("What is printed")];

impl Talk {
    /// What the command line alone says, as far as it can be read.
    pub(crate) fn of_flags(matches: &ArgMatches, switched: &Switched) -> Self {
        let map = args::given(&fields_of::<Self>(), matches, switched).unwrap_or_default();
        from_json(map).unwrap_or_default()
    }

    /// Whether events go to standard output.
    pub(crate) fn events_to_stdout(&self) -> bool {
        self.events.as_deref().is_some_and(|path| path.as_os_str() == "-")
    }
}
