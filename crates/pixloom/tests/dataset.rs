//! Whether `validate --lq` checks a whole HQ/LQ data set in one report.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;

use pixloom::job::Report;
use pixloom_image::geometry::{Turn, turn};
use pixloom_image::resize::{Filter, ResizeOptions, resize};
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Image, Serial, Size};
use pixloom_testkit::write_file;
use serde_json::{Value, json};
use support::{encoded, run};

fn put_pair(folder: &Path, name: &str, seed: u64, scale: u32) -> Image {
    let hq = scene(Scene::City, seed, Size::new(192, 128));
    let size = Size::new(192 / scale, 128 / scale);
    let lq = resize(&hq, size, &ResizeOptions::with_filter(Filter::CatmullRom), &Serial).unwrap();
    write_file(folder.join(format!("hq/{name}.png")), encoded(&hq, "png"));
    write_file(folder.join(format!("lq/{name}x2.jpg")), encoded(&lq, "jpg"));
    lq
}

#[expect(clippy::needless_pass_by_value, reason = "built for each call")]
fn check(folder: &Path, more: Value) -> Report {
    let mut settings = json!({"input": [folder.join("hq")], "lq": folder.join("lq")});
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run("validate", settings).0.unwrap()
}

#[test]
fn a_sound_data_set_passes_all_five_steps() {
    let folder = tempfile::tempdir().unwrap();
    (0..4).for_each(|seed| drop(put_pair(folder.path(), &seed.to_string(), seed, 2)));
    let report = check(folder.path(), json!({"expect": 2}));
    assert!(report.ok, "{:#?}", report.lines);
    assert_eq!(report.summary["steps"], 5);
    assert_eq!(report.summary["names"]["pairs"], 4);
    assert_eq!(report.summary["pairs"]["scale"], "2");
    assert_eq!(report.summary["sizes"]["lq"][1], json!({"width": 96, "height": 64}));
    assert_eq!(report.items.len(), 12, "8 files and 4 pairs");
    for step in 1..=5 {
        let head = format!("{step} of 5");
        assert!(report.lines.iter().any(|line| line.starts_with(&head)), "{head}");
    }
    let lines = report.lines.clone();
    assert_eq!(check(folder.path(), json!({"expect": 2, "workers": 5})).lines, lines);
}

#[test]
fn every_step_finds_what_it_is_for() {
    let folder = tempfile::tempdir().unwrap();
    (0..4).for_each(|seed| drop(put_pair(folder.path(), &seed.to_string(), seed, 2)));
    let lq = put_pair(folder.path(), "mirror", 5, 2);
    let mirrored = encoded(&turn(lq, Turn::FlipHorizontal), "jpg");
    write_file(folder.path().join("lq/mirrorx2.jpg"), mirrored);
    put_pair(folder.path(), "other", 6, 4);
    let lq = encoded(&put_pair(folder.path(), "cut", 7, 2), "png");
    write_file(folder.path().join("lq/cutx2.jpg"), &lq[..lq.len() / 2]);
    write_file(folder.path().join("hq/alone.png"), lq);
    let report = check(folder.path(), json!({}));
    assert!(!report.ok);
    assert_eq!(report.summary["names"]["hq_without_lq"], 1);
    assert_eq!(report.summary["files"]["hq"]["with_errors"], 0);
    assert_eq!(report.summary["files"]["lq"]["kinds"]["truncated"], 1);
    assert_eq!(report.summary["pairs"]["unreadable"], 1);
    let findings = &report.summary["pairs"]["findings"];
    assert_eq!(findings["mirrored"], 1);
    assert_eq!(findings["scale-inconsistent"], 1);
    let item = report.items.iter().find(|item| item["path"] == "LQ/cutx2.jpg").unwrap();
    assert_eq!(item["ok"], false);
    // What is told to be ignored is not an error.
    let report = check(folder.path(), json!({"ignore": ["mirrored"]}));
    assert_eq!(report.summary["pairs"]["findings"]["mirrored"], Value::Null);
}

#[test]
fn folders_without_pairs_end_after_the_first_step() {
    let folder = tempfile::tempdir().unwrap();
    write_file(folder.path().join("hq/a.png"), b"never opened");
    write_file(folder.path().join("lq/b.png"), b"never opened");
    let report = check(folder.path(), json!({}));
    assert!(!report.ok);
    assert_eq!((&report.summary["steps"], report.counts.total()), (&json!(1), 0));
    assert!(report.lines[1].starts_with("stopped after step 1"), "{:?}", report.lines);
    assert!(report.items.is_empty());
}

#[test]
fn settings_that_do_not_go_together_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    put_pair(folder.path(), "a", 1, 2);
    let (hq, lq) = (folder.path().join("hq"), folder.path().join("lq"));
    for (settings, name) in [
        (json!({"input": [hq], "expect": 2}), "expect"),
        (json!({"input": [hq], "lq": lq, "repair": true}), "repair"),
        (json!({"input": [hq], "lq": hq}), "lq"),
        (json!({"input": [folder.path().join("none")], "lq": lq}), "input"),
    ] {
        let error = run("validate", settings).0.unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}`")), "{error}");
    }
}
