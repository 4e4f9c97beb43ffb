//! Every format that is written: round trips, metadata, streaming, damage.
use std::sync::Arc;

use pixloom_image::codec::{
    CODECS, Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, Header, by_name, detect,
};
use pixloom_image::{
    Channels, ColorSpace, Depth, Image, ImageError, ImageErrorKind, Limits, Metadata, Orientation,
    PixelFormat, Samples, Serial, Size,
};

const CHANNELS: [Channels; 4] =
    [Channels::Gray, Channels::GrayAlpha, Channels::Rgb, Channels::Rgba];
const DEPTHS: [Depth; 3] = [Depth::U8, Depth::U16, Depth::F32];
/// Formats that give back every sample.
const LOSSLESS: [&str; 6] = ["png", "tiff", "bmp", "qoi", "pnm", "jxl"];
/// Formats that carry EXIF.
const WITH_EXIF: [&str; 4] = ["png", "webp", "tiff", "jxl"];
const OURS: [&str; 8] = ["png", "webp", "tiff", "gif", "bmp", "qoi", "pnm", "jxl"];

fn codec(name: &str) -> &'static dyn Codec {
    by_name(name).expect(name)
}

/// A smooth picture with some noise and a flat part, so that all parts of the coders work.
fn picture(size: Size, format: PixelFormat) -> Image {
    let count = format.channels.count();
    let mut state = 7u32;
    let values: Vec<u16> = (0..size.pixels() as usize * count)
        .map(|index| {
            let (x, y) = (index / count % size.width as usize, index / count / size.width as usize);
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 22) as usize;
            if y % 16 < 6 {
                4096
            } else {
                (x * 700 + y * 300 + index % count * 9000 + noise) as u16
            }
        })
        .collect();
    let samples = match format.depth {
        Depth::U8 => Samples::U8(values.iter().map(|value| (value >> 8) as u8).collect()),
        Depth::U16 => Samples::U16(values),
        Depth::F32 => {
            Samples::F32(values.iter().map(|&value| f32::from(value) / 65535.0).collect())
        }
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

fn tolerant(codec: &dyn Codec, bytes: &[u8]) -> Result<Decoded, ImageError> {
    let options = DecodeOptions { tolerant: true, ..DecodeOptions::default() };
    codec.decode(bytes, &options, &Limits::default(), &Serial)
}

fn sizes(name: &str) -> Vec<Size> {
    let mut sizes =
        vec![Size::new(17, 3), Size::new(3, 17), Size::new(64, 40), Size::new(300, 257)];
    if name != "jxl" {
        sizes.extend([Size::new(1, 1), Size::new(1, 9), Size::new(9, 1)]);
    }
    sizes
}

#[test]
fn lossless_formats_give_back_every_sample() {
    for name in LOSSLESS {
        let codec = codec(name);
        for size in sizes(name) {
            for (channels, depth) in CHANNELS.iter().flat_map(|&c| DEPTHS.map(|d| (c, d))) {
                let format = PixelFormat::new(channels, depth);
                if codec.accepts(format) != format {
                    continue;
                }
                let image = picture(size, format);
                for effort in [0, 2, 6] {
                    let options = EncodeOptions { effort, ..EncodeOptions::default() };
                    let bytes = encode(codec, &image, options);
                    let what = format!("{name} {size} {format:?} effort {effort}");
                    assert_eq!(detect(&bytes).expect("detected").info().name, name, "{what}");
                    let header = codec.header(&bytes, &Limits::default()).expect(&what);
                    assert_eq!(
                        (header.size, header.format, header.frames),
                        (size, format, 1),
                        "{what}"
                    );
                    let decoded = decode(codec, &bytes).expect(&what);
                    assert_eq!(decoded.image, image, "{what}");
                    assert!(decoded.notes.is_empty() && decoded.concealed.is_none(), "{what}");
                }
            }
        }
    }
}

#[test]
fn what_a_format_accepts_it_writes() {
    for name in OURS {
        let codec = codec(name);
        for (channels, depth) in CHANNELS.iter().flat_map(|&c| DEPTHS.map(|d| (c, d))) {
            let format = PixelFormat::new(channels, depth);
            let accepted = codec.accepts(format);
            assert_eq!(codec.accepts(accepted), accepted, "{name}");
            assert!(accepted.channels.has_alpha() || !channels.has_alpha(), "{name} loses alpha");
            let image = picture(Size::new(19, 11), accepted);
            let bytes = encode(codec, &image, EncodeOptions::default());
            assert_eq!(decode(codec, &bytes).expect(name).image.size(), image.size());
            if format != accepted {
                let refused = EncodeHeader::of(&picture(Size::new(19, 11), format));
                let mut out = Vec::new();
                let error = codec.encoder(&refused, &EncodeOptions::default(), &mut out).err();
                assert_eq!(error.map(|error| error.kind()), Some(ImageErrorKind::Encode), "{name}");
            }
        }
    }
}

#[test]
fn webp_lossless_is_lossless() {
    for channels in [Channels::Rgb, Channels::Rgba] {
        for size in sizes("webp") {
            let image = picture(size, PixelFormat::new(channels, Depth::U8));
            let options = EncodeOptions { lossless: true, ..EncodeOptions::default() };
            let bytes = encode(codec("webp"), &image, options);
            let decoded = decode(codec("webp"), &bytes).expect("webp").image;
            // libwebp drops an alpha channel that is opaque everywhere; this one is not.
            assert_eq!(decoded.channels(), channels);
            assert!(decoded.samples() == image.samples(), "{size} {channels:?}");
        }
    }
}

#[test]
fn lossy_formats_stay_close() {
    let smooth = |size: Size| {
        let values = (0..size.pixels()).flat_map(|i| {
            let (x, y) = (i % u64::from(size.width), i / u64::from(size.width));
            [(x * 2) as u8, (y * 3) as u8, 90]
        });
        Image::new(size, Channels::Rgb, Samples::U8(values.collect())).expect("size")
    };
    let image = smooth(Size::new(100, 70));
    for (name, most) in [("webp", 6.0), ("gif", 12.0)] {
        let bytes = encode(codec(name), &image, EncodeOptions::default());
        let decoded = decode(codec(name), &bytes).expect(name).image;
        let (Samples::U8(a), Samples::U8(b)) = (image.samples(), decoded.samples()) else {
            panic!("8 bit")
        };
        assert_eq!(decoded.channels(), Channels::Rgb);
        let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
        let mean = sum as f64 / a.len() as f64;
        assert!(mean > 0.0 && mean < most, "{name}: mean difference {mean}");
    }
}

#[test]
fn gray_and_few_colours_survive_gif() {
    let gray = picture(Size::new(33, 21), PixelFormat::new(Channels::Gray, Depth::U8));
    let decoded = decode(codec("gif"), &encode(codec("gif"), &gray, EncodeOptions::default()));
    let (Samples::U8(stored), Samples::U8(read)) =
        (gray.samples(), decoded.expect("gif").image.into_samples())
    else {
        panic!("8 bit")
    };
    assert!(read.chunks(3).zip(stored).all(|(rgb, gray)| rgb.iter().all(|value| value == gray)));
}

/// An RGB profile that is right as far as its header goes.
fn profile() -> Arc<[u8]> {
    let mut icc = vec![0; 200];
    icc[..4].copy_from_slice(&200u32.to_be_bytes());
    icc[16..20].copy_from_slice(b"RGB ");
    icc[36..40].copy_from_slice(b"acsp");
    icc[150] = 77;
    icc.into()
}

/// `Make` and an EXIF directory with a user comment.
fn exif() -> Arc<[u8]> {
    let mut exif = b"II\x2a\0\x08\0\0\0\x02\0".to_vec();
    exif.extend(b"\x0f\x01\x02\0\x06\0\0\0\x26\0\0\0"); // Make at 38
    exif.extend(b"\x69\x87\x04\0\x01\0\0\0\x2c\0\0\0"); // EXIF directory at 44
    exif.extend([0; 4]);
    exif.extend(b"maker\0\x01\0\x86\x92\x07\0\x04\0\0\0note\0\0\0\0");
    exif.into()
}

#[test]
fn metadata_is_kept_where_the_format_carries_it() {
    for name in OURS {
        let codec = codec(name);
        let format = codec.accepts(PixelFormat::RGB8);
        let mut image = picture(Size::new(20, 12), format);
        image.color_space = ColorSpace::Icc(profile());
        image.metadata.exif = Some(exif());
        image.metadata.xmp = Some(b"<x:xmpmeta/>".as_slice().into());
        let bytes = encode(codec, &image, EncodeOptions::default());
        let decoded = decode(codec, &bytes).expect(name).image;
        let info = codec.info();
        assert_eq!(decoded.color_space == image.color_space, info.carries_icc, "{name}");
        assert_eq!(info.carries_exif, WITH_EXIF.contains(&name), "{name}");
        assert_eq!(decoded.metadata.xmp == image.metadata.xmp, info.carries_exif, "{name}");
        let kept = decoded.metadata.exif.unwrap_or_default();
        for text in [b"maker".as_slice(), b"note"] {
            assert_eq!(
                kept.windows(text.len()).any(|part| part == text),
                info.carries_exif,
                "{name}"
            );
        }
        let header = codec.header(&bytes, &Limits::default()).expect(name);
        assert_eq!(header.has_icc, info.carries_icc, "{name}");
    }
}

#[test]
fn orientation_is_written_or_applied() {
    for name in WITH_EXIF {
        for value in 1..=8 {
            let mut image = picture(Size::new(8, 5), PixelFormat::RGB8);
            image.metadata.orientation = Orientation::from_exif(value);
            let bytes = encode(codec(name), &image, EncodeOptions::default());
            let header = codec(name).header(&bytes, &Limits::default()).expect(name);
            let decoded = decode(codec(name), &bytes).expect(name).image;
            assert_eq!(decoded.metadata.orientation.exif(), header.orientation.exif(), "{name}");
            let upright = if value < 5 { Size::new(8, 5) } else { Size::new(5, 8) };
            assert_eq!(header.upright_size(), upright, "{name} {value}");
            if name != "jxl" {
                assert_eq!(u32::from(header.orientation.exif()), value, "{name}");
            }
        }
    }
}

#[test]
fn huge_metadata_is_dropped_with_a_note() {
    let limits = Limits { max_metadata_bytes: 100, ..Limits::default() };
    for name in ["png", "webp", "tiff"] {
        let mut image = picture(Size::new(9, 9), PixelFormat::RGB8);
        image.color_space = ColorSpace::Icc(profile());
        let bytes = encode(codec(name), &image, EncodeOptions::default());
        let decoded = codec(name).decode(&bytes, &DecodeOptions::default(), &limits, &Serial);
        let decoded = decoded.expect(name);
        assert_eq!(decoded.image.color_space, ColorSpace::Srgb, "{name}");
        assert_eq!(decoded.notes.len(), 1, "{name}: {:?}", decoded.notes);
    }
}

/// Cuts a picture into pieces of 1, 2, 3, 1, 2, 3, … rows.
fn pieces(image: &Image) -> Vec<Samples> {
    let (row, height) = (image.row_len(), image.height() as usize);
    let (mut pieces, mut at) = (Vec::new(), 0);
    while at < height {
        let end = (at + 1 + pieces.len() % 3).min(height);
        let range = at * row..end * row;
        pieces.push(match image.samples() {
            Samples::U8(samples) => Samples::U8(samples[range].to_vec()),
            Samples::U16(samples) => Samples::U16(samples[range].to_vec()),
            Samples::F32(samples) => Samples::F32(samples[range].to_vec()),
        });
        at = end;
    }
    pieces
}

#[test]
fn rows_in_pieces_give_the_same_bytes() {
    for name in OURS {
        let codec = codec(name);
        for (channels, depth) in [(Channels::Rgb, Depth::U8), (Channels::Rgba, Depth::U16)] {
            let format = codec.accepts(PixelFormat::new(channels, depth));
            // More than one band of PNG and one strip of TIFF.
            let image = picture(Size::new(500, 800), format);
            for effort in [0, 2, 5] {
                let options = EncodeOptions { effort, ..EncodeOptions::default() };
                let mut streamed = Vec::new();
                let mut sink =
                    codec.encoder(&EncodeHeader::of(&image), &options, &mut streamed).expect(name);
                for piece in pieces(&image) {
                    sink.rows(&piece).expect(name);
                }
                sink.finish().expect(name);
                assert!(streamed == encode(codec, &image, options), "{name} effort {effort}");
            }
        }
    }
}

#[test]
fn wrong_numbers_of_rows_are_refused() {
    for name in OURS {
        let codec = codec(name);
        let image = picture(Size::new(6, 4), codec.accepts(PixelFormat::RGB8));
        let (header, options) = (EncodeHeader::of(&image), EncodeOptions::default());
        let mut out = Vec::new();
        let mut sink = codec.encoder(&header, &options, &mut out).expect(name);
        sink.rows(&pieces(&image)[0]).expect(name);
        assert!(sink.finish().is_err(), "{name}: rows missing");
        let mut out = Vec::new();
        let mut sink = codec.encoder(&header, &options, &mut out).expect(name);
        sink.rows(image.samples()).expect(name);
        assert!(sink.rows(&pieces(&image)[0]).is_err(), "{name}: a row too many");
        assert!(sink.rows(&Samples::U8(vec![0; 5])).is_err(), "{name}: a part of a row");
    }
}

#[test]
fn cut_files_are_truncated_and_tolerant_keeps_the_rows() {
    for name in OURS {
        let codec = codec(name);
        let image = picture(Size::new(90, 700), codec.accepts(PixelFormat::RGB8));
        let bytes = encode(codec, &image, EncodeOptions { effort: 1, ..EncodeOptions::default() });
        let whole = decode(codec, &bytes).expect(name).image;
        let step = bytes.len() / 23 + 1;
        for len in (0..bytes.len()).step_by(step) {
            let cut = &bytes[..len];
            let header = codec.header(cut, &Limits::default());
            if let Err(error) = header {
                assert_eq!(error.kind(), ImageErrorKind::Truncated, "{name} {len}: {error}");
            }
            let error = decode(codec, cut).expect_err(name);
            let lost = [ImageErrorKind::Truncated, ImageErrorKind::Corrupt].contains(&error.kind());
            assert!(lost, "{name} {len}: {error}");
            if let Ok(decoded) = tolerant(codec, cut) {
                assert!(decoded.concealed.is_some(), "{name} {len}");
                assert_eq!(decoded.image.size(), image.size());
            }
        }
        // TIFF: the directory and strips come first, so that a cut costs strips, too.
        let late = tolerant(codec, &bytes[..bytes.len() * 9 / 10]);
        if ["png", "webp", "gif", "bmp", "qoi", "pnm", "tiff"].contains(&name) {
            let late = late.expect(name).image;
            assert!(first_row(&late) == first_row(&whole), "{name}: the first row is kept");
        }
    }
}

fn first_row(image: &Image) -> Samples {
    pieces(image).swap_remove(0)
}

#[test]
fn flipped_bits_never_panic() {
    let mut state = 99u64;
    let mut random = move |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let limits = Limits { max_pixels: 1 << 20, max_decoded_bytes: 1 << 23, ..Limits::default() };
    for name in OURS {
        let codec = codec(name);
        let mut image = picture(Size::new(40, 30), codec.accepts(PixelFormat::RGB8));
        image.color_space = ColorSpace::Icc(profile());
        image.metadata.exif = Some(exif());
        let good = encode(codec, &image, EncodeOptions::default());
        for round in 0..300 {
            let mut bad = good.clone();
            // Half of the damage in the headers, where it hurts most.
            let range = if round % 2 == 0 { good.len().min(120) } else { good.len() };
            for _ in 0..=round % 4 {
                bad[random(range)] ^= 1 << random(8);
            }
            let _ = codec.header(&bad, &limits);
            for tolerant in [false, true] {
                let options = DecodeOptions { tolerant, ..DecodeOptions::default() };
                if let Ok(decoded) = codec.decode(&bad, &options, &limits, &Serial) {
                    assert!(decoded.image.bytes() <= limits.max_decoded_bytes, "{name}");
                }
            }
        }
    }
}

#[test]
fn bombs_are_refused_before_anything_is_allocated() {
    let huge = 60_000u32;
    let be = huge.to_be_bytes();
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend([&be[..], &be, &[8, 6, 0, 0, 0, 0, 0, 0, 0]].concat());
    png.extend(b"\0\0\0\0IDAT\0\0\0\0");
    let qoi = [b"qoif".as_slice(), &be, &be, &[4, 0]].concat();
    let pnm = format!("P6\n{huge} {huge}\n255\n").into_bytes();
    let le = huge.to_le_bytes();
    let mut bmp = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bmp.extend([&le[..], &le, &[1, 0, 24, 0], &[0; 24]].concat());
    let gif = b"GIF89a\x60\xea\x60\xea\0\0\0,\0\0\0\0\x60\xea\x60\xea\0\x02\0;".to_vec();
    let mut webp = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x5f\xea\0\x5f\xea\0".to_vec();
    webp.extend(b"ANMF\x02\0\0\0\0\0");
    for (name, bytes) in
        [("png", png), ("qoi", qoi), ("pnm", pnm), ("bmp", bmp), ("gif", gif), ("webp", webp)]
    {
        let codec = codec(name);
        assert_eq!(detect(&bytes).expect(name).info().name, name);
        let error = decode(codec, &bytes).expect_err(name);
        assert_eq!(error.kind(), ImageErrorKind::Limit, "{name}: {error}");
        assert!(tolerant(codec, &bytes).is_err(), "{name}");
    }
}

#[test]
fn memory_bounds_cover_the_result() {
    for codec in CODECS.iter().filter(|codec| OURS.contains(&codec.info().name)) {
        let format = codec.accepts(PixelFormat::RGB8);
        let image = picture(Size::new(200, 100), format);
        let bytes = encode(*codec, &image, EncodeOptions::default());
        let header = codec.header(&bytes, &Limits::default()).expect("header");
        assert!(codec.decode_memory(&header, &DecodeOptions::default()) >= image.bytes());
        let bound = codec.encode_memory(&EncodeHeader::of(&image), &EncodeOptions::default());
        assert!(bound >= bytes.len() as u64, "{}", codec.info().name);
    }
}

#[test]
fn memory_bounds_of_absurd_sizes_do_not_wrap() {
    let size = Size::new(u32::MAX - 1, u32::MAX - 1);
    // JPEG has sides of 16 bit only.
    for codec in CODECS.iter().filter(|codec| codec.info().name != "jpeg") {
        for format in [PixelFormat::RGB8, PixelFormat::new(Channels::Rgba, Depth::F32)] {
            let header = Header {
                size,
                format,
                bit_depth: 64,
                frames: 2,
                orientation: Orientation::UPRIGHT,
                has_icc: false,
                color_model: String::new(),
                progressive: true,
            };
            let bound = codec.decode_memory(&header, &DecodeOptions::default());
            assert!(bound >= header.decoded_bytes(), "{}", codec.info().name);
            let picture = EncodeHeader {
                size,
                format,
                color_space: ColorSpace::Srgb,
                metadata: Metadata::default(),
            };
            let bound = codec.encode_memory(&picture, &EncodeOptions::default());
            assert!(bound >= size.pixels(), "{}", codec.info().name);
        }
    }
}

#[test]
fn formats_that_are_not_built_in_are_named() {
    for (head, name, title) in [
        (&b"\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf"[..], "avif", "AVIF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "heic", "HEIF"),
        (b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ", "jp2", "JPEG 2000"),
        (b"8BPS\0\x01\0\0\0\0\0\0\0\x03", "psd", "Photoshop"),
        (b"\0\0\x01\0\x01\0\x20\x20\0\0\x01\0\x18\0", "ico", "ICO"),
        (b"DDS \x7c\0\0\0", "dds", "DDS"),
        (b"\x76\x2f\x31\x01\x02\0\0\0", "exr", "OpenEXR"),
        (b"#?RADIANCE\n", "hdr", "Radiance"),
        (b"II\x2a\0\x10\0\0\0CR\x02\0", "cr2", "camera raw"),
        (b"<?xml version='1.0'?><svg width='3'>", "svg", "SVG"),
    ] {
        let codec = detect(head).expect(name);
        assert_eq!(codec.info().name, name);
        if codec.support().reads {
            continue; // a feature has built it in
        }
        assert!(!codec.info().encodes);
        let error = decode(codec, head).expect_err(name);
        assert_eq!(error.kind(), ImageErrorKind::Unsupported);
        assert!(error.to_string().contains(title) && error.hint().is_some(), "{error}");
    }
    assert!(detect(b"just some text, longer than thirty-two bytes").is_none());
}
