//! JPEG as a whole: every kind of file, damage of every kind, and agreement with libjpeg-turbo.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

use jpeg_encoder::{ColorType, SamplingFactor};
use pixloom_image::codec::jpeg::{Jpeg, decode_cost};
use pixloom_image::codec::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, Subsampling, detect,
};
use pixloom_image::{
    Channels, ColorSpace, Depth, Exec, Image, ImageError, ImageErrorKind, Limits, Metadata,
    Orientation, PixelFormat, Samples, Serial, Size, convert,
};

/// A picture with smooth parts, edges and texture, the same on every machine.
fn picture(width: u32, height: u32, channels: Channels) -> Image {
    let mut samples = Vec::new();
    for (y, x) in (0..height).flat_map(|y| (0..width).map(move |x| (y, x))) {
        let texture = (x * x / 7 + y * 3) % 32;
        let edge = if (x / 11 + y / 13) % 2 == 0 { 70 } else { 0 };
        let rgb = [x * 2 + texture, 200 - y % 150 + edge / 2, edge + texture * 2 + y];
        samples.extend(rgb.iter().take(channels.count()).map(|&v| (v % 256).min(250) as u8));
    }
    Image::new(Size::new(width, height), channels, Samples::U8(samples)).unwrap()
}

fn bytes(image: &Image) -> &[u8] {
    match image.samples() {
        Samples::U8(samples) => samples,
        _ => panic!("JPEG decodes to 8 bit"),
    }
}

fn encode(image: &Image, options: EncodeOptions) -> Vec<u8> {
    let mut file = Vec::new();
    Jpeg.encode(image, &options, &Serial, &mut file).unwrap();
    file
}

fn decode_with(
    file: &[u8],
    shrink: u32,
    tolerant: bool,
    exec: &dyn Exec,
) -> Result<Decoded, ImageError> {
    let limits = Limits::default();
    let size = Jpeg.header(file, &limits)?.size;
    let least = Size::new(size.width.div_ceil(shrink), size.height.div_ceil(shrink));
    let options = DecodeOptions {
        at_least: (shrink > 1).then_some(least),
        tolerant,
        ..DecodeOptions::default()
    };
    Jpeg.decode(file, &options, &limits, exec)
}

fn decode(file: &[u8], shrink: u32) -> Decoded {
    let decoded = decode_with(file, shrink, false, &Serial).unwrap();
    assert!(decoded.concealed.is_none() && decoded.notes.is_empty(), "{:?}", decoded.notes);
    decoded
}

/// Mean difference of samples.
fn difference(a: &[u8], b: &[u8]) -> f64 {
    assert_eq!(a.len(), b.len());
    let sum: u64 = a.iter().zip(b).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.len() as f64
}

/// `image` averaged over squares of `by` pixels.
fn reduced(image: &Image, by: u32) -> Vec<u8> {
    let (w, h, n) = (image.width(), image.height(), image.channels().count());
    let mut out = Vec::new();
    for (y, x) in (0..h.div_ceil(by)).flat_map(|y| (0..w.div_ceil(by)).map(move |x| (y, x))) {
        for c in 0..n {
            let (mut sum, mut count) = (0_u32, 0);
            for (v, u) in (y * by..h.min((y + 1) * by))
                .flat_map(|v| (x * by..w.min((x + 1) * by)).map(move |u| (v, u)))
            {
                sum += u32::from(bytes(image)[(v * w + u) as usize * n + c]);
                count += 1;
            }
            out.push((sum / count) as u8);
        }
    }
    out
}

/// Runs the parts last to first, or odd ones first.
struct OutOfOrder {
    odd_first: bool,
}

impl Exec for OutOfOrder {
    fn for_each(&self, parts: usize, part: &(dyn Fn(usize) + Sync)) {
        let keep = |i: &usize| !self.odd_first || i % 2 == 1;
        (0..parts).rev().filter(keep).for_each(part);
        (0..parts).rev().filter(|i| !keep(i)).for_each(part);
    }
}

/// Files of another encoder: all samplings, progressive, optimised, restarts, odd sizes.
fn foreign_files() -> Vec<(String, Image, Vec<u8>)> {
    let samplings = [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_1,
        SamplingFactor::F_1_2,
        SamplingFactor::F_2_2,
        SamplingFactor::F_4_1,
        SamplingFactor::F_4_2,
        SamplingFactor::F_1_4,
        SamplingFactor::F_2_4,
    ];
    let mut files = Vec::new();
    for (width, height) in [(1, 1), (3, 2), (8, 8), (9, 31), (17, 33), (64, 48), (130, 70)] {
        for (i, sampling) in samplings.into_iter().enumerate() {
            for (progressive, optimised, restart) in
                [(false, false, 0), (true, false, 0), (false, true, 0), (false, false, 2)]
            {
                let channels = if i == 0 && restart > 0 { Channels::Gray } else { Channels::Rgb };
                let image = picture(width, height, channels);
                let mut file = Vec::new();
                let mut encoder = jpeg_encoder::Encoder::new(&mut file, 92);
                encoder.set_sampling_factor(sampling);
                encoder.set_progressive(progressive);
                encoder.set_optimized_huffman_tables(optimised);
                if restart > 0 {
                    encoder.set_restart_interval(restart);
                }
                let color =
                    if channels == Channels::Gray { ColorType::Luma } else { ColorType::Rgb };
                encoder.encode(bytes(&image), width as u16, height as u16, color).unwrap();
                let name = format!("{width}x{height} {sampling:?} {progressive} {restart}");
                files.push((name, image, file));
            }
        }
    }
    files
}

#[test]
fn foreign_files_decode_at_every_scale() {
    for (name, image, file) in foreign_files() {
        let limits = Limits::default();
        assert_eq!(detect(&file).map(|codec| codec.info().name), Some("jpeg"));
        let header = Jpeg.header(&file, &limits).unwrap();
        assert_eq!((header.size, header.format), (image.size(), image.format()), "{name}");
        for shrink in [1, 2, 4, 8] {
            let decoded = decode(&file, shrink);
            let whole = reduced(&image, u32::from(decoded.shrink));
            let limit = if image.width() < 40 { 30.0 } else { 17.0 };
            let mean = difference(bytes(&decoded.image), &whole);
            assert!(mean < limit, "{name} at 1/{shrink}: {mean}");
            assert!(decode_cost(&header, decoded.shrink) >= decoded.image.bytes());
        }
    }
}

#[test]
fn the_luma_alone_is_that_of_the_colours() {
    let limits = Limits::default();
    for (name, _, file) in foreign_files() {
        for shrink in [1, 2, 4, 8] {
            let coloured = decode(&file, shrink);
            let size = Jpeg.header(&file, &limits).unwrap().size;
            let least = Size::new(size.width.div_ceil(shrink), size.height.div_ceil(shrink));
            let at_least = (shrink > 1).then_some(least);
            let options = DecodeOptions { at_least, luma: true, ..DecodeOptions::default() };
            let luma = Jpeg.decode(&file, &options, &limits, &Serial).unwrap();
            assert!(luma.notes.is_empty() && luma.shrink == coloured.shrink, "{name}");
            assert_eq!(luma.image.channels(), Channels::Gray, "{name}");
            let gray = PixelFormat::new(Channels::Gray, Depth::U8);
            let expected = convert::convert(coloured.image, gray);
            // Colours beyond the range are cut off, which changes their luma.
            let apart = difference(bytes(&luma.image), bytes(&expected));
            assert!(apart < 1.0, "{name} 1/{shrink}: {apart}");
        }
    }
}

#[test]
fn scaled_sizes_cover_what_is_asked() {
    let file = encode(&picture(100, 75, Channels::Rgb), EncodeOptions::default());
    for (least, size, shrink) in [
        ((13, 10), (13, 10), 8),
        ((14, 10), (25, 19), 4),
        ((25, 20), (50, 38), 2),
        ((51, 1), (100, 75), 1),
        ((101, 1), (100, 75), 1),
    ] {
        let at_least = Some(Size::new(least.0, least.1));
        let options = DecodeOptions { at_least, ..DecodeOptions::default() };
        let decoded = Jpeg.decode(&file, &options, &Limits::default(), &Serial).unwrap();
        assert_eq!((decoded.image.size(), decoded.shrink), (Size::new(size.0, size.1), shrink));
    }
}

#[test]
fn order_of_the_parts_does_not_show() {
    let image = picture(2600, 1700, Channels::Rgb);
    for progressive in [false, true] {
        let file = encode(&image, EncodeOptions { progressive, ..EncodeOptions::default() });
        for shrink in [1, 2] {
            let serial = decode(&file, shrink).image;
            for odd_first in [false, true] {
                let other = decode_with(&file, shrink, false, &OutOfOrder { odd_first }).unwrap();
                assert!(other.image == serial, "1/{shrink}, progressive {progressive}");
            }
        }
    }
}

#[test]
fn a_stopped_decode_ends() {
    struct Stopped;
    impl Exec for Stopped {
        fn for_each(&self, parts: usize, part: &(dyn Fn(usize) + Sync)) {
            (0..parts).for_each(part);
        }
        fn is_stopped(&self) -> bool {
            true
        }
    }
    for progressive in [false, true] {
        let options = EncodeOptions { progressive, ..EncodeOptions::default() };
        let file = encode(&picture(60, 60, Channels::Rgb), options);
        let error = decode_with(&file, 1, true, &Stopped).unwrap_err();
        assert_eq!(error.kind(), ImageErrorKind::Io);
    }
}

/// The CRC-32 of the pixels that libjpeg-turbo 3.2 (Pillow 13) reads from the same files; the
/// large ones have many slices and, with 4:2:0, a seam between each two.
#[test]
fn pixels_agree_with_libjpeg_turbo() {
    for (width, height, subsampling, progressive, pixels) in [
        (61, 45, Subsampling::S444, false, 0xAB1E_A18E_u32),
        (61, 45, Subsampling::S422, false, 0x3913_AFEB),
        (61, 45, Subsampling::S420, false, 0xBBB5_6222),
        (61, 45, Subsampling::S420, true, 0xBBB5_6222),
        (2600, 1700, Subsampling::S444, false, 0xA196_915B),
        (2600, 1700, Subsampling::S422, false, 0x59DF_3677),
        (2600, 1700, Subsampling::S420, false, 0x5EC1_8E33),
        (2600, 1700, Subsampling::S420, true, 0x5EC1_8E33),
    ] {
        let image = picture(width, height, Channels::Rgb);
        let quality = Some(75);
        let options =
            EncodeOptions { quality, subsampling, progressive, ..EncodeOptions::default() };
        let decoded = decode(&encode(&image, options), 1);
        let crc = crc32fast::hash(bytes(&decoded.image));
        assert_eq!(crc, pixels, "{width}x{height} {subsampling:?}: {crc:#010X}");
    }
}

#[test]
fn own_files_in_all_modes_hold_the_same_pixels() {
    for (width, height) in [(1, 1), (7, 9), (16, 16), (33, 17), (100, 60)] {
        for channels in [Channels::Gray, Channels::Rgb] {
            for subsampling in [Subsampling::S444, Subsampling::S422, Subsampling::S420] {
                let image = picture(width, height, channels);
                let options = EncodeOptions { subsampling, ..EncodeOptions::default() };
                let plain = encode(&image, options);
                let optimised = encode(&image, EncodeOptions { effort: 9, ..options });
                let progressive = encode(&image, EncodeOptions { progressive: true, ..options });
                assert!(optimised.len() <= plain.len());
                let pixels = [&plain, &optimised, &progressive].map(|file| decode(file, 1).image);
                assert!(pixels[0] == pixels[1] && pixels[0] == pixels[2]);
                assert!(Jpeg.header(&progressive, &Limits::default()).unwrap().progressive);
            }
        }
    }
}

#[test]
fn rows_in_any_portions_give_the_same_file() {
    let image = picture(50, 41, Channels::Rgb);
    let whole = encode(&image, EncodeOptions::default());
    for portion in [1, 3, 16, 40] {
        let mut file = Vec::new();
        let header = EncodeHeader::of(&image);
        let mut sink = Jpeg.encoder(&header, &EncodeOptions::default(), &mut file).unwrap();
        for rows in bytes(&image).chunks(150 * portion) {
            sink.rows(&Samples::U8(rows.to_vec())).unwrap();
        }
        sink.finish().unwrap();
        assert_eq!(file, whole, "{portion} rows at a time");
    }
}

#[test]
fn wrong_rows_and_sizes_are_refused() {
    let mut file = Vec::new();
    let header = |width, format| EncodeHeader {
        size: Size::new(width, 2),
        format,
        color_space: ColorSpace::Srgb,
        metadata: Metadata::default(),
    };
    let options = EncodeOptions::default();
    let rgba = PixelFormat { channels: Channels::Rgba, ..PixelFormat::RGB8 };
    for bad in [header(65536, PixelFormat::RGB8), header(0, PixelFormat::RGB8), header(4, rgba)] {
        let error = Jpeg.encoder(&bad, &options, &mut file).err().unwrap();
        assert_eq!(error.kind(), ImageErrorKind::Encode);
    }
    assert_eq!(Jpeg.accepts(rgba), PixelFormat::RGB8);
    let good = header(4, PixelFormat::RGB8);
    let mut sink = Jpeg.encoder(&good, &options, &mut file).unwrap();
    assert!(sink.rows(&Samples::U8(vec![0; 11])).is_err());
    assert!(sink.rows(&Samples::U8(vec![0; 36])).is_err());
    sink.rows(&Samples::U8(vec![0; 12])).unwrap();
    assert!(sink.finish().is_err());
}

#[test]
fn metadata_travels() {
    let mut image = picture(20, 10, Channels::Rgb);
    let mut profile = vec![9; 150_000];
    profile[16..20].copy_from_slice(b"RGB ");
    image.color_space = ColorSpace::Icc(profile.into());
    let exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    image.metadata.exif = Some(exif[..].into());
    image.metadata.xmp = Some(b"<x:xmpmeta/>"[..].into());
    image.metadata.orientation = Orientation::from_exif(6);
    let file = encode(&image, EncodeOptions::default());
    let decoded = decode(&file, 1).image;
    assert!(decoded.metadata == image.metadata && decoded.color_space == image.color_space);
    let limits = Limits { max_metadata_bytes: 1000, ..Limits::default() };
    let header = Jpeg.header(&file, &limits).unwrap();
    assert!(
        header.has_icc && header.orientation.exif() == 6 && header.color_model == "YCbCr 4:2:0"
    );
    let short = Jpeg.decode(&file, &DecodeOptions::default(), &limits, &Serial).unwrap();
    assert_eq!((short.image.color_space, short.notes.len()), (ColorSpace::Srgb, 1));
}

#[test]
fn limits_come_before_work() {
    let mut file = encode(&picture(16, 16, Channels::Rgb), EncodeOptions::default());
    let frame = file.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    file[frame + 5..frame + 9].fill(0xFF);
    for tolerant in [false, true] {
        let error = decode_with(&file, 1, tolerant, &Serial).unwrap_err();
        assert_eq!(error.kind(), ImageErrorKind::Limit);
    }
}

/// Small files of every kind for damage tests.
fn small_files() -> Vec<Vec<u8>> {
    let wanted = ["17x33 F_2_2", "17x33 F_1_1", "9x31 F_4_2 true"];
    let files = foreign_files().into_iter();
    files.filter(|(name, ..)| wanted.iter().any(|w| name.starts_with(w))).map(|f| f.2).collect()
}

#[test]
fn every_truncation_is_noticed() {
    for file in small_files() {
        for length in 0..file.len() - 2 {
            let cut = &file[..length];
            let header = Jpeg.header(cut, &Limits::default());
            let Ok(header) = header else {
                assert_eq!(header.unwrap_err().kind(), ImageErrorKind::Truncated, "{length}");
                continue;
            };
            match decode_with(cut, 1, false, &Serial) {
                Err(error) => assert_eq!(error.kind(), ImageErrorKind::Truncated, "{error}"),
                // Only padding or the marker may be missing.
                Ok(decoded) => {
                    assert!(length + 4 > file.len(), "{length} of {}", file.len());
                    assert!(!decoded.notes.is_empty());
                }
            }
            for shrink in [1, 2, 4, 8] {
                let decoded = decode_with(cut, shrink, true, &Serial).unwrap();
                assert_eq!(
                    decoded.image.width(),
                    header.size.width.div_ceil(decoded.shrink.into())
                );
                let silent = decoded.concealed.is_none() && decoded.notes.is_empty();
                assert!(!silent, "{length} of {} at 1/{shrink}", file.len());
            }
        }
    }
}

#[test]
fn flipped_bits_never_panic() {
    let mut state = 1_u64;
    let mut next = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let limits = Limits { max_pixels: 1 << 20, ..Limits::default() };
    for file in small_files() {
        for round in 0..600 {
            let mut damaged = file.clone();
            for _ in 0..=round % 4 {
                let bit = next(damaged.len() * 8);
                damaged[bit / 8] ^= 1 << (bit % 8);
            }
            for tolerant in [false, true] {
                for at_least in [None, Some(Size::new(1 + (round % 9) as u32, 1))] {
                    let luma = round % 5 == 0;
                    let options = DecodeOptions { at_least, tolerant, luma, frame: 0 };
                    if let Ok(decoded) = Jpeg.decode(&damaged, &options, &limits, &Serial) {
                        assert!(tolerant || decoded.concealed.is_none());
                    }
                }
            }
        }
    }
}

#[test]
fn missing_restart_segments_are_bridged() {
    let (_, image, file) =
        foreign_files().into_iter().find(|(name, ..)| name == "130x70 F_2_2 false 2").unwrap();
    // Take out the data between two restart markers.
    let markers: Vec<usize> =
        (0..file.len() - 1).filter(|&i| file[i] == 0xFF && file[i + 1] == 0xD2).collect();
    let start = markers[0];
    let end = start + 2 + file[start + 2..].iter().position(|&b| b == 0xFF).unwrap();
    let mut cut = file.clone();
    cut.drain(start..end);
    assert_eq!(decode_with(&cut, 1, false, &Serial).unwrap_err().kind(), ImageErrorKind::Corrupt);
    let decoded = decode_with(&cut, 1, true, &Serial).unwrap();
    assert!(decoded.concealed.is_some());
    let rows = 130 * 3 * 60..130 * 3 * 70;
    let below = difference(&bytes(&decoded.image)[rows.clone()], &bytes(&image)[rows]);
    assert!(below < 15.0, "what follows is whole again: {below}");
}

#[test]
fn malformed_files_never_panic() {
    let Some(folder) = shared("data/malformed") else { return };
    let mut folders = vec![folder];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let file = std::fs::read(&path).unwrap();
            if !Jpeg.matches(&file) || file.len() > 300_000 {
                continue;
            }
            seen += 1;
            let strict = decode_with(&file, 1, false, &Serial);
            let tolerant = decode_with(&file, 4, true, &Serial);
            let name = path.file_name().unwrap().to_string_lossy();
            if name.starts_with("trunc_") {
                assert_eq!(strict.unwrap_err().kind(), ImageErrorKind::Truncated, "{name}");
                let readable = Jpeg.header(&file, &Limits::default()).is_ok();
                assert_eq!(tolerant.is_ok(), readable, "{name}");
            }
        }
    }
    assert!(seen > 50);
}

fn shared(path: &str) -> Option<std::path::PathBuf> {
    let root = std::env::var_os("PIXLOOM_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        std::path::PathBuf::from,
    );
    let folder = root.join(path);
    if !folder.is_dir() {
        println!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}
