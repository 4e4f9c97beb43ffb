//! The `validate` job: what it finds, what it repairs, what it takes back.
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use pixloom::finding::Kind;
use pixloom::job::{JobError, Report};
use pixloom::undo::{latest, revert};
use pixloom_testkit::{listing, tree_hash, write_file};
use serde_json::{Value, json};

use support::{picture, run};

/// Runs the job on a folder with more settings.
fn attempt(input: &Path, more: Value) -> (Result<Report, JobError>, Vec<String>) {
    let mut settings = json!({"input": [input]});
    if let (Value::Object(all), Value::Object(more)) = (&mut settings, more) {
        all.extend(more);
    }
    run("validate", settings)
}

fn validate(input: &Path, more: Value) -> Report {
    attempt(input, more).0.unwrap()
}

/// The kinds that were found, by file.
fn kinds(report: &Report) -> BTreeMap<String, Vec<String>> {
    let of = |item: &Value| {
        let kinds = item["findings"].as_array().unwrap().iter();
        let kinds = kinds.map(|finding| finding["kind"].as_str().unwrap().to_owned()).collect();
        (item["path"].as_str().unwrap().to_owned(), kinds)
    };
    report.items.iter().map(of).collect()
}

/// A JPEG with a segment behind its start.
fn jpeg_with(marker: u8, body: &[u8]) -> Vec<u8> {
    let jpeg = picture("jpg", 40, 30, 5);
    let length = (body.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &length, body, &jpeg[2..]].concat()
}

fn pnm(width: u32, height: u32, sample: impl Fn(u32) -> u8) -> Vec<u8> {
    let mut bytes = format!("P6 {width} {height} 255\n").into_bytes();
    bytes.extend((0..width * height * 3).map(|at| sample(at / (3 * width))));
    bytes
}

/// The check sum of PNG (PNG specification, annex D).
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// One file for each finding that can be made here, and the kinds expected in it.
fn odd_files(folder: &Path) -> Vec<(&'static str, &'static [&'static str])> {
    let (png, jpeg) = (picture("png", 40, 30, 1), picture("jpg", 40, 30, 2));
    let webp = picture("webp", 40, 30, 3);
    let cut = |bytes: &[u8]| bytes[..bytes.len() * 95 / 100].to_vec();
    let with = |bytes: &[u8], more: &[u8]| [bytes, more].concat();
    let mut flipped = png.clone();
    flipped[60] ^= 1; // in the pixels
    let profile = [b"ICC_PROFILE\0\x01\x01".as_slice(), &[7; 200]].concat();
    let mut bomb = png.clone();
    bomb[16..24].copy_from_slice(&[0, 1, 0x80, 0, 0, 1, 0x80, 0]);
    let crc = crc32(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&crc);
    let film = [jpeg.as_slice(), b"\0\0\0\x18ftypmp42"].concat();
    let files: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("a/good.png", png.clone(), &[]),
        ("a/good.jpg", jpeg.clone(), &[]),
        ("a/good.webp", webp.clone(), &[]),
        ("avif.avif", b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf".to_vec(), &["unsupported"]),
        ("black.ppm", pnm(40, 40, |y| (y % 3) as u8), &["nearly-black"]),
        ("bomb.png", bomb, &["limit"]),
        ("constant.ppm", pnm(9, 9, |_| 77), &["constant"]),
        ("crc.png", flipped, &["corrupt"]),
        ("cut.jpg", cut(&jpeg), &["missing-end", "truncated"]),
        ("cut.png", cut(&png), &["truncated"]),
        ("cut.webp", cut(&webp), &["truncated"]),
        ("empty.jpg", Vec::new(), &["empty"]),
        ("exif.jpg", jpeg_with(0xE1, b"Exif\0\0nonsense"), &["bad-exif"]),
        ("film.jpg", film, &["appended-data"]),
        ("grey.ppm", pnm(40, 100, |y| if y < 60 { 200 } else { 128 }), &["grey-tail"]),
        ("icc.jpg", jpeg_with(0xE2, &profile), &["bad-profile"]),
        ("named.png", jpeg.clone(), &["wrong-extension"]),
        ("page.jpg", b"<!DOCTYPE html><html></html>".to_vec(), &["unknown-format"]),
        ("tail.jpg", with(&jpeg, &[0; 50]), &["trailing-data"]),
        ("tail.png", with(&png, b"garbage"), &["trailing-data"]),
        ("tail.webp", with(&webp, b"garbage"), &["trailing-data"]),
    ];
    let write = |(name, bytes, kinds): (&'static str, Vec<u8>, _)| {
        write_file(folder.join(name), bytes);
        (name, kinds)
    };
    files.into_iter().map(write).collect()
}

#[test]
fn every_defect_has_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let expected = odd_files(folder.path());
    let report = validate(folder.path(), json!({}));
    let found = kinds(&report);
    for (name, kinds) in &expected {
        assert_eq!(found[*name], *kinds, "{name}");
    }
    assert_eq!(report.items.len(), expected.len());
    assert!(!report.ok && report.counts.failed == 0);
    let errors: Vec<&str> = report
        .items
        .iter()
        .filter(|item| item["ok"] == false)
        .map(|item| item["path"].as_str().unwrap())
        .collect();
    let failing =
        ["bomb.png", "crc.png", "cut.jpg", "cut.png", "cut.webp", "empty.jpg", "page.jpg"];
    assert_eq!(errors, failing);
    assert_eq!(report.summary["with_errors"], 7);
    let tail = report.items.iter().find(|item| item["path"] == "tail.png").unwrap();
    let at = picture("png", 40, 30, 1).len();
    assert_eq!(tail["findings"][0]["place"]["byte"], at);
    let grey = report.items.iter().find(|item| item["path"] == "grey.ppm").unwrap();
    assert_eq!(grey["findings"][0]["place"]["row"], 60);
}

#[test]
fn a_folder_named_like_a_picture_is_found_and_a_missing_file_fails() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("x.jpg")).unwrap();
    write_file(folder.path().join("list.txt"), "x.jpg\ngone.png\n");
    let report = validate(folder.path(), json!({"files_from": folder.path().join("list.txt")}));
    let found = kinds(&report);
    assert_eq!((&found["x.jpg"][0][..], &found["gone.png"][0][..]), ("not-a-file", "unreadable"));
    assert_eq!((report.counts.done, report.counts.failed), (1, 1));
}

#[test]
fn the_number_of_workers_does_not_show() {
    let folder = tempfile::tempdir().unwrap();
    odd_files(folder.path());
    let results = [1, 2, 5].map(|workers| {
        let report = validate(folder.path(), json!({"workers": workers, "repair": true}));
        (report.items, report.lines, report.summary)
    });
    assert!(results[0] == results[1] && results[1] == results[2]);
}

#[test]
fn levels_look_only_so_far() {
    let folder = tempfile::tempdir().unwrap();
    odd_files(folder.path());
    let count = |checks: &str, kind: &str| {
        let report = validate(folder.path(), json!({"checks": checks}));
        kinds(&report).values().flatten().filter(|found| *found == kind).count()
    };
    for (kind, levels) in [
        ("wrong-extension", [1, 1, 1, 1, 1]),
        ("limit", [0, 1, 1, 1, 1]),
        ("trailing-data", [0, 0, 3, 3, 3]),
        ("truncated", [0, 0, 2, 3, 3]),
        ("constant", [0, 0, 0, 0, 1]),
    ] {
        let found = ["name", "header", "structure", "decode", "plausible"].map(|l| count(l, kind));
        assert_eq!(found, levels, "{kind}");
    }
}

#[test]
fn the_user_decides_what_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    write_file(folder.path().join("a.ppm"), pnm(9, 9, |_| 77));
    let ok = |more: Value| validate(folder.path(), more).ok;
    assert!(ok(json!({})) && !ok(json!({"strict": true})));
    assert!(!ok(json!({"fail_on": ["constant"]})));
    assert!(ok(json!({"strict": true, "ignore": ["constant"]})));
    assert!(ok(json!({"min_side": 9})) && !ok(json!({"min_side": 10})));
    for (settings, part) in [
        (json!({"ignore": ["constnat"]}), "did you mean `constant`?"),
        (json!({"report": "a.txt"}), ".csv or .jsonl"),
        (json!({"apply": true}), "give one of them"),
        (json!({"repair": true, "checks": "header"}), "needs every pixel"),
        (json!({"tolerant": true}), "a warning already"),
        (json!({"resume": true}), "not kept"),
    ] {
        let error = attempt(folder.path(), settings).0.unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }
}

#[test]
fn report_files_have_every_finding() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("in"), folder.path().join("out"));
    odd_files(&input);
    fs::create_dir(&out).unwrap();
    write_file(input.join("with, comma.jpg"), b"");
    let report = validate(&input, json!({"report": out.join("a.jsonl")}));
    let text = fs::read_to_string(out.join("a.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, report.items);
    let again = attempt(&input, json!({"report": out.join("a.jsonl")})).0.unwrap_err();
    assert!(again.to_string().contains("exists"), "{again}");
    validate(&input, json!({"report": out.join("a.csv")}));
    let text = fs::read_to_string(out.join("a.csv")).unwrap();
    assert!(text.starts_with("path,ok,format,kind,severity,place,message,hint\n"));
    assert!(text.contains("\"with, comma.jpg\",false,,empty,error,,the file is empty,"), "{text}");
    assert!(text.contains("a/good.png,true,png,,,,,\n"), "{text}");
}

#[test]
fn a_plan_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    odd_files(folder.path());
    let before = tree_hash(folder.path(), |_| true);
    let aside = folder.path().join("aside");
    let (report, lines) = attempt(folder.path(), json!({"repair": true, "move_to": aside}));
    assert_eq!(tree_hash(folder.path(), |_| true), before);
    assert_eq!(report.unwrap().summary["planned"], lines.len());
    let has = |text: &str| lines.iter().any(|line| line == text);
    assert!(has("repair tail.png: cut off what lies behind the end"), "{lines:?}");
    assert!(has("repair icc.jpg: leave out the colour profile"), "{lines:?}");
    assert!(has("rename named.png to named.jpg"), "{lines:?}");
    assert!(has(&format!("move cut.png to {}", aside.join("cut.png").display())), "{lines:?}");
}

#[test]
fn repairs_keep_the_picture_and_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    odd_files(folder.path());
    let bytes = [picture("jpg", 40, 30, 2), b"tail".to_vec()].concat();
    write_file(folder.path().join("sub/both.png"), bytes);
    write_file(folder.path().join("sub/both.jpg"), picture("jpg", 8, 8, 9));
    let originals = || tree_hash(folder.path(), |path| !path.starts_with(".pixloom/"));
    let before = originals();
    let report = validate(folder.path(), json!({"repair": true, "apply": true}));
    assert_eq!(report.summary["left"], json!([]), "{:?}", report.lines);
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    assert_eq!(read("tail.png"), picture("png", 40, 30, 1));
    assert_eq!(read("tail.jpg"), picture("jpg", 40, 30, 2));
    assert_eq!(read("tail.webp"), picture("webp", 40, 30, 3));
    assert_eq!(read("exif.jpg"), picture("jpg", 40, 30, 5));
    assert_eq!(read("icc.jpg"), picture("jpg", 40, 30, 5));
    assert_eq!(read("named.jpg"), picture("jpg", 40, 30, 2));
    assert_eq!(read("sub/both-1.jpg"), picture("jpg", 40, 30, 2));
    let again = validate(folder.path(), json!({"repair": true}));
    assert_eq!(again.summary["planned"], 0);
    let undo = latest(folder.path()).unwrap().unwrap();
    let reverted = revert(&undo).unwrap();
    assert_eq!((reverted.kept.len(), reverted.restored), (0, 8));
    assert_eq!(originals(), before);
    assert_eq!(latest(folder.path()).unwrap(), None);
}

#[test]
fn moved_files_keep_their_paths_and_replace_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (input, aside) = (folder.path().join("in"), folder.path().join("aside"));
    odd_files(&input);
    write_file(input.join("deep/er/cut.png"), &picture("png", 40, 30, 1)[..300]);
    write_file(aside.join("cut.png"), b"somebody's");
    let before = tree_hash(&input, |_| true);
    let report = validate(&input, json!({"move_to": aside, "apply": true}));
    assert_eq!(report.summary["left"].as_array().unwrap().len(), 1);
    assert!(input.join("cut.png").exists() && !input.join("empty.jpg").exists());
    assert_eq!(fs::read(aside.join("cut.png")).unwrap(), b"somebody's");
    let moved = [
        "bomb.png",
        "crc.png",
        "cut.jpg",
        "cut.png",
        "cut.webp",
        "deep/er/cut.png",
        "empty.jpg",
        "page.jpg",
    ];
    assert_eq!(listing(&aside), moved);
    revert(&latest(&input).unwrap().unwrap()).unwrap();
    assert_eq!(tree_hash(&input, |path| !path.starts_with(".pixloom/")), before);
    assert_eq!(listing(&aside), ["cut.png"]);
}

#[test]
fn links_are_left_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let (input, shared) = (folder.path().join("in"), folder.path().join("shared.png"));
    write_file(&shared, [picture("png", 20, 20, 1), b"tail".to_vec()].concat());
    fs::create_dir(&input).unwrap();
    std::os::unix::fs::symlink(&shared, input.join("a.png")).unwrap();
    let report = validate(&input, json!({"repair": true, "apply": true}));
    assert!(report.summary["left"][0].as_str().unwrap().contains("link"));
    assert!(fs::read(shared).unwrap().ends_with(b"tail"));
}

#[test]
fn every_kind_is_in_the_documentation() {
    let page = pixloom_testkit::repository_root().join("docs/findings.md");
    let text = fs::read_to_string(page).unwrap();
    for kind in Kind::ALL {
        let severity = serde_json::to_value(kind.severity()).unwrap();
        let row = format!("| `{}` | {} |", kind.as_str(), severity.as_str().unwrap());
        assert!(text.contains(&row), "docs/findings.md lacks a row that begins with {row}");
    }
}

/// Files on which all other decoders agree and this job does not, and why; as in
/// `docs/findings.md`.
const EXPLAINED: [(&str, &str); 9] = [
    ("image-rs/V3_X4_R4_G4_B4.bmp", UNKNOWN_TO_OTHERS),
    ("image-rs/V3_X4_R4_G4_B4_Top_Down.bmp", UNKNOWN_TO_OTHERS),
    ("image-rs/rgba32abf.bmp", UNKNOWN_TO_OTHERS),
    ("ljt-afl-full/id_003502_src_001348_op_havoc_rep_2.jpg", ARITHMETIC),
    ("ljt-afl-full/id_004615_src_004593_op_flip1_pos_405.jpg", ARITHMETIC),
    ("mei-bmpsuite/rgba16-1924.bmp", UNKNOWN_TO_OTHERS),
    ("mei-its-jpg/7dbf474f80e466e9e25ee46b84166420.jpg", "damaged in a scan, so only a warning"),
    ("pillow/crash-0da013a13571cc8eb457a39fee8db18f8a3c7127.tif", "ends before its first row"),
    ("zune-fuzz-jpeg/46d3f31446f1ff0723ed44183b77c3b38ccafe33.jpg", "ends in its first row"),
];
const ARITHMETIC: &str = "arithmetic coding is not built in, so its damage is not seen";
/// The others refuse the masks of the file as not supported: they have no verdict on it.
const UNKNOWN_TO_OTHERS: &str = "a kind of masks that the others do not support";

#[test]
fn odd_files_get_the_verdict_of_others() {
    let Some(folder) = pixloom_testkit::shared_data("malformed") else { return };
    let manifest = fs::read_to_string(folder.join("MANIFEST.csv")).unwrap();
    // Some files have no image's extension, so they are named one by one.
    let names = manifest.lines().skip(1).filter_map(|line| line.split(',').next());
    let list = tempfile::NamedTempFile::new().unwrap();
    pixloom_testkit::write_file(list.path(), names.collect::<Vec<_>>().join("\n"));
    let settings = json!({"files_from": list.path(), "workers": 2, "max_memory": "1500M"});
    let report = validate(&folder, settings);
    let items: BTreeMap<&str, &Value> =
        report.items.iter().map(|item| (item["path"].as_str().unwrap(), item)).collect();
    let found = kinds(&report);
    let ours = ["jpeg", "png", "webp", "tiff", "gif", "bmp", "qoi", "pnm", "jxl"];
    let (mut judged, mut other) = (0, Vec::new());
    for line in manifest.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let (file, format, consensus) = (fields[0], fields[4], fields[5]);
        let Some(kinds) = found.get(file) else { panic!("{file} is not in the report") };
        let has = |kind: &str| kinds.iter().any(|found| found == kind);
        if file.starts_with("generated/bomb_") && !file.contains("zTXt") && !file.contains("iccp") {
            assert!(has("limit"), "{file}: {kinds:?}");
        }
        if file.starts_with("generated/") && file.contains("trunc") {
            assert!(has("truncated"), "{file}: {kinds:?}");
        }
        if ours.contains(&format) && ["valid", "invalid"].contains(&consensus) {
            judged += 1;
            if items[file]["ok"] != (consensus == "valid") {
                other.push(file);
            }
        }
    }
    assert_eq!(other, EXPLAINED.map(|(file, _)| file));
    let counted = EXPLAINED.iter().filter(|(_, why)| *why != UNKNOWN_TO_OTHERS).count();
    assert!(counted * 100 <= judged, "{counted} of {judged}");
    let page = pixloom_testkit::repository_root().join("docs/findings.md");
    let text = fs::read_to_string(page).unwrap();
    for (file, _) in EXPLAINED {
        assert!(text.contains(file), "docs/findings.md does not explain {file}");
    }
    let peak = report.resources["peak_rss_bytes"].as_u64().unwrap();
    assert!(peak < 2_000_000_000, "{peak} bytes");
}

#[test]
fn several_folders_are_one_report() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        write_file(folder.path().join(name).join("cut.png"), b"\x89PNG\r\n");
    }
    let both = [folder.path().join("a"), folder.path().join("b")];
    let report = run("validate", json!({"input": both})).0.unwrap();
    let paths: Vec<_> = report.items.iter().map(|item| item["path"].as_str().unwrap()).collect();
    assert_eq!(paths.len(), 2);
    assert!(paths[0].ends_with("a/cut.png") && paths[1].ends_with("b/cut.png"), "{paths:?}");
    let repair = run("validate", json!({"input": both, "repair": true})).0;
    assert!(repair.unwrap_err().to_string().contains("one folder"));
}
