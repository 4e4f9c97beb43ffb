//! The files to look at, and the look at one of them.
use std::path::{Path, PathBuf};

use pixloom_engine::{
    Bytes, Fingerprint, ItemCx, ItemError, ItemKey, RunError, Shard, Source, SourceItem, Stage,
    path_key,
};
use pixloom_image::Limits;
use pixloom_image::codec::DecodeOptions;

use super::facts::{Facts, HEAD_LIMIT};
use crate::job::JobError;
use crate::params::ParamError;
use crate::picture::{item_error, load};
use crate::run::InputSettings;
use crate::source::{InputFile, Inputs, LeftAlone, Listed, peek};

/// One or several input folders.
#[derive(Debug)]
pub(super) struct Roots(Vec<Root>);

#[derive(Debug)]
struct Root {
    inputs: Inputs,
    /// What stands before the paths below it, where there are several.
    prefix: PathBuf,
}

impl Roots {
    /// Opens the folders. One inside another is refused: its pictures would count twice.
    pub(super) fn open(folders: &[PathBuf], settings: &InputSettings) -> Result<Self, JobError> {
        if folders.is_empty() {
            return Err(ParamError::new("input", "must be given: a folder or a picture").into());
        }
        if folders.len() > 1 && settings.files_from.is_some() {
            let problem = "takes paths below one folder, but several are given";
            return Err(ParamError::new("files_from", problem).into());
        }
        let several = folders.len() > 1;
        let open = |folder: &PathBuf| -> Result<Root, JobError> {
            let inputs = Inputs::open(folder, settings, &[])?;
            let prefix = if several { inputs.root().to_owned() } else { PathBuf::new() };
            Ok(Root { inputs, prefix })
        };
        let roots = folders.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        refuse_overlap(folders)?;
        Ok(Self(roots))
    }

    /// The files of all folders, in order.
    pub(super) fn list<'a>(
        &'a self,
        left_alone: &'a mut [LeftAlone],
    ) -> std::io::Result<Box<dyn Iterator<Item = Listed> + Send + 'a>> {
        let mut listings = Vec::new();
        for (root, left_alone) in self.0.iter().zip(left_alone) {
            let listing = root.inputs.list(left_alone)?;
            listings.push(listing.map(move |listed| root.named(listed)));
        }
        Ok(Box::new(listings.into_iter().flatten()))
    }

    /// An empty count for each folder.
    pub(super) fn left_alone(&self) -> Vec<LeftAlone> {
        vec![LeftAlone::default(); self.0.len()]
    }

    /// Where the item of that name lies.
    pub(super) fn locate(&self, key: &str) -> PathBuf {
        let path = pixloom_engine::key_path(key);
        match &self.0[..] {
            [only] => only.inputs.root().join(path),
            _ => path,
        }
    }
}

impl Root {
    fn named(&self, listed: Listed) -> Listed {
        if self.prefix.as_os_str().is_empty() {
            return listed;
        }
        Listed { key: ItemKey::new(&path_key(&self.prefix.join(&listed.relative))), ..listed }
    }
}

fn refuse_overlap(folders: &[PathBuf]) -> Result<(), JobError> {
    let whole: Vec<PathBuf> = folders.iter().filter_map(|f| f.canonicalize().ok()).collect();
    for (at, outer) in whole.iter().enumerate() {
        let inner = whole.iter().enumerate().find(|(i, path)| *i != at && path.starts_with(outer));
        if let Some((inner, _)) = inner {
            let (inner, outer) = (folders[inner].display(), folders[at].display());
            let problem = format!("`{inner}` lies in `{outer}`, its pictures would count twice");
            return Err(ParamError::new("input", problem).into());
        }
    }
    Ok(())
}

/// A file, and what must be set aside to decode it.
#[derive(Debug)]
pub(super) struct Candidate {
    file: InputFile,
    decode_memory: u64,
}

/// Yields the files of a listing, or those of one shard.
pub(super) struct Candidates<'a> {
    pub(super) listing: Box<dyn Iterator<Item = Listed> + Send + 'a>,
    pub(super) look: &'a Look,
    pub(super) shard: Option<Shard>,
    pub(super) total: u64,
    pub(super) index: u64,
}

impl Source for Candidates<'_> {
    type Value = Candidate;

    fn next(&mut self) -> Result<Option<SourceItem<Candidate>>, RunError> {
        for listed in self.listing.by_ref() {
            let index = self.index;
            self.index += 1;
            if self.shard.is_none_or(|shard| shard.owns(&listed.key)) {
                let value = listed.file.and_then(|file| self.look.candidate(file));
                return Ok(Some(SourceItem { key: listed.key, index: Some(index), value }));
            }
        }
        Ok(None)
    }

    fn total(&self) -> Option<u64> {
        Some(self.total)
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

/// Whether a file may be written here.
pub(crate) fn refuse_existing(path: &Path, overwrite: bool) -> Result<(), JobError> {
    if overwrite || !path.exists() {
        return Ok(());
    }
    let details = vec!["give another name, or --overwrite to replace it".to_owned()];
    Err(JobError::refused(format!("{} exists", path.display()), details))
}
