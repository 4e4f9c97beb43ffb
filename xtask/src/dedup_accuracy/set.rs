//! A labelled set: pictures, which of them are copies of which, and their features.
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use pixloom_image::codec::{self, DecodeOptions};
use pixloom_image::convert::{convert, flatten};
use pixloom_image::geometry::apply_orientation;
use pixloom_image::{Channels, Depth, Image, Limits, PixelFormat, Samples, Serial};
use pixloom_match::{Features, Input, Plane, RgbPlane, extract};

/// A line of `GROUND_TRUTH.csv`.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) file: String,
    /// Equal groups are copies.
    pub(super) group: String,
    pub(super) edit: String,
    /// Pictures of one scene that are no copies; empty elsewhere.
    pub(super) scene: String,
    /// The file this one was made from; empty elsewhere.
    pub(super) original: String,
}

pub(super) struct Set {
    pub(super) entries: Vec<Entry>,
    pub(super) features: Vec<Features>,
    pub(super) decoding: Duration,
    pub(super) extracting: Duration,
}

pub(super) fn read(folder: &Path) -> Result<Set> {
    let list = std::fs::read_to_string(folder.join("GROUND_TRUTH.csv"))
        .context("the set has no GROUND_TRUTH.csv")?;
    let entries: Vec<Entry> = list.lines().skip(1).map(entry).collect::<Result<_>>()?;
    let mut set =
        Set { entries, features: Vec::new(), decoding: Duration::ZERO, extracting: Duration::ZERO };
    for entry in &set.entries {
        let start = Instant::now();
        let image = picture(&folder.join("images").join(&entry.file))
            .with_context(|| format!("cannot read {}", entry.file))?;
        let decoded = Instant::now();
        set.features.push(features(&image)?);
        set.decoding += decoded - start;
        set.extracting += decoded.elapsed();
    }
    Ok(set)
}

fn entry(line: &str) -> Result<Entry> {
    let fields: Vec<&str> = line.split(',').collect();
    ensure!(fields.len() >= 5, "a line of GROUND_TRUTH.csv has no five columns: {line}");
    let [file, group, edit, category, reference] = [0, 1, 2, 3, 4].map(|at| fields[at].to_owned());
    let is_scene = category == "hard-negative" || category == "burst-ambiguous";
    let (scene, original) =
        if is_scene { (reference, String::new()) } else { (String::new(), reference) };
    Ok(Entry { file, group, edit, scene, original })
}

/// Reads a picture, upright and opaque.
pub(super) fn picture(path: &Path) -> Result<Image> {
    let bytes = std::fs::read(path)?;
    let codec = codec::detect(&bytes).context("no picture")?;
    let options = DecodeOptions { tolerant: true, ..DecodeOptions::default() };
    let decoded = codec.decode(&bytes, &options, &Limits::default(), &Serial)?;
    Ok(flatten(apply_orientation(decoded.image), [1.0; 3]))
}

fn features(image: &Image) -> Result<Features> {
    let rgb = convert(image.clone(), PixelFormat::RGB8);
    let gray = convert(image.clone(), PixelFormat::new(Channels::Gray, Depth::U8));
    let (width, height) = (image.width() as usize, image.height() as usize);
    let (Samples::U8(gray), Samples::U8(rgb)) = (gray.samples(), rgb.samples()) else {
        anyhow::bail!("the conversion to 8 bit failed");
    };
    let gray = Plane::new(gray, width, height).context("an empty picture")?;
    Ok(extract(&Input {
        gray,
        rgb: RgbPlane::new(rgb, width, height),
        full_size: [image.width(), image.height()],
        pixel_digest: None,
    }))
}
