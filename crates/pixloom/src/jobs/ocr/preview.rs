//! The `ocr preview` job: a contact sheet with the boxes drawn.
use std::path::PathBuf;

use pixloom_image::resize::{Filter, ResizeOptions, resize};
use pixloom_image::{Serial, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::drawn::draw;
use super::effects::{Canvas, put, take};
use super::plain_report;
use super::record::Record;
use super::settings::{Excerpt, Materials, SeedSetting};
use super::target::Target;
use super::work::{Made, Scratch, make};
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::params::Params;

/// Draw the first images with their boxes on one sheet.
///
/// Clusters are boxed in red, words in blue, lines in green; baselines are orange.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Preview {
    /// File to write, in the format of its name.
    #[schemars(extend("x-alias" = ["o"]))]
    output: PathBuf,
    /// Replace the file if it exists.
    overwrite: bool,
    /// How many images to show.
    #[schemars(range(min = 1, max = 400))]
    first: u64,
    /// Show from this image on.
    from: u64,
    /// Draw the boxes.
    boxes: bool,
    /// Width of the sheet in pixels.
    #[schemars(range(min = 100, max = 8000))]
    width: u32,
}

impl Default for Preview {
    fn default() -> Self {
        Self {
            output: PathBuf::from("preview.png"),
            overwrite: false,
            first: 24,
            from: 0,
            boxes: true,
            width: 1600,
        }
    }
}

impl Params for Preview {}

impl Job for Preview {
    const NAME: &'static str = "ocr preview";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Look at what comes with the program",
            line: "pixloom ocr preview -o sheet.png",
        },
        Example {
            does: "Look at a configuration before a long run",
            line: "pixloom ocr preview --batch-config batch.yaml --font-dir fonts --corpus-dir texts",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<Materials>("Materials"), Group::of::<SeedSetting>("Seed")];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let target = Target::new(&own.output, own.overwrite)?;
        let excerpt = Excerpt::open(settings, cx, (own.from, own.first))?;
        let mut sheet = Sheet::new(own.width as usize);
        let mut scratch = Scratch::default();
        let mut failed = Vec::new();
        for index in excerpt.indexes.clone() {
            let made = draw(&excerpt.studio, index, &mut scratch.cache).and_then(|(drawn, set)| {
                make(drawn, &set, &excerpt.studio.backgrounds, &mut scratch)
            });
            match made {
                Ok(mut made) => {
                    if own.boxes {
                        mark(&mut made);
                    }
                    sheet.add(&fitting(made.canvas, own.width as usize - 2 * GAP)?);
                }
                Err(error) => failed.push(format!("image {index}: {error}")),
            }
        }
        let shown = excerpt.indexes.count() - failed.len();
        if shown == 0 {
            return Err(JobError::refused("no image can be drawn; nothing was written", failed));
        }
        target.write(sheet.finish())?;
        let mut lines = vec![own.output.display().to_string()];
        let ok = failed.is_empty();
        lines.extend(failed);
        let summary = json!({"output": own.output.display().to_string(), "images": shown});
        Ok(plain_report(lines, summary, Vec::new(), ok))
    }
}

/// Space between images.
const GAP: usize = 6;
/// Taller sheets are cut.
const MOST_ROWS: usize = 20_000;

/// The image, made smaller if it is wider than the sheet.
fn fitting(mut canvas: Canvas, widest: usize) -> Result<Canvas, JobError> {
    if canvas.width <= widest {
        return Ok(canvas);
    }
    let scaled = take(&mut canvas).and_then(|image| {
        let height = f64::from(image.height()) * widest as f64 / f64::from(image.width());
        let size = Size::new(widest as u32, (height.round() as u32).max(1));
        let image = resize(&image, size, &ResizeOptions::with_filter(Filter::Lanczos3), &Serial)?;
        put(&mut canvas, image)
    });
    scaled.map_err(|error| JobError::refused(error.to_string(), Vec::new()))?;
    canvas.width = widest;
    Ok(canvas)
}

/// Images in rows from left to right.
struct Sheet {
    canvas: Canvas,
    x: usize,
    y: usize,
    row: usize,
}

impl Sheet {
    const fn new(width: usize) -> Self {
        Self { canvas: Canvas { width, pixels: Vec::new() }, x: GAP, y: GAP, row: 0 }
    }

    fn add(&mut self, image: &Canvas) {
        let width = image.width;
        let height = image.pixels.len() / 3 / image.width.max(1);
        if self.x + width + GAP > self.canvas.width && self.x > GAP {
            self.y += self.row + GAP;
            (self.x, self.row) = (GAP, 0);
        }
        if self.y + height > MOST_ROWS {
            return;
        }
        self.grow(self.y + height + GAP);
        for (row, source) in image.pixels.chunks_exact(image.width * 3).enumerate() {
            let to = ((self.y + row) * self.canvas.width + self.x) * 3;
            self.canvas.pixels[to..to + width * 3].copy_from_slice(&source[..width * 3]);
        }
        self.x += width + GAP;
        self.row = self.row.max(height);
    }

    fn grow(&mut self, rows: usize) {
        let bytes = rows * self.canvas.width * 3;
        if self.canvas.pixels.len() < bytes {
            self.canvas.pixels.resize(bytes, 64);
        }
    }

    fn finish(mut self) -> Canvas {
        self.grow(2 * GAP);
        self.canvas
    }
}

/// Draws all boxes of an image.
fn mark(made: &mut Made) {
    let Record { clusters, words, lines, .. } = &made.record;
    let canvas = &mut made.canvas;
    for line in lines {
        polygon(canvas, &line.polygon, true, [0, 150, 60]);
        polygon(canvas, &line.baseline, false, [255, 140, 0]);
    }
    let quad =
        |quad: &[f64; 8]| -> Vec<[f64; 2]> { quad.chunks_exact(2).map(|p| [p[0], p[1]]).collect() };
    for word in words {
        polygon(canvas, &quad(&word.quad), true, [30, 80, 255]);
    }
    for cluster in clusters.iter().filter(|cluster| !cluster.blank) {
        polygon(canvas, &quad(&cluster.quad), true, [230, 20, 30]);
    }
}

fn polygon(canvas: &mut Canvas, points: &[[f64; 2]], closed: bool, color: [u8; 3]) {
    for pair in points.windows(2) {
        line(canvas, pair[0], pair[1], color);
    }
    if let (true, Some(first), Some(last)) = (closed, points.first(), points.last()) {
        line(canvas, *last, *first, color);
    }
}

fn line(canvas: &mut Canvas, from: [f64; 2], to: [f64; 2], color: [u8; 3]) {
    let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
    let steps = dx.abs().max(dy.abs()).ceil().clamp(1.0, 1e6) as usize;
    let height = canvas.pixels.len() / 3 / canvas.width.max(1);
    for step in 0..=steps {
        let t = step as f64 / steps as f64;
        let (x, y) = (from[0] + dx * t, from[1] + dy * t);
        if x >= 0.0 && y >= 0.0 && (x as usize) < canvas.width && (y as usize) < height {
            let at = (y as usize * canvas.width + x as usize) * 3;
            for (pixel, c) in canvas.pixels[at..at + 3].iter_mut().zip(color) {
                *pixel = ((u16::from(*pixel) + 2 * u16::from(c)) / 3) as u8;
            }
        }
    }
}
