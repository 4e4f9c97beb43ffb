//! `pixloom schema`: JSON Schemas, with which editors check and complete files.
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgMatches, Command};
use pixloom::op::OpEntry;
use pixloom::ops::OPS;
use pixloom::settings::inline;
use serde_json::{Value, json};

use crate::context::{Context, print_json};

pub(super) fn command() -> Command {
    let files = [
        PossibleValue::new("recipe").help("Operations in a row, as `--recipe` reads them"),
        PossibleValue::new("config").help("Settings: pixloom.toml"),
        PossibleValue::new("ocr").help("Configuration of `ocr generate`"),
    ];
    Command::new("schema")
        .about("Print the JSON Schema of a kind of file")
        .arg(
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .value_parser(PossibleValuesParser::new(files))
                .help("Kind of file"),
        )
        .after_help(
            "Examples:\n  # For an editor that checks recipes\n  pixloom schema recipe > recipe.json\n  \
             # For an editor that checks settings\n  pixloom schema config > pixloom.json",
        )
}

pub(super) fn run(matches: &ArgMatches) -> u8 {
    let schema = match matches.get_one::<String>("file").map(String::as_str) {
        Some("config") => Context::known().json_schema(),
        Some("ocr") => pixloom::jobs::ocr::config_schema(),
        _ => recipe(),
    };
    print_json(&schema);
    0
}

/// A table with `ops`: text of a pipeline, or a list of such texts and tables.
fn recipe() -> Value {
    let text = json!({
        "type": "string",
        "description": "Operations as text, such as `resize:long_edge=256 | sharpen:amount=0.4`",
    });
    let steps: Vec<Value> = std::iter::once(text.clone()).chain(OPS.iter().map(step)).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pixloom recipe",
        "type": "object",
        "additionalProperties": false,
        "required": ["ops"],
        "properties": {
            "$schema": {"type": "string"},
            "ops": {"anyOf": [text, {"type": "array", "items": {"anyOf": steps}}]},
        },
    })
}

/// One operation: its settings, and `op` with its name.
fn step(entry: &OpEntry) -> Value {
    let schema = (entry.schema)().to_value();
    let given = inline(&schema, &schema);
    let mut properties = json!({"op": {"const": entry.name}});
    if let (Value::Object(all), Some(own)) = (&mut properties, given["properties"].as_object()) {
        all.extend(own.clone());
    }
    json!({
        "title": entry.name,
        "description": given["description"],
        "type": "object",
        "additionalProperties": false,
        "required": ["op"],
        "properties": properties,
    })
}
