//! Whether `restore search` keeps what it has found, refuses what loses it, and compares fairly.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::path::Path;

use pixloom::job::{JobError, Report};
use pixloom_image::filter::gaussian_blur;
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Serial, Size};
use pixloom_testkit::write_file;
use serde_json::{Value, json};
use support::{encoded, problem, run, run_and_stop};

/// Eight pairs, blurred more and more, and a small space.
fn made(folder: &Path) {
    for at in 0..8_u32 {
        let clean = scene(Scene::City, u64::from(at), Size::new(44, 40));
        let soft = gaussian_blur(&clean, 0.4 + at as f32 * 0.2, &Serial).unwrap();
        write_file(folder.join(format!("clean/{at}.png")), encoded(&clean, "png"));
        write_file(folder.join(format!("soft/{at}.png")), encoded(&soft, "png"));
    }
    let space = "steps: 2\ncandidates:\n  - {op: sharpen, amount: [0.5, 1.5]}\n  - median\n";
    write_file(folder.join("space.yaml"), space);
}

fn settings(folder: &Path, table: &str, more: &Value) -> Value {
    let mut settings = json!({"damaged": folder.join("soft"), "undamaged": folder.join("clean"),
        "output": folder.join(table), "workers": "1"});
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    settings
}

fn search(folder: &Path, table: &str, more: &Value) -> Result<Report, JobError> {
    run("restore search", settings(folder, table, more)).0
}

/// Names in a folder that begin with one of a table.
fn beside(folder: &Path, table: &str) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        names.filter(|name| name.starts_with(table) || name.starts_with(".pixloom")).collect();
    names.sort();
    names
}

#[test]
fn a_stopped_search_goes_on_and_ends_with_the_same_table() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    for space in ["grid", folder.join("space.yaml").to_str().unwrap()] {
        let more = json!({"space": space, "overwrite": true, "html": folder.join("whole.html")});
        search(folder, "whole.csv", &more).unwrap();
        let more = json!({"space": space, "html": folder.join("t.html")});
        let stopped = run_and_stop("restore search", settings(folder, "t.csv", &more), 3).unwrap();
        assert!(stopped.cancelled && stopped.counts.done >= 3);
        assert_eq!(beside(folder, "t.csv"), ["t.csv.journal"]);
        // As a process that was killed leaves it.
        write_file(folder.join("t.csv.partial"), "half a li");
        let text = problem(search(folder, "t.csv", &more));
        assert!(text.contains("--resume") && text.contains("t.csv.journal"), "{text}");
        let mut again = more.clone();
        again["resume"] = json!(true);
        let report = search(folder, "t.csv", &again).unwrap();
        assert!(report.counts.resumed >= 3, "{:?}", report.counts);
        assert_eq!(report.counts.resumed + report.counts.done, 8);
        for (a, b) in [("whole.csv", "t.csv"), ("whole.html", "t.html")] {
            assert_eq!(fs::read(folder.join(a)).unwrap(), fs::read(folder.join(b)).unwrap());
        }
        assert_eq!(beside(folder, "t.csv"), ["t.csv"]);
        // Nothing is left to go on with; the table is not replaced unasked.
        assert!(problem(search(folder, "t.csv", &again)).contains("exists"));
        fs::remove_file(folder.join("t.csv")).unwrap();
        fs::remove_file(folder.join("t.html")).unwrap();
    }
}

#[test]
fn a_search_that_finished_nothing_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    drop(pixloom_engine::Journal::open(&folder.join("t.csv.journal"), true).unwrap());
    assert!(search(folder, "t.csv", &json!({"refine": 0})).unwrap().ok);
    assert_eq!(beside(folder, "t.csv"), ["t.csv"]);
    // One that another process writes is.
    let held = pixloom_engine::Journal::open(&folder.join("u.csv.journal"), true).unwrap();
    assert!(problem(search(folder, "u.csv", &json!({}))).contains("u.csv.journal"));
    drop(held);
}

#[test]
fn a_search_that_ends_at_a_failure_goes_on_too() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    let whole = fs::read(folder.join("soft/5.png")).unwrap();
    write_file(folder.join("soft/5.png"), "");
    let result = search(folder, "t.csv", &json!({"on_error": "stop"}));
    assert!(matches!(result, Err(JobError::Run { finished, .. }) if finished >= 5));
    assert_eq!(beside(folder, "t.csv"), ["t.csv.journal"]);
    write_file(folder.join("soft/5.png"), whole);
    let report = search(folder, "t.csv", &json!({"resume": true})).unwrap();
    assert!(report.ok && report.counts.resumed >= 5, "{:?}", report.counts);
}

#[test]
fn pictures_or_settings_that_changed_are_searched_anew() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    let goes_on = |more: Value| {
        run_and_stop("restore search", settings(folder, "t.csv", &json!({})), 4).unwrap();
        let mut settings = json!({"resume": true});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let report = search(folder, "t.csv", &settings).unwrap();
        fs::remove_file(folder.join("t.csv")).unwrap();
        report.counts.resumed
    };
    assert!(goes_on(json!({})) >= 4);
    assert_eq!(goes_on(json!({"refine": 3})), 0);
    let all = goes_on(json!({}));
    run_and_stop("restore search", settings(folder, "t.csv", &json!({})), 4).unwrap();
    fs::copy(folder.join("soft/7.png"), folder.join("soft/0.png")).unwrap();
    let report = search(folder, "t.csv", &json!({"resume": true})).unwrap();
    assert!(report.counts.resumed <= all && report.counts.resumed > 0);
    search(folder, "fresh.csv", &json!({})).unwrap();
    let table = |name: &str| fs::read(folder.join(name)).unwrap();
    assert!(table("t.csv") == table("fresh.csv"), "the pair that changed was not searched anew");
}

#[test]
fn what_would_lose_or_ignore_something_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    let space = folder.join("space.yaml");
    write_file(folder.join("wrong.yaml"), "candidates: [{op: median, radius: []}]");
    for (more, part) in [
        (json!({"html": folder.join("soft/../t.csv")}), "the same file as `output`"),
        (json!({"shard": "1/2"}), "pixloom merge"),
        (json!({"budget": 20}), "another `space`"),
        (json!({"space": space, "refine": 3}), "`refine`"),
        (json!({"space": space, "budget": 18}), "at least 19"),
        (json!({"space": folder.join("wrong.yaml")}), "wrong.yaml: `radius` has no values"),
        (json!({"space": folder.join("none.yaml")}), "none.yaml"),
    ] {
        let text = problem(search(folder, "t.csv", &more));
        assert!(text.contains(part), "{more}: {text}");
    }
    assert!(beside(folder, "t.csv").is_empty());
    let space = json!({"space": space, "overwrite": true});
    let text = problem(search(folder, "space.yaml", &space));
    assert!(text.contains("the same file as `output`"), "{text}");
    let space = json!({"space": folder.join("space.yaml"), "html": folder.join("space.yaml"),
        "overwrite": true});
    let text = problem(search(folder, "t.csv", &space));
    assert!(text.contains("the same file as `space`"), "{text}");
}

#[test]
fn a_budget_is_the_most_that_is_tried() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    for budget in [19, 25, 60] {
        let more = json!({"space": folder.join("space.yaml"), "budget": budget,
            "overwrite": true});
        let report = search(folder, "t.csv", &more).unwrap();
        for item in &report.items {
            assert!(item["evaluations"].as_u64().unwrap() <= budget, "{item}");
        }
        assert!(report.summary["mean_gain"].as_f64().unwrap() > 0.0, "{budget}");
    }
}

#[test]
fn means_are_of_the_same_pairs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    // One pair is equal, and would be left out of one mean only.
    fs::copy(folder.join("clean/0.png"), folder.join("soft/0.png")).unwrap();
    let report = search(folder, "t.csv", &json!({"html": folder.join("t.html")})).unwrap();
    let of = |name: &str| report.summary[name]["psnr"].as_f64().unwrap();
    assert_eq!(report.summary["mean_pairs"], 7);
    assert!(of("mean_refined") >= of("mean_best") && of("mean_refined") >= of("mean_identity"));
    let score = report.summary["mean_best"]["score"].as_f64().unwrap();
    let page = fs::read_to_string(folder.join("t.html")).unwrap();
    assert!(page.contains(&format!("{score:.4}")), "{score}");
    assert!(report.lines.join("\n").contains("means of 7 pairs"), "{:?}", report.lines);
    let first = report.items.iter().find(|item| item["path"] == "0.png").unwrap();
    assert_eq!(first["on_grid_edge"], false);
}

#[test]
fn problems_of_a_pair_are_said_once_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    let cut = |name: &str, len: usize| {
        let bytes = fs::read(folder.join(name)).unwrap();
        write_file(folder.join(name), &bytes[..len]);
    };
    cut("soft/0.png", 0);
    cut("soft/1.png", 400);
    let tiny = encoded(&scene(Scene::City, 1, Size::new(5, 30)), "png");
    write_file(folder.join("clean/2.png"), &tiny);
    fs::remove_file(folder.join("clean/3.png")).unwrap();
    let report = search(folder, "t.csv", &json!({})).unwrap();
    let of = |path: &str| report.failures.iter().find(|failure| failure.path == path).unwrap();
    assert_eq!(of("0.png").message, "damaged: the file is empty");
    assert_eq!(of("0.png").hint, None);
    let message = &of("1.png").message;
    let (side, rest) = message.split_once(": ").unwrap();
    assert!(side == "damaged" && !rest.contains(": "), "{message}");
    assert_eq!(of("2.png").kind, "too-small");
    assert!(of("2.png").message.contains("undamaged: 5×30"), "{:?}", of("2.png"));
    assert!(of("damaged:/3.png").hint.is_some());
    let lines = report.lines.join("\n");
    assert!(lines.contains("warning: only 50"), "{lines}");
}
