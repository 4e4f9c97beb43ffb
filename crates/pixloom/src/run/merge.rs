//! Joins the parts of a run that was split over processes or machines.
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use pixloom_engine::{Counts, Fingerprint, Shard, files, key_path};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::clock::{Timestamp, new_run_id};
use super::history::{RunFile, RunStatus};
use super::recorder::{OutputRow, rotate};
use super::session::RECORD_DIR;
use crate::job::JobError;

/// What was joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergeReport {
    /// Parts.
    pub shards: u32,
    /// Items of all parts.
    pub items: u64,
    /// Items that failed.
    pub failed: u64,
    /// Files of all parts.
    pub files: u64,
    /// Files that were brought over from other folders.
    pub copied: u64,
}

/// How many problems a refusal lists, about.
const SHOWN_PROBLEMS: usize = 20;

/// One part: where its files and its record lie.
#[derive(Debug)]
struct Part {
    root: PathBuf,
    record_dir: PathBuf,
    run: RunFile,
    shard: Shard,
}

/// Joins the shards below `target` and `sources` in `target`, which then holds what a single
/// run would have written: the same files, manifest and errors, byte for byte.
///
/// Files of other folders are copied and verified against the manifest; nothing is removed.
///
/// # Errors
/// `Refused` if a part is missing, unfinished or of another run, or of `dedup`, which joins its
/// parts itself; nothing was done then.
pub fn merge(target: &Path, sources: &[PathBuf]) -> Result<MergeReport, JobError> {
    let mut roots = vec![target.to_owned()];
    roots.extend(sources.iter().filter(|source| source.as_path() != target).cloned());
    let mut parts = Vec::new();
    for root in &roots {
        parts.extend(find_parts(root).map_err(|error| unreadable(root, &error))?);
    }
    if let Some(root) = roots.iter().find(|root| parts.is_empty() && holds_looks(root)) {
        let reason = "these are parts of what `dedup` saw, which hold no pictures to join";
        let hint = format!(
            "run the same `pixloom dedup` command with --parts {} and without --shard",
            root.display()
        );
        return Err(JobError::refused(reason, vec![hint]));
    }
    parts.sort_by_key(|part| part.shard.index());
    check_complete(&parts)?;
    let joined = join(target, &parts);
    joined.map_err(|error| unreadable(target, &error))
}

/// Whether a folder holds what runs of `dedup` with `--parts` and `--shard` kept.
fn holds_looks(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| crate::cache::path_in(&entry.path()).is_file())
}

fn unreadable(place: &Path, error: &io::Error) -> JobError {
    JobError::refused(format!("the parts in {} cannot be joined: {error}", place.display()), vec![])
}

fn find_parts(root: &Path) -> io::Result<Vec<Part>> {
    let shards = root.join(RECORD_DIR).join("shards");
    let entries = match fs::read_dir(&shards) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut parts = Vec::new();
    for entry in entries {
        let record_dir = entry?.path();
        let Ok(run) = RunFile::read(&record_dir) else { continue };
        let shard = run.shard.as_deref().and_then(|text| text.parse().ok());
        if let Some(shard) = shard {
            parts.push(Part { root: root.to_owned(), record_dir, run, shard });
        }
    }
    Ok(parts)
}

fn check_complete(parts: &[Part]) -> Result<(), JobError> {
    let Some(first) = parts.first() else {
        let hint = "run the parts with --shard 1/N … N/N first".to_owned();
        return Err(JobError::refused("there are no parts to join", vec![hint]));
    };
    let mut problems = Vec::new();
    for part in parts {
        let name = part.record_dir.display();
        if part.run.identity != first.run.identity || part.shard.count() != first.shard.count() {
            problems.push(format!("{name} is of a run with other settings"));
        } else if part.run.status != RunStatus::Finished {
            problems.push(format!("{name} is not finished; go on with --resume"));
        }
    }
    for index in 1..=first.shard.count() {
        if problems.len() >= SHOWN_PROBLEMS {
            problems.push("and perhaps more".to_owned());
            break;
        }
        match parts.iter().filter(|part| part.shard.index() == index).count() {
            1 => {}
            0 => problems.push(format!("part {index}/{} is missing", first.shard.count())),
            _ => problems
                .push(format!("part {index}/{} is there more than once", first.shard.count())),
        }
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(JobError::refused("the parts do not make one whole; nothing was done", problems))
}

fn join(target: &Path, parts: &[Part]) -> io::Result<MergeReport> {
    let record_dir = target.join(RECORD_DIR);
    fs::create_dir_all(&record_dir)?;
    let mut report = MergeReport {
        shards: parts.len() as u32,
        items: parts.iter().map(|part| part.run.counts.total()).sum(),
        failed: parts.iter().map(|part| part.run.counts.failed).sum(),
        files: 0,
        copied: 0,
    };
    for part in parts {
        bring_files(target, part, &mut report)?;
    }
    if let Ok(before) = RunFile::read(&record_dir) {
        rotate(&record_dir, &before.id, true)?;
    }
    join_lines(&record_dir, parts, "manifest.jsonl")?;
    join_lines(&record_dir, parts, "errors.jsonl")?;
    joined_record(parts, &report).write(&record_dir)?;
    Ok(report)
}

/// What is needed of a manifest's line here.
#[derive(Deserialize)]
struct FilesOfRow {
    #[serde(default)]
    outputs: Vec<OutputRow>,
}

/// Checks that a part's files are there; copies those of other folders.
fn bring_files(target: &Path, part: &Part, report: &mut MergeReport) -> io::Result<()> {
    let manifest = File::open(part.record_dir.join("manifest.jsonl"))?;
    for line in BufReader::new(manifest).lines() {
        let row: FilesOfRow = serde_json::from_str(&line?)?;
        for output in &row.outputs {
            report.files += 1;
            let path = key_path(&output.path);
            if !files::is_inside(&path) {
                let message = format!("`{}` is not a path inside the folder", path.display());
                return Err(io::Error::other(message));
            }
            let (from, to) = (part.root.join(&path), target.join(&path));
            if part.root == target {
                check_length(&to, output)?;
            } else if !is_there(&to, output)? {
                copy_verified(&from, &to, output)?;
                report.copied += 1;
            }
        }
    }
    Ok(())
}

fn check_length(path: &Path, output: &OutputRow) -> io::Result<()> {
    let length = fs::metadata(path).map_err(|error| named(path, &error))?.len();
    if length == output.bytes {
        return Ok(());
    }
    Err(io::Error::other(format!("{} has changed since it was written", path.display())))
}

/// Whether the file is there with the right content; another content is an error, since
/// nothing is replaced here.
fn is_there(path: &Path, output: &OutputRow) -> io::Result<bool> {
    match files::hash_file(path) {
        Ok((_, hash)) if hash.to_string() == output.blake3 => Ok(true),
        Ok(_) => Err(io::Error::other(format!("{} is there with other content", path.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(named(path, &error)),
    }
}

fn copy_verified(from: &Path, to: &Path, output: &OutputRow) -> io::Result<()> {
    let bytes = fs::read(from).map_err(|error| named(from, &error))?;
    if Fingerprint::of(&bytes).to_string() != output.blake3 {
        return Err(io::Error::other(format!(
            "{} has changed since it was written",
            from.display()
        )));
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    files::write_atomic(to, &bytes)
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Merges the sorted lines of all parts by their index, unchanged.
fn join_lines(record_dir: &Path, parts: &[Part], name: &str) -> io::Result<()> {
    let mut heads = Vec::new();
    for part in parts {
        let file = File::open(part.record_dir.join(name))?;
        let mut lines = BufReader::new(file).lines();
        let head = next_line(&mut lines)?;
        heads.push((head, lines));
    }
    let partial = record_dir.join(format!("{name}.partial"));
    let mut out = BufWriter::new(File::create(&partial)?);
    while let Some((head, lines)) = heads
        .iter_mut()
        .filter(|(head, _)| head.is_some())
        .min_by_key(|(head, _)| head.as_ref().map(|(index, _)| *index))
    {
        if let Some((_, line)) = head.take() {
            writeln!(out, "{line}")?;
        }
        *head = next_line(lines)?;
    }
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    fs::rename(partial, record_dir.join(name))
}

#[derive(Deserialize)]
struct IndexOfRow {
    index: u64,
}

fn next_line(
    lines: &mut impl Iterator<Item = io::Result<String>>,
) -> io::Result<Option<(u64, String)>> {
    let Some(line) = lines.next().transpose()? else { return Ok(None) };
    let row: IndexOfRow = serde_json::from_str(&line)?;
    Ok(Some((row.index, line)))
}

fn joined_record(parts: &[Part], report: &MergeReport) -> RunFile {
    let first = &parts[0].run;
    let counts = parts.iter().fold(Counts::default(), |sum, part| sum.plus(&part.run.counts));
    let wall = |value: &Value| value["wall_secs"].as_f64().unwrap_or(0.0);
    let longest = parts.iter().map(|part| wall(&part.run.resources)).fold(0.0, f64::max);
    RunFile {
        id: new_run_id(),
        status: RunStatus::Finished,
        started: parts.iter().map(|part| part.run.started).min().unwrap_or(first.started),
        finished: Some(Timestamp::now()),
        shard: None,
        counts,
        resources: json!({"shards": report.shards, "longest_wall_secs": longest}),
        machine: Value::Null,
        error: None,
        ..first.clone()
    }
}
