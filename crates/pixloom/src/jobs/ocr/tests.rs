//! Tests of whole images: boxes around ink, replay, colours, effects that are on and off.
use pixloom_engine::{Rng, Seed};
use pixloom_text::{Growth, OutlineCache, Point, Quad, Raster};

use super::background::Backgrounds;
use super::config::{ColorMode, Config, CurveType, Layout, Range, Spec, TextDirection};
use super::distribution::Distribution;
use super::drawn::{Drawn, draw, rounded};
use super::export::Form;
use super::knob::{K, KNOBS};
use super::record::{document_001, drawn_of, upright};
use super::render::replay;
use super::scene::Scene;
use super::studio::{Places, Studio};
use super::work::{Scratch, make, png};

fn studio(spec: Spec, images: u64, seed: u64) -> Studio {
    let config = Config { total_images: images, seed: None, specifications: vec![spec] };
    Studio::open(config, &Places::default(), seed).unwrap()
}

fn base() -> Spec {
    let mut spec = Spec { min_text_length: 6, max_text_length: 14, ..Spec::default() };
    set(&mut spec, K::FontSize, 22.0, 40.0);
    set(&mut spec, K::Padding, 2.0, 12.0);
    spec
}

fn set(spec: &mut Spec, k: K, low: f64, high: f64) {
    let distribution = Distribution::Uniform;
    spec.ranges[k as usize] = Range { low, high, distribution, probability: 1.0 };
}

/// Everything that moves or spreads ink, and strong ranges of it.
const MOVING: [(K, f64, f64); 16] = [
    (K::Rotation, -40.0, 40.0),
    (K::Perspective, 0.05, 0.3),
    (K::ElasticAlpha, 20.0, 120.0),
    (K::GridLimit, 2.0, 8.0),
    (K::Optical, -0.2, 0.5),
    (K::ArcRadius, 60.0, 300.0),
    (K::SineAmplitude, 2.0, 10.0),
    (K::CurveBend, 0.05, 0.3),
    (K::PageCurl, 0.05, 0.25),
    (K::GlyphOverlap, 0.1, 0.3),
    (K::LetterSpacing, 0.1, 0.6),
    (K::Shear, -25.0, 25.0),
    (K::InkBleed, 0.5, 2.0),
    (K::ErosionDilation, 2.0, 3.0),
    (K::Stroke, 1.0, 3.0),
    (K::OutputHeight, 32.0, 96.0),
];

fn switch_on(spec: &mut Spec, (k, low, high): (K, f64, f64)) {
    set(spec, k, low, high);
    match k {
        K::ElasticAlpha => set(spec, K::ElasticSigma, 4.0, 9.0),
        K::GridLimit => set(spec, K::GridSteps, 2.0, 6.0),
        K::ArcRadius => spec.curve_type = CurveType::Arc,
        K::SineAmplitude => {
            spec.curve_type = CurveType::Sine;
            set(spec, K::SineFrequency, 0.01, 0.06);
        }
        K::CurveBend => spec.curve_type = CurveType::Spline,
        _ => {}
    }
}

/// Distances of a point from the sides of a quad, outwards.
fn outside(quad: &Quad, p: Point) -> [f32; 4] {
    let area: f32 =
        (0..4).map(|i| quad[i][0] * quad[(i + 1) % 4][1] - quad[(i + 1) % 4][0] * quad[i][1]).sum();
    std::array::from_fn(|i| {
        let (a, b) = (quad[i], quad[(i + 1) % 4]);
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = (dx * dx + dy * dy).sqrt().max(1e-6);
        area.signum() * (dy * (p[0] - a[0]) - dx * (p[1] - a[1])) / length
    })
}

/// Every cluster of some images, rendered alone: no pixel that is half covered has its centre
/// more than one pixel outside of the cluster's quad, and, if `tight`, ink comes near all four
/// sides. Letters that were made small have no pixel that is half covered.
fn check_boxes(studio: &Studio, what: &str, tight: bool) {
    let (mut cache, mut raster) = (OutlineCache::default(), Raster::default());
    for index in 0..studio.config.total_images {
        let (drawn, set) = draw(studio, index, &mut cache).unwrap();
        let scene = Scene::new(&drawn, &set, &mut cache).unwrap();
        let mut seen = 0;
        for cluster in scene.shapes.clusters.iter().filter(|cluster| cluster.has_ink()) {
            let alone = std::slice::from_ref(cluster);
            let quad = scene.shapes.quad(alone, scene.growth);
            let mask = scene.ink(&drawn, alone, &mut raster);
            let mut nearest = [f32::NEG_INFINITY; 4];
            for (at, sample) in mask.samples.iter().enumerate().filter(|(_, s)| **s >= 128) {
                let centre = [(at % mask.width) as f32 + 0.5, (at / mask.width) as f32 + 0.5];
                for (side, distance) in outside(&quad, centre).into_iter().enumerate() {
                    nearest[side] = nearest[side].max(distance);
                    assert!(
                        distance <= 1.0,
                        "{what}: image {index}, cluster {}: ink ({sample}) {distance} px outside of {quad:?}",
                        cluster.cluster
                    );
                }
            }
            let near = nearest.iter().all(|distance| *distance > -2.5);
            let shrunk = scene.growth.square < 0.0;
            assert!(!tight || shrunk || near, "{what}: image {index}: {nearest:?} {quad:?}");
            seen += u32::from(near);
        }
        assert!(!tight || seen > 0 || scene.growth.square < 0.0, "{what}: image {index}");
    }
}

#[test]
fn every_effect_alone_keeps_ink_in_its_box() {
    check_boxes(&studio(base(), 4, 1), "none", true);
    for effect in MOVING {
        let mut spec = base();
        switch_on(&mut spec, effect);
        let small = matches!(effect.0, K::OutputHeight | K::Perspective | K::Optical);
        check_boxes(&studio(spec, 6, 2), KNOBS[effect.0 as usize].name, !small);
    }
}

#[test]
fn random_combinations_keep_ink_in_its_box() {
    let directions = [
        TextDirection::LeftToRight,
        TextDirection::RightToLeft,
        TextDirection::TopToBottom,
        TextDirection::BottomToTop,
    ];
    for round in 0..200 {
        let mut rng: Rng = Seed::root(round).rng();
        let mut spec = base();
        spec.text_direction = directions[rng.range_u64(4) as usize];
        (spec.min_lines, spec.max_lines) = (1, 1 + rng.range_u64(3) as u32);
        for effect in MOVING {
            if rng.chance(0.4) {
                switch_on(&mut spec, effect);
            }
        }
        check_boxes(&studio(spec, 1, round), &format!("round {round}"), false);
    }
}

/// A kind of image with every effect on.
fn everything() -> Spec {
    let mut spec = base();
    for effect in MOVING {
        switch_on(&mut spec, effect);
    }
    for (k, low, high) in [
        (K::Noise, 0.01, 0.05),
        (K::Blur, 0.3, 1.5),
        (K::Brightness, 0.8, 1.2),
        (K::Contrast, 0.8, 1.2),
        (K::CutoutWidth, 3.0, 9.0),
        (K::CutoutHeight, 3.0, 9.0),
        (K::DropShadowX, -4.0, 4.0),
        (K::DropShadowRadius, 0.5, 2.0),
        (K::BlockShadowX, 1.0, 4.0),
        (K::BlockShadowY, 1.0, 4.0),
        (K::GaussianNoise, 0.01, 0.05),
        (K::SpeckleNoise, 0.01, 0.05),
        (K::MotionBlur, 2.0, 5.0),
        (K::MotionAngle, -90.0, 90.0),
        (K::Resample, 0.5, 0.9),
        (K::Jpeg, 40.0, 90.0),
        (K::Lighting, 0.1, 0.4),
        (K::CastShadow, 0.2, 0.5),
        (K::Glare, 0.2, 0.8),
        (K::ScanLines, 0.1, 0.4),
        (K::Moire, 0.1, 0.4),
        (K::Halftone, 0.2, 0.8),
        (K::Crease, 0.2, 0.6),
        (K::Stains, 0.2, 0.6),
        (K::InkTexture, 0.2, 0.6),
        (K::BleedThrough, 0.1, 0.4),
        (K::Underline, 1.0, 2.0),
        (K::Strike, 1.0, 2.0),
    ] {
        set(&mut spec, k, low, high);
    }
    spec.color_mode = ColorMode::PerGlyph;
    spec.max_lines = 3;
    spec
}

#[test]
fn labels_make_the_identical_image_again() {
    let studio = studio(everything(), 8, 7);
    for index in 0..8 {
        let mut scratch = Scratch::default();
        let (drawn, set) = draw(&studio, index, &mut scratch.cache).unwrap();
        let made = make(drawn, &set, &studio.backgrounds, &mut scratch).unwrap();
        let record = serde_json::to_string(&made.record).unwrap();
        let other = document_001(&made.record).to_string();
        let first = png(made.canvas).unwrap();
        for label in [record, other] {
            let drawn = drawn_of(&serde_json::from_str(&label).unwrap()).unwrap();
            let again = replay(drawn, None, &Backgrounds::default()).unwrap();
            assert_eq!(again.record.lines, made.record.lines);
            assert!(png(again.canvas).unwrap() == first, "image {index} differs");
        }
    }
}

#[test]
fn an_effect_that_is_on_shifts_no_other_draw() {
    let (plain, full) = (studio(base(), 5, 3), studio(everything(), 5, 3));
    let mut cache = OutlineCache::default();
    for index in 0..5 {
        let one = draw(&plain, index, &mut cache).unwrap().0;
        let other = draw(&full, index, &mut cache).unwrap().0;
        assert_eq!((&one.text, &one.padding), (&other.text, &other.padding));
        assert!((one.values.get(K::FontSize) - other.values.get(K::FontSize)).abs() < 1e-12);
        assert_eq!(one.background, other.background);
    }
}

fn pixels(spec: Spec) -> (Drawn, Vec<u8>, usize) {
    let studio = studio(spec, 1, 5);
    let mut scratch = Scratch::default();
    let (drawn, set) = draw(&studio, 0, &mut scratch.cache).unwrap();
    let made = make(drawn, &set, &studio.backgrounds, &mut scratch).unwrap();
    (made.record.drawn, made.canvas.pixels, made.canvas.width)
}

#[test]
fn every_effect_changes_pixels_when_on() {
    let spec = || {
        let mut spec = base();
        spec.text_color_max = [0; 3];
        spec
    };
    let (_, plain, _) = pixels(spec());
    assert_eq!(plain, pixels(spec()).1);
    let full = everything();
    for (at, knob) in KNOBS.iter().enumerate() {
        let range = full.ranges[at];
        let partner = [
            K::FontSize,
            K::Padding,
            K::ElasticSigma,
            K::GridSteps,
            K::SineFrequency,
            K::MotionAngle,
            K::CutoutHeight,
            K::LineSpacing,
            K::SinePhase,
            K::BlockShadowY,
            K::DropShadowY,
            K::BlockShadowRadius,
            K::Columns,
            K::Measure,
            K::ParagraphLength,
            K::HeadingScale,
        ];
        if partner.iter().any(|k| *k as usize == at) {
            continue;
        }
        assert!(!knob.is_off(range.high) || !knob.is_off(range.low), "{} is not tried", knob.name);
        let mut one = spec();
        one.ranges[at] = Range { low: range.high, ..range };
        one.ranges[K::ElasticSigma as usize] = full.ranges[K::ElasticSigma as usize];
        one.ranges[K::SineFrequency as usize] = full.ranges[K::SineFrequency as usize];
        one.ranges[K::CutoutHeight as usize] = full.ranges[K::CutoutHeight as usize];
        if at == K::ArcRadius as usize {
            one.curve_type = CurveType::Arc;
        }
        if at == K::SineAmplitude as usize {
            one.curve_type = CurveType::Sine;
        }
        if at == K::CurveBend as usize {
            one.curve_type = CurveType::Spline;
        }
        assert_ne!(pixels(one).1, plain, "{}", knob.name);
    }
}

#[test]
fn asked_colours_are_the_colours_of_the_ink() {
    let mut spec = base();
    spec.text_color_min = [255, 0, 0];
    spec.text_color_max = [255, 0, 0];
    spec.background_color_min = [255; 3];
    spec.background = super::config::BackgroundMode::Flat;
    spec.background_color_max = [255; 3];
    set(&mut spec, K::FontSize, 60.0, 60.0);
    let (_, red, _) = pixels(spec.clone());
    let has = |pixels: &[u8], color: [u8; 3]| pixels.as_chunks::<3>().0.contains(&color);
    assert!(has(&red, [255, 0, 0]) && !has(&red, [0, 0, 0]));
    assert!(red.as_chunks::<3>().0.iter().all(|p| p[0] == 255 && p[1] == p[2]));
    spec.color_mode = ColorMode::PerGlyph;
    spec.text_color_min = [0; 3];
    spec.min_contrast = 1.0;
    (spec.per_glyph_palette_size_min, spec.per_glyph_palette_size_max) = (3, 3);
    (spec.min_lines, spec.max_lines) = (2, 2);
    (spec.min_text_length, spec.max_text_length) = (16, 16);
    let (drawn, palette, width) = pixels(spec);
    assert_eq!(drawn.colors.len(), 3);
    let half = palette.len() / 6 / width * width * 3;
    for color in drawn.colors {
        assert!(has(&palette[..half], color) && has(&palette[half..], color), "{color:?}");
    }
}

#[test]
fn letters_are_filled_with_a_texture_that_stands_out() {
    let mut spec = base();
    spec.color_mode = ColorMode::Texture;
    (spec.text_color_min, spec.text_color_max) = ([200, 60, 60], [200, 60, 60]);
    set(&mut spec, K::FontSize, 60.0, 60.0);
    let (drawn, pixels, _) = pixels(spec);
    assert!(drawn.texture.is_some());
    // Dark red of many shades.
    let red = |p: &&[u8; 3]| p[0] < 130 && p[0] > p[1] + 20 && p[0] > p[2] + 20;
    let ink = pixels.as_chunks::<3>().0.iter().filter(red);
    let shades: std::collections::BTreeSet<u8> = ink.map(|pixel| pixel[0]).collect();
    assert!(shades.len() > 8, "{shades:?}");
}

#[test]
fn ink_stands_out_from_dark_backgrounds() {
    let mut spec = base();
    spec.background = super::config::BackgroundMode::Flat;
    (spec.background_color_min, spec.background_color_max) = ([10; 3], [10; 3]);
    let (drawn, pixels, _) = pixels(spec);
    assert!(drawn.colors[0][0] > 50, "{:?}", drawn.colors);
    assert!(pixels.iter().any(|v| *v > 50));
}

/// The keys of a label of document 001.
const DOCUMENT_001_KEYS: &str = "\
    text lines num_lines line_spacing line_break_mode \
    text_alignment font_path font_size direction seed \
    canvas_w canvas_h placement_x placement_y glyph_overlap_intensity \
    ink_bleed_radius drop_shadow_options block_shadow_options color_mode color_palette \
    rotation_angle perspective_warp_magnitude elastic_distortion_options grid_distortion_options optical_distortion_options \
    cutout_options noise_amount blur_radius brightness_factor contrast_factor \
    erosion_dilation_options background_path curve_type arc_radius arc_concave \
    sine_amplitude sine_frequency sine_phase bboxes";

#[test]
fn document_001s_labels_have_its_keys() {
    let studio = studio(base(), 1, 9);
    let mut scratch = Scratch::default();
    let (drawn, set) = draw(&studio, 0, &mut scratch.cache).unwrap();
    let made = make(drawn, &set, &studio.backgrounds, &mut scratch).unwrap();
    let label = document_001(&made.record);
    for key in DOCUMENT_001_KEYS.split_whitespace() {
        assert!(label.get(key).is_some(), "{key}");
    }
    let text: String =
        label["bboxes"].as_array().unwrap().iter().map(|b| b["char"].as_str().unwrap()).collect();
    assert_eq!(text, made.record.text);
    assert!(serde_json::to_value(Form::Document001).unwrap() == "document-001");
}

/// A page in two columns.
fn page() -> Spec {
    let mut spec = base();
    spec.layout = Layout::Page;
    (spec.min_text_length, spec.max_text_length) = (300, 500);
    set(&mut spec, K::FontSize, 14.0, 18.0);
    set(&mut spec, K::Columns, 2.0, 2.0);
    set(&mut spec, K::Measure, 12.0, 16.0);
    set(&mut spec, K::ParagraphLength, 60.0, 120.0);
    spec
}

#[test]
fn pages_have_columns_and_blocks_that_hold_their_lines() {
    let studio = studio(page(), 6, 4);
    let mut scratch = Scratch::default();
    let mut roles = std::collections::BTreeSet::new();
    for index in 0..6 {
        let (drawn, set) = draw(&studio, index, &mut scratch.cache).unwrap();
        let measure = drawn.values.get(K::Measure) * drawn.values.get(K::FontSize);
        let record = make(drawn, &set, &studio.backgrounds, &mut scratch).unwrap().record;
        let inside = |quad: &[f64; 8], outer: &[f64; 8]| {
            let (a, b) = (upright(quad), upright(outer));
            (0..2).all(|c| a[c] >= b[c] - 0.1) && (2..4).all(|c| a[c] <= b[c] + 0.1)
        };
        let mut next = 0;
        for block in &record.blocks {
            roles.insert(format!("{:?}", block.role));
            assert_eq!(block.lines[0], next);
            next = block.lines[1];
            for line in &record.lines[block.lines[0] as usize..next as usize] {
                assert!(inside(&line.quad, &block.quad), "{line:?} {block:?}");
                assert!(line.chars[0] >= block.chars[0] && line.chars[1] <= block.chars[1]);
                let [left, _, right, _] = upright(&line.quad);
                assert!(right - left < 1.1 * measure + 4.0, "{}", line.text);
            }
        }
        assert_eq!(next as usize, record.lines.len());
        // Every word of the text is in a line, and columns stand beside each other.
        let words: Vec<&str> = record.words.iter().map(|word| word.text.as_str()).collect();
        let lines: Vec<&str> = record.lines.iter().flat_map(|l| l.text.split(' ')).collect();
        assert_eq!(words, lines);
        let of = |column: u32| record.blocks.iter().filter(move |b| b.column == column);
        let right = of(0).map(|b| upright(&b.quad)[2]).fold(0.0, f64::max);
        assert!(of(1).count() > 0 && of(1).all(|b| upright(&b.quad)[0] > right));
    }
    assert_eq!(roles.len(), 3, "{roles:?}");
}

#[test]
fn pages_keep_ink_in_its_box() {
    let mut spec = page();
    (spec.min_text_length, spec.max_text_length) = (60, 90);
    for effect in [(K::Rotation, -10.0, 10.0), (K::Perspective, 0.05, 0.2)] {
        switch_on(&mut spec, effect);
    }
    check_boxes(&studio(spec, 2, 6), "page", false);
}

#[test]
fn baselines_go_through_the_points_of_the_user() {
    let mut spec = base();
    spec.curve_type = CurveType::Spline;
    spec.curve_points = vec![[0.0, 0.0], [1.0, 0.3], [2.0, 0.0]];
    let studio = studio(spec, 3, 2);
    let mut scratch = Scratch::default();
    for index in 0..3 {
        let (drawn, set) = draw(&studio, index, &mut scratch.cache).unwrap();
        let record = make(drawn, &set, &studio.backgrounds, &mut scratch).unwrap().record;
        let baseline = &record.lines[0].baseline;
        let (first, last) = (baseline[0], baseline[baseline.len() - 1]);
        let middle = baseline[baseline.len() / 2];
        let sag = middle[1] - 0.5 * (first[1] + last[1]);
        let width = last[0] - first[0];
        assert!((sag / width - 0.15).abs() < 0.04, "{sag} {width}");
    }
}

#[test]
fn drawn_numbers_survive_json() {
    let mut rng = Seed::root(4).rng();
    for _ in 0..10_000 {
        let value = rounded(rng.range_f64(-2000.0, 2000.0));
        let text = serde_json::to_string(&value).unwrap();
        assert_eq!(
            serde_json::from_str::<f64>(&text).unwrap().to_bits(),
            value.to_bits(),
            "{text}"
        );
    }
}

#[test]
fn growth_is_what_the_effects_spread() {
    let mut spec = base();
    set(&mut spec, K::Stroke, 2.0, 2.0);
    let studio = studio(spec, 1, 1);
    let mut cache = OutlineCache::default();
    let (drawn, set) = draw(&studio, 0, &mut cache).unwrap();
    let scene = Scene::new(&drawn, &set, &mut cache).unwrap();
    assert_eq!(scene.growth, Growth { round: 2.0, square: 0.0 });
}

/// How far a point lies outside of a closed polygon.
fn beyond(polygon: &[[f64; 2]], p: [f64; 2]) -> f64 {
    let sides = || polygon.iter().zip(polygon.iter().cycle().skip(1));
    let crossed = |(a, b): &(&[f64; 2], &[f64; 2])| {
        (a[1] > p[1]) != (b[1] > p[1])
            && p[0] < (b[0] - a[0]) * (p[1] - a[1]) / (b[1] - a[1]) + a[0]
    };
    if sides().filter(crossed).count() % 2 == 1 {
        return 0.0;
    }
    let away = |(a, b): (&[f64; 2], &[f64; 2])| {
        let (d, q) = ([b[0] - a[0], b[1] - a[1]], [p[0] - a[0], p[1] - a[1]]);
        let squared = (d[0] * d[0] + d[1] * d[1]).max(1e-12);
        let t = ((q[0] * d[0] + q[1] * d[1]) / squared).clamp(0.0, 1.0);
        (q[0] - t * d[0]).hypot(q[1] - t * d[1])
    };
    sides().map(away).fold(f64::INFINITY, f64::min)
}

fn check_outlines(studio: &Studio, what: &str) {
    let mut scratch = Scratch::default();
    let mut raster = Raster::default();
    for index in 0..studio.config.total_images {
        let (drawn, set) = draw(studio, index, &mut scratch.cache).unwrap();
        let scene = Scene::new(&drawn, &set, &mut scratch.cache).unwrap();
        let record = super::record::record(&drawn, &set, &scene);
        for (number, line) in record.lines.iter().enumerate() {
            let own = scene.shapes.clusters.iter().filter(|part| part.line == number);
            let own: Vec<_> = own.cloned().collect();
            let mask = scene.ink(&drawn, &own, &mut raster);
            for (at, _) in mask.samples.iter().enumerate().filter(|(_, s)| **s >= 128) {
                let p = [(at % mask.width) as f64 + 0.5, (at / mask.width) as f64 + 0.5];
                let away = beyond(&line.polygon, p);
                assert!(away <= 1.5, "{what}: image {index}: {away} px outside of line {number}");
            }
        }
        let size = f64::from(record.width.max(record.height));
        for word in &record.words {
            let most = word.quad.iter().fold(0.0_f64, |most, v| most.max((v - 0.5 * size).abs()));
            assert!(most <= 0.8 * size, "{what}: image {index}: {word:?}");
        }
    }
}

#[test]
fn outlines_of_lines_follow_their_bends() {
    for effect in MOVING {
        let mut spec = base();
        switch_on(&mut spec, effect);
        (spec.min_text_length, spec.max_text_length) = (30, 50);
        check_outlines(&studio(spec, 3, 5), KNOBS[effect.0 as usize].name);
    }
}

#[test]
fn erosion_leaves_every_letter_something() {
    let mut spec = base();
    set(&mut spec, K::ErosionDilation, 9.0, 15.0);
    let studio = studio(spec, 12, 3);
    let (mut cache, mut raster) = (OutlineCache::default(), Raster::default());
    let mut eroded = 0;
    for index in 0..12 {
        let (drawn, set) = draw(&studio, index, &mut cache).unwrap();
        let scene = Scene::new(&drawn, &set, &mut cache).unwrap();
        eroded += u32::from(drawn.erode);
        for cluster in scene.shapes.clusters.iter().filter(|cluster| cluster.has_ink()) {
            let mask = scene.ink(&drawn, std::slice::from_ref(cluster), &mut raster);
            let most = mask.samples.iter().max();
            assert!(most > Some(&100), "image {index}, cluster {}: {most:?}", cluster.cluster);
        }
    }
    assert!((3..10).contains(&eroded));
}

#[test]
fn the_zeros_of_document_001_are_read_as_off() {
    let mut spec = base();
    set(&mut spec, K::GridSteps, 0.0, 0.0);
    set(&mut spec, K::GridLimit, 5.0, 5.0);
    set(&mut spec, K::ErosionDilation, 0.0, 0.0);
    let (_, with, _) = pixels(spec);
    let (_, without, _) = pixels(base());
    assert_eq!(with, without);
}
