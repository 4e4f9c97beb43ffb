//! What `analyze` promises: right figures, the same bytes at any worker count, safe pages.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use pixloom::job::{JobError, Report};
use pixloom_testkit::{shared_data, truncated, write_file};
use serde_json::{Value, json};
use support::{picture, pictures, run, run_and_stop};

fn analyze(settings: Value) -> Report {
    run("analyze", settings).0.unwrap()
}

fn refusal(settings: Value) -> String {
    match run("analyze", settings).0 {
        Err(JobError::Refused { message, .. }) => message,
        Err(JobError::Param(error)) => error.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

fn item<'a>(report: &'a Report, path: &str) -> &'a Value {
    report.items.iter().find(|item| item["path"] == path).unwrap()
}

/// Pictures of several formats, a broken one, one with a wrong name and an unsupported one.
fn dataset(folder: &Path, count: u64) {
    pictures(folder, count);
    write_file(folder.join("wrong.jpg"), picture("png", 64, 48, 1));
    write_file(folder.join("cut.png"), truncated(&picture("png", 40, 40, 2), 20));
    write_file(folder.join("text.png"), b"<html>not found</html>");
    write_file(folder.join("new.avif"), b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf\0\0\0\0\0\0\0\0");
}

#[test]
fn figures_are_those_of_the_files() {
    let folder = tempfile::tempdir().unwrap();
    dataset(folder.path(), 12);
    let report = analyze(json!({"input": [folder.path()]}));
    assert_eq!((report.counts.done, report.counts.failed, report.ok), (13, 3, false));
    let wrong = item(&report, "wrong.jpg");
    assert_eq!(wrong["format"], "png");
    assert_eq!((&wrong["width"], &wrong["height"]), (&json!(64), &json!(48)));
    assert_eq!(wrong["findings"][0]["kind"], "wrong-extension");
    let size = fs::metadata(folder.path().join("wrong.jpg")).unwrap().len();
    assert_eq!(wrong["bytes"], size);
    let bits = wrong["bits_per_pixel"].as_f64().unwrap();
    assert!((bits - size as f64 * 8.0 / (64.0 * 48.0)).abs() < 1e-5);
    let jpeg = item(&report, "set1/0001.jpg");
    assert_eq!((&jpeg["quality"], &jpeg["subsampling"]), (&json!(85), &json!("4:2:0")));
    for (path, kind) in
        [("cut.png", "truncated"), ("text.png", "unknown-format"), ("new.avif", "unsupported")]
    {
        let failed = item(&report, path);
        assert_eq!((&failed["ok"], &failed["findings"][0]["kind"]), (&json!(false), &json!(kind)));
    }
    let avif = &item(&report, "new.avif")["findings"][0];
    assert!(avif["message"].as_str().unwrap().contains("AVIF"), "{avif}");
    let summary = &report.summary;
    assert_eq!(
        (&summary["images"], &summary["counts"]["format"][0]["value"]),
        (&json!(13), &json!("png"))
    );
    assert_eq!(summary["distributions"]["width"]["count"], 13);
    let mixed = summary["consistency"].as_array().unwrap().iter();
    let mixed: Vec<&Value> =
        mixed.filter(|a| a["consistent"] == false).map(|a| &a["property"]).collect();
    assert!(mixed.contains(&&json!("format")) && mixed.contains(&&json!("size")), "{mixed:?}");
    assert!(report.lines.iter().any(|line| line.starts_with("mixed")), "{:?}", report.lines);
}

#[test]
fn deep_looks_at_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let pnm = |value: u8| [b"P6 32 24 255\n".as_slice(), &[value; 32 * 24 * 3]].concat();
    write_file(folder.path().join("black.ppm"), pnm(0));
    write_file(folder.path().join("flat.ppm"), pnm(77));
    write_file(folder.path().join("fine.png"), picture("png", 32, 24, 1));
    let report = analyze(json!({"input": [folder.path()], "deep": true}));
    assert_eq!(item(&report, "black.ppm")["findings"][0]["kind"], "black-image");
    assert_eq!(item(&report, "flat.ppm")["findings"][0]["kind"], "constant-image");
    assert_eq!(item(&report, "fine.png").get("findings"), None);
    assert_eq!(item(&report, "fine.png")["deep"]["constant"], false);
}

#[test]
fn results_do_not_depend_on_workers() {
    let folder = tempfile::tempdir().unwrap();
    dataset(&folder.path().join("in"), 60);
    let results: Vec<(Vec<u8>, Vec<u8>, Vec<Value>)> = [json!(1), json!(2), json!(7)]
        .into_iter()
        .map(|workers| {
            let place = |name: &str| folder.path().join(format!("{workers}.{name}"));
            let report = analyze(json!({"input": [folder.path().join("in")], "workers": workers,
                "csv": place("csv"), "html": place("html"), "deep": true}));
            (fs::read(place("csv")).unwrap(), fs::read(place("html")).unwrap(), report.items)
        })
        .collect();
    assert!(results.iter().all(|result| *result == results[0]));
    let csv = String::from_utf8(results[0].0.clone()).unwrap();
    assert_eq!(csv.lines().count(), 1 + 61 + 3);
    let columns = csv.lines().next().unwrap().split(',').count();
    assert!(csv.lines().filter(|l| !l.contains('"')).all(|l| l.split(',').count() == columns));
}

#[test]
fn several_folders_have_their_names_before_their_files() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    for place in [&a, &b] {
        write_file(place.join("same.png"), picture("png", 20, 20, 3));
    }
    let report = analyze(json!({"input": [a, b]}));
    assert_eq!(report.counts.done, 2);
    assert_eq!(item(&report, a.join("same.png").to_str().unwrap())["width"], 20);
    let twice = refusal(json!({"input": [folder.path(), b]}));
    assert!(twice.contains("count twice"), "{twice}");
}

#[test]
fn what_exists_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    write_file(folder.path().join("a.png"), picture("png", 20, 20, 3));
    for name in ["csv", "html"] {
        let path = folder.path().join(name);
        pixloom_testkit::write_file(&path, "mine");
        let mut settings = json!({"input": [folder.path()]});
        settings[name] = json!(path);
        assert!(refusal(settings.clone()).ends_with("exists"));
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        settings["overwrite"] = json!(true);
        analyze(settings);
        assert_ne!(fs::read(&path).unwrap(), b"mine");
    }
}

#[test]
fn a_stopped_run_leaves_no_half_reports() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("in"), folder.path().join("out"));
    fs::create_dir(&out).unwrap();
    pictures(&input, 2000);
    let settings = json!({"input": [input], "csv": out.join("a.csv"), "html": out.join("a.html"),
        "workers": 1});
    let report = run_and_stop("analyze", settings, 5).unwrap();
    assert!(report.cancelled && report.counts.total() < 2000);
    assert_eq!(fs::read_dir(out).unwrap().count(), 0);
}

#[test]
fn an_empty_folder_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let html = folder.path().join("page.html");
    let report = analyze(json!({"input": [folder.path()], "html": html}));
    assert_eq!((report.counts.total(), report.ok), (0, true));
    assert!(fs::read_to_string(html).unwrap().contains("</html>"));
}

/// Hostile names in a page stay text, and the page fits its bound.
fn page(folder: &Path) -> String {
    let input = folder.join("in");
    dataset(&input, 40);
    let name = "<script>console.error('x')<\\script>&\"'.png";
    write_file(input.join(name), picture("png", 300, 200, 5));
    write_file(input.join(format!("bad {name}")), b"nothing");
    let html = folder.join("page.html");
    analyze(json!({"input": [input], "html": html}));
    fs::read_to_string(html).unwrap()
}

#[test]
fn pages_are_safe_and_whole() {
    let folder = tempfile::tempdir().unwrap();
    let html = page(folder.path());
    assert_eq!(html.matches("<script").count(), 2);
    assert!(html.contains("data:image/jpeg;base64,") && html.len() < 400_000, "{}", html.len());
    for outside in ["http://", "https://", "src=\"/", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

fn chromium() -> Option<&'static str> {
    let works = |name: &&str| {
        Command::new(name).arg("--version").output().is_ok_and(|o| o.status.success())
    };
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(works)
}

#[test]
fn pages_open_in_a_browser_without_errors() {
    let Some(chromium) = chromium() else {
        println!("skipped: no chromium is installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    page(folder.path());
    let output = Command::new(chromium)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg("--dump-dom")
        .arg(format!("file://{}", folder.path().join("page.html").display()))
        .output()
        .unwrap();
    let (dom, log) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!log.contains("CONSOLE"), "{log}");
    // The script filled the table: 42 pictures on one page.
    assert!(dom.contains("42 of 42"), "the table is empty: {log}");
    assert_eq!(dom.matches("<script").count(), 2);
}

#[test]
fn cameras_and_profiles_of_real_photos_are_told() {
    let Some(photos) = shared_data("photos_small") else {
        println!("skipped: no shared data");
        return;
    };
    let report = analyze(json!({"input": [photos]}));
    let canon = item(&report, "exifsamples__Canon_PowerShot_S40.jpg");
    assert_eq!(canon["camera"], "Canon PowerShot S40");
    assert_eq!(report.counts.failed, 0);
}
