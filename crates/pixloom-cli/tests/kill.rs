//! What is left when the program is killed, or the disk is full.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use pixloom_testkit::{Ended, Lcg, Program, noise, result_hash, write_file};

const OPS: &str = "noise:sigma=0.05 | rotate:limit=20 | resize:long_edge=200";

fn pixloom() -> Program {
    Program::new(env!("CARGO_BIN_EXE_pixloom"))
}

/// Pictures of noise as PPM, which needs no encoder.
fn pictures(folder: &Path, count: u64) {
    for at in 0..count {
        let mut bytes = b"P6 160 120 255\n".to_vec();
        bytes.extend(noise(160, 120, 3, at));
        write_file(folder.join(format!("{}/{at:03}.ppm", at % 5)), bytes);
    }
}

fn transform(input: &Path, output: &Path, state: &Path) -> Program {
    pixloom()
        .args(["transform", "--ops", OPS, "--to", "png", "--resume"])
        .args([input, output])
        .env("PIXLOOM_STATE_DIR", state)
        .env("PIXLOOM_CONFIG_DIR", state)
}

#[test]
fn killed_at_any_moment_and_resumed_is_as_if_nothing_happened() {
    let folder = tempfile::tempdir().unwrap();
    let (input, state) = (folder.path().join("in"), folder.path().join("state"));
    pictures(&input, 60);
    write_file(input.join("2/broken.ppm"), b"P6 160 120 255\nshort");
    let whole = folder.path().join("whole");
    assert_eq!(transform(&input, &whole, &state).run().status.code(), Some(1));
    let expected = result_hash(&whole);
    let mut lcg = Lcg::new(7);
    let mut killed = 0;
    for round in 0..5 {
        let output = folder.path().join(format!("out{round}"));
        // Several kills of one run, at moments that move through it.
        for _ in 0..3 {
            let delay = Duration::from_millis(5 + u64::from(lcg.next_u32() % 150));
            let ended = transform(&input, &output, &state).run_and_kill(delay);
            killed += u32::from(matches!(ended, Ended::Killed));
        }
        assert_eq!(transform(&input, &output, &state).run().status.code(), Some(1));
        assert_eq!(result_hash(&output), expected, "round {round}");
        let leftovers = fs::read_dir(output.join(".pixloom/tmp")).map_or(0, Iterator::count);
        assert!(leftovers <= 1, "temporary files stay behind: {leftovers}");
    }
    assert!(killed > 0, "no run was killed, the test shows nothing");
}

#[test]
fn a_killed_batch_of_upscale_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (input, state) = (folder.path().join("in"), folder.path().join("state"));
    pictures(&input, 16);
    let upscale = |output: &Path| {
        let job = pixloom().args(["upscale", "--to", "png", "--scale", "4", "--resume"]);
        job.args([&input, output])
            .env("PIXLOOM_STATE_DIR", &state)
            .env("PIXLOOM_CONFIG_DIR", &state)
    };
    let whole = folder.path().join("whole");
    assert_eq!(upscale(&whole).run().status.code(), Some(0));
    let output = folder.path().join("out");
    let mut killed = 0;
    for delay in [60, 250, 500, 800] {
        let ended = upscale(&output).run_and_kill(Duration::from_millis(delay));
        killed += u32::from(matches!(ended, Ended::Killed));
    }
    assert_eq!(upscale(&output).run().status.code(), Some(0));
    assert_eq!(result_hash(&output), result_hash(&whole));
    assert!(killed > 0, "no run was killed, the test shows nothing");
}

/// A small file system of its own; `None` where that needs rights that the tests do not have.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new(bytes: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let option = format!("size={bytes}");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &option, "tmpfs"])
            .arg(folder.path())
            .output();
        mount.is_ok_and(|done| done.status.success()).then(|| Self(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_is_a_clear_error_and_leaves_whole_files_only() {
    let Some(disk) = SmallDisk::new("1500k") else {
        println!("skipped: a tmpfs cannot be mounted here");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (input, state) = (folder.path().join("in"), folder.path().join("state"));
    pictures(&input, 60);
    let output = disk.0.path().join("out");
    let full = transform(&input, &output, &state).run();
    let said = String::from_utf8_lossy(&full.stderr).into_owned();
    assert_eq!(full.status.code(), Some(3), "{said}");
    assert!(said.contains("--resume"), "{said}");
    let whole = folder.path().join("whole");
    assert_eq!(transform(&input, &whole, &state).run().status.code(), Some(0));
    for name in pixloom_testkit::listing(&output).iter().filter(|n| !n.starts_with(".pixloom")) {
        let (here, there) = (fs::read(output.join(name)), fs::read(whole.join(name)));
        assert_eq!(here.unwrap(), there.unwrap(), "{name} is not whole");
    }
    // With room again the run goes on where it was.
    let remount =
        Command::new("mount").args(["-o", "remount,size=64m"]).arg(disk.0.path()).status();
    assert!(remount.unwrap().success());
    assert_eq!(transform(&input, &output, &state).run().status.code(), Some(0));
    assert_eq!(result_hash(&output), result_hash(&whole));
}
