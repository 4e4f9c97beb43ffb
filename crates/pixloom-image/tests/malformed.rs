//! The collection of odd and hostile files, where it is there: no panic, and the verdicts of
//! other decoders.
#![expect(clippy::print_stdout, reason = "says how many files were there, or none")]

use std::path::{Path, PathBuf};

use pixloom_image::codec::{Codec, DecodeOptions, detect};
use pixloom_image::{ImageErrorKind, Limits, Serial};

const OURS: [&str; 8] = ["png", "webp", "tiff", "gif", "bmp", "qoi", "pnm", "jxl"];

/// Files that all other decoders take and we refuse, and why.
const REFUSED: [&str; 3] = [
    "pillow/16_bit_binary_pgm.tiff", // signed numbers
    "pillow/8bit.s.tif",             // signed numbers
    "pillow/crash-0da013a13571cc8eb457a39fee8db18f8a3c7127.tif", // ends early
];

/// Files that no other decoder takes and we read, and why.
const READ: [&str; 4] = [
    "image-rs/V3_X4_R4_G4_B4.bmp",          // masks that others do not know
    "image-rs/V3_X4_R4_G4_B4_Top_Down.bmp", // the same
    "image-rs/rgba32abf.bmp",               // the same, with alpha
    "mei-bmpsuite/rgba16-1924.bmp",         // the same
];

fn shared() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let root = std::env::var_os("PIXLOOM_SHARED").map_or_else(beside, PathBuf::from);
    let folder = root.join("data/malformed");
    folder.join("MANIFEST.csv").is_file().then_some(folder)
}

/// File, and what Pillow, OpenCV and libvips agree on.
fn manifest(folder: &Path) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(folder.join("MANIFEST.csv")).expect("manifest");
    let line = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        (fields[0].to_owned(), fields[5].to_owned())
    };
    text.lines().skip(1).map(line).collect()
}

fn verdict(codec: &dyn Codec, bytes: &[u8]) -> Result<(), ImageErrorKind> {
    let limits = Limits { max_pixels: 30_000_000, ..Limits::default() };
    let _ = codec.header(bytes, &limits);
    let tolerant = DecodeOptions { tolerant: true, ..DecodeOptions::default() };
    let conceals = codec.decode(bytes, &tolerant, &limits, &Serial).is_ok();
    let strict = codec.decode(bytes, &DecodeOptions::default(), &limits, &Serial);
    assert!(conceals || strict.is_err(), "tolerant refuses what strict reads");
    strict.map(|_| ()).map_err(|error| error.kind())
}

#[test]
fn odd_files_get_the_verdict_of_others() {
    let Some(folder) = shared() else {
        println!("skipped: the collection of malformed files is not here");
        return;
    };
    let (mut seen, mut wrong) = (0, Vec::new());
    for (file, consensus) in manifest(&folder) {
        let Ok(bytes) = std::fs::read(folder.join(&file)) else { continue };
        let Some(codec) = detect(&bytes).filter(|codec| OURS.contains(&codec.info().name)) else {
            continue;
        };
        seen += 1;
        let verdict = verdict(codec, &bytes);
        let expected = match consensus.as_str() {
            "valid" => verdict.is_ok() != REFUSED.contains(&file.as_str()),
            "invalid" => verdict.is_err() != READ.contains(&file.as_str()),
            _ => true,
        };
        if !expected {
            wrong.push(format!("{file}: {consensus}, but {verdict:?}"));
        }
    }
    println!("{seen} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
