//! PSNR-Y on Set5 and Set14 as super-resolution papers measure it: the tables of
//! `docs/upscale.md`.
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use pixloom_image::codec::{self, DecodeOptions};
use pixloom_image::geometry::{Rect, crop};
use pixloom_image::metric::{Plane, psnr, ssim};
use pixloom_image::{Channels, Depth, Image, Limits, PixelFormat, Serial, Size, convert};
use pixloom_testkit::shared_data;

use crate::options::Options;
use crate::sh;

/// What is measured where nothing else is said.
const MODELS: [&str; 3] = ["bicubic", "lanczos", "fast"];

/// Prints one line for each set, scale and model; a model can be named.
pub(crate) fn run(options: &Options) -> Result<()> {
    let data = shared_data("sr_bench");
    let Some(data) = data else {
        println!("skipped: the folder sr_bench of the shared data is not here");
        return Ok(());
    };
    let binary = sh::release_binary(options)?;
    let models: Vec<&str> = options.word().map_or(MODELS.to_vec(), |word| vec![word]);
    println!("| set | scale | model | PSNR-Y dB | SSIM | seconds |\n|---|---:|---|---:|---:|---:|");
    for set in ["Set5", "Set14"] {
        for scale in [2, 4] {
            for model in &models {
                let case = Case { folder: data.join(set), scale, model };
                case.print(&binary, set)?;
            }
        }
    }
    Ok(())
}

struct Case<'a> {
    folder: PathBuf,
    scale: u32,
    model: &'a str,
}

impl Case<'_> {
    fn print(&self, binary: &Path, set: &str) -> Result<()> {
        let results = sh::target_dir()?.join("sr-bench").join(format!("{set}-{}", self.scale));
        sh::fresh_dir(&results)?;
        let input = self.folder.join(format!("LR_bicubic_x{}", self.scale));
        let start = std::time::Instant::now();
        let mut command = Command::new(binary);
        command.args(["upscale", "--quiet", "--model", self.model, "--scale"]);
        command.arg(self.scale.to_string()).args([&input, &results]);
        sh::output(&mut command)?;
        let seconds = start.elapsed().as_secs_f64();
        let (mut sum, mut structure, mut count) = (0.0, 0.0, 0.0);
        for entry in std::fs::read_dir(self.folder.join("HR"))? {
            let truth = entry?.path();
            let name = truth.file_name().context("a file without a name")?;
            let (truth, result) = (read(&truth)?, read(&results.join(name))?);
            let (truth, result) = both_cut(&truth, &result)?;
            sum += psnr(&truth, &result, Plane::Y, self.scale)?;
            structure += ssim(&truth, &result, self.scale)?;
            count += 1.0;
        }
        println!(
            "| {set} | {} | {} | {:.2} | {:.4} | {seconds:.1} |",
            self.scale,
            self.model,
            sum / count,
            structure / count
        );
        Ok(())
    }
}

/// A picture as 8-bit colour.
fn read(path: &Path) -> Result<Image> {
    let bytes = std::fs::read(path).with_context(|| path.display().to_string())?;
    let codec = codec::detect_or_error(&bytes)?;
    let image = codec.decode(&bytes, &DecodeOptions::default(), &Limits::default(), &Serial)?.image;
    Ok(convert::convert(image, PixelFormat::new(Channels::Rgb, Depth::U8)))
}

/// The part that both have: HR pictures are not always a multiple of the scale.
fn both_cut(a: &Image, b: &Image) -> Result<(Image, Image)> {
    let size = Size::new(a.width().min(b.width()), a.height().min(b.height()));
    let rect = Rect::new(0, 0, size);
    Ok((crop(a, rect)?, crop(b, rect)?))
}
