//! Changes settings files; comments and order stay.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pixloom_engine::files;
use serde_json::Value;
use toml_edit::{DocumentMut, Item, Table};

use super::file::unreadable;
use super::{Known, Origin, Place, SettingsError, parse_text};
use crate::params::ParamError;
use crate::schema;

/// Sets `key`, such as `workers` or `transform.quality`, in the file at `path`, which is
/// created if there is none. Returns the value as the file now has it.
pub fn set(path: &Path, known: &Known, key: &str, text: &str) -> Result<Value, SettingsError> {
    let (job, name) = split(key);
    let job = job.map(|job| job.replace('.', " "));
    if let Some(job) = &job
        && known.job(job).is_none()
    {
        return Err(wrong(known.unknown_table(job)));
    }
    let field = known.find(job.as_deref(), name).map_err(wrong)?;
    let value = parse_text(field, text).map_err(wrong)?;
    let mut document = read(path)?;
    let mut table = document.as_table_mut();
    for word in job.iter().flat_map(|job| job.split(' ')) {
        let not_a_table = || wrong(ParamError::new(word, "is not a table in this file"));
        let inner = table.entry(word).or_insert_with(new_table);
        table = inner.as_table_mut().ok_or_else(not_a_table)?;
    }
    let item =
        toml_value(&value).ok_or_else(|| wrong(ParamError::new(key, "cannot be written")))?;
    put(table, &field.name, item);
    write(path, &document)?;
    Ok(value)
}

/// Replaces a value; the comments around the old one stay.
fn put(table: &mut Table, name: &str, mut value: toml_edit::Value) {
    match table.get_mut(name).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => {
            table.insert(name, Item::Value(value));
        }
    }
}

/// A table whose heading is left out while it holds nothing but tables.
fn new_table() -> Item {
    let mut table = Table::new();
    table.set_implicit(true);
    Item::Table(table)
}

/// Removes `key` from the file at `path`; without a key all settings, the file being kept as
/// `pixloom.toml.bak`. Returns the number of settings removed.
pub fn reset(path: &Path, key: Option<&str>) -> Result<usize, SettingsError> {
    if !path.exists() {
        return Ok(0);
    }
    let Some(key) = key else { return reset_all(path) };
    let mut document = read(path)?;
    let (job, name) = split(key);
    let mut table = Some(document.as_table_mut());
    for word in job.iter().flat_map(|job| job.split('.')) {
        table = table.and_then(|table| table.get_mut(word)).and_then(Item::as_table_mut);
    }
    let removed = table.and_then(|table| table.remove(name)).is_some();
    if !removed {
        return Err(not_set(path, key, &document));
    }
    write(path, &document)?;
    Ok(1)
}

fn reset_all(path: &Path) -> Result<usize, SettingsError> {
    let count = read(path).map_or(0, |document| keys(document.as_table(), "").len());
    let backup = path.with_extension("toml.bak");
    fs::rename(path, backup).map_err(|source| unreadable(path, source))?;
    Ok(count)
}

fn not_set(path: &Path, key: &str, document: &DocumentMut) -> SettingsError {
    let keys = keys(document.as_table(), "");
    let error = ParamError::new(key, format!("is not set in {}", path.display()));
    let error = match schema::nearest(key, keys.iter().map(String::as_str)) {
        Some(close) => error.with_meant(close),
        None => error,
    };
    wrong(error)
}

/// What was asked for cannot be done.
fn wrong(error: ParamError) -> SettingsError {
    SettingsError::Wrong { error: Box::new(error), origin: Origin::Flag, place: None }
}

/// The dotted keys of all values of a table.
fn keys(table: &Table, prefix: &str) -> Vec<String> {
    let dotted = |(key, item): (&str, &Item)| match item.as_table() {
        Some(table) => keys(table, &format!("{prefix}{key}.")),
        None => vec![format!("{prefix}{key}")],
    };
    table.iter().flat_map(dotted).collect()
}

/// `transform.quality` is `quality` of `transform`.
fn split(key: &str) -> (Option<&str>, &str) {
    match key.rsplit_once('.') {
        Some((job, name)) => (Some(job), name),
        None => (None, key),
    }
}

fn read(path: &Path) -> Result<DocumentMut, SettingsError> {
    let content = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        result => result.map_err(|source| unreadable(path, source))?,
    };
    content.parse().map_err(|error: toml_edit::TomlError| {
        let place = Place::new(path, &content, error.span().unwrap_or(0..0));
        SettingsError::Syntax { message: error.message().to_lowercase(), place: Box::new(place) }
    })
}

/// Writes through links, as people keep settings files elsewhere and link to them.
fn write(path: &Path, document: &DocumentMut) -> Result<(), SettingsError> {
    let target: PathBuf = path.canonicalize().unwrap_or_else(|_absent| path.to_owned());
    files::write_atomic(&target, document.to_string().as_bytes())
        .map_err(|source| unreadable(path, source))
}

fn toml_value(value: &Value) -> Option<toml_edit::Value> {
    match value {
        Value::Bool(is) => Some((*is).into()),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Some(whole.into()),
            None => number.as_f64().map(Into::into),
        },
        Value::String(text) => Some(text.as_str().into()),
        Value::Array(items) => {
            let items = items.iter().map(toml_value).collect::<Option<Vec<_>>>()?;
            Some(toml_edit::Value::Array(items.into_iter().collect()))
        }
        Value::Null | Value::Object(_) => None,
    }
}
