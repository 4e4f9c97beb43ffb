//! The promises of a job that writes pictures: the same bytes whatever happens, nothing lost.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use pixloom::job::JobError;
use pixloom::run::{ErrorRow, ManifestRow, merge};
use pixloom_testkit::{listing, result_hash, truncated, write_file};
use serde_json::{Value, json};
use support::{picture, pictures, run, run_and_stop, transform};

const OPS: &str = "crop:width=16,height=12,anchor=random | noise:sigma=0.1 | resize:scale=0.5";

fn errors(output: &Path) -> Vec<ErrorRow> {
    let text = fs::read_to_string(output.join(".pixloom/errors.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn manifest(output: &Path) -> Vec<ManifestRow<Value>> {
    let text = fs::read_to_string(output.join(".pixloom/manifest.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn outputs(folder: &Path) -> Vec<String> {
    listing(folder).into_iter().filter(|path| !path.starts_with(".pixloom")).collect()
}

fn refusal(result: Result<pixloom::job::Report, JobError>) -> String {
    match result {
        Err(JobError::Refused { message, details }) => format!("{message}\n{}", details.join("\n")),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn results_do_not_depend_on_workers_memory_or_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    pictures(&input, 60);
    write_file(input.join("set1/broken.png"), truncated(&picture("png", 40, 40, 1), 300));
    let variants = [
        json!({"workers": 1}),
        json!({"workers": 2, "max_memory": "6M"}),
        json!({"workers": 8, "chunk_size": 5}),
        json!({"sequential": true}),
        json!({"workers": 3, "io_workers": 4, "max_memory": "1G", "chunk_size": 1}),
    ];
    let hashes: Vec<String> = variants
        .into_iter()
        .enumerate()
        .map(|(at, more)| {
            let output = folder.path().join(format!("out{at}"));
            let report = run("transform", transform(&input, &output, OPS, more)).0.unwrap();
            assert_eq!((report.counts.done, report.counts.failed), (60, 1));
            result_hash(&output)
        })
        .collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
    let other_seed = folder.path().join("other");
    run("transform", transform(&input, &other_seed, OPS, json!({"seed": 1}))).0.unwrap();
    assert_ne!(result_hash(&other_seed), hashes[0]);
}

#[test]
fn five_broken_files_cost_five_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    let files = pictures(&input, 100);
    for (at, path) in files.iter().enumerate().filter(|(at, _)| at % 20 == 7) {
        let bytes = fs::read(path).unwrap();
        let broken = match at / 20 {
            0 => Vec::new(),
            1 => b"<html>not found</html>".to_vec(),
            _ => truncated(&bytes, bytes.len() / 2),
        };
        write_file(path, broken);
    }
    let report = run("transform", transform(&input, &output, OPS, json!({}))).0.unwrap();
    assert!(!report.ok);
    assert_eq!((report.counts.done, report.counts.failed), (95, 5));
    assert_eq!(outputs(&output).len(), 95);
    assert_eq!(manifest(&output).len(), 95);
    let errors = errors(&output);
    assert_eq!(errors.len(), 5);
    assert!(errors.is_sorted_by_key(|row| row.index));
    for row in &errors {
        assert!(row.stage == "decode" && !row.message.is_empty(), "{row:?}");
        assert!(["truncated", "unknown-format", "corrupt"].contains(&row.kind.as_str()), "{row:?}");
    }
    assert_eq!(report.failures.len(), 5);
}

#[test]
fn a_stopped_run_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    pictures(&input, 40);
    let whole = folder.path().join("whole");
    run("transform", transform(&input, &whole, OPS, json!({}))).0.unwrap();
    for stop_after in [1, 13, 39] {
        let output = folder.path().join(format!("stopped{stop_after}"));
        let settings = transform(&input, &output, OPS, json!({"workers": 2}));
        let stopped = run_and_stop("transform", settings, stop_after).unwrap();
        let files = outputs(&output).len() as u64;
        assert_eq!(stopped.counts.done, files, "the report says what is there");
        // The last item may be on its way already.
        assert!(stopped.cancelled || stop_after == 39);
        let settings = transform(&input, &output, OPS, json!({"workers": 3, "resume": true}));
        let report = run("transform", settings).0.unwrap();
        assert!(report.counts.resumed >= stop_after, "{:?}", report.counts);
        assert_eq!(report.counts.done + report.counts.resumed, 40);
        assert_eq!(result_hash(&output), result_hash(&whole));
    }
}

#[test]
fn resuming_redoes_what_changed_and_only_that() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    let files = pictures(&input, 12);
    let again = |ops: &str, more: Value| {
        let mut settings = transform(&input, &output, ops, json!({"resume": true}));
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run("transform", settings).0.unwrap().counts
    };
    assert_eq!(again(OPS, json!({})).done, 12);
    assert_eq!(again(OPS, json!({})).resumed, 12);
    // Other workers or another log are no other result.
    assert_eq!(again(OPS, json!({"workers": 7, "log_level": "debug"})).resumed, 12);
    write_file(&files[3], picture("webp", 64, 64, 99));
    fs::remove_file(output.join("set0/0006.webp")).unwrap();
    let counts = again(OPS, json!({}));
    assert_eq!((counts.done, counts.resumed), (2, 10));
    assert_eq!(again("resize:scale=0.5", json!({})).done, 12);
    // Names of the old format do not stay behind.
    assert_eq!(again("resize:scale=0.5", json!({"to": "png", "on_collision": "error"})).done, 6);
    let fresh = folder.path().join("fresh");
    let settings = transform(&input, &fresh, "resize:scale=0.5", json!({"to": "png"}));
    run("transform", settings).0.unwrap();
    assert_eq!(result_hash(&output), result_hash(&fresh));
}

#[test]
fn shards_join_to_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    pictures(&input, 30);
    write_file(input.join("set0/x.png"), b"no picture");
    let whole = folder.path().join("whole");
    run("transform", transform(&input, &whole, OPS, json!({}))).0.unwrap();
    let shared = folder.path().join("shared");
    let mut apart = Vec::new();
    for part in 1..=3 {
        let shard = json!({"shard": format!("{part}/3")});
        run("transform", transform(&input, &shared, OPS, shard.clone())).0.unwrap();
        let own = folder.path().join(format!("part{part}"));
        run("transform", transform(&input, &own, OPS, shard)).0.unwrap();
        if part == 2 {
            let refused = merge(&shared, &[]).unwrap_err();
            assert!(matches!(refused, JobError::Refused { .. }), "a part is missing");
        }
        apart.push(own);
    }
    let joined = folder.path().join("joined");
    assert_eq!(merge(&shared, &[]).unwrap().items, 31);
    let report = merge(&joined, &apart).unwrap();
    assert_eq!((report.shards, report.failed, report.copied), (3, 1, 30));
    for merged in [&shared, &joined] {
        let kept = |path: &str| !path.starts_with(".pixloom/shards");
        assert_eq!(outputs(merged), outputs(&whole));
        assert_eq!(
            pixloom_testkit::tree_hash(merged, |path| kept(path) && is_result(path)),
            pixloom_testkit::tree_hash(&whole, is_result),
        );
    }
}

fn is_result(path: &str) -> bool {
    match path.strip_prefix(".pixloom/") {
        Some(own) => own == "manifest.jsonl" || own == "errors.jsonl",
        None => true,
    }
}

#[test]
fn two_inputs_never_share_an_output() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    for format in ["png", "jpg", "webp"] {
        write_file(input.join(format!("a.{format}")), picture(format, 20, 20, 1));
    }
    let settings = |more| transform(&input, &output, "flip", more);
    let text = refusal(run("transform", settings(json!({"to": "png"}))).0);
    assert!(text.contains("a.png from a.jpg and a.png and a.webp"), "{text}");
    assert!(!output.exists(), "nothing was done");
    let more = json!({"to": "png", "on_collision": "keep-extension"});
    assert_eq!(run("transform", settings(more)).0.unwrap().counts.done, 3);
    assert_eq!(outputs(&output), ["a_jpg.png", "a_png.png", "a_webp.png"]);
}

#[test]
fn tiles_are_planned_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    write_file(input.join("a.png"), picture("png", 50, 35, 1));
    let settings = transform(&input, &output, "tile:size=16 | flip", json!({}));
    let report = run("transform", settings).0.unwrap();
    assert_eq!(report.counts.done, 1);
    let names = outputs(&output);
    assert_eq!(names.len(), 6);
    assert_eq!((names[0].as_str(), names[5].as_str()), ("a_r000_c000.png", "a_r001_c002.png"));
    // Larger tiles are fewer: the old ones do not stay behind.
    let settings = transform(&input, &output, "tile:size=32", json!({"overwrite": true}));
    assert_eq!(run("transform", settings).0.unwrap().summary["files"], 1);
    assert_eq!(outputs(&output), ["a_r000_c000.png"]);
    let settings = transform(&input, &output, "tile:size=16,rest=shift", json!({"resume": true}));
    assert_eq!(run("transform", settings).0.unwrap().summary["files"], 12);
    assert_eq!(outputs(&output).len(), 12);
}

#[test]
fn outputs_that_exist_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    write_file(input.join("a.png"), picture("png", 20, 20, 1));
    write_file(output.join("a.png"), b"precious");
    let settings = |more| transform(&input, &output, "flip", more);
    let text = refusal(run("transform", settings(json!({}))).0);
    assert!(text.contains("--overwrite") && text.contains("a.png"), "{text}");
    assert_eq!(fs::read(output.join("a.png")).unwrap(), b"precious");
    assert_eq!(run("transform", settings(json!({"overwrite": true}))).0.unwrap().counts.done, 1);
    assert_ne!(fs::read(output.join("a.png")).unwrap(), b"precious");
}

#[test]
fn a_plan_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    pictures(&input, 5);
    let settings = transform(&input, &output, "flip", json!({"dry_run": true, "to": "webp"}));
    let (report, lines) = run("transform", settings);
    assert!(report.unwrap().ok);
    let writes: Vec<_> = lines.iter().filter(|line| line.starts_with("write")).collect();
    assert_eq!(writes.len(), 5);
    assert!(writes[0].contains("set0/0000.png -> set0/0000.webp"), "{writes:?}");
    assert!(!output.exists());
}

#[test]
fn folders_that_hold_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    pictures(&input, 4);
    // Output inside input: its files are no inputs, not even of the next run.
    let inside = input.join("out");
    for more in [json!({}), json!({"resume": true})] {
        let report = run("transform", transform(&input, &inside, "flip", more)).0.unwrap();
        assert_eq!(report.counts.total(), 4);
    }
    for output in [&input, &folder.path().to_owned(), &input.join("out/..")] {
        let text = refusal(run("transform", transform(&input, output, "flip", json!({}))).0);
        assert!(text.contains("originals could be replaced"), "{text}");
    }
}

#[test]
fn empty_and_missing_folders() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    let missing = run("transform", transform(&input, &output, "flip", json!({}))).0;
    assert!(
        matches!(&missing, Err(JobError::Param(error)) if error.name == "input"),
        "{missing:?}"
    );
    fs::create_dir(&input).unwrap();
    write_file(input.join("notes.txt"), b"hello");
    let (report, lines) = run("transform", transform(&input, &output, "flip", json!({})));
    let report = report.unwrap();
    assert!(report.ok && report.counts.total() == 0);
    assert!(lines.iter().any(|line| line.contains("1 txt")), "{lines:?}");
}

#[test]
fn odd_names_and_links() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    let bytes = picture("png", 20, 20, 1);
    let odd = std::ffi::OsStr::from_bytes(b"caf\xe9 \\ 100%.png");
    write_file(input.join(odd), &bytes);
    // 255 bytes are the most that file systems take.
    write_file(input.join(format!("{}.png", "x".repeat(251))), &bytes);
    write_file(input.join("line\nbreak.png"), &bytes);
    symlink(&input, input.join("loop")).unwrap();
    symlink("nowhere.png", input.join("dangling.png")).unwrap();
    write_file(folder.path().join("elsewhere/b.png"), &bytes);
    symlink(folder.path().join("elsewhere"), input.join("linked")).unwrap();
    let status = std::process::Command::new("mkfifo").arg(input.join("pipe.png")).status();
    assert!(status.unwrap().success());
    let follow = json!({"follow_links": true});
    let report = run("transform", transform(&input, &output, "flip", follow)).0.unwrap();
    assert_eq!((report.counts.done, report.counts.failed), (4, 3), "{:?}", report.failures);
    assert!(output.join(odd).exists() && output.join("linked/b.png").exists());
    let failed: Vec<String> = errors(&output).into_iter().map(|row| row.path).collect();
    assert_eq!(failed, ["dangling.png", "loop", "pipe.png"]);
    // With a longer extension the long name no longer fits: one item, not the run.
    let longer = folder.path().join("longer");
    let settings = transform(&input, &longer, "flip", json!({"to": "webp"}));
    let report = run("transform", settings).0.unwrap();
    assert_eq!((report.counts.done, report.counts.failed), (2, 3), "{:?}", report.failures);
    assert_eq!(report.summary["left_alone"]["linked folder"], 2);
}

#[test]
fn an_unreadable_input_is_one_row_and_a_vanished_one_too() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    let files = pictures(&input, 6);
    let list = folder.path().join("list.txt");
    let names: Vec<String> = files
        .iter()
        .map(|path| path.strip_prefix(&input).unwrap().display().to_string())
        .chain(["set0/vanished.png".to_owned()])
        .collect();
    write_file(&list, names.join("\n"));
    let more = json!({"files_from": list});
    let report = run("transform", transform(&input, &output, "flip", more.clone())).0.unwrap();
    assert_eq!((report.counts.done, report.counts.failed), (6, 1));
    assert_eq!(errors(&output)[0].path, "set0/vanished.png");
    write_file(&list, "../outside.png\n");
    let outside = run("transform", transform(&input, &output, "flip", more)).0;
    assert!(matches!(&outside, Err(JobError::Param(error)) if error.name == "files_from"));
}

#[test]
fn an_output_that_cannot_be_written_ends_the_run_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    pictures(&input, 4);
    let file = folder.path().join("file");
    write_file(&file, b"precious");
    let result = run("transform", transform(&input, &file.join("out"), "flip", json!({}))).0;
    assert!(matches!(result, Err(JobError::Run { .. })), "{result:?}");
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    let locked = folder.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    let result = run("transform", transform(&input, &locked.join("out"), "flip", json!({}))).0;
    // The superuser may write there all the same.
    assert!(matches!(&result, Err(JobError::Run { .. }) | Ok(_)), "{result:?}");
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_picture_beyond_the_limits_is_one_row() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    write_file(input.join("large.png"), picture("png", 1500, 1000, 1));
    write_file(input.join("small.png"), picture("png", 30, 20, 1));
    let more = json!({"max_pixels": 1});
    let report = run("transform", transform(&input, &output, "flip", more)).0.unwrap();
    assert_eq!((report.counts.done, report.counts.failed), (1, 1));
    let row = &errors(&output)[0];
    assert_eq!((row.path.as_str(), row.kind.as_str()), ("large.png", "limit"));
    assert!(row.hint.as_ref().unwrap().contains("--max-pixels"));
    // More than the memory budget, alone: named, with the bytes that it needs.
    let tight = folder.path().join("tight");
    let more = json!({"max_memory": "2M"});
    let report = run("transform", transform(&input, &tight, "flip", more)).0.unwrap();
    assert_eq!((report.counts.done, report.counts.failed), (1, 1));
    assert!(report.failures[0].hint.as_ref().unwrap().contains("--max-memory"));
}

#[test]
fn an_item_may_take_so_long_and_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in"), folder.path().join("out"));
    write_file(input.join("a.png"), picture("png", 600, 600, 1));
    let more = json!({"timeout": 0.001});
    let ops = "resize:scale=4 | noise | resize:scale=0.2,filter=lanczos4";
    let report = run("transform", transform(&input, &output, ops, more)).0.unwrap();
    assert_eq!(report.counts.failed, 1);
    assert_eq!(errors(&output)[0].kind, "timeout");
    assert!(outputs(&output).is_empty());
}
