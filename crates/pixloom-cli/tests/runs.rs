//! Runs of a job: what is said, what is written, how the process ends.
mod support;

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use pixloom_testkit::result_hash;
use support::{Said, World};

const OPS: &str = "--ops 'resize:long_edge=4' --to png";

/// Times, rates and sizes differ from run to run.
fn filtered(text: &str) -> String {
    let mut result = String::new();
    for line in text.lines() {
        let line = match line.split_once(" in ") {
            Some((before, _)) if line.contains("img/s") => format!("{before} in TIME (FIGURES)"),
            _ => line.to_owned(),
        };
        result.push_str(&line);
        result.push('\n');
    }
    result
}

fn run(world: &World, line: &str) -> Said {
    world.run(&format!("transform in out {OPS} {line}"))
}

/// Sends the program SIGINT once it has printed a line that contains `mark`.
///
/// Events go to a pipe that nobody empties meanwhile, so a run of many items cannot end before
/// the signal comes.
#[expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]
fn interrupt(mut command: Command, mark: &str) -> Said {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let (mut out, mut err) = (String::new(), String::new());
    while !out.contains(mark) {
        assert_ne!(stdout.read_line(&mut out).unwrap(), 0, "`{mark}` never came: {out}");
    }
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    stdout.read_to_string(&mut out).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    Said { code: child.wait().unwrap().code().unwrap_or(-1), out, err }
}

#[test]
fn a_good_run_says_what_it_will_do_and_what_it_did() {
    let world = World::new();
    world.pictures("in", 7);
    let said = run(&world, "--workers 2 --max-memory 512M");
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    let version = env!("CARGO_PKG_VERSION");
    let expected = format!(
        "pixloom {version} · transform · 7 images · 2 workers · 512 MB memory · seed 0\n\
         ✓ 7 written to out/ in TIME (FIGURES)\n"
    );
    assert_eq!(filtered(&said.err), expected);
    assert!(world.path("out/p006.png").exists());
}

#[test]
fn plain_text_where_it_is_asked_for() {
    let world = World::new().with("NO_COLOR", "1");
    world.pictures("in", 2);
    world.write("in/bad.ppm", "P6\n4 4\n255\n");
    let said = run(&world, "");
    assert_eq!(said.code, 1);
    assert!(said.err.is_ascii(), "{}", said.err);
    assert!(said.err.contains("\nok: 2 written to out/ in "), "{}", said.err);
}

#[test]
fn failed_items_are_listed_and_end_with_1() {
    let world = World::new();
    world.pictures("in", 3);
    world.write("in/empty.png", "");
    world.write("in/text.ppm", "P6\n4 4\n255\nshort");
    let said = run(&world, "--quiet");
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    let lines: Vec<&str> = said.err.lines().collect();
    assert_eq!(lines[0], "✗ 2 failed, listed in out/.pixloom/errors.jsonl");
    assert!(lines[1].starts_with("    empty.png  truncated: "), "{lines:?}");
    assert!(lines[2].starts_with("    text.ppm   truncated: "), "{lines:?}");
    assert_eq!(said.err.matches("hint:").count(), said.err.matches("hint: ").count());
}

#[test]
fn json_is_one_document() {
    let world = World::new();
    world.pictures("in", 3);
    world.write("in/empty.png", "");
    let said = run(&world, "--json --workers 1");
    assert_eq!(said.code, 1);
    let document = said.json();
    assert_eq!(document["schema"], 1);
    assert_eq!(document["command"], "transform");
    assert_eq!(document["ok"], false);
    assert_eq!(document["counts"]["done"], 3);
    assert_eq!(document["counts"]["failed"], 1);
    assert_eq!(document["failures"][0]["path"], "empty.png");
    assert_eq!(document["resources"]["workers"], 1);
    assert!(document["resources"]["peak_rss_bytes"].as_u64().unwrap() > 0);
    let id = document["run"].as_str().unwrap();
    let shown = world.run(&format!("runs show {id} --json")).json();
    assert_eq!(shown["run"]["counts"], document["counts"]);
    assert!(world.run("runs").out.contains(id));
    let text = world.run(&format!("runs show {id}"));
    assert!(
        text.out.contains("items      3 done, 1 failed, 0 skipped, 0 finished earlier\n"),
        "{}",
        text.out
    );
}

#[test]
fn events_are_lines_with_the_run() {
    let world = World::new();
    world.pictures("in", 3);
    let said = run(&world, "--events -");
    let events: Vec<serde_json::Value> =
        said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let named = |name: &str| events.iter().filter(|event| event["event"] == name).count();
    assert_eq!((named("started"), named("item"), named("finished")), (1, 3, 1), "{}", said.out);
    let run = events.last().unwrap()["run"].as_str().unwrap();
    assert!(!run.is_empty());
    let started = events.iter().position(|event| event["event"] == "started").unwrap();
    assert!(events[started..].iter().all(|event| event["run"] == run), "{}", said.out);
    let item = events.iter().find(|event| event["event"] == "item").unwrap();
    assert_eq!(item["outcome"], "done");
    assert_eq!(item["counts"]["done"], 1);
}

#[test]
fn resuming_does_nothing_twice() {
    let world = World::new();
    world.pictures("in", 4);
    assert_eq!(run(&world, "").code, 0);
    let before = result_hash(&world.path("out"));
    let again = run(&world, "");
    assert_eq!(again.code, 2, "{}", again.err);
    assert!(again.err.starts_with("error: "), "{}", again.err);
    world.pictures("in", 6);
    let said = run(&world, "--resume");
    assert_eq!(said.code, 0);
    let lines = filtered(&said.err);
    let expected = "✓ 2 written to out/ in TIME (FIGURES)\n  4 finished by an earlier run\n";
    assert!(lines.ends_with(expected), "{lines}");
    let said = run(&world, "--resume");
    let expected = "✓ nothing left to do: 6 images finished by an earlier run\n";
    assert!(said.err.ends_with(expected), "{}", said.err);
    assert_ne!(before, result_hash(&world.path("out")));
}

#[test]
fn a_stopped_run_goes_on_where_it_was() {
    let world = World::new();
    world.pictures("in", 900);
    let line = format!("transform in out {OPS} --workers 1 --events -");
    let said = interrupt(world.command(&line), "\"event\":\"item\"");
    assert_eq!(said.code, 130, "{}", said.err);
    assert!(said.err.contains("; run the same command with --resume to go on\n"), "{}", said.err);
    assert!(said.out.lines().last().unwrap().contains("\"cancelled\":true"), "{}", said.out);
    let said = run(&world, "--resume --json");
    let counts = &said.json()["counts"];
    assert_eq!(counts["done"].as_u64().unwrap() + counts["resumed"].as_u64().unwrap(), 900);
    assert!(counts["resumed"].as_u64().unwrap() > 0 && counts["done"].as_u64().unwrap() > 0);
    assert_eq!(world.run(&format!("transform in whole {OPS}")).code, 0);
    assert_eq!(result_hash(&world.path("out")), result_hash(&world.path("whole")));
}

#[test]
fn a_plan_changes_nothing() {
    let world = World::new();
    world.pictures("in", 2);
    let said = run(&world, "--dry-run");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.lines().count() >= 3, "{}", said.out);
    assert!(said.out.contains("p001.ppm") && said.out.contains("p001.png"), "{}", said.out);
    assert!(!world.path("out").exists());
    let document = run(&world, "--dry-run --json").json();
    assert_eq!(document["plan"].as_array().unwrap().len(), 2);
}

#[test]
fn settings_from_all_places_reach_the_run() {
    let world = World::new().with("PIXLOOM_SEED", "5");
    world.pictures("in", 2);
    world.write("pixloom.toml", "workers = 1\n[transform]\nto = \"bmp\"\n");
    let said = world.run("transform in out --ops 'flip'");
    assert!(said.err.contains("· 1 worker ·") && said.err.contains("· seed 5"), "{}", said.err);
    assert!(world.path("out/p000.bmp").exists());
}

#[test]
fn parts_are_merged() {
    let world = World::new();
    world.pictures("in", 6);
    for shard in ["1/2", "2/2"] {
        assert_eq!(run(&world, &format!("--shard {shard}")).code, 0);
    }
    let said = world.run("merge out");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(said.out, "✓ 2 parts of 6 images joined in out: 6 files\n");
    let parts = result_hash(&world.path("out"));
    let said = world.run(&format!("transform in whole {OPS}"));
    assert_eq!(said.code, 0);
    assert_eq!(parts, result_hash(&world.path("whole")));
}

#[test]
fn a_folder_that_cannot_be_written_ends_with_3() {
    let world = World::new();
    world.pictures("in", 1);
    world.write("taken", "a file");
    let said = world.run(&format!("transform in taken/out {OPS}"));
    assert_eq!(said.code, 3, "{said:?}");
    assert!(said.err.starts_with("error: cannot write to the output folder: "), "{said:?}");
}
