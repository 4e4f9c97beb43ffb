//! Reads a settings file: shared settings at the top, a table for each job.
use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use super::known::Known;
use super::{Entry, Origin, Place, SettingsError, check};
use crate::params::ParamError;

/// Reads `path` and checks all that it sets.
pub(super) fn read(path: &Path, known: &Known) -> Result<Vec<Entry>, SettingsError> {
    let content = fs::read_to_string(path).map_err(|source| unreadable(path, source))?;
    let table = DeTable::parse(&content).map_err(|error| {
        let place = Place::new(path, &content, error.span().unwrap_or(0..0));
        SettingsError::Syntax { message: error.message().to_lowercase(), place: Box::new(place) }
    })?;
    let mut reader = Reader { path, content: &content, known, entries: Vec::new() };
    reader.table(None, table.get_ref())?;
    // What is said for one job comes after what is said for all.
    reader.entries.sort_by_key(|entry| entry.job.is_some());
    Ok(reader.entries)
}

pub(super) fn unreadable(path: &Path, source: io::Error) -> SettingsError {
    SettingsError::Io { path: path.to_owned(), source }
}

struct Reader<'a> {
    path: &'a Path,
    content: &'a str,
    known: &'a Known,
    entries: Vec<Entry>,
}

impl Reader<'_> {
    /// Reads the table of `job`, or the top of the file.
    fn table(&mut self, job: Option<&str>, table: &DeTable<'_>) -> Result<(), SettingsError> {
        for (key, value) in table {
            match value.get_ref() {
                DeValue::Table(inner) => self.subtable(job, (key.get_ref(), key.span()), inner)?,
                given => self.setting(job, (key.get_ref(), key.span()), (given, value.span()))?,
            }
        }
        Ok(())
    }

    fn subtable(
        &mut self,
        outer: Option<&str>,
        (key, span): (&str, Range<usize>),
        table: &DeTable<'_>,
    ) -> Result<(), SettingsError> {
        let name = outer.map_or_else(|| key.to_owned(), |outer| format!("{outer} {key}"));
        let job = self.known.job(&name).map(|job| job.name.clone());
        if job.is_none() && !self.known.is_family(&name) {
            return Err(self.wrong(self.known.unknown_table(&name), span));
        }
        self.table(Some(job.as_deref().unwrap_or(&name)), table)
    }

    fn setting(
        &mut self,
        job: Option<&str>,
        (key, key_span): (&str, Range<usize>),
        (given, span): (&DeValue<'_>, Range<usize>),
    ) -> Result<(), SettingsError> {
        let field = self.known.find(job, key).map_err(|error| self.wrong(error, key_span))?;
        let value = json(given)
            .ok_or_else(|| ParamError::new(key, "has a value of a kind that no setting takes"))
            .and_then(|value| check(field, value))
            .map_err(|error| self.wrong(error, span))?;
        self.entries.push(Entry {
            job: job.map(str::to_owned),
            name: field.name.clone(),
            value,
            origin: Origin::File(self.path.to_owned()),
        });
        Ok(())
    }

    fn wrong(&self, error: ParamError, span: Range<usize>) -> SettingsError {
        SettingsError::Wrong {
            error: Box::new(error),
            origin: Origin::File(self.path.to_owned()),
            place: Some(Box::new(Place::new(self.path, self.content, span))),
        }
    }
}

/// The same value in JSON; `None` for what JSON has not: times, infinite numbers.
fn json(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::from(text.as_ref())),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok().map(Value::from)
        }
        DeValue::Float(number) => {
            let number: f64 = number.as_str().parse().ok()?;
            serde_json::Number::from_f64(number).map(Value::Number)
        }
        DeValue::Boolean(is) => Some(Value::Bool(*is)),
        DeValue::Datetime(_) => None,
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let pair = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
                let key: &std::borrow::Cow<'_, str> = key.get_ref();
                Some((key.as_ref().to_owned(), json(value.get_ref())?))
            };
            table.iter().map(pair).collect::<Option<Map<_, _>>>().map(Value::Object)
        }
    }
}
