//! Files to start from: pictures written by our own encoders, and odd files where there are some.
use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use pixloom_image::codec::{Codec, EncodeOptions, Subsampling, detect};
use pixloom_image::synth::{self, Scene};
use pixloom_image::{
    Channels, ColorSpace, Depth, Image, Orientation, PixelFormat, Serial, Size, convert,
};

/// Longer files would only slow the search.
const LONGEST: u64 = 48 << 10;

const SIDES: [(u32, u32); 4] = [(1, 1), (7, 5), (37, 20), (70, 66)];
const CHANNELS: [Channels; 4] =
    [Channels::Gray, Channels::GrayAlpha, Channels::Rgb, Channels::Rgba];
const DEPTHS: [Depth; 3] = [Depth::U8, Depth::U16, Depth::F32];

/// Files of the format, the own ones first.
pub(super) fn of(codec: &dyn Codec) -> Result<Vec<Vec<u8>>> {
    let mut seeds = Vec::new();
    for (width, height) in SIDES {
        for format in formats(codec) {
            let picture = picture(Size::new(width, height), format);
            for options in options() {
                let mut bytes = Vec::new();
                // Some formats have no picture of one pixel.
                let written = codec.encode(&picture, &options, &Serial, &mut bytes).is_ok();
                if written && !seeds.contains(&bytes) {
                    seeds.push(bytes);
                }
            }
        }
    }
    if let Some(folder) = pixloom_testkit::shared_data("malformed") {
        gather(&folder, codec.info().name, &mut seeds)?;
    }
    ensure!(!seeds.is_empty(), "{} writes no picture", codec.info().name);
    Ok(seeds)
}

/// The distinct formats that can be written.
fn formats(codec: &dyn Codec) -> Vec<PixelFormat> {
    let mut formats = Vec::new();
    for (channels, depth) in
        CHANNELS.into_iter().flat_map(|channels| DEPTHS.map(|depth| (channels, depth)))
    {
        let format = codec.accepts(PixelFormat::new(channels, depth));
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    formats
}

fn options() -> Vec<EncodeOptions> {
    let plain = EncodeOptions::default();
    vec![
        EncodeOptions { effort: 0, ..plain },
        EncodeOptions { quality: Some(40), subsampling: Subsampling::S422, ..plain },
        EncodeOptions { progressive: true, lossless: true, effort: 9, ..plain },
        EncodeOptions { quality: Some(95), subsampling: Subsampling::S444, ..plain },
    ]
}

/// A scene with all that a file can carry: alpha, a profile, EXIF with an orientation.
fn picture(size: Size, format: PixelFormat) -> Image {
    let mut image = convert::convert(synth::scene(Scene::City, 3, size), format);
    let profile = [
        [0, 0, 0, 132].as_slice(),
        &[0; 12],
        if format.channels.is_gray() { b"GRAY" } else { b"RGB " },
        &[0; 16],
        b"acsp",
        &[0; 92],
    ]
    .concat();
    image.color_space = ColorSpace::Icc(profile.into());
    image.metadata.orientation = Orientation::from_exif(6);
    image.metadata.xmp = Some(b"<x:xmpmeta/>".as_slice().into());
    image
}

/// Adds the files of that format below `folder`.
fn gather(folder: &Path, format: &str, seeds: &mut Vec<Vec<u8>>) -> Result<()> {
    let mut paths: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            gather(&path, format, seeds)?;
        } else if fs::metadata(&path).is_ok_and(|file| file.len() <= LONGEST) {
            let bytes = fs::read(&path)?;
            if detect(&bytes).is_some_and(|codec| codec.info().name == format) {
                seeds.push(bytes);
            }
        }
    }
    Ok(())
}
