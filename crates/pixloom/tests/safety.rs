//! Nothing that pixloom did not make is ever replaced, removed or moved.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::os::unix::fs::symlink;

use pixloom::job::{JobError, Report};
use pixloom::run::{RunFile, merge};
use pixloom_testkit::write_file;
use serde_json::{Value, json};
use support::{picture, run, run_and_stop, transform};

fn refusal(result: Result<Report, JobError>) -> String {
    match result {
        Err(JobError::Refused { message, details }) => format!("{message}\n{}", details.join("\n")),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn resuming_nothing_replaces_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    write_file(input.join("a.png"), picture("png", 20, 20, 1));
    write_file(output.join("a.png"), b"precious");
    let settings = || transform(&input, &output, "flip", json!({"resume": true}));
    let text = refusal(run("transform", settings()).0);
    assert!(text.contains("no earlier run") && text.contains("a.png"), "{text}");
    assert_eq!(fs::read(output.join("a.png")).unwrap(), b"precious");
    fs::remove_file(output.join("a.png")).unwrap();
    // The first run with --resume in a folder of other files is one as any.
    write_file(output.join("b.png"), b"precious");
    assert_eq!(run("transform", settings()).0.unwrap().counts.done, 1);
    assert_eq!(run("transform", settings()).0.unwrap().counts.resumed, 1);
    // A run that was stopped is one to go on with.
    let stopped = folder.path().join("stopped");
    support::pictures(&input, 9);
    let settings = |more| transform(&input, &stopped, "flip", more);
    run_and_stop("transform", settings(json!({"workers": 1})), 3).unwrap();
    let report = run("transform", settings(json!({"resume": true}))).0.unwrap();
    assert_eq!(report.counts.total(), 10);
}

#[test]
fn links_do_not_lead_results_to_originals() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    let original = picture("png", 20, 20, 1);
    write_file(input.join("sub/a.png"), &original);
    // A folder of the output that is a link to one of the input.
    fs::create_dir(&output).unwrap();
    symlink(input.join("sub"), output.join("sub")).unwrap();
    for more in [json!({"overwrite": true}), json!({"resume": true}), json!({})] {
        let result = run("transform", transform(&input, &output, "flip", more)).0;
        assert!(refusal(result).contains("original"), "a result would replace its input");
        assert_eq!(fs::read(input.join("sub/a.png")).unwrap(), original);
    }
    // Only a new name in the folder of the originals, but there all the same.
    let result = run("transform", transform(&input, &output, "flip", json!({"to": "webp"}))).0;
    assert!(refusal(result).contains("original"));
    // A folder of the input that is a link to one of the output.
    let (input, output) = (folder.path().join("in2"), folder.path().join("out2"));
    write_file(output.join("sub/a.png"), &original);
    fs::create_dir(&input).unwrap();
    symlink(output.join("sub"), input.join("sub")).unwrap();
    let more = json!({"overwrite": true});
    let result = run("transform", transform(&input, &output, "flip", more)).0;
    assert!(refusal(result).contains("original"));
    assert_eq!(fs::read(output.join("sub/a.png")).unwrap(), original);
}

#[test]
fn a_result_outlives_its_input() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    write_file(input.join("a.png"), picture("png", 20, 20, 1));
    let again = |more: Value| {
        let mut settings = transform(&input, &output, "flip", json!({"resume": true}));
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run("transform", settings).0.unwrap().counts
    };
    assert_eq!(again(json!({})).done, 1);
    let result = fs::read(output.join("a.png")).unwrap();
    // The input rots on its disk; what was made of it may be the last copy.
    write_file(input.join("a.png"), b"\x89PNG\r\n\x1a\nrotten");
    assert_eq!(again(json!({})).failed, 1);
    assert_eq!(fs::read(output.join("a.png")).unwrap(), result);
    // Once there is a replacement under another name, the old one goes.
    write_file(input.join("a.png"), picture("png", 20, 20, 2));
    assert_eq!(again(json!({"to": "webp"})).done, 1);
    assert!(!output.join("a.png").exists() && output.join("a.webp").exists());
}

#[test]
fn parts_cannot_write_out_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (input, part) = (folder.path().join("in"), folder.path().join("part"));
    write_file(input.join("a.png"), picture("png", 20, 20, 1));
    let settings = transform(&input, &part, "flip", json!({"shard": "1/1"}));
    run("transform", settings).0.unwrap();
    let record = part.join(".pixloom/shards/1-of-1/manifest.jsonl");
    let manifest = fs::read_to_string(&record).unwrap();
    fs::create_dir(folder.path().join("deep")).unwrap();
    fs::copy(part.join("a.png"), folder.path().join("a.png")).unwrap();
    let absolute = folder.path().join("b.png").display().to_string();
    fs::copy(part.join("a.png"), folder.path().join("b.png")).unwrap();
    for bad in ["../a.png", &absolute] {
        let changed = manifest
            .replace(r#""outputs":[{"path":"a.png""#, &format!(r#""outputs":[{{"path":"{bad}""#));
        assert_ne!(changed, manifest);
        fs::write(&record, changed).unwrap();
        let text = refusal(merge_one(&folder.path().join("deep/whole"), &part));
        assert!(text.contains("not a path inside"), "{text}");
        assert!(!folder.path().join("deep/a.png").exists());
    }
}

fn merge_one(target: &std::path::Path, part: &std::path::Path) -> Result<Report, JobError> {
    let joined = merge(target, &[part.to_owned()])?;
    Ok(Report::of_plan(joined.items, Value::Null))
}

#[test]
fn parts_of_different_runs_do_not_join() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    support::pictures(&input, 8);
    for (shard, to) in [("1/2", "png"), ("2/2", "webp")] {
        let more = json!({"shard": shard, "to": to, "on_collision": "keep-extension"});
        run("transform", transform(&input, &output, "flip", more)).0.unwrap();
    }
    let text = refusal(merge(&output, &[]).map(|_| Report::of_plan(0, Value::Null)));
    assert!(text.contains("other settings"), "{text}");
}

#[test]
fn a_shard_of_billions_is_refused_in_a_few_lines() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    fs::create_dir(&input).unwrap();
    let more = json!({"shard": "1/4000000000"});
    run("transform", transform(&input, &output, "flip", more)).0.unwrap();
    let text = refusal(merge(&output, &[]).map(|_| Report::of_plan(0, Value::Null)));
    assert!(text.lines().count() < 30, "{} lines", text.lines().count());
}

#[test]
fn the_record_of_a_run_stays_in_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    write_file(input.join("a.png"), picture("png", 20, 20, 1));
    let settings = || transform(&input, &output, "flip", json!({"overwrite": true}));
    run("transform", settings()).0.unwrap();
    let record = output.join(".pixloom");
    let mut file = RunFile::read(&record).unwrap();
    file.id = "../../../elsewhere".to_owned();
    file.write(&record).unwrap();
    run("transform", settings()).0.unwrap();
    assert!(!folder.path().join("elsewhere").exists());
}

#[test]
fn sizes_beyond_all_bounds_are_one_row() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    write_file(input.join("a.png"), picture("png", 40, 30, 1));
    write_file(input.join("dot.png"), picture("png", 1, 1, 1));
    for (at, ops) in [
        "resize:scale=1000 | resize:scale=1000 | resize:scale=1000 | pad:left=65536,right=65536",
        "resize:scale=1000 | resize:scale=1000 | resize:scale=1000 | pad:multiple_of=65535",
        "resize:scale=1000 | resize:scale=1000 | resize:scale=1000 | pad:left=9 | tile:size=8",
        "resize:scale=1000 | resize:scale=1000 | tile:size=9,overlap=8",
        "tile:size=8,overlap=7,rest=keep | resize:scale=1000 | resize:scale=1000",
    ]
    .iter()
    .enumerate()
    {
        let output = folder.path().join(format!("out{at}"));
        let settings = transform(&input, &output, ops, json!({"max_memory": "64M"}));
        let report = run("transform", settings).0.unwrap();
        assert_eq!(report.counts.failed, 2, "{ops}: {:?}", report.failures);
        for failure in &report.failures {
            assert!(["limit", "settings"].contains(&failure.kind.as_str()), "{ops}: {failure:?}");
        }
    }
}
