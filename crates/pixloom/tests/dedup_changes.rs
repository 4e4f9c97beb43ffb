//! Files that change or vanish while `dedup` runs.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pixloom::job::{Face, JobCx, Report, Settings, Start};
use pixloom::jobs::JOBS;
use pixloom::undo::{latest, revert};
use pixloom_engine::Event;
use pixloom_image::codec::{self, EncodeOptions};
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Serial, Size};
use pixloom_testkit::{tree_hash, write_file};
use serde_json::{Value, json};

/// Does something as soon as a number of files were looked at, once.
struct Meddler {
    after: u64,
    done: AtomicBool,
    act: Box<dyn Fn() + Send + Sync>,
}

impl Face for Meddler {
    fn started(&self, _: &Start) {}

    fn action(&self, _: &str) {}

    fn event(&self, event: &Event<'_>) {
        if let Event::Item { counts, .. } = event
            && counts.total() == self.after
            && !self.done.swap(true, Ordering::Relaxed)
        {
            (self.act)();
        }
    }

    fn remark(&self, _: &str) {}
}

/// Five qualities of one scene, the best first, and another scene.
fn pictures(folder: &Path) {
    let city = scene(Scene::City, 1, Size::new(480, 360));
    let jpeg = |quality: u8| {
        let options = EncodeOptions { quality: Some(quality), ..EncodeOptions::default() };
        let mut bytes = Vec::new();
        codec::by_name("jpeg").unwrap().encode(&city, &options, &Serial, &mut bytes).unwrap();
        bytes
    };
    for (name, quality) in [("a.jpg", 95), ("b.jpg", 70), ("c.jpg", 60), ("d.jpg", 50)] {
        write_file(folder.join(name), jpeg(quality));
    }
    write_file(folder.join("other.png"), support::picture("png", 320, 240, 9));
}

/// Moves the duplicates while `act` happens after `after` files.
fn dedup(
    (input, out): (&Path, &Path),
    after: u64,
    act: impl Fn() + Send + Sync + 'static,
) -> Report {
    let entry = JOBS.iter().find(|entry| entry.name == "dedup").unwrap();
    let settings = json!({"input": [input], "action": "move", "output": out, "apply": true,
        "workers": 1});
    let Value::Object(map) = settings else { panic!() };
    let face = Meddler { after, done: AtomicBool::new(false), act: Box::new(act) };
    let cx = JobCx { face: Arc::new(face), items: true, ..JobCx::default() };
    (entry.run)(&Settings::new(entry, map).unwrap(), &cx).unwrap()
}

struct Place {
    _folder: tempfile::TempDir,
    input: PathBuf,
    out: PathBuf,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let [input, out] = ["in", "out"].map(|name| folder.path().join(name));
    pictures(&input);
    Place { _folder: folder, input, out }
}

fn originals(folder: &Path) -> String {
    tree_hash(folder, |path| !path.starts_with(".pixloom/"))
}

#[test]
fn what_changes_after_the_look_is_left_alone() {
    let place = place();
    let input = place.input.clone();
    let report = dedup((&place.input, &place.out), 5, move || {
        fs::remove_file(input.join("b.jpg")).unwrap();
        write_file(input.join("c.jpg"), b"something else");
    });
    assert!(!report.ok, "{:?}", report.lines);
    assert_eq!(report.summary["applied"], 1, "{:?}", report.lines);
    assert!(place.out.join("duplicates/d.jpg").exists() && place.input.join("a.jpg").exists());
    assert_eq!(fs::read(place.input.join("c.jpg")).unwrap(), b"something else");
    assert!(!place.out.join("duplicates/b.jpg").exists());
    assert!(!place.out.join("duplicates/c.jpg").exists());
    let paths: Vec<&str> = report.items.iter().map(|item| item["path"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), 5, "{paths:?}");
    revert(&latest(&place.input).unwrap().unwrap()).unwrap();
    assert!(place.input.join("d.jpg").exists());
}

#[test]
fn without_the_best_as_it_was_nothing_moves() {
    for vanishes in [true, false] {
        let place = place();
        let input = place.input.clone();
        let best = place.input.join("a.jpg");
        let report = dedup((&place.input, &place.out), 5, move || {
            fs::remove_file(input.join("a.jpg")).unwrap();
            if !vanishes {
                write_file(input.join("a.jpg"), b"not the picture");
            }
        });
        // The best that was seen is gone, so its copies are all there is.
        let moved = report.summary["applied"].as_u64().unwrap();
        let left = ["b.jpg", "c.jpg", "d.jpg"].map(|name| place.input.join(name).exists());
        assert_eq!(moved, 0, "{vanishes} {:?}", report.lines);
        assert_eq!((left, best.exists()), ([true; 3], !vanishes));
    }
}

#[test]
fn what_changes_before_its_look_is_named() {
    let place = place();
    let before = originals(&place.input);
    let input = place.input.clone();
    let report = dedup((&place.input, &place.out), 1, move || {
        fs::remove_file(input.join("other.png")).unwrap();
    });
    let gone = report.items.iter().find(|item| item["path"] == "other.png").unwrap();
    assert_eq!(gone["status"], "failed", "{gone}");
    assert_eq!(report.summary["applied"], 3, "{:?}", report.lines);
    revert(&latest(&place.input).unwrap().unwrap()).unwrap();
    pictures(&place.input);
    assert_eq!(originals(&place.input), before);
}
