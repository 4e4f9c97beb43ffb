//! Networks of the user's and SSIMULACRA2 in `dedup`: what they decide, that nothing shows who was
//! faster or what was known before.
#![cfg(feature = "onnx")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pixloom::job::{JobCx, Report};
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Channels, Image, Samples, Size};
use pixloom_testkit::{Lcg, write_file};
use serde_json::{Value, json};
use support::graph::{constant, distance, model, node, outside, port};
use support::{encoded_at, run, run_with};

/// The mean of each channel: what an encoder looks like from outside.
fn means(sides: [u64; 2]) -> Vec<u8> {
    model(&[
        node("GlobalAveragePool", &["x"], "p", &[]),
        node("Flatten", &["p"], "y", &[]),
        port(11, "x", &[1, 3, sides[0], sides[1]]),
        port(12, "y", &[1, 3]),
    ])
}

/// Boxes of random grays about a colour: no two seeds have anything in common but that.
fn boxes(seed: u64, colour: [i32; 3]) -> Image {
    let size = Size::new(320, 240);
    let mut lcg = Lcg::new(seed);
    let mut samples: Vec<u8> = colour.map(|v| v as u8).repeat(size.pixels() as usize);
    for _ in 0..400 {
        let [x, y] = [lcg.below(300), lcg.below(220)];
        let [width, height] = [4 + lcg.below(16), 4 + lcg.below(16)];
        let change = lcg.below(121) as i32 - 60;
        for at in (y..y + height).flat_map(|y| (x..x + width).map(move |x| y * 320 + x)) {
            for (channel, base) in colour.iter().enumerate() {
                samples[3 * at + channel] = (base + change).clamp(0, 255) as u8;
            }
        }
    }
    Image::new(size, Channels::Rgb, Samples::U8(samples)).unwrap()
}

/// Two reds, a blue and a scene with a copy that is worse.
fn pictures(folder: &Path) {
    let city = scene(Scene::City, 1, Size::new(480, 360));
    for (name, bytes) in [
        ("blue.png", encoded_at(&boxes(3, [60, 60, 190]), "png", 0)),
        ("city-bad.jpg", encoded_at(&city, "jpeg", 8)),
        ("city-good.jpg", encoded_at(&city, "jpeg", 92)),
        ("city.png", encoded_at(&city, "png", 0)),
        ("red1.png", encoded_at(&boxes(1, [190, 60, 60]), "png", 0)),
        ("red2.png", encoded_at(&boxes(2, [190, 60, 60]), "png", 0)),
    ] {
        write_file(folder.join(name), bytes);
    }
}

struct Place {
    _folder: tempfile::TempDir,
    input: PathBuf,
    cache: PathBuf,
    graph: PathBuf,
}

fn place(graph: Vec<u8>) -> Place {
    let folder = tempfile::tempdir().unwrap();
    let [input, cache] = ["in", "cache"].map(|name| folder.path().join(name));
    let path = folder.path().join("graph.onnx");
    write_file(&path, graph);
    pictures(&input);
    Place { _folder: folder, input, cache, graph: path }
}

impl Place {
    fn dedup(&self, more: &Value) -> Report {
        let mut settings = json!({"input": [self.input]});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let cx = JobCx { cache_dir: Some(self.cache.clone()), ..JobCx::default() };
        run_with("dedup", settings, cx).0.unwrap()
    }

    fn pair(&self, a: &str, b: &str, more: &Value) -> Report {
        let mut settings = json!({"a": self.input.join(a), "b": self.input.join(b)});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run("dedup pair", settings).0.unwrap()
    }
}

/// The groups as sorted lists of names.
fn groups(report: &Report) -> Vec<Vec<&str>> {
    let mut groups: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for item in &report.items {
        if let Some(group) = item["group"].as_u64() {
            groups.entry(group).or_default().push(item["path"].as_str().unwrap());
        }
    }
    let mut groups: Vec<Vec<&str>> = groups.into_values().collect();
    for group in &mut groups {
        group.sort_unstable();
    }
    groups.sort();
    groups
}

fn class_of<'a>(report: &'a Report, name: &str) -> &'a str {
    report.items.iter().find(|item| item["path"] == name).unwrap()["class"].as_str().unwrap_or("")
}

const CITY: [&str; 3] = ["city-bad.jpg", "city-good.jpg", "city.png"];

#[test]
fn an_encoder_brings_together_what_nothing_else_does() {
    let place = place(means([0, 0]));
    let plain = place.dedup(&json!({}));
    assert_eq!(groups(&plain), [CITY.to_vec()]);
    let settings = |workers: u32| {
        json!({"embedding": place.graph, "embedding_size": 64, "embedding_threshold": 0.99,
               "workers": workers})
    };
    let first = place.dedup(&settings(1));
    assert_eq!(groups(&first), [CITY.to_vec(), vec!["red1.png", "red2.png"]]);
    let classes = [class_of(&first, "red1.png"), class_of(&first, "red2.png")];
    assert!(classes.contains(&"embedding"), "{classes:?}");
    // From the cache, without it, with more workers: the same.
    for more in [settings(1), settings(3)] {
        assert_eq!(place.dedup(&more).items, first.items);
    }
    let mut fresh = settings(2);
    fresh["cache"] = json!(false);
    assert_eq!(place.dedup(&fresh).items, first.items);
    // Another threshold is another question, and without the graph all is as before.
    let mut strict = settings(2);
    strict["embedding_threshold"] = json!(1.0);
    assert_eq!(groups(&place.dedup(&strict)), [CITY.to_vec()]);
    assert_eq!(place.dedup(&json!({})).items, plain.items);
}

#[test]
fn vectors_are_kept_and_belong_to_their_graph() {
    let place = place(means([48, 48]));
    let settings = json!({"embedding": place.graph, "embedding_threshold": 0.99});
    let embedded = |report: &Report| {
        let stages = report.summary["stages"].as_array().unwrap().clone();
        stages.into_iter().find(|row| row["name"] == "embed").unwrap()["accepted"].clone()
    };
    let first = place.dedup(&settings);
    assert_eq!(embedded(&first), 6);
    // One that says the same of all pictures, under the same name.
    let flat = model(&[
        node("GlobalAveragePool", &["x"], "p", &[]),
        node("Flatten", &["p"], "f", &[]),
        node("Softmax", &["f"], "s", &[]),
        node("Ceil", &["s"], "y", &[]),
        port(11, "x", &[1, 3, 48, 48]),
        port(12, "y", &[1, 3]),
    ]);
    write_file(&place.graph, flat);
    let second = place.dedup(&settings);
    assert_eq!((embedded(&second), groups(&second).concat().len()), (json!(6), 6));
}

/// Instead of the scene's copies one behind a veil of boxes, which the blocks do not forgive.
fn veil(place: &Place) {
    let city = scene(Scene::City, 1, Size::new(480, 360));
    let mut veiled = city.clone();
    let mut lcg = Lcg::new(5);
    let Samples::U8(samples) = veiled.samples_mut() else { panic!() };
    for _ in 0..9000 {
        let (x, y, value) = (lcg.below(476), lcg.below(356), lcg.below(256) as u8);
        for at in (y..y + 4).flat_map(|y| (x..x + 4).map(move |x| y * 480 + x)) {
            samples[3 * at..3 * at + 3].fill(value);
        }
    }
    for name in CITY {
        std::fs::remove_file(place.input.join(name)).unwrap();
    }
    write_file(place.input.join("city.png"), encoded_at(&city, "png", 0));
    write_file(place.input.join("veiled.png"), encoded_at(&veiled, "png", 0));
}

#[test]
fn lpips_accepts_whole_pictures_that_are_near() {
    let place = place(distance());
    veil(&place);
    let plain = place.dedup(&json!({}));
    assert!(groups(&plain).is_empty(), "{:?}", plain.lines);
    let settings = json!({"lpips": place.graph, "lpips_threshold": 0.45});
    let report = place.dedup(&settings);
    assert_eq!(groups(&report), [["city.png", "veiled.png"]], "{:?}", report.lines);
    let classes = [class_of(&report, "city.png"), class_of(&report, "veiled.png")];
    assert!(classes.contains(&"perceptual"), "{classes:?}");
    assert_eq!(place.dedup(&settings).items, report.items);
    let pair = place.pair("city.png", "veiled.png", &settings);
    assert!(pair.ok && pair.summary["lpips"].as_f64().unwrap() < 0.45, "{:?}", pair.lines);
}

#[test]
fn ssimulacra2_is_told_and_can_part() {
    let place = place(Vec::new());
    std::fs::copy(place.input.join("city-bad.jpg"), place.input.join("bad2.jpg")).unwrap();
    let told = place.dedup(&json!({"ssimulacra2": true}));
    let figures: BTreeMap<&str, f64> = told
        .items
        .iter()
        .filter_map(|item| Some((item["path"].as_str()?, item["ssimulacra2"].as_f64()?)))
        .collect();
    assert_eq!(figures.len(), 2, "{figures:?}");
    // Against the best, which is the PNG.
    let bad = ["city-bad.jpg", "bad2.jpg"].iter().find_map(|name| figures.get(name).copied());
    assert!(bad.unwrap() < 40.0 && figures["city-good.jpg"] > 70.0, "{figures:?}");
    let parted = place.dedup(&json!({"ssimulacra2_threshold": 55}));
    let expected = [vec!["bad2.jpg", "city-bad.jpg"], vec!["city-good.jpg", "city.png"]];
    assert_eq!(groups(&parted), expected, "{:?}", parted.lines);
    let pair = place.pair("city-bad.jpg", "city.png", &json!({"ssimulacra2": true}));
    assert!(pair.summary["ssimulacra2"].as_f64().unwrap() < 40.0);
}

#[test]
fn graphs_that_are_no_encoders_are_refused() {
    let place = place(distance());
    let refused = |more: Value| {
        let mut settings = json!({"input": [place.input]});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run("dedup", settings).0.unwrap_err().to_string()
    };
    assert!(refused(json!({"embedding": place.graph})).contains("2 inputs"));
    let missing = place.input.join("none.onnx");
    assert!(refused(json!({"embedding": missing})).contains("read"));
    assert!(refused(json!({"lpips": place.input.join("city.png")})).contains("lpips"));
    assert!(refused(json!({"embedding_size": 64})).contains("ONNX"));
    assert!(refused(json!({"ssimulacra2": true, "method": "phash"})).contains("full"));
    write_file(&place.graph, means([32, 32]));
    let other_side = json!({"embedding": place.graph, "embedding_size": 64});
    assert!(refused(other_side).contains("32"));
}

/// The mean of each channel, times three numbers.
fn scaled(weights: Vec<u8>) -> Vec<u8> {
    model(&[
        node("GlobalAveragePool", &["x"], "p", &[]),
        node("Flatten", &["p"], "f", &[]),
        node("Mul", &["f", "w"], "y", &[]),
        weights,
        port(11, "x", &[1, 3, 48, 48]),
        port(12, "y", &[1, 3]),
    ])
}

#[test]
fn an_encoder_without_a_direction_is_refused() {
    let place = place(Vec::new());
    for (values, said) in [([0.0; 3], "zeros"), ([1.0, f32::NAN, 1.0], "no number")] {
        write_file(&place.graph, scaled(constant("w", &values)));
        let pair = json!({"a": place.input.join("red1.png"), "b": place.input.join("red2.png"),
            "embedding": place.graph});
        let all = json!({"input": [place.input], "embedding": place.graph});
        for (job, settings) in [("dedup pair", pair), ("dedup", all)] {
            let error = run(job, settings).0.unwrap_err().to_string();
            assert!(error.contains(said) && error.contains("graph.onnx"), "{job}: {error}");
        }
    }
}

#[test]
fn weights_beside_the_graph_belong_to_it() {
    let place = place(scaled(outside("w", 3, ("graph.onnx.data", 0, 12))));
    let settings = json!({"embedding": place.graph, "embedding_threshold": 0.99});
    let with = |weights: [f32; 3]| {
        let bytes: Vec<u8> = weights.iter().flat_map(|value| value.to_le_bytes()).collect();
        write_file(place.graph.with_file_name("graph.onnx.data"), bytes);
        let report = place.dedup(&settings);
        groups(&report).into_iter().map(|group| group.concat()).collect::<Vec<String>>()
    };
    let first = with([1.0; 3]);
    // Other weights under the same name, by which the scene is as red as the boxes.
    assert_ne!(with([1.0, 0.0, 0.0]), first);
    assert_eq!(with([1.0; 3]), first);
}

#[test]
fn graphs_that_cannot_be_used_say_so() {
    let place = place(Vec::new());
    let sides = |batch: u64| [batch, 3, 0, 0];
    let difference = |batch: u64, more: &[Vec<u8>], last: &str| {
        let mut graph = vec![
            node("Sub", &["a", "b"], "d", &[]),
            node("Abs", &["d"], "e", &[]),
            node("GlobalAveragePool", &[last], "y", &[]),
            port(11, "a", &sides(batch)),
            port(11, "b", &sides(batch)),
            port(12, "y", &[batch, 3, 1, 1]),
        ];
        graph.extend(more.iter().cloned());
        model(&graph)
    };
    let refused = |graph: Vec<u8>| {
        write_file(&place.graph, graph);
        let settings = json!({"input": [place.input], "lpips": place.graph});
        run("dedup", settings).0.unwrap_err().to_string()
    };
    let two = refused(difference(2, &[], "e"));
    assert!(two.contains("2 pairs") && two.contains("graph.onnx"), "{two}");
    let nan = [node("Mul", &["e", "w"], "f", &[]), constant("w", &[f32::NAN])];
    assert!(refused(difference(1, &nan, "f")).contains("no distance"));
    let text = refused(b"no graph at all".to_vec());
    assert!(text.contains("graph.onnx") && text.contains("no ONNX graph"), "{text}");
    // One that takes pictures of 64 pixels in width only, and does not say so.
    let wide = [node("Mul", &["e", "w"], "f", &[]), constant("w", &[1.0; 64])];
    write_file(&place.graph, difference(1, &wide, "f"));
    let settings = json!({"lpips": place.graph});
    veil(&place);
    let first = place.dedup(&settings);
    assert!(first.summary["not_measured"]["LPIPS"].as_u64() > Some(0), "{:?}", first.lines);
    assert!(first.lines.iter().any(|line| line.contains("no LPIPS")), "{:?}", first.lines);
    // What was not found out is not kept as if it were.
    let again = place.dedup(&settings);
    assert_eq!((again.items, again.lines), (first.items, first.lines));
    let pair = place.pair("red1.png", "red2.png", &settings);
    assert!(pair.lines.iter().any(|line| line.contains("no LPIPS")), "{:?}", pair.lines);
}
