//! Whether `score` keeps what it should and says the same whoever does the work.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;

use pixloom_image::filter::gaussian_blur;
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Serial, Size};
use pixloom_testkit::write_file;
use serde_json::{Value, json};
use support::{encoded, pictures, run};

#[test]
fn blurred_pictures_are_dropped_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    for (at, kind) in [Scene::City, Scene::Leaves, Scene::Page].into_iter().enumerate() {
        let sharp = scene(kind, 3, Size::new(200, 160));
        let blurred = gaussian_blur(&sharp, 4.0, &Serial).unwrap();
        write_file(input.join(format!("{at}, sharp.png")), encoded(&sharp, "png"));
        write_file(input.join(format!("{at}-blurred.png")), encoded(&blurred, "png"));
    }
    let before = pixloom_testkit::tree_hash(&input, |_| true);
    let (csv, list) = (folder.path().join("t/scores.csv"), folder.path().join("kept.txt"));
    fs::create_dir(csv.parent().unwrap()).unwrap();
    let settings = json!({"input": [input], "csv": csv, "list": list, "preset": "moderate"});
    let report = run("score", settings).0.unwrap();
    assert!(report.ok);
    assert_eq!((&report.summary["kept"], &report.summary["dropped"]), (&json!(3), &json!(3)));
    let kept = fs::read_to_string(&list).unwrap();
    assert_eq!(kept, "0, sharp.png\n1, sharp.png\n2, sharp.png\n");
    let table = fs::read_to_string(&csv).unwrap();
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[0].starts_with("path,width,height,sharpness,"), "{}", lines[0]);
    assert!(lines[1].starts_with("\"0, sharp.png\",200,160,"), "{}", lines[1]);
    assert_eq!(lines.iter().filter(|line| line.contains(",false,")).count(), 3);
    assert_eq!(pixloom_testkit::tree_hash(&input, |_| true), before);
    // The list is what another run takes.
    let settings = json!({"input": [input], "files_from": list});
    assert_eq!(run("score", settings).0.unwrap().counts.done, 3);
}

#[test]
fn plans_are_carried_out_when_told_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (input, away) = (folder.path().join("in"), folder.path().join("away"));
    let sharp = scene(Scene::City, 3, Size::new(200, 160));
    write_file(input.join("a/sharp.png"), encoded(&sharp, "png"));
    let blurred = gaussian_blur(&sharp, 5.0, &Serial).unwrap();
    write_file(input.join("a/blurred.png"), encoded(&blurred, "png"));
    let before = pixloom_testkit::tree_hash(folder.path(), |_| true);
    let settings = |apply: bool| {
        json!({"input": [input], "drop": ["native_scale<0.5"], "move_to": away,
            "copy_to": folder.path().join("good"), "apply": apply})
    };
    let (report, lines) = run("score", settings(false));
    assert_eq!(report.unwrap().summary["planned"], 2);
    assert!(lines[0].starts_with("move   a/blurred.png to "), "{lines:?}");
    assert!(lines[1].starts_with("copy   a/sharp.png to "), "{lines:?}");
    assert_eq!(pixloom_testkit::tree_hash(folder.path(), |_| true), before);
    let report = run("score", settings(true)).0.unwrap();
    assert_eq!((report.ok, &report.summary["applied"]), (true, &json!(2)));
    assert!(away.join("a/blurred.png").exists() && !input.join("a/blurred.png").exists());
    assert!(folder.path().join("good/a/sharp.png").exists() && input.join("a/sharp.png").exists());
    let undo = pixloom::undo::latest(&input).unwrap().unwrap();
    pixloom::undo::revert(&undo).unwrap();
    assert!(!away.join("a/blurred.png").exists() && input.join("a/blurred.png").exists());
}

#[test]
fn scores_do_not_depend_on_workers() {
    let folder = tempfile::tempdir().unwrap();
    pictures(folder.path(), 24);
    write_file(folder.path().join("set0/broken.png"), b"no picture");
    let scored = |more: Value| {
        let mut settings = json!({"input": [folder.path()]});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let report = run("score", settings).0.unwrap();
        assert_eq!((report.counts.done, report.counts.failed), (24, 1));
        serde_json::to_string(&(report.items, &report.summary["scores"])).unwrap()
    };
    let alone = scored(json!({"workers": 1}));
    assert_eq!(alone, scored(json!({"workers": 6, "chunk_size": 2})));
    assert_eq!(alone, scored(json!({"workers": 3, "max_memory": "64M"})));
}

#[test]
fn conditions_that_make_no_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    pictures(folder.path(), 1);
    for (settings, name) in [
        (json!({"keep": ["sharp>1"]}), "keep"),
        (json!({"drop": ["noise"]}), "drop"),
        (json!({"list": "x.txt"}), "list"),
        (json!({"move_to": "x"}), "move_to"),
        (json!({"drop": ["noise>9"], "apply": true}), "apply"),
    ] {
        let mut all = json!({"input": [folder.path()]});
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let error = run("score", all).0.unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}`")), "{error}");
    }
}
