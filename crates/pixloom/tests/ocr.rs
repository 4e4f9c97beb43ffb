//! `ocr generate` as a user runs it: the same bytes however it is run, labels, exports, problems.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod support;

use std::path::Path;

use pixloom::job::JobError;
use pixloom_testkit::listing;
use serde_json::{Value, json};
use support::{run, run_and_stop};

/// A configuration with two kinds and many effects.
const CONFIG: &str = "\
total_images: 24
specifications:
  - name: lines
    proportion: 0.7
    text_direction: left_to_right
    corpus_file: words.txt
    font_size_min: 18
    font_size_max: 26
    max_text_length: 20
    rotation_angle_min: -8
    rotation_angle_max: 8
    noise_amount_max: 0.03
    blur_radius_max: 1.0
    elastic_distortion_alpha_max: 40
    elastic_distortion_sigma_min: 4
    elastic_distortion_sigma_max: 6
    color_mode: gradient
  - name: columns
    proportion: 0.3
    text_direction: top_to_bottom
    corpus_file: words.txt
    font_size_min: 16
    font_size_max: 16
    max_text_length: 12
    color_mode: per_glyph
    drop_shadow_offset_x_max: 3
    gaussian_noise_sigma_max: 0.05
";

/// Writes the configuration and its text; settings for a run into `name`.
fn settings(folder: &Path, name: &str, more: Value) -> Value {
    pixloom_testkit::write_file(folder.join("batch.yaml"), CONFIG);
    let words =
        "\u{feff}Grüße aus der Stadt,\r\nwo \0 Łódź und Ελλάδα\r\n\r\n nah beieinander liegen. ";
    pixloom_testkit::write_file(folder.join("texts/words.txt"), words.repeat(20));
    let mut settings = json!({
        "batch_config": folder.join("batch.yaml"),
        "corpus_dir": folder.join("texts"),
        "output_dir": folder.join(name),
        "seed": 11,
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut settings, more) {
        all.extend(more);
    }
    settings
}

/// Names and contents of all results, records of the run aside.
fn results(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let names = listing(folder).into_iter();
    let kept = names.filter(|name| !name.contains(".pixloom") && !name.ends_with('/'));
    let read = |name: String| std::fs::read(folder.join(&name)).ok().map(|bytes| (name, bytes));
    kept.filter_map(read).collect()
}

#[test]
fn the_same_bytes_however_it_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (first, _) =
        run("ocr generate", settings(folder, "first", json!({"generation_workers": 0})));
    let first = first.unwrap();
    assert_eq!((first.counts.done, first.ok), (24, true), "{:?}", first.failures);
    let expected = results(&folder.join("first"));
    // An image and document 001's label each, and the labels of all.
    assert_eq!(expected.len(), 49);
    for (number, more) in [
        json!({"generation_workers": 2, "chunk_size": 1, "workers": 2}),
        json!({"generation_workers": 8, "chunk_size": 5, "io_batch_size": 50}),
        json!({"generation_workers": 3, "chunk_size": 100, "log_level": "WARNING"}),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("again{number}");
        run("ocr generate", settings(folder, &name, more)).0.unwrap();
        assert!(results(&folder.join(&name)) == expected, "run {number} differs");
    }
}

#[test]
fn stopped_runs_go_on_and_parts_are_joined() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run("ocr generate", settings(folder, "whole", json!({}))).0.unwrap();
    let expected = results(&folder.join("whole"));
    let stopped = run_and_stop("ocr generate", settings(folder, "parts", json!({})), 7).unwrap();
    assert!(stopped.cancelled);
    let report = run("ocr generate", settings(folder, "parts", json!({"resume": true}))).0.unwrap();
    assert!(report.counts.resumed >= 7, "{:?}", report.counts);
    assert!(results(&folder.join("parts")) == expected);
    for shard in ["1/3", "2/3", "3/3"] {
        run("ocr generate", settings(folder, "shards", json!({"shard": shard}))).0.unwrap();
    }
    let shards = folder.join("shards");
    pixloom::run::merge(&shards, &[]).unwrap();
    run("ocr export", json!({"output": shards, "labels": ["jsonl"]})).0.unwrap();
    assert!(results(&shards) == expected);
}

#[test]
fn a_line_of_labels_renders_the_identical_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    run("ocr generate", json!({"output_dir": out, "images": 4})).0.unwrap();
    let again = folder.path().join("again.png");
    let render = json!({"label": out.join("labels.jsonl"), "line": 3, "output": again});
    run("ocr render", render).0.unwrap();
    assert!(std::fs::read(again).unwrap() == std::fs::read(out.join("00000002.png")).unwrap());
}

#[test]
fn all_exports_hold_all_images() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let labels = json!([
        "jsonl",
        "paddle-det",
        "paddle-rec",
        "icdar",
        "coco-text",
        "webdataset",
        "masks",
        "lmdb",
        "parquet"
    ]);
    run("ocr generate", json!({"output_dir": out, "images": 5, "labels": labels})).0.unwrap();
    let text = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    for name in ["labels.jsonl", "paddle_det.txt", "paddle_rec.txt"] {
        assert_eq!(text(name).lines().count(), 5, "{name}");
    }
    let coco: Value = serde_json::from_str(&text("coco_text.json")).unwrap();
    assert_eq!(coco["imgs"].as_object().unwrap().len(), 5);
    let words: usize = text("labels.jsonl")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["words"].as_array().unwrap().len())
        .sum();
    assert_eq!(coco["anns"].as_object().unwrap().len(), words);
    assert_eq!(text("icdar/gt_00000004.txt").lines().next().unwrap().split(',').count().min(9), 9);
    let archive = std::fs::read(out.join("webdataset/000000.tar")).unwrap();
    assert_eq!((archive.len() % 512, &archive[257..262]), (0, b"ustar".as_slice()));
    assert!(out.join("masks/00000000.png").exists());
    // That other programs read these two is for tests/reference/ocr_exports.py.
    let database = std::fs::read(out.join("lmdb/data.mdb")).unwrap();
    let table = std::fs::read(out.join("labels.parquet")).unwrap();
    for at in 0..5 {
        let picture = std::fs::read(out.join(format!("{at:08}.png"))).unwrap();
        let start = memchr::memmem::find(&database, &picture);
        assert!(start.is_some_and(|start| start % 4096 == 16), "image {at}");
        let key = format!("image-{:09}", at + 1);
        assert!(memchr::memmem::find(&database, key.as_bytes()).is_some());
        assert!(memchr::memmem::find(&table, &picture).is_some());
    }
    assert!(memchr::memmem::find(&database, b"num-samples5").is_some());
    assert!(table.starts_with(b"PAR1") && table.ends_with(b"PAR1"));
}

#[test]
fn check_tells_all_problems_and_a_run_refuses_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wrong.yaml");
    let wrong =
        CONFIG.replace("noise_amount_max", "noise_ammount_max").replace("gradient", "rainbow");
    pixloom_testkit::write_file(&path, &wrong);
    let report = run("ocr check", json!({"config": path})).0.unwrap();
    assert_eq!((report.ok, report.items.len()), (false, 2), "{:?}", report.lines);
    assert!(report.lines[0].contains("line 12") && report.lines[0].contains("noise_amount_max"));
    let refused =
        run("ocr generate", json!({"batch_config": path, "output_dir": folder.path().join("out")}));
    assert!(refused.0.unwrap_err().to_string().contains("2 problems"));
    assert!(!folder.path().join("out").exists());
}

#[test]
fn broken_materials_are_left_out_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let font = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/ocr/NotoSans-Regular.ttf");
    pixloom_testkit::write_file(path.join("fonts/good.ttf"), std::fs::read(font).unwrap());
    pixloom_testkit::write_file(path.join("fonts/empty.ttf"), []);
    pixloom_testkit::write_file(path.join("back/broken.png"), b"\x89PNG\r\n\x1a\nnothing");
    pixloom_testkit::write_file(path.join("back/tiny.png"), support::picture("png", 3, 2, 1));
    let settings = json!({
        "output_dir": path.join("out"), "images": 6,
        "font_dir": path.join("fonts"), "background_dir": path.join("back"),
    });
    let (report, said) = run("ocr generate", settings);
    let report = report.unwrap();
    assert_eq!(report.counts.done, 6, "{:?}", report.failures);
    let count = |part: &str| said.iter().filter(|line| line.contains(part)).count();
    assert_eq!((count("empty.ttf"), count("broken.png")), (1, 1), "{said:?}");
    let fonts = run("ocr fonts", json!({"folder": path.join("fonts")})).0.unwrap();
    assert_eq!((fonts.ok, fonts.items.len()), (false, 1));
}

#[test]
fn images_are_not_replaced_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let settings = |more: Value| {
        let mut all = json!({"output_dir": folder.path().join("out"), "images": 2});
        if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
            all.extend(more);
        }
        all
    };
    run("ocr generate", settings(json!({}))).0.unwrap();
    assert!(run("ocr generate", settings(json!({}))).0.is_err());
    run("ocr generate", settings(json!({"overwrite": true}))).0.unwrap();
    let stats = run("ocr stats", json!({"output": folder.path().join("out")})).0.unwrap();
    assert_eq!(stats.summary["images"], 2);
    let plan = run("ocr plan", json!({"images": 50, "first": 3, "from": 40})).0.unwrap();
    assert_eq!((plan.items.len(), plan.items[0]["index"].clone()), (3, json!(40)));
}

/// Runs a job that must be refused; what it says.
fn refusal(job: &str, settings: Value) -> String {
    match run(job, settings).0 {
        Ok(report) => panic!("{job} was not refused: {:?}", report.lines),
        Err(JobError::Refused { message, details }) => format!("{message}: {}", details.join("; ")),
        Err(other) => other.to_string(),
    }
}

/// Settings for a file of that name.
type Make<'a> = &'a dyn Fn(&str, Value) -> Value;

#[test]
fn single_pictures_keep_to_their_name_and_replace_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    run("ocr generate", json!({"output_dir": folder.join("out"), "images": 2})).0.unwrap();
    let labels = folder.join("out/labels.jsonl");
    let render = |name: &str, more: Value| {
        let mut all = json!({"label": labels, "line": 1, "output": folder.join(name)});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let preview = |name: &str, more: Value| {
        let mut all = json!({"images": 3, "output": folder.join(name)});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    for (job, settings) in [("ocr render", &render as Make), ("ocr preview", &preview as Make)] {
        let path = folder.join("kept.png");
        pixloom_testkit::write_file(&path, b"not yours");
        let said = refusal(job, settings("kept.png", json!({})));
        assert!(said.contains("kept.png exists") && said.contains("--overwrite"), "{said}");
        assert_eq!(std::fs::read(&path).unwrap(), b"not yours");
        run(job, settings("kept.png", json!({"overwrite": true}))).0.unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(b"\x89PNG"));
        run(job, settings("new.JPG", json!({}))).0.unwrap();
        assert!(std::fs::read(folder.join("new.JPG")).unwrap().starts_with(&[0xff, 0xd8, 0xff]));
        std::fs::remove_file(folder.join("new.JPG")).unwrap();
        for name in ["odd.xyz", "none"] {
            let said = refusal(job, settings(name, json!({})));
            assert!(said.contains("`output`"), "{said}");
            assert!(!folder.join(name).exists());
        }
    }
    let said = refusal("ocr preview", preview("beyond.png", json!({"from": 3})));
    assert!(said.contains("the images are 0 to 2"), "{said}");
    assert!(!folder.join("beyond.png").exists());
    assert!(refusal("ocr plan", json!({"images": 3, "from": 3})).contains("0 to 2"));
}

#[test]
fn labels_are_not_replaced_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let forms = [
        "jsonl",
        "paddle-det",
        "paddle-rec",
        "icdar",
        "coco-text",
        "webdataset",
        "lmdb",
        "parquet",
    ];
    run("ocr generate", json!({"output_dir": out, "images": 2, "labels": ["jsonl"]})).0.unwrap();
    let all = json!({"output": out, "labels": forms[1..]});
    run("ocr export", all).0.unwrap();
    for form in forms {
        let said = refusal("ocr export", json!({"output": out, "labels": [form]}));
        assert!(said.contains(" exists"), "{form}: {said}");
    }
    let replace = json!({"output": out, "labels": forms, "overwrite": true});
    run("ocr export", replace).0.unwrap();
    // Labels of single images are left alone if they say the same, and refused if they do not.
    let single = json!({"output": out, "labels": ["document-001"]});
    run("ocr export", single.clone()).0.unwrap();
    run("ocr export", single.clone()).0.unwrap();
    pixloom_testkit::write_file(out.join("00000001.json"), b"{}");
    assert!(refusal("ocr export", single).contains("00000001.json exists"));
    assert_eq!(std::fs::read(out.join("00000001.json")).unwrap(), b"{}");
    // A new run does not write over labels that lie in its folder.
    let other = folder.path().join("other");
    pixloom_testkit::write_file(other.join("labels.jsonl"), b"mine");
    let said = refusal("ocr generate", json!({"output_dir": other, "images": 2}));
    assert!(said.contains("labels.jsonl exists"), "{said}");
    assert_eq!(listing(&other), ["labels.jsonl"]);
}

#[test]
fn emoji_keep_their_colours_among_letters() {
    let file = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf";
    let Ok(emoji) = std::fs::read(file) else {
        println!("skipped: the package fonts-noto-color-emoji is not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let letters = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/ocr/NotoSans-Regular.ttf");
    pixloom_testkit::write_file(folder.join("fonts/letters.ttf"), std::fs::read(letters).unwrap());
    pixloom_testkit::write_file(folder.join("fonts/emoji.ttf"), emoji);
    pixloom_testkit::write_file(folder.join("texts/words.txt"), "Sun 🌞 and 🇩🇪 flags 👍🏽 up. ");
    let config = "\
total_images: 6
specifications:
  - {name: mixed, proportion: 1.0, text_direction: auto, corpus_file: words.txt,
     font_filter: '*.ttf', font_weights: {'*emoji*': 0.001}, missing_glyphs: fallback,
     font_size_min: 40, font_size_max: 40, rotation_angle_min: -8, rotation_angle_max: 8,
     min_text_length: 25, max_text_length: 25}
";
    pixloom_testkit::write_file(folder.join("batch.yaml"), config);
    let out = folder.join("out");
    let settings = json!({
        "batch_config": folder.join("batch.yaml"), "font_dir": folder.join("fonts"),
        "corpus_dir": folder.join("texts"), "output_dir": out,
    });
    let report = run("ocr generate", settings).0.unwrap();
    assert_eq!(report.counts.done, 6, "{:?}", report.failures);
    let labels = std::fs::read_to_string(out.join("labels.jsonl")).unwrap();
    for (number, line) in labels.lines().enumerate() {
        let record: Value = serde_json::from_str(line).unwrap();
        let clusters = record["clusters"].as_array().unwrap();
        let sun = clusters.iter().find(|part| part["text"] == "🌞");
        assert!(sun.is_some_and(|part| part.get("blank").is_none()), "{line}");
        let again = folder.join(format!("again{number}.png"));
        let render =
            json!({"label": out.join("labels.jsonl"), "line": number + 1, "output": again});
        run("ocr render", render).0.unwrap();
        let first = std::fs::read(out.join(record["file"].as_str().unwrap())).unwrap();
        assert!(std::fs::read(again).unwrap() == first, "image {number}");
    }
}

#[test]
fn characters_that_a_font_lacks_are_skipped_filled_in_or_refused() {
    let (Some(fonts), folder) =
        (pixloom_testkit::shared_data("fonts"), tempfile::tempdir().unwrap())
    else {
        return;
    };
    let folder = folder.path();
    for file in ["NotoSans-Regular.ttf", "NotoSansThai-Regular.ttf"] {
        let bytes = std::fs::read(fonts.join("fonts-noto-core").join(file)).unwrap();
        pixloom_testkit::write_file(folder.join("fonts").join(file), bytes);
    }
    pixloom_testkit::write_file(
        folder.join("texts/words.txt"),
        "Latin words กขคง and more ".repeat(9),
    );
    let generate = |policy: &str| {
        let config = format!(
            "total_images: 12\nspecifications:\n  - {{name: a, proportion: 1.0, text_direction: \
             auto, corpus_file: words.txt, missing_glyphs: {policy}, min_text_length: 16, \
             max_text_length: 16}}\n"
        );
        pixloom_testkit::write_file(folder.join(format!("{policy}.yaml")), config);
        let out = folder.join(policy);
        let settings = json!({
            "batch_config": folder.join(format!("{policy}.yaml")), "output_dir": out,
            "font_dir": folder.join("fonts"), "corpus_dir": folder.join("texts"),
        });
        let report = run("ocr generate", settings).0.unwrap();
        let labels = std::fs::read_to_string(out.join("labels.jsonl")).unwrap();
        let records = labels.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        (report, records.collect::<Vec<Value>>())
    };
    let mixed = |record: &&Value| {
        let text = record["text"].as_str().unwrap();
        text.contains('ก') && text.contains(|c: char| c.is_ascii_alphabetic())
    };
    let fonts = |record: &Value| record["drawn"]["fonts"].as_array().unwrap().len();
    // No font has both scripts: skip draws texts of one.
    let (report, records) = generate("skip");
    assert_eq!((report.counts.failed, records.iter().filter(mixed).count()), (0, 0));
    let (report, records) = generate("fallback");
    assert_eq!(report.counts.failed, 0, "{:?}", report.failures);
    assert!(records.iter().any(|record| mixed(&record) && fonts(record) == 2));
    let (report, records) = generate("error");
    assert!(report.counts.failed > 0 && records.iter().filter(mixed).count() == 0);
    assert!(report.failures[0].message.contains("no font has all"), "{:?}", report.failures);
}
