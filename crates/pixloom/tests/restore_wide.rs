//! Whether the wide search finds repairs, a model learns them, and `restore apply` makes them.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;

use pixloom_image::codec::{self, DecodeOptions};
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Channels, Depth, Image, Limits, PixelFormat, Samples, Serial, Size, convert};
use pixloom_testkit::write_file;
use serde_json::{Value, json};
use support::{encoded, run};

fn decoded(path: &Path) -> Image {
    let bytes = std::fs::read(path).unwrap();
    let codec = codec::by_name("png").unwrap();
    codec.decode(&bytes, &DecodeOptions::default(), &Limits::default(), &Serial).unwrap().image
}

/// Half of the contrast, around the middle.
fn flat(image: &Image) -> Image {
    let mut image = image.clone();
    if let Samples::U8(samples) = image.samples_mut() {
        for value in samples.iter_mut() {
            *value = *value / 2 + 64;
        }
    }
    image
}

/// Specks of black and white.
fn specked(image: &Image) -> Image {
    let mut image = image.clone();
    if let Samples::U8(samples) = image.samples_mut() {
        for (at, pixel) in samples.chunks_exact_mut(3).enumerate() {
            match at * 7919 % 61 {
                0 => pixel.fill(0),
                1 => pixel.fill(255),
                _ => {}
            }
        }
    }
    image
}

const SPACE: &str = "\
steps: 2
candidates:
  - {op: levels, black: [0.0, 1.0], white: [0.0, 1.0]}
  - {op: median, radius: [1], threshold: [0.0, 0.2]}
  - blur:sigma=1
";

fn pairs(folder: &Path) {
    let scenes = [Scene::City, Scene::Leaves, Scene::Landscape, Scene::StillLife];
    for at in 0..12_usize {
        let clean = scene(scenes[at % 4], at as u64, Size::new(80, 72));
        let clean = convert::convert(clean, PixelFormat::RGB8);
        let damaged = if at % 3 == 0 { specked(&clean) } else { flat(&clean) };
        write_file(folder.join(format!("undamaged/{at:02}.png")), encoded(&clean, "png"));
        write_file(folder.join(format!("damaged/{at:02}.png")), encoded(&damaged, "png"));
    }
    write_file(folder.join("space.yaml"), SPACE.as_bytes());
}

fn search(folder: &Path, table: &str, workers: &str) -> Value {
    let settings = json!({
        "damaged": folder.join("damaged"),
        "undamaged": folder.join("undamaged"),
        "output": folder.join(table),
        "space": folder.join("space.yaml"),
        "html": folder.join(format!("{table}.html")),
        "workers": workers,
    });
    run("restore search", settings).0.unwrap().summary
}

fn train(folder: &Path, model: &str, workers: &str) -> Value {
    let settings = json!({
        "table": folder.join("one.csv"),
        "output": folder.join(model),
        "damaged": folder.join("damaged"),
        "undamaged": folder.join("undamaged"),
        "test_share": 0.34,
        "workers": workers,
        "seed": 7,
    });
    run("train restore", settings).0.unwrap().summary
}

#[test]
fn searched_learned_and_applied() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    pairs(path);
    let summary = search(path, "one.csv", "1");
    search(path, "eight.csv", "8");
    let read = |name: &str| std::fs::read_to_string(path.join(name)).unwrap();
    assert_eq!(read("one.csv"), read("eight.csv"));
    let page = read("one.csv.html");
    assert_eq!(page, read("eight.csv.html"));
    for part in ["best found", "levels", "What candidates gain alone", "<svg"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(summary["mean_gain"].as_f64().unwrap() > 0.05, "{summary}");
    assert!(summary["operations"]["levels"].as_u64() >= Some(6), "{summary}");
    assert!(summary["operations"]["median"].as_u64() >= Some(3), "{summary}");
    let figures = train(path, "one.json", "1");
    train(path, "eight.json", "8");
    assert_eq!(read("one.json"), read("eight.json"));
    let score = |name: &str| figures["held_out"][name]["score"].as_f64().unwrap();
    assert!(score("model_guarded") > score("identity"), "{figures}");
    apply(path);
}

fn apply(path: &Path) {
    let settings = |workers: &str, output: &str| {
        json!({"input": path.join("damaged"), "output": path.join(output),
            "model": path.join("one.json"), "workers": workers})
    };
    let report = run("restore apply", settings("1", "out1")).0.unwrap();
    assert_eq!((report.ok, report.counts.done), (true, 12));
    run("restore apply", settings("8", "out8")).0.unwrap();
    for at in 0..12 {
        let name = format!("{at:02}.png");
        let (one, eight) = (path.join("out1").join(&name), path.join("out8").join(&name));
        assert_eq!(std::fs::read(one).unwrap(), std::fs::read(eight).unwrap());
    }
    let explained = run(
        "restore apply",
        json!({"input": path.join("damaged"), "model": path.join("one.json"), "explain": true}),
    );
    let report = explained.0.unwrap();
    assert_eq!(report.items.len(), 12);
    let acts = |item: &Value| item["operations"].as_array().unwrap().len();
    assert!(report.items.iter().any(|item| acts(item) > 0), "{:?}", report.items);
    assert!(report.items[0]["features"]["noise_sigma"].is_number());
    assert!(report.lines.iter().any(|line| line.contains("expected gain")));
}

#[test]
fn depth_and_alpha_stay() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let size = Size::new(48, 40);
    let sample = |at: usize| {
        let (pixel, channel) = (at / 4, at % 4);
        if channel == 3 {
            (pixel * 31 % 65_536) as u16
        } else {
            20_000 + (pixel * 37 % 9_000) as u16
        }
    };
    let samples = Samples::U16((0..48 * 40 * 4).map(sample).collect());
    let image = Image::new(size, Channels::Rgba, samples).unwrap();
    write_file(path.join("in/a.png"), encoded(&image, "png"));
    let model = json!({
        "schema": 1, "program": "0",
        "predicts": {"gains": {"operations": ["levels"], "steps": 1}},
        "features": ["noise_sigma"], "least_gain": 0.001, "seed": 0, "figures": null,
        "model": {"kind": "mean", "values": [0.02]},
    });
    write_file(path.join("model.json"), model.to_string().into_bytes());
    let settings = json!({"input": path.join("in"), "output": path.join("out"),
        "model": path.join("model.json")});
    assert!(run("restore apply", settings).0.unwrap().ok);
    let restored = decoded(&path.join("out/a.png"));
    assert_eq!((restored.channels(), restored.depth()), (Channels::Rgba, Depth::U16));
    let (Samples::U16(before), Samples::U16(after)) = (image.samples(), restored.samples()) else {
        panic!("not 16 bit");
    };
    let alpha = |samples: &[u16]| samples.iter().skip(3).step_by(4).copied().collect::<Vec<_>>();
    assert_eq!(alpha(before), alpha(after));
    let most = after.chunks(4).map(|pixel| pixel[0]).max();
    assert!(most > Some(60_000), "{most:?}");
}

#[test]
fn a_model_that_promises_nothing_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let image = scene(Scene::City, 3, Size::new(40, 40));
    write_file(path.join("in/a.png"), encoded(&image, "png"));
    let model = |gain: f64, name: &str| {
        let model = json!({
            "schema": 1, "program": "0",
            "predicts": {"gains": {"operations": ["blur:sigma=3"], "steps": 2}},
            "features": [name], "least_gain": 0.01, "seed": 0, "figures": null,
            "model": {"kind": "mean", "values": [gain]},
        });
        write_file(path.join("model.json"), model.to_string().into_bytes());
    };
    let apply = |output: &str| {
        run(
            "restore apply",
            json!({"input": path.join("in"), "output": path.join(output),
            "model": path.join("model.json")}),
        )
        .0
    };
    model(0.009, "blur");
    apply("kept").unwrap();
    assert_eq!(decoded(&path.join("kept/a.png")).samples(), image.samples());
    model(0.011, "blur");
    apply("changed").unwrap();
    assert_ne!(decoded(&path.join("changed/a.png")).samples(), image.samples());
    model(0.5, "colour of the sky");
    assert!(apply("none").unwrap_err().to_string().contains("colour of the sky"));
    assert!(
        run("restore apply", json!({"input": path.join("in")}))
            .0
            .unwrap_err()
            .to_string()
            .contains("output")
    );
}

#[test]
fn the_built_in_model_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_file(path.join("in/a.png"), encoded(&scene(Scene::Leaves, 1, Size::new(64, 64)), "png"));
    let report =
        run("restore apply", json!({"input": path.join("in"), "explain": true})).0.unwrap();
    assert_eq!(report.items.len(), 1);
    let mut settings = json!({"input": path.join("in"), "output": path.join("out")});
    assert!(run("restore apply", settings.clone()).0.unwrap().ok);
    settings["output"] = json!(path.join("again"));
    settings["model"] = json!("built-in");
    assert!(run("restore apply", settings).0.unwrap().ok);
    let [unnamed, named] = ["out", "again"].map(|name| decoded(&path.join(name).join("a.png")));
    assert_eq!(unnamed.samples(), named.samples());
}
