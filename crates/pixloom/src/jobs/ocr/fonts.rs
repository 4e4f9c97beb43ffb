//! The `ocr fonts` job.
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::library::{Font, Library};
use super::plain_report;
use crate::job::{Example, Job, JobCx, JobError, Report, Settings};
use crate::params::Params;

/// Report which scripts the fonts of a folder have, and which fonts are broken.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Fonts {
    /// Folder of fonts; without it, the font that comes with the program.
    #[schemars(extend("x-positional" = 1))]
    folder: Option<PathBuf>,
    /// Show only fonts that have all characters of this text.
    text: Option<String>,
}

impl Params for Fonts {}

impl Job for Fonts {
    const NAME: &'static str = "ocr fonts";
    const EXAMPLES: &'static [Example] = &[
        Example { does: "Report the fonts of a folder", line: "pixloom ocr fonts fonts/" },
        Example {
            does: "Which of them can write this",
            line: "pixloom ocr fonts fonts/ --text 'Größe 10 €'",
        },
    ];
    const GROUPS: &'static [crate::job::Group] = &[];

    fn run(settings: &Settings, _: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let library = match &own.folder {
            None => Library::embedded()
                .map_err(|error| JobError::refused(format!("the embedded font {error}"), vec![]))?,
            Some(folder) => Library::scan(folder).map_err(|error| {
                let message = format!("{} cannot be read: {error}", folder.display());
                JobError::refused(message, vec![])
            })?,
        };
        let fits =
            |font: &&Font| own.text.as_deref().is_none_or(|text| font.face.coverage().covers(text));
        let shown: Vec<&Font> = library.fonts.iter().filter(fits).collect();
        let mut lines: Vec<String> = shown.iter().map(|font| line(font)).collect();
        let broken = library.broken.iter().map(|b| format!("✗ {}  {}", b.file, b.problem));
        lines.extend(broken);
        lines.push(format!("{} faces, {} broken files", shown.len(), library.broken.len()));
        let items = shown.iter().map(|font| item(font)).collect();
        let summary = json!({"faces": shown.len(), "broken": library.broken});
        Ok(plain_report(lines, summary, items, library.broken.is_empty()))
    }
}

/// How many scripts a line names.
const SHOWN: usize = 6;

fn line(font: &Font) -> String {
    let mut scripts: Vec<(&str, u64)> = font.face.coverage().scripts().into_iter().collect();
    scripts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = scripts.len().saturating_sub(SHOWN);
    let mut named: Vec<String> =
        scripts.iter().take(SHOWN).map(|(name, count)| format!("{name} {count}")).collect();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    let face =
        if font.reference.face > 0 { format!(" #{}", font.reference.face) } else { String::new() };
    let axes = if font.face.axes().is_empty() { "" } else { " (variable)" };
    let count = font.face.coverage().len();
    format!("✓ {}{face}{axes}  {count} characters: {}", font.reference.file, named.join(", "))
}

fn item(font: &Font) -> Value {
    let axes = font.face.axes().into_iter().map(|axis| {
        let tag = String::from_utf8_lossy(&axis.tag).into_owned();
        json!({"tag": tag, "min": axis.min, "default": axis.default, "max": axis.max})
    });
    json!({
        "file": font.reference.file,
        "face": font.reference.face,
        "characters": font.face.coverage().len(),
        "scripts": font.face.coverage().scripts(),
        "axes": axes.collect::<Vec<_>>(),
    })
}
