//! Settings from all their places: a default, the user's file, the project's file, the
//! environment, the command line. Later places win.
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::job::{Group, JobEntry};
use crate::jobs::JOBS;
use crate::params::ParamError;
use crate::schema::{self, Field};

mod dirs;
mod edit;
mod env;
mod error;
mod file;
mod known;
mod text;

pub use dirs::{ConfigFiles, Dirs, user_file};
pub use edit::{reset, set};
pub use env::environment;
pub use error::{Place, SettingsError};
pub use known::{Known, inline};
pub use text::parse_text;

/// Where the value of a setting comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The program.
    Default,
    /// A settings file.
    File(PathBuf),
    /// A variable of the environment.
    Env(String),
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Env(name) => f.write_str(name),
            Self::Flag => f.write_str("command line"),
        }
    }
}

/// One setting that one place gives.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    /// The job that it is for; `None`: for all jobs that share the setting.
    job: Option<String>,
    name: String,
    value: Value,
    origin: Origin,
}

/// What the files and the environment set, lowest place first.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    layers: Vec<Vec<Entry>>,
}

/// The settings of one job from all places.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resolved {
    /// What was set anywhere; defaults are left to the job.
    pub values: Map<String, Value>,
    /// Where each setting comes from, those with their default included.
    pub origins: BTreeMap<String, Origin>,
}

/// A setting as it stands, for lists of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Its name.
    pub name: String,
    /// Its value; `null` if it has no default.
    pub value: Value,
    /// Where the value comes from.
    pub origin: Origin,
}

impl Layers {
    /// Reads the user's file, the nearest `pixloom.toml` from `cwd` upwards, and the
    /// `PIXLOOM_*` variables in `env`; checks names, types and bounds of all that they set.
    ///
    /// # Errors
    /// [`SettingsError`] names the file, line and key, or the variable.
    pub fn load(cwd: &Path, env: &BTreeMap<String, String>) -> Result<Self, SettingsError> {
        Self::load_for(&Known::new(JOBS, &[]), cwd, env)
    }

    /// Like [`Layers::load`], for the settings in `known`.
    pub fn load_for(
        known: &Known,
        cwd: &Path,
        env: &BTreeMap<String, String>,
    ) -> Result<Self, SettingsError> {
        let files = ConfigFiles::find(cwd, env);
        let mut layers = Vec::new();
        for path in files.user.iter().chain(&files.project) {
            layers.push(file::read(path, known)?);
        }
        layers.push(env::read(env, known)?);
        Ok(Self { layers })
    }

    /// The settings of a job: what the places say, then what the command line says.
    pub fn resolve(&self, job: &JobEntry, command_line: Map<String, Value>) -> Resolved {
        let (own, shared) = (own_fields(job), fields_of(job.groups));
        let mut resolved = Resolved::defaults(own.iter().chain(&shared));
        for layer in &self.layers {
            let general = layer.iter().filter(|entry| entry.job.is_none());
            let general = general.filter(|entry| shared.iter().any(|f| f.name == entry.name));
            let special = layer.iter().filter(|entry| entry.job.as_deref() == Some(job.name));
            resolved.take(general.chain(special));
        }
        resolved.finish(command_line)
    }

    /// The settings of groups that belong to no job.
    pub fn resolve_groups(&self, groups: &[Group], command_line: Map<String, Value>) -> Resolved {
        let fields = fields_of(groups);
        let mut resolved = Resolved::defaults(&fields);
        let entries = self.layers.iter().flatten().filter(|entry| entry.job.is_none());
        resolved.take(entries.filter(|entry| fields.iter().any(|f| f.name == entry.name)));
        resolved.finish(command_line)
    }

    /// Every shared setting of `known` as it stands.
    pub fn shared(&self, known: &Known) -> Vec<Shown> {
        let mut resolved = Resolved::defaults(&known.shared);
        resolved.take(self.layers.iter().flatten().filter(|entry| entry.job.is_none()));
        known.shared.iter().map(|field| resolved.shown(field)).collect()
    }

    /// A job's own settings as they stand, and the shared ones that are set for it alone.
    pub fn of_job(&self, job: &JobEntry) -> Vec<Shown> {
        let resolved = self.resolve(job, Map::new());
        let own = own_fields(job);
        let special = |field: &&Field| {
            let mut entries = self.layers.iter().flatten();
            entries.any(|e| e.job.as_deref() == Some(job.name) && e.name == field.name)
        };
        let shared = fields_of(job.groups);
        own.iter().chain(shared.iter().filter(special)).map(|f| resolved.shown(f)).collect()
    }
}

impl Resolved {
    fn defaults<'a>(fields: impl IntoIterator<Item = &'a Field>) -> Self {
        let origins = fields.into_iter().map(|field| (field.name.clone(), Origin::Default));
        Self { values: Map::new(), origins: origins.collect() }
    }

    fn take<'a>(&mut self, entries: impl IntoIterator<Item = &'a Entry>) {
        for entry in entries {
            self.values.insert(entry.name.clone(), entry.value.clone());
            self.origins.insert(entry.name.clone(), entry.origin.clone());
        }
    }

    fn finish(mut self, command_line: Map<String, Value>) -> Self {
        for (name, value) in command_line {
            self.origins.insert(name.clone(), Origin::Flag);
            self.values.insert(name, value);
        }
        self
    }

    fn shown(&self, field: &Field) -> Shown {
        let value = self.values.get(&field.name).unwrap_or(&field.default);
        let origin = self.origins.get(&field.name).unwrap_or(&Origin::Default);
        Shown { name: field.name.clone(), value: value.clone(), origin: origin.clone() }
    }
}

fn own_fields(job: &JobEntry) -> Vec<Field> {
    schema::fields(&(job.schema)())
}

/// The settings of some groups, in their order.
fn fields_of(groups: &[Group]) -> Vec<Field> {
    groups.iter().flat_map(|group| schema::fields(&(group.schema)())).collect()
}

/// Checks a value of a file, where a list of one may be written without brackets.
fn check(field: &Field, value: Value) -> Result<Value, ParamError> {
    let is_list = matches!(field.kind, schema::Kind::List(_));
    let value = if is_list && !value.is_array() { Value::Array(vec![value]) } else { value };
    field.check(&value)?;
    Ok(value)
}

#[cfg(test)]
mod tests;
