//! Reads the JSON Schema of a settings struct into a flat list of [`Field`]s.
//!
//! Command line, pipeline text, configuration files, environment and documentation all go
//! through this list, so that names, ranges and help are written once: on the struct.
use schemars::Schema;
use serde_json::{Map, Value};

use crate::params::ParamError;

/// One setting, as its struct declares it.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Name in `snake_case`, as in configuration files.
    pub name: String,
    /// What values it takes.
    pub kind: Kind,
    /// The first paragraph of its doc comment.
    pub help: String,
    /// The rest of its doc comment.
    pub details: String,
    /// Its default, `null` if there is none.
    pub default: Value,
    /// Whether a value must be given.
    pub required: bool,
    /// Its place among the positional arguments of a command, if it is one.
    pub positional: Option<u64>,
    /// Other names of its flag.
    pub aliases: Vec<String>,
}

/// What values a setting takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// True or false.
    Bool,
    /// A whole number within bounds.
    Integer(Bounds),
    /// A number within bounds.
    Number(Bounds),
    /// One of some words.
    Choice(Vec<Choice>),
    /// Several values of one kind.
    List(Box<Kind>),
    /// Text, checked by its own type.
    Text,
}

/// One word of a [`Kind::Choice`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The word.
    pub name: String,
    /// Its doc comment.
    pub help: String,
}

/// Inclusive bounds of a number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// Smallest value.
    pub min: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
}

/// The settings of a struct in the order of their declaration.
pub fn fields(schema: &Schema) -> Vec<Field> {
    let root = schema.as_value();
    let properties = root.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().map(|(name, given)| field(name, given, root)).collect()
}

/// The doc comment of a struct: its first paragraph and the rest.
pub fn description(schema: &Schema) -> (String, String) {
    paragraphs(schema.as_value())
}

fn field(name: &str, given: &Value, root: &Value) -> Field {
    let (help, details) = paragraphs(given);
    let aliases = given["x-alias"].as_array().into_iter().flatten();
    Field {
        name: name.to_owned(),
        kind: kind(given, root),
        help,
        details,
        default: given.get("default").cloned().unwrap_or(Value::Null),
        required: given["x-required"].as_bool().unwrap_or(false),
        positional: given["x-positional"].as_u64(),
        aliases: aliases.filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

/// Splits a doc comment into its first paragraph, on one line, and the rest.
fn paragraphs(schema: &Value) -> (String, String) {
    let text = schema["description"].as_str().unwrap_or_default();
    let (first, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    (first.replace('\n', " "), rest.to_owned())
}

fn kind(given: &Value, root: &Value) -> Kind {
    let schema = resolve(given, root);
    if let Some(choices) = choices(schema) {
        return Kind::Choice(choices);
    }
    if has_type(schema, "string") {
        Kind::Text // also for settings that take a word or a number
    } else if has_type(schema, "boolean") {
        Kind::Bool
    } else if has_type(schema, "array") {
        Kind::List(Box::new(kind(&schema["items"], root)))
    } else if has_type(schema, "integer") {
        Kind::Integer(bounds(schema))
    } else if has_type(schema, "number") {
        Kind::Number(bounds(schema))
    } else {
        Kind::Text
    }
}

/// Follows `$ref` and looks through `anyOf: [T, null]`, the form of an `Option`.
fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let inner = schema["anyOf"]
        .as_array()
        .and_then(|any| any.iter().find(|variant| variant["type"].as_str() != Some("null")));
    let schema = inner.unwrap_or(schema);
    match schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/")) {
        Some(path) => resolve(path.split('/').fold(root, |at, name| &at[name]), root),
        None => schema,
    }
}

fn has_type(schema: &Value, name: &str) -> bool {
    match &schema["type"] {
        Value::String(only) => only == name,
        Value::Array(several) => several.iter().any(|one| one == name),
        _ => false,
    }
}

fn bounds(schema: &Value) -> Bounds {
    Bounds { min: schema["minimum"].as_f64(), max: schema["maximum"].as_f64() }
}

/// The words of an enum: `enum` if its variants have no docs, `oneOf` with `const` if they have,
/// both where some have.
fn choices(schema: &Value) -> Option<Vec<Choice>> {
    let plain = |list: &Value| -> Vec<Choice> {
        let words = list.as_array().into_iter().flatten().filter_map(Value::as_str);
        words.map(|name| Choice { name: name.to_owned(), help: String::new() }).collect()
    };
    let mut found = plain(&schema["enum"]);
    for variant in schema["oneOf"].as_array().into_iter().flatten() {
        found.extend(plain(&variant["enum"]));
        if let Some(name) = variant["const"].as_str() {
            let (help, _) = paragraphs(variant);
            found.push(Choice { name: name.to_owned(), help });
        }
    }
    (!found.is_empty()).then_some(found)
}

impl Field {
    /// The name as a command-line flag, without the dashes.
    pub fn flag(&self) -> String {
        self.name.replace('_', "-")
    }

    /// Turns what a user typed into a value of the right type, within bounds.
    pub fn parse(&self, text: &str) -> Result<Value, ParamError> {
        let value =
            self.kind.parse(text).map_err(|problem| ParamError::new(&self.name, problem))?;
        self.check(&value)?;
        Ok(value)
    }

    /// Checks the type and bounds of a value.
    pub fn check(&self, value: &Value) -> Result<(), ParamError> {
        if value.is_null() {
            return Ok(());
        }
        self.kind.check(value).map_err(|problem| ParamError::new(&self.name, problem))
    }
}

impl Kind {
    fn parse(&self, text: &str) -> Result<Value, String> {
        let quoted = || format!("`{text}`");
        match self {
            Self::Bool => match text {
                "true" | "yes" | "on" | "1" => Ok(Value::Bool(true)),
                "false" | "no" | "off" | "0" => Ok(Value::Bool(false)),
                _ => Err(format!("{} is neither true nor false", quoted())),
            },
            Self::Integer(_) => {
                integer(text).ok_or_else(|| format!("{} is not a whole number", quoted()))
            }
            Self::Number(_) => number(text).ok_or_else(|| format!("{} is not a number", quoted())),
            Self::List(inner) => {
                let text = text.trim().trim_start_matches('[').trim_end_matches(']');
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                parts.map(|part| inner.parse(part)).collect::<Result<Vec<_>, _>>().map(Value::Array)
            }
            Self::Choice(_) | Self::Text => Ok(Value::String(text.to_owned())),
        }
    }

    fn check(&self, value: &Value) -> Result<(), String> {
        match (self, value) {
            (Self::Integer(bounds), Value::Number(n)) if n.is_i64() || n.is_u64() => {
                bounds.check(n)
            }
            (Self::Number(bounds), Value::Number(n)) => bounds.check(n),
            (Self::List(inner), Value::Array(items)) => {
                items.iter().try_for_each(|v| inner.check(v))
            }
            (Self::Choice(words), Value::String(text)) => check_choice(words, text),
            (Self::Bool, Value::Bool(_)) | (Self::Text, Value::String(_) | Value::Number(_)) => {
                Ok(())
            }
            (_, other) => Err(format!("{other} is not {}", self.article())),
        }
    }

    fn article(&self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Number(_) => "a number",
            Self::Choice(_) => "one of the words it takes",
            Self::List(_) => "a list",
            Self::Text => "text",
        }
    }
}

impl Bounds {
    fn check(&self, number: &serde_json::Number) -> Result<(), String> {
        let value = number.as_f64().unwrap_or(f64::NAN);
        match (self.min, self.max) {
            (Some(min), _) if value < min => {
                Err(format!("{number} is too small, the least is {min}"))
            }
            (_, Some(max)) if value > max => {
                Err(format!("{number} is too large, the most is {max}"))
            }
            _ => Ok(()),
        }
    }
}

fn integer(text: &str) -> Option<Value> {
    let text = text.replace('_', "");
    let unsigned = text.parse::<u64>().ok().map(Value::from);
    unsigned.or_else(|| text.parse::<i64>().ok().map(Value::from))
}

fn number(text: &str) -> Option<Value> {
    let value: f64 = text.parse().ok()?;
    serde_json::Number::from_f64(value).map(Value::Number)
}

fn check_choice(words: &[Choice], text: &str) -> Result<(), String> {
    let names: Vec<&str> = words.iter().map(|word| word.name.as_str()).collect();
    if names.contains(&text) {
        return Ok(());
    }
    let proposal = nearest(text, names.iter().copied());
    let meant = proposal.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
    Err(format!("`{text}` is not one of {}{meant}", names.join(", ")))
}

/// The candidate most like `word`, if one is like it at all.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.into_iter().map(|name| (strsim::jaro_winkler(word, name), name));
    let best = scored.fold(None, |best: Option<(f64, &str)>, next| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    });
    best.filter(|(score, _)| *score > 0.75).map(|(_, name)| name)
}

/// Checks names, types and bounds of `settings` against `fields`.
pub fn check_all(fields: &[Field], settings: &Map<String, Value>) -> Result<(), ParamError> {
    for (name, value) in settings {
        match fields.iter().find(|field| field.name == *name) {
            Some(field) => field.check(value)?,
            None => return Err(unknown(name, fields)),
        }
    }
    Ok(())
}

/// The error for a setting that does not exist, with the nearest that does.
pub fn unknown(name: &str, fields: &[Field]) -> ParamError {
    let close = nearest(name, fields.iter().map(|field| field.name.as_str()));
    let mut error = ParamError::new(name, "there is no such setting");
    if let Some(close) = close {
        error = error.with_meant(close);
    }
    error
}
