//! Values of settings written as text, on the command line and in the environment.
use serde_json::Value;

use crate::params::ParamError;
use crate::schema::{Field, Kind};

/// Reads the text of a setting. A list is separated by commas, except those within `{}` or
/// `[]`, which belong to patterns such as `*.{jpg,png}`.
pub fn parse_text(field: &Field, text: &str) -> Result<Value, ParamError> {
    let Kind::List(inner) = &field.kind else { return field.parse(text) };
    let one = Field { kind: (**inner).clone(), ..field.clone() };
    let parts = split(text).into_iter().map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| one.parse(part)).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

fn split(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, letter) in text.char_indices() {
        match letter {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
