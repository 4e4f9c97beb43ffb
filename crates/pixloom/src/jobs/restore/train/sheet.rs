//! Reads the table that `restore search` writes.
use std::path::Path;

use pixloom_restore::learn::Table;

use crate::params::ParamError;

/// A table with named columns, its cells as text.
#[derive(Debug)]
pub(super) struct Sheet {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    /// Reads a CSV file (RFC 4180).
    pub(super) fn read(path: &Path) -> Result<Self, ParamError> {
        let wrong = |problem: String| ParamError::new("table", problem);
        let text = std::fs::read_to_string(path)
            .map_err(|error| wrong(format!("cannot read `{}`: {error}", path.display())))?;
        let mut lines = records(text.trim_start_matches('\u{feff}')).into_iter();
        let names = lines.next().ok_or_else(|| wrong("is empty".to_owned()))?;
        let rows: Vec<Vec<String>> = lines.collect();
        if let Some(at) = rows.iter().position(|row| row.len() != names.len()) {
            let (found, wanted) = (rows[at].len(), names.len());
            return Err(wrong(format!("line {}: {found} cells, not {wanted}", at + 2)));
        }
        Ok(Self { names, rows })
    }

    /// How many lines there are below the first.
    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    fn place(&self, name: &str) -> Result<usize, ParamError> {
        let place = self.names.iter().position(|own| own == name);
        place.ok_or_else(|| ParamError::new("table", format!("lacks the column `{name}`")))
    }

    /// The cells of one column.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&str>, ParamError> {
        let at = self.place(name)?;
        Ok(self.rows.iter().map(|row| row[at].as_str()).collect())
    }

    /// The numbers of one column; `inf` is one.
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<f64>, ParamError> {
        let number = |(at, text): (usize, &str)| {
            text.parse::<f64>().map_err(|_error| {
                let problem = format!("line {}, `{name}`: `{text}` is not a number", at + 2);
                ParamError::new("table", problem)
            })
        };
        self.texts(name)?.into_iter().enumerate().map(number).collect()
    }

    /// Several columns as numbers.
    pub(super) fn table(&self, names: &[&str]) -> Result<Table, ParamError> {
        let columns: Vec<Vec<f64>> =
            names.iter().map(|name| self.numbers(name)).collect::<Result<_, _>>()?;
        let mut table = Table::new(names.len());
        for row in 0..self.rows.len() {
            let cells: Vec<f64> = columns.iter().map(|column| column[row]).collect();
            table.push(&cells);
        }
        Ok(table)
    }

    /// The same without some of the rows.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        let mut at = 0;
        self.rows.retain(|_| {
            at += 1;
            keep.get(at - 1).copied().unwrap_or(false)
        });
    }
}

/// The cells of every line that has any.
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut lines, mut line, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => line.push(std::mem::take(&mut cell)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !line.is_empty() {
        line.push(cell);
        lines.push(line);
    }
    lines.retain(|line| line.len() > 1 || line.iter().any(|cell| !cell.is_empty()));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_line_ends() {
        let lines = records("a,b\r\n\"x, \"\"y\"\"\",1\n\n2,\"two\nlines\"");
        let expected = [vec!["a", "b"], vec!["x, \"y\"", "1"], vec!["2", "two\nlines"]];
        assert_eq!(
            lines,
            expected.map(|line| line.into_iter().map(String::from).collect::<Vec<_>>())
        );
    }
}
