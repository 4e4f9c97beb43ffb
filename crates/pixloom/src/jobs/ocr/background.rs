//! What lies behind the text: pictures of a folder, one colour, generated paper.
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use pixloom_engine::{Fingerprint, Rng, Seed, path_key};
use pixloom_image::codec::{self, DecodeOptions};
use pixloom_image::{
    Channels, Depth, Image, Limits, PixelFormat, Samples, Serial, Size, convert, geometry,
};
use serde::{Deserialize, Serialize};

/// A background as it stands in records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum BackgroundRef {
    /// A part of a picture.
    File {
        /// The background folder as it was given.
        folder: String,
        /// The file below it.
        file: String,
        /// The first half of the hash of the file (BLAKE3).
        hash: String,
        /// Where the part begins, as parts of what is free in x and y.
        at: [f64; 2],
    },
    /// One colour.
    Flat {
        /// Red, green, blue.
        color: [u8; 3],
    },
    /// Generated paper.
    Paper {
        /// Red, green, blue of the sheet.
        color: [u8; 3],
        /// How rough it is, 0 to 1.
        grain: f64,
        /// Where the part begins.
        at: [u32; 2],
    },
}

/// Pixels of a background, three bytes each.
#[derive(Debug)]
pub(super) struct Rgb {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    hash: String,
}

/// Pictures of a folder, decoded when first needed and kept as far as memory goes.
#[derive(Debug, Default)]
pub(super) struct Backgrounds {
    folder: PathBuf,
    files: Vec<PathBuf>,
    held: Vec<OnceLock<Result<Arc<Rgb>, String>>>,
    held_bytes: AtomicU64,
}

/// Decoded backgrounds in memory; others are decoded again for each image.
const MOST_HELD: u64 = 64 << 20;
/// Larger backgrounds are reduced to about this many pixels.
const MOST_PIXELS: usize = 2_400_000;

impl Backgrounds {
    /// Lists the pictures directly in a folder.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub(super) fn list(folder: &Path) -> std::io::Result<Self> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
            if path.is_file() && codec::by_name(extension).is_some_and(|c| c.support().reads) {
                files.push(path);
            }
        }
        files.sort();
        let held = files.iter().map(|_| OnceLock::new()).collect();
        Ok(Self { folder: folder.to_owned(), files, held, held_bytes: AtomicU64::new(0) })
    }

    /// How many pictures there are.
    pub(super) const fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub(super) const fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What decides a background: names, lengths and times of change.
    pub(super) fn identity(&self) -> Fingerprint {
        let all = self.files.iter().fold(Fingerprint::builder("backgrounds"), |all, file| {
            let meta = fs::metadata(file).ok();
            let stamp = meta.and_then(|m| Some((m.len(), m.modified().ok()?)));
            all.field(&path_key(file), format!("{stamp:?}"))
        });
        all.finish()
    }

    /// A picture and its record, drawn; where one is broken, the next one serves. `None` if
    /// none can be read.
    pub(super) fn draw(&self, rng: &mut Rng) -> Option<BackgroundRef> {
        let first = rng.range_u64(self.len() as u64) as usize;
        let at = [super::drawn::rounded(rng.f64()), super::drawn::rounded(rng.f64())];
        for step in 0..self.len() {
            let number = (first + step) % self.len();
            if let Ok(picture) = self.get(number) {
                let file = &self.files[number];
                let name = file.strip_prefix(&self.folder).unwrap_or(file);
                return Some(BackgroundRef::File {
                    folder: path_key(&self.folder),
                    file: path_key(name),
                    hash: picture.hash.clone(),
                    at,
                });
            }
        }
        None
    }

    /// The pictures that cannot be read, of those that were looked at.
    pub(super) fn broken(&self) -> Vec<(String, String)> {
        let looked = self.files.iter().zip(&self.held);
        let broken = looked.filter_map(|(file, held)| match held.get() {
            Some(Err(problem)) => Some((path_key(file), problem.clone())),
            _ => None,
        });
        broken.collect()
    }

    fn get(&self, number: usize) -> Result<Arc<Rgb>, String> {
        if let Some(held) = self.held[number].get() {
            return held.clone();
        }
        let decoded = decode(&self.files[number]).map(Arc::new);
        let bytes = decoded.as_ref().map_or(64, |rgb| rgb.pixels.len() as u64);
        // Which pictures are held depends on chance, what they show does not.
        if self.held_bytes.fetch_add(bytes, Ordering::Relaxed) + bytes <= MOST_HELD {
            return self.held[number].get_or_init(|| decoded).clone();
        }
        self.held_bytes.fetch_sub(bytes, Ordering::Relaxed);
        decoded
    }

    /// Finds the picture that a record names.
    ///
    /// # Errors
    /// A sentence if it is not there or is another one.
    pub(super) fn open(
        &self,
        (folder, file, hash): (&str, &str, &str),
    ) -> Result<Arc<Rgb>, String> {
        let wanted = self.folder.join(pixloom_engine::key_path(file));
        let picture = if let Some(number) = self.files.iter().position(|known| *known == wanted) {
            self.get(number)?
        } else {
            let path = pixloom_engine::key_path(folder).join(pixloom_engine::key_path(file));
            Arc::new(decode(&path).map_err(|error| format!("{}: {error}", path.display()))?)
        };
        if picture.hash == hash {
            Ok(picture)
        } else {
            Err(format!("{file} is not the background that the record names"))
        }
    }
}

fn decode(path: &Path) -> Result<Rgb, String> {
    let text = |error: &dyn std::error::Error| error.to_string();
    let bytes = fs::read(path).map_err(|error| text(&error))?;
    let limits = Limits::default();
    let codec = codec::detect_or_error(&bytes).map_err(|error| text(&error))?;
    let stored = codec.header(&bytes, &limits).map_err(|error| text(&error))?.size;
    let factor = reduction(stored.width as usize, stored.height as usize) as u32;
    // Where the format can, a large picture is decoded at a smaller scale at once.
    let least = Size::new(stored.width / factor, stored.height / factor);
    let options = DecodeOptions { at_least: Some(least), ..DecodeOptions::default() };
    let decoded = codec.decode(&bytes, &options, &limits, &Serial).map_err(|error| text(&error))?;
    let hash = Fingerprint::of(&bytes).to_string()[..32].to_owned();
    let image = geometry::apply_orientation(decoded.image);
    let image = convert::convert(image, PixelFormat::new(Channels::Rgb, Depth::U8));
    let (width, height) = (image.width() as usize, image.height() as usize);
    let Samples::U8(pixels) = image.into_samples() else {
        return Err("cannot be converted to 8 bits".to_owned());
    };
    Ok(reduced(Rgb { width, height, pixels, hash }))
}

/// By how much a picture is made smaller in each direction.
fn reduction(width: usize, height: usize) -> usize {
    (1..=1 << 16).find(|n: &usize| width * height / (n * n) <= MOST_PIXELS).unwrap_or(1)
}

/// Averages squares of pixels until the picture is of a useful size.
fn reduced(rgb: Rgb) -> Rgb {
    let factor = reduction(rgb.width, rgb.height);
    if factor == 1 {
        return rgb;
    }
    let (width, height) = ((rgb.width / factor).max(1), (rgb.height / factor).max(1));
    let mut pixels = Vec::with_capacity(width * height * 3);
    let count = (factor * factor) as u32;
    for y in 0..height {
        for x in 0..width {
            let mut sum = [0_u32; 3];
            for row in y * factor..((y + 1) * factor).min(rgb.height) {
                let start = (row * rgb.width + x * factor) * 3;
                for pixel in rgb.pixels[start..start + factor * 3].chunks_exact(3) {
                    (0..3).for_each(|c| sum[c] += u32::from(pixel[c]));
                }
            }
            pixels.extend(sum.map(|v| ((v + count / 2) / count) as u8));
        }
    }
    Rgb { width, height, pixels, hash: rgb.hash }
}

impl Rgb {
    /// Fills a canvas with the part at `at`, mirrored where the picture is too small.
    fn fill(&self, canvas: &mut [u8], width: usize, at: [f64; 2]) {
        let height = canvas.len() / 3 / width.max(1);
        let start = |free: usize, part: f64| (free as f64 * part.clamp(0.0, 1.0)) as usize;
        let left = start(self.width.saturating_sub(width), at[0]);
        let top = start(self.height.saturating_sub(height), at[1]);
        for (y, row) in canvas.chunks_exact_mut(width * 3).enumerate() {
            let source = mirrored(top + y, self.height) * self.width;
            let inside = self.width.saturating_sub(left).min(width);
            let from = (source + left) * 3;
            row[..inside * 3].copy_from_slice(&self.pixels[from..from + inside * 3]);
            for x in inside..width {
                let from = (source + mirrored(left + x, self.width)) * 3;
                row[x * 3..x * 3 + 3].copy_from_slice(&self.pixels[from..from + 3]);
            }
        }
    }
}

fn mirrored(position: usize, length: usize) -> usize {
    let position = position % (2 * length);
    if position < length { position } else { 2 * length - 1 - position }
}

/// Fills a canvas of three bytes a pixel with what a record says.
///
/// # Errors
/// As [`Backgrounds::open`].
pub(super) fn fill(
    reference: &BackgroundRef,
    backgrounds: &Backgrounds,
    canvas: &mut [u8],
    width: usize,
) -> Result<(), String> {
    match reference {
        BackgroundRef::File { folder, file, hash, at } => {
            backgrounds.open((folder, file, hash))?.fill(canvas, width, *at);
        }
        BackgroundRef::Flat { color } => {
            canvas.as_chunks_mut::<3>().0.iter_mut().for_each(|pixel| *pixel = *color);
        }
        BackgroundRef::Paper { color, grain, at } => paper(canvas, width, (*color, *grain, *at)),
    }
    Ok(())
}

/// Side of the sheet of paper that repeats.
const SHEET: usize = 512;

/// Offsets of the sheet's pixels: clouds, fibres and grain, 0 on average.
fn sheet() -> &'static [i16] {
    static SHEET_PIXELS: OnceLock<Vec<i16>> = OnceLock::new();
    SHEET_PIXELS.get_or_init(|| {
        let mut rng = Seed::root(0x7061_7065_7200).rng();
        let mut sheet = vec![0_i16; SHEET * SHEET];
        for (cell, strength) in [(64, 5.0), (16, 3.0)] {
            clouds(&mut sheet, (cell, strength), &mut rng);
        }
        for _ in 0..900 {
            fibre(&mut sheet, &mut rng);
        }
        for sample in &mut sheet {
            *sample += (rng.normal() * 3.0) as i16;
        }
        sheet
    })
}

/// How rough paper is at a position, about -1 to 1.
pub(super) fn roughness(x: usize, y: usize) -> f32 {
    f32::from(sheet()[y % SHEET * SHEET + x % SHEET]) / 16.0
}

/// Adds noise of one cell size, smooth and without a seam.
fn clouds(sheet: &mut [i16], (cell, strength): (usize, f64), rng: &mut Rng) {
    let nodes = SHEET / cell;
    let values: Vec<f64> = (0..nodes * nodes).map(|_| rng.normal() * strength).collect();
    for (at, sample) in sheet.iter_mut().enumerate() {
        let (x, y) = (at % SHEET, at / SHEET);
        let part = |v: usize| {
            let t = (v % cell) as f64 / cell as f64;
            (v / cell, t * t * (3.0 - 2.0 * t))
        };
        let ((i, u), (j, v)) = (part(x), part(y));
        let node = |i: usize, j: usize| values[j % nodes * nodes + i % nodes];
        let top = node(i, j) + (node(i + 1, j) - node(i, j)) * u;
        let bottom = node(i, j + 1) + (node(i + 1, j + 1) - node(i, j + 1)) * u;
        *sample += (top + (bottom - top) * v) as i16;
    }
}

/// Adds one thin light or dark line.
fn fibre(sheet: &mut [i16], rng: &mut Rng) {
    let (mut x, mut y) = (rng.range_f64(0.0, SHEET as f64), rng.range_f64(0.0, SHEET as f64));
    let (mut angle, tone) = (rng.range_f64(0.0, std::f64::consts::TAU), rng.normal() * 4.0);
    for _ in 0..(10 + rng.range_u64(30)) {
        let at = (y as usize % SHEET) * SHEET + x as usize % SHEET;
        sheet[at] += tone as i16;
        angle += rng.normal() * 0.15;
        let (sin, cos) = libm::sincos(angle);
        (x, y) = ((x + cos).rem_euclid(SHEET as f64), (y + sin).rem_euclid(SHEET as f64));
    }
}

fn paper(canvas: &mut [u8], width: usize, (color, grain, at): ([u8; 3], f64, [u32; 2])) {
    let sheet = sheet();
    let strength = (grain.clamp(0.0, 1.0) * 256.0) as i32;
    let color = color.map(i32::from);
    for (y, row) in canvas.chunks_exact_mut(width * 3).enumerate() {
        let line = (y + at[1] as usize) % SHEET * SHEET;
        for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let offset = i32::from(sheet[line + (x + at[0] as usize) % SHEET]) * strength / 256;
            *pixel = color.map(|c| (c + offset).clamp(0, 255) as u8);
        }
    }
}

/// The image as a picture.
///
/// # Errors
/// If the number of bytes is wrong.
pub(super) fn picture(width: usize, pixels: Vec<u8>) -> Result<Image, pixloom_image::ImageError> {
    let height = pixels.len() / 3 / width.max(1);
    let size = pixloom_image::Size::new(width as u32, height as u32);
    Image::new(size, Channels::Rgb, Samples::U8(pixels))
}
