//! Whether `train restore` believes only what is true: folders, tables, splits, stops.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;

use pixloom::job::{JobCx, JobError, Report};
use pixloom_image::filter::gaussian_blur;
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Serial, Size};
use pixloom_testkit::write_file;
use serde_json::{Value, json};
use support::{encoded, problem, run, run_with};

const SCENES: [Scene; 4] = [Scene::City, Scene::Leaves, Scene::Landscape, Scene::StillLife];
const PAIRS: usize = 8;

/// Pairs that are blurred more and more; the table of the grid, and one of a small space.
fn made(folder: &Path) {
    for at in 0..PAIRS {
        let clean = scene(SCENES[at % 4], at as u64, Size::new(48, 40));
        let soft = gaussian_blur(&clean, 0.4 + at as f32 * 0.2, &Serial).unwrap();
        write_file(folder.join(format!("clean/{at}.png")), encoded(&clean, "png"));
        write_file(folder.join(format!("soft/{at}.png")), encoded(&soft, "png"));
    }
    let space = "steps: 2\ncandidates:\n  - {op: sharpen, amount: [0.5, 1.5]}\n  - median\n";
    write_file(folder.join("space.yaml"), space);
    search(folder, "grid.csv", "grid");
    search(folder, "wide.csv", folder.join("space.yaml").to_str().unwrap());
}

fn search(folder: &Path, table: &str, space: &str) {
    let settings = json!({"damaged": folder.join("soft"), "undamaged": folder.join("clean"),
        "output": folder.join(table), "space": space});
    assert!(run("restore search", settings).0.unwrap().ok);
}

/// A training on a table, with its folders if `folders`.
fn settings(folder: &Path, table: &str, folders: bool) -> Value {
    let mut settings = json!({"table": folder.join(table), "output": folder.join("m.json"),
        "overwrite": true, "test_share": 0.3});
    if folders {
        settings["damaged"] = json!(folder.join("soft"));
        settings["undamaged"] = json!(folder.join("clean"));
    }
    settings
}

fn train(folder: &Path, table: &str, folders: bool) -> Result<Report, JobError> {
    run("train restore", settings(folder, table, folders)).0
}

/// The cells of a table.
fn cells(folder: &Path, table: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(table)).unwrap();
    text.lines().map(|line| line.split(',').map(ToOwned::to_owned).collect()).collect()
}

fn write(folder: &Path, table: &str, rows: &[Vec<String>]) {
    let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
    write_file(folder.join(table), lines.join("\n") + "\n");
}

fn column(rows: &[Vec<String>], name: &str) -> usize {
    rows[0].iter().position(|own| own == name).unwrap()
}

#[test]
fn folders_that_are_not_those_of_the_table_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    for table in ["grid.csv", "wide.csv"] {
        let mut missing = settings(folder, table, true);
        missing["damaged"] = json!(folder.join("nope"));
        let text = problem(run("train restore", missing).0);
        assert!(text.contains("damaged") && text.contains("nope"), "{text}");
        let mut swapped = settings(folder, table, true);
        swapped["damaged"] = json!(folder.join("clean"));
        swapped["undamaged"] = json!(folder.join("soft"));
        let text = problem(run("train restore", swapped).0);
        assert!(text.contains("8 of 8 pairs are not those"), "{text}");
        assert!(text.contains("exchanged"), "{text}");
        assert!(!folder.join("m.json").exists());
    }
    // Other pictures of the same names.
    for at in 0..PAIRS {
        write_file(
            folder.join(format!("soft/{at}.png")),
            encoded(&scene(SCENES[at % 4], 90 + at as u64, Size::new(48, 40)), "png"),
        );
    }
    assert!(problem(train(folder, "grid.csv", true)).contains("the table says"));
}

#[test]
fn pairs_that_cannot_be_read_are_told_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    std::fs::remove_file(folder.join("soft/3.png")).unwrap();
    for table in ["grid.csv", "wide.csv"] {
        let report = train(folder, table, true).unwrap();
        assert!(!report.ok);
        assert_eq!((report.counts.done, report.counts.failed), (7, 1));
        assert_eq!(report.failures[0].path, "3.png");
        assert!(report.failures[0].message.starts_with("damaged: "), "{:?}", report.failures);
        let lines = report.lines.join("\n");
        assert!(lines.contains("1 pairs are left out: their pictures cannot be read"), "{lines}");
    }
    std::fs::remove_dir_all(folder.join("soft")).unwrap();
    std::fs::create_dir(folder.join("soft")).unwrap();
    std::fs::remove_file(folder.join("m.json")).unwrap();
    let text = problem(train(folder, "grid.csv", true));
    assert!(text.contains("none of the 8 pairs"), "{text}");
    assert!(!folder.join("m.json").exists());
    // A name that leads elsewhere is not followed.
    let mut rows = cells(folder, "grid.csv");
    rows[1][0] = "../clean/0.png".to_owned();
    write(folder, "out.csv", &rows);
    assert!(problem(train(folder, "out.csv", true)).contains("leads out of the folder"));
}

#[test]
fn copies_of_a_pair_are_on_one_side_of_every_split() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    for at in 0..PAIRS {
        for side in ["soft", "clean"] {
            let from = folder.join(format!("{side}/{at}.png"));
            for copy in ["b", "c"] {
                std::fs::copy(&from, folder.join(format!("{side}/{at}_{copy}.png"))).unwrap();
            }
        }
    }
    search(folder, "copies.csv", "grid");
    let report = train(folder, "copies.csv", false).unwrap();
    assert_eq!((&report.summary["groups"], &report.summary["train"]), (&json!(8), &json!(15)));
    assert_eq!(report.summary["test"], 9);
    // A table without the column: by its features, or by the pictures.
    let mut rows = cells(folder, "copies.csv");
    let group = column(&rows, "group");
    for row in &mut rows {
        row.remove(group);
    }
    write(folder, "old.csv", &rows);
    for folders in [false, true] {
        assert_eq!(train(folder, "old.csv", folders).unwrap().summary["groups"], 8);
    }
    // By name, the parts of a photograph: `0_b` and `0_c`, but `0.png` by itself.
    let mut by_name = settings(folder, "copies.csv", true);
    by_name["scene"] = json!("name");
    assert_eq!(run("train restore", by_name).0.unwrap().summary["groups"], 16);
}

#[test]
fn lines_that_are_there_twice_count_once_and_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    for table in ["grid.csv", "wide.csv"] {
        let rows = cells(folder, table);
        let twice = [rows.clone(), rows[1..].to_vec()].concat();
        write(folder, "twice.csv", &twice);
        let (once, twice) =
            (train(folder, table, false).unwrap(), train(folder, "twice.csv", false).unwrap());
        assert_eq!(once.summary["train"], twice.summary["train"]);
        assert!(twice.lines.join("\n").contains("more than once"), "{:?}", twice.lines);
    }
    let rows = cells(folder, "grid.csv");
    let same = [&rows[..1], &[rows[1].clone(), rows[1].clone(), rows[1].clone()]].concat();
    write(folder, "same.csv", &same);
    assert!(problem(train(folder, "same.csv", false)).contains("are one): 1,"));
}

#[test]
fn lines_of_a_wide_table_may_come_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    let rows = cells(folder, "wide.csv");
    let step = column(&rows, "step");
    // The states of a pair apart from one another: first all beginnings, then all others.
    let mut apart = rows.clone();
    apart[1..].sort_by_key(|row| row[step].parse::<u32>().unwrap());
    assert_ne!(apart, rows);
    write(folder, "apart.csv", &apart);
    let figures = |table: &str| {
        let summary = train(folder, table, false).unwrap().summary;
        let of = |kind: &str, name: &str| summary["models"][kind][name].as_f64().unwrap();
        let names = ["gain_folds_mean", "gain_possible_mean", "r2_test_mean"];
        [names.map(|name| of("ridge", name)), names.map(|name| of("mean", name))].concat()
    };
    for (a, b) in figures("wide.csv").iter().zip(figures("apart.csv")) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
    let orphan: Vec<Vec<String>> = rows
        .iter()
        .enumerate()
        .filter(|(at, row)| *at == 0 || row[0] != "3.png" || row[step] != "0")
        .map(|(_, row)| row.clone())
        .collect();
    write(folder, "orphan.csv", &orphan);
    let text = problem(train(folder, "orphan.csv", false));
    assert!(text.contains("\"3.png\" has no line with step 0"), "{text}");
}

#[test]
fn what_is_no_number_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    for (table, name, cell) in [
        ("grid.csv", "kurtosis", "NaN"),
        ("grid.csv", "kurtosis", "inf"),
        ("grid.csv", "kurtosis", "many"),
        ("grid.csv", "refined_sharpen_sigma", "nan"),
        ("grid.csv", "identity_ssim", "nan"),
        ("wide.csv", "gain: median", "many"),
        ("wide.csv", "gain: median", "NaN"),
        ("wide.csv", "gain: median", "inf"),
        ("wide.csv", "identity_ssim", "nan"),
    ] {
        let mut rows = cells(folder, table);
        let at = column(&rows, name);
        rows[3][at] = cell.to_owned();
        write(folder, "bad.csv", &rows);
        let text = problem(train(folder, "bad.csv", false));
        assert!(text.contains("bad.csv, line 4") && text.contains(name), "{name}: {text}");
    }
    // A line that is dropped before does not move the number.
    let mut rows = cells(folder, "grid.csv");
    let (score, kurtosis) = (column(&rows, "similarity_score"), column(&rows, "kurtosis"));
    (rows[1][score], rows[5][kurtosis]) = ("inf".to_owned(), "x".to_owned());
    write(folder, "bad.csv", &rows);
    assert!(problem(train(folder, "bad.csv", false)).contains("line 6"));
}

#[test]
fn operations_of_a_table_are_read_before_anything_is_learned() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    for text in ["nosuchop:x=1", "", "flip", "resize:width=20", "median | crop:width=10;height=9"] {
        let mut rows = cells(folder, "wide.csv");
        let at = column(&rows, "gain: median");
        rows[0][at] = format!("gain: {text}");
        write(folder, "bad.csv", &rows);
        let found = problem(train(folder, "bad.csv", false));
        assert!(found.contains(&format!("column \"gain: {text}\"")), "{text}: {found}");
    }
}

#[test]
fn what_is_left_out_or_missing_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    let mut rows = cells(folder, "grid.csv");
    let score = column(&rows, "identity_score");
    rows[2][score] = "inf".to_owned();
    write(folder, "some.csv", &rows);
    let lines = train(folder, "some.csv", false).unwrap().lines.join("\n");
    assert!(lines.contains("warning: 1 pairs are left out"), "{lines}");
    assert!(lines.contains("the model has no guard"), "{lines}");
    let lines = train(folder, "grid.csv", true).unwrap().lines.join("\n");
    assert!(!lines.contains("guard:") && !lines.contains("left out"), "{lines}");
    // The search may reach the truth itself; the others are still compared.
    let mut rows = cells(folder, "wide.csv");
    let oracle = column(&rows, "oracle_score");
    for row in rows.iter_mut().skip(1).filter(|row| row[0] == "1.png") {
        row[oracle] = "inf".to_owned();
    }
    write(folder, "some.csv", &rows);
    let report = train(folder, "some.csv", true).unwrap();
    assert!(report.summary["oracle_score"].is_number(), "{}", report.summary);
    let mut rows = cells(folder, "wide.csv");
    let (psnr, gains) = (column(&rows, "identity_psnr"), column(&rows, "notes"));
    assert!(gains > 0);
    for row in rows.iter_mut().skip(1).filter(|row| row[0] == "1.png") {
        row[psnr] = "inf".to_owned();
    }
    write(folder, "some.csv", &rows);
    let lines = train(folder, "some.csv", false).unwrap().lines.join("\n");
    assert!(lines.contains("warning: 1 pairs are left out"), "{lines}");
}

#[test]
fn a_stopped_training_leaves_the_old_model() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    for table in ["grid.csv", "wide.csv"] {
        for folders in [false, true] {
            write_file(folder.join("m.json"), "old");
            let cx = JobCx::default();
            cx.cancel.request();
            let report = run_with("train restore", settings(folder, table, folders), cx).0.unwrap();
            assert!(report.cancelled && !report.ok, "{table}");
            assert_eq!(std::fs::read(folder.join("m.json")).unwrap(), b"old");
        }
    }
}

#[test]
fn what_is_no_table_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    made(folder);
    let fifo = folder.join("pipe.csv");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    assert!(problem(train(folder, "pipe.csv", false)).contains("no regular file"));
    assert!(problem(train(folder, "soft", false)).contains("no regular file"));
    let mut itself = settings(folder, "grid.csv", false);
    itself["output"] = json!(folder.join("soft/../grid.csv"));
    assert!(problem(run("train restore", itself).0).contains("the table itself"));
    let mut nowhere = settings(folder, "grid.csv", false);
    nowhere["output"] = json!(folder.join("nodir/m.json"));
    assert!(problem(run("train restore", nowhere).0).contains("create the folder"));
    assert!(!folder.join("nodir").exists());
}
