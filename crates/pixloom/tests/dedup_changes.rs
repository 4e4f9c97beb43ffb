//! Files that change or vanish while `dedup` runs.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod support;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pixloom::job::{Face, JobCx, Report, Settings, Start};
use pixloom::jobs::JOBS;
use pixloom::undo::{Reverted, latest, revert};
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

#[test]
#[expect(clippy::disallowed_methods, reason = "the user, who works beside the run")]
fn a_stop_while_the_plan_is_carried_out_is_one() {
    let place = place();
    let bytes = support::picture("png", 64, 48, 1);
    (0..60).for_each(|at| write_file(place.input.join(format!("e{at:02}.png")), &bytes));
    let before = originals(&place.input);
    let cx = JobCx::default();
    let (cancel, out) = (cx.cancel.clone(), place.out.clone());
    let user = std::thread::spawn(move || {
        while !out.exists() {
            std::thread::yield_now();
        }
        cancel.request();
    });
    let settings = json!({"input": [place.input], "action": "move", "output": place.out,
        "apply": true, "workers": 1});
    let report = support::run_with("dedup", settings, cx).0.unwrap();
    user.join().unwrap();
    let applied = report.summary["applied"].as_u64().unwrap();
    if !report.cancelled {
        println!("skipped: the plan was carried out before the stop came");
        return;
    }
    assert!((1..=62).contains(&applied), "{:?}", report.lines);
    assert!(report.cancelled && !report.ok, "{:?}", report.lines);
    assert!(report.lines.iter().any(|line| line.contains("stopped on request")));
    assert_eq!(undo(&place.input).restored, applied);
    assert_eq!(originals(&place.input), before);
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

fn undo(input: &Path) -> Reverted {
    revert(&latest(input).unwrap().unwrap()).unwrap()
}

/// A folder with a picture, and one on another file system with two copies of it.
fn two_file_systems() -> Option<[tempfile::TempDir; 2]> {
    let here = tempfile::tempdir().unwrap();
    let there = tempfile::tempdir_in("/dev/shm").ok()?;
    let device = |folder: &tempfile::TempDir| fs::metadata(folder.path()).unwrap().dev();
    if device(&here) == device(&there) {
        return None;
    }
    let bytes = support::picture("png", 64, 48, 1);
    write_file(here.path().join("1.png"), &bytes);
    write_file(there.path().join("2.png"), &bytes);
    write_file(there.path().join("3.png"), &bytes);
    Some([here, there])
}

#[test]
fn links_on_another_file_system_are_taken_back() {
    let Some([here, there]) = two_file_systems() else {
        println!("skipped: /dev/shm and the folder for temporary files are one file system");
        return;
    };
    let before = (originals(here.path()), originals(there.path()));
    let link = |action: &str| {
        let inputs = [here.path(), there.path()];
        // The best of them is the one whose folder has the journal.
        let settings =
            json!({"input": inputs, "action": action, "prefer": ["*1.png"], "apply": true});
        support::run("dedup", settings).0.unwrap()
    };
    let linked = link("symlink");
    assert_eq!(linked.summary["applied"], 2, "{:?}", linked.lines);
    assert!(there.path().join("2.png").is_symlink());
    let undone = undo(here.path());
    assert!((undone.restored, undone.kept.len()) == (2, 0), "{undone:?}");
    assert_eq!((originals(here.path()), originals(there.path())), before);
    // No hard link leads there: nothing is done, nothing stays, and the files are named.
    let left = link("hardlink");
    assert!(!left.ok && left.summary["applied"] == 0, "{:?}", left.lines);
    for name in ["2.png", "3.png"] {
        let said = |line: &String| line.contains(name) && line.contains("another file system");
        assert!(left.lines.iter().any(said), "{:?}", left.lines);
    }
    assert_eq!(latest(here.path()).unwrap(), None);
    assert_eq!((originals(here.path()), originals(there.path())), before);
    // One of three is done, and comes back.
    write_file(here.path().join("sub/4.png"), fs::read(here.path().join("1.png")).unwrap());
    assert_eq!(link("hardlink").summary["applied"], 1);
    let one = fs::metadata(here.path().join("1.png")).unwrap().ino();
    assert_eq!(fs::metadata(here.path().join("sub/4.png")).unwrap().ino(), one);
    let undone = undo(here.path());
    assert!((undone.restored, undone.kept.len()) == (1, 0), "{undone:?}");
    assert_ne!(fs::metadata(here.path().join("sub/4.png")).unwrap().ino(), one);
}

#[test]
fn what_cannot_be_taken_back_is_named_and_stops_nothing() {
    let place = place();
    let sub = place.input.join("sub");
    write_file(sub.join("e.jpg"), fs::read(place.input.join("b.jpg")).unwrap());
    let before = originals(&place.input);
    assert_eq!(dedup((&place.input, &place.out), 99, || ()).summary["applied"], 4);
    // A file is where the folder was.
    fs::remove_dir(&sub).unwrap();
    write_file(&sub, b"in the way");
    let undone = undo(&place.input);
    assert_eq!((undone.restored, undone.kept.len()), (3, 1), "{undone:?}");
    assert!(undone.kept[0].path.ends_with("duplicates/sub/e.jpg"), "{undone:?}");
    assert!(undone.kept[0].why.contains("could not be taken back"), "{undone:?}");
    fs::remove_file(&sub).unwrap();
    let undone = undo(&place.input);
    assert_eq!((undone.restored, undone.kept.len()), (1, 0), "{undone:?}");
    assert_eq!(originals(&place.input), before);
}

#[test]
fn undo_never_removes_the_last_copy() {
    let place = place();
    let sub = place.input.join("sub");
    write_file(sub.join("e.jpg"), fs::read(place.input.join("b.jpg")).unwrap());
    let copied = |action: &str| {
        let settings = json!({"input": [place.input], "action": action, "output": place.out,
            "apply": true, "workers": 1});
        support::run("dedup", settings).0.unwrap()
    };
    // What was copied is deleted: its copy stays, the others go.
    assert!(copied("copy").ok);
    let bytes = fs::read(place.input.join("c.jpg")).unwrap();
    fs::remove_file(place.input.join("c.jpg")).unwrap();
    let undone = undo(&place.input);
    assert_eq!(undone.kept.len(), 1, "{undone:?}");
    assert_eq!(fs::read(place.out.join("duplicates/c.jpg")).unwrap(), bytes);
    assert!(!place.out.join("duplicates/b.jpg").exists());
    fs::remove_file(place.out.join("duplicates/c.jpg")).unwrap();
    // What was moved is looked at over a link to the folder where it is now.
    assert!(copied("move").ok);
    fs::remove_dir(&sub).unwrap();
    std::os::unix::fs::symlink(place.out.join("duplicates/sub"), &sub).unwrap();
    let undone = undo(&place.input);
    assert!(undone.kept.iter().any(|kept| kept.why.contains("leads to it")), "{undone:?}");
    assert!(place.out.join("duplicates/sub/e.jpg").exists());
}

#[test]
fn read_only_pictures_are_copied() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    let file = place.input.join("b.jpg");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o444)).unwrap();
    let settings = json!({"input": [place.input], "action": "copy", "output": place.out,
        "apply": true, "workers": 1});
    let report = support::run("dedup", settings).0.unwrap();
    assert!(report.ok, "{:?}", report.lines);
    let mode = fs::metadata(place.out.join("duplicates/b.jpg")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o444);
}

#[test]
fn a_lost_original_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = support::picture("png", 64, 48, 1);
    for name in ["a.png", "b.png"] {
        write_file(folder.path().join(name), &bytes);
    }
    let settings = json!({"input": [folder.path()], "action": "symlink", "apply": true});
    support::run("dedup", settings).0.unwrap();
    fs::remove_dir_all(latest(folder.path()).unwrap().unwrap().join("originals")).unwrap();
    let undone = undo(folder.path());
    assert!(undone.kept[0].path.ends_with("b.png"), "{undone:?}");
    assert!(undone.kept[0].why.contains("original"), "{undone:?}");
}

#[test]
fn a_torn_journal_is_taken_back_and_closed() {
    let place = place();
    let before = originals(&place.input);
    assert_eq!(dedup((&place.input, &place.out), 99, || ()).summary["applied"], 3);
    let journal = latest(&place.input).unwrap().unwrap().join("journal.jsonl");
    let mut text = fs::read(&journal).unwrap();
    text.extend(b"{\"action\":\"move\",\"from\":\"a.jp");
    write_file(&journal, &text);
    let undone = undo(&place.input);
    assert!((undone.restored, undone.kept.len()) == (3, 0), "{undone:?}");
    assert_eq!(originals(&place.input), before);
    assert_eq!(latest(&place.input).unwrap(), None);
    for line in fs::read_to_string(&journal).unwrap().lines() {
        serde_json::from_str::<Value>(line).unwrap();
    }
}

#[test]
fn an_unreadable_line_of_the_journal_is_named_and_stops_nothing() {
    let place = place();
    assert_eq!(dedup((&place.input, &place.out), 99, || ()).summary["applied"], 3);
    let journal = latest(&place.input).unwrap().unwrap().join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let line = text.lines().position(|line| line.contains("c.jpg")).unwrap();
    let spoilt =
        |(at, text): (usize, &str)| if at == line { "{]\n".into() } else { format!("{text}\n") };
    write_file(&journal, text.lines().enumerate().map(spoilt).collect::<String>());
    let undone = undo(&place.input);
    assert_eq!((undone.restored, undone.kept.len()), (2, 1), "{undone:?}");
    assert!(undone.kept[0].why.contains(&format!("line {} ", line + 1)), "{undone:?}");
}

#[test]
fn sidecars_go_with_the_last_picture_of_their_name() {
    let place = place();
    let at = |name: &str| place.input.join(name);
    for name in ["b.txt", "b.jpg.json", "c.txt", "d.xmp", "d.jpg.json", "dd.txt"] {
        write_file(at(name), name);
    }
    // Another picture of that name stays, and one that goes.
    let leaves = scene(Scene::Leaves, 4, Size::new(300, 200));
    let mut bytes = Vec::new();
    let options = EncodeOptions::default();
    codec::by_name("png").unwrap().encode(&leaves, &options, &Serial, &mut bytes).unwrap();
    write_file(at("c.png"), bytes);
    write_file(at("d.jpeg"), fs::read(at("d.jpg")).unwrap());
    assert_eq!(dedup((&place.input, &place.out), 99, || ()).summary["applied"], 8);
    let gone = pixloom_testkit::listing(&place.out.join("duplicates"));
    let expected =
        ["b.jpg", "b.jpg.json", "b.txt", "c.jpg", "d.jpeg", "d.jpg", "d.jpg.json", "d.xmp"];
    assert_eq!(gone, expected);
    assert!(at("c.txt").exists() && at("dd.txt").exists());
}
