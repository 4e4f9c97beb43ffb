//! Upscaling and comparing: the same bytes whatever the tiles and workers, nothing lost.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::path::Path;

use pixloom::job::JobError;
use pixloom_image::codec::{self, DecodeOptions, EncodeOptions};
use pixloom_image::{Channels, ColorSpace, Depth, Image, Limits, Samples, Serial, Size};
use pixloom_testkit::{result_hash, write_file};
use serde_json::{Value, json};
use support::{picture, run};

fn upscale(input: &Path, output: &Path, more: Value) -> Value {
    let mut settings = json!({"input": input, "output": output});
    if let (Value::Object(all), Value::Object(more)) = (&mut settings, more) {
        all.extend(more);
    }
    settings
}

fn save(path: &Path, image: &Image) {
    let mut bytes = Vec::new();
    let codec = codec::by_name("png").unwrap();
    codec.encode(image, &EncodeOptions::default(), &Serial, &mut bytes).unwrap();
    write_file(path, bytes);
}

fn read(path: &Path) -> Image {
    let bytes = fs::read(path).unwrap();
    let codec = codec::detect_or_error(&bytes).unwrap();
    codec.decode(&bytes, &DecodeOptions::default(), &Limits::default(), &Serial).unwrap().image
}

/// A smooth picture with an edge, the same at every depth and number of channels.
fn sample(channels: Channels, depth: Depth) -> Image {
    let size = Size::new(33, 21);
    let unit = |i: usize| {
        let (pixel, channel) = (i / channels.count(), i % channels.count());
        let (x, y) = (pixel % 33, pixel / 33);
        let edge = if x + y > 30 { 0.5 } else { 0.1 };
        let color = if channels.is_gray() { 0.0 } else { channel as f32 * 0.07 };
        if channels.has_alpha() && channel + 1 == channels.count() {
            if x < 6 { 0.0 } else { 1.0 }
        } else {
            edge + color + x as f32 * 0.005
        }
    };
    let length = 33 * 21 * channels.count();
    let samples = match depth {
        Depth::U8 => Samples::U8((0..length).map(|i| (unit(i) * 255.0) as u8).collect()),
        _ => Samples::U16((0..length).map(|i| (unit(i) * 65_535.0) as u16).collect()),
    };
    Image::new(size, channels, samples).unwrap()
}

#[test]
fn results_do_not_depend_on_tiles_or_workers() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    write_file(input.join("large.png"), picture("png", 530, 420, 1));
    write_file(input.join("small.png"), picture("png", 30, 70, 2));
    let variants = [
        json!({"workers": 1}),
        json!({"workers": 1, "tile": 64}),
        json!({"workers": 2, "tile": 128, "max_memory": "512M"}),
        json!({"workers": 8, "tile": 1024}),
        json!({"workers": 3, "tile": 400}),
    ];
    let hashes: Vec<String> = variants
        .into_iter()
        .enumerate()
        .map(|(at, more)| {
            let output = folder.path().join(format!("out{at}"));
            let report = run("upscale", upscale(&input, &output, more)).0.unwrap();
            assert_eq!((report.counts.done, report.counts.failed), (2, 0));
            result_hash(&output)
        })
        .collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
    assert_eq!(read(&folder.path().join("out0/large.png")).size(), Size::new(2120, 1680));
}

/// A result of 34 MB is written band by band as PNG, and as a whole as TIFF.
#[test]
fn large_results_are_written_in_bands_with_the_same_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in/a.png");
    write_file(&input, picture("png", 900, 790, 3));
    let made = |name: &str, more: Value| {
        let output = folder.path().join(name);
        let report = run("upscale", upscale(&input, &output, more)).0.unwrap();
        assert!(report.ok, "{:?}", report.failures);
        output
    };
    let one = made("one", json!({"workers": 1}));
    // Not enough for the result and its encoder at once.
    let three = made("three", json!({"workers": 3, "tile": 2048, "max_memory": "256M"}));
    assert_eq!(result_hash(&one), result_hash(&three));
    let whole = read(&made("whole", json!({"to": "tiff"})).join("a.tif"));
    assert_eq!(whole.size(), Size::new(3600, 3160));
    let mut expected = Vec::new();
    let codec = codec::by_name("png").unwrap();
    codec.encode(&whole, &EncodeOptions::default(), &Serial, &mut expected).unwrap();
    assert!(fs::read(one.join("a.png")).unwrap() == expected);
}

#[test]
fn depth_channels_and_profile_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    let all = [Channels::Gray, Channels::GrayAlpha, Channels::Rgb, Channels::Rgba];
    for channels in all {
        for depth in [Depth::U8, Depth::U16] {
            let mut image = sample(channels, depth);
            if channels == Channels::Rgb {
                image.color_space = ColorSpace::Icc(pixloom_testkit_profile());
            }
            save(&input.join(format!("{channels:?}-{depth:?}.png")), &image);
        }
    }
    let report = run("upscale", upscale(&input, &output, json!({"scale": 3.0}))).0.unwrap();
    assert_eq!((report.counts.done, report.counts.failed), (8, 0), "{:?}", report.failures);
    for channels in all {
        for depth in [Depth::U8, Depth::U16] {
            let name = format!("{channels:?}-{depth:?}.png");
            let (before, after) = (read(&input.join(&name)), read(&output.join(&name)));
            assert_eq!(after.size(), Size::new(99, 63));
            assert_eq!(after.format(), before.format(), "{name}");
            assert_eq!(after.color_space, before.color_space, "{name}");
            assert_near(&before, &after, &name);
        }
    }
}

/// The smallest thing that passes for a profile in these tests: it is carried, not used.
fn pixloom_testkit_profile() -> std::sync::Arc<[u8]> {
    let mut profile = vec![0_u8; 132];
    profile[3] = 132;
    profile[36..40].copy_from_slice(b"acsp");
    profile[16..20].copy_from_slice(b"RGB ");
    profile.into()
}

/// Every third pixel of the result is close to the one that it stands for.
fn assert_near(before: &Image, after: &Image, name: &str) {
    let units = |image: &Image| -> Vec<f32> {
        match image.samples() {
            Samples::U8(samples) => samples.iter().map(|v| f32::from(*v) / 255.0).collect(),
            Samples::U16(samples) => samples.iter().map(|v| f32::from(*v) / 65_535.0).collect(),
            Samples::F32(samples) => samples.clone(),
        }
    };
    let (small, large) = (units(before), units(after));
    let channels = before.channels().count();
    let alpha = before.channels().has_alpha();
    for y in 0..21 {
        for x in 0..33 {
            let (from, to) = ((y * 33 + x) * channels, ((y * 3 + 1) * 99 + x * 3 + 1) * channels);
            let visible = !alpha || small[from + channels - 1] > 0.0;
            let first = if visible { 0 } else { channels - 1 };
            for channel in first..channels {
                let difference = (small[from + channel] - large[to + channel]).abs();
                assert!(difference < 0.25, "{name} at {x} {y} {channel}: {difference}");
            }
        }
    }
}

#[test]
fn kernels_chains_and_ensembles_reach_the_scale() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("a.png");
    write_file(&input, picture("png", 40, 30, 5));
    for (at, more) in [
        json!({"model": "lanczos", "scale": 2.5}),
        json!({"model": "fast,nearest", "scale": 2.5}),
        json!({"self_ensemble": true, "scale": 2.5}),
    ]
    .into_iter()
    .enumerate()
    {
        let output = folder.path().join(format!("out{at}"));
        let report = run("upscale", upscale(&input, &output, more)).0.unwrap();
        assert!(report.ok, "{:?}", report.failures);
        assert_eq!(read(&output.join("a.png")).size(), Size::new(100, 75));
    }
}

#[test]
fn unusable_models_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("a.png");
    write_file(&input, picture("png", 20, 20, 5));
    let broken = folder.path().join("broken.safetensors");
    write_file(&broken, b"\x10\x00\x00\x00\x00\x00\x00\x00{\"a\":");
    for (model, expected) in [
        (json!("fsat"), "did you mean `fast`"),
        (json!("missing.onnx"), "missing.onnx"),
        (json!(broken), "ends inside of the header"),
    ] {
        let output = folder.path().join("out");
        let result = run("upscale", upscale(&input, &output, json!({"model": model}))).0;
        let Err(JobError::Param(error)) = result else { panic!("{result:?}") };
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn compare_scores_what_upscale_made() {
    let folder = tempfile::tempdir().unwrap();
    let (truth, small) = (folder.path().join("truth"), folder.path().join("small"));
    write_file(truth.join("a.png"), picture("png", 200, 184, 3));
    write_file(truth.join("b.png"), picture("png", 40, 40, 4));
    run("downscale", json!({"input": truth, "output": small, "scale": 4.0})).0.unwrap();
    let compare = |pictures: &Path, more: Value| {
        let mut settings = json!({"reference": truth, "pictures": pictures});
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run("compare", settings).0.unwrap()
    };
    let same = compare(&truth, json!({}));
    assert_eq!(same.summary["mean"]["ssim"], json!(1.0));
    assert_eq!(same.summary["mean"]["psnr_y_db"], json!("inf"));
    assert!(same.summary["mean"]["ssimulacra2"].as_f64().unwrap() > 99.5);
    assert_eq!(
        (&same.summary["identical"], &same.items[1]["scores"]["identical"]),
        (&json!(2), &json!(true))
    );
    assert!(same.lines[0].starts_with("identical") && same.lines[0].contains("inf dB"));
    assert!(same.lines[1].contains("too small for MS-SSIM"), "{:?}", same.lines);
    for model in ["fast", "bicubic"] {
        let large = folder.path().join(model);
        let more = json!({"model": model, "scale": 4.0});
        run("upscale", upscale(&small, &large, more)).0.unwrap();
        let page = folder.path().join(format!("{model}.html"));
        let report = compare(&large, json!({"border": 4, "html": page}));
        assert!(report.ok);
        assert!(report.summary["mean"]["psnr_y_db"].as_f64().unwrap() > 15.0, "{model}");
        assert_eq!(report.items[1]["scores"]["ms_ssim"], Value::Null);
        assert!(fs::read_to_string(page).unwrap().contains("data:image/png;base64,"));
    }
    let other_size = compare(&small, json!({}));
    assert!(!other_size.ok);
    assert_eq!(other_size.counts.failed, 2);
    assert!(compare(&small, json!({"crop": true})).ok);
}

#[test]
fn a_single_picture_is_written_to_the_name_that_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("a.png");
    write_file(&input, picture("png", 40, 30, 5));
    let target = folder.path().join("large.webp");
    let go = |more: Value| run("upscale", upscale(&input, &target, more)).0;
    assert!(go(json!({})).unwrap().ok);
    assert_eq!(read(&target).size(), Size::new(160, 120));
    // Nothing else stays beside the originals, and nothing is replaced unasked.
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["a.png", "large.webp"]);
    let again = go(json!({})).unwrap_err().to_string();
    assert!(again.contains("already holds"), "{again}");
    assert!(go(json!({"overwrite": true, "scale": 2.0})).unwrap().ok);
    assert_eq!(read(&target).size(), Size::new(80, 60));
    assert!(go(json!({"overwrite": true, "to": "png"})).is_err());
    let itself = run("upscale", upscale(&input, &input, json!({"overwrite": true}))).0;
    assert!(itself.unwrap_err().to_string().contains("the input itself"));
    let converted = folder.path().join("b.qoi");
    assert!(run("convert", upscale(&input, &converted, json!({}))).0.unwrap().ok);
    assert_eq!(read(&converted).size(), Size::new(40, 30));
}

#[test]
fn files_that_are_no_models_are_called_that() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("README.md");
    write_file(&file, "# A model\n\nby someone".as_bytes());
    let error = run("models", json!({"file": file})).0.unwrap_err();
    assert!(error.to_string().contains("this is no model"), "{error}");
}

#[test]
fn models_lists_and_inspects() {
    let listed = run("models", json!({})).0.unwrap();
    assert!(listed.items.iter().any(|item| item["name"] == "fast" && item["facts"]["scale"] == 4));
    let error = run("models", json!({"file": "/nonexistent.pth"})).0.unwrap_err();
    assert!(error.to_string().contains("/nonexistent.pth"));
}
