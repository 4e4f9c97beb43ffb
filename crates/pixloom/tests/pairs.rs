//! Whether `pairs` finds what is wrong with HQ and LQ folders, and nothing else.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;

use pixloom::job::Report;
use pixloom_image::geometry::{Rect, Turn, crop, turn};
use pixloom_image::resize::{Filter, ResizeOptions, resize};
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Image, Serial, Size};
use pixloom_testkit::write_file;
use serde_json::{Value, json};
use support::{encoded, picture, run};

fn small(image: &Image, scale: u32) -> Image {
    let size = Size::new(image.width() / scale, image.height() / scale);
    resize(image, size, &ResizeOptions::with_filter(Filter::CatmullRom), &Serial).unwrap()
}

fn hq(seed: u64) -> Image {
    let kinds = [Scene::City, Scene::Leaves, Scene::Landscape, Scene::StillLife];
    scene(kinds[seed as usize % kinds.len()], seed, Size::new(256, 192))
}

#[expect(clippy::needless_pass_by_value, reason = "built for each call")]
fn pairs(folder: &Path, more: Value) -> Report {
    let mut settings = json!({"hq": folder.join("hq"), "lq": folder.join("lq")});
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run("pairs", settings).0.unwrap()
}

/// `path: kind kind` of every item that has findings.
fn found(report: &Report) -> Vec<String> {
    let line = |item: &Value| {
        let kinds: Vec<&str> = item["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| finding["kind"].as_str().unwrap())
            .collect();
        let path = item["path"].as_str().unwrap();
        (!kinds.is_empty()).then(|| format!("{path}: {}", kinds.join(" ")))
    };
    report.items.iter().filter_map(line).collect()
}

#[test]
fn names_and_sizes_are_checked_without_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, width, height| {
        let format = Path::new(path).extension().unwrap().to_str().unwrap();
        write_file(folder.path().join(path), picture(format, width, height, 1));
    };
    for (path, width, height) in [
        ("hq/a-1.png", 80, 40),
        ("hq/a.png", 80, 40),
        ("hq/sub/b.jpg", 80, 40),
        ("hq/c.png", 81, 43),
        ("hq/d.png", 80, 40),
        ("hq/e.png", 80, 40),
        ("hq/f.png", 80, 40),
        ("hq/g.png", 80, 40),
        ("hq/lonely.png", 80, 40),
        ("lq/a-1.jpg", 20, 10),
        ("lq/aX4.png", 20, 10),
        ("lq/sub/b.png", 20, 10),
        ("lq/c.png", 20, 10),
        ("lq/d.png", 10, 20),
        ("lq/e.png", 40, 20),
        ("lq/f.png", 20, 15),
        ("lq/g.png", 20, 10),
        ("lq/g_lr.png", 20, 10),
        ("lq/stray.png", 20, 10),
    ] {
        put(path, width, height);
    }
    let report = pairs(folder.path(), json!({"content": false}));
    let expected = [
        "c.png: not-a-multiple",
        "d.png: orientation",
        "e.png: scale-inconsistent",
        "f.png: scale-anisotropic",
        "g.png: ambiguous",
        "lonely.png: missing-lq",
        "LQ:/stray.png: missing-hq",
    ];
    assert_eq!(found(&report), expected);
    assert!(!report.ok && report.counts.failed == 0);
    assert_eq!(report.items.len(), 10);
    assert_eq!(report.summary["scale"], "4");
    assert_eq!(report.summary["pairs"], 7);
    let report = pairs(folder.path(), json!({"content": false, "expect": 2}));
    assert!(found(&report).contains(&"a.png: scale-unexpected".to_owned()));
    assert!(!found(&report).iter().any(|line| line.starts_with("e.png")));
}

#[test]
fn proposals_are_printed_and_nothing_is_done() {
    let folder = tempfile::tempdir().unwrap();
    write_file(folder.path().join("hq/a.png"), picture("png", 81, 43, 1));
    write_file(folder.path().join("lq/a.png"), picture("png", 20, 10, 1));
    write_file(folder.path().join("lq/b.png"), picture("png", 20, 10, 1));
    let before = pixloom_testkit::tree_hash(folder.path(), |_| true);
    let settings = json!({"hq": folder.path().join("hq"), "lq": folder.path().join("lq"),
        "content": false, "fix": true});
    let (report, lines) = run("pairs", settings);
    assert_eq!(lines, ["crop   HQ/a.png to 80x40 at (0, 0)", "drop   LQ/b.png"]);
    assert_eq!(report.unwrap().items[1]["fixes"][0]["action"], "drop");
    assert_eq!(pixloom_testkit::tree_hash(folder.path(), |_| true), before);
}

/// Writes pairs of every sort; returns what must be found.
fn dataset(folder: &Path) -> Vec<&'static str> {
    let put = |name: &str, large: &Image, small: &Image| {
        write_file(folder.join("hq").join(format!("{name}.png")), encoded(large, "png"));
        write_file(folder.join("lq").join(format!("{name}x4.jpg")), encoded(small, "jpg"));
    };
    for seed in 0..8 {
        put(&format!("good{seed}"), &hq(seed), &small(&hq(seed), 4));
    }
    let part = |x, y| crop(&hq(3), Rect::new(x, y, Size::new(248, 184))).unwrap();
    put("shifted", &part(0, 0), &small(&part(8, 4), 4));
    put("mirrored", &hq(1), &turn(small(&hq(1), 4), Turn::FlipHorizontal));
    put("upside", &hq(2), &turn(small(&hq(2), 4), Turn::Rotate180));
    put("wrong", &hq(4), &small(&hq(5), 4));
    let cut = crop(&hq(0), Rect::new(40, 20, Size::new(192, 144))).unwrap();
    let cut = resize(&cut, Size::new(64, 48), &ResizeOptions::default(), &Serial).unwrap();
    put("zoomed", &hq(0), &cut);
    vec![
        "mirrored.png: mirrored",
        "shifted.png: shifted",
        "upside.png: rotated",
        "wrong.png: wrong-partner",
        "zoomed.png: different-crop",
    ]
}

#[test]
fn contents_are_compared_the_same_way_by_any_number_of_workers() {
    let folder = tempfile::tempdir().unwrap();
    let expected = dataset(folder.path());
    let mut reports = Vec::new();
    for more in [json!({"workers": 1}), json!({"workers": 5, "max_memory": "64M"})] {
        let report = pairs(folder.path(), more);
        assert_eq!(found(&report), expected);
        reports.push(serde_json::to_string(&report.items).unwrap());
    }
    assert_eq!(reports[0], reports[1]);
}

#[test]
fn broken_files_fail_their_pair_only() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..3 {
        let large = encoded(&hq(seed), "png");
        write_file(folder.path().join(format!("hq/{seed}.png")), &large);
        let bytes = encoded(&small(&hq(seed), 2), "png");
        let cut = if seed == 1 { bytes.len() / 2 } else { bytes.len() };
        write_file(folder.path().join(format!("lq/{seed}.png")), &bytes[..cut]);
    }
    let report = pairs(folder.path(), json!({}));
    assert_eq!((report.counts.done, report.counts.failed), (2, 1));
    assert_eq!(found(&report), ["1.png: truncated"]);
    assert!(report.items[1]["findings"][0]["message"].as_str().unwrap().starts_with("LQ: "));
}

#[test]
fn folders_that_cannot_be_meant_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_file(folder.path().join("hq/a.png"), picture("png", 8, 8, 1));
    for (lq, more, part) in [
        ("hq", json!({}), "same folder"),
        ("none", json!({}), "cannot read"),
        ("hq/a.png", json!({}), "must be a folder"),
        ("hq", json!({"files_from": "x"}), "two"),
    ] {
        let mut settings = json!({"hq": folder.path().join("hq"), "lq": folder.path().join(lq)});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let error = run("pairs", settings).0.unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}
