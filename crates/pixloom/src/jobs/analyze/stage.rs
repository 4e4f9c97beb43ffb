//! The files to look at, and the look at one of them.
use std::path::Path;

use pixloom_engine::{Bytes, Fingerprint, ItemCx, ItemError, RunError, Source, SourceItem, Stage};
use pixloom_image::Limits;
use pixloom_image::codec::DecodeOptions;

use super::facts::{Facts, HEAD_LIMIT};
use crate::job::JobError;
use crate::picture::{item_error, load};
use crate::source::{InputFile, Share, peek};

/// A file, and what must be set aside to decode it.
#[derive(Debug)]
pub(super) struct Candidate {
    file: InputFile,
    decode_memory: u64,
}

/// Yields the files of a listing, or those of one shard.
pub(super) struct Candidates<'a> {
    pub(super) files: Share<'a>,
    pub(super) look: &'a Look,
}

impl Source for Candidates<'_> {
    type Value = Candidate;

    fn next(&mut self) -> Result<Option<SourceItem<Candidate>>, RunError> {
        let Some((index, listed)) = self.files.next() else { return Ok(None) };
        let value = listed.file.and_then(|file| self.look.candidate(file));
        Ok(Some(SourceItem { key: listed.key, index: Some(index), value }))
    }

    fn total(&self) -> Option<u64> {
        Some(self.files.total())
    }
}

/// How each file is looked at.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) deep: bool,
    pub(super) limits: Limits,
    pub(super) tolerant: bool,
}

impl Look {
    /// A full decode must know its memory before it starts, so its header is read now.
    fn candidate(&self, file: InputFile) -> Result<Candidate, ItemError> {
        let mut decode_memory = 0;
        if self.deep {
            let peeked = peek(&file.path, &self.limits).map_err(|e| item_error(e, "header"))?;
            let options = DecodeOptions { tolerant: self.tolerant, ..DecodeOptions::default() };
            let turned = peeked.header.decoded_bytes();
            decode_memory = peeked.codec.decode_memory(&peeked.header, &options) + turned;
        }
        Ok(Candidate { file, decode_memory })
    }
}

impl Stage for Look {
    type In = Candidate;
    type Out = Facts;
    type Scratch = Vec<u8>;

    fn name(&self) -> &'static str {
        "analyze"
    }

    fn scratch(&self) -> Vec<u8> {
        Vec::new()
    }

    fn cost(&self, input: &Candidate) -> Bytes {
        Bytes(input.file.bytes.min(HEAD_LIMIT) + input.decode_memory + (64 << 10))
    }

    fn fingerprint(&self, _: &Candidate) -> Option<Fingerprint> {
        None // looking again costs less than remembering
    }

    fn run(
        &self,
        input: Candidate,
        head: &mut Vec<u8>,
        cx: &ItemCx<'_>,
    ) -> Result<Facts, ItemError> {
        let mut facts = Facts::read(&input.file, head, &self.limits)?;
        cx.add_input_bytes(head.len() as u64);
        if head.capacity() > 1 << 20 {
            *head = Vec::new();
        }
        if self.deep {
            let exec = crate::picture::ItemExec(cx);
            let note = |code: &'static str, message: String| cx.note(code, message);
            let limits = (&self.limits, self.tolerant);
            let (loaded, _) = load(&input.file, None, limits, &exec, &note)
                .map_err(|error| cx.check().err().unwrap_or(error))?;
            facts.add_pixels(&loaded.image);
        }
        Ok(facts)
    }
}

/// Whether a report can be written here: into a folder that exists, in nothing's place.
pub(crate) fn refuse_unwritable(path: &Path, overwrite: bool) -> Result<(), JobError> {
    if path.as_os_str() == "-" {
        let problem = "a report must be a file; on the standard output, `--json` lists every file";
        return Err(JobError::refused(problem, Vec::new()));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        let details = vec![format!("create the folder {} first", folder.display())];
        return Err(JobError::refused(format!("{} cannot be written", path.display()), details));
    }
    refuse_existing(path, overwrite)
}

/// Whether a file may be written here.
pub(crate) fn refuse_existing(path: &Path, overwrite: bool) -> Result<(), JobError> {
    if overwrite || !path.exists() {
        return Ok(());
    }
    let details = vec!["give another name, or --overwrite to replace it".to_owned()];
    Err(JobError::refused(format!("{} exists", path.display()), details))
}
