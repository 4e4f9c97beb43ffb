//! Lengths of functions and files against the budgets of the style guide.
//!
//! Works on formatted source: a function ends at the first `}` that stands as far left as the
//! line with `fn`. Tests are left out, and so are empty lines and comments in functions.
use std::path::Path;

use anyhow::{Result, bail};

use crate::layers::rust_files;
use crate::sh;

const FUNCTION_LINES: usize = 50;
const FILE_LINES: usize = 600;

pub(crate) fn run() -> Result<()> {
    let root = sh::root();
    let mut files = rust_files(&root.join("crates"))?;
    files.extend(rust_files(&root.join("xtask/src"))?);
    files.retain(|file| file.components().any(|part| part.as_os_str() == "src"));
    let (mut lengths, mut file_lengths, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    for file in &files {
        let text = std::fs::read_to_string(file)?;
        let shown = file.strip_prefix(&root).unwrap_or(file);
        let total = text.lines().count();
        file_lengths.push(total);
        if total > FILE_LINES && !is_table(shown) {
            problems.push(format!("{}: {total} lines", shown.display()));
        }
        for function in functions(&text) {
            lengths.push(function.lines);
            // Attributes on the line above say why a longer one is right.
            if function.lines > FUNCTION_LINES + 2 && !function.excused {
                problems.push(format!(
                    "{}: `{}` has {} lines",
                    shown.display(),
                    function.name,
                    function.lines
                ));
            }
        }
    }
    let function = summary("functions", &mut lengths);
    println!("{function}\n{}", summary("files", &mut file_lengths));
    if !problems.is_empty() {
        bail!("over the budget:\n  {}", problems.join("\n  "));
    }
    Ok(())
}

/// Tables may be as long as they must be.
fn is_table(file: &Path) -> bool {
    file.file_stem().is_some_and(|stem| stem.to_string_lossy().contains("table"))
}

struct Function {
    name: String,
    lines: usize,
    excused: bool,
}

fn functions(text: &str) -> Vec<Function> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or(text);
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        let rest = &lines[start..];
        let length = if line.ends_with('}') || line.ends_with(';') {
            1
        } else {
            rest.iter()
                .position(|line| **line == closing || line.ends_with(");") && declared(rest))
                .map_or(1, |at| at + 1)
        };
        let above =
            lines[..start].iter().rev().take_while(|line| line.trim_start().starts_with("#["));
        let excused = above.into_iter().any(|line| line.contains("too_many_lines"));
        let lines = rest[..length].iter().filter(|line| is_code(line)).count();
        found.push(Function { name, lines, excused });
    }
    found
}

/// Neither empty nor a comment.
fn is_code(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with("//")
}

/// Whether the function that starts here is only declared, without a body.
fn declared(lines: &[&str]) -> bool {
    lines
        .iter()
        .find(|line| line.ends_with('{') || line.ends_with(';'))
        .is_some_and(|line| line.ends_with(';'))
}

fn function_name(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    loop {
        let word = words.next()?;
        if word == "fn" {
            let name = words.next()?;
            return Some(name.split(['(', '<']).next().unwrap_or(name).to_owned());
        }
        let before_fn = ["const", "async", "unsafe", "extern", "\"C\""].contains(&word)
            || word.starts_with("pub");
        if !before_fn {
            return None;
        }
    }
}

fn summary(what: &str, lengths: &mut [usize]) -> String {
    lengths.sort_unstable();
    let at = |share: usize| {
        lengths.get((lengths.len() * share / 100).min(lengths.len().saturating_sub(1)))
    };
    let at = |share| at(share).copied().unwrap_or(0);
    format!(
        "{what}: {} · lines median {} · 95 % {} · longest {}",
        lengths.len(),
        at(50),
        at(95),
        at(100)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured() {
        let text = "impl A {\n    pub(crate) fn one(&self) -> u8 {\n        1\n    }\n}\n\nfn two() {}\n\n\
                    #[cfg(test)]\nmod tests {\n    fn three() {\n    }\n}\n";
        let found = functions(text);
        let shown: Vec<_> = found.iter().map(|f| (f.name.as_str(), f.lines)).collect();
        assert_eq!(shown, [("one", 3), ("two", 1)]);
    }

    #[test]
    fn an_excuse_is_seen() {
        let text = "#[expect(clippy::too_many_lines, reason = \"a table\")]\nfn long() {\n}\n";
        assert!(functions(text)[0].excused);
    }
}
