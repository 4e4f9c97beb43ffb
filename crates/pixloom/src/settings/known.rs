//! Which settings there are, for whom, and under which names.
use serde_json::{Value, json};

use super::{fields_of, own_fields};
use crate::job::{Group, JobEntry};
use crate::params::ParamError;
use crate::schema::{self, Field};

/// All settings that files and environment may give.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Those that jobs share, and those of the face.
    pub(super) shared: Vec<Field>,
    pub(super) jobs: Vec<KnownJob>,
    schemas: Vec<(Option<String>, Value)>,
}

#[derive(Debug, Clone)]
pub(super) struct KnownJob {
    pub(super) name: String,
    /// Its own settings, then those that it shares.
    pub(super) fields: Vec<Field>,
}

impl Known {
    /// The settings of `jobs`, and `groups` that belong to no job.
    pub fn new(jobs: &[JobEntry], groups: &[Group]) -> Self {
        let mut known = Self::default();
        let groups = jobs.iter().flat_map(|job| job.groups).chain(groups);
        for group in groups {
            known.add_shared(fields_of(std::slice::from_ref(group)));
            known.schemas.push((None, (group.schema)().to_value()));
        }
        for job in jobs {
            let fields = own_fields(job).into_iter().chain(fields_of(job.groups)).collect();
            known.jobs.push(KnownJob { name: job.name.to_owned(), fields });
            let parts = job.groups.iter().map(|group| group.schema).chain([job.schema]);
            let name = Some(job.name.to_owned());
            known.schemas.extend(parts.map(|part| (name.clone(), part().to_value())));
        }
        known
    }

    fn add_shared(&mut self, fields: Vec<Field>) {
        for field in fields {
            if self.shared.iter().all(|known| known.name != field.name) {
                self.shared.push(field);
            }
        }
    }

    /// The setting that `key` names, for one job or for all.
    pub fn find(&self, job: Option<&str>, key: &str) -> Result<&Field, ParamError> {
        let fields = self.fields(job);
        let name = key.replace('-', "_");
        let is_meant = |field: &&Field| {
            // An alias of one letter is a short flag.
            let mut aliases = field.aliases.iter().filter(|alias| alias.len() > 1);
            field.name == name || aliases.any(|alias| alias.replace('-', "_") == name)
        };
        fields.iter().find(is_meant).ok_or_else(|| self.unknown(job, key, &name))
    }

    fn fields(&self, job: Option<&str>) -> &[Field] {
        let job = job.map(|name| self.jobs.iter().find(|job| job.name == name));
        match job {
            Some(job) => job.map_or(&[], |job| &job.fields),
            None => &self.shared,
        }
    }

    fn unknown(&self, job: Option<&str>, key: &str, name: &str) -> ParamError {
        let has_it = |job: &&KnownJob| job.fields.iter().any(|field| field.name == name);
        match (job, self.jobs.iter().find(has_it)) {
            (None, Some(owner)) => {
                let table = owner.name.replace(' ', ".");
                let problem =
                    format!("is a setting of `{0}` only; it goes under `[{table}]`", owner.name);
                ParamError::new(key, problem)
            }
            (Some(owner), _) => schema::unknown(key, self.fields(job)).of(owner),
            (None, None) => schema::unknown(key, &self.shared),
        }
    }

    /// The job whose table is called `name`, words separated by spaces.
    pub(super) fn job(&self, name: &str) -> Option<&KnownJob> {
        let name = name.replace('_', "-");
        self.jobs.iter().find(|job| job.name == name)
    }

    /// Whether tables of jobs lie in a table called `name`, as `generate` does in `ocr`.
    pub(super) fn is_family(&self, name: &str) -> bool {
        let prefix = format!("{} ", name.replace('_', "-"));
        self.jobs.iter().any(|job| job.name.starts_with(&prefix))
    }

    /// The error for a table that belongs to no job.
    pub(super) fn unknown_table(&self, name: &str) -> ParamError {
        let error = ParamError::new(name, "there is no job of this name");
        match schema::nearest(name, self.jobs.iter().map(|job| job.name.as_str())) {
            Some(close) => error.with_meant(close),
            None => error,
        }
    }

    /// The JSON Schema of a settings file.
    pub fn json_schema(&self) -> Value {
        let mut root = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "pixloom.toml",
            "type": "object",
            "additionalProperties": false,
            "properties": {},
        });
        for (job, schema) in &self.schemas {
            let properties = schema["properties"].as_object().cloned().unwrap_or_default();
            let mut table = &mut root["properties"];
            for word in job.iter().flat_map(|name| name.split(' ')) {
                table = &mut subtable(table, word)["properties"];
            }
            if let Value::Object(table) = table {
                let inlined = |(name, given)| (name, inline(&given, schema));
                table.extend(properties.into_iter().map(inlined));
            }
        }
        root
    }
}

fn subtable<'a>(properties: &'a mut Value, word: &str) -> &'a mut Value {
    let empty = json!({"type": "object", "additionalProperties": false, "properties": {}});
    let Value::Object(map) = properties else { return properties };
    map.entry(word).or_insert(empty)
}

/// A schema with its `$ref`s replaced by what they refer to in `root`, so that it can stand
/// alone. Settings are trees: nothing refers to itself.
pub fn inline(schema: &Value, root: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let target = map.get("$ref").and_then(Value::as_str);
            let target = target.and_then(|path| root.pointer(path.trim_start_matches('#')));
            let mut all = target.map_or_else(|| json!({}), |target| inline(target, root));
            let rest = map.iter().filter(|(key, _)| *key != "$ref" && *key != "$defs");
            if let Value::Object(all) = &mut all {
                all.extend(rest.map(|(key, given)| (key.clone(), inline(given, root))));
            }
            all
        }
        Value::Array(items) => items.iter().map(|item| inline(item, root)).collect(),
        other => other.clone(),
    }
}
