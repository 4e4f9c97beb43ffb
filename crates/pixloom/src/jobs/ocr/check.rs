//! The `ocr check` job.
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::file;
use super::plain_report;
use super::problem::Problem;
use super::studio::{Places, Studio};
use crate::job::{Example, Job, JobCx, JobError, Report, Settings};
use crate::params::Params;

/// Check a configuration and everything it needs.
///
/// All problems are told at once, with their lines and what helps: keys that do not exist, values
/// out of range, files that are missing, fonts that cannot be read. Nothing is made.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Check {
    /// Configuration to check.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    config: PathBuf,
    /// Folder of fonts.
    font_dir: Option<PathBuf>,
    /// Folder of pictures to write on.
    background_dir: Option<PathBuf>,
    /// Folder of text files; without it texts are not looked for.
    corpus_dir: Option<PathBuf>,
}

impl Params for Check {}

/// Fonts that a run would leave out.
fn broken_fonts(studio: &Studio) -> impl Iterator<Item = Problem> {
    studio.library.broken.iter().map(|broken| {
        Problem::top("font_dir", &format!("{} cannot be used: {}", broken.file, broken.problem))
    })
}

impl Job for Check {
    const NAME: &'static str = "ocr check";
    const EXAMPLES: &'static [Example] = &[
        Example { does: "Check the keys and values", line: "pixloom ocr check batch.yaml" },
        Example {
            does: "Check that fonts and texts are there, too",
            line: "pixloom ocr check batch.yaml --font-dir fonts --corpus-dir texts",
        },
    ];
    const GROUPS: &'static [crate::job::Group] = &[];

    fn run(settings: &Settings, _: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let (config, mut problems) = file::read(&own.config);
        let kinds = config.as_ref().map_or(0, |config| config.specifications.len());
        let images = config.as_ref().map_or(0, |config| config.total_images);
        if let Some(config) = config {
            let places = Places {
                fonts: own.font_dir,
                corpora: own.corpus_dir.clone(),
                backgrounds: own.background_dir,
            };
            match Studio::open(config, &places, 0) {
                Ok(studio) => problems.extend(broken_fonts(&studio)),
                Err(found) => {
                    let known = own.corpus_dir.is_some();
                    problems.extend(found.into_iter().filter(|p| known || p.key != "corpus_file"));
                }
            }
        }
        let mut lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
        if problems.is_empty() {
            lines.push(format!("no problem: {images} images of {kinds} kinds"));
        }
        let summary = json!({"problems": problems.len(), "images": images, "kinds": kinds});
        let items = problems.iter().map(|problem| json!(problem)).collect();
        Ok(plain_report(lines, summary, items, problems.is_empty()))
    }
}
