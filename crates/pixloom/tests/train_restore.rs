//! Whether models of restoration are trained the same way twice, and tested on real pictures.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;

use pixloom_image::codec::{self, EncodeOptions};
use pixloom_image::filter::gaussian_blur;
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Image, Serial, Size};
use pixloom_testkit::write_file;
use serde_json::{Value, json};
use support::run;

fn encoded(image: &Image) -> Vec<u8> {
    let mut bytes = Vec::new();
    let codec = codec::by_name("png").unwrap();
    codec.encode(image, &EncodeOptions::default(), &Serial, &mut bytes).unwrap();
    bytes
}

/// Pairs whose damage is blur of different strength, and their table.
fn searched(folder: &Path) {
    let scenes = [Scene::City, Scene::Leaves, Scene::Landscape, Scene::StillLife];
    for at in 0..16_u32 {
        let clean = scene(scenes[at as usize % 4], u64::from(at), Size::new(72, 64));
        let soft = gaussian_blur(&clean, 0.4 + (at % 5) as f32 * 0.3, &Serial).unwrap();
        write_file(folder.join(format!("undamaged/{at:02}.png")), encoded(&clean));
        write_file(folder.join(format!("damaged/{at:02}.png")), encoded(&soft));
    }
    let settings = json!({
        "damaged": folder.join("damaged"),
        "undamaged": folder.join("undamaged"),
        "output": folder.join("table.csv"),
    });
    assert!(run("restore search", settings).0.unwrap().ok);
}

fn train(folder: &Path, model: &str, workers: &str) -> Value {
    let settings = json!({
        "table": folder.join("table.csv"),
        "output": folder.join(model),
        "damaged": folder.join("damaged"),
        "undamaged": folder.join("undamaged"),
        "workers": workers,
        "seed": 42,
    });
    run("train restore", settings).0.unwrap().summary
}

#[test]
fn a_model_is_the_same_twice_and_is_tested_on_pictures() {
    let folder = tempfile::tempdir().unwrap();
    searched(folder.path());
    let summary = train(folder.path(), "one.json", "1");
    train(folder.path(), "eight.json", "8");
    let read = |name: &str| {
        let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
        let mut model: Value = serde_json::from_str(&text).unwrap();
        model.as_object_mut().unwrap().remove("figures");
        model
    };
    assert_eq!(read("one.json"), read("eight.json"));
    assert_eq!((&summary["train"], &summary["test"]), (&json!(12), &json!(4)));
    // Nothing is tinted, so white balance is never the best.
    assert_eq!(summary["constant_targets"], json!(["refined_apply_color_correction"]));
    let score = |name: &str| summary["held_out"][name]["score"].as_f64().unwrap();
    let oracle = summary["oracle_score"].as_f64().unwrap();
    assert!(oracle > score("identity") && score("model_guarded") > 0.0);
    for kind in ["random-forest", "gradient-boosting", "ridge", "mean"] {
        assert!(summary["models"][kind]["r2_test_mean"].is_number(), "{kind}");
    }
}

#[test]
fn tables_that_cannot_be_used_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("t.csv");
    let error = |text: &str| {
        write_file(&table, text.as_bytes());
        let settings = json!({"table": table, "output": folder.path().join("m.json")});
        run("train restore", settings).0.unwrap_err().to_string()
    };
    assert!(error("").contains("is empty"));
    assert!(error("a,b\n1\n").contains("line 2"));
    assert!(error("a,b\n1,2\n").contains("lacks the column"));
}
