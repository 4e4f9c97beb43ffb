//! Whether `restore search` and `restore features` measure every pair, in any order, and say
//! what is wrong with the others.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;

use pixloom::job::Report;
use pixloom_image::filter::gaussian_blur;
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Serial, Size};
use pixloom_testkit::write_file;
use serde_json::{Value, json};
use support::{encoded, picture, run};

/// The columns of document 003, in its order.
const COLUMNS: [&str; 22] = [
    "filename",
    "similarity_score",
    "psnr",
    "ssim",
    "mean",
    "std_dev",
    "skewness",
    "kurtosis",
    "low_freq_energy",
    "high_freq_energy",
    "energy_ratio",
    "radial_center",
    "radial_25",
    "radial_50",
    "radial_75",
    "radial_edge",
    "color_balance_need",
    "sharpening_need",
    "color_method",
    "apply_color_correction",
    "sharpen_sigma",
    "sharpen_strength",
];

/// Ten pairs: the damaged ones are blurred, more and more.
fn pairs(folder: &Path) {
    let scenes = [Scene::City, Scene::Leaves, Scene::Landscape, Scene::StillLife];
    for at in 0..10_u32 {
        let size = Size::new(70 + at * 3, 61 + at * 2);
        let clean = scene(scenes[at as usize % 4], u64::from(at), size);
        let soft = gaussian_blur(&clean, 0.3 + at as f32 * 0.15, &Serial).unwrap();
        write_file(folder.join(format!("undamaged/{at}.png")), encoded(&clean, "png"));
        write_file(folder.join(format!("damaged/{at}.png")), encoded(&soft, "png"));
    }
}

#[expect(clippy::needless_pass_by_value, reason = "built for each call")]
fn search(folder: &Path, csv: &str, more: Value) -> Report {
    let mut settings = json!({
        "damaged": folder.join("damaged"),
        "undamaged": folder.join("undamaged"),
        "output": folder.join(csv),
    });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run("restore search", settings).0.unwrap()
}

fn cells(folder: &Path, csv: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(folder.join(csv)).unwrap();
    text.lines().map(|line| line.split(',').map(ToOwned::to_owned).collect()).collect()
}

fn cell(row: &[Vec<String>], at: usize, name: &str) -> String {
    let column = row[0].iter().position(|column| column == name).unwrap();
    row[at][column].clone()
}

#[test]
fn the_table_has_the_columns_of_document_003_and_is_the_same_for_any_workers() {
    let folder = tempfile::tempdir().unwrap();
    pairs(folder.path());
    let mut tables = Vec::new();
    for workers in ["1", "2", "8"] {
        let csv = format!("{workers}.csv");
        let html = folder.path().join(format!("{workers}.html"));
        let report = search(folder.path(), &csv, json!({"workers": workers, "html": html}));
        assert!(report.ok, "{:?}", report.failures);
        assert_eq!(report.summary["pairs"], 10);
        let page = std::fs::read_to_string(html).unwrap();
        tables.push((std::fs::read(folder.path().join(csv)).unwrap(), page));
    }
    assert!(tables.iter().all(|table| *table == tables[0]));
    let rows = cells(folder.path(), "1.csv");
    assert_eq!(rows.len(), 11);
    assert_eq!(rows[0][..22], COLUMNS);
    for at in 1..11 {
        let number = |name| cell(&rows, at, name).parse::<f64>().unwrap();
        let score = 0.5 * number("psnr") / 50.0 + 0.5 * number("ssim");
        assert!((number("similarity_score") - score).abs() < 1e-12);
        assert!(
            number("refined_score") >= number("similarity_score").max(number("identity_score"))
        );
        let gain = number("refined_score") - number("identity_score");
        assert!((number("gain") - gain).abs() < 1e-12 && gain >= 0.0);
    }
    // Blurred pictures gain by sharpening.
    assert!(cell(&rows, 6, "refined_sharpen_strength").parse::<f64>().unwrap() > 0.0);
    assert!(tables[0].1.contains("<svg"));
}

#[test]
fn pairs_with_problems_get_a_row_or_a_line_each() {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, bytes: Vec<u8>| write_file(folder.path().join(path), bytes);
    let png = |width, height| picture("png", width, height, 1);
    put("damaged/equal.png", png(40, 30));
    put("undamaged/equal.png", png(40, 30));
    put("damaged/other.jpg", picture("jpg", 40, 30, 1));
    put("undamaged/other.png", png(40, 30));
    put("damaged/size.png", png(40, 30));
    put("undamaged/size.png", png(60, 45));
    put("damaged/tiny.png", png(5, 30));
    put("undamaged/tiny.png", png(5, 30));
    put("damaged/lonely.png", png(40, 30));
    put("undamaged/alone.png", png(40, 30));
    put("damaged/broken.png", png(40, 30));
    put("undamaged/broken.png", png(40, 30)[..200].to_vec());
    let report = search(folder.path(), "out.csv", json!({}));
    assert!(!report.ok);
    assert_eq!((report.counts.done, report.counts.failed), (3, 4));
    let rows = cells(folder.path(), "out.csv");
    let names: Vec<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    assert_eq!(names, ["equal.png", "other.jpg", "size.png"]);
    assert_eq!(cell(&rows, 1, "identity_psnr"), "inf");
    assert_eq!(cell(&rows, 1, "gain"), "0");
    assert_eq!(cell(&rows, 1, "notes"), "identical");
    assert_eq!(cell(&rows, 2, "undamaged"), "other.png");
    assert_eq!(cell(&rows, 2, "notes"), "other-name");
    assert_eq!(cell(&rows, 3, "notes"), "resized");
    let failed: Vec<(&str, &str)> =
        report.failures.iter().map(|f| (f.path.as_str(), f.kind.as_str())).collect();
    for (path, kind) in [
        ("damaged:/lonely.png", "missing-undamaged"),
        ("alone.png", "missing-damaged"),
        ("broken.png", "truncated"),
        ("tiny.png", "too-small"),
    ] {
        let found = failed.iter().find(|(failed, _)| *failed == path);
        assert_eq!(found.map(|(_, kind)| *kind), Some(kind), "{failed:?}");
    }
    let share = report.summary["processed_share"].as_f64().unwrap();
    assert!((share - 3.0 / 7.0).abs() < 1e-12);
}

#[test]
fn optima_on_the_edge_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..3_u32 {
        // Noise: no sharpening helps, so the weakest is the best of the forty.
        let clean = picture("png", 64, 64, 1);
        write_file(folder.path().join(format!("undamaged/{at}.png")), clean);
        let damaged = picture("png", 64, 64, 2 + u64::from(at));
        write_file(folder.path().join(format!("damaged/{at}.png")), damaged);
    }
    let report = search(folder.path(), "out.csv", json!({}));
    assert_eq!(
        (&report.summary["on_grid_edge"], &report.summary["identity_wins"]),
        (&json!(3), &json!(3))
    );
    assert!(
        report.lines.iter().any(|line| line.contains("edge of the grid")),
        "{:?}",
        report.lines
    );
    let rows = cells(folder.path(), "out.csv");
    // Smoothing does.
    assert!(cell(&rows, 1, "refined_sharpen_strength").parse::<f64>().unwrap() < 0.0);
    assert!(report.summary["mean_gain"].as_f64() > report.summary["mean_grid_gain"].as_f64());
}

#[test]
fn features_are_written_for_any_size() {
    let folder = tempfile::tempdir().unwrap();
    for (name, width, height) in [("a.png", 1, 1), ("b.jpg", 30, 20), ("sub/c.png", 130, 90)] {
        let format = Path::new(name).extension().unwrap().to_str().unwrap();
        write_file(folder.path().join("in").join(name), picture(format, width, height, 1));
    }
    let settings = |csv: &str, workers: &str| {
        let output = folder.path().join(csv);
        json!({"input": folder.path().join("in"), "output": output, "workers": workers})
    };
    assert!(run("restore features", settings("1.csv", "1")).0.unwrap().ok);
    assert!(run("restore features", settings("8.csv", "8")).0.unwrap().ok);
    let (one, eight) = (cells(folder.path(), "1.csv"), cells(folder.path(), "8.csv"));
    assert_eq!(one, eight);
    assert_eq!((one.len(), one[0].len()), (4, 1 + 14 + 54));
    assert_eq!(one[0][1..15], COLUMNS[4..18]);
    let finite = |value: &String| value.parse::<f64>().unwrap().is_finite();
    assert!(one[1..].iter().all(|row| row[1..].iter().all(finite)));
}

#[test]
fn an_existing_table_stays_unless_told_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    write_file(folder.path().join("in/a.png"), picture("png", 20, 20, 1));
    write_file(folder.path().join("f.csv"), b"mine");
    let settings =
        json!({"input": folder.path().join("in"), "output": folder.path().join("f.csv")});
    let error = run("restore features", settings).0.unwrap_err();
    assert!(error.to_string().contains("exists"), "{error}");
    assert_eq!(std::fs::read(folder.path().join("f.csv")).unwrap(), b"mine");
}
