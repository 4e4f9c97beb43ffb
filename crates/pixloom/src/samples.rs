//! A few pictures to try pixloom on, made by the program itself.
use std::io;
use std::path::PathBuf;

use pixloom_engine::files;
use pixloom_image::codec::{self, EncodeOptions};
use pixloom_image::synth::{self, Scene};
use pixloom_image::{Serial, Size};

use crate::job::{JobCx, JobError};

/// What is done with the samples if nothing else is said.
pub const DEFAULT_OPS: &str = "resize:long_edge=512 | sharpen:amount=0.4";

const INPUT: &str = "pixloom-samples";
const OUTPUT: &str = "pixloom-samples-out";

/// Sizes and formats as they are met in photo folders.
const SHAPES: [(u32, u32, &str); 4] =
    [(2400, 1600, "jpg"), (1600, 2000, "jpg"), (1800, 1200, "png"), (1500, 1500, "webp")];

/// The folders of the samples, below the working folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// Where the samples are.
    pub input: PathBuf,
    /// Where results go.
    pub output: PathBuf,
}

/// Makes the sample pictures where they are missing.
///
/// # Errors
/// `Refused` if the working folder cannot be written.
pub fn make(cx: &JobCx) -> Result<Folders, JobError> {
    let folders = Folders { input: PathBuf::from(INPUT), output: PathBuf::from(OUTPUT) };
    cx.face.remark(&format!("no folder was named, so sample pictures are made in {INPUT}/"));
    write_all(&folders.input)
        .map_err(|error| JobError::refused(format!("cannot write {INPUT}/: {error}"), vec![]))?;
    Ok(folders)
}

fn write_all(folder: &std::path::Path) -> io::Result<()> {
    for (at, scene) in Scene::ALL.iter().enumerate() {
        let (width, height, extension) = SHAPES[at % SHAPES.len()];
        let place = folder.join(if at % 2 == 0 { "day" } else { "night" });
        let path = place.join(format!("{}.{extension}", scene.name()));
        if path.exists() {
            continue;
        }
        std::fs::create_dir_all(&place)?;
        let image = synth::scene(*scene, at as u64, Size::new(width, height));
        let mut bytes = Vec::new();
        let codec = codec::by_name(extension).ok_or_else(|| io::Error::other("no such format"))?;
        codec
            .encode(&image, &EncodeOptions::default(), &Serial, &mut bytes)
            .map_err(io::Error::other)?;
        files::write_atomic(&path, &bytes)?;
    }
    Ok(())
}
