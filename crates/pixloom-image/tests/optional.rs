//! The formats that Cargo features add: round trips, metadata, damage, other writers' files; and
//! what is said where they are not built in.
#![cfg_attr(
    any(feature = "heif", feature = "jxl-lossy"),
    expect(clippy::print_stdout, reason = "says how many files were there, or none")
)]

use pixloom_image::codec::{CODECS, DecodeOptions, by_name};
use pixloom_image::{ImageErrorKind, Limits, Serial};

#[test]
fn what_is_missing_names_its_feature() {
    for codec in CODECS {
        let (info, support) = (codec.info(), codec.support());
        assert_eq!(support.writes, info.encodes, "{}", info.name);
        if support.reads {
            continue;
        }
        let error = codec
            .decode(b"", &DecodeOptions::default(), &Limits::default(), &Serial)
            .expect_err(info.name);
        assert_eq!(error.kind(), ImageErrorKind::Unsupported);
        assert!(error.to_string().ends_with("is not built in"), "{error}");
        let named = error.hint().expect("hint").contains("--features heif");
        assert_eq!(named, support.read_feature == Some("heif"), "{}", info.name);
    }
    let avif = by_name("avif").expect("avif").support();
    assert_eq!(avif.reads, cfg!(feature = "heif"));
    assert_eq!(avif.write_feature.is_none(), cfg!(feature = "avif"));
}

#[cfg(any(feature = "heif", feature = "jxl-lossy"))]
mod with_features {
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    use pixloom_image::codec::{Codec, Decoded, Header, Subsampling};
    use pixloom_image::{
        Channels, ColorSpace, Depth, Image, ImageError, Orientation, PixelFormat, Samples, Size,
    };

    use pixloom_image::codec::EncodeOptions;

    use super::*;

    fn picture(size: Size, format: PixelFormat) -> Image {
        let count = format.channels.count();
        let value = |index: usize| {
            let pixel = index / count;
            let (x, y) = (pixel % size.width as usize, pixel / size.width as usize);
            (8000 + x * 350 + y * 250 + index % count * 6000) as u16
        };
        let values = (0..size.pixels() as usize * count).map(value);
        let samples = if format.depth == Depth::U8 {
            Samples::U8(values.map(|value| (value >> 8) as u8).collect())
        } else {
            Samples::U16(values.collect())
        };
        Image::new(size, format.channels, samples).expect("sample count")
    }

    fn encode(codec: &dyn Codec, image: &Image, options: EncodeOptions) -> Vec<u8> {
        let mut out = Vec::new();
        codec.encode(image, &options, &Serial, &mut out).expect("encodes");
        out
    }

    fn decode(codec: &dyn Codec, bytes: &[u8]) -> Result<Decoded, ImageError> {
        codec.decode(bytes, &DecodeOptions::default(), &Limits::default(), &Serial)
    }

    fn header(codec: &dyn Codec, bytes: &[u8]) -> Header {
        codec.header(bytes, &Limits::default()).expect("header")
    }

    /// Mean absolute difference, 0 to 1.
    fn difference(a: &Image, b: &Image) -> f64 {
        assert_eq!((a.size(), a.format()), (b.size(), b.format()));
        let values = |image: &Image| -> Vec<f64> {
            match image.samples() {
                Samples::U8(samples) => samples.iter().map(|&s| f64::from(s) / 255.0).collect(),
                Samples::U16(samples) => samples.iter().map(|&s| f64::from(s) / 65535.0).collect(),
                Samples::F32(samples) => samples.iter().map(|&s| f64::from(s)).collect(),
            }
        };
        let (a, b) = (values(a), values(b));
        a.iter().zip(&b).map(|(a, b)| (a - b).abs()).sum::<f64>() / a.len() as f64
    }

    fn with_metadata(size: Size) -> Image {
        let mut image = picture(size, PixelFormat::RGB8);
        image.metadata.exif = Some(Arc::from(pixloom_image::codec::metadata::exif_of_orientation(
            Orientation::from_exif(6),
        )));
        image.metadata.xmp = Some(Arc::from(&b"<x:xmpmeta/>"[..]));
        image.metadata.orientation = Orientation::from_exif(6);
        image
    }

    #[cfg(feature = "avif")]
    #[test]
    fn avif_comes_back_alike() {
        let codec = by_name("avif").expect("avif");
        for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
            for subsampling in [Subsampling::S420, Subsampling::S422, Subsampling::S444] {
                for size in [Size::new(64, 40), Size::new(33, 17), Size::new(1, 1)] {
                    let format = PixelFormat::new(channels, Depth::U8);
                    assert_eq!(codec.accepts(PixelFormat::new(channels, Depth::U16)), format);
                    let image = picture(size, format);
                    let options = EncodeOptions {
                        quality: Some(90),
                        subsampling,
                        ..EncodeOptions::default()
                    };
                    let bytes = encode(codec, &image, options);
                    assert_eq!(bytes, encode(codec, &image, options), "deterministic");
                    let header = header(codec, &bytes);
                    assert_eq!((header.size, header.format), (size, format));
                    let back = decode(codec, &bytes).expect("decodes");
                    let difference = difference(&image, &back.image);
                    assert!(difference < 0.02, "{format:?} {size}: {difference}");
                    assert!(back.notes.is_empty(), "{:?}", back.notes);
                }
            }
        }
    }

    #[cfg(feature = "avif")]
    #[test]
    fn lossless_avif_gives_back_every_sample() {
        let codec = by_name("avif").expect("avif");
        let options = EncodeOptions { lossless: true, ..EncodeOptions::default() };
        for channels in [Channels::Gray, Channels::Rgb, Channels::Rgba] {
            let image = picture(Size::new(61, 35), PixelFormat::new(channels, Depth::U8));
            let back = decode(codec, &encode(codec, &image, options)).expect("decodes");
            assert!(back.image == image, "{channels:?}");
        }
        let deep = picture(Size::new(8, 8), PixelFormat::new(Channels::Rgb, Depth::U16));
        let refused = codec.encode(&deep, &options, &Serial, &mut Vec::new());
        assert_eq!(refused.expect_err("16 bit").kind(), ImageErrorKind::Encode);
    }

    #[cfg(feature = "avif")]
    #[test]
    fn avif_keeps_metadata_and_is_upright() {
        let codec = by_name("avif").expect("avif");
        let mut image = with_metadata(Size::new(48, 20));
        let mut icc = bare_profile();
        let len = (icc.len() as u32).to_be_bytes();
        icc[..4].copy_from_slice(&len);
        image.color_space = ColorSpace::Icc(icc.into());
        let back = decode(codec, &encode(codec, &image, EncodeOptions::default())).expect("back");
        assert_eq!(back.image.size(), Size::new(20, 48));
        assert!(back.image.metadata.orientation.is_upright());
        let exif = back.image.metadata.exif.as_deref().expect("exif");
        assert!(pixloom_image::codec::metadata::exif_orientation(exif).is_upright());
        assert_eq!(back.image.metadata.xmp, image.metadata.xmp);
        assert_eq!(back.image.color_space, image.color_space);
    }

    /// The header of an RGB profile without tags.
    #[cfg(feature = "avif")]
    fn bare_profile() -> Vec<u8> {
        let mut icc = vec![0; 132];
        icc[16..20].copy_from_slice(b"RGB ");
        icc[36..40].copy_from_slice(b"acsp");
        icc
    }

    #[cfg(feature = "avif")]
    #[test]
    fn damaged_avif_never_panics() {
        let codec = by_name("avif").expect("avif");
        let image = picture(Size::new(40, 24), PixelFormat::new(Channels::Rgba, Depth::U8));
        let bytes = encode(codec, &image, EncodeOptions::default());
        for len in 0..bytes.len() {
            assert!(decode(codec, &bytes[..len]).is_err(), "cut at {len}");
            let _ = codec.header(&bytes[..len], &Limits::default());
        }
        for bit in (0..bytes.len() * 8).step_by(5) {
            let mut bad = bytes.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let _ = decode(codec, &bad);
        }
        let small = Limits { max_pixels: 100, ..Limits::default() };
        let refused = codec.decode(&bytes, &DecodeOptions::default(), &small, &Serial);
        assert_eq!(refused.expect_err("limit").kind(), ImageErrorKind::Limit);
    }

    #[cfg(feature = "jxl-lossy")]
    #[test]
    fn lossy_jxl_comes_back_alike_and_smaller() {
        let codec = by_name("jxl").expect("jxl");
        for channels in [Channels::Gray, Channels::GrayAlpha, Channels::Rgb, Channels::Rgba] {
            let image = picture(Size::new(120, 67), PixelFormat::new(channels, Depth::U8));
            let options = EncodeOptions { quality: Some(80), ..EncodeOptions::default() };
            let bytes = encode(codec, &image, options);
            assert_eq!(bytes, encode(codec, &image, options), "deterministic");
            let lossless = encode(codec, &image, EncodeOptions { lossless: true, ..options });
            assert!(bytes.len() < lossless.len(), "{} {}", bytes.len(), lossless.len());
            let difference = difference(&image, &decode(codec, &bytes).expect("decodes").image);
            assert!(difference > 0.0 && difference < 0.02, "{channels:?}: {difference}");
        }
        let options = EncodeOptions { quality: Some(70), ..EncodeOptions::default() };
        let image = with_metadata(Size::new(48, 20));
        let back = decode(codec, &encode(codec, &image, options)).expect("decodes").image;
        assert_eq!(back.size(), Size::new(20, 48));
        assert_eq!(back.metadata.xmp, image.metadata.xmp);
        assert!(back.metadata.exif.is_some() && back.metadata.orientation.is_upright());
    }

    fn shared() -> Option<PathBuf> {
        let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
        let root = std::env::var_os("PIXLOOM_SHARED").map_or_else(beside, PathBuf::from);
        let folder = root.join("data/malformed");
        folder.join("libavif").is_dir().then_some(folder)
    }

    #[cfg(feature = "heif")]
    #[test]
    fn files_of_others_are_read() {
        let Some(folder) = shared() else {
            println!("skipped: the collection of AVIF files is not here");
            return;
        };
        let (mut read, mut refused) = (0, Vec::new());
        for folder in ["libavif", "link-u-avif", "pillow"].map(|name| folder.join(name)) {
            let mut files: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().collect();
            files.retain(|file| {
                let path = file.as_ref().map(std::fs::DirEntry::path).unwrap_or_default();
                path.extension().is_some_and(|end| end == "avif" || end == "heif")
            });
            for path in files.into_iter().flatten().map(|file| file.path()) {
                let bytes = std::fs::read(&path).expect("file");
                let Some(codec) = pixloom_image::codec::detect(&bytes) else { continue };
                match decode(codec, &bytes) {
                    Ok(decoded) => {
                        read += 1;
                        let header = header(codec, &bytes);
                        let found = (decoded.image.size(), decoded.image.format());
                        assert_eq!((header.size, header.format), found, "{}", path.display());
                        assert!(decode(codec, &bytes[..bytes.len() / 2]).is_err());
                    }
                    Err(error) => refused.push(format!("{}: {error}", path.display())),
                }
            }
        }
        println!("{read} files read, refused:\n{}", refused.join("\n"));
        assert!(read >= 40, "{read}");
    }
}
