//! `pixloom ops`: the operations and their settings.
use clap::{Arg, ArgMatches, Command};
use pixloom::op::OpEntry;
use pixloom::ops::OPS;
use pixloom::schema::{self, Field, Kind};
use pixloom::settings::inline;
use serde_json::{Value, json};

use crate::args;
use crate::context::Context;
use crate::errors::Problem;

pub(super) fn command() -> Command {
    Command::new("ops")
        .about("List the operations, or show the settings of one")
        .arg(Arg::new("name").value_name("NAME").help("Operation to show"))
        .after_help(
            "Examples:\n  # All operations\n  pixloom ops\n  # The settings of one\n  pixloom ops resize",
        )
}

pub(super) fn run(matches: &ArgMatches, cx: &Context) -> Result<u8, Problem> {
    let Some(name) = matches.get_one::<String>("name") else {
        let all: Vec<Value> = OPS.iter().map(json).collect();
        return Ok(cx.answer("ops", json!({"ops": all}), &list()));
    };
    let entry = find(name)?;
    Ok(cx.answer("ops", json!({"op": json(entry)}), &detail(entry)))
}

fn find(name: &str) -> Result<&'static OpEntry, Problem> {
    let wanted = name.replace('_', "-");
    OPS.iter().find(|entry| entry.name == wanted).ok_or_else(|| {
        let close = schema::nearest(&wanted, OPS.iter().map(|entry| entry.name));
        let meant = close.map(|close| format!("; did you mean `{close}`?")).unwrap_or_default();
        Problem::usage(format!("there is no operation `{name}`{meant}"))
            .with_hint("`pixloom ops` lists them")
    })
}

fn json(entry: &OpEntry) -> Value {
    let schema = (entry.schema)().to_value();
    json!({
        "name": entry.name,
        "version": entry.version,
        "examples": entry.examples,
        "schema": inline(&schema, &schema),
    })
}

fn list() -> String {
    let width = OPS.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
    let line = |entry: &OpEntry| {
        let (help, _) = schema::description(&(entry.schema)());
        format!("{:width$}  {}\n", entry.name, args::sentence(&help))
    };
    let lines: String = OPS.iter().map(line).collect();
    format!("{lines}\n`pixloom ops NAME` shows the settings of one.\n")
}

fn detail(entry: &OpEntry) -> String {
    let schema = (entry.schema)();
    let (help, details) = schema::description(&schema);
    let mut text = format!("{} (version {})\n\n{help}\n", entry.name, entry.version);
    if !details.is_empty() {
        text.extend([format!("\n{details}\n")]);
    }
    text.push_str("\nSettings:\n");
    let fields = schema::fields(&schema);
    if fields.is_empty() {
        text.push_str("  none\n");
    }
    for field in &fields {
        text.push_str(&setting(field));
    }
    text.push_str("\nExamples:\n");
    for example in entry.examples {
        text.extend([format!("  --ops '{example}'\n")]);
    }
    text
}

fn setting(field: &Field) -> String {
    let mut facts = vec![kind(&field.kind)];
    facts.extend(args::bounds(&field.kind));
    match &field.default {
        Value::Null if field.required => facts.push("must be given".to_owned()),
        Value::Null => {}
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => facts.push(format!("default {text}")),
        other => facts.push(format!("default {other}")),
    }
    let mut text = format!("  {}  ({})\n      {}\n", field.name, facts.join(", "), field.help);
    if !field.details.is_empty() {
        let details = field.details.replace('\n', "\n      ");
        text.extend([format!("      {details}\n")]);
    }
    text.push_str(&words(&field.kind));
    text
}

/// The words of a choice, one a line.
fn words(kind: &Kind) -> String {
    let Kind::Choice(words) = kind else { return String::new() };
    let width = words.iter().map(|word| word.name.len()).max().unwrap_or(0);
    let line = |word: &schema::Choice| {
        let help = args::sentence(&word.help);
        let line = format!("        {:width$}  {help}", word.name);
        format!("{}\n", line.trim_end())
    };
    words.iter().map(line).collect()
}

fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "true or false".to_owned(),
        Kind::Integer(_) => "whole number".to_owned(),
        Kind::Number(_) => "number".to_owned(),
        Kind::Choice(_) => "one of the words below".to_owned(),
        Kind::List(inner) => format!("list: {}", self::kind(inner)),
        Kind::Text => "text".to_owned(),
    }
}
