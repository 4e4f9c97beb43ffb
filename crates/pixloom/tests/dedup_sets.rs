//! `dedup` over several sets: `--against`, `--reference`, and what the cache knows of them.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pixloom::job::{JobCx, JobError, Report};
use pixloom_image::geometry::{self, Rect};
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Channels, Image, Samples, Size};
use pixloom_testkit::{Lcg, write_file};
use serde_json::{Value, json};
use support::{encoded_at, run_with};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn dedup(&self, input: &Path, more: &Value) -> Report {
        let mut settings = json!({"input": [input]});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let cx = JobCx { cache_dir: Some(self.at("cache")), ..JobCx::default() };
        run_with("dedup", settings, cx).0.unwrap()
    }

    /// Names of the pictures that are in groups with the other set.
    fn leaks(&self, own: &str, other: &str) -> BTreeSet<String> {
        let report = self.dedup(&self.at(own), &json!({"against": [self.at(other)]}));
        let grouped = report.items.iter().filter(|item| item["group"].is_u64());
        let name = |item: &Value| {
            let path = PathBuf::from(item["path"].as_str().unwrap());
            path.file_name().unwrap().to_string_lossy().into_owned()
        };
        grouped.map(name).collect()
    }
}

#[test]
fn copies_in_the_own_set_hide_none_of_the_other_set() {
    let place = Place::new();
    let photo = scene(Scene::City, 4, Size::new(640, 480));
    write_file(place.at("test/original.jpg"), encoded_at(&photo, "jpeg", 90));
    let mut lcg = Lcg::new(9);
    for at in 0..96 {
        let (width, height) = (300 + lcg.below(40) as u32, 230 + lcg.below(30) as u32);
        let (x, y) = (lcg.below(300) as u32, lcg.below(220) as u32);
        let crop = geometry::crop(&photo, Rect::new(x, y, Size::new(width, height))).unwrap();
        let bytes = encoded_at(&crop, "jpeg", 88);
        write_file(place.at(&format!("train/{at:03}.jpg")), &bytes);
        write_file(place.at(&format!("few{}/{at:03}.jpg", at / 16)), &bytes);
    }
    let mut few = BTreeSet::new();
    for part in 0..6 {
        few.extend(place.leaks(&format!("few{part}"), "test"));
    }
    assert!(few.len() > 80, "only {} of the crops are copies", few.len());
    let many = place.leaks("train", "test");
    assert!(many.is_superset(&few), "missed: {:?}", few.difference(&many).collect::<Vec<_>>());
    // The other way round, too.
    let turned = place.leaks("test", "train");
    assert!(turned.is_superset(&few), "missed: {:?}", few.difference(&turned).collect::<Vec<_>>());
}

#[test]
fn equal_codes_hide_no_leak() {
    let place = Place::new();
    let black = |size: Size| {
        let samples = vec![0; size.pixels() as usize * 3];
        encoded_at(&Image::new(size, Channels::Rgb, Samples::U8(samples)).unwrap(), "png", 0)
    };
    for at in 0..40 {
        write_file(place.at(&format!("train/{at:02}.png")), black(Size::new(64 + at, 48)));
    }
    for at in 0..30 {
        write_file(place.at(&format!("test/t{at:02}.png")), black(Size::new(64, 49 + at)));
    }
    assert_eq!(place.leaks("train", "test").len(), 70);
    assert_eq!(place.leaks("test", "train").len(), 70);
}

#[test]
fn the_cache_knows_which_folder_is_the_reference() {
    let place = Place::new();
    let photo = scene(Scene::City, 1, Size::new(480, 360));
    let files = [("a/1.jpg", 90), ("a/2.jpg", 70), ("a/3.jpg", 50), ("z/9.jpg", 60)];
    let input = place.at("in");
    for (name, quality) in files {
        write_file(input.join(name), encoded_at(&photo, "jpeg", quality));
    }
    let reference = json!({"reference": [input.join("z")]});
    let with = |more: &Value, cache: bool| {
        let mut more = more.clone();
        more["cache"] = json!(cache);
        let report = place.dedup(&input, &more);
        (report.items, report.lines)
    };
    // Without the cache, then from one that knows the other question, then from one that knows it.
    let expected = [with(&json!({}), false), with(&reference, false)];
    assert_ne!(expected[0], expected[1]);
    for _ in 0..2 {
        assert_eq!([with(&json!({}), true), with(&reference, true)], expected);
    }
    fs::remove_dir_all(place.at("cache")).unwrap();
    assert_eq!(with(&reference, true), expected[1]);
    assert_eq!(with(&json!({}), true), expected[0]);
}

#[test]
fn each_duplicate_says_what_it_is_and_the_best_is_compared_with_nothing() {
    let place = Place::new();
    let photo = scene(Scene::City, 1, Size::new(480, 360));
    let input = place.at("in");
    let good = encoded_at(&photo, "jpeg", 70);
    // The first represents the group: they are equally large.
    let flipped = geometry::turn(photo.clone(), geometry::Turn::FlipHorizontal);
    write_file(input.join("a.jpg"), encoded_at(&flipped, "jpeg", 40));
    write_file(input.join("b.jpg"), encoded_at(&photo, "jpeg", 50));
    write_file(input.join("y.jpg"), &good);
    write_file(input.join("z.jpg"), &good);
    let report = place.dedup(&input, &json!({"prefer": ["z.jpg"]}));
    let item = |name: &str| report.items.iter().find(|item| item["path"] == name).unwrap();
    assert_eq!(item("z.jpg")["status"], "best");
    assert!(item("z.jpg")["compared_with"].is_null(), "{}", item("z.jpg"));
    let (twin, lead) = (item("y.jpg"), item("a.jpg"));
    assert_eq!((&twin["compared_with"], &twin["class"]), (&json!("z.jpg"), &json!("exact-bytes")));
    assert_eq!((&lead["compared_with"], &lead["class"]), (&json!("z.jpg"), &json!("mirrored")));
    for name in ["a.jpg", "b.jpg", "y.jpg"] {
        assert!(item(name)["similarity"].as_f64() > Some(0.8), "{}", item(name));
        assert!(!item(name)["reason"].as_str().unwrap().contains("others"), "{}", item(name));
    }
}

#[test]
fn folders_that_are_not_there_are_refused() {
    let place = Place::new();
    write_file(place.at("in/a.png"), support::picture("png", 64, 48, 1));
    let refused = |more: &Value| {
        let mut settings = json!({"input": [place.at("in")], "cache": false});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        match support::run("dedup", settings).0.unwrap_err() {
            JobError::Param(error) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let nowhere = place.at("nowhere");
    let partner = refused(&json!({"partner": nowhere, "action": "trash"}));
    assert!(partner.contains("partner") && partner.contains("no folder"), "{partner}");
    let parts = refused(&json!({"parts": nowhere}));
    assert!(parts.contains("parts") && parts.contains("nothing"), "{parts}");
}
