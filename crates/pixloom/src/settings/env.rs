//! Reads the `PIXLOOM_*` variables: `PIXLOOM_WORKERS`, `PIXLOOM_TRANSFORM_QUALITY`.
use std::collections::BTreeMap;

use super::known::{Known, KnownJob};
use super::text::parse_text;
use super::{Entry, Origin, SettingsError};
use crate::params::ParamError;
use crate::schema::{self, Field};

const PREFIX: &str = "PIXLOOM_";

/// Variables that are no settings.
const RESERVED: [&str; 4] =
    ["PIXLOOM_CONFIG_DIR", "PIXLOOM_STATE_DIR", "PIXLOOM_CACHE_DIR", "PIXLOOM_SHARED"];

/// The `PIXLOOM_*` variables of this process.
pub fn environment() -> BTreeMap<String, String> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
    };
    std::env::vars_os().map(text).filter(|(name, _)| name.starts_with(PREFIX)).collect()
}

/// Checks all that the variables set; an empty one counts as not set.
pub(super) fn read(
    env: &BTreeMap<String, String>,
    known: &Known,
) -> Result<Vec<Entry>, SettingsError> {
    let is_setting = |name: &str| name.starts_with(PREFIX) && !RESERVED.contains(&name);
    let given = env.iter().filter(|(name, value)| is_setting(name) && !value.is_empty());
    let mut entries = Vec::new();
    for (name, value) in given {
        entries.push(entry(name, value, known).map_err(|error| SettingsError::Wrong {
            error: Box::new(error),
            origin: Origin::Env(name.clone()),
            place: None,
        })?);
    }
    entries.sort_by_key(|entry| entry.job.is_some());
    Ok(entries)
}

fn entry(name: &str, text: &str, known: &Known) -> Result<Entry, ParamError> {
    let (job, field) = find(name, known).ok_or_else(|| unknown(name, known))?;
    let value =
        parse_text(field, text).map_err(|error| ParamError { name: name.to_owned(), ..error })?;
    Ok(Entry {
        job: job.map(|job| job.name.clone()),
        name: field.name.clone(),
        value,
        origin: Origin::Env(name.to_owned()),
    })
}

fn find<'a>(variable: &str, known: &'a Known) -> Option<(Option<&'a KnownJob>, &'a Field)> {
    all(known).find_map(|(job, field)| {
        let names = std::iter::once(&field.name).chain(&field.aliases);
        names.into_iter().any(|name| named(job, name) == variable).then_some((job, field))
    })
}

/// All settings, those that jobs share first.
fn all(known: &Known) -> impl Iterator<Item = (Option<&KnownJob>, &Field)> {
    let shared = known.shared.iter().map(|field| (None, field));
    let of_jobs =
        known.jobs.iter().flat_map(|job| job.fields.iter().map(move |field| (Some(job), field)));
    shared.chain(of_jobs)
}

/// The variable of a setting.
fn named(job: Option<&KnownJob>, name: &str) -> String {
    let job = job.map(|job| format!("{}_", job.name)).unwrap_or_default();
    format!("{PREFIX}{job}{name}").replace([' ', '-'], "_").to_uppercase()
}

fn unknown(name: &str, known: &Known) -> ParamError {
    let names: Vec<String> = all(known).map(|(job, field)| named(job, &field.name)).collect();
    let error = ParamError::new(name, "there is no such setting");
    match schema::nearest(name, names.iter().map(String::as_str)) {
        Some(close) => error.with_meant(close),
        None => error,
    }
}
