//! The `ocr generate` job.
use std::path::{Path, PathBuf};

use pixloom_engine::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::export::{Form, export, refuse_labels};
use super::record::file_name;
use super::settings::{GenerateRun, Materials};
use super::studio::Studio;
use super::work::{Beside, Generator, Indexes};
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::params::{ParamError, Params};
use crate::run::{JOURNAL, RECORD_DIR, RunSettings, Session, shard_dir};

/// Make pictures of text with exact labels.
///
/// Text is shaped as a browser would shape it, in every script that the fonts have; letters are
/// bent, turned and put into perspective as outlines, so that their boxes are exact. The same
/// settings and seed give the same files, byte for byte. Without any folder the program uses a
/// font, texts and paper of its own.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Generate {
    /// Folder to write.
    #[schemars(extend("x-alias" = ["o"], "x-required" = true))]
    output_dir: Option<PathBuf>,
    /// Forms of the labels. Can be given several times; `jsonl` if none is given, and with
    /// a configuration document 001's form, too.
    labels: Vec<Form>,
}

impl Params for Generate {
    fn validate(&self) -> Result<(), ParamError> {
        if self.output_dir.is_none() {
            return Err(ParamError::new("output_dir", "must be given: the folder to write"));
        }
        Ok(())
    }
}

impl Job for Generate {
    const NAME: &'static str = "ocr generate";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Make 100 lines with nothing but the program",
            line: "pixloom ocr generate -n 100 -o lines",
        },
        Example {
            does: "Make what a configuration asks for, with labels as ICDAR has them",
            line: "pixloom ocr generate --batch-config batch.yaml --font-dir fonts -o out --labels icdar",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<Materials>("Materials"), Group::of::<GenerateRun>("Run")];

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let materials: Materials = settings.get()?;
        let given: GenerateRun = settings.get()?;
        let studio = materials.studio(given.seed, cx)?;
        let settings = given.translate(settings, studio.seed);
        let run: RunSettings = settings.get()?;
        let output = own.output_dir.clone().unwrap_or_default();
        let forms = own.forms(&materials);
        let items = Indexes::count(studio.config.total_images, run.shard()?);
        if run.dry_run {
            return Ok(planned(&studio, items));
        }
        refuse_existing(&output, &run, &forms)?;
        let beside = Beside {
            document_001: forms.contains(&Form::Document001),
            mask: forms.contains(&Form::Masks),
        };
        let identity = studio.identity();
        let mut session = Session::open((Self::NAME, &output), &settings, cx, identity)?;
        let start = session.start();
        session.announce(&Start { items, input_bytes: Bytes(0), ..start });
        let stage = Generator { studio, beside, identity };
        let mut source = Indexes::new(stage.studio.config.total_images, run.shard()?);
        let summary = json!({"output": output.display().to_string()});
        let mut report = session.run(&mut source, &stage, summary)?;
        for (file, problem) in stage.studio.backgrounds.broken() {
            cx.face.remark(&format!("background left out: {file}: {problem}"));
        }
        finish(&mut report, (&output, &run), &forms, cx)?;
        Ok(report)
    }
}

impl Generate {
    fn forms(&self, materials: &Materials) -> Vec<Form> {
        let mut forms = self.labels.clone();
        if forms.is_empty() {
            forms.push(Form::Jsonl);
            if materials.batch_config.is_some() {
                forms.push(Form::Document001);
            }
        }
        forms
    }
}

/// Writes the labels that are made of all records.
fn finish(
    report: &mut Report,
    (output, run): (&Path, &RunSettings),
    forms: &[Form],
    cx: &JobCx,
) -> Result<(), JobError> {
    if report.cancelled {
        return Ok(());
    }
    if run.shard.is_some() {
        cx.face.remark("labels are written after `pixloom merge`, by `pixloom ocr export`");
        return Ok(());
    }
    let written = export(output, forms)?;
    report.lines =
        written.iter().map(|name| format!("labels: {}", output.join(name).display())).collect();
    if let Value::Object(summary) = &mut report.summary {
        summary.insert("labels".to_owned(), json!(written));
    }
    Ok(())
}

fn planned(studio: &Studio, items: u64) -> Report {
    let mut report = Report::of_plan(items, json!({"planned": items}));
    for (number, count) in studio.allocation.counts() {
        let spec = &studio.config.specifications[*number];
        let kind = &studio.kinds[*number];
        report.lines.push(format!(
            "{}: {count} images, {} fonts, {} texts",
            spec.name,
            kind.fonts.len(),
            kind.corpora.len()
        ));
    }
    report
}

/// Files of another run are not overwritten unasked.
fn refuse_existing(output: &Path, run: &RunSettings, forms: &[Form]) -> Result<(), JobError> {
    let record_dir = run.shard()?.map_or_else(|| PathBuf::from(RECORD_DIR), shard_dir);
    let begun = std::fs::metadata(output.join(record_dir).join(JOURNAL)).is_ok_and(|m| m.len() > 0);
    let images = output.join(file_name(0, "png")).exists();
    if run.overwrite || (run.resume && begun) {
        return Ok(());
    }
    if run.resume && !images {
        return refuse_labels(output, forms);
    }
    if begun || (images && run.shard.is_none()) {
        let message = format!("{} already holds images; nothing was done", output.display());
        let hint = "--resume continues an earlier run, --overwrite replaces the files".to_owned();
        return Err(JobError::refused(message, vec![hint]));
    }
    refuse_labels(output, forms)
}
