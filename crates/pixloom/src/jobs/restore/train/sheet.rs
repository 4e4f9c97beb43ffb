//! Reads the table that `restore search` writes, and says where it is wrong.
use std::collections::BTreeSet;
use std::path::Path;

use pixloom_engine::Fingerprint;
use pixloom_restore::learn::Table;

use crate::params::ParamError;

/// No figure of a table is larger.
const MOST: f64 = 1e12;

/// A table with named columns, its cells as text.
#[derive(Debug)]
pub(super) struct Sheet {
    /// The file, as the user wrote it.
    file: String,
    names: Vec<String>,
    rows: Vec<Row>,
    repeated: usize,
    fingerprint: Fingerprint,
}

/// A line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Row {
    /// Where it begins in the file, from 1.
    line: usize,
    cells: Vec<String>,
}

impl Sheet {
    /// Reads a CSV file (RFC 4180). Lines that are there twice count once; headings of tables
    /// that were put one under the other are left out.
    pub(super) fn read(path: &Path) -> Result<Self, ParamError> {
        let file = path.display().to_string();
        let wrong = |problem: String| ParamError::new("table", format!("{file} {problem}"));
        // A pipe would never end, or be gone at the second look.
        let is_file = std::fs::metadata(path).map(|metadata| metadata.is_file());
        let bytes = match is_file {
            Ok(true) => std::fs::read(path),
            Ok(false) => return Err(wrong("is no regular file".to_owned())),
            Err(error) => Err(error),
        };
        let bytes = bytes.map_err(|error| wrong(format!("cannot be read: {error}")))?;
        let fingerprint = Fingerprint::of(&bytes);
        let text = String::from_utf8(bytes)
            .map_err(|_not_text| wrong("is no text in UTF-8: save the table as CSV".to_owned()))?;
        let records = records(text.trim_start_matches('\u{feff}'));
        let records = records.map_err(|line| {
            wrong(format!("is broken: the quote of line {line} is never closed"))
        })?;
        let mut rows = records.into_iter();
        let names = rows.next().ok_or_else(|| wrong("is empty".to_owned()))?.cells;
        let mut sheet = Self { file, names, rows: rows.collect(), repeated: 0, fingerprint };
        sheet.check_names()?;
        let Self { rows, names, .. } = &mut sheet;
        rows.retain(|row| row.cells != *names);
        let ragged = sheet.rows.iter().find(|row| row.cells.len() != sheet.names.len());
        if let Some(row) = ragged {
            let (found, wanted) = (row.cells.len(), sheet.names.len());
            return Err(sheet.wrong(row.line, &format!("{found} cells, not {wanted}")));
        }
        sheet.count_once();
        Ok(sheet)
    }

    /// Says what a table is that does not look like one of `restore search`.
    fn check_names(&self) -> Result<(), ParamError> {
        let wrong =
            |problem: &str| Err(ParamError::new("table", format!("{} {problem}", self.file)));
        if let [only] = &self.names[..] {
            for (mark, name) in [(';', "semicolons"), ('\t', "tabs")] {
                if only.contains(mark) {
                    return wrong(&format!(
                        "has no commas; its columns are separated by {name}: save it with commas"
                    ));
                }
            }
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = self.names.iter().find(|name| !seen.insert(*name)) {
            return wrong(&format!("has two columns \"{twice}\""));
        }
        let has = |name: &str| self.names.iter().any(|own| own == name);
        if has("kurtosis") && !has("identity_score") {
            return wrong(
                "has no scores to learn from, as a table of `restore features`; \
                 `restore search` makes the table that is meant",
            );
        }
        Ok(())
    }

    fn count_once(&mut self) {
        let before = self.rows.len();
        let mut seen = BTreeSet::new();
        self.rows.retain(|row| {
            let mut cells = Fingerprint::builder("line");
            for cell in &row.cells {
                cells = cells.field("cell", cell.as_bytes());
            }
            seen.insert(cells.finish().to_string())
        });
        self.repeated = before - self.rows.len();
    }

    /// An error about one line.
    pub(super) fn wrong(&self, line: usize, problem: &str) -> ParamError {
        ParamError::new("table", format!("{}, line {line}: {problem}", self.file))
    }

    /// An error about the cell of a row in a column.
    pub(super) fn wrong_cell(&self, row: usize, name: &str, problem: &str) -> ParamError {
        let (line, text) = match (self.rows.get(row), self.place(name)) {
            (Some(row), Ok(at)) => (row.line, row.cells[at].as_str()),
            _ => (0, ""),
        };
        self.wrong(line, &format!("column \"{name}\": \"{text}\" {problem}"))
    }

    /// An error about the whole.
    pub(super) fn wrong_table(&self, problem: &str) -> ParamError {
        ParamError::new("table", format!("{} {problem}", self.file))
    }

    /// How many lines there are below the first.
    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Lines that were there once more, and left out.
    pub(super) const fn repeated(&self) -> usize {
        self.repeated
    }

    /// Where a row stands in the file.
    pub(super) fn line(&self, row: usize) -> usize {
        self.rows.get(row).map_or(0, |row| row.line)
    }

    /// Of the whole file.
    pub(super) const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether there is such a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.place(name).is_ok()
    }

    fn place(&self, name: &str) -> Result<usize, ParamError> {
        let place = self.names.iter().position(|own| own == name);
        place.ok_or_else(|| self.wrong_table(&format!("lacks the column \"{name}\"")))
    }

    /// The cells of one column.
    pub(super) fn texts(&self, name: &str) -> Result<Vec<&str>, ParamError> {
        let at = self.place(name)?;
        Ok(self.rows.iter().map(|row| row.cells[at].as_str()).collect())
    }

    /// The numbers of one column; `inf`, as of PSNR of equal pictures, is one.
    pub(super) fn numbers(&self, name: &str) -> Result<Vec<f64>, ParamError> {
        let is_one = |value: f64| value.abs() < MOST || value == f64::INFINITY;
        self.column(name, &is_one)
    }

    /// The numbers of one column, which must be finite.
    pub(super) fn finite(&self, name: &str) -> Result<Vec<f64>, ParamError> {
        self.column(name, &|value| value.abs() < MOST)
    }

    fn column(&self, name: &str, is_one: &dyn Fn(f64) -> bool) -> Result<Vec<f64>, ParamError> {
        let number = |(row, text): (usize, &str)| match text.trim().parse::<f64>() {
            Ok(value) if is_one(value) => Ok(value),
            Ok(_) => Err(self.wrong_cell(row, name, "is not a number to learn from")),
            Err(_) => Err(self.wrong_cell(row, name, "is not a number")),
        };
        self.texts(name)?.into_iter().enumerate().map(number).collect()
    }

    /// Several columns of finite numbers.
    pub(super) fn table(&self, names: &[&str]) -> Result<Table, ParamError> {
        let columns: Vec<Vec<f64>> =
            names.iter().map(|name| self.finite(name)).collect::<Result<_, _>>()?;
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

/// The cells of every line that has any; the line where a quote opens that is never closed.
fn records(text: &str) -> Result<Vec<Row>, usize> {
    let (mut rows, mut cells, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut now, mut begin, mut quote) = (1, 1, 0);
    let (mut quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        now += usize::from(c == '\n');
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => {
                quoted = !quoted;
                quote = now;
            }
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                cells.push(std::mem::take(&mut cell));
                rows.push(Row { line: begin, cells: std::mem::take(&mut cells) });
                begin = now;
            }
            c => cell.push(c),
        }
    }
    if quoted {
        return Err(quote);
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        rows.push(Row { line: begin, cells });
    }
    rows.retain(|row| row.cells.len() > 1 || row.cells.iter().any(|cell| !cell.is_empty()));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_line_ends_and_line_numbers() {
        let rows = records("a,b\r\n\"x, \"\"y\"\"\",1\n\n2,\"two\nlines\"\n3,4").unwrap();
        let expected = [
            (1, vec!["a", "b"]),
            (2, vec!["x, \"y\"", "1"]),
            (4, vec!["2", "two\nlines"]),
            (6, vec!["3", "4"]),
        ];
        let row = |(line, cells): (usize, Vec<&str>)| Row {
            line,
            cells: cells.into_iter().map(String::from).collect(),
        };
        assert_eq!(rows, expected.map(row));
        assert_eq!(records("a,b\n1,2\n\"3,4\n5,6\n"), Err(3));
    }

    fn read(text: &str) -> Result<Sheet, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        pixloom_testkit::write_file(&path, text);
        Sheet::read(&path).map_err(|error| error.problem)
    }

    #[test]
    fn lines_and_columns_are_named() {
        let mut sheet = read("a,b\n1,inf\n\n2,3\n4,x\n").unwrap();
        assert_eq!(sheet.numbers("a").unwrap(), [1.0, 2.0, 4.0]);
        sheet.retain(&[true, false, true]);
        let problem = sheet.numbers("b").unwrap_err().problem;
        assert!(
            problem.ends_with("t.csv, line 5: column \"b\": \"x\" is not a number"),
            "{problem}"
        );
        let problem = sheet.finite("b").unwrap_err().problem;
        assert!(problem.contains("line 2"), "{problem}");
        for cell in ["NaN", "-inf", "1e300"] {
            let problem = read(&format!("a,b\n1,{cell}\n")).unwrap().numbers("b").unwrap_err();
            assert!(problem.problem.contains("line 2: column \"b\""), "{}", problem.problem);
        }
    }

    #[test]
    fn tables_that_are_none_are_told() {
        for (text, part) in [
            ("a;b\n1;2\n", "separated by semicolons"),
            ("a,a\n1,2\n", "two columns \"a\""),
            ("filename,kurtosis\nx,2\n", "restore features"),
            ("a,b\n1,2\n1\n", "line 3: 1 cells, not 2"),
            ("", "is empty"),
        ] {
            let problem = read(text).unwrap_err();
            assert!(problem.contains(part), "{problem}");
        }
    }

    #[test]
    fn repeated_lines_and_headings_count_once() {
        let sheet = read("a,b\n1,2\n1,2\na,b\n3,4\n1,2\n").unwrap();
        assert_eq!((sheet.len(), sheet.repeated()), (2, 2));
    }
}
