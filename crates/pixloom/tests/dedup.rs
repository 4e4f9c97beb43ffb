//! The `dedup` job: what it finds, that nothing shows who was faster, what it does to files.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pixloom::job::{JobCx, Report};
use pixloom::undo::{latest, revert};
use pixloom_image::geometry::{self, Rect, Turn};
use pixloom_image::resize::{self, ResizeOptions};
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Channels, Depth, Image, PixelFormat, Samples, Serial, Size, convert};
use pixloom_testkit::{Lcg, tree_hash, write_file};
use serde_json::{Value, json};

use support::{encoded_at, run, run_with};

fn picture(kind: Scene, seed: u64) -> Image {
    scene(kind, seed, Size::new(480, 360))
}

/// One picture of each scene.
fn different(folder: &Path) {
    for (at, kind) in Scene::ALL.into_iter().enumerate() {
        let bytes = encoded_at(&picture(kind, at as u64), "jpeg", 90);
        write_file(folder.join(format!("set{}/{}.jpg", at % 2, kind.name())), bytes);
    }
}

/// Edits of the city, found by their names.
fn edits(folder: &Path) -> Vec<&'static str> {
    let city = picture(Scene::City, 1);
    let resized =
        resize::resize(&city, Size::new(300, 225), &ResizeOptions::default(), &Serial).unwrap();
    let gray = PixelFormat::new(Channels::Gray, Depth::U8);
    let crop = geometry::crop(&city, Rect::new(40, 30, Size::new(400, 300))).unwrap();
    let flipped = geometry::turn(city.clone(), Turn::FlipHorizontal);
    let edits = [
        ("city-q60.jpg", encoded_at(&city, "jpeg", 60)),
        ("city.png", encoded_at(&city, "png", 90)),
        ("city-small.png", encoded_at(&resized, "png", 90)),
        ("city-gray.png", encoded_at(&convert::convert(city.clone(), gray), "png", 90)),
        ("city-flip.png", encoded_at(&flipped, "png", 90)),
        ("city-crop.png", encoded_at(&crop, "png", 90)),
    ];
    edits
        .map(|(name, bytes)| {
            write_file(folder.join(name), bytes);
            name
        })
        .to_vec()
}

fn settings(input: &Path, more: Value) -> Value {
    let mut settings = json!({"input": [input]});
    if let (Value::Object(all), Value::Object(more)) = (&mut settings, more) {
        all.extend(more);
    }
    settings
}

fn dedup(input: &Path, more: Value) -> Report {
    run("dedup", settings(input, more)).0.unwrap()
}

/// The groups as lists of names, best first.
fn groups(report: &Report) -> Vec<Vec<String>> {
    let mut groups: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for item in &report.items {
        if let Some(group) = item["group"].as_u64() {
            groups.entry(group).or_default().push(item["path"].as_str().unwrap().to_owned());
        }
    }
    groups.into_values().collect()
}

fn paths(report: &Report) -> Vec<String> {
    let mut paths: Vec<String> =
        report.items.iter().map(|item| item["path"].as_str().unwrap().to_owned()).collect();
    paths.sort();
    paths
}

/// Everything that may not depend on the machine.
fn essence(report: &Report) -> (Vec<Value>, Value) {
    let mut summary = report.summary.clone();
    summary["stages"] = Value::Null;
    (report.items.clone(), summary)
}

#[test]
fn different_pictures_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    different(folder.path());
    let csv = folder.path().join("table.csv");
    let report =
        dedup(folder.path(), json!({"csv": csv, "stages": true, "fail_on_duplicates": true}));
    assert!(report.ok && groups(&report).is_empty(), "{:?}", report.lines);
    assert_eq!(paths(&report).len(), 6);
    let text = fs::read_to_string(csv).unwrap();
    let head = "Image Path,Quality Score,Group ID,Group Size,Status,Similarity";
    assert!(text.starts_with(head) && text.lines().count() == 7, "{text}");
    assert_eq!(text.matches(",Unique,").count(), 6);
    assert!(report.lines.iter().any(|line| line == "no duplicates among 6 pictures"));
    assert_eq!(report.summary["stages"].as_array().unwrap().len(), 8);
}

#[test]
fn edits_are_found_and_the_best_is_named() {
    let folder = tempfile::tempdir().unwrap();
    different(folder.path());
    let names = edits(folder.path());
    let report = dedup(folder.path(), json!({"fail_on_duplicates": true}));
    let found = groups(&report);
    assert_eq!(found.len(), 1, "{:#?}", report.lines);
    assert!(!report.ok && paths(&report).len() == 6 + names.len());
    assert_eq!(found[0][0], "city.png", "{:#?}", report.lines);
    for name in names.into_iter().filter(|name| !["city-flip.png", "city-crop.png"].contains(name))
    {
        assert!(found[0].contains(&name.to_owned()), "{name}: {:#?}", report.lines);
    }
    assert!(found[0].iter().all(|name| name.contains("city")));
}

/// The picture with slanted stripes all over, half transparent.
fn striped(image: &Image) -> Image {
    let mut image = image.clone();
    let width = image.width() as usize;
    let Samples::U8(samples) = image.samples_mut() else { panic!() };
    for (at, pixel) in samples.chunks_exact_mut(3).enumerate() {
        if (at % width + 2 * (at / width)) % 40 < 6 {
            for value in pixel {
                *value = value.midpoint(255);
            }
        }
    }
    image
}

#[test]
fn a_copy_is_not_better_for_what_was_laid_over_it() {
    for kind in [Scene::City, Scene::Leaves, Scene::Landscape] {
        let clean = scene(kind, 3, Size::new(640, 480));
        let folder = tempfile::tempdir().unwrap();
        // The other comes first by its name.
        write_file(folder.path().join("a.png"), encoded_at(&striped(&clean), "png", 0));
        write_file(folder.path().join("z.png"), encoded_at(&clean, "png", 0));
        let report = dedup(folder.path(), json!({}));
        assert_eq!(groups(&report), [["z.png", "a.png"]], "{kind:?}: {:?}", report.lines);
    }
}

/// The scene with noise of a normal distribution.
fn noisy(image: &Image, deviation: f32) -> Image {
    let mut lcg = Lcg::new(31);
    let mut normal = || (0..12).map(|_| (lcg.next_u32() >> 8) as f32).sum::<f32>();
    let mut noisy = image.clone();
    if let Samples::U8(samples) = noisy.samples_mut() {
        for sample in samples {
            let noise = (normal() / (1 << 24) as f32 - 6.0) * deviation;
            *sample = (f32::from(*sample) + noise).round().clamp(0.0, 255.0) as u8;
        }
    }
    noisy
}

#[test]
fn a_copy_is_not_better_for_its_noise() {
    for (kind, seed) in [(Scene::City, 1), (Scene::Landscape, 2), (Scene::StillLife, 3)] {
        let folder = tempfile::tempdir().unwrap();
        let clean = picture(kind, seed);
        let blurred = pixloom_image::filter::gaussian_blur(&clean, 1.5, &Serial).unwrap();
        // The names speak for the others.
        for (name, image) in
            [("z.png", &clean), ("a.png", &noisy(&clean, 8.0)), ("b.png", &blurred)]
        {
            write_file(folder.path().join(name), encoded_at(image, "png", 90));
        }
        let report = dedup(folder.path(), json!({}));
        assert_eq!(groups(&report), [["z.png", "a.png", "b.png"]], "{kind:?} {:?}", report.lines);
    }
}

#[test]
fn many_equal_files_are_one_group() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = encoded_at(&scene(Scene::Leaves, 3, Size::new(64, 48)), "jpeg", 85);
    for at in 0..5000 {
        write_file(folder.path().join(format!("{}/{at:04}.jpg", at % 7)), &bytes);
    }
    different(folder.path());
    let report = dedup(folder.path(), json!({}));
    let found = groups(&report);
    assert_eq!(found.len(), 1);
    assert!(found[0].len() >= 5000 && paths(&report).len() == 5006);
    assert_eq!(report.summary["duplicates"], found[0].len() - 1);
}

#[test]
fn black_frames_end_and_stay_complete() {
    let folder = tempfile::tempdir().unwrap();
    let mut lcg = Lcg::new(7);
    for at in 0..200u32 {
        let size = Size::new(64 + at % 40, 48);
        let samples = (0..size.pixels() * 3).map(|_| u8::from(lcg.below(200) == 0)).collect();
        let image = Image::new(size, Channels::Rgb, Samples::U8(samples)).unwrap();
        write_file(folder.path().join(format!("{at:03}.png")), encoded_at(&image, "png", 90));
    }
    different(folder.path());
    for method in ["full", "phash"] {
        let report = dedup(folder.path(), json!({"method": method}));
        assert_eq!(paths(&report).len(), 206, "{method}");
        let scenes = groups(&report).concat();
        assert!(!scenes.iter().any(|name| name.starts_with("set")), "{method}: {scenes:?}");
    }
}

#[test]
fn bad_files_are_named_and_stop_nothing() {
    let folder = tempfile::tempdir().unwrap();
    different(folder.path());
    edits(folder.path());
    write_file(folder.path().join("empty.jpg"), b"");
    write_file(folder.path().join("text.png"), b"<html>");
    let whole = encoded_at(&picture(Scene::City, 1), "png", 90);
    write_file(folder.path().join("half.png"), &whole[..whole.len() / 2]);
    let report = dedup(folder.path(), json!({"workers": 2}));
    let failed: Vec<&str> = report
        .items
        .iter()
        .filter(|item| item["status"] == "failed")
        .map(|item| item["path"].as_str().unwrap())
        .collect();
    assert_eq!(failed[..2], ["empty.jpg", "text.png"]);
    assert_eq!(paths(&report).len(), 15);
    assert_eq!(groups(&report).len(), 1);
}

#[test]
fn neither_workers_nor_order_show() {
    let folder = tempfile::tempdir().unwrap();
    different(folder.path());
    let mut names = edits(folder.path()).into_iter().map(str::to_owned).collect::<Vec<_>>();
    names.extend(
        Scene::ALL.iter().enumerate().map(|(at, s)| format!("set{}/{}.jpg", at % 2, s.name())),
    );
    let first = essence(&dedup(folder.path(), json!({"workers": 1})));
    for workers in [2, 8] {
        assert!(essence(&dedup(folder.path(), json!({"workers": workers}))) == first);
    }
    let mut lcg = Lcg::new(3);
    for _ in 0..3 {
        for at in (1..names.len()).rev() {
            names.swap(at, lcg.below(at + 1));
        }
        let list = folder.path().join("list.txt");
        write_file(&list, names.join("\n"));
        let report = dedup(folder.path(), json!({"files_from": list, "workers": 3}));
        assert!(essence(&report) == first);
    }
}

#[test]
fn hash_methods_have_their_thresholds() {
    let folder = tempfile::tempdir().unwrap();
    different(folder.path());
    edits(folder.path());
    for method in ["phash", "dhash", "ahash", "whash"] {
        for bits in ["64", "256"] {
            let report = dedup(folder.path(), json!({"method": method, "bits": bits}));
            let found = groups(&report);
            assert_eq!(found.len(), 1, "{method} {bits}: {:?}", report.lines);
            for name in ["city-q60.jpg", "city.png", "city-small.png", "city-flip.png"] {
                assert!(found[0].contains(&name.to_owned()), "{method} {bits} {name}");
            }
        }
    }
    let upright = dedup(folder.path(), json!({"method": "phash", "upright": true}));
    assert!(!groups(&upright).concat().contains(&"city-flip.png".to_owned()));
    let exact = dedup(folder.path(), json!({"method": "exact"}));
    assert!(groups(&exact).is_empty());
    let refused = run("dedup", settings(folder.path(), json!({"threshold": 3}))).0;
    assert!(refused.unwrap_err().to_string().contains("hash methods"));
}

#[test]
fn the_cache_knows_what_did_not_change() {
    let folder = tempfile::tempdir().unwrap();
    let (input, cache) = (folder.path().join("in"), folder.path().join("cache"));
    different(&input);
    edits(&input);
    let run = |more: Value| {
        let cx = JobCx { cache_dir: Some(cache.clone()), ..JobCx::default() };
        run_with("dedup", settings(&input, more), cx).0.unwrap()
    };
    let first = run(json!({}));
    assert_eq!(first.summary["known"], json!({"new": 12}));
    fs::rename(input.join("city.png"), input.join("a-city.png")).unwrap();
    write_file(input.join("set1/city.jpg"), encoded_at(&picture(Scene::City, 2), "jpeg", 90));
    let second = run(json!({}));
    assert_eq!(second.summary["known"], json!({"new": 1, "renamed": 1, "unchanged": 10}));
    let fresh = run(json!({"cache": false}));
    assert_eq!((&second.items, &second.lines), (&fresh.items, &fresh.lines));
    let third = run(json!({}));
    assert_eq!(third.summary["known"], json!({"unchanged": 12}));
    let without = run(json!({"cache": false}));
    assert_eq!(without.summary["known"], json!({"new": 12}));
    assert_eq!((&third.items, third.lines), (&without.items, without.lines));
}

/// All originals, without what is kept beside them.
fn originals(folder: &Path) -> String {
    tree_hash(folder, |path| !path.starts_with(".pixloom/"))
}

#[test]
fn a_plan_changes_nothing_and_each_action_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("in"), folder.path().join("out"));
    different(&input);
    edits(&input);
    for name in ["copy.jpg", "sub/copy.jpg"] {
        fs::create_dir_all(input.join("sub")).unwrap();
        fs::copy(input.join("city-q60.jpg"), input.join(name)).unwrap();
    }
    write_file(input.join("city-q60.txt"), b"a caption");
    let before = originals(&input);
    for action in ["copy", "move", "hardlink", "symlink"] {
        let more = json!({"action": action});
        let needs_output = ["copy", "move"].contains(&action);
        let more = |apply: bool| {
            let mut more = more.clone();
            more["apply"] = json!(apply);
            if needs_output {
                more["output"] = json!(out);
            }
            more
        };
        let (plan, lines) = run("dedup", settings(&input, more(false)));
        assert_eq!(plan.unwrap().summary["planned"], lines.len(), "{action}");
        assert!(originals(&input) == before && !out.exists(), "{action}");
        let report = dedup(&input, more(true));
        assert!(report.ok, "{action}: {:?}", report.lines);
        assert_eq!(report.summary["applied"], lines.len(), "{action}");
        if action == "move" {
            assert!(!input.join("city-q60.jpg").exists() && input.join("city.png").exists());
            assert!(out.join("duplicates/city-q60.txt").exists());
            assert!(out.join("duplicates/sub/copy.jpg").exists());
        } else if action == "copy" {
            assert!(out.join("best/city.png").exists() && originals(&input) == before);
        }
        let undone = revert(&latest(&input).unwrap().unwrap()).unwrap();
        assert!(undone.kept.is_empty(), "{action}: {undone:?}");
        assert!(originals(&input) == before, "{action}");
        fs::remove_dir_all(&out).unwrap_or_default();
    }
}

#[test]
fn links_lead_to_the_best_and_only_for_equal_files() {
    use std::os::unix::fs::MetadataExt;
    let folder = tempfile::tempdir().unwrap();
    let city = picture(Scene::City, 1);
    let bytes = encoded_at(&city, "jpeg", 90);
    write_file(folder.path().join("a.jpg"), &bytes);
    write_file(folder.path().join("b.jpg"), &bytes);
    write_file(folder.path().join("c.jpg"), encoded_at(&city, "jpeg", 50));
    let report = dedup(folder.path(), json!({"action": "hardlink", "apply": true}));
    let inode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().ino();
    assert_eq!((report.summary["applied"].as_u64(), inode("a.jpg")), (Some(1), inode("b.jpg")));
    assert_eq!(report.summary["left_alone"][0]["path"], "c.jpg");
    assert_ne!(inode("a.jpg"), inode("c.jpg"));
}

#[test]
fn what_changed_since_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("in"), folder.path().join("out"));
    let bytes = encoded_at(&picture(Scene::City, 1), "jpeg", 90);
    write_file(input.join("a.jpg"), &bytes);
    write_file(input.join("b.jpg"), &bytes);
    // The cache believes a stamp: give other content the same length and time.
    let cache = folder.path().join("cache");
    let again = |more: Value| {
        let cx = JobCx { cache_dir: Some(cache.clone()), ..JobCx::default() };
        run_with("dedup", settings(&input, more), cx).0.unwrap()
    };
    again(json!({}));
    let time = fs::metadata(input.join("b.jpg")).unwrap().modified().unwrap();
    let mut other = bytes.clone();
    *other.last_mut().unwrap() ^= 1;
    write_file(input.join("b.jpg"), &other);
    fs::File::options().append(true).open(input.join("b.jpg")).unwrap().set_modified(time).unwrap();
    let report = again(json!({"action": "move", "output": out, "apply": true}));
    assert_eq!(report.summary["applied"], 0, "{:?}", report.lines);
    assert!(!report.ok && fs::read(input.join("b.jpg")).unwrap() == other);
}

#[test]
fn references_partners_and_other_sets_have_their_say() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let city = picture(Scene::City, 1);
    different(&at("hq"));
    edits(&at("test"));
    write_file(at("hq/z.png"), encoded_at(&city, "png", 90));
    write_file(at("hq/keep/small.jpg"), encoded_at(&city, "jpeg", 40));
    for name in ["z.png", "set1/city.jpg", "keep/small.png"] {
        let small = resize::resize(&city, Size::new(120, 90), &ResizeOptions::default(), &Serial);
        write_file(at("lq").join(name), encoded_at(&small.unwrap(), "png", 90));
    }
    let more = json!({"reference": [at("hq/keep")], "partner": at("lq"), "action": "move",
        "output": at("out"), "apply": true});
    let report = dedup(&at("hq"), more);
    assert_eq!(groups(&report)[0][0], "keep/small.jpg", "{:?}", report.lines);
    assert!(at("hq/keep/small.jpg").exists() && !at("hq/z.png").exists());
    assert!(at("out/duplicates-partner/z.png").exists() && at("lq/keep/small.png").exists());
    revert(&latest(&at("hq")).unwrap().unwrap()).unwrap();
    assert!(at("lq/z.png").exists() && at("hq/z.png").exists());
    let leaks = dedup(&at("hq"), json!({"against": [at("test")]}));
    let found = groups(&leaks);
    assert_eq!(found.len(), 1);
    assert!(found[0].iter().any(|path| path.contains("/test/")));
    assert!(found[0].iter().any(|path| path.contains("/hq/")));
    let prefer = dedup(&at("test"), json!({"prefer": ["*q60*"]}));
    assert_eq!(groups(&prefer)[0][0], "city-q60.jpg");
}

#[test]
fn reports_replace_nothing_and_a_link_keeps_its_picture() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    write_file(input.join("z.png"), support::picture("png", 64, 48, 1));
    std::os::unix::fs::symlink("z.png", input.join("a.png")).unwrap();
    let page = json!({"input": [input], "html": input.join("z.png"), "cache": false});
    assert!(run("dedup", page).0.unwrap_err().to_string().contains("exists"));
    let (moved, out) = (folder.path().join("out"), json!({"action": "move", "apply": true}));
    let mut more = json!({"input": [input], "output": moved, "cache": false});
    more.as_object_mut().unwrap().extend(out.as_object().unwrap().clone());
    run("dedup", more).0.unwrap();
    assert!(input.join("z.png").is_file());
}

/// A picture of one colour.
fn plain(size: Size, colour: [u8; 3]) -> Image {
    let samples = colour.iter().copied().cycle().take(size.pixels() as usize * 3).collect();
    Image::new(size, Channels::Rgb, Samples::U8(samples)).unwrap()
}

#[test]
fn a_thousand_black_frames_are_one_group_and_end() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..1000u32 {
        let image = plain(Size::new(16 + at % 40, 16 + at / 40), [0; 3]);
        write_file(folder.path().join(format!("{at:04}.png")), encoded_at(&image, "png", 90));
    }
    for method in ["full", "phash"] {
        let found = groups(&dedup(folder.path(), json!({"method": method})));
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [1000], "{method}");
    }
}

#[test]
fn pictures_of_one_colour_are_told_apart_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let colours = [[0; 3], [255; 3], [200, 30, 30], [30, 200, 30], [90, 90, 90]];
    for (at, colour) in colours.into_iter().enumerate() {
        let image = plain(Size::new(80, 60), colour);
        write_file(folder.path().join(format!("{at}.png")), encoded_at(&image, "png", 90));
    }
    let gray = encoded_at(&plain(Size::new(50, 90), [91; 3]), "png", 90);
    write_file(folder.path().join("gray.png"), gray);
    for method in ["phash", "dhash", "ahash", "whash", "color", "full"] {
        for bits in ["64", "256"] {
            let more = if method == "full" { json!({}) } else { json!({"bits": bits}) };
            let mut more = more;
            more["method"] = json!(method);
            let report = dedup(folder.path(), more);
            let found: Vec<_> =
                groups(&report).into_iter().map(std::collections::BTreeSet::from_iter).collect();
            let expected = ["4.png", "gray.png"].map(str::to_owned).into();
            assert_eq!(found, [expected], "{method} {bits}: {:?}", report.lines);
        }
    }
}

#[test]
fn a_smooth_picture_and_its_copy_of_less_depth_are_found_in_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    different(folder.path());
    let size = Size::new(400, 300);
    let at = |x: u32, y: u32| 12_000.0 + 90.0 * f64::from(x) + 0.15 * f64::from(y * y);
    let wide = (0..size.pixels() as u32)
        .flat_map(|n| [at(n % size.width, n / size.width) as u16; 3])
        .collect();
    let deep = Image::new(size, Channels::Rgb, Samples::U16(wide)).unwrap();
    let flat = convert::convert(deep.clone(), PixelFormat::RGB8);
    write_file(folder.path().join("deep.png"), encoded_at(&deep, "png", 90));
    write_file(folder.path().join("flat.png"), encoded_at(&flat, "png", 90));
    write_file(
        folder.path().join("small.jpg"),
        encoded_at(
            &resize::resize(&flat, Size::new(200, 150), &ResizeOptions::default(), &Serial)
                .unwrap(),
            "jpeg",
            80,
        ),
    );
    let report = dedup(folder.path(), json!({}));
    let found = groups(&report);
    assert_eq!(found.len(), 1, "{:?}", report.lines);
    assert_eq!(found[0].len(), 3, "{:?}", report.lines);
}

#[test]
fn parts_give_what_one_run_gives() {
    let folder = tempfile::tempdir().unwrap();
    let (input, parts) = (folder.path().join("in"), folder.path().join("parts"));
    different(&input);
    edits(&input);
    for method in ["full", "phash"] {
        let whole = dedup(&input, json!({"method": method}));
        let mut seen = 0;
        for shard in ["1/3", "2/3", "3/3"] {
            let report = dedup(&input, json!({"method": method, "shard": shard, "parts": parts}));
            assert!(groups(&report).is_empty());
            seen += report.counts.done;
        }
        assert_eq!(seen, 12);
        let joined = dedup(&input, json!({"method": method, "parts": parts}));
        assert_eq!(joined.summary["known"], json!({"unchanged": 12}));
        assert_eq!((&joined.items, &joined.lines), (&whole.items, &whole.lines));
    }
    let merged = pixloom::run::merge(&parts, &[]).unwrap_err();
    let said = format!("{merged:?}");
    assert!(said.contains("--parts") && said.contains("without --shard"), "{said}");
    assert!(!format!("{:?}", pixloom::run::merge(&input, &[]).unwrap_err()).contains("--parts"));
    let refuse = |more: Value| run("dedup", settings(&input, more)).0.unwrap_err().to_string();
    assert!(refuse(json!({"shard": "1/3"})).contains("parts"));
    assert!(refuse(json!({"parts": input})).contains("nothing"));
}

#[test]
fn what_cannot_be_done_is_said_in_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    write_file(input.join("z.png"), support::picture("png", 64, 48, 1));
    std::os::unix::fs::symlink("z.png", input.join("a.png")).unwrap();
    let more = json!({"action": "trash", "prefer": ["a.png"]});
    let plan = dedup(&input, more);
    assert_eq!(plan.summary["planned"], 0, "{:?}", plan.lines);
    let reason = plan.summary["left_alone"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("link to this very file"), "{reason}");
    let refused = run("dedup", settings(&input, json!({"csv": "-"}))).0;
    assert!(refused.unwrap_err().to_string().contains("standard output"));
    assert!(!Path::new("-").exists());
}

#[test]
fn a_run_that_did_nothing_leaves_nothing_to_take_back() {
    let folder = tempfile::tempdir().unwrap();
    let (input, cache) = (folder.path().join("in"), folder.path().join("cache"));
    let bytes = support::picture("png", 64, 48, 1);
    write_file(input.join("a.png"), &bytes);
    write_file(input.join("b.png"), &bytes);
    let again = |more: Value| {
        let cx = JobCx { cache_dir: Some(cache.clone()), ..JobCx::default() };
        run_with("dedup", settings(&input, more), cx).0.unwrap()
    };
    again(json!({}));
    let time = fs::metadata(input.join("a.png")).unwrap().modified().unwrap();
    let mut other = bytes.clone();
    *other.last_mut().unwrap() ^= 1;
    write_file(input.join("a.png"), &other);
    let file = fs::File::options().append(true).open(input.join("a.png")).unwrap();
    file.set_modified(time).unwrap();
    let out = folder.path().join("out");
    let report = again(json!({"action": "move", "output": out, "apply": true}));
    assert_eq!(report.summary["applied"], 0, "{:?}", report.lines);
    assert_eq!(latest(&input).unwrap(), None);
    assert!(!out.exists());
}

#[test]
fn folders_with_a_record_are_looked_into_and_copies_made_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let sub = folder.path().join("sub");
    let out = folder.path().join("out");
    let bytes = support::picture("png", 64, 48, 1);
    write_file(sub.join("a.png"), &bytes);
    write_file(sub.join("b.png"), &bytes);
    let copied = dedup(&sub, json!({"action": "copy", "output": out, "apply": true}));
    assert!(copied.ok, "{:?}", copied.lines);
    assert_eq!(paths(&dedup(folder.path(), json!({}))).len(), 4);
    let undone = revert(&latest(&sub).unwrap().unwrap()).unwrap();
    assert_eq!((undone.restored, undone.removed), (0, 2));
}

#[test]
fn a_pair_that_cannot_be_read_is_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write_file(at("a.png"), support::picture("png", 64, 48, 1));
    write_file(at("b.png"), b"no picture");
    let pair = json!({"a": at("a.png"), "b": at("b.png"), "cache": false});
    let error = run("dedup pair", pair).0.unwrap_err().to_string();
    assert!(error.contains("b.png"), "{error}");
}
