//! Training: the same model at any number of workers, and after a stop.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pixloom::job::{Face, JobCx, JobError, Report, Settings, Start};
use pixloom::jobs::JOBS;
use pixloom_engine::{Cancel, Event};
use pixloom_testkit::write_file;
use serde_json::{Value, json};
use support::{picture, run};

fn pictures(folder: &Path) -> PathBuf {
    let input = folder.join("in");
    for number in 0..6 {
        let bytes = picture("png", 90 + number * 7, 80, u64::from(number));
        write_file(input.join(format!("{number}.png")), bytes);
    }
    write_file(input.join("tiny.png"), picture("png", 20, 20, 1));
    input
}

fn settings(input: &Path, output: &Path, more: &Value) -> Value {
    let mut all = json!({"input": input, "output": output, "scale": 2, "features": 8, "convs": 1,
                         "steps": 30, "batch": 3, "patch": 12, "every": 10, "workers": 1});
    all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    all
}

/// Asks for a stop when a remark begins with a text.
struct Until {
    cancel: Cancel,
    text: &'static str,
}

impl Face for Until {
    fn started(&self, _: &Start) {}
    fn action(&self, _: &str) {}
    fn event(&self, _: &Event<'_>) {}
    fn remark(&self, line: &str) {
        if line.starts_with(self.text) {
            self.cancel.request();
        }
    }
}

fn train_until(settings: &Value, text: &'static str) -> Report {
    let entry = JOBS.iter().find(|entry| entry.name == "train upscale").unwrap();
    let mut cx = JobCx::default();
    cx.face = Arc::new(Until { cancel: cx.cancel.clone(), text });
    let settings = Settings::new(entry, settings.as_object().unwrap().clone()).unwrap();
    (entry.run)(&settings, &cx).unwrap()
}

#[test]
fn a_model_is_trained_and_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let input = pictures(folder.path());
    let train = |name: &str, more: Value| {
        let output = folder.path().join(name);
        let report = run("train upscale", settings(&input, &output, &more)).0.unwrap();
        (report, fs::read(&output).unwrap())
    };
    let (report, one) = train("one.safetensors", json!({}));
    // The picture that is smaller than a patch is named, and the others are used.
    assert_eq!((report.counts.done, report.counts.failed), (6, 1));
    assert_eq!(report.summary["steps"], 30);
    assert!(report.summary["validation_psnr_y_db"].as_f64().unwrap() > 10.0);
    let (_, three) = train("three.safetensors", json!({"workers": 3, "every": 7}));
    assert!(one == three, "the number of workers shows");
    let (_, noisy) = train("noisy.safetensors", json!({"degrade": "noise:sigma=0.05"}));
    assert!(one != noisy);
    let report = run("models", json!({"file": folder.path().join("one.safetensors")})).0.unwrap();
    assert_eq!(report.items[0]["architecture"], "SRVGGNetCompact");
    assert!(!folder.path().join("one.safetensors.checkpoint").exists());
}

#[test]
fn a_stopped_training_ends_as_one_that_was_not() {
    let folder = tempfile::tempdir().unwrap();
    let input = pictures(folder.path());
    let whole = folder.path().join("whole.safetensors");
    run("train upscale", settings(&input, &whole, &json!({}))).0.unwrap();
    let parts = folder.path().join("parts.safetensors");
    let stopped = train_until(&settings(&input, &parts, &json!({})), "step 20 ");
    assert!(stopped.cancelled && !parts.exists());
    assert!(folder.path().join("parts.safetensors.checkpoint").exists());
    let other = json!({"resume": true, "batch": 4});
    let refused = run("train upscale", settings(&input, &parts, &other)).0.unwrap_err();
    assert!(refused.to_string().contains("other settings"), "{refused}");
    let resumed = settings(&input, &parts, &json!({"resume": true}));
    run("train upscale", resumed).0.unwrap();
    assert!(fs::read(&parts).unwrap() == fs::read(&whole).unwrap());
}

#[test]
fn pictures_that_cannot_be_used_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    write_file(input.join("good.png"), picture("png", 90, 80, 1));
    write_file(input.join("cut.png"), &picture("png", 90, 80, 2)[..300]);
    write_file(input.join("none.jpg"), b"no picture");
    let output = folder.path().join("m.safetensors");
    let refused = run("train upscale", settings(&input, &output, &json!({}))).0.unwrap_err();
    let JobError::Refused { message, details } = refused else { panic!("{refused}") };
    assert!(message.contains("1 pictures"), "{message}");
    let said = |start: &str| details.iter().any(|line| line.starts_with(start));
    assert!(said("cut.png: ") && said("none.jpg: "), "{details:?}");

    write_file(input.join("second.png"), picture("png", 90, 80, 3));
    let report = run("train upscale", settings(&input, &output, &json!({"steps": 1}))).0.unwrap();
    assert!(!report.ok && output.exists());
    let failed: Vec<&str> = report.failures.iter().map(|f| f.path.as_str()).collect();
    assert_eq!(failed, ["cut.png", "none.jpg"]);
}
