//! Made pictures, warped by known transforms: features, candidates and verdicts together.
use pixloom_match::{
    Class, Code, CodeBits, Edge, Features, Grid, HammingJoin, HashKind, IndexBuilder, Input, Plane,
    RgbPlane, Settings, Transform, Verdict, Votes, extract, group, verify, verify_along,
};

/// A gray picture.
#[derive(Clone)]
struct Picture {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
}

fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Soft ground with hard-edged boxes and discs: texture at all scales.
fn scene(width: usize, height: usize, seed: u64) -> Picture {
    let mut state = seed.wrapping_mul(77) + 5;
    let mut values = vec![0.0_f64; width * height];
    let (a, b) = (next(&mut state) as f64 % 7.0, next(&mut state) as f64 % 5.0);
    for (at, value) in values.iter_mut().enumerate() {
        let (x, y) = ((at % width) as f64, (at / width) as f64);
        *value = 120.0 + 30.0 * (x / 61.0 + a).sin() + 25.0 * (y / 47.0 + b).cos();
    }
    for _ in 0..140 {
        let mut draw = |n: usize| next(&mut state) as usize % n;
        let (x0, y0, size) = (draw(width), draw(height), 4 + draw(40));
        let (shade, round) = (draw(200) as f64 - 100.0, draw(2) == 0);
        for y in y0..(y0 + size).min(height) {
            for x in x0..(x0 + size).min(width) {
                let r = ((x - x0) as f64 - size as f64 / 2.0)
                    .hypot((y - y0) as f64 - size as f64 / 2.0);
                if !round || r < size as f64 / 2.0 {
                    values[y * width + x] += shade;
                }
            }
        }
    }
    let pixels = values.into_iter().map(|value| value.clamp(0.0, 255.0) as u8).collect();
    Picture { pixels, width, height }
}

impl Picture {
    fn features(&self) -> Features {
        extract(&Input {
            gray: Plane::new(&self.pixels, self.width, self.height).expect("the size fits"),
            rgb: None,
            full_size: [self.width as u32, self.height as u32],
            pixel_digest: None,
        })
    }

    /// A picture of that size whose pixels come from where `back` says; `outside` elsewhere.
    fn warped(&self, width: usize, height: usize, back: &Transform, outside: &Picture) -> Self {
        let value = |at: usize| {
            let (x, y) = (at % width, at / width);
            let [u, v] = back.map([x as f64 + 0.5, y as f64 + 0.5]);
            let inside = u >= 0.0 && v >= 0.0 && u < self.width as f64 && v < self.height as f64;
            if !inside {
                return outside.pixels[y % outside.height * outside.width + x % outside.width];
            }
            let (u, v) = ((u - 0.5).max(0.0), (v - 0.5).max(0.0));
            let pixel = |x: usize, y: usize| {
                f64::from(self.pixels[y.min(self.height - 1) * self.width + x.min(self.width - 1)])
            };
            let (x, y, fx, fy) = (u as usize, v as usize, u.fract(), v.fract());
            let top = pixel(x, y) * (1.0 - fx) + pixel(x + 1, y) * fx;
            let bottom = pixel(x, y + 1) * (1.0 - fx) + pixel(x + 1, y + 1) * fx;
            (top * (1.0 - fy) + bottom * fy).round() as u8
        };
        Self { pixels: (0..width * height).map(value).collect(), width, height }
    }
}

fn plain(value: u8) -> Picture {
    Picture { pixels: vec![value], width: 1, height: 1 }
}

fn map(coefficients: [f64; 6]) -> Transform {
    Transform { coefficients }
}

fn turned(degrees: f64, around: [f64; 2]) -> Transform {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let [x, y] = around;
    map([cosine, -sine, x - cosine * x + sine * y, sine, cosine, y - sine * x - cosine * y])
}

/// Compares, and tests that the other order says the same.
fn compare(a: &Features, b: &Features) -> Verdict {
    let verdict = verify(a, b, &Settings::default());
    let other = verify(b, a, &Settings::default());
    assert_eq!((verdict.class, verdict.similarity), (other.class, other.similarity));
    assert_eq!(verdict.inliers, other.inliers);
    verdict
}

/// The edits: name, size, way back into the original, ground, class.
fn edits(ground: &Picture) -> Vec<(&'static str, [usize; 2], Transform, Picture, Class)> {
    let white = plain(250);
    vec![
        ("half", [200, 150], Transform::scaling(2.0, 2.0), white.clone(), Class::Resized),
        ("stretched", [500, 300], Transform::scaling(0.8, 1.0), white.clone(), Class::Resized),
        (
            "mirrored",
            [400, 300],
            map([-1.0, 0.0, 400.0, 0.0, 1.0, 0.0]),
            white.clone(),
            Class::Mirrored,
        ),
        (
            "upside down",
            [400, 300],
            map([1.0, 0.0, 0.0, 0.0, -1.0, 300.0]),
            white.clone(),
            Class::Mirrored,
        ),
        (
            "quarter",
            [300, 400],
            map([0.0, 1.0, 0.0, -1.0, 0.0, 300.0]),
            white.clone(),
            Class::Rotated,
        ),
        ("by 7°", [400, 300], turned(7.0, [200.0, 150.0]), white.clone(), Class::Rotated),
        ("part", [240, 200], map([1.0, 0.0, 90.0, 0.0, 1.0, 60.0]), white.clone(), Class::Cropped),
        (
            "mirrored part",
            [260, 210],
            map([-0.9, 0.0, 330.0, 0.0, 0.9, 50.0]),
            white.clone(),
            Class::Mirrored,
        ),
        ("border", [460, 360], map([1.0, 0.0, -30.0, 0.0, 1.0, -30.0]), white, Class::Bordered),
        (
            "within",
            [400, 300],
            map([1.8, 0.0, -200.0, 0.0, 1.8, -90.0]),
            ground.clone(),
            Class::Embedded,
        ),
    ]
}

#[test]
fn edits_are_found_and_named() {
    let original = scene(400, 300, 1);
    let features = original.features();
    for (name, [width, height], back, outside, class) in edits(&scene(400, 300, 2)) {
        let edited = original.warped(width, height, &back, &outside).features();
        let verdict = compare(&features, &edited);
        assert_eq!(verdict.class, class, "{name}: {verdict:?}");
        // The transform leads where the edit put the middle of what both show.
        let forward = verdict.transform.unwrap();
        let place = back.map([width as f64 / 2.0, height as f64 / 2.0]);
        let found = forward.map(place);
        let error = (found[0] - width as f64 / 2.0).hypot(found[1] - height as f64 / 2.0);
        assert!(error < 3.0, "{name}: off by {error}, {verdict:?}");
        // Along that transform alone the same is found.
        let along = verify_along(&features, &edited, &forward, &Settings::default());
        assert!(along.class.is_duplicate(), "{name}: {along:?}");
    }
}

#[test]
fn other_scenes_are_different() {
    let all: Vec<Features> = (10..22).map(|seed| scene(320, 240, seed).features()).collect();
    for (at, a) in all.iter().enumerate() {
        for b in &all[at + 1..] {
            let verdict = compare(a, b);
            assert_eq!(verdict.class, Class::Different, "{verdict:?}");
        }
    }
}

#[test]
fn candidates_include_the_edits() {
    let mut builder = IndexBuilder::new();
    let original = scene(400, 300, 1);
    let number = builder.push(&original.features());
    for (_, [width, height], back, outside, _) in edits(&scene(400, 300, 2)) {
        builder.push(&original.warped(width, height, &back, &outside).features());
    }
    let edits = builder_len(number);
    for seed in 30..60 {
        builder.push(&scene(400, 300, seed).features());
    }
    let index = builder.build(31);
    let found = index.candidates(&original.features(), Some(0), 30, &mut Votes::default());
    for edit in 1..=edits {
        assert!(found.iter().any(|one| one.picture == edit), "{edit} of {found:?}");
    }
    let again = index.candidates(&original.features(), None, 31, &mut Votes::default());
    assert_eq!(again[0].picture, 0);
    let mirrored = found.iter().find(|one| one.picture == 3).unwrap();
    assert!(mirrored.mirrored, "{mirrored:?}");
}

/// Number of edits that follow the original.
fn builder_len(first: u32) -> u32 {
    first + edits(&plain(0)).len() as u32
}

#[test]
fn features_survive_as_bytes_and_damage_is_seen() {
    let features = scene(300, 200, 5).features();
    let bytes = features.to_bytes();
    assert_eq!(Features::from_bytes(&bytes).as_ref(), Some(&features));
    for at in (0..bytes.len()).step_by(97) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 4;
        assert!(Features::from_bytes(&damaged).is_none(), "{at}");
        assert!(Features::from_bytes(&bytes[..at]).is_none());
    }
}

#[test]
fn every_size_and_texture_is_taken() {
    let textures: [fn(usize, usize) -> u8; 4] = [
        |_, _| 0,
        |_, _| 200,
        |x, y| if (x / 4 + y / 4) % 2 == 0 { 20 } else { 230 },
        |x, y| (x * 31 + y * 17 + x * y * 7) as u8,
    ];
    let mut all = Vec::new();
    for (width, height) in [
        (1, 1),
        (1, 2),
        (2, 1),
        (3, 500),
        (500, 3),
        (33, 33),
        (34, 40),
        (64, 64),
        (385, 20),
        (400, 400),
    ] {
        for texture in textures {
            let pixels = (0..width * height).map(|at| texture(at % width, at / width)).collect();
            all.push(Picture { pixels, width, height }.features());
        }
    }
    for (at, a) in all.iter().enumerate() {
        assert_eq!(Features::from_bytes(&a.to_bytes()).as_ref(), Some(a));
        for b in all.iter().skip(at).step_by(3) {
            let verdict = compare(a, b);
            assert!((0.0..=1.0).contains(&verdict.similarity), "{verdict:?}");
            let along =
                verify_along(a, b, &Transform::scaling(f64::NAN, 0.0), &Settings::default());
            assert!(!along.class.is_duplicate());
        }
    }
}

#[test]
fn a_picture_equals_itself() {
    for seed in 0..4 {
        let features = scene(350, 260, seed).features();
        let verdict = compare(&features, &features);
        assert_eq!(verdict.class, Class::ReEncoded);
        assert!(verdict.similarity > 0.999, "{verdict:?}");
    }
    let black = plain(0).features();
    assert!(compare(&black, &black).class.is_duplicate());
    assert_eq!(compare(&black, &plain(90).features()).class, Class::Different);
}

#[test]
fn colours_name_gray_copies() {
    let gray = scene(320, 240, 3);
    let coloured: Vec<u8> =
        gray.pixels.iter().flat_map(|v| [v.saturating_add(40), *v, v.saturating_sub(40)]).collect();
    let toneless: Vec<u8> = gray.pixels.iter().flat_map(|v| [*v; 3]).collect();
    let with = |rgb: &[u8]| {
        extract(&Input {
            gray: Plane::new(&gray.pixels, 320, 240).unwrap(),
            rgb: RgbPlane::new(rgb, 320, 240),
            full_size: [320, 240],
            pixel_digest: None,
        })
    };
    assert_eq!(compare(&with(&coloured), &with(&toneless)).class, Class::Gray);
    assert_eq!(compare(&with(&coloured), &with(&coloured)).class, Class::ReEncoded);
}

#[test]
fn gradients_are_copies_only_in_like_colours() {
    let gradient = |from: [f64; 3], to: [f64; 3]| {
        let value = |at: usize, channel: usize| {
            let share = (at % 320) as f64 / 320.0;
            (from[channel] + (to[channel] - from[channel]) * share).round() as u8
        };
        let rgb: Vec<u8> = (0..320 * 240 * 3).map(|at| value(at / 3, at % 3)).collect();
        let gray: Vec<u8> =
            rgb.as_chunks::<3>().0.iter().map(|[r, g, b]| (r / 3) + (g / 2) + (b / 6)).collect();
        extract(&Input {
            gray: Plane::new(&gray, 320, 240).unwrap(),
            rgb: RgbPlane::new(&rgb, 320, 240),
            full_size: [320, 240],
            pixel_digest: None,
        })
    };
    let red = gradient([40.0, 10.0, 10.0], [240.0, 120.0, 90.0]);
    let green = gradient([10.0, 30.0, 10.0], [90.0, 240.0, 120.0]);
    let reddish = gradient([42.0, 12.0, 12.0], [238.0, 122.0, 92.0]);
    assert_eq!(compare(&red, &green).class, Class::Different);
    assert!(compare(&red, &reddish).class.is_duplicate());
}

#[test]
fn near_codes_and_groups_work_together() {
    let original = scene(400, 300, 8);
    let half = original.warped(200, 150, &Transform::scaling(2.0, 2.0), &plain(0));
    let code = |picture: &Picture| {
        let plane = Plane::new(&picture.pixels, picture.width, picture.height).unwrap();
        Grid::new(plane, None).code(HashKind::Phash, CodeBits::B256)
    };
    let codes: Vec<Code> = [&original, &half, &scene(400, 300, 9)].map(code).to_vec();
    let join = HammingJoin::new(&codes, CodeBits::B256, 31);
    // Equal codes are one class.
    let mut edges: Vec<Edge> = (0..join.classes())
        .flat_map(|class| join.class(class).windows(2))
        .map(|two| Edge { a: two[0], b: two[1], similarity: 1.0 })
        .collect();
    for part in 0..join.parts() {
        join.part(part, &mut |near| {
            let (a, b) = (join.class(near.a as usize)[0], join.class(near.b as usize)[0]);
            edges.push(Edge { a, b, similarity: 1.0 });
        });
    }
    let found = group(&["a", "b", "c"], &edges);
    assert_eq!(found.groups.len(), 1);
    assert_eq!((found.groups[0].representative, found.groups[0].members[0].0), (0, 1));
}

/// Lines of made-up words in one layout; the seed decides the words alone.
fn page(seed: u64) -> Picture {
    let (width, height) = (560, 770);
    let mut pixels = vec![250; width * height];
    let mut state = seed.wrapping_mul(91) + 17;
    let mut draw = |n: usize| next(&mut state) as usize % n;
    for top in (42..height - 50).step_by(14) {
        let (mut x, mut left) = (42, 3);
        while x < width - 50 {
            // A letter: two uprights and a bar, at random places.
            let (one, two, bar) = (draw(3), 3 + draw(2), top + draw(8));
            for y in top..top + 8 {
                pixels[y * width + x + one] = 30;
                pixels[y * width + x + two] = 90;
            }
            pixels[bar * width + x..bar * width + x + 5].fill(30);
            left = if left == 0 { 2 + draw(6) } else { left - 1 };
            x += if left == 0 { 8 } else { 6 };
        }
    }
    Picture { pixels, width, height }
}

#[test]
fn pages_of_one_layout_are_copies_only_if_they_say_the_same() {
    let pages: Vec<Features> = (0..4).map(|seed| page(seed).features()).collect();
    for (a, b) in [(0, 1), (0, 2), (1, 3), (2, 3)] {
        let verdict = compare(&pages[a], &pages[b]);
        assert!(!verdict.class.is_duplicate(), "{verdict:?}");
    }
    for (page, features) in (0..4).map(page).zip(&pages) {
        let half = page.warped(280, 385, &Transform::scaling(2.0, 2.0), &plain(250));
        let verdict = compare(features, &half.features());
        assert_eq!(verdict.class, Class::Resized, "{verdict:?}");
    }
}

/// A page with a head, some lines below, and a picture of a quarter of its area between.
fn framed(photo: &Picture) -> Picture {
    let mut framed = page(7);
    let (left, top) = (60, 130);
    for y in 0..framed.height {
        let row = &mut framed.pixels[y * framed.width..(y + 1) * framed.width];
        if (110..470).contains(&y) {
            row.fill(245);
        }
        if (top..top + photo.height).contains(&y) {
            let line = &photo.pixels[(y - top) * photo.width..(y - top + 1) * photo.width];
            row[left..left + photo.width].copy_from_slice(line);
        }
    }
    framed
}

#[test]
fn one_page_around_different_pictures_is_no_copy_but_a_covered_picture_is() {
    let framed: Vec<Features> =
        (0..4).map(|seed| framed(&scene(410, 320, seed)).features()).collect();
    for (a, b) in [(0, 1), (0, 2), (1, 3), (2, 3)] {
        let verdict = compare(&framed[a], &framed[b]);
        assert!(!verdict.class.is_duplicate(), "{verdict:?}");
    }
    let whole = scene(400, 300, 3);
    let mut covered = whole.clone();
    for y in 60..180 {
        covered.pixels[y * 400 + 80..y * 400 + 260].fill(30);
    }
    let verdict = compare(&whole.features(), &covered.features());
    assert_eq!(verdict.class, Class::Edited, "{verdict:?}");
}
