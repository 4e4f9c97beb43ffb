//! The `validate` job: what it finds, what it repairs, what it takes back.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pixloom::job::Report;
use serde_json::{Value, json};

use support::run;

/// Runs the job on a folder with more settings.
fn validate(input: &Path, more: Value) -> Report {
    let mut settings = json!({"input": input});
    if let (Value::Object(all), Value::Object(more)) = (&mut settings, more) {
        all.extend(more);
    }
    run("validate", settings).0.unwrap()
}

/// The kinds that were found, by file.
fn kinds(report: &Report) -> BTreeMap<String, Vec<String>> {
    let of = |item: &Value| {
        let kinds = item["findings"].as_array().unwrap().iter();
        let kinds = kinds.map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect();
        (item["path"].as_str().unwrap().to_owned(), kinds)
    };
    report.items.iter().map(of).collect()
}

#[test]
fn odd_files_get_the_verdict_of_others() {
    let Some(folder) = pixloom_testkit::shared_data("malformed") else { return };
    let report = validate(&folder, json!({"glob": ["*"], "workers": 2, "max_memory": "1500M"}));
    let found = kinds(&report);
    let manifest = fs::read_to_string(folder.join("MANIFEST.csv")).unwrap();
    let ours = ["jpeg", "png", "webp", "tiff", "gif", "bmp", "qoi", "pnm", "jxl"];
    let (mut agreed, mut other) = (0, Vec::new());
    for line in manifest.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (file, format, consensus) = (fields[0], fields[4], fields[5]);
        if !ours.contains(&format) || !["valid", "invalid"].contains(&consensus) { continue }
        let item = report.items.iter().find(|item| item["path"] == file).unwrap();
        if item["ok"].as_bool().unwrap() == (consensus == "valid") { agreed += 1 } else { other.push(format!("{consensus} {format} {file} {:?} {}", found[file], item["findings"])) }
    }
    other.sort();
    println!("agreed {agreed}, other {}:\n{}", other.len(), other.join("\n"));
    println!("{}", report.summary);
    println!("{}", report.resources);
}
