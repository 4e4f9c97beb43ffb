//! The `downscale` job: smaller pictures for super-resolution datasets.
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::params::{ParamError, Params};
use crate::picture::{EncodeSettings, PictureJob};
use crate::pipeline::Pipeline;
use crate::run::{InputSettings, RunSettings};

/// Make the low-resolution pictures of a super-resolution dataset.
///
/// Every picture becomes `scale` times smaller. The default kernel is MATLAB's antialiased
/// bicubic in the version that made the low-resolution files of the common benchmarks.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Downscale {
    /// Folder or picture to read.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    input: PathBuf,
    /// Folder to write; for a single picture also the name of a file.
    #[schemars(extend("x-positional" = 2, "x-required" = true))]
    output: PathBuf,
    /// How many times narrower and lower the results are.
    #[schemars(range(min = 1.0, max = 64.0))]
    scale: f64,
    /// Kernel, one of those of the operation `resize`, such as `bicubic`, `lanczos3` or `area`.
    filter: String,
}

impl Default for Downscale {
    fn default() -> Self {
        let (input, output) = (PathBuf::new(), PathBuf::new());
        Self { input, output, scale: 4.0, filter: "matlab-bicubic-legacy".to_owned() }
    }
}

impl Params for Downscale {}

impl Job for Downscale {
    const NAME: &'static str = "downscale";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Make the inputs of a ×4 training set",
            line: "pixloom downscale HR/ LR_x4/ --scale 4 --to png",
        },
        Example {
            does: "Half the size, as OpenCV's INTER_AREA does it",
            line: "pixloom downscale photos/ half/ --scale 2 --filter area",
        },
    ];
    const GROUPS: &'static [Group] = &[
        Group::of::<EncodeSettings>("Output"),
        Group::of::<InputSettings>("Input"),
        Group::of::<RunSettings>("Run"),
    ];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let resize = json!([{"op": "resize", "scale": 1.0 / own.scale, "filter": own.filter}]);
        let pipeline =
            Pipeline::from_value(&resize).map_err(|error| match error.error.name.as_str() {
                "filter" => JobError::from(ParamError::new("filter", error.error.problem.clone())),
                _ => JobError::from(error),
            })?;
        let job = PictureJob { name: Self::NAME, input: &own.input, output: &own.output, pipeline };
        job.run(settings, cx)
    }
}
