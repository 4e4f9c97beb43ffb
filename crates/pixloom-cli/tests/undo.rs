//! Repairs on originals, killed at any moment, and taken back.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::Path;
use std::time::Duration;

use pixloom_testkit::{Ended, Lcg, Program, noise, tree_hash, write_file};

fn pixloom(state: &Path) -> Program {
    Program::new(env!("CARGO_BIN_EXE_pixloom"))
        .env("PIXLOOM_STATE_DIR", state)
        .env("PIXLOOM_CONFIG_DIR", state)
        .env("NO_COLOR", "")
}

/// PNGs with garbage behind them, half of them under a wrong name, and some that are cut off.
fn broken_pictures(folder: &Path, state: &Path) {
    let sources = folder.join("ppm");
    for at in 0..40 {
        let mut bytes = b"P6 64 48 255\n".to_vec();
        bytes.extend(noise(64, 48, 3, at));
        write_file(sources.join(format!("{at:02}.ppm")), bytes);
    }
    let (pngs, input) = (folder.join("png"), folder.join("in"));
    let made = pixloom(state).args(["convert", "--to", "png"]).args([&sources, &pngs]).run();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for at in 0..40 {
        let mut bytes = std::fs::read(pngs.join(format!("{at:02}.png"))).unwrap();
        match at % 4 {
            0 => bytes.extend(b"garbage"),
            1 => bytes.truncate(bytes.len() / 2),
            _ => bytes.extend([0; 100]),
        }
        let extension = if at % 4 == 2 { "jpg" } else { "png" };
        write_file(input.join(format!("{}/{at:02}.{extension}", at % 3)), bytes);
    }
}

fn apply(input: &Path, aside: &Path, state: &Path) -> Program {
    pixloom(state)
        .args(["validate", "--repair", "--apply", "--workers", "1"])
        .arg_pair("--move-to", aside)
        .args([input])
}

/// Two arguments of different types.
trait ArgPair {
    fn arg_pair(self, name: &str, value: &Path) -> Self;
}

impl ArgPair for Program {
    fn arg_pair(self, name: &str, value: &Path) -> Self {
        self.args([name]).args([value])
    }
}

/// All originals, without what is kept beside them.
fn originals(input: &Path) -> String {
    tree_hash(input, |path| !path.starts_with(".pixloom/"))
}

#[test]
fn killed_at_any_moment_and_undone_restores_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let (input, state) = (folder.path().join("in"), folder.path().join("state"));
    let aside = folder.path().join("aside");
    broken_pictures(folder.path(), &state);
    let before = originals(&input);
    let began = std::time::Instant::now();
    assert_eq!(apply(&input, &aside, &state).run().status.code(), Some(1));
    let mut whole = began.elapsed();
    assert_ne!(originals(&input), before);
    assert_eq!(pixloom_testkit::listing(&aside).len(), 10);
    let undone = pixloom(&state).args(["undo"]).run();
    assert!(undone.status.success(), "{}", String::from_utf8_lossy(&undone.stderr));
    assert_eq!(originals(&input), before);
    assert!(!aside.exists(), "a folder that was made for the files stays behind");
    let mut lcg = Lcg::new(3);
    let (mut killed, mut begun) = (0, 0);
    for _ in 0..16 {
        let share = 5 + u64::from(lcg.next_u32() % 80);
        let delay = Duration::from_micros(whole.as_micros() as u64 * share / 100);
        let ended = apply(&input, &aside, &state).run_and_kill(delay);
        match ended {
            Ended::Killed => killed += 1,
            // The first run had to be loaded from disk; the next are faster.
            Ended::ByItself(_) => whole = whole * 2 / 3,
        }
        begun += u32::from(originals(&input) != before);
        // Usage error 2: the run was killed before it did anything.
        let undone = pixloom(&state).args(["undo"]).args([&input]).run();
        assert!(matches!(undone.status.code(), Some(0 | 2)), "{undone:?}");
        assert_eq!(originals(&input), before);
        assert!(!aside.exists() || pixloom_testkit::listing(&aside).is_empty());
    }
    assert!(killed > 0 && begun > 0, "killed {killed}, begun {begun}: the test shows nothing");
}

#[test]
fn undo_names_what_it_leaves_and_says_when_there_is_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (input, state) = (folder.path().join("in"), folder.path().join("state"));
    broken_pictures(folder.path(), &state);
    let nothing = pixloom(&state).args(["undo"]).args([&input]).run();
    assert_eq!(nothing.status.code(), Some(2));
    let repaired = apply(&input, &folder.path().join("aside"), &state).run();
    assert_eq!(repaired.status.code(), Some(1));
    write_file(input.join("0/00.png"), b"edited since");
    let undone = pixloom(&state).args(["undo"]).args([&input]).run();
    let said = String::from_utf8_lossy(&undone.stdout).into_owned();
    assert_eq!(undone.status.code(), Some(1), "{said}");
    assert!(said.contains("00.png") && said.contains("changed since"), "{said}");
    assert_eq!(std::fs::read(input.join("0/00.png")).unwrap(), b"edited since");
}

#[test]
fn a_renamed_folder_is_undone_under_its_new_name() {
    let folder = tempfile::tempdir().unwrap();
    let (input, state) = (folder.path().join("in"), folder.path().join("state"));
    broken_pictures(folder.path(), &state);
    let before = originals(&input);
    apply(&input, &folder.path().join("aside"), &state).run();
    let renamed = folder.path().join("renamed");
    std::fs::rename(&input, &renamed).unwrap();
    let lost = pixloom(&state).args(["undo"]).run();
    let said = String::from_utf8_lossy(&lost.stderr).into_owned();
    assert_eq!(lost.status.code(), Some(2), "{said}");
    assert!(said.contains("no longer there") && said.contains("new name"), "{said}");
    let undone = pixloom(&state).args(["undo"]).args([&renamed]).run();
    assert!(undone.status.success(), "{}", String::from_utf8_lossy(&undone.stderr));
    assert_eq!(originals(&renamed), before);
}
