//! MATLAB-compatible bicubic against the public super-resolution benchmarks.
#![expect(clippy::print_stdout, reason = "figures and skips belong in the test log")]
use std::path::{Path, PathBuf};

use pixloom_image::metric::{Plane, psnr};
use pixloom_image::resize::{Filter, ResizeOptions, resize};
use pixloom_image::{Channels, Image, Samples, Serial, Size};

/// The benchmark folder, or nothing where it is not installed.
fn benchmark() -> Option<PathBuf> {
    let shared = std::env::var_os("PIXLOOM_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = shared.join("data/sr_bench");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("skipped: {} is not there", folder.display());
    None
}

fn read_png(path: &Path) -> Image {
    let file = std::io::BufReader::new(std::fs::File::open(path).expect("the file opens"));
    let mut decoder = png::Decoder::new(file);
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().expect("a PNG");
    let mut samples = vec![0; reader.output_buffer_size().expect("a small picture")];
    let info = reader.next_frame(&mut samples).expect("a whole PNG");
    let channels = match info.color_type {
        png::ColorType::Grayscale => Channels::Gray,
        png::ColorType::Rgb => Channels::Rgb,
        other => panic!("unexpected {other:?}"),
    };
    samples.truncate(info.buffer_size());
    Image::new(Size::new(info.width, info.height), channels, Samples::U8(samples))
        .expect("the sample count is right")
}

/// High- and low-resolution picture of every scene of a set.
fn pairs(set: &str, scale: u32) -> Vec<(Image, Image)> {
    let Some(folder) = benchmark() else { return Vec::new() };
    let hr = folder.join(set).join("HR");
    let mut names: Vec<_> = hr
        .read_dir()
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    names.sort();
    let lr = folder.join(set).join(format!("LR_bicubic_x{scale}"));
    names.iter().map(|name| (read_png(&hr.join(name)), read_png(&lr.join(name)))).collect()
}

fn cropped(image: &Image, size: Size) -> Image {
    let Samples::U8(samples) = image.samples() else { panic!("not 8 bit") };
    let channels = image.channels().count();
    let rows = samples.chunks(image.row_len()).take(size.height as usize);
    let samples = rows.flat_map(|row| row[..size.width as usize * channels].to_vec()).collect();
    Image::new(size, image.channels(), Samples::U8(samples)).expect("the sample count is right")
}

fn bicubic(image: &Image, target: Size, filter: Filter) -> Image {
    let options = ResizeOptions::with_filter(filter);
    resize(image, target, &options, &Serial).expect("valid settings")
}

fn scaled(size: Size, factor: u32) -> Size {
    Size::new(size.width * factor, size.height * factor)
}

/// Mean PSNR of bicubic enlargement by 4, as the papers measure it.
fn mean_psnr(set: &str) -> Option<f64> {
    let scores: Vec<f64> = pairs(set, 4)
        .iter()
        .map(|(hr, lr)| {
            let size = scaled(lr.size(), 4);
            psnr(&cropped(hr, size), &bicubic(lr, size, Filter::MatlabBicubic), Plane::Y, 4)
                .expect("same size")
        })
        .collect();
    (!scores.is_empty()).then(|| scores.iter().sum::<f64>() / scores.len() as f64)
}

#[test]
fn enlarging_scores_as_in_the_papers() {
    for (set, expected, tolerance) in [("Set5", 28.43, 0.01), ("Set14", 26.09, 0.02)] {
        let Some(mean) = mean_psnr(set) else { continue };
        println!("{set} x4: {mean:.3} dB");
        assert!((mean - expected).abs() <= tolerance, "{set}: {mean:.3} dB, not {expected}");
    }
}

/// Samples that differ, all samples, and the largest difference, `border` pixels left out.
fn differences(a: &Image, b: &Image, border: usize) -> (usize, usize, u8) {
    let (Samples::U8(left), Samples::U8(right)) = (a.samples(), b.samples()) else {
        panic!("not 8 bit")
    };
    assert_eq!(left.len(), right.len());
    let (row_len, skip) = (a.row_len(), border * a.channels().count());
    let (mut differing, mut total, mut worst) = (0, 0, 0);
    for y in border..a.height() as usize - border {
        for i in y * row_len + skip..(y + 1) * row_len - skip {
            let difference = left[i].abs_diff(right[i]);
            differing += usize::from(difference > 0);
            worst = worst.max(difference);
            total += 1;
        }
    }
    (differing, total, worst)
}

#[test]
fn shrinking_gives_the_published_inputs() {
    // The files were made by a release that repeats edges; inside, both rules agree.
    for (filter, border) in [(Filter::MatlabBicubicLegacy, 0), (Filter::MatlabBicubic, 2)] {
        for (set, scale) in
            [("Set5", 2), ("Set5", 3), ("Set5", 4), ("Set14", 2), ("Set14", 3), ("Set14", 4)]
        {
            let (mut differing, mut total) = (0, 0);
            for (hr, lr) in pairs(set, scale) {
                let ours = bicubic(&cropped(&hr, scaled(lr.size(), scale)), lr.size(), filter);
                let (here, all, worst) = differences(&ours, &lr, border);
                differing += here;
                total += all;
                assert!(worst <= 1, "{set} /{scale} {filter:?}: off by {worst}");
            }
            println!("{set} /{scale} {filter:?}: {differing} of {total} samples differ");
            // Exact halves that doubles round the other way.
            assert!(differing * 10_000 <= total, "{set} /{scale} {filter:?}");
        }
    }
}
