//! Tables as comma-separated values (RFC 4180).
use std::borrow::Cow;
use std::io::{self, Write};

/// One cell, in quotes where it needs them.
pub(in crate::jobs) fn quoted(cell: &str) -> Cow<'_, str> {
    if cell.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", cell.replace('"', "\"\"")).into();
    }
    cell.into()
}

/// Cells, quoted, as one line without its end.
pub(in crate::jobs) fn joined<'a>(cells: impl IntoIterator<Item = &'a str>) -> String {
    let cells: Vec<Cow<'_, str>> = cells.into_iter().map(quoted).collect();
    cells.join(",")
}

/// Writes one line of a table that spreadsheets take: it ends in CR LF.
///
/// # Errors
/// Those of `out`.
pub(in crate::jobs) fn line(
    out: &mut dyn Write,
    cells: impl Iterator<Item = String>,
) -> io::Result<()> {
    let cells: Vec<String> = cells.collect();
    writeln!(out, "{}\r", joined(cells.iter().map(String::as_str)))
}
