//! How well misaligned HQ/LQ pairs are told from degraded ones: the tables of `docs/pairs.md`.
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use pixloom_image::align::{Alignment, Verdict, View, align};
use pixloom_image::codec::{self, DecodeOptions, EncodeOptions};
use pixloom_image::convert::convert;
use pixloom_image::filter::gaussian_blur;
use pixloom_image::geometry::{Rect, Turn, crop, turn};
use pixloom_image::resize::{Filter, ResizeOptions, resize};
use pixloom_image::{Image, Limits, PixelFormat, Samples, Serial, Size};
use pixloom_testkit::{Lcg, shared_data};

/// HQ pixels that faults may take from each side.
const MARGIN: u32 = 4;

/// What is done to an LQ picture.
#[derive(Debug, Clone, Copy)]
struct Degradation {
    name: &'static str,
    /// Pixels.
    blur: f32,
    /// On the 0 to 255 scale.
    noise: f64,
    /// JPEG quality.
    quality: Option<u8>,
}

const fn degradation(
    name: &'static str,
    blur: f32,
    noise: f64,
    quality: Option<u8>,
) -> Degradation {
    Degradation { name, blur, noise, quality }
}

const DEGRADATIONS: [Degradation; 11] = [
    degradation("none", 0.0, 0.0, None),
    degradation("blur σ 1", 1.0, 0.0, None),
    degradation("blur σ 2", 2.0, 0.0, None),
    degradation("noise σ 10", 0.0, 10.0, None),
    degradation("noise σ 25", 0.0, 25.0, None),
    degradation("JPEG q90", 0.0, 0.0, Some(90)),
    degradation("JPEG q60", 0.0, 0.0, Some(60)),
    degradation("JPEG q30", 0.0, 0.0, Some(30)),
    degradation("blur 1, noise 10, q60", 1.0, 10.0, Some(60)),
    degradation("noise 25, q30", 0.0, 25.0, Some(30)),
    degradation("blur 2, noise 25, q30", 2.0, 25.0, Some(30)),
];

/// What may be wrong with a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// LQ pixels.
    Shift(i32, i32),
    Turn(Turn),
    WrongPartner,
}

const FAULTS: [Fault; 9] = [
    Fault::None,
    Fault::Shift(1, 0),
    Fault::Shift(0, -1),
    Fault::Shift(-1, 1),
    Fault::Shift(4, -2),
    Fault::Turn(Turn::FlipHorizontal),
    Fault::Turn(Turn::FlipVertical),
    Fault::Turn(Turn::Rotate180),
    Fault::WrongPartner,
];

/// Results of one degradation.
#[derive(Debug, Default)]
struct Row {
    pairs: usize,
    false_alarms: Vec<String>,
    unsure: usize,
    shifted: Found,
    turned: Found,
    wrong: Found,
    /// Largest distance measured of a true pair, smallest of one shifted by 1 px or more.
    largest_true: f64,
    smallest_shifted: f64,
    lowest_true: f64,
    highest_wrong: f64,
}

#[derive(Debug, Default)]
struct Found {
    hits: usize,
    of: usize,
    missed: Vec<String>,
}

impl Found {
    fn add(&mut self, found: bool, what: String) {
        self.of += 1;
        self.hits += usize::from(found);
        if !found {
            self.missed.push(what);
        }
    }
}

pub(crate) fn run() -> Result<()> {
    for scale in [4, 2] {
        println!("\nscale {scale}\n");
        println!(
            "| degradation | true pairs | false alarms | unsure | shifted ≥ 1 px | flipped, turned \
             | wrong partner | true: most px | shifted: least px | true: least r | wrong: most r |"
        );
        println!("|---|---|---|---|---|---|---|---|---|---|---|");
        let pictures = pictures(scale)?;
        let mut trouble = Vec::new();
        for degradation in DEGRADATIONS {
            let row = measure(&pictures, scale, degradation)?;
            println!("{}", row.line(degradation.name));
            trouble.extend(row.trouble(degradation.name));
        }
        for line in &trouble {
            println!("  {line}");
        }
    }
    bench_files()
}

/// Name and content of the pictures, cut to a multiple of the scale.
fn pictures(scale: u32) -> Result<Vec<(String, Image)>> {
    let mut all = Vec::new();
    for folder in ["kodak", "sr_bench/Set5/HR", "sr_bench/Set14/HR"] {
        let Some(folder) = shared_data(folder) else { continue };
        for path in files(&folder)? {
            let image = read(&path)?;
            let size = Size::new(image.width() / scale * scale, image.height() / scale * scale);
            let name = path.strip_prefix(folder.parent().unwrap_or(&folder)).unwrap_or(&path);
            all.push((name.display().to_string(), crop(&image, Rect::new(0, 0, size))?));
        }
    }
    Ok(all)
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "png") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn read(path: &Path) -> Result<Image> {
    let bytes = std::fs::read(path)?;
    let codec = codec::detect(&bytes).context("no picture")?;
    let decoded = codec.decode(&bytes, &DecodeOptions::default(), &Limits::default(), &Serial)?;
    Ok(convert(decoded.image, PixelFormat::RGB8))
}

fn measure(pictures: &[(String, Image)], scale: u32, how: Degradation) -> Result<Row> {
    let mut row = Row { smallest_shifted: f64::MAX, lowest_true: 1.0, ..Row::default() };
    for (at, (name, picture)) in pictures.iter().enumerate() {
        let other = &pictures[(at + 1) % pictures.len()].1;
        for (number, fault) in FAULTS.into_iter().enumerate() {
            let (hq, lq) = pair(picture, other, scale, fault)?;
            let seed = (at * FAULTS.len() + number) as u64;
            let lq = degrade(&lq, how, seed)?;
            let found = align(View::whole(&hq), View::whole(&lq), lq.size(), &Serial)?;
            row.add(fault, &found, format!("{name} {fault:?}: {found:?}"));
        }
    }
    Ok(row)
}

/// HQ and LQ with a fault, before any degradation.
fn pair(picture: &Image, other: &Image, scale: u32, fault: Fault) -> Result<(Image, Image)> {
    let margin = MARGIN * scale;
    let size = Size::new(picture.width() - 2 * margin, picture.height() - 2 * margin);
    let part = |dx: i32, dy: i32| {
        let at = |d: i32| margin.saturating_add_signed(d * scale as i32);
        crop(picture, Rect::new(at(dx), at(dy), size))
    };
    let hq = part(0, 0)?;
    let source = match fault {
        Fault::None => hq.clone(),
        // What is cut out further to the left lies further to the right.
        Fault::Shift(x, y) => part(-x, -y)?,
        Fault::Turn(way) => turn(hq.clone(), way),
        Fault::WrongPartner => resize(other, size, &ResizeOptions::default(), &Serial)?,
    };
    let small = Size::new(size.width / scale, size.height / scale);
    let lq = resize(&source, small, &ResizeOptions::with_filter(Filter::CatmullRom), &Serial)?;
    Ok((hq, lq))
}

fn degrade(image: &Image, how: Degradation, seed: u64) -> Result<Image> {
    let mut image = gaussian_blur(image, how.blur, &Serial)?;
    let mut lcg = Lcg::new(seed);
    if let Samples::U8(samples) = image.samples_mut() {
        for sample in samples.iter_mut().filter(|_| how.noise > 0.0) {
            // Twelve uniform numbers less six: a normal one.
            let sum: f64 = (0..12).map(|_| f64::from(lcg.next_u32()) / f64::from(u32::MAX)).sum();
            *sample =
                (f64::from(*sample) + how.noise * (sum - 6.0)).round().clamp(0.0, 255.0) as u8;
        }
    }
    let Some(quality) = how.quality else { return Ok(image) };
    let codec = codec::by_name("jpeg").context("no JPEG")?;
    let options = EncodeOptions { quality: Some(quality), ..EncodeOptions::default() };
    let mut bytes = Vec::new();
    codec.encode(&image, &options, &Serial, &mut bytes)?;
    Ok(codec.decode(&bytes, &DecodeOptions::default(), &Limits::default(), &Serial)?.image)
}

impl Row {
    fn add(&mut self, fault: Fault, found: &Alignment, what: String) {
        let verdict = found.verdict;
        let distance = found.shift[0].hypot(found.shift[1]);
        let alarm = !matches!(verdict, Verdict::Aligned | Verdict::Unsure);
        match fault {
            Fault::None => {
                self.pairs += 1;
                self.unsure += usize::from(verdict == Verdict::Unsure);
                self.largest_true = self.largest_true.max(distance);
                self.lowest_true = self.lowest_true.min(found.correlation);
                if alarm || has_other_colours(found) {
                    self.false_alarms.push(what);
                }
            }
            Fault::Shift(..) => {
                self.smallest_shifted = self.smallest_shifted.min(distance);
                self.shifted.add(alarm, what);
            }
            Fault::Turn(_) => self.turned.add(verdict == Verdict::Turned, what),
            Fault::WrongPartner => {
                self.highest_wrong = self.highest_wrong.max(found.correlation);
                self.wrong.add(alarm, what);
            }
        }
    }

    fn line(&self, name: &str) -> String {
        let found = |found: &Found| format!("{}/{}", found.hits, found.of);
        format!(
            "| {name} | {} | {} | {} | {} | {} | {} | {:.2} | {:.2} | {:.2} | {:.2} |",
            self.pairs,
            self.false_alarms.len(),
            self.unsure,
            found(&self.shifted),
            found(&self.turned),
            found(&self.wrong),
            self.largest_true,
            self.smallest_shifted,
            self.lowest_true,
            self.highest_wrong,
        )
    }

    fn trouble(self, name: &str) -> Vec<String> {
        let missed =
            [self.false_alarms, self.shifted.missed, self.turned.missed, self.wrong.missed];
        missed.into_iter().flatten().map(|what| format!("{name}: {what}")).collect()
    }
}

/// The thresholds of the job.
fn has_other_colours(found: &Alignment) -> bool {
    found.color.is_some_and(|color| {
        color.cast() >= 6.0
            || color.brightness().abs() >= 10.0
            || color.gain >= 1.2
            || color.gain <= 1.0 / 1.2
    })
}

/// The LR files of the benchmarks, as they are published.
fn bench_files() -> Result<()> {
    println!("\nLR files of Set5 and Set14\n");
    for set in ["Set5", "Set14"] {
        let Some(folder) = shared_data(&format!("sr_bench/{set}")) else { continue };
        for scale in [2, 3, 4] {
            let (mut pairs, mut alarms, mut largest) = (0, Vec::new(), 0.0_f64);
            for path in files(&folder.join(format!("LR_bicubic_x{scale}")))? {
                let name = path.file_name().context("a file has a name")?;
                let (hq, lq) = (read(&folder.join("HR").join(name))?, read(&path)?);
                let size = Size::new(lq.width() * scale, lq.height() * scale);
                let hq = crop(&hq, Rect::new(0, 0, size))?;
                let found = align(View::whole(&hq), View::whole(&lq), lq.size(), &Serial)?;
                pairs += 1;
                largest = largest.max(found.shift[0].hypot(found.shift[1]));
                if found.verdict != Verdict::Aligned || has_other_colours(&found) {
                    alarms.push(format!("{}: {found:?}", path.display()));
                }
            }
            println!(
                "{set} x{scale}: {pairs} pairs, {} alarms, most {largest:.3} px",
                alarms.len()
            );
            for line in &alarms {
                println!("  {line}");
            }
        }
    }
    Ok(())
}
