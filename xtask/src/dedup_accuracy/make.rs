//! Makes a labelled set of photographs, in the form of the shared one, so that any program can be
//! scored on it.
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use pixloom_image::codec::{self, EncodeOptions};
use pixloom_image::convert::convert;
use pixloom_image::resize::{ResizeOptions, resize};
use pixloom_image::{Image, PixelFormat, Serial, Size};
use pixloom_testkit::{Lcg, shared_data, write_file};

use super::edits::{EDITS, Edit, apply};
use super::set::picture;

/// Pictures that are edited; every fourth of the rest is what others are put into.
const ORIGINALS: usize = 30;
/// Long side of an original, in pixels.
const LONG_SIDE: u32 = 800;

/// Writes `images/` and `GROUND_TRUTH.csv` into the folder.
pub(super) fn set(folder: &Path) -> Result<()> {
    let mut sources = sources()?;
    ensure!(sources.len() >= 2 * ORIGINALS, "there are too few photographs");
    shuffle(&mut sources);
    let (edited, rest) = sources.split_at(ORIGINALS);
    let mut list = String::from("file,group,edit,category,reference,source_photo\n");
    let mut lcg = Lcg::new(7);
    for (at, source) in edited.iter().enumerate() {
        let original = format!("b{at:03}.jpg");
        let image = load(source)?;
        let ground = load(&rest[4 * at % rest.len()])?;
        write(folder, &original, &image, "jpeg", 92)?;
        list += &line(&original, at, "original", "", source);
        for (number, edit) in EDITS.iter().enumerate() {
            let Edit { name, how, format, quality } = *edit;
            let extension = if format == "jpeg" { "jpg" } else { format };
            let file = format!("b{at:03}-{number:02}.{extension}");
            write(folder, &file, &apply(how, &image, &ground, &mut lcg)?, format, quality)?;
            list += &line(&file, at, &name.replace(',', " +"), &original, source);
        }
    }
    for (at, source) in rest.iter().enumerate().filter(|(at, _)| at % 4 > 0) {
        let file = format!("n{at:03}.jpg");
        write(folder, &file, &load(source)?, "jpeg", 92)?;
        list += &line(&file, ORIGINALS + at, "single", "", source);
    }
    write_file(folder.join("GROUND_TRUTH.csv"), list);
    Ok(())
}

fn line(file: &str, group: usize, edit: &str, original: &str, source: &Path) -> String {
    let source = source.file_name().unwrap_or_default().display();
    format!("{file},g{group:03},{edit},made,{original},{source}\n")
}

/// Photographs of which no two show the same scene.
fn sources() -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in ["sr_train/cid22", "sr_train/clic2025", "kodak"] {
        let folder = shared_data(folder).context("the photographs are not there")?;
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let extension = path.extension().and_then(std::ffi::OsStr::to_str);
            if matches!(extension, Some("png" | "webp" | "jpg")) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn shuffle(files: &mut [PathBuf]) {
    let mut lcg = Lcg::new(3);
    for at in (1..files.len()).rev() {
        files.swap(at, lcg.next_u32() as usize % (at + 1));
    }
}

fn load(path: &Path) -> Result<Image> {
    let image = convert(picture(path)?, PixelFormat::RGB8);
    let scale = f64::from(LONG_SIDE) / f64::from(image.size().long_edge());
    if scale >= 1.0 {
        return Ok(image);
    }
    let side = |n: u32| (f64::from(n) * scale).round() as u32;
    let size = Size::new(side(image.width()), side(image.height()));
    Ok(resize(&image, size, &ResizeOptions::default(), &Serial)?)
}

fn write(folder: &Path, name: &str, image: &Image, format: &str, quality: u8) -> Result<()> {
    let codec = codec::by_name(format).with_context(|| format!("no format {format}"))?;
    let quality = (quality > 0).then_some(quality);
    let mut bytes = Vec::new();
    codec.encode(
        image,
        &EncodeOptions { quality, ..EncodeOptions::default() },
        &Serial,
        &mut bytes,
    )?;
    write_file(folder.join("images").join(name), bytes);
    Ok(())
}
