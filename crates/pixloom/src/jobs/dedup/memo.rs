//! What pairs turned out to be, kept from run to run: of a set of pictures as a whole, and pair
//! by pair for sets that changed.
use std::collections::BTreeMap;

use pixloom_engine::Fingerprint;
use pixloom_match::{Features, Verdict};

use super::links::{Link, Matcher, Tally};
use super::networks::Seen;
use crate::cache::Store;

/// The names of these results in the cache.
const SETS: u32 = 0xFD00_0000;
const PAIRS: u32 = 0xFC00_0000;
/// Raised whenever other pairs are compared or these results have another form.
const VERSION: u32 = 2;
/// Pairs of one picture that are kept.
const KEPT: usize = 256;

/// Everything that was found of a set of pictures.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// Candidate pairs, and those of them that lie in one group without being compared.
    pub(super) candidates: u64,
    pub(super) spared: u64,
    pub(super) tally: Tally,
    /// Duplicates and pairs of one scene.
    pub(super) links: Vec<Link>,
    /// What the comparisons with representatives gave, in their order.
    pub(super) over: Vec<Vec<Link>>,
}

/// The part of the cache that is about pairs; without a store it knows nothing and keeps nothing.
#[derive(Debug)]
pub(super) struct Memo<'a> {
    store: Option<&'a Store>,
    /// Of the first picture of each unit.
    contents: Vec<[u8; 32]>,
    /// The thresholds.
    settings: Vec<u8>,
    set: [u8; 32],
}

/// Verdicts on pairs with one picture, by the contents of the others.
pub(super) type Verdicts = BTreeMap<[u8; 32], Verdict>;

impl<'a> Memo<'a> {
    /// `ranks`: the order that decides every tie, which roles, sizes and names make.
    pub(super) fn new(
        store: Option<&'a Store>,
        (contents, ranks): (Vec<[u8; 32]>, &[u32]),
        matcher: &Matcher<'_>,
    ) -> Self {
        let settings = serde_json::to_vec(matcher.matching).unwrap_or_default();
        let sides =
            matcher.units.iter().map(|unit| u8::from(unit.own) | u8::from(unit.against) << 1);
        let set = versioned("set")
            .field("settings", &settings)
            .field("across", [u8::from(matcher.across)])
            .field("sides", sides.collect::<Vec<_>>())
            .field("ranks", ranks.iter().flat_map(|rank| rank.to_le_bytes()).collect::<Vec<_>>())
            .field("contents", contents.as_flattened());
        let set = match matcher.seen.and_then(Seen::identity) {
            Some(networks) => set.field("networks", networks.0),
            None => set,
        };
        Self { store, contents, settings, set: set.finish().0 }
    }

    fn name(&self, unit: u32) -> [u8; 32] {
        let content = self.contents[unit as usize];
        versioned("pairs").field("settings", &self.settings).field("content", content).finish().0
    }

    /// What was found of this very set before.
    pub(super) fn set(&self) -> Option<Recorded> {
        let reader = self.store?.reader(SETS).ok()?;
        let recorded = reader.look(&self.set, |mut bytes| Recorded::from_bytes(&mut bytes))?;
        let count = self.contents.len() as u32;
        let all = || recorded.over.iter().flatten().chain(&recorded.links);
        all().all(|link| link.a < count && link.b < count).then_some(recorded)
    }

    /// Keeps what was found of the set. A cache that cannot be written was told of already.
    /// Of the links the first `verified` count: the others came of `over`.
    pub(super) fn keep_set(&self, recorded: &Recorded, verified: usize) {
        if let Some(store) = self.store {
            let _kept = store.put(SETS, &[(self.set, recorded.to_bytes(verified))]);
        }
    }

    /// What is known of the pairs with a unit.
    pub(super) fn verdicts(&self, unit: u32) -> Verdicts {
        let reader = self.store.and_then(|store| store.reader(PAIRS).ok());
        let found = reader.and_then(|reader| reader.look(&self.name(unit), verdicts_from));
        found.unwrap_or_default()
    }

    /// The content of a unit's first picture.
    pub(super) fn content(&self, unit: u32) -> &[u8; 32] {
        &self.contents[unit as usize]
    }

    /// Keeps verdicts on pairs, those of one first unit together; what networks make of them is not
    /// kept here.
    pub(super) fn keep_pairs(&self, fresh: &[((u32, u32), &Verdict)]) {
        let Some(store) = self.store.filter(|_| !fresh.is_empty()) else { return };
        let of_one = |list: &[((u32, u32), &Verdict)]| {
            let first = list[0].0.0;
            let mut bytes = Vec::new();
            let mut put = |content: &[u8; 32], verdict: &Verdict| {
                bytes.extend(content);
                verdict.to_bytes(&mut bytes);
            };
            let new: BTreeMap<_, _> =
                list.iter().map(|((_, b), verdict)| (*self.content(*b), *verdict)).collect();
            for (content, verdict) in &new {
                put(content, verdict);
            }
            let old = self.verdicts(first);
            let old = old.iter().filter(|(content, _)| !new.contains_key(*content));
            old.take(KEPT.saturating_sub(new.len())).for_each(|(c, verdict)| put(c, verdict));
            (self.name(first), bytes)
        };
        let entries: Vec<_> = fresh.chunk_by(|x, y| x.0.0 == y.0.0).map(of_one).collect();
        let _kept = store.put(PAIRS, &entries);
    }
}

fn versioned(what: &str) -> pixloom_engine::FingerprintBuilder {
    let versions = [Features::VERSION, Verdict::VERSION, VERSION].map(u32::to_le_bytes);
    Fingerprint::builder("matching").field("what", what).field("versions", versions.as_flattened())
}

fn verdicts_from(mut bytes: &[u8]) -> Option<Verdicts> {
    let mut verdicts = Verdicts::new();
    while let Some((content, rest)) = bytes.split_first_chunk::<32>() {
        bytes = rest;
        verdicts.insert(*content, Verdict::from_bytes(&mut bytes)?);
    }
    Some(verdicts)
}

impl Recorded {
    fn to_bytes(&self, verified: usize) -> Vec<u8> {
        let mut bytes = [self.candidates, self.spared].map(u64::to_le_bytes).concat();
        bytes.extend(self.tally.decided.as_flattened().iter().flat_map(|n| n.to_le_bytes()));
        bytes.extend((self.over.len() as u64).to_le_bytes());
        let over = self.over.iter().map(Vec::as_slice);
        for links in std::iter::once(&self.links[..verified]).chain(over) {
            bytes.extend((links.len() as u64).to_le_bytes());
            for link in links {
                bytes.extend(link.a.to_le_bytes());
                bytes.extend(link.b.to_le_bytes());
                link.verdict.to_bytes(&mut bytes);
            }
        }
        bytes
    }

    fn from_bytes(bytes: &mut &[u8]) -> Option<Self> {
        let (candidates, spared) = (number(bytes)?, number(bytes)?);
        let mut recorded = Self { candidates, spared, ..Self::default() };
        for count in recorded.tally.decided.as_flattened_mut() {
            *count = number(bytes)?;
        }
        let rounds = number(bytes)?;
        recorded.links = links_from(bytes)?;
        for _ in 0..rounds {
            recorded.over.push(links_from(bytes)?);
        }
        Some(recorded)
    }
}

fn number(bytes: &mut &[u8]) -> Option<u64> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u64::from_le_bytes(*first))
}

fn links_from(bytes: &mut &[u8]) -> Option<Vec<Link>> {
    let link = |bytes: &mut &[u8]| {
        let ends = number(bytes)?;
        let verdict = Verdict::from_bytes(bytes)?;
        Some(Link { a: ends as u32, b: (ends >> 32) as u32, verdict })
    };
    (0..number(bytes)?).map(|_| link(bytes)).collect()
}
