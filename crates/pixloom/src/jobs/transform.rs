//! The `transform` job: operations on every picture of a folder.
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::params::{ParamError, Params};
use crate::picture::{EncodeSettings, PictureJob};
use crate::pipeline::{Pipeline, PipelineError};
use crate::run::{InputSettings, RunSettings};
use crate::samples;

/// Apply operations to every picture of a folder.
///
/// Results go to the output folder, in the same subfolders and under the same names as their
/// inputs. Inputs are never changed. Without any folder, pixloom makes a few sample pictures and
/// shows what it does with them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Transform {
    /// Folder or picture to read.
    #[schemars(extend("x-positional" = 1))]
    input: Option<PathBuf>,
    /// Folder to write; for a single picture also the name of a file.
    #[schemars(extend("x-positional" = 2))]
    output: Option<PathBuf>,
    /// Operations, such as `resize:long_edge=256 | sharpen:amount=0.4`; `pixloom ops` lists them.
    ops: Option<String>,
    /// File with operations, as YAML, TOML or JSON.
    recipe: Option<PathBuf>,
}

impl Params for Transform {
    fn validate(&self) -> Result<(), ParamError> {
        if self.ops.is_some() && self.recipe.is_some() {
            return Err(ParamError::new("recipe", "give either `ops` or `recipe`, not both"));
        }
        if self.input.is_some() != self.output.is_some() {
            return Err(ParamError::new("output", "must be given: the folder to write"));
        }
        if self.input.is_some() && self.ops.is_none() && self.recipe.is_none() {
            let problem = "must be given, such as `resize:long_edge=256`; `pixloom ops` lists them, \
                           and `convert` changes only the format";
            return Err(ParamError::new("ops", problem));
        }
        Ok(())
    }
}

impl Job for Transform {
    const NAME: &'static str = "transform";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Make 256-pixel thumbnails of all photos",
            line: "pixloom transform photos/ thumbs/ --ops 'resize:long_edge=256' --quality 85",
        },
        Example {
            does: "Cut 512-pixel training tiles, after an interruption go on where it stopped",
            line: "pixloom transform photos/ tiles/ --ops 'tile:size=512' --to png --resume",
        },
    ];
    const GROUPS: &'static [Group] = &[
        Group::of::<EncodeSettings>("Output"),
        Group::of::<InputSettings>("Input"),
        Group::of::<RunSettings>("Run"),
    ];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let (Some(input), Some(output)) = (&own.input, &own.output) else {
            return own.run_on_samples(settings, cx);
        };
        let job = PictureJob { name: Self::NAME, input, output, pipeline: own.pipeline()? };
        job.run(settings, cx)
    }
}

impl Transform {
    fn run_on_samples(&self, settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let folders = samples::make(cx)?;
        let pipeline = if self.ops.is_some() || self.recipe.is_some() {
            self.pipeline()?
        } else {
            Pipeline::parse(samples::DEFAULT_OPS)?
        };
        let (input, output) = (&folders.input, &folders.output);
        let job = PictureJob { name: Self::NAME, input, output, pipeline };
        // These results are only looked at, so a second try may replace them.
        let run: RunSettings = settings.get()?;
        let replace = !run.resume;
        job.run(&settings.with("overwrite", replace.into()), cx)
    }

    fn pipeline(&self) -> Result<Pipeline, JobError> {
        match (&self.ops, &self.recipe) {
            (Some(text), _) => Ok(Pipeline::parse(text)?),
            (None, Some(file)) => read_recipe(file),
            (None, None) => Ok(Pipeline::default()),
        }
    }
}

/// Reads the operations of a recipe file; its extension says the form.
fn read_recipe(file: &Path) -> Result<Pipeline, JobError> {
    let wrong =
        |problem: String| ParamError::new("recipe", format!("`{}`: {problem}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    let extension = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let recipe: Value = match extension.to_ascii_lowercase().as_str() {
        "yaml" | "yml" => {
            serde_saphyr::from_str(&text).map_err(|error| wrong(error.to_string()))?
        }
        "toml" => toml::from_str(&text).map_err(|error| wrong(error.to_string()))?,
        "json" => serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))?,
        _ => return Err(wrong("must end in .yaml, .toml or .json".to_owned()).into()),
    };
    recipe_pipeline(&recipe).map_err(|error| match error {
        RecipeError::Form(problem) => wrong(problem).into(),
        RecipeError::Ops(error) => JobError::Pipeline(error),
    })
}

enum RecipeError {
    Form(String),
    Ops(PipelineError),
}

fn recipe_pipeline(recipe: &Value) -> Result<Pipeline, RecipeError> {
    let Some(table) = recipe.as_object() else {
        return Err(RecipeError::Form("must be a table with the key `ops`".to_owned()));
    };
    if let Some(other) = table.keys().find(|key| !["ops", "$schema"].contains(&key.as_str())) {
        return Err(RecipeError::Form(format!("has an unknown key `{other}`, only `ops` counts")));
    }
    match table.get("ops") {
        Some(ops) => Pipeline::from_value(ops).map_err(RecipeError::Ops),
        None => Err(RecipeError::Form("lacks the key `ops`".to_owned())),
    }
}
