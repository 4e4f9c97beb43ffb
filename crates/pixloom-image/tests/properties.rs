//! What must hold for every picture: any size, any channels, any depth.
use std::sync::Mutex;

use pixloom_image::convert::convert;
use pixloom_image::filter::{UnsharpMask, gaussian_blur, unsharp_mask};
use pixloom_image::geometry::{
    Border, Interpolation, Margins, RotateOptions, Turn, WarpOptions, apply_orientation, pad,
    rotate, turn,
};
use pixloom_image::resize::{Filter, ResizeOptions, Window, resize, resize_cost};
use pixloom_image::{
    Channels, Depth, Exec, Image, Orientation, PixelFormat, Samples, Serial, Size,
};
use proptest::prelude::*;

const FILTERS: [Filter; 18] = [
    Filter::Nearest,
    Filter::Box,
    Filter::Bilinear,
    Filter::Hermite,
    Filter::CatmullRom,
    Filter::Mitchell,
    Filter::BSpline,
    Filter::Lanczos2,
    Filter::Lanczos3,
    Filter::Lanczos4,
    Filter::Gaussian,
    Filter::Area,
    Filter::Dpid { lambda: 1.0 },
    Filter::MatlabBicubic,
    Filter::MatlabBicubicLegacy,
    Filter::OpencvLinear,
    Filter::OpencvCubic,
    Filter::OpencvLanczos4,
];

/// Runs the parts backwards, the odd ones first.
struct Shuffled;

impl Exec for Shuffled {
    fn for_each(&self, parts: usize, part: &(dyn Fn(usize) + Sync)) {
        (0..parts).rev().filter(|i| i % 2 == 1).for_each(part);
        (0..parts).rev().filter(|i| i % 2 == 0).for_each(part);
    }
}

/// Says stop after some questions.
struct Stopping(Mutex<usize>);

impl Exec for Stopping {
    fn for_each(&self, parts: usize, part: &(dyn Fn(usize) + Sync)) {
        (0..parts).for_each(part);
    }
    fn is_stopped(&self) -> bool {
        let mut left = self.0.lock().expect("no thread panicked");
        *left = left.saturating_sub(1);
        *left == 0
    }
}

fn any_channels() -> impl Strategy<Value = Channels> {
    prop_oneof![
        Just(Channels::Gray),
        Just(Channels::GrayAlpha),
        Just(Channels::Rgb),
        Just(Channels::Rgba)
    ]
}

fn any_depth() -> impl Strategy<Value = Depth> {
    prop_oneof![Just(Depth::U8), Just(Depth::U16), Just(Depth::F32)]
}

fn any_size() -> impl Strategy<Value = Size> {
    (1..=40_u32, 1..=40_u32).prop_map(|(width, height)| Size::new(width, height))
}

fn any_filter() -> impl Strategy<Value = Filter> {
    (0..FILTERS.len()).prop_map(|index| FILTERS[index])
}

fn any_options() -> impl Strategy<Value = ResizeOptions> {
    (any_filter(), any::<bool>(), any::<bool>()).prop_map(|(filter, antialias, linear_light)| {
        ResizeOptions { filter, antialias, linear_light, source: None }
    })
}

/// A picture of 8-bit noise.
fn any_eight_bit() -> impl Strategy<Value = Image> {
    (any_size(), any_channels(), any::<u32>()).prop_map(|(size, channels, seed)| {
        let mut state = seed | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 11) as u8
        };
        let len = size.pixels() as usize * channels.count();
        let samples = Samples::U8((0..len).map(|_| next()).collect());
        Image::new(size, channels, samples).expect("the sample count is right")
    })
}

fn any_image() -> impl Strategy<Value = Image> {
    (any_eight_bit(), any_depth()).prop_map(|(image, depth)| at_depth(image, depth))
}

fn at_depth(image: Image, depth: Depth) -> Image {
    let format = PixelFormat::new(image.channels(), depth);
    convert(image, format)
}

fn constant(size: Size, format: PixelFormat, pixel: [u8; 4]) -> Image {
    let count = format.channels.count();
    let mut values = pixel[..count].to_vec();
    if format.channels.has_alpha() {
        values[count - 1] = pixel[3];
    }
    let samples = values.repeat(size.pixels() as usize);
    let image = Image::new(size, format.channels, Samples::U8(samples));
    at_depth(image.expect("the sample count is right"), format.depth)
}

/// The largest difference, relative to full intensity for floats and in steps for integers.
fn distance(a: &Image, b: &Image) -> f64 {
    assert_eq!((a.size(), a.format()), (b.size(), b.format()));
    match (a.samples(), b.samples()) {
        (Samples::U8(a), Samples::U8(b)) => {
            a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).fold(0.0, f64::max)
        }
        (Samples::U16(a), Samples::U16(b)) => {
            a.iter().zip(b).map(|(a, b)| f64::from(a.abs_diff(*b))).fold(0.0, f64::max)
        }
        (Samples::F32(a), Samples::F32(b)) => {
            a.iter().zip(b).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max)
        }
        _ => f64::INFINITY,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn resizing_any_picture_gives_the_size_and_the_same_in_any_order(
        image in any_image(), target in any_size(), options in any_options()
    ) {
        let serial = resize(&image, target, &options, &Serial).expect("valid settings");
        prop_assert_eq!((serial.size(), serial.format()), (target, image.format()));
        prop_assert!(serial == resize(&image, target, &options, &Shuffled).expect("valid"));
    }

    #[test]
    fn a_constant_stays_constant(
        size in any_size(), target in any_size(), channels in any_channels(), depth in any_depth(),
        options in any_options(), pixel in any::<[u8; 4]>()
    ) {
        // A colour that cannot be seen is not kept.
        let pixel = [pixel[0], pixel[1], pixel[2], pixel[3].max(1)];
        let format = PixelFormat::new(channels, depth);
        let result = resize(&constant(size, format, pixel), target, &options, &Serial);
        let error = distance(&result.expect("valid"), &constant(target, format, pixel));
        let tolerance = if depth == Depth::F32 { 2e-6 } else { 0.0 };
        prop_assert!(error <= tolerance, "off by {}", error);
    }

    #[test]
    fn the_same_size_gives_the_same_pixels(image in any_image(), options in any_options()) {
        prop_assert!(resize(&image, image.size(), &options, &Serial).expect("valid") == image);
    }

    #[test]
    fn sixteen_bit_agrees_with_eight(
        image in any_eight_bit(), target in any_size(), filter in any_filter()
    ) {
        // DPID amplifies rounding where all pixels are near the mean; overshoot is clipped
        // between the passes in an order that depends on the depth.
        let calm = image.samples().clone();
        let Samples::U8(mut calm) = calm else { panic!("not 8 bit") };
        for value in &mut calm {
            *value = *value / 2 + 64;
        }
        let image = Image::new(image.size(), image.channels(), Samples::U8(calm)).expect("same");
        prop_assume!(!matches!(filter, Filter::Dpid { .. }));
        let options = ResizeOptions::with_filter(filter);
        let eight = resize(&image, target, &options, &Serial).expect("valid");
        let sixteen = resize(&at_depth(image, Depth::U16), target, &options, &Serial);
        let back = at_depth(sixteen.expect("valid"), Depth::U8);
        let error = distance(&eight, &back);
        prop_assert!(error <= 1.0, "{:?} off by {}", filter, error);
    }

    #[test]
    fn transparent_colours_do_not_bleed(
        size in any_size(), target in any_size(), options in any_options(), depth in any_depth(),
        seed in any::<u32>()
    ) {
        // Visible pixels are of one colour; invisible ones of any other.
        let mut state = seed | 1;
        let samples = (0..size.pixels()).flat_map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            if state & 64 == 0 { [40, 90, 200, 255] } else { [255, (state >> 8) as u8, 0, 0] }
        });
        let samples = Samples::U8(samples.collect());
        let image = Image::new(size, Channels::Rgba, samples).expect("the sample count is right");
        let shrunk = resize(&at_depth(image.clone(), depth), target, &options, &Serial);
        let blurred = gaussian_blur(&at_depth(image, depth), 1.5, &Serial);
        let nearest = options.filter == Filter::Nearest || size == target;
        for result in [shrunk.expect("valid"), blurred.expect("valid")].iter().skip(usize::from(nearest)) {
            let Samples::U8(values) = at_depth(result.clone(), Depth::U8).into_samples() else {
                panic!("not 8 bit")
            };
            for pixel in values.chunks(4).filter(|pixel| pixel[3] > 1) {
                prop_assert_eq!(&pixel[..3], &[40, 90, 200]);
            }
        }
    }

    #[test]
    fn windows_inside_of_the_picture_work(
        image in any_image(), target in any_size(), options in any_options(),
        (x0, x1, y0, y1) in (0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64)
    ) {
        prop_assume!((x0 - x1).abs() > 1e-3 && (y0 - y1).abs() > 1e-3);
        let (w, h) = (f64::from(image.width()), f64::from(image.height()));
        let source = Window {
            x: x0.min(x1) * w,
            y: y0.min(y1) * h,
            width: (x0 - x1).abs() * w,
            height: (y0 - y1).abs() * h,
        };
        let options = ResizeOptions { source: Some(source), ..options };
        let result = resize(&image, target, &options, &Serial).expect("valid settings");
        prop_assert!(result == resize(&image, target, &options, &Shuffled).expect("valid"));
        prop_assert!(resize_cost(image.size(), image.format(), target, &options) >= result.bytes());
    }

    #[test]
    fn turns_undo_each_other(image in any_image()) {
        for by in Turn::ALL {
            prop_assert!(turn(turn(image.clone(), by), by.inverse()) == image);
        }
        let quarter = |image| turn(image, Turn::Rotate90);
        prop_assert!(quarter(quarter(quarter(quarter(image.clone())))) == image);
        let transverse = turn(turn(image.clone(), Turn::Rotate180), Turn::Transpose);
        prop_assert!(turn(image, Turn::Transverse) == transverse);
    }

    #[test]
    fn orientations_are_undone(image in any_image(), exif in 1..=8_u32) {
        let orientation = Orientation::from_exif(exif);
        let mut stored = turn(image.clone(), Turn::of_orientation(orientation).inverse());
        stored.metadata.orientation = orientation;
        let upright = apply_orientation(stored);
        prop_assert!(upright.metadata.orientation.is_upright());
        prop_assert!(upright.samples() == image.samples() && upright.size() == image.size());
    }

    #[test]
    fn rotating_any_picture_works_in_any_order(
        image in any_image(), degrees in -400.0..400.0_f64, expand in any::<bool>(),
        interpolation in prop_oneof![
            Just(Interpolation::Nearest), Just(Interpolation::Bilinear), Just(Interpolation::Bicubic)
        ],
        border in prop_oneof![
            Just(Border::Edge), Just(Border::Reflect), Just(Border::Wrap),
            Just(Border::Constant([0.2, 0.4, 0.6, 0.8]))
        ]
    ) {
        let options = RotateOptions { expand, warp: WarpOptions { interpolation, border } };
        let rotated = rotate(&image, degrees, &options, &Serial).expect("valid settings");
        prop_assert!(expand || rotated.size() == image.size());
        prop_assert!(rotated == rotate(&image, degrees, &options, &Shuffled).expect("valid"));
        let margins = Margins { left: 3, top: 50, right: 0, bottom: 7 };
        prop_assert!(pad(&image, margins, border).is_ok());
    }

    #[test]
    fn blurring_keeps_constants_and_order_does_not_matter(
        image in any_image(), sigma in 0.0..6.0_f32, pixel in any::<[u8; 4]>()
    ) {
        let blurred = gaussian_blur(&image, sigma, &Serial).expect("valid settings");
        prop_assert!(blurred == gaussian_blur(&image, sigma, &Shuffled).expect("valid"));
        let pixel = [pixel[0], pixel[1], pixel[2], pixel[3].max(1)];
        let flat = constant(image.size(), image.format(), pixel);
        let tolerance = if image.depth() == Depth::F32 { 2e-6 } else { 0.0 };
        prop_assert!(distance(&gaussian_blur(&flat, sigma, &Serial).expect("valid"), &flat) <= tolerance);
        let mask = UnsharpMask { sigma, amount: 2.0, threshold: 0.0 };
        let error = distance(&unsharp_mask(&flat, &mask, &Serial).expect("valid"), &flat);
        prop_assert!(error <= tolerance * 3.0);
    }
}

fn noise(size: Size, channels: Channels) -> Image {
    let len = size.pixels() as usize * channels.count();
    let samples = (0..len).map(|i| (i * i * 7 + i * 31 + (i >> 7) * 3) as u8).collect();
    Image::new(size, channels, Samples::U8(samples)).expect("the sample count is right")
}

#[test]
fn pictures_of_many_bands_do_not_depend_on_the_order() {
    let image = noise(Size::new(2500, 2100), Channels::Rgb);
    let masked = noise(Size::new(1300, 1900), Channels::Rgba);
    for filter in [Filter::Lanczos3, Filter::Area, Filter::MatlabBicubic, Filter::Nearest] {
        for (image, target) in [(&image, Size::new(700, 900)), (&masked, Size::new(1500, 2000))] {
            let options = ResizeOptions::with_filter(filter);
            let serial = resize(image, target, &options, &Serial).expect("valid settings");
            assert!(serial == resize(image, target, &options, &Shuffled).expect("valid settings"));
        }
    }
    let blurred = gaussian_blur(&image, 2.0, &Serial).expect("valid settings");
    assert!(blurred == gaussian_blur(&image, 2.0, &Shuffled).expect("valid settings"));
}

#[test]
fn bands_join_without_a_seam() {
    // A vertical ramp enlarged: any seam would be a jump.
    let size = Size::new(1200, 1000);
    let samples = (0..size.pixels()).map(|i| (i / 1200 * 65) as u16).collect();
    let image = Image::new(size, Channels::Gray, Samples::U16(samples)).expect("right count");
    let target = Size::new(1800, 3000);
    let options = ResizeOptions::with_filter(Filter::CatmullRom);
    let result = resize(&image, target, &options, &Serial).expect("valid settings");
    let Samples::U16(values) = result.samples() else { panic!("not 16 bit") };
    let column: Vec<i32> = values.chunks(1800).map(|row| i32::from(row[900])).collect();
    for pair in column[12..2988].windows(2) {
        assert!((21..=23).contains(&(pair[1] - pair[0])), "{pair:?}");
    }
}

#[test]
fn work_stops_when_told() {
    let image = noise(Size::new(2500, 2100), Channels::Rgb);
    let exec = Stopping(Mutex::new(2));
    let error = resize(&image, Size::new(900, 800), &ResizeOptions::default(), &exec).unwrap_err();
    assert_eq!(error.kind(), pixloom_image::ImageErrorKind::Limit);
}

#[test]
fn senseless_settings_are_refused() {
    let image = noise(Size::new(5, 4), Channels::Rgb);
    let refused =
        |target: Size, options: ResizeOptions| resize(&image, target, &options, &Serial).is_err();
    assert!(refused(Size::new(0, 3), ResizeOptions::default()));
    assert!(refused(Size::new(u32::MAX, u32::MAX), ResizeOptions::default()));
    for lambda in [-1.0, f32::NAN, 9.0] {
        assert!(refused(Size::new(2, 2), ResizeOptions::with_filter(Filter::Dpid { lambda })));
    }
    for (x, width) in [(-1.0, 2.0), (4.0, 2.0), (0.0, 0.0), (f64::NAN, 2.0), (0.0, f64::INFINITY)] {
        let source = Some(Window { x, y: 0.0, width, height: 2.0 });
        assert!(refused(Size::new(2, 2), ResizeOptions { source, ..ResizeOptions::default() }));
    }
}

#[test]
fn a_shrunk_decode_keeps_positions() {
    // 20 columns decoded at 1/8 are 3 columns, of which 2.5 are picture.
    let window = Window::of_shrunk(Size::new(20, 8), 8, Size::new(3, 1));
    assert!((window.width - 2.5).abs() < 1e-12 && (window.height - 1.0).abs() < 1e-12);
    let samples = Samples::U8(vec![0, 100, 200]);
    let image = Image::new(Size::new(3, 1), Channels::Gray, samples).expect("right count");
    let options =
        ResizeOptions { source: Some(window), ..ResizeOptions::with_filter(Filter::Area) };
    let result = resize(&image, Size::new(1, 1), &options, &Serial).expect("valid settings");
    assert_eq!(result.samples(), &Samples::U8(vec![80])); // (0 + 100 + 200 / 2) / 2.5
}
