//! The `ocr render` job: an image again from its label.
use std::io::BufRead as _;
use std::path::{Path, PathBuf};

use pixloom_text::Face;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::background::Backgrounds;
use super::drawn::{Drawn, face_id};
use super::record::drawn_of;
use super::target::Target;
use super::typeset::typeset;
use super::work::{Made, Scratch, make};
use super::{library, plain_report};
use crate::job::{Example, Job, JobCx, JobError, Report, Settings};
use crate::params::Params;

/// Make an image again from its label.
///
/// The label says everything that was drawn; together with the font and the background it names,
/// that gives the same PNG file, byte for byte.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Render {
    /// Label: document 001's form, or a line of `labels.jsonl`.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    label: PathBuf,
    /// Line of a file of labels, from 1.
    #[schemars(range(min = 1))]
    line: Option<u64>,
    /// File to write, in the format of its name; the label's name with `-rendered.png` if none is
    /// given. A PNG is the same as that of the run, byte for byte.
    #[schemars(extend("x-alias" = ["o"]))]
    output: Option<PathBuf>,
    /// Replace the file if it exists.
    overwrite: bool,
    /// Folder of fonts, if they lie elsewhere than the label says.
    font_dir: Option<PathBuf>,
    /// Folder of backgrounds, if they lie elsewhere than the label says.
    background_dir: Option<PathBuf>,
}

impl Params for Render {}

impl Job for Render {
    const NAME: &'static str = "ocr render";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Make the third image of a run again",
            line: "pixloom ocr render lines/labels.jsonl --line 3 -o again.png",
        },
        Example {
            does: "The same from a label of its own, with the fonts elsewhere",
            line: "pixloom ocr render out/00000002.json --font-dir /mnt/fonts",
        },
    ];
    const GROUPS: &'static [crate::job::Group] = &[];

    fn run(settings: &Settings, _: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let refused = |message: String| {
            JobError::refused(format!("{}: {message}", own.label.display()), Vec::new())
        };
        let target = Target::new(&own.target(), own.overwrite)?;
        let drawn = read(&own.label, own.line).map_err(refused)?;
        let backgrounds = match &own.background_dir {
            Some(folder) => {
                Backgrounds::list(folder).map_err(|error| refused(error.to_string()))?
            }
            None => Backgrounds::default(),
        };
        let made = replay(drawn, own.font_dir.as_deref(), &backgrounds).map_err(refused)?;
        let record = made.record;
        target.write(made.canvas)?;
        let name = target.path().display().to_string();
        let line = format!("{name} ({}x{})", record.width, record.height);
        let summary = json!({"output": name, "text": record.text});
        Ok(plain_report(vec![line], summary, Vec::new(), true))
    }
}

impl Render {
    fn target(&self) -> PathBuf {
        self.output.clone().unwrap_or_else(|| {
            let stem = self.label.file_stem().unwrap_or_default().to_string_lossy();
            self.label.with_file_name(format!("{stem}-rendered.png"))
        })
    }
}

fn read(path: &Path, line: Option<u64>) -> Result<Drawn, String> {
    let label: Value = if let Some(line) = line {
        let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
        let mut lines = std::io::BufReader::new(file).lines();
        let text = lines.nth(line.saturating_sub(1) as usize);
        let text = text.ok_or_else(|| format!("has no line {line}"))?;
        let text = text.map_err(|error| error.to_string())?;
        serde_json::from_str(&text).map_err(|error| error.to_string())?
    } else {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        serde_json::from_str(&text)
            .map_err(|error| format!("{error}; of a file with many labels, say which --line"))?
    };
    drawn_of(&label)
}

/// Makes the image that was drawn, with fonts from where the record says or from `fonts`.
///
/// # Errors
/// A sentence if a font or background is missing or another one.
pub(super) fn replay(
    drawn: Drawn,
    fonts: Option<&Path>,
    backgrounds: &Backgrounds,
) -> Result<Made, String> {
    let open = |reference| Ok((face_id(reference), library::open(reference, fonts)?));
    let faces: Vec<(u64, Face)> = drawn.fonts.iter().map(open).collect::<Result<_, String>>()?;
    if faces.is_empty() {
        return Err("names no font".to_owned());
    }
    let set = typeset(&drawn, faces);
    make(drawn, &set, backgrounds, &mut Scratch::default()).map_err(|error| error.to_string())
}
