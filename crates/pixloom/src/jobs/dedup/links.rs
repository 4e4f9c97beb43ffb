//! Which pictures are compared, and what came of it.
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use pixloom_engine::{Cancel, Engine, RunError};
use pixloom_match::{
    Class, Code, CodeBits, Features, HammingJoin, Near, Stage, Verdict, verify, verify_along,
};

use super::groups::{Cluster, clusters, ranks};
use super::memo::{Memo, Recorded, Verdicts};
use super::networks::Seen;
use super::settings::Matching;
use super::stages::Stages;
use super::stars::Stars;
use super::units::Unit;
use crate::cache::Store;
use crate::jobs::features::{Bank, Folders, Picture, codes};

/// The stage that finds candidates.
const WAVELET: (u8, &str, &str) = (1, "wavelet", "pictures");
/// Pairs that are handed to a worker at once.
pub(super) const CHUNK: usize = 64;
/// Features that a worker keeps at hand, of about 60 KB each.
const RECENT: usize = 32;
/// Pairs after which a stop is looked for.
pub(super) const ROUND: usize = 4096;

/// A verified pair of units, `a` before `b`.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) verdict: Verdict,
}

/// Compares units by their features.
#[derive(Debug)]
pub(super) struct Matcher<'a> {
    pub(super) engine: &'a Engine,
    pub(super) units: &'a [Unit],
    pub(super) bank: &'a Bank,
    pub(super) matching: &'a Matching,
    /// Whether only pairs across two sets count.
    pub(super) across: bool,
    /// What the user's networks know.
    pub(super) seen: Option<&'a Seen<'a>>,
}

/// A picture to compare with a representative over a third that both are copies of.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// From the representative to the third.
    pub(super) first: Link,
    /// From the third to the picture.
    pub(super) second: Link,
    pub(super) representative: u32,
    pub(super) picture: u32,
}

/// What a worker asked for last: what is known of the pairs of a unit, and features, the latest at
/// the end.
#[derive(Default)]
struct Recent {
    known: Option<(u32, Verdicts)>,
    features: Vec<(u32, Rc<Option<Features>>)>,
}

impl Recent {
    fn features(&mut self, unit: u32, matcher: &Matcher<'_>) -> Rc<Option<Features>> {
        let at = self.features.iter().rposition(|(kept, _)| *kept == unit);
        let found = match at {
            Some(at) => self.features.remove(at).1,
            None => Rc::new(matcher.features(unit)),
        };
        if self.features.len() >= RECENT {
            self.features.remove(0);
        }
        self.features.push((unit, Rc::clone(&found)));
        found
    }
}

impl Matcher<'_> {
    /// Finds candidates and verifies them; duplicates and pairs of one scene come back, sorted.
    ///
    /// # Errors
    /// `Cancelled` on request.
    fn links(
        &self,
        memo: &Memo<'_>,
        ranks: &[u32],
        (cancel, stages): (&Cancel, &mut Stages),
    ) -> Result<Recorded, RunError> {
        let since = Instant::now();
        let mut classes = Vec::new();
        let pairs = self.candidates(&mut classes)?;
        let candidates = pairs.len() as u64;
        let count = self.units.len() as u64;
        stages.add(WAVELET, (count, 0, 0, count), Some(since));
        let mut recorded = Recorded { candidates, ..Recorded::default() };
        self.verify_stars((&pairs, ranks), memo, (cancel, &mut recorded))?;
        self.verify_classes(&classes, &mut recorded)?;
        recorded.links.sort_by_key(|link| (link.a, link.b));
        recorded.links.dedup_by_key(|link| (link.a, link.b));
        Ok(recorded)
    }

    pub(super) fn features(&self, unit: u32) -> Option<Features> {
        let payload = self.bank.get(self.units[unit as usize].first() as usize).ok()?;
        Features::from_bytes(&payload)
    }

    /// Verifies pairs, but for those that lie in one group whatever they are.
    fn verify_stars(
        &self,
        (pairs, ranks): (&[(u32, u32)], &[u32]),
        memo: &Memo<'_>,
        (cancel, recorded): (&Cancel, &mut Recorded),
    ) -> Result<(), RunError> {
        let mut stars = Stars::new(pairs, ranks);
        recorded.spared = pairs.len() as u64;
        loop {
            let wanted = stars.wanted();
            if wanted.is_empty() {
                return Ok(());
            }
            recorded.spared -= wanted.len() as u64;
            let before = recorded.links.len();
            for round in wanted.chunks(ROUND) {
                if cancel.is_draining() {
                    return Err(RunError::Cancelled);
                }
                self.verify_round(round, memo, recorded)?;
            }
            let found = recorded.links[before..].iter();
            let copies = found.filter(|link| link.verdict.class.is_duplicate());
            stars.tell(&copies.map(|link| (link.a, link.b)).collect::<Vec<_>>());
        }
    }

    fn verify_round(
        &self,
        pairs: &[(u32, u32)],
        memo: &Memo<'_>,
        recorded: &mut Recorded,
    ) -> Result<(), RunError> {
        let chunks: Vec<&[(u32, u32)]> = pairs.chunks(CHUNK).collect();
        let found = self.engine.fan_out(chunks.len(), &Recent::default, &|at, recent| {
            chunks[at].iter().map(|(a, b)| self.verify(*a, *b, memo, recent)).collect::<Vec<_>>()
        });
        let found: Vec<(Verdict, bool)> = found.into_iter().flatten().collect();
        let fresh: Vec<_> = pairs
            .iter()
            .zip(&found)
            .filter(|(_, (_, is_known))| !is_known)
            .map(|(pair, (verdict, _))| (*pair, verdict))
            .collect();
        memo.keep_pairs(&fresh);
        let judged = pairs.iter().zip(found);
        let mut verdicts: Vec<Verdict> =
            judged.map(|((a, b), (verdict, _))| self.judged(*a, *b, verdict)).collect();
        self.look(pairs, &mut verdicts)?;
        for ((a, b), verdict) in pairs.iter().zip(verdicts) {
            recorded.tally.take(&verdict);
            if verdict.class != Class::Different {
                recorded.links.push(Link { a: *a, b: *b, verdict });
            }
        }
        Ok(())
    }

    /// Asks LPIPS about pairs that are still open.
    pub(super) fn look(
        &self,
        pairs: &[(u32, u32)],
        verdicts: &mut [Verdict],
    ) -> Result<(), RunError> {
        match self.seen {
            Some(seen) => seen.look(pairs, verdicts, (self.engine, &|unit| self.features(unit))),
            None => Ok(()),
        }
    }

    /// The verdict after the user's encoder had its say.
    pub(super) fn judged(&self, a: u32, b: u32, verdict: Verdict) -> Verdict {
        match self.seen {
            Some(seen) => seen.judged(a, b, verdict),
            None => verdict,
        }
    }

    /// The verdict, and whether it was known before.
    fn verify(&self, a: u32, b: u32, memo: &Memo<'_>, recent: &mut Recent) -> (Verdict, bool) {
        if recent.known.as_ref().is_none_or(|(unit, _)| *unit != a) {
            recent.known = Some((a, memo.verdicts(a)));
        }
        let known = recent.known.as_ref().and_then(|(_, known)| known.get(memo.content(b)));
        if let Some(verdict) = known {
            return (verdict.clone(), true);
        }
        let [one, other] = [a, b].map(|unit| recent.features(unit, self));
        let verdict = match one.as_ref().as_ref().zip(other.as_ref().as_ref()) {
            Some((a, b)) => verify(a, b, &self.matching.thresholds()),
            None => different(),
        };
        (verdict, false)
    }

    /// Compares pictures with representatives; the links of those that are copies come back.
    ///
    /// # Errors
    /// `Cancelled` on request.
    fn verify_over(&self, ways: &[Way]) -> Result<Vec<Link>, RunError> {
        let found = self.engine.fan_out(ways.len(), &|| (), &|at, ()| {
            let Way { first, second, representative, picture } = &ways[at];
            let middle = if first.a == *representative { first.b } else { first.a };
            let (a, b) = (self.features(*representative)?, self.features(*picture)?);
            let thresholds = self.matching.thresholds();
            let transform = towards(first, *representative)
                .zip(towards(second, middle))
                .map(|(there, on)| on.after(&there));
            let along = transform.map(|transform| verify_along(&a, &b, &transform, &thresholds));
            let along = along.filter(|verdict| verdict.class.is_duplicate());
            let verdict = along.unwrap_or_else(|| verify(&a, &b, &thresholds));
            Some(self.judged(*representative, *picture, verdict))
        });
        let pairs: Vec<_> = ways.iter().map(|way| (way.representative, way.picture)).collect();
        let (pairs, mut verdicts): (Vec<_>, Vec<_>) =
            pairs.into_iter().zip(found).filter_map(|(pair, found)| Some((pair, found?))).unzip();
        self.look(&pairs, &mut verdicts)?;
        let link = |((a, b), verdict): ((u32, u32), Verdict)| {
            verdict.class.is_duplicate().then(|| turned(Link { a, b, verdict }))
        };
        Ok(pairs.into_iter().zip(verdicts).filter_map(link).collect())
    }
}

/// The transform of a link from one of its ends to the other.
fn towards(link: &Link, from: u32) -> Option<pixloom_match::Transform> {
    let transform = link.verdict.transform?;
    if link.a == from { Some(transform) } else { transform.inverse() }
}

/// The same link with the smaller number first.
fn turned(link: Link) -> Link {
    if link.a <= link.b {
        return link;
    }
    let mut verdict = link.verdict;
    verdict.transform = verdict.transform.and_then(|transform| transform.inverse());
    verdict.overlap.reverse();
    Link { a: link.b, b: link.a, verdict }
}

pub(super) fn different() -> Verdict {
    Verdict {
        class: Class::Different,
        similarity: 0.0,
        transform: None,
        overlap: [0.0; 2],
        inliers: 0,
        reason: "not compared: its features could not be read back".to_owned(),
        stage: Stage::Exact,
    }
}

/// Groups of what the matcher finds, with the pairs behind them; from the cache, if this very set
/// was compared before.
///
/// # Errors
/// `Cancelled` on request.
pub(super) fn matched(
    matcher: &Matcher<'_>,
    (pictures, folders): (&[Picture], &Folders),
    store: Option<&Store>,
    (cancel, stages): (&Cancel, &mut Stages),
) -> Result<(Vec<Cluster>, Vec<Link>), RunError> {
    let since = Instant::now();
    let content = |unit: &Unit| pictures[unit.first() as usize].facts.content.0;
    let ranks = ranks(matcher.units, pictures, folders);
    let contents = matcher.units.iter().map(content).collect();
    let memo = Memo::new(store, (contents, &ranks), matcher);
    let known = memo.set();
    let is_known = known.is_some();
    let mut recorded = match known {
        Some(recorded) => {
            let count = matcher.units.len() as u64;
            stages.add(WAVELET, (count, 0, 0, count), None);
            recorded
        }
        None => matcher.links(&memo, &ranks, (cancel, stages))?,
    };
    let found = stages.rows.last().map_or(0.0, |row| row.secs);
    let (candidates, spared) = (recorded.candidates, recorded.spared);
    let compared = candidates - spared.min(candidates);
    stages.add((1, "stars", "pairs"), (candidates, spared, 0, compared), None);
    recorded.tally.tell(compared, since + Duration::from_secs_f64(found), stages);
    let rounds = RefCell::new(std::mem::take(&mut recorded.over));
    let failed = RefCell::new(None);
    let round = Cell::new(0);
    let over = |ways: &[Way]| {
        let at = round.replace(round.get() + 1);
        if !is_known {
            let found = matcher.verify_over(ways).map_err(|error| failed.replace(Some(error)));
            rounds.borrow_mut().push(found.unwrap_or_default());
        }
        rounds.borrow().get(at).cloned().unwrap_or_default()
    };
    let verified = recorded.links.len();
    let clusters = clusters(matcher.units, &mut recorded.links, (pictures, folders), &over);
    if let Some(error) = failed.into_inner() {
        return Err(error);
    }
    // What could not be found out this time may be next time.
    let is_whole = matcher.seen.is_none_or(Seen::is_whole);
    if !is_known && is_whole {
        recorded.over = rounds.into_inner();
        memo.keep_set(&recorded, verified);
    }
    Ok((clusters, recorded.links))
}

/// How many pairs each stage decided.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Accepted and rejected by stage.
    pub(super) decided: [[u64; 2]; 5],
}

impl Tally {
    pub(super) fn take(&mut self, verdict: &Verdict) {
        let rejected = usize::from(!verdict.class.is_duplicate());
        self.decided[verdict.stage as usize][rejected] += 1;
    }

    pub(super) fn add(&mut self, other: &Self) {
        for (own, other) in self.decided.iter_mut().flatten().zip(other.decided.iter().flatten()) {
            *own += other;
        }
    }

    /// One row for each stage; all pairs are verified in one go, so the time stands at the last.
    fn tell(&self, candidates: u64, since: Instant, stages: &mut Stages) {
        let total: u64 = self.decided.iter().flatten().sum();
        let mut left = total.max(candidates);
        let rows =
            [(2, "colour", Stage::Color), (3, "global", Stage::Global), (4, "local", Stage::Local)];
        for (number, name, stage) in rows {
            let mut decided = self.decided[stage as usize];
            if stage == Stage::Color {
                // What the codes alone or equal pixels decide counts here, too.
                for early in [Stage::Exact, Stage::Hash] {
                    decided[0] += self.decided[early as usize][0];
                    decided[1] += self.decided[early as usize][1];
                }
            }
            let out = left - decided[0] - decided[1];
            let time = (stage == Stage::Local).then_some(since);
            stages.add((number, name, "pairs"), (left, decided[0], decided[1], out), time);
            left = out;
        }
    }
}

/// The hashes of units, read one orientation at a time, so that only two lists of them are in
/// memory.
pub(super) struct Hashes<'a> {
    pub(super) bank: &'a Bank,
    pub(super) bits: CodeBits,
    /// 8, or 1 where turned copies do not count.
    pub(super) forms: usize,
    /// Units that have a hash.
    pub(super) units: Vec<u32>,
    /// The first picture of each of these.
    pub(super) firsts: Vec<u32>,
}

impl Hashes<'_> {
    /// The hashes of one orientation, in the order of `Grid::dihedral`.
    fn form(&self, form: usize) -> Result<Vec<Code>, RunError> {
        let read = |picture: &u32| {
            let payload = self.bank.get(*picture as usize);
            let payload = payload.map_err(|error| RunError::Output(error.into()))?;
            let lost = || RunError::Output(std::io::Error::other("a hash was lost").into());
            codes(&payload, self.bits).get(form).copied().ok_or_else(lost)
        };
        self.firsts.iter().map(read).collect()
    }
}

/// Pairs of units, each with the distance of their hashes and which of `Grid::dihedral` one of them
/// is turned by.
pub(super) type NearHashes = BTreeMap<(u32, u32), (u32, usize)>;

/// Units whose hashes are near, in the orientation that is nearest.
///
/// # Errors
/// `Output` if hashes cannot be read back.
pub(super) fn near_hashes(
    engine: &Engine,
    hashes: &Hashes<'_>,
    threshold: u32,
) -> Result<NearHashes, RunError> {
    let upright = HammingJoin::new(&hashes.form(0)?, hashes.bits, threshold);
    let mut best = NearHashes::new();
    let mut keep = |a: u32, b: u32, way: (u32, usize)| {
        let (a, b) = (hashes.units[a as usize], hashes.units[b as usize]);
        if a != b {
            let best = best.entry((a.min(b), a.max(b))).or_insert(way);
            *best = way.min(*best);
        }
    };
    let search = |other: Option<&[Code]>| {
        engine.fan_out(upright.parts(), &|| (), &|part, ()| {
            let mut found = Vec::new();
            match other {
                Some(other) => upright.across(other, part, &mut |near| found.push(near)),
                None => upright.part(part, &mut |near| found.push(near)),
            }
            found
        })
    };
    let equal = (0..upright.classes() as u32).map(|class| Near { a: class, b: class, distance: 0 });
    for near in search(None).into_iter().flatten().chain(equal) {
        for a in upright.class(near.a as usize) {
            upright.class(near.b as usize).iter().for_each(|b| keep(*a, *b, (near.distance, 0)));
        }
    }
    for form in 1..hashes.forms {
        let turned = hashes.form(form)?;
        for near in search(Some(&turned)).into_iter().flatten() {
            upright
                .class(near.a as usize)
                .iter()
                .for_each(|a| keep(*a, near.b, (near.distance, form)));
        }
    }
    Ok(best)
}
