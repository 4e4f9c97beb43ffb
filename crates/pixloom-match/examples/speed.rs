//! Times the kernels: `speed hamming [CODES] [DISTANCE]`, `speed features`, `speed verify`.
#![expect(clippy::print_stdout, reason = "an example talks to its user")]
use std::hint::black_box;
use std::time::Instant;

use pixloom_match::{
    Code, CodeBits, Features, HammingJoin, Input, Plane, Quality, Settings, extract, verify,
};

fn main() {
    let mut args = std::env::args().skip(1);
    let what = args.next().unwrap_or_default();
    let mut number =
        |default: usize| args.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    match what.as_str() {
        "hamming" => hamming(number(1_000_000), number(31) as u32),
        "features" => features(),
        "verify" => pairs(),
        _ => println!("speed hamming [CODES] [DISTANCE] | features | verify"),
    }
}

fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Random codes, one in a hundred with a near one.
fn hamming(count: usize, distance: u32) {
    let mut state = 88_172_645_463_325_252;
    let mut codes: Vec<Code> =
        (0..count).map(|_| Code(std::array::from_fn(|_| next(&mut state)))).collect();
    for at in 0..count / 100 {
        let mut code = codes[at];
        for _ in 0..24 {
            let bit = next(&mut state) % 256;
            code.0[(bit / 64) as usize] ^= 1 << (bit % 64);
        }
        codes[count - 1 - at] = code;
    }
    let start = Instant::now();
    let join = HammingJoin::new(&codes, CodeBits::B256, distance);
    let sorted = start.elapsed();
    let mut found = 0;
    let mut parts = Vec::new();
    for part in 0..join.parts() {
        let start = Instant::now();
        join.part(part, &mut |_| found += 1);
        parts.push(start.elapsed().as_secs_f64());
    }
    println!(
        "{count} codes: sorted in {:.2} s, {} parts in {:.2} s ({:.2} to {:.2} s each), {found} pairs, {} MB",
        sorted.as_secs_f64(),
        parts.len(),
        parts.iter().sum::<f64>(),
        parts.iter().copied().fold(f64::MAX, f64::min),
        parts.iter().copied().fold(0.0, f64::max),
        join.bytes() >> 20,
    );
}

/// Boxes of all sizes on a soft ground.
fn scene(seed: u64, width: usize, height: usize) -> Vec<u8> {
    let mut state = seed + 99;
    let mut pixels: Vec<u8> =
        (0..width * height).map(|at| (100 + (at % width + at / width) / 12) as u8).collect();
    for _ in 0..400 {
        let mut draw = |n: usize| next(&mut state) as usize % n;
        let (x, y, w, h, shade) =
            (draw(width), draw(height), 3 + draw(40), 3 + draw(40), draw(256));
        for row in y..(y + h).min(height) {
            pixels[row * width + x..row * width + (x + w).min(width)].fill(shade as u8);
        }
    }
    pixels
}

fn made(seed: u64) -> Features {
    let pixels = scene(seed, 384, 288);
    extract(&Input {
        gray: Plane::new(&pixels, 384, 288).unwrap_or_else(|| unreachable!("the size fits")),
        rgb: None,
        full_size: [384, 288],
        pixel_digest: None,
    })
}

/// The least time of many runs, in milliseconds.
fn least(mut work: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..60).map(time).fold(f64::MAX, f64::min)
}

fn features() {
    for (width, height) in [(384, 288), (800, 600)] {
        let pixels = scene(1, width, height);
        let Some(gray) = Plane::new(&pixels, width, height) else { continue };
        let input =
            Input { gray, rgb: None, full_size: [width as u32, height as u32], pixel_digest: None };
        let all = least(|| drop(black_box(extract(&input))));
        let quality = least(|| {
            black_box(Quality::measure(gray));
        });
        let points = extract(&input).key_points().len();
        println!("{width}×{height}: {all:.2} ms, of it quality {quality:.2} ms; {points} points");
    }
    let bytes = made(1).to_bytes();
    let read = least(|| drop(black_box(Features::from_bytes(&bytes))));
    println!("{} bytes, read in {read:.3} ms", bytes.len());
}

fn pairs() {
    let (one, other) = (made(1), made(2));
    let settings = Settings::default();
    let equal = least(|| drop(black_box(verify(&one, &one, &settings))));
    let different = least(|| drop(black_box(verify(&one, &other, &settings))));
    println!("equal pictures {equal:.3} ms, different ones {different:.3} ms");
}
