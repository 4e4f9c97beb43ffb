//! Whether pairs of pictures get the verdict that they deserve.
#![expect(clippy::unwrap_used, reason = "tests")]

use pixloom_image::align::{Alignment, Verdict, View, align, align_cost};
use pixloom_image::codec::{self, DecodeOptions};
use pixloom_image::convert::convert;
use pixloom_image::geometry::{Rect, crop};
use pixloom_image::resize::{Filter, ResizeOptions, resize};
use pixloom_image::synth::{Scene, scene};
use pixloom_image::{Channels, Image, Limits, PixelFormat, Samples, Serial, Size};
use pixloom_testkit::{noise, shared_data};

fn small(image: &Image, scale: u32) -> Image {
    let size = Size::new(image.width() / scale, image.height() / scale);
    resize(image, size, &ResizeOptions::with_filter(Filter::CatmullRom), &Serial).unwrap()
}

fn compared(hq: &Image, lq: &Image) -> Alignment {
    align(View::whole(hq), View::whole(lq), lq.size(), &Serial).unwrap()
}

fn photo() -> Image {
    scene(Scene::City, 3, Size::new(384, 256))
}

/// Every sample changed, by its channel.
fn changed(image: &Image, change: impl Fn(f64, usize) -> f64) -> Image {
    let mut image = image.clone();
    let Samples::U8(samples) = image.samples_mut() else { panic!("8 bit") };
    for (at, sample) in samples.iter_mut().enumerate() {
        *sample = change(f64::from(*sample), at % 3).round().clamp(0.0, 255.0) as u8;
    }
    image
}

#[test]
fn colours_and_contrast_are_measured_and_move_nothing() {
    let hq = photo();
    let lq = small(&hq, 2);
    let cast = compared(&hq, &changed(&lq, |v, channel| v + [12.0, 0.0, -12.0][channel]));
    assert_eq!(cast.verdict, Verdict::Aligned);
    let color = cast.color.unwrap();
    assert!((color.offset[0] - 12.0).abs() < 1.5 && (color.offset[2] + 12.0).abs() < 1.5);
    assert!(color.cast() >= 6.0 && color.brightness().abs() < 2.0, "{color:?}");
    for gain in [0.7, 1.35] {
        let found = compared(&hq, &changed(&lq, |v, _| 128.0 + gain * (v - 128.0)));
        assert_eq!(found.verdict, Verdict::Aligned, "{gain}");
        let color = found.color.unwrap();
        assert!((color.gain - gain).abs() < 0.12, "{gain}: {color:?}");
    }
    let same = compared(&hq, &lq).color.unwrap();
    assert!(same.cast() < 1.0 && (same.gain - 1.0).abs() < 0.05, "{same:?}");
}

#[test]
fn swapped_channels_are_seen_though_the_colours_are_muted() {
    let mut hq = photo();
    let Samples::U8(samples) = hq.samples_mut() else { panic!("8 bit") };
    for pixel in samples.chunks_exact_mut(3) {
        let grey = pixel.iter().map(|&v| f64::from(v)).sum::<f64>() / 3.0;
        for sample in pixel {
            *sample = (grey + 0.4 * (f64::from(*sample) - grey)).round() as u8;
        }
    }
    let lq = small(&hq, 2);
    let mut noisy = lq.clone();
    let Samples::U8(samples) = noisy.samples_mut() else { panic!("8 bit") };
    for (sample, noise) in samples.iter_mut().zip(noise(lq.width(), lq.height(), 3, 5)) {
        // Evenly spread over ±10.
        *sample = (f64::from(*sample) + f64::from(noise) * 20.0 / 255.0 - 10.0).round() as u8;
    }
    for same in [&lq, &noisy] {
        assert!(!compared(&hq, same).color.unwrap().is_swapped());
    }
    let mut swapped = noisy;
    let Samples::U8(samples) = swapped.samples_mut() else { panic!("8 bit") };
    samples.chunks_exact_mut(3).for_each(|pixel| pixel.swap(0, 2));
    let color = compared(&hq, &swapped).color.unwrap();
    assert_eq!(color.order, [2, 1, 0], "{color:?}");
}

#[test]
fn shifts_are_measured_to_a_fraction_of_a_pixel() {
    let hq = photo();
    let size = Size::new(352, 224);
    let part = |x: u32, y: u32| crop(&hq, Rect::new(16 - x, 16 - y, size)).unwrap();
    for (x, y) in [(1, 0), (2, 3), (4, 0), (0, 8)] {
        let found = compared(&part(0, 0), &small(&part(x, y), 4));
        let expected = [f64::from(x) / 4.0, f64::from(y) / 4.0];
        for (shift, expected) in found.shift.iter().zip(expected) {
            assert!((shift - expected).abs() < 0.1, "{x}, {y}: {found:?}");
        }
        let far = expected.iter().any(|shift| *shift >= 0.5);
        assert_eq!(found.verdict == Verdict::Shifted, far, "{x}, {y}: {found:?}");
    }
}

#[test]
fn flat_and_periodic_pictures_are_no_alarm() {
    let size = Size::new(256, 192);
    let made = |value: &dyn Fn(usize, usize) -> f64| {
        let grain = noise(256, 192, 1, 5);
        let sample = |at: usize| {
            let value = value(at % 256, at / 256) + f64::from(grain[at]) / 128.0;
            [value.round().clamp(0.0, 255.0) as u8; 3]
        };
        let samples = (0..256 * 192).flat_map(sample).collect();
        Image::new(size, Channels::Rgb, Samples::U8(samples)).unwrap()
    };
    let wave = |at: usize, period: f64| (at as f64 * std::f64::consts::TAU / period).sin();
    let flat = made(&|_, _| 90.0);
    let checks = made(&|x, y| 128.0 + 90.0 * wave(x, 32.0) * wave(y, 32.0));
    let stripes = made(&|x, _| 128.0 + 90.0 * wave(x, 32.0));
    for (name, hq) in [("flat", flat), ("checks", checks), ("stripes", stripes)] {
        let found = compared(&hq, &small(&hq, 2));
        assert_eq!(found.verdict, Verdict::Unsure, "{name}: {found:?}");
    }
}

#[test]
fn no_photo_is_taken_for_a_pattern() {
    let Some(folder) = shared_data("kodak") else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "png") {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let codec = codec::detect(&bytes).unwrap();
        let decoded =
            codec.decode(&bytes, &DecodeOptions::default(), &Limits::default(), &Serial).unwrap();
        let hq = small(&convert(decoded.image, PixelFormat::RGB8), 2);
        let found = compared(&hq, &small(&hq, 2));
        assert_eq!(found.verdict, Verdict::Aligned, "{}: {found:?}", path.display());
        count += 1;
    }
    assert_eq!(count, 24);
}

#[test]
fn the_cost_grows_with_the_picture_up_to_a_bound() {
    let cost = |side: u32| {
        let picture = (Size::new(side, side), PixelFormat::RGB8);
        align_cost(picture, picture, Size::new(side, side))
    };
    assert!(cost(64) < 8 << 20 && cost(64) < cost(256) && cost(256) < cost(512));
    assert!(cost(4096) < 64 << 20, "{}", cost(4096));
}
