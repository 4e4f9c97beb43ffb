//! Labels for trainers, made of the records of a finished run.
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::record::{PartLabel, Record, document_001, upright};
use super::{packed, plain_report};
use crate::job::{Example, Job, JobCx, JobError, Report, Settings};
use crate::jobs::analyze::refuse_existing;
use crate::params::Params;
use crate::run::{ManifestRow, RECORD_DIR};

/// A form of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Form {
    /// `labels.jsonl`: everything, one image a line.
    Jsonl,
    /// A JSON file for each image in document 001's form.
    #[serde(rename = "document-001")]
    Document001,
    /// `paddle_det.txt` for `PaddleOCR` detection: lines of text as quads.
    PaddleDet,
    /// `paddle_rec.txt` for `PaddleOCR` recognition: image and text.
    PaddleRec,
    /// `icdar/gt_*.txt` as of ICDAR 2015: words as quads.
    Icdar,
    /// `coco_text.json` as of COCO-Text 2: words as polygons.
    CocoText,
    /// `webdataset/*.tar`: images and labels, 1,000 an archive.
    Webdataset,
    /// `lmdb/data.mdb` as recognisers read it: `image-%09d` and `label-%09d` from 1,
    /// `num-samples`.
    Lmdb,
    /// `labels.parquet`: a row for each image, with its file, its text and its whole record.
    Parquet,
    /// `masks/*.png`: the coverage of the ink, made with the images only.
    Masks,
}

/// Write the labels of a finished run in other forms.
///
/// Reads the records in `OUT/.pixloom/manifest.jsonl`, also those of parts that were merged.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Export {
    /// Folder that `ocr generate` wrote.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    output: PathBuf,
    /// Forms of the labels. Can be given several times; `jsonl` if none is given.
    labels: Vec<Form>,
    /// Replace labels that exist.
    overwrite: bool,
}

impl Params for Export {}

impl Job for Export {
    const NAME: &'static str = "ocr export";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Write labels for PaddleOCR",
            line: "pixloom ocr export lines/ --labels paddle-det,paddle-rec",
        },
        Example {
            does: "Pack images and labels into archives",
            line: "pixloom ocr export lines/ --labels webdataset",
        },
    ];
    const GROUPS: &'static [crate::job::Group] = &[];

    fn run(settings: &Settings, _: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        if own.labels.contains(&Form::Masks) {
            let hint = "run `pixloom ocr generate` with --labels masks".to_owned();
            return Err(JobError::refused("masks are made with the images", vec![hint]));
        }
        if !manifest(&own.output).is_file() {
            let message =
                format!("{} is not what `pixloom ocr generate` wrote", own.output.display());
            let hint =
                "name the folder that was its --output-dir; its .pixloom/manifest.jsonl is needed";
            return Err(JobError::refused(message, vec![hint.to_owned()]));
        }
        let forms = if own.labels.is_empty() { vec![Form::Jsonl] } else { own.labels };
        if !own.overwrite {
            refuse_labels(&own.output, &forms)?;
        }
        let written = export(&own.output, &forms)?;
        let lines = written
            .iter()
            .map(|name| format!("labels: {}", own.output.join(name).display()))
            .collect();
        Ok(plain_report(lines, json!({"labels": written}), Vec::new(), true))
    }
}

/// Refuses to write over labels; over those for each image only if they differ.
///
/// # Errors
/// `Refused`, naming the first that is there.
pub(super) fn refuse_labels(output: &Path, forms: &[Form]) -> Result<(), JobError> {
    for form in forms {
        if let Some(name) = form.file() {
            refuse_existing(&output.join(name), false)?;
        } else if *form == Form::Document001 && manifest(output).exists() {
            let mut found = Ok(());
            let looked = each(output, &mut |record| {
                let (path, label) = document_001_file(output, &record)?;
                if found.is_ok() && std::fs::read(&path).is_ok_and(|before| before != label) {
                    found = refuse_existing(&path, false);
                }
                Ok(())
            });
            looked.map_err(|error| cannot_write(output, &error))?;
            found?;
        }
    }
    Ok(())
}

fn cannot_write(output: &Path, error: &io::Error) -> JobError {
    let message = format!("the labels in {} cannot be written: {error}", output.display());
    JobError::refused(message, Vec::new())
}

impl Form {
    /// The file or folder that all labels of this form are in, if it is one of its own.
    const fn file(self) -> Option<&'static str> {
        match self {
            Self::Jsonl => Some("labels.jsonl"),
            Self::PaddleDet => Some("paddle_det.txt"),
            Self::PaddleRec => Some("paddle_rec.txt"),
            Self::Icdar => Some("icdar"),
            Self::CocoText => Some("coco_text.json"),
            Self::Webdataset => Some("webdataset"),
            Self::Lmdb => Some("lmdb"),
            Self::Parquet => Some("labels.parquet"),
            Self::Document001 | Self::Masks => None,
        }
    }
}

/// The label of an image in document 001's form, and where it lies.
fn document_001_file(output: &Path, record: &Record) -> io::Result<(PathBuf, Vec<u8>)> {
    let path = output.join(Path::new(&record.file).with_extension("json"));
    let mut label = serde_json::to_vec_pretty(&document_001(record))?;
    label.push(b'\n');
    Ok((path, label))
}

/// Writes the forms; yields their names.
///
/// # Errors
/// `Refused` if the records cannot be read or the labels not written.
pub(super) fn export(output: &Path, forms: &[Form]) -> Result<Vec<String>, JobError> {
    let mut written = Vec::new();
    for form in forms {
        let name = write_form(output, *form).map_err(|error| cannot_write(output, &error))?;
        written.push(name.to_owned());
    }
    Ok(written)
}

fn write_form(output: &Path, form: Form) -> io::Result<&'static str> {
    match form {
        Form::Jsonl => lines(output, "labels.jsonl", &mut |record, out| {
            serde_json::to_writer(&mut *out, record)?;
            out.write_all(b"\n")
        }),
        Form::PaddleDet => lines(output, "paddle_det.txt", &mut |record, out| {
            let lines = record
                .lines
                .iter()
                .map(|line| json!({"transcription": line.text, "points": line.polygon}));
            writeln!(out, "{}\t{}", record.file, Value::Array(lines.collect()))
        }),
        Form::PaddleRec => lines(output, "paddle_rec.txt", &mut |record, out| {
            writeln!(out, "{}\t{}", record.file, record.text.replace('\n', " "))
        }),
        Form::Icdar => icdar(output),
        Form::CocoText => coco_text(output),
        Form::Webdataset => packed::webdataset(output),
        Form::Lmdb => packed::lmdb(output),
        Form::Parquet => packed::parquet(output),
        Form::Document001 => {
            each(output, &mut |record| {
                let (path, label) = document_001_file(output, &record)?;
                if std::fs::read(&path).is_ok_and(|before| before == label) {
                    return Ok(());
                }
                pixloom_engine::files::write_atomic(&path, &label)
            })?;
            Ok("*.json")
        }
        Form::Masks => Ok("masks/"),
    }
}

fn manifest(output: &Path) -> PathBuf {
    output.join(RECORD_DIR).join("manifest.jsonl")
}

/// Calls `each` with the records in the order of the images; memory does not grow with them.
pub(super) fn each(
    output: &Path,
    each: &mut dyn FnMut(Record) -> io::Result<()>,
) -> io::Result<()> {
    let manifest = manifest(output);
    let file = File::open(&manifest).map_err(|error| {
        io::Error::new(error.kind(), format!("{}: {error}", manifest.display()))
    })?;
    for line in BufReader::new(file).lines() {
        let row: ManifestRow<Record> = serde_json::from_str(&line?)?;
        if let Some(record) = row.record {
            each(record)?;
        }
    }
    Ok(())
}

type Rows<'a> = &'a mut dyn FnMut(&Record, &mut dyn Write) -> io::Result<()>;

/// Writes a file with something for each record; it appears when it is complete.
fn lines(output: &Path, name: &'static str, row: Rows<'_>) -> io::Result<&'static str> {
    whole(&output.join(name), &mut |out| each(output, &mut |record| row(&record, out)))?;
    Ok(name)
}

fn whole(path: &Path, fill: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(partial(path))?);
    fill(&mut out)?;
    complete(out, path)
}

/// The name of a file that is not complete yet.
pub(super) fn partial(path: &Path) -> PathBuf {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    PathBuf::from(partial)
}

/// Gives a complete file its name.
pub(super) fn complete(out: BufWriter<File>, path: &Path) -> io::Result<()> {
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(partial(path), path)
}

fn corners(quad: &[f64; 8]) -> [[f64; 2]; 4] {
    std::array::from_fn(|at| [quad[2 * at], quad[2 * at + 1]])
}

fn icdar(output: &Path) -> io::Result<&'static str> {
    let folder = output.join("icdar");
    std::fs::create_dir_all(&folder)?;
    each(output, &mut |record| {
        let mut text = String::new();
        for word in &record.words {
            let points = word.quad.map(|v| (v.round() as i64).to_string()).join(",");
            // Writing to a string cannot fail.
            let _ = write!(text, "{points},{}\r\n", word.text);
        }
        let name = format!("gt_{}", Path::new(&record.file).with_extension("txt").display());
        pixloom_engine::files::write_atomic(&folder.join(name), text.as_bytes())
    })?;
    Ok("icdar/")
}

/// Three passes over the records, as the form wants images, words and their relation apart.
fn coco_text(output: &Path) -> io::Result<&'static str> {
    let name = "coco_text.json";
    whole(&output.join(name), &mut |out| {
        out.write_all(b"{\"cats\":{},\"imgs\":{")?;
        let (mut first, mut id) = (true, 0_u64);
        each(output, &mut |record| {
            let image = json!({
                "id": record.drawn.index, "file_name": record.file, "set": "train",
                "width": record.width, "height": record.height,
            });
            entry(out, &mut first, (record.drawn.index, &image))
        })?;
        out.write_all(b"},\"anns\":{")?;
        first = true;
        each(output, &mut |record| {
            for word in &record.words {
                id += 1;
                entry(out, &mut first, (id, &coco_word(&record, word, id)))?;
            }
            Ok(())
        })?;
        out.write_all(b"},\"imgToAnns\":{")?;
        (first, id) = (true, 0);
        each(output, &mut |record| {
            let own: Vec<u64> = (1..=record.words.len() as u64).map(|n| id + n).collect();
            id += own.len() as u64;
            entry(out, &mut first, (record.drawn.index, &json!(own)))
        })?;
        out.write_all(b"}}\n")
    })?;
    Ok(name)
}

fn entry(out: &mut dyn Write, first: &mut bool, (key, value): (u64, &Value)) -> io::Result<()> {
    let comma = if std::mem::replace(first, false) { "" } else { "," };
    write!(out, "{comma}\"{key}\":{value}")
}

fn coco_word(record: &Record, word: &PartLabel, id: u64) -> Value {
    let [x0, y0, x1, y1] = upright(&word.quad);
    let outline =
        if word.polygon.is_empty() { corners(&word.quad).to_vec() } else { word.polygon.clone() };
    let area: f64 = (0..outline.len())
        .map(|i| {
            let (a, b) = (outline[i], outline[(i + 1) % outline.len()]);
            0.5 * (a[0] * b[1] - b[0] * a[1])
        })
        .sum();
    json!({
        "id": id, "image_id": record.drawn.index, "utf8_string": word.text,
        "bbox": [x0, y0, x1 - x0, y1 - y0], "mask": outline.as_flattened(), "area": area.abs(),
        "language": if record.script == "Latn" { "english" } else { "not english" },
        "legibility": "legible", "class": "machine printed",
    })
}
