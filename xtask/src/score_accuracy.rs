//! Whether the scores of `pixloom score` separate what they claim: the tables of `docs/scores.md`.
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use pixloom_image::codec::{self, EncodeOptions};
use pixloom_image::filter::gaussian_blur;
use pixloom_image::resize::{Filter, ResizeOptions, resize};
use pixloom_image::score::{Scores, score};
use pixloom_image::{Image, Samples, Serial, Size};
use pixloom_testkit::{Lcg, shared_data};

use crate::pairs_accuracy::read;

/// A picture as it is, or made worse.
#[derive(Debug, Clone, Copy)]
enum Change {
    None,
    Blur(f32),
    Jpeg(u8),
    /// Made smaller by a factor and brought back to its size.
    Enlarged(f64, Filter),
    /// Standard deviation of 255.
    Noise(f64),
    /// Levels that are left.
    Levels(u8),
}

/// A claim: the score tells the change from the pictures as they are.
struct Claim {
    score: &'static str,
    change: Change,
    name: &'static str,
    /// Whether the change makes the score larger.
    raises: bool,
}

const fn claim((score, raises): (&'static str, bool), name: &'static str, change: Change) -> Claim {
    Claim { score, change, name, raises }
}

const CLAIMS: [Claim; 18] = [
    claim(("sharpness", false), "blur σ 1", Change::Blur(1.0)),
    claim(("sharpness", false), "blur σ 2", Change::Blur(2.0)),
    claim(("laplacian_variance", false), "blur σ 1", Change::Blur(1.0)),
    claim(("blockiness", true), "JPEG q75", Change::Jpeg(75)),
    claim(("blockiness", true), "JPEG q50", Change::Jpeg(50)),
    claim(("blockiness", true), "JPEG q20", Change::Jpeg(20)),
    claim(("native_scale", false), "×1.5 bicubic", Change::Enlarged(1.5, Filter::CatmullRom)),
    claim(("native_scale", false), "×2 bilinear", Change::Enlarged(2.0, Filter::Bilinear)),
    claim(("native_scale", false), "×2 bicubic", Change::Enlarged(2.0, Filter::CatmullRom)),
    claim(("native_scale", false), "×2 Lanczos", Change::Enlarged(2.0, Filter::Lanczos3)),
    claim(("native_scale", false), "×4 bicubic", Change::Enlarged(4.0, Filter::CatmullRom)),
    claim(("native_scale", false), "blur σ 2", Change::Blur(2.0)),
    claim(("noise", true), "noise σ 5", Change::Noise(5.0)),
    claim(("noise", true), "noise σ 10", Change::Noise(10.0)),
    claim(("noise", true), "noise σ 25", Change::Noise(25.0)),
    claim(("spatial_information", false), "blur σ 2", Change::Blur(2.0)),
    claim(("entropy", false), "16 levels", Change::Levels(16)),
    claim(("banding", true), "16 levels", Change::Levels(16)),
];

/// Measures every claim on two sets.
pub(crate) fn run() -> Result<()> {
    for set in ["kodak", "photos_small"] {
        let pictures = pictures(set)?;
        let (native, speed) = scores(&pictures, Change::None)?;
        println!("\n{set}: {} pictures, {speed:.1} MP/s\n", pictures.len());
        println!(
            "| score | change | as they are: 10 %, half, 90 % | changed: 10 %, half, 90 % | told apart |"
        );
        println!("|---|---|---|---|---|");
        for claim in CLAIMS {
            let (changed, _) = scores(&pictures, claim.change)?;
            let (before, after) = (values(&native, claim.score), values(&changed, claim.score));
            println!(
                "| `{}` | {} | {} | {} | {:.0} % |",
                claim.score,
                claim.name,
                spread(&before),
                spread(&after),
                100.0 * told_apart(&before, &after, claim.raises)
            );
        }
    }
    Ok(())
}

fn pictures(set: &str) -> Result<Vec<Image>> {
    let folder = shared_data(set).context("the shared data is not here")?;
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "png" || extension == "jpg") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// The scores after a change, and how many million pixels were scored in a second of computing.
fn scores(pictures: &[Image], change: Change) -> Result<(Vec<Scores>, f64)> {
    let (mut all, mut time, mut pixels) = (Vec::new(), Duration::ZERO, 0);
    for (at, picture) in pictures.iter().enumerate() {
        let changed = changed(picture, change, at as u64)?;
        let start = busy();
        all.push(score(&changed, &Serial)?);
        time += busy().saturating_sub(start);
        pixels += changed.size().pixels();
    }
    Ok((all, pixels as f64 / 1e6 / time.as_secs_f64().max(1e-9)))
}

/// How long this thread has computed, as Linux counts it; the clock would count what other
/// programs take.
fn busy() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

fn changed(image: &Image, change: Change, seed: u64) -> Result<Image> {
    Ok(match change {
        Change::None => image.clone(),
        Change::Blur(sigma) => gaussian_blur(image, sigma, &Serial)?,
        Change::Jpeg(quality) => jpeg(image, quality)?,
        Change::Enlarged(factor, filter) => {
            let part = |side: u32| (f64::from(side) / factor) as u32;
            let small = Size::new(part(image.width()), part(image.height()));
            let options = ResizeOptions::with_filter(filter);
            resize(&resize(image, small, &options, &Serial)?, image.size(), &options, &Serial)?
        }
        Change::Noise(sigma) => noisy(image, sigma, seed),
        Change::Levels(levels) => posterised(image, levels),
    })
}

fn jpeg(image: &Image, quality: u8) -> Result<Image> {
    let codec = codec::by_name("jpeg").context("no JPEG")?;
    let options = EncodeOptions { quality: Some(quality), ..EncodeOptions::default() };
    let mut bytes = Vec::new();
    codec.encode(image, &options, &Serial, &mut bytes)?;
    let limits = pixloom_image::Limits::default();
    Ok(codec.decode(&bytes, &codec::DecodeOptions::default(), &limits, &Serial)?.image)
}

/// The same noise in all channels, so that it is as strong in the luma.
fn noisy(image: &Image, sigma: f64, seed: u64) -> Image {
    let (mut image, mut lcg) = (image.clone(), Lcg::new(seed));
    if let Samples::U8(samples) = image.samples_mut() {
        for pixel in samples.chunks_exact_mut(3) {
            let sum: f64 = (0..12).map(|_| f64::from(lcg.next_u32()) / f64::from(u32::MAX)).sum();
            for sample in pixel {
                let value = f64::from(*sample) + sigma * (sum - 6.0);
                *sample = value.round().clamp(0.0, 255.0) as u8;
            }
        }
    }
    image
}

fn posterised(image: &Image, levels: u8) -> Image {
    let (mut image, step) = (image.clone(), 256 / u16::from(levels));
    if let Samples::U8(samples) = image.samples_mut() {
        for sample in samples.iter_mut() {
            *sample = (u16::from(*sample) / step * step) as u8;
        }
    }
    image
}

fn values(scores: &[Scores], name: &str) -> Vec<f64> {
    let value = |scores: &Scores| {
        scores.fields().into_iter().find(|(field, _)| *field == name).map_or(0.0, |(_, v)| v)
    };
    scores.iter().map(value).collect()
}

fn spread(values: &[f64]) -> String {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    let at = |tenths: usize| values.get(last * tenths / 10).copied().unwrap_or(0.0);
    format!("{:.3}, {:.3}, {:.3}", at(1), at(5), at(9))
}

/// The share of pairs of one picture as it is and one changed, any two, in which the changed one
/// has the score that it should have: the area under the ROC curve.
fn told_apart(before: &[f64], after: &[f64], raises: bool) -> f64 {
    let mut right = 0.0;
    for before in before {
        for after in after {
            let (low, high) = if raises { (before, after) } else { (after, before) };
            right += if low < high {
                1.0
            } else if low > high {
                0.0
            } else {
                0.5
            };
        }
    }
    right / (before.len() * after.len()).max(1) as f64
}
