//! The pictures of groups, measured at full size.
use std::collections::{BTreeMap, BTreeSet};

use pixloom_engine::{
    Bytes, Delivery, Engine, Fingerprint, FnSink, ItemCx, ItemError, ItemKey, IterSource, Outcome,
    RunError, SourceItem, Stage,
};
use pixloom_image::Limits;
use pixloom_match::{Features, Quality};

use super::groups::Cluster;
use crate::cache::{Entry, Store};
use crate::jobs::features::{Detail, Folders, Picture, full_size_quality};
use crate::source::InputFile;

/// The name of these results in the cache.
const KIND: u32 = 0xFE00_0000 | (Features::VERSION & 0xFFFF);

/// By the hash of the file's content.
pub(super) type Qualities = BTreeMap<[u8; 32], Quality>;

/// Measures what the choice of the best needs: one picture of each content, in clusters of
/// several contents. What cannot be measured is left out.
///
/// # Errors
/// `Cancelled` on request.
pub(super) fn measure(
    clusters: &[Cluster],
    (pictures, folders): (&[Picture], &Folders),
    (engine, limits): (&Engine, &Limits),
    store: Option<&Store>,
) -> Result<Qualities, RunError> {
    let mut qualities = Qualities::new();
    let mut wanted = Vec::new();
    let mut seen = BTreeSet::new();
    let reader = store.and_then(|store| store.reader(KIND).ok());
    for (number, _) in clusters.iter().filter(|c| c.contents > 1).flat_map(|c| &c.members) {
        let picture = &pictures[*number as usize];
        let content = picture.facts.content.0;
        if !seen.insert(content) || picture.facts.size[0] == 0 {
            continue;
        }
        let seen = picture.facts.measures().and_then(|measures| measures.detail);
        let kept = || reader.as_ref().and_then(|r| Detail::from_bytes(&r.by_content(&content)?));
        match seen.or_else(kept) {
            Some(detail) => {
                qualities.insert(content, detail.into());
            }
            None => wanted.push(picture),
        }
    }
    let items: Vec<SourceItem<InputFile>> = wanted
        .iter()
        .map(|picture| SourceItem::new(ItemKey::new(&picture.key), file(picture, folders)))
        .collect();
    let mut entries = Vec::new();
    let mut sink = FnSink::new(|delivery: Delivery<Detail>| {
        if let Outcome::Done(detail) = delivery.outcome {
            let picture = wanted[delivery.index as usize];
            qualities.insert(picture.facts.content.0, detail.into());
            entries.push(entry(picture, folders, detail));
        }
        Ok(())
    });
    let engine = engine.phase("quality", Fingerprint::of(b"quality"));
    engine.run(&mut IterSource::new(items), &Measure { limits }, &mut sink)?;
    if let Some(store) = store.filter(|_| !entries.is_empty()) {
        // A cache that cannot be written was told of already.
        let _kept = store.add(KIND, &entries);
    }
    Ok(qualities)
}

fn file(picture: &Picture, folders: &Folders) -> InputFile {
    InputFile {
        path: folders.locate(picture.folder, &picture.key),
        relative: folders.below(picture.folder, &picture.key),
        bytes: picture.facts.bytes,
        modified_ns: picture.modified_ns(),
    }
}

fn entry(picture: &Picture, folders: &Folders, detail: Detail) -> Entry {
    use std::os::unix::ffi::OsStrExt;
    let path = folders.locate(picture.folder, &picture.key);
    Entry {
        path: path.as_os_str().as_bytes().to_vec(),
        stamp: (picture.facts.bytes, picture.modified_ns()),
        content: picture.facts.content.0,
        value: detail.to_bytes().into(),
    }
}

struct Measure<'a> {
    limits: &'a Limits,
}

impl Stage for Measure<'_> {
    type In = InputFile;
    type Out = Detail;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "quality"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &InputFile) -> Bytes {
        let Ok(peeked) = crate::source::peek(&input.path, self.limits) else {
            return Bytes(1 << 20);
        };
        let options = pixloom_image::codec::DecodeOptions::default();
        let decode = peeked.codec.decode_memory(&peeked.header, &options);
        Bytes(
            input.bytes + decode + 2 * peeked.header.decoded_bytes() + peeked.header.size.pixels(),
        )
    }

    fn fingerprint(&self, _: &InputFile) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: InputFile, (): &mut (), cx: &ItemCx<'_>) -> Result<Detail, ItemError> {
        Ok(full_size_quality(&input, self.limits, cx)?.into())
    }
}
