//! Copies: actions killed at any moment and taken back, the trash, the cache, exit codes.

use std::path::Path;
use std::time::Duration;

use pixloom_testkit::{Ended, Lcg, Program, noise, tree_hash, write_file};

fn pixloom(home: &Path) -> Program {
    Program::new(env!("CARGO_BIN_EXE_pixloom"))
        .env("PIXLOOM_STATE_DIR", home.join("state"))
        .env("PIXLOOM_CONFIG_DIR", home.join("config"))
        .env("PIXLOOM_CACHE_DIR", home.join("cache"))
        .env("XDG_DATA_HOME", home.join("data"))
        .env("HOME", home)
        .env("NO_COLOR", "")
}

fn ppm(seed: u64) -> Vec<u8> {
    let mut bytes = b"P6 64 48 255\n".to_vec();
    bytes.extend(noise(64, 48, 3, seed));
    bytes
}

/// Twelve pictures, each four times, with captions.
fn copies(input: &Path) {
    for at in 0..48u64 {
        let place = input.join(format!("{}/{at:02}", at % 5));
        write_file(place.with_extension("ppm"), ppm(at % 12));
        write_file(place.with_extension("txt"), format!("caption {at}"));
    }
}

/// All originals, without what is kept beside them.
fn originals(input: &Path) -> String {
    tree_hash(input, |path| !path.starts_with(".pixloom/"))
}

#[test]
fn actions_killed_at_any_moment_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let (home, input, out) =
        (folder.path().join("home"), folder.path().join("in"), folder.path().join("out"));
    copies(&input);
    let before = originals(&input);
    let program = |action: &str| {
        let program = pixloom(&home)
            .args(["dedup", "--method", "exact", "--apply", "--workers", "1", "--action", action])
            .args([&input]);
        if action == "move" { program.args(["--output"]).args([&out]) } else { program }
    };
    let whole = std::time::Instant::now();
    assert!(program("move").run().status.success() && originals(&input) != before);
    let whole = whole.elapsed();
    assert!(pixloom(&home).args(["undo"]).run().status.success());
    assert!(originals(&input) == before && !out.exists());
    let mut lcg = Lcg::new(11);
    let (mut killed, mut undone) = (0, 0);
    for round in 0..20 {
        let action = ["move", "hardlink", "trash", "symlink"][round % 4];
        let share = 5 + lcg.below(90) as u64;
        let delay = Duration::from_micros(whole.as_micros() as u64 * share / 100);
        let ended = program(action).run_and_kill(delay);
        killed += u32::from(ended == Ended::Killed);
        let undo = pixloom(&home).args(["undo"]).args([&input]).run();
        let said = String::from_utf8_lossy(&undo.stderr).into_owned();
        // A run that was killed early has nothing to take back.
        assert!(undo.status.success() || said.contains("nothing to take back"), "{said}");
        undone += u32::from(undo.status.success());
        assert_eq!(originals(&input), before, "{action} {ended:?}");
    }
    assert!(killed > 0 && undone > 0, "killed {killed}, undone {undone}: this shows nothing");
    let trash = home.join("data/Trash/files");
    assert!(std::fs::read_dir(trash).map_or(0, Iterator::count) == 0);
}

#[test]
fn the_trash_is_that_of_the_desktop() {
    let folder = tempfile::tempdir().unwrap();
    let (home, input) = (folder.path().join("home"), folder.path().join("in"));
    copies(&input);
    let done = pixloom(&home)
        .args(["dedup", "--method", "exact", "--action", "trash", "--apply"])
        .args([&input])
        .run();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let trash = home.join("data/Trash");
    let count = |name: &str| std::fs::read_dir(trash.join(name)).unwrap().count();
    assert_eq!((count("files"), count("info")), (72, 72));
    let info = std::fs::read_to_string(trash.join("info/12.ppm.trashinfo")).unwrap();
    assert!(info.starts_with("[Trash Info]\nPath=/") && info.contains("DeletionDate=2"), "{info}");
}

#[test]
fn the_cache_is_shown_and_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let (home, input) = (folder.path().join("home"), folder.path().join("in"));
    copies(&input);
    let text = |args: &[&str]| {
        let output = pixloom(&home).args(args).run();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(text(&["cache"]).starts_with("nothing is remembered"));
    let dedup = ["dedup", "--method", "phash", input.to_str().unwrap()];
    text(&dedup);
    assert!(text(&["cache"]).contains("48 files known, 12 results"), "{}", text(&["cache"]));
    // Killed while it writes, the cache is still one.
    for at in 48..60 {
        write_file(input.join(format!("{at}.ppm")), ppm(at));
        pixloom(&home).args(dedup).run_and_kill(Duration::from_millis(5 * (at - 47)));
    }
    text(&dedup);
    assert!(text(&["cache", "--json"]).contains("\"files\": 60"), "{}", text(&["cache", "--json"]));
    assert!(text(&["cache", "clear"]).contains("freed"));
    assert!(text(&["cache", "clear"]).starts_with("there is nothing"));
}

#[test]
fn exit_codes_say_what_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let (home, input) = (folder.path().join("home"), folder.path().join("in"));
    for (name, seed) in [("a.ppm", 1), ("b.ppm", 1), ("c.ppm", 2)] {
        write_file(input.join(name), ppm(seed));
    }
    let code =
        |args: &[&str]| pixloom(&home).dir(&input).args(args).run().status.code().unwrap_or(-1);
    assert_eq!(code(&["dedup", "."]), 0);
    assert_eq!(code(&["dedup", ".", "--fail-on-duplicates"]), 1);
    assert_eq!(code(&["dedup", "pair", "a.ppm", "b.ppm"]), 0);
    assert_eq!(code(&["dedup", "pair", "a.ppm", "c.ppm", "--explain"]), 1);
    assert_eq!(code(&["dedup", "pair", "a.ppm", "a.ppm"]), 2);
    assert_eq!(code(&["dedup", ".", "--shard", "1/2"]), 2);
    assert_eq!(code(&["dedup", ".", "--action", "move"]), 2);
    assert_eq!(code(&["clean", ".", "--fail-on-findings", "--only", "exact-duplicate"]), 1);
}
