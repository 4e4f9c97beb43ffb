//! The `ocr plan` job.
use pixloom_text::OutlineCache;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::drawn::draw;
use super::plain_report;
use super::settings::{Excerpt, Materials, SeedSetting};
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::params::Params;

/// Show what would be drawn for the first images, without making them.
///
/// Each line is what a label holds under `drawn`; `pixloom ocr render` makes the image of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// How many images to show.
    #[schemars(range(min = 1, max = 100_000))]
    first: u64,
    /// Show from this image on.
    from: u64,
}

impl Default for Plan {
    fn default() -> Self {
        Self { first: 10, from: 0 }
    }
}

impl Params for Plan {}

impl Job for Plan {
    const NAME: &'static str = "ocr plan";
    const EXAMPLES: &'static [Example] = &[
        Example { does: "Show what 10 images would be", line: "pixloom ocr plan -n 1000" },
        Example {
            does: "Show image 4711 of a configuration",
            line: "pixloom ocr plan --batch-config batch.yaml --corpus-dir texts --from 4711 --first 1",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<Materials>("Materials"), Group::of::<SeedSetting>("Seed")];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let Excerpt { studio, indexes } = Excerpt::open(settings, cx, (own.from, own.first))?;
        let mut cache = OutlineCache::default();
        let (mut lines, mut items, mut ok) = (Vec::new(), Vec::new(), true);
        for index in indexes {
            match draw(&studio, index, &mut cache) {
                Ok((drawn, _)) => {
                    let value = json!(drawn);
                    lines.push(value.to_string());
                    items.push(value);
                }
                Err(error) => {
                    ok = false;
                    lines.push(format!("image {index}: {error}"));
                }
            }
        }
        let summary = json!({"images": studio.config.total_images, "shown": items.len()});
        Ok(plain_report(lines, summary, items, ok))
    }
}
