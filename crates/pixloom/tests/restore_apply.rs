//! Whether `restore apply` leaves files alone that its model leaves alone, and only those.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::path::Path;

use pixloom::job::Report;
use pixloom::run::ManifestRow;
use pixloom_image::codec::{self, EncodeOptions};
use pixloom_image::{Channels, Image, Samples, Serial, Size};
use pixloom_testkit::{noise, result_hash, truncated, write_file};
use serde_json::{Value, json};
use support::{run, run_and_stop};

/// The brightest mean of a picture that the model of these tests acts on.
const DARK: u8 = 100;

/// A model that makes dark pictures brighter, if they promise `least`, and keeps all others.
fn model(path: &Path, least: f64) {
    let model = json!({
        "schema": 1,
        "program": "test",
        "predicts": {"gains": {"operations": ["tone:brightness=0.2"], "steps": 1}},
        "features": ["brightness"],
        "least_gain": least,
        "seed": 0,
        "figures": null,
        "model": {"kind": "ridge", "means": [DARK], "deviations": [1.0], "targets": [[0.0, [-1.0]]]},
    });
    write_file(path, model.to_string());
}

/// Noise of 48 levels from `level` on.
fn encoded(format: &str, level: u8, seed: u64) -> Vec<u8> {
    let (width, height) = (40 + seed as u32 % 9, 32);
    let samples = noise(width, height, 3, seed).iter().map(|v| level + v / 6).collect();
    let image = Image::new(Size::new(width, height), Channels::Rgb, Samples::U8(samples)).unwrap();
    let mut bytes = Vec::new();
    let codec = codec::by_name(format).unwrap();
    codec.encode(&image, &EncodeOptions::default(), &Serial, &mut bytes).unwrap();
    bytes
}

/// Dark and bright pictures in turns, of several formats.
fn pictures(input: &Path) -> Vec<String> {
    let formats = ["jpg", "png", "webp", "tiff", "bmp"];
    let write = |at: u64| {
        let format = formats[at as usize / 2 % formats.len()];
        let name = format!("set{}/{at:02}.{format}", at % 3);
        let level = if at.is_multiple_of(2) { 10 } else { 190 };
        write_file(input.join(&name), encoded(format, level, at));
        name
    };
    (0..20).map(write).collect()
}

fn settings(folder: &Path, output: &str, more: &Value) -> Value {
    let mut settings = json!({
        "input": folder.join("in"),
        "output": folder.join(output),
        "model": folder.join("model.json"),
    });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    settings
}

fn apply(folder: &Path, output: &str, more: &Value) -> Report {
    run("restore apply", settings(folder, output, more)).0.unwrap()
}

fn manifest(output: &Path) -> Vec<ManifestRow<Value>> {
    let text = fs::read_to_string(output.join(".pixloom/manifest.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn what_the_model_leaves_alone_is_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    model(&folder.join("model.json"), 1.0);
    let names = pictures(&folder.join("in"));
    let report = apply(folder, "out", &json!({"workers": "1"}));
    assert_eq!((report.counts.done, &report.summary["kept"]), (20, &json!(10)));
    assert!(report.lines.iter().any(|line| line.starts_with("10 kept as they are")));
    let rows = manifest(&folder.join("out"));
    for (at, name) in names.iter().enumerate() {
        let read = |side: &str| fs::read(folder.join(side).join(name)).unwrap();
        assert_eq!(read("in") == read("out"), at % 2 == 1, "{name}");
        let row = rows.iter().find(|row| row.path == *name).unwrap();
        let kept = &row.record.as_ref().unwrap()["outputs"][0]["kept"];
        assert_eq!(kept.as_bool(), (at % 2 == 1).then_some(true), "{name}");
        let unchanged = row.notes.iter().any(|note| note.code == "unchanged");
        assert_eq!(unchanged, at % 2 == 1, "{name}");
    }
    for workers in ["2", "8"] {
        let report = apply(folder, workers, &json!({"workers": workers}));
        assert_eq!(report.summary["kept"], 10);
        assert_eq!(result_hash(&folder.join(workers)), result_hash(&folder.join("out")));
    }
}

#[test]
fn a_stopped_run_goes_on_and_counts_what_was_kept_before() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    model(&folder.join("model.json"), 1.0);
    pictures(&folder.join("in"));
    apply(folder, "whole", &json!({}));
    run_and_stop("restore apply", settings(folder, "out", &json!({"workers": "2"})), 7).unwrap();
    let report = apply(folder, "out", &json!({"resume": true}));
    assert!(report.counts.resumed >= 7, "{:?}", report.counts);
    assert_eq!(
        (report.counts.done + report.counts.resumed, &report.summary["kept"]),
        (20, &json!(10))
    );
    assert_eq!(result_hash(&folder.join("out")), result_hash(&folder.join("whole")));
}

/// Whether the file is kept by a model that does nothing.
fn is_kept(name: &str, bytes: &[u8], more: &Value) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    model(&folder.join("model.json"), 1e9);
    write_file(folder.join("in").join(name), bytes);
    let report = apply(folder, "out", more);
    assert!(report.ok, "{:?}", report.failures);
    let rows = manifest(&folder.join("out"));
    let written = folder.join("out").join(&rows[0].outputs[0].path);
    let kept = report.summary["kept"] == 1;
    assert_eq!(fs::read(written).unwrap() == bytes, kept, "{name} {more}");
    kept
}

#[test]
fn whoever_asks_for_another_file_gets_one() {
    let (jpeg, png) = (encoded("jpg", 150, 1), encoded("png", 150, 1));
    for (more, kept) in [
        (json!({}), true),
        (json!({"to": "jpeg"}), true),
        (json!({"background": "#000000"}), true),
        (json!({"to": "png"}), false),
        (json!({"quality": 90}), false),
        (json!({"progressive": true}), false),
        (json!({"subsampling": "444"}), false),
        (json!({"effort": 9}), false),
        (json!({"keep_metadata": false}), false),
    ] {
        assert_eq!(is_kept("a.jpg", &jpeg, &more), kept, "{more}");
    }
    assert!(is_kept("a.JPEG", &jpeg, &json!({})));
    // A name that says otherwise is made true.
    assert!(!is_kept("a.jpg", &png, &json!({})));
}

#[test]
fn what_is_turned_or_damaged_is_written_anew() {
    let jpeg = encoded("jpg", 150, 1);
    for (orientation, kept) in [(1_u8, true), (6, false)] {
        let exif = [
            b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(),
            &[orientation, 0, 0, 0, 0, 0, 0],
        ]
        .concat();
        let length = (exif.len() as u16 + 2).to_be_bytes();
        let turned = [&jpeg[..2], &[0xff, 0xe1], &length, &exif, &jpeg[2..]].concat();
        assert_eq!(is_kept("a.jpg", &turned, &json!({})), kept, "{orientation}");
    }
    let tolerant = json!({"tolerant": true});
    assert!(is_kept("a.jpg", &jpeg, &tolerant));
    assert!(!is_kept("a.jpg", &truncated(&jpeg, jpeg.len() - 200), &tolerant));
}

/// A dark picture in a file that says how many frames it has.
fn animated(frames: u8) -> Vec<u8> {
    let png = encoded("png", 10, 1);
    // The chunk that says so; its checksum is not looked at.
    let chunk = [b"\0\0\0\x08acTL\0\0\0".as_slice(), &[frames, 0, 0, 0, 0], &[0; 4]].concat();
    [&png[..33], &chunk, &png[33..]].concat()
}

#[test]
fn several_frames_are_kept_or_fail() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // This model acts on it.
    model(&folder.join("model.json"), 1.0);
    write_file(folder.join("in/one.png"), animated(1));
    write_file(folder.join("in/two.png"), animated(2));
    let report = apply(folder, "out", &json!({}));
    assert_eq!((report.ok, &report.summary["kept"]), (true, &json!(1)));
    assert_eq!(report.summary["notes"]["several-frames"], 1);
    assert!(report.summary["notes"].get("first-frame").is_none(), "{}", report.summary);
    assert_eq!(fs::read(folder.join("out/two.png")).unwrap(), animated(2));
    assert_ne!(fs::read(folder.join("out/one.png")).unwrap(), animated(1));
    for more in [json!({"to": "jpeg"}), json!({"effort": 9})] {
        let to = more.as_object().unwrap().keys().next().unwrap().clone();
        let report = apply(folder, &to, &more);
        assert_eq!((report.counts.done, report.counts.failed), (1, 1), "{more}");
        assert_eq!(report.failures[0].kind, "several-frames");
    }
    let explained = json!({"input": folder.join("in"), "model": folder.join("model.json"),
        "explain": true});
    let report = run("restore apply", explained).0.unwrap();
    assert!(report.lines.join("\n").contains("stays as it is: 2 frames"), "{:?}", report.lines);
}

/// A picture of one size and value.
fn plain(width: u32, height: u32, value: u8) -> Vec<u8> {
    let samples = Samples::U8(vec![value; (width * height * 3) as usize]);
    let image = Image::new(Size::new(width, height), Channels::Rgb, samples).unwrap();
    let mut bytes = Vec::new();
    let codec = codec::by_name("png").unwrap();
    codec.encode(&image, &EncodeOptions::default(), &Serial, &mut bytes).unwrap();
    bytes
}

#[test]
fn tiny_pictures_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    model(&folder.join("model.json"), 1.0);
    let sizes = [(1, 1), (1, 40), (40, 1), (5, 5), (6, 90)];
    for (width, height) in sizes {
        write_file(folder.join(format!("in/{width}x{height}.png")), plain(width, height, 20));
    }
    write_file(folder.join("in/large.png"), plain(7, 7, 20));
    for unguarded in [false, true] {
        let output = format!("out{unguarded}");
        let report = apply(folder, &output, &json!({"unguarded": unguarded}));
        assert_eq!(report.summary["kept"], 5);
        for (width, height) in sizes {
            let name = format!("{width}x{height}.png");
            assert_eq!(
                fs::read(folder.join(&output).join(&name)).unwrap(),
                plain(width, height, 20),
                "{name}"
            );
        }
    }
}

/// A file of a model of one operation that always promises much.
fn always(operation: &str) -> Value {
    json!({
        "schema": 1, "program": "test",
        "predicts": {"gains": {"operations": [operation], "steps": 5}},
        "features": ["brightness"], "least_gain": 0.0, "seed": 0, "figures": null,
        "model": {"kind": "mean", "values": [0.5]},
    })
}

#[test]
fn what_changes_nothing_keeps_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_file(folder.join("in/flat.png"), plain(40, 30, 90));
    write_file(folder.join("in/noise.png"), encoded("png", 90, 1));
    write_file(folder.join("model.json"), always("median").to_string());
    let report = apply(folder, "median", &json!({}));
    assert_eq!(report.summary["kept"], 1);
    assert_eq!(fs::read(folder.join("median/flat.png")).unwrap(), plain(40, 30, 90));
    // A model of parameters that asks for nothing.
    let nothing = json!({
        "schema": 1, "program": "test", "predicts": "parameters",
        "features": ["brightness"], "least_gain": 0.0, "seed": 0, "figures": null,
        "model": {"kind": "mean", "values": [0.0, 1.0, 0.0, 0.5]},
    });
    write_file(folder.join("model.json"), nothing.to_string());
    let report = apply(folder, "nothing", &json!({}));
    assert_eq!(report.summary["kept"], 2);
    assert!(apply(folder, "again", &json!({})).lines.join("\n").contains("2 kept"));
}

#[test]
fn models_that_do_not_fit_together_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_file(folder.join("in/a.png"), plain(20, 20, 90));
    let path = folder.join("broken.json");
    let changed = |place: &str, value: Value| {
        let mut model = always("blur:sigma=1");
        *model.pointer_mut(place).unwrap() = value;
        model.to_string()
    };
    let parameters = |model: Value| {
        let mut file = always("blur");
        (file["predicts"], file["model"]) = (json!("parameters"), model);
        file.to_string()
    };
    let mut newer = always("blur");
    (newer["schema"], newer["model"]) = (json!(2), json!({"kind": "transformer"}));
    let operations = "/predicts/gains/operations";
    let mut guards = always("blur");
    guards["least_gains"] = json!([0.1, 0.2]);
    for (text, part) in [
        (newer.to_string(), "has schema 2, this pixloom reads 1"),
        ("{\"format\":\"sklearn\"}".to_owned(), "is no model of `train restore`"),
        (String::new(), "is no model of `train restore`"),
        (changed("/model/values", json!([])), "`values` has 0, not 1"),
        (changed("/model/values", json!([0.1, 0.2])), "`values` has 2, not 1"),
        (changed("/model/values", json!([1e300])), "absurdly large"),
        (changed("/features", json!([])), "no features"),
        (changed(operations, json!([])), "no operations"),
        (changed(operations, json!(["blur", "median"])), "`values` has 1, not 2"),
        (changed(operations, json!(["nosuch"])), "nosuch"),
        (changed(operations, json!(["resize:width=20"])), "changes the size"),
        (changed(operations, json!(["resize:width=60000,height=60000"])), "changes the size"),
        (changed(operations, json!(["crop:width=10,height=10"])), "changes the size"),
        (changed(operations, json!(["tile:size=64"])), "changes the size"),
        (changed(operations, json!(["flip"])), "changes the size"),
        (guards.to_string(), "2 guards for 1 operations"),
        (parameters(json!({"kind": "mean", "values": [1.0]})), "`values` has 1, not 4"),
        (
            parameters(json!({"kind": "random-forest", "targets": 1_000_000_000_000_u64,
                "trees": []})),
            "not 4",
        ),
    ] {
        write_file(&path, &text);
        let settings = json!({"input": folder.join("in"), "output": folder.join("out"),
            "model": path});
        let error = run("restore apply", settings).0.unwrap_err().to_string();
        assert!(error.contains(part) && error.contains("broken.json"), "{part}: {error}");
    }
    assert!(!folder.join("out").exists());
}

#[test]
fn a_format_that_cannot_be_written_fails_whatever_the_model_thinks() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    model(&folder.join("model.json"), 1e9);
    write_file(folder.join("in/a"), encoded("png", 150, 1));
    write_file(folder.join("list.txt"), b"a\n");
    let report = apply(folder, "out", &json!({"files_from": folder.join("list.txt")}));
    assert_eq!((report.counts.failed, &report.summary["kept"]), (1, &json!(0)));
}

#[test]
fn jobs_that_always_do_something_keep_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    let jpeg = encoded("jpg", 150, 1);
    write_file(input.join("a.jpg"), &jpeg);
    let settings = json!({"input": input, "output": output, "to": "jpeg"});
    let report = run("convert", settings).0.unwrap();
    assert!(report.summary.get("kept").is_none());
    assert_ne!(fs::read(output.join("a.jpg")).unwrap(), jpeg);
}
