//! The `convert` job: every picture of a folder in another format.
use std::path::PathBuf;

use pixloom_image::codec;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::params::{ParamError, Params};
use crate::picture::{EncodeSettings, PictureJob};
use crate::pipeline::Pipeline;
use crate::run::{InputSettings, RunSettings};

/// Write every picture of a folder in another format.
///
/// Bit depth, alpha, colour profile and metadata are kept where the format can hold them; what
/// it cannot hold is converted, with a note.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Convert {
    /// Folder or picture to read.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    input: PathBuf,
    /// Folder to write; for a single picture also the name of a file.
    #[schemars(extend("x-positional" = 2, "x-required" = true))]
    output: PathBuf,
}

impl Params for Convert {}

impl Job for Convert {
    const NAME: &'static str = "convert";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Turn a folder of camera JPEGs into PNGs",
            line: "pixloom convert photos/ pngs/ --to png",
        },
        Example {
            does: "Write lossless WebP with all cores but at most 1 GB of memory",
            line: "pixloom convert scans/ webp/ --to webp --lossless --max-memory 1G",
        },
    ];
    const GROUPS: &'static [Group] = &[
        Group::of::<EncodeSettings>("Output"),
        Group::of::<InputSettings>("Input"),
        Group::of::<RunSettings>("Run"),
    ];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let encode: EncodeSettings = settings.get()?;
        let named = own.output.extension().and_then(|extension| extension.to_str());
        let named = named.is_some_and(|name| codec::by_name(name).is_some());
        if encode.to.is_none() && !(named && own.input.is_file()) {
            return Err(ParamError::new("to", "must be given, such as `png` or `webp`").into());
        }
        let pipeline = Pipeline::default();
        let job = PictureJob { name: Self::NAME, input: &own.input, output: &own.output, pipeline };
        job.run(settings, cx)
    }
}
