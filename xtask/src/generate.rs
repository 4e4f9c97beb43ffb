//! What is written by the program itself: reference pages, manual pages, completions, schemas.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use pixloom_testkit::{listing, write_file};
use serde_json::Value;

use crate::options::Options;
use crate::sh;

/// Folders below `docs/` that hold nothing but generated files.
const FOLDERS: [&str; 3] = ["reference", "completions", "schema"];

const NOTICE: &str = "<!-- Written by `cargo xtask gen` from the program; do not edit. -->\n";

pub(crate) fn run(options: &Options) -> Result<()> {
    if options.is_set("check") {
        return check();
    }
    let docs = sh::root().join("docs");
    let files = generate()?;
    for folder in FOLDERS {
        sh::fresh_dir(&docs.join(folder))?;
    }
    for (path, text) in &files {
        write_file(docs.join(path), text);
    }
    println!("{} files written to docs/", files.len());
    Ok(())
}

/// Fails if a committed file is not what the program writes now.
pub(crate) fn check() -> Result<()> {
    let docs = sh::root().join("docs");
    let files = generate()?;
    let mut stale = Vec::new();
    for folder in FOLDERS.iter().filter(|folder| docs.join(folder).is_dir()) {
        let present =
            listing(&docs.join(folder)).into_iter().map(|file| format!("{folder}/{file}"));
        stale.extend(present.filter(|file| !files.contains_key(file)));
    }
    let same = |path: &str, text: &String| {
        fs::read_to_string(docs.join(path)).is_ok_and(|now| now == *text)
    };
    stale.extend(
        files.iter().filter(|(path, text)| !same(path, text)).map(|(path, _)| path.clone()),
    );
    if !stale.is_empty() {
        bail!("run `cargo xtask gen` and commit; not up to date in docs/: {}", stale.join(", "));
    }
    println!("generated files: {} are up to date", files.len());
    Ok(())
}

/// Path below `docs/` and content of every generated file.
fn generate() -> Result<BTreeMap<String, String>> {
    let work = sh::target_dir()?.join("gen");
    sh::fresh_dir(&work)?;
    let program = Pixloom { binary: sh::debug_binary()?, dir: work.clone() };
    let mut files = BTreeMap::new();
    files.insert("reference/ops.md".to_owned(), operations(&program)?);
    files.insert("reference/commands.md".to_owned(), commands(&program)?);
    for (shell, file) in [("bash", "pixloom.bash"), ("zsh", "_pixloom"), ("fish", "pixloom.fish")] {
        files.insert(format!("completions/{file}"), program.output(&["completions", shell])?);
    }
    for file in ["recipe", "config", "ocr"] {
        files.insert(format!("schema/{file}.schema.json"), program.output(&["schema", file])?);
    }
    let pages = work.join("man");
    fs::create_dir_all(&pages)?;
    program.output(&["man", &pages.to_string_lossy()])?;
    for page in listing(&pages) {
        files.insert(format!("reference/man/{page}"), fs::read_to_string(pages.join(&page))?);
    }
    Ok(files)
}

/// The program, away from all settings of this machine.
struct Pixloom {
    binary: PathBuf,
    dir: PathBuf,
}

impl Pixloom {
    fn output(&self, args: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.binary);
        command.args(args).current_dir(&self.dir).env("NO_COLOR", "1").env("COLUMNS", "100");
        command.env("HOME", &self.dir).env("XDG_CONFIG_HOME", &self.dir);
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_setting(name)) {
            command.env_remove(name);
        }
        sh::output(&mut command)
    }
}

fn is_setting(name: &std::ffi::OsStr) -> bool {
    Path::new(name).to_string_lossy().starts_with("PIXLOOM_")
}

fn operations(program: &Pixloom) -> Result<String> {
    let answer: Value = serde_json::from_str(&program.output(&["ops", "--json"])?)?;
    let ops = answer["ops"].as_array().or_else(|| answer["summary"]["ops"].as_array());
    let mut text =
        format!("{NOTICE}# Operations\n\nWritten one after the other in `--ops`, joined by `|`; ");
    text.push_str(
        "each with its settings after a colon: `resize:long_edge=256 | sharpen:amount=0.4`.\n",
    );
    for op in ops.context("`pixloom ops --json` lists no operations")? {
        let name = op["name"].as_str().context("an operation without a name")?;
        let schema = &op["schema"];
        write!(text, "\n## {name}\n\n{}\n", schema["description"].as_str().unwrap_or_default())?;
        settings(&mut text, schema)?;
        for example in op["examples"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            write!(text, "\n```sh\npixloom transform photos out --ops '{example}'\n```\n")?;
        }
    }
    Ok(text)
}

fn settings(text: &mut String, schema: &Value) -> Result<()> {
    let Some(properties) = schema["properties"].as_object().filter(|all| !all.is_empty()) else {
        return Ok(());
    };
    text.push_str("\n| Setting | Value | Default | Meaning |\n|---|---|---|---|\n");
    for (name, field) in properties {
        let default = match &field["default"] {
            Value::Null => String::new(),
            Value::String(default) => format!("`{default}`"),
            other => format!("`{other}`"),
        };
        let help = field["description"].as_str().unwrap_or_default();
        let help = help.replace("\n\n", "<br>").replace('\n', " ").replace('|', "\\|");
        writeln!(text, "| `{name}` | {} | {default} | {help} |", value_of(field))?;
    }
    Ok(())
}

/// What a setting may be, in words: `number, 0 to 100` or the words of a choice.
fn value_of(field: &Value) -> String {
    let choices = field["oneOf"].as_array().or_else(|| field["anyOf"].as_array());
    let words = choices.into_iter().flatten().filter_map(|choice| choice["const"].as_str());
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    if !words.is_empty() {
        return words.join(", ");
    }
    if let Some(words) = field["enum"].as_array() {
        let words = words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`"));
        return words.collect::<Vec<_>>().join(", ");
    }
    let kinds = field["type"]
        .as_array()
        .into_iter()
        .flatten()
        .chain(field["type"].is_string().then_some(&field["type"]));
    let kinds: Vec<&str> = kinds.filter_map(Value::as_str).filter(|kind| *kind != "null").collect();
    match (field["minimum"].as_f64(), field["maximum"].as_f64()) {
        (Some(low), Some(high)) => format!("{}, {low} to {high}", kinds.join(" or ")),
        (Some(low), None) => format!("{}, at least {low}", kinds.join(" or ")),
        (None, Some(high)) => format!("{}, at most {high}", kinds.join(" or ")),
        (None, None) => kinds.join(" or "),
    }
}

fn commands(program: &Pixloom) -> Result<String> {
    let mut text = format!("{NOTICE}# Commands\n");
    section(program, &mut Vec::new(), &mut text)?;
    Ok(text)
}

/// The help of a command and of those in it.
fn section(program: &Pixloom, words: &mut Vec<String>, text: &mut String) -> Result<()> {
    let args: Vec<&str> = words.iter().map(String::as_str).chain(["--help"]).collect();
    let help = program.output(&args)?;
    let title = std::iter::once("pixloom").chain(words.iter().map(String::as_str));
    let title = title.collect::<Vec<_>>().join(" ");
    write!(text, "\n## {title}\n\n```text\n{}\n```\n", trimmed(&help))?;
    for name in subcommands(&help) {
        words.push(name);
        section(program, words, text)?;
        words.pop();
    }
    Ok(())
}

/// Without spaces at the ends of lines.
fn trimmed(help: &str) -> String {
    help.trim_end().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The names listed below `Commands:`.
fn subcommands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.trim().is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn subcommands_are_read_from_help() {
        let help = "Usage: x\n\nCommands:\n  ops     List\n          more\n  help    Print\n\nOptions:\n  -h\n";
        assert_eq!(subcommands(help), ["ops"]);
    }

    #[test]
    fn values_are_said_in_words() {
        assert_eq!(value_of(&json!({"type": "integer", "minimum": 1})), "integer, at least 1");
        assert_eq!(value_of(&json!({"type": ["number", "null"]})), "number");
        assert_eq!(value_of(&json!({"oneOf": [{"const": "a"}, {"const": "b"}]})), "`a`, `b`");
        assert_eq!(value_of(&json!({"enum": ["a"]})), "`a`");
    }
}
