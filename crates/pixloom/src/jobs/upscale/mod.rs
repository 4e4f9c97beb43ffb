//! The `upscale` job: larger pictures by a neural net or a classical kernel.
mod bleed;
mod cells;
mod chain;
mod engine;
mod enlarge;

use chain::{Chain, With};
use enlarge::Enlarge;

use std::path::PathBuf;

use pixloom_engine::{Machine, Requested, Tuning};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::onnx::{Device, Place};
use crate::params::{ParamError, Params};
use crate::picture::{EncodeSettings, PictureJob};
use crate::pipeline::Pipeline;
use crate::run::{InputSettings, RunSettings};

/// Make pictures larger by a neural net.
///
/// The nets run on the CPU, on all workers; the result is the same at any number of them and at
/// any tile size. Alpha goes through the net too, 16 bit stay 16 bit, gray stays gray, colour
/// profile and metadata are kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Upscale {
    /// Folder or picture to read.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    input: PathBuf,
    /// Folder to write; for a single picture also the name of a file.
    #[schemars(extend("x-positional" = 2, "x-required" = true))]
    output: PathBuf,
    /// How many times wider and higher the result is. What the net does not reach exactly is
    /// resampled from its next larger result. Without it, the net's own scale (4 for kernels).
    #[schemars(range(min = 1.0, max = 32.0))]
    scale: Option<f64>,
    /// A built-in model (`fast`), a model file (.safetensors, .pth, .onnx) or a
    /// kernel (`lanczos`, `bicubic`, …); several with commas run one after the other.
    /// `pixloom models` lists them.
    model: String,
    /// Side of the squares, in input pixels, that are handed to a worker at once; rounded to the
    /// net's own cells. Does not change results.
    #[schemars(range(min = 16, max = 65_536))]
    tile: u32,
    /// Mean of the results for the picture in all eight flips and turns: a little better,
    /// eight times slower.
    self_ensemble: bool,
    /// What nets run on: `cpu`, or `cuda` for .onnx models on an NVIDIA GPU by the ONNX Runtime
    /// that you have.
    device: Device,
    /// How much of the GPU's memory ONNX Runtime may take for tensors; without it, all.
    #[schemars(range(min = 0.05, max = 1.0))]
    gpu_memory_fraction: Option<f32>,
    /// The ONNX Runtime library, or the folder that has it, to run .onnx models on (with
    /// `--device cpu` too). Without it, `--device cuda` looks at the variable `ORT_DYLIB_PATH` and
    /// where the system keeps libraries.
    onnxruntime: Option<PathBuf>,
    /// A second model file of the same architecture whose weights are mixed into the first's.
    blend: Option<PathBuf>,
    /// How much of the second model: 0 is none, 1 is all.
    #[schemars(range(min = 0.0, max = 1.0))]
    blend_weight: f32,
}

impl Default for Upscale {
    fn default() -> Self {
        Self {
            input: PathBuf::new(),
            output: PathBuf::new(),
            scale: None,
            model: "fast".to_owned(),
            tile: 256,
            self_ensemble: false,
            device: Device::Cpu,
            gpu_memory_fraction: None,
            onnxruntime: None,
            blend: None,
            blend_weight: 0.5,
        }
    }
}

impl Params for Upscale {
    fn validate(&self) -> Result<(), ParamError> {
        if self.model.trim().is_empty() {
            return Err(ParamError::new("model", "must name a model"));
        }
        if self.gpu_memory_fraction.is_some() && self.device == Device::Cpu {
            return Err(ParamError::new("gpu-memory-fraction", "is for `--device cuda`"));
        }
        if self.place().is_some() && self.blend.is_some() {
            return Err(ParamError::new("blend", "mixes tensors, which ONNX Runtime cannot run"));
        }
        Ok(())
    }
}

impl Upscale {
    /// Where .onnx models run if not in pixloom itself.
    fn place(&self) -> Option<Place> {
        let wanted = self.device != Device::Cpu || self.onnxruntime.is_some();
        wanted.then(|| Place {
            library: self.onnxruntime.clone(),
            device: self.device,
            memory_fraction: self.gpu_memory_fraction,
        })
    }
}

impl Job for Upscale {
    const NAME: &'static str = "upscale";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Make all pictures four times as wide and high",
            line: "pixloom upscale photos/ large/ --scale 4",
        },
        Example {
            does: "Three times, with a model of your own, as PNG",
            line: "pixloom upscale scans/ large/ --scale 3 --model RealESRGAN_x4plus.pth --to png",
        },
    ];
    const GROUPS: &'static [Group] = &[
        Group::of::<EncodeSettings>("Output"),
        Group::of::<InputSettings>("Input"),
        Group::of::<RunSettings>("Run"),
    ];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let run: RunSettings = settings.get()?;
        let blend = own.blend.as_deref().map(|path| (path, own.blend_weight));
        let with = With { blend, place: own.place() };
        let chain = Chain::open(&own.model, own.scale, &with)?;
        let lines = chain.describe();
        let requested = Requested { workers: run.fixed_workers(), ..Requested::default() };
        let workers = Tuning::choose(&Machine::detect(), &requested).workers.get();
        let enlarge = Enlarge { chain, tile: own.tile, self_ensemble: own.self_ensemble, workers };
        let pipeline = Pipeline::new(vec![Box::new(enlarge)])?;
        let job = PictureJob { name: Self::NAME, input: &own.input, output: &own.output, pipeline };
        let mut report = job.run(settings, cx)?;
        report.lines.extend(lines);
        Ok(report)
    }
}
