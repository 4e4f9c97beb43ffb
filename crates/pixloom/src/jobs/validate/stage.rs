//! The work on one file: read as much as the checks need, make them.
use std::fs::File;
use std::io::Read;

use pixloom_engine::{Bytes, Fingerprint, ItemCx, ItemError, Stage};
use pixloom_image::codec::DecodeOptions;
use pixloom_image::{ImageError, Limits};

use super::checks::{Level, Subject};
use super::findings::{FileRecord, Rules};
use super::source::{Candidate, unreadable};
use crate::finding::{Finding, Kind};
use crate::picture::ItemExec;
use crate::source::{InputFile, Peeked};

/// As much of a file as its name is compared with.
const HEAD: u64 = 64 << 10;

/// Makes the checks.
#[derive(Debug)]
pub(super) struct Checks {
    pub(super) level: Level,
    pub(super) limits: Limits,
    pub(super) min_side: u32,
    pub(super) rules: Rules,
}

impl Stage for Checks {
    type In = Candidate;
    type Out = FileRecord;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "validate"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &Candidate) -> Bytes {
        let Candidate::File(file, peeked) = input else { return Bytes(0) };
        if self.level < Level::Structure {
            return Bytes(HEAD);
        }
        let Some(Ok(Peeked { codec, header })) = peeked else { return Bytes(file.bytes) };
        let decode = codec.decode_memory(header, &DecodeOptions::default());
        // The file, metadata blocks taken out of it, the picture.
        let blocks = file.bytes.min(self.limits.max_metadata_bytes);
        Bytes(file.bytes + blocks + if self.level < Level::Decode { 0 } else { decode })
    }

    fn fingerprint(&self, _: &Candidate) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: Candidate, (): &mut (), cx: &ItemCx<'_>) -> Result<FileRecord, ItemError> {
        match input {
            Candidate::NotAFile => {
                let finding = Finding::new(Kind::NotAFile, "this is not a regular file");
                Ok(self.rules.judge(None, vec![finding]))
            }
            Candidate::File(file, peeked) => self.examine(&file, peeked, cx),
        }
    }
}

impl Checks {
    fn examine(
        &self,
        file: &InputFile,
        peeked: Option<Result<Peeked, ImageError>>,
        cx: &ItemCx<'_>,
    ) -> Result<FileRecord, ItemError> {
        let most = if self.level < Level::Structure { HEAD } else { u64::MAX };
        let mut bytes = Vec::new();
        let opened = File::open(&file.path);
        opened
            .and_then(|file| file.take(most).read_to_end(&mut bytes))
            .map_err(|error| unreadable().with_source(error))?;
        cx.add_input_bytes(bytes.len() as u64);
        let exec = ItemExec(cx);
        let mut subject = Subject {
            relative: &file.relative,
            bytes: &bytes,
            codec: None,
            header: peeked.map(|peeked| peeked.map(|peeked| peeked.header)),
            layout: None,
            decoded: None,
            limits: &self.limits,
            min_side: self.min_side,
            exec: &exec,
        };
        let found = subject.examine(self.level);
        // A stop inside a decoder looks like a broken file.
        cx.check()?;
        let format = subject.codec.map(|codec| codec.info().name);
        Ok(self.rules.judge(format, found))
    }
}
