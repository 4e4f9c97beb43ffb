//! Pictures to work on: photographs where there are some, generated ones elsewhere.
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use pixloom_image::codec::{self, EncodeOptions};
use pixloom_image::synth::{self, Scene};
use pixloom_image::{Serial, Size};
use pixloom_testkit::{flip_bits, truncated, write_file};

use crate::options::Options;

/// A generated scene as a file in the format of that `extension`.
pub(crate) fn picture(scene: Scene, seed: u64, size: Size, extension: &str) -> Result<Vec<u8>> {
    let codec =
        codec::by_name(extension).ok_or_else(|| anyhow!("there is no format {extension}"))?;
    let mut bytes = Vec::new();
    codec.encode(
        &synth::scene(scene, seed, size),
        &EncodeOptions::default(),
        &Serial,
        &mut bytes,
    )?;
    Ok(bytes)
}

/// The JPEG files of `--photos`, of the shared data, or else generated ones; sorted.
pub(crate) fn photos(options: &Options, scratch: &Path) -> Result<Vec<PathBuf>> {
    let folder = options.path("photos").or_else(|| pixloom_testkit::shared_data("photos_large"));
    let folder = match folder {
        Some(folder) => folder,
        None => generated(&scratch.join("generated"))?,
    };
    let mut files = Vec::new();
    for entry in
        fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?
    {
        let path = entry?.path();
        let extension = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
        if extension.is_some_and(|extension| extension == "jpg" || extension == "jpeg") {
            files.push(path);
        }
    }
    files.sort();
    ensure!(!files.is_empty(), "there are no JPEG files in {}", folder.display());
    Ok(files)
}

fn generated(folder: &Path) -> Result<PathBuf> {
    for seed in 0..12 {
        let scene = Scene::ALL[seed as usize % Scene::ALL.len()];
        let path = folder.join(format!("{seed:02}-{}.jpg", scene.name()));
        if !path.exists() {
            write_file(&path, picture(scene, seed, Size::new(2400, 1800), "jpg")?);
        }
    }
    Ok(folder.to_path_buf())
}

/// Puts `files` into the folder `into`, as hard links where the file system can.
pub(crate) fn gather(files: &[PathBuf], into: &Path) -> Result<Vec<PathBuf>> {
    crate::sh::fresh_dir(into)?;
    let mut gathered = Vec::new();
    for file in files {
        let name = file.file_name().context("a file without a name")?;
        let target = into.join(name);
        if fs::hard_link(file, &target).is_err() {
            fs::copy(file, &target).with_context(|| format!("cannot copy {}", file.display()))?;
        }
        gathered.push(target);
    }
    Ok(gathered)
}

/// A folder as users have them: formats, sizes and subfolders mixed, some files broken.
pub(crate) fn mixed_folder(folder: &Path) -> Result<usize> {
    crate::sh::fresh_dir(folder)?;
    let shapes = [
        (640, 480, "jpg"),
        (301, 511, "png"),
        (1024, 683, "jpg"),
        (64, 64, "webp"),
        (1200, 900, "png"),
    ];
    for item in 0..30_usize {
        let (width, height, extension) = shapes[item % shapes.len()];
        let scene = Scene::ALL[item % Scene::ALL.len()];
        let bytes = picture(scene, item as u64, Size::new(width, height), extension)?;
        let bytes = match item {
            7 => truncated(&bytes, bytes.len() / 2),
            13 => flip_bits(&bytes, 1, 12),
            21 => b"this is no picture".to_vec(),
            _ => bytes,
        };
        write_file(folder.join(format!("part {}/{item:02}.{extension}", item % 3)), bytes);
    }
    Ok(30)
}
