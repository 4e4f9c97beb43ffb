//! `pixloom config`: settings as they stand, and changes to settings files.
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command};
use pixloom::jobs::JOBS;
use pixloom::settings::{ConfigFiles, Origin, Shown, reset, set, user_file};
use serde_json::{Value, json};

use crate::context::Context;
use crate::errors::Problem;
use crate::words;

const EXAMPLES: &str = "\
Examples:
  # All settings and where each comes from
  pixloom config show --origin
  # Quality 90 for `transform` in this project, 4 workers everywhere
  pixloom config set --project transform.quality 90
  pixloom config set workers 4";

pub(super) fn command() -> Command {
    let project = Arg::new("project").long("project").action(ArgAction::SetTrue);
    let project = project.help("Change the project's pixloom.toml instead of the user's");
    let key = Arg::new("key").value_name("KEY");
    let show = Command::new("show").about("Show all settings as they stand").arg(
        Arg::new("origin")
            .long("origin")
            .action(ArgAction::SetTrue)
            .help("Say where each value comes from"),
    );
    let set = Command::new("set")
        .about("Set a value in the user's file")
        .arg(key.clone().required(true).help("Setting, such as `workers` or `transform.quality`"))
        .arg(
            Arg::new("value")
                .value_name("VALUE")
                .required(true)
                .allow_hyphen_values(true)
                .help("Its value"),
        )
        .arg(project.clone());
    let reset = Command::new("reset")
        .about("Remove a value from the user's file, or all values")
        .arg(key.help("Setting; without it all of the file's, which is kept as pixloom.toml.bak"))
        .arg(project);
    Command::new("config")
        .about("Show and change settings")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([show, set, reset])
        .after_help(EXAMPLES)
}

pub(super) fn run(rest: &str, matches: &ArgMatches, cx: &Context) -> Result<u8, Problem> {
    match rest {
        "set" => run_set(matches, cx),
        "reset" => run_reset(matches, cx),
        _ => show(matches.get_flag("origin"), cx),
    }
}

fn run_set(matches: &ArgMatches, cx: &Context) -> Result<u8, Problem> {
    let text = |id: &str| matches.get_one::<String>(id).map_or("", String::as_str);
    let file = target(matches, cx)?;
    let value = set(&file, &Context::known(), text("key"), text("value"))?;
    let said = format!("{} = {} in {}\n", text("key"), toml(&value), file.display());
    let fields = json!({"file": file.to_string_lossy(), "key": text("key"), "value": value});
    Ok(cx.answer("config set", fields, &said))
}

fn run_reset(matches: &ArgMatches, cx: &Context) -> Result<u8, Problem> {
    let file = target(matches, cx)?;
    let key = matches.get_one::<String>("key").map(String::as_str);
    let removed = reset(&file, key)?;
    let said = match (removed, key) {
        (0, _) => format!("nothing is set in {}\n", file.display()),
        (_, Some(key)) => format!("{key} removed from {}\n", file.display()),
        (count, None) => {
            let settings = words::counted(count as u64, "setting");
            format!("{settings} removed; the file is kept as {}.bak\n", file.display())
        }
    };
    Ok(cx.answer(
        "config reset",
        json!({"file": file.to_string_lossy(), "removed": removed}),
        &said,
    ))
}

/// The file to change.
fn target(matches: &ArgMatches, cx: &Context) -> Result<PathBuf, Problem> {
    if !matches.get_flag("project") {
        let file = user_file(&cx.env);
        return file
            .ok_or_else(|| Problem::usage("there is no home folder; set PIXLOOM_CONFIG_DIR"));
    }
    let project = ConfigFiles::find(&cx.cwd, &cx.env).project;
    Ok(project.unwrap_or_else(|| cx.cwd.join("pixloom.toml")))
}

fn show(with_origin: bool, cx: &Context) -> Result<u8, Problem> {
    let layers = cx.layers()?;
    let shared = layers.shared(&Context::known());
    let mut text = lines(&shared, with_origin);
    let mut all: Vec<Value> = shared.iter().map(|shown| json(None, shown)).collect();
    for job in JOBS {
        let own = layers.of_job(job);
        if !own.is_empty() {
            let table = job.name.replace(' ', ".");
            text.extend([format!("\n[{table}]\n{}", lines(&own, with_origin))]);
            all.extend(own.iter().map(|shown| json(Some(job.name), shown)));
        }
    }
    Ok(cx.answer("config show", json!({"settings": all}), &text))
}

/// The settings as lines of TOML; one without a value is a comment.
fn lines(shown: &[Shown], with_origin: bool) -> String {
    let setting = |shown: &Shown| match &shown.value {
        Value::Null => format!("# {} =", shown.name),
        value => format!("{} = {}", shown.name, toml(value)),
    };
    let settings: Vec<String> = shown.iter().map(setting).collect();
    let widths = settings.iter().map(|text| text.chars().count());
    let width = widths.filter(|width| *width <= 40).max().unwrap_or(0);
    let line = |(text, shown): (&String, &Shown)| {
        if with_origin {
            format!("{text:width$}  # {}\n", shown.origin)
        } else {
            format!("{text}\n")
        }
    };
    settings.iter().zip(shown).map(line).collect()
}

fn json(job: Option<&str>, shown: &Shown) -> Value {
    let (origin, place) = match &shown.origin {
        Origin::Default => ("default", None),
        Origin::File(path) => ("file", Some(path.display().to_string())),
        Origin::Env(name) => ("env", Some(name.clone())),
        Origin::Flag => ("flag", None),
    };
    let (name, value) = (&shown.name, &shown.value);
    json!({"job": job, "name": name, "value": value, "origin": origin, "place": place})
}

fn toml(value: &Value) -> String {
    toml::Value::try_from(value).map_or_else(|_| value.to_string(), |value| value.to_string())
}
