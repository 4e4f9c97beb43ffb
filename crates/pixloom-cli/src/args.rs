//! From the settings that a struct declares to the arguments of a command, and back.
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, builder::PossibleValue};
use pixloom::job::{Group, JobEntry};
use pixloom::params::ParamError;
use pixloom::schema::{self, Bounds, Field, Kind};
use serde_json::{Map, Value};

use crate::argv::Switched;

const EXIT_CODES: &str = "\
Exit codes:
  0  all good
  1  finished, but items failed or a check found something
  2  wrong usage or settings; nothing was done
  3  the run could not finish
  130  stopped on request";

/// The command of a job.
pub(crate) fn job_command(entry: &'static JobEntry) -> Command {
    let (help, details) = schema::description(&(entry.schema)());
    let name = entry.name.rsplit(' ').next().unwrap_or(entry.name);
    let own = schema::fields(&(entry.schema)());
    let go_on = if entry.resumes { "; --resume goes on" } else { "" };
    let mut command = Command::new(name)
        .about(sentence(&help))
        .long_about(paragraphs(&help, &details))
        .after_help(format!("{}\n\n{EXIT_CODES}{go_on}", examples(entry)))
        .args(own.iter().map(arg));
    if own.iter().any(|field| field.required && field.positional.is_some()) {
        command = command.override_usage(usage(entry, &own));
    }
    entry.groups.iter().fold(command, group_args)
}

/// Adds the settings of a group under its heading.
pub(crate) fn group_args(command: Command, group: &Group) -> Command {
    let fields = schema::fields(&(group.schema)());
    command.args(fields.iter().map(|field| arg(field).help_heading(group.title)))
}

/// clap would call required places optional, as settings files can fill them.
fn usage(entry: &JobEntry, fields: &[Field]) -> String {
    let place = |field: &&Field| field.positional;
    let mut places: Vec<&Field> =
        fields.iter().filter(|field| field.positional.is_some()).collect();
    places.sort_by_key(place);
    let places = places.iter().map(|field| {
        let name = value_name(field);
        if field.required { format!("<{name}>") } else { format!("[{name}]") }
    });
    format!("pixloom {} [OPTIONS] {}", entry.name, places.collect::<Vec<_>>().join(" "))
}

fn examples(entry: &JobEntry) -> String {
    let example =
        |example: &pixloom::job::Example| format!("  # {}\n  {}", example.does, example.line);
    format!("Examples:\n{}", entry.examples.iter().map(example).collect::<Vec<_>>().join("\n"))
}

/// clap's habit: no full stop behind a single sentence.
pub(crate) fn sentence(help: &str) -> String {
    help.strip_suffix('.').filter(|rest| !rest.contains(". ")).unwrap_or(help).to_owned()
}

fn paragraphs(help: &str, details: &str) -> String {
    // Doc comments are wrapped for the source; the terminal wraps anew.
    let details = details.split("\n\n").map(|part| part.replace('\n', " "));
    let all: Vec<String> = std::iter::once(help.to_owned()).chain(details).collect();
    all.join("\n\n").trim_end().to_owned()
}

fn value_name(field: &Field) -> String {
    match field.kind {
        Kind::Integer(_) => "N".to_owned(),
        Kind::Number(_) => "X".to_owned(),
        _ => field.flag().to_uppercase(),
    }
}

/// The argument of one setting.
fn arg(field: &Field) -> Arg {
    let help = format!("{}{}", sentence(&field.help), suffix(field));
    let mut arg = Arg::new(field.name.clone()).value_name(value_name(field)).help(help.clone());
    if !field.details.is_empty() {
        arg = arg.long_help(paragraphs(&help, &field.details));
    }
    arg = match field.positional {
        Some(place) => arg.index(place as usize).value_hint(ValueHint::AnyPath),
        None => arg.long(field.flag()),
    };
    for alias in &field.aliases {
        let mut letters = alias.chars();
        arg = match (letters.next(), letters.next()) {
            (Some(letter), None) => arg.short(letter),
            _ => arg.visible_alias(alias.clone()),
        };
    }
    with_values(arg, field)
}

fn with_values(arg: Arg, field: &Field) -> Arg {
    match &field.kind {
        Kind::Bool => arg.action(ArgAction::SetTrue).overrides_with(field.name.clone()),
        Kind::List(inner) => {
            let arg = with_words(arg.action(ArgAction::Append), inner);
            // Patterns and paths may hold commas.
            let arg = if **inner == Kind::Text { arg } else { arg.value_delimiter(',') };
            if field.positional.is_some() { arg.num_args(1..) } else { arg }
        }
        kind => with_words(arg.action(ArgAction::Set), kind),
    }
}

fn with_words(arg: Arg, kind: &Kind) -> Arg {
    match kind {
        Kind::Choice(words) => {
            let word = |word: &schema::Choice| {
                PossibleValue::new(word.name.clone()).help(sentence(&word.help))
            };
            arg.value_parser(PossibleValuesParser::new(words.iter().map(word)))
        }
        Kind::Integer(_) | Kind::Number(_) => arg.allow_negative_numbers(true),
        Kind::Bool | Kind::List(_) | Kind::Text => arg,
    }
}

/// Bounds and default, as they stand behind the help.
fn suffix(field: &Field) -> String {
    let mut parts = Vec::new();
    parts.extend(bounds(&field.kind));
    match &field.default {
        Value::Null | Value::Bool(false) => {}
        Value::Bool(true) => parts.push(format!("on; --{}=false turns it off", field.flag())),
        Value::String(text) if text.is_empty() => {}
        Value::Array(items) if items.is_empty() => {}
        Value::String(text) => parts.push(format!("default: {text}")),
        other => parts.push(format!("default: {other}")),
    }
    if parts.is_empty() { String::new() } else { format!(" [{}]", parts.join("; ")) }
}

/// `1 to 100`, `at least 1`.
pub(crate) fn bounds(kind: &Kind) -> Option<String> {
    let (Kind::Integer(bounds) | Kind::Number(bounds)) = kind else { return None };
    match *bounds {
        Bounds { min: Some(min), max: Some(max) } => Some(format!("{min} to {max}")),
        // That a count is not negative goes without saying.
        Bounds { min: Some(min), max: None } if min != 0.0 => Some(format!("at least {min}")),
        Bounds { min: None, max: Some(max) } => Some(format!("at most {max}")),
        Bounds { .. } => None,
    }
}

/// What the command line sets.
pub(crate) fn given(
    fields: &[Field],
    matches: &ArgMatches,
    switched: &Switched,
) -> Result<Map<String, Value>, ParamError> {
    let mut map = Map::new();
    for field in fields {
        if let Some(value) = value(field, matches)? {
            map.insert(field.name.clone(), value);
        }
        for (flag, text) in switched {
            if *flag == field.flag() || field.aliases.contains(flag) {
                map.insert(field.name.clone(), field.parse(text)?);
            }
        }
    }
    Ok(map)
}

fn value(field: &Field, matches: &ArgMatches) -> Result<Option<Value>, ParamError> {
    match &field.kind {
        Kind::Bool => Ok(matches.get_flag(&field.name).then_some(Value::Bool(true))),
        Kind::List(inner) => match matches.get_many::<String>(&field.name) {
            Some(texts) => {
                let one = Field { kind: (**inner).clone(), ..field.clone() };
                let values = texts.map(|text| one.parse(text));
                values.collect::<Result<Vec<_>, _>>().map(|values| Some(Value::Array(values)))
            }
            None => Ok(None),
        },
        _ => matches.get_one::<String>(&field.name).map(|text| field.parse(text)).transpose(),
    }
}
