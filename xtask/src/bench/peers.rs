//! The other programs, as far as they are installed here.
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Contender;
use super::own::{folder, pixloom};
use crate::sh;

const PILLOW: &str = "
import os, sys
from PIL import Image
out, task = sys.argv[1], sys.argv[2]
for path in sys.argv[3:]:
    name = os.path.splitext(os.path.basename(path))[0]
    with Image.open(path) as image:
        if task == 'thumbs':
            image.thumbnail((256, 256))
            image.convert('RGB').save(os.path.join(out, name + '.jpg'), quality=85)
        else:
            size = (max(1, round(image.width / 2)), max(1, round(image.height / 2)))
            image.convert('RGB').resize(size, Image.LANCZOS).save(os.path.join(out, name + '.png'))
";

const SHARP: &str = "
const path = require('path'), sharp = require('sharp');
const [out, ...files] = process.argv.slice(1);
sharp.concurrency(1); sharp.cache(false);
(async () => {
  for (const file of files) {
    const name = path.parse(file).name + '.jpg';
    await sharp(file, { failOn: 'none' }).rotate().resize(256, 256, { fit: 'inside' }).jpeg({ quality: 85 }).toFile(path.join(out, name));
  }
})();
";

/// Thumbnails of 256 pixels, JPEG quality 85, one thread each.
pub(super) fn thumbs(binary: &Path, files: &[PathBuf]) -> Result<Vec<Contender>> {
    let args =
        ["--ops", "resize:long_edge=256", "--to", "jpg", "--quality", "85", "--workers", "1"];
    let mut all = vec![pixloom(binary, "pixloom", folder(files)?, &args)?];
    if let Some(version) = sh::version("vipsthumbnail", &["--version"]) {
        let args = with_files(&["-s", "256", "-o", "{out}/%s.jpg[Q=85]"], files);
        all.push(peer("vipsthumbnail", ("vipsthumbnail", version), args, files.len()));
    }
    let node = "console.log('sharp ' + require('sharp').versions.sharp)";
    if let Some(version) = sh::version("node", &["-e", node]) {
        all.push(peer(
            "sharp",
            ("node", version),
            with_files(&["-e", SHARP, "{out}"], files),
            files.len(),
        ));
    }
    all.extend(pillow("thumbs", files));
    Ok(all)
}

/// Half the size with Lanczos 3, to PNG, one thread each.
pub(super) fn half(binary: &Path, files: &[PathBuf]) -> Result<Vec<Contender>> {
    let args = ["--ops", "resize:scale=0.5,filter=lanczos3", "--to", "png", "--workers", "1"];
    let mut all = vec![pixloom(binary, "pixloom", folder(files)?, &args)?];
    if let Some(version) = sh::version("vips", &["--version"]) {
        let script = "out=$1; shift; for f; do n=${f##*/}; \
                      vips resize \"$f\" \"$out/${n%.*}.png[compression=6]\" 0.5 || exit 1; done";
        let args = with_files(&["-c", script, "sh", "{out}"], files);
        let note = "starts once a file";
        all.push(Contender { note, ..peer("vips resize", ("sh", version), args, files.len()) });
    }
    all.extend(pillow("half", files));
    Ok(all)
}

fn pillow(task: &str, files: &[PathBuf]) -> Option<Contender> {
    let version = sh::version("python3", &["-c", "import PIL; print('Pillow', PIL.__version__)"])?;
    let args = with_files(&["-c", PILLOW, "{out}", task], files);
    Some(peer("Pillow", ("python3", version), args, files.len()))
}

pub(super) fn peer(
    name: &str,
    (program, version): (&str, String),
    args: Vec<String>,
    outputs: usize,
) -> Contender {
    Contender { name: name.to_owned(), version, program: program.into(), args, outputs, note: "" }
}

pub(super) fn with_files(args: &[&str], files: &[PathBuf]) -> Vec<String> {
    let files = files.iter().map(|file| file.to_string_lossy().into_owned());
    args.iter().map(|arg| (*arg).to_owned()).chain(files).collect()
}
