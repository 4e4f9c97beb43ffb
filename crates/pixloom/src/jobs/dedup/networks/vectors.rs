//! The vectors of all units, and which of them are near.
use pixloom_engine::{
    Bytes, Delivery, Engine, Fingerprint, FnSink, ItemCx, ItemError, ItemKey, IterSource, Outcome,
    RunError, SourceItem, Stage,
};
use pixloom_image::Limits;
use pixloom_image::codec::DecodeOptions;
use pixloom_match::{Neighbours, cosine};
use serde::{Deserialize, Serialize};

use super::Files;
use super::encoder::Encoder;
use crate::jobs::features::{Bank, reduced_picture};
use crate::picture::{ItemExec, item_error};
use crate::source::{InputFile, peek};

/// The name of these results in the cache.
const KIND: u32 = 0xFB00_0000;
/// Pictures whose vectors are nearest become candidates, so many for each.
const CANDIDATES: usize = 8;
/// Of those that reach the threshold, so many.
const MOST: usize = 64;
/// Least cosine of a candidate.
const LEAST: f32 = 0.5;
/// Vectors that are worked on at once.
const BLOCK: usize = 256;
/// Results that are kept before they are written together.
const BATCH: usize = 512;

/// The vectors of units: in memory as long as they are few, then in a file.
#[derive(Debug)]
pub(in crate::jobs::dedup) struct Vectors {
    width: usize,
    bank: Bank,
    /// The place of each unit's vector in the bank.
    places: Vec<Option<u32>>,
    /// The unit of each place.
    owners: Vec<u32>,
    /// The first reason why a picture has none.
    pub(in crate::jobs::dedup) trouble: Option<String>,
}

impl Vectors {
    /// Computes the vectors of some pictures, one for each unit, or takes them from the cache.
    ///
    /// # Errors
    /// `Cancelled` on request, `Output` if they cannot be put aside.
    pub(super) fn of(
        encoder: &Encoder,
        units: &[u32],
        files: &Files<'_>,
        engine: &Engine,
    ) -> Result<Self, RunError> {
        let mut vectors = Self {
            width: encoder.width,
            bank: Bank::new(files.spill, Vec::new()),
            places: vec![None; units.len()],
            owners: Vec::new(),
            trouble: None,
        };
        let name = |picture: u32| {
            let content = files.picture(picture).facts.content.0;
            let print = Fingerprint::builder("vector").field("encoder", encoder.identity.0);
            print.field("content", content).finish().0
        };
        let reader = files.store.and_then(|store| store.reader(KIND).ok());
        let mut wanted = Vec::new();
        for (unit, picture) in units.iter().enumerate() {
            let known = reader.as_ref().and_then(|reader| reader.by_content(&name(*picture)));
            match known.filter(|bytes| bytes.len() == 4 * encoder.width) {
                Some(bytes) => vectors.push(unit, &bytes)?,
                None if files.picture(*picture).facts.size[0] > 0 => wanted.push((unit, *picture)),
                None => {}
            }
        }
        vectors.compute(encoder, &wanted, (files, &name), engine)?;
        Ok(vectors)
    }

    /// Computes those that are not known and keeps them.
    fn compute(
        &mut self,
        encoder: &Encoder,
        wanted: &[(usize, u32)],
        (files, name): (&Files<'_>, &dyn Fn(u32) -> [u8; 32]),
        engine: &Engine,
    ) -> Result<(), RunError> {
        let item = |(_, picture): &(usize, u32)| {
            SourceItem::new(ItemKey::new(&files.picture(*picture).key), files.file(*picture))
        };
        let items: Vec<SourceItem<InputFile>> = wanted.iter().map(item).collect();
        let mut entries = Vec::new();
        let keep = |entries: &mut Vec<([u8; 32], Vec<u8>)>| {
            if let Some(store) = files.store.filter(|_| !entries.is_empty()) {
                // A cache that cannot be written was told of already.
                let _kept = store.put(KIND, entries);
            }
            entries.clear();
        };
        let mut sink = FnSink::new(|delivery: Delivery<Encoded>| {
            let (unit, picture) = wanted[delivery.index as usize];
            match delivery.outcome {
                Outcome::Done(Encoded(values)) if !values.is_empty() => {
                    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
                    self.push(unit, &bytes)?;
                    entries.push((name(picture), bytes));
                }
                Outcome::Failed(error) => {
                    let key = &files.picture(picture).key;
                    self.trouble.get_or_insert_with(|| format!("{key}: {error}"));
                }
                _ => {}
            }
            if entries.len() >= BATCH {
                keep(&mut entries);
            }
            Ok(())
        });
        let engine = engine.phase("embedding", encoder.identity);
        let stage = Encode { encoder, limits: files.limits };
        let outcome = engine.run(&mut IterSource::new(items), &stage, &mut sink);
        keep(&mut entries);
        outcome.map(|_| ())
    }

    fn push(&mut self, unit: usize, bytes: &[u8]) -> Result<(), RunError> {
        self.bank.push(bytes).map_err(|error| RunError::Output(error.into()))?;
        self.places[unit] = Some(self.owners.len() as u32);
        self.owners.push(unit as u32);
        Ok(())
    }

    /// How many there are.
    pub(in crate::jobs::dedup) fn count(&self) -> usize {
        self.owners.len()
    }

    fn get(&self, unit: u32) -> Option<Vec<f32>> {
        let place = (*self.places.get(unit as usize)?)?;
        let bytes = self.bank.get(place as usize).ok()?;
        Some(floats(&bytes).collect())
    }

    /// The cosine of two units' vectors; nothing where one has none.
    pub(super) fn cosine(&self, a: u32, b: u32) -> Option<f32> {
        Some(cosine(&self.get(a)?, &self.get(b)?))
    }

    /// Places of the vectors of some units, in blocks.
    fn blocks(&self, units: &[u32]) -> Vec<Vec<u32>> {
        let places: Vec<u32> =
            units.iter().filter_map(|unit| *self.places.get(*unit as usize)?).collect();
        places.chunks(BLOCK).map(<[u32]>::to_vec).collect()
    }

    /// Vectors one behind the other, and their units.
    fn block(&self, places: &[u32]) -> (Vec<f32>, Vec<u32>) {
        let mut values = Vec::with_capacity(places.len() * self.width);
        for place in places {
            let bytes = self.bank.get(*place as usize).unwrap_or_default();
            let start = values.len();
            values.extend(floats(&bytes));
            // What cannot be read back is near nothing.
            values.resize(start + self.width, 0.0);
        }
        (values, places.iter().map(|place| self.owners[*place as usize]).collect())
    }

    /// Pairs of some units with others whose vectors are near, by a full search in blocks: of each
    /// unit the nearest few, and more of those that reach the threshold.
    pub(in crate::jobs::dedup) fn near(
        &self,
        engine: &Engine,
        [queries, others]: &[Vec<u32>; 2],
        threshold: f32,
    ) -> Vec<(u32, u32)> {
        let (blocks, others) = (self.blocks(queries), self.blocks(others));
        let found = engine.fan_out(blocks.len(), &|| (), &|number, ()| {
            let (queries, owners) = self.block(&blocks[number]);
            let mut search = Neighbours::of(queries, self.width, (MOST + 1, LEAST.min(threshold)));
            for other in &others {
                let (block, numbers) = self.block(other);
                search.see(&block, &numbers);
            }
            let mut pairs = Vec::new();
            for (unit, near) in owners.iter().zip(search.finish()) {
                let others = near.iter().filter(|near| near.number != *unit);
                let worth = others
                    .enumerate()
                    .take_while(|(rank, near)| *rank < CANDIDATES || near.cosine >= threshold);
                pairs.extend(worth.map(|(_, near)| (*unit, near.number)));
            }
            pairs
        });
        found.into_iter().flatten().collect()
    }
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
}

/// A vector of length one; empty where the graph gave no direction.
#[derive(Debug, Serialize, Deserialize)]
struct Encoded(Vec<f32>);

struct Encode<'a> {
    encoder: &'a Encoder,
    limits: &'a Limits,
}

impl Stage for Encode<'_> {
    type In = InputFile;
    type Out = Encoded;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "embedding"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &InputFile) -> Bytes {
        let Ok(peeked) = peek(&input.path, self.limits) else { return Bytes(1 << 20) };
        let decode = peeked.codec.decode_memory(&peeked.header, &DecodeOptions::default());
        let decoded = 2 * peeked.header.decoded_bytes();
        Bytes((input.bytes + decode).saturating_add(decoded).saturating_add(self.encoder.cost()))
    }

    fn fingerprint(&self, _: &InputFile) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: InputFile, (): &mut (), cx: &ItemCx<'_>) -> Result<Encoded, ItemError> {
        let image = reduced_picture(&input, self.encoder.side(), self.limits, cx)?;
        cx.check()?;
        let vector = self.encoder.vector(&image, &ItemExec(cx));
        let vector = vector.map_err(|error| item_error(error, "embedding"))?;
        Ok(Encoded(vector.unwrap_or_default()))
    }
}
