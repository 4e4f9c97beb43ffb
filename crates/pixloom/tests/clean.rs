//! The `clean` job: each finding on a picture made for it.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pixloom_image::codec::{self, EncodeOptions};
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Channels, Depth, Image, PixelFormat, Samples, Serial, Size, convert};
use pixloom_testkit::write_file;
use serde_json::{Value, json};

use support::run;

fn write(folder: &Path, name: &str, image: &Image) {
    let codec = codec::by_name("png").unwrap();
    let mut bytes = Vec::new();
    codec.encode(image, &EncodeOptions::default(), &Serial, &mut bytes).unwrap();
    write_file(folder.join(name), bytes);
}

fn flat(width: u32, height: u32, value: u8) -> Image {
    let samples = vec![value; (width * height * 3) as usize];
    Image::new(Size::new(width, height), Channels::Rgb, Samples::U8(samples)).unwrap()
}

/// A smooth slope of one hue.
fn soft(size: Size) -> Image {
    let at = |x: u32, y: u32| {
        let value = (x + y) * 170 / (size.width + size.height);
        [value as u8, (value * 4 / 5) as u8, (value / 2 + 20) as u8]
    };
    let samples = (0..size.height).flat_map(|y| (0..size.width).flat_map(move |x| at(x, y)));
    Image::new(size, Channels::Rgb, Samples::U8(samples.collect())).unwrap()
}

/// The findings by file.
fn findings(settings: Value) -> (BTreeMap<String, Vec<String>>, Vec<Value>) {
    let report = run("clean", settings).0.unwrap();
    let of = |item: &Value| {
        let kinds = item["findings"].as_array().unwrap().iter();
        let kinds = kinds.map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect();
        (item["path"].as_str().unwrap().to_owned(), kinds)
    };
    (report.items.iter().map(of).collect(), report.items)
}

#[test]
fn each_finding_has_its_picture_and_good_ones_have_none() {
    let folder = tempfile::tempdir().unwrap();
    let size = Size::new(480, 360);
    let still = scene(Scene::StillLife, 3, size);
    for (name, kind) in [("leaves.png", Scene::Leaves), ("city.png", Scene::City)] {
        write(folder.path(), name, &scene(kind, 1, size));
    }
    write(folder.path(), "still.png", &still);
    write(folder.path(), "copy.png", &still);
    write(folder.path(), "dark.png", &flat(480, 360, 10));
    write(folder.path(), "white.png", &flat(480, 360, 255));
    let gray = PixelFormat::new(Channels::Gray, Depth::U8);
    write(folder.path(), "gray.png", &convert::convert(scene(Scene::City, 7, size), gray));
    write(folder.path(), "wide.png", &scene(Scene::Landscape, 2, Size::new(960, 180)));
    write(folder.path(), "soft.png", &soft(size));
    write_file(folder.path().join("bad.png"), b"no picture");
    let csv = folder.path().join("scores.csv");
    let (found, items) = findings(json!({"input": [folder.path()], "csv": csv}));
    let kinds = |name: &str| found[name].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!((kinds("leaves.png"), kinds("city.png")), (vec![], vec![]));
    assert_eq!(
        (kinds("still.png"), kinds("copy.png")),
        (vec!["exact-duplicate"], vec!["exact-duplicate"])
    );
    assert!(kinds("dark.png").contains(&"dark") && kinds("dark.png").contains(&"low-information"));
    assert!(kinds("white.png").contains(&"light"));
    assert_eq!(kinds("gray.png"), ["grayscale"]);
    assert_eq!(kinds("wide.png"), ["odd-aspect-ratio"]);
    assert_eq!(kinds("soft.png"), ["blurry"], "{items:#?}");
    assert_eq!(kinds("bad.png"), ["unreadable"]);
    let text = fs::read_to_string(csv).unwrap();
    assert_eq!(text.lines().count(), 11);
    let columns = |line: &str| line.matches(',').count();
    assert!(
        text.lines().all(|line| columns(line) == columns(text.lines().next().unwrap())),
        "{text}"
    );
    let (only, _) = findings(json!({"input": [folder.path()], "only": ["dark"], "workers": 1}));
    assert_eq!(only.values().flatten().filter(|kind| *kind == "dark").count(), 1);
    assert_eq!(only.values().flatten().filter(|kind| *kind != "unreadable").count(), 1);
}
