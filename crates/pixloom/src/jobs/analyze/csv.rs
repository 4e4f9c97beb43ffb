//! One line per picture, for spreadsheets and scripts (RFC 4180).
use std::io::{self, Write};

use serde_json::Value;

use super::facts::{Facts, Trouble};
use crate::jobs::csv::line;

/// The columns; those up to `ok` and from `findings` on also exist for failed files.
const COLUMNS: [&str; 30] = [
    "path",
    "ok",
    "format",
    "extension",
    "width",
    "height",
    "megapixels",
    "aspect_ratio",
    "mode",
    "color_model",
    "bit_depth",
    "alpha",
    "icc",
    "orientation",
    "camera",
    "frames",
    "animated",
    "progressive",
    "subsampling",
    "quality",
    "bytes",
    "bits_per_pixel",
    "alpha_used",
    "opaque",
    "gray_in_rgb",
    "constant",
    "black",
    "grey_tail",
    "findings",
    "message",
];

/// The first line.
pub(super) fn header(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\r", COLUMNS.join(","))
}

/// The line of a picture.
pub(super) fn row(out: &mut dyn Write, path: &str, facts: &Facts) -> io::Result<()> {
    let facts = serde_json::to_value(facts)?;
    let kinds = |findings: &Value| {
        let kinds = findings.as_array().into_iter().flatten().map(|one| plain(&one["kind"]));
        kinds.collect::<Vec<_>>().join(";")
    };
    let cell = |column: &&str| match *column {
        "path" => path.to_owned(),
        "ok" => "true".to_owned(),
        "findings" => kinds(&facts["findings"]),
        name => plain(facts.get(name).unwrap_or(&facts["deep"][name])),
    };
    line(out, COLUMNS.iter().map(cell))
}

/// The line of a file that failed.
pub(super) fn failed_row(out: &mut dyn Write, trouble: &Trouble) -> io::Result<()> {
    let cell = |column: &&str| match *column {
        "path" => trouble.path.clone(),
        "ok" => "false".to_owned(),
        "findings" => trouble.kind.clone(),
        "message" => trouble.message.clone(),
        _ => String::new(),
    };
    line(out, COLUMNS.iter().map(cell))
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_needed() {
        let trouble = Trouble {
            path: "a,\"b\"\n.png".to_owned(),
            kind: "truncated".to_owned(),
            message: "ends early".to_owned(),
            hint: None,
        };
        let mut out = Vec::new();
        failed_row(&mut out, &trouble).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("\"a,\"\"b\"\"\n.png\",false,,"), "{text}");
        assert!(text.ends_with(",truncated,ends early\r\n"), "{text}");
    }
}
