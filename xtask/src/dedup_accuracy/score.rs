//! Compares the candidates of a set and counts what was found.
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use pixloom_match::{Class, IndexBuilder, Settings, Verdict, Votes, verify};

use super::set::Set;

/// Of the codes' 256 bits.
const MAX_DISTANCE: u32 = 31;
/// Pictures that share local features, for each.
const NEIGHBOURS: usize = 64;

pub(super) struct Score {
    candidates: BTreeSet<(usize, usize)>,
    verdicts: BTreeMap<(usize, usize), Verdict>,
    finding: Duration,
    verifying: Duration,
}

pub(super) fn score(set: &Set, all_pairs: bool) -> Score {
    let start = Instant::now();
    let candidates = candidates(set);
    let finding = start.elapsed();
    let n = set.entries.len();
    let tried: Vec<(usize, usize)> = if all_pairs {
        (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect()
    } else {
        candidates.iter().copied().collect()
    };
    let start = Instant::now();
    let settings = Settings::default();
    let compare =
        |(a, b): (usize, usize)| ((a, b), verify(&set.features[a], &set.features[b], &settings));
    let verdicts = tried.into_iter().map(compare).collect();
    Score { candidates, verdicts, finding, verifying: start.elapsed() }
}

fn candidates(set: &Set) -> BTreeSet<(usize, usize)> {
    let mut builder = IndexBuilder::new();
    for features in &set.features {
        builder.push(features);
    }
    let index = builder.build(MAX_DISTANCE);
    let mut found = BTreeSet::new();
    let mut add = |a: u32, b: u32| {
        if a != b {
            found.insert((a.min(b) as usize, a.max(b) as usize));
        }
    };
    let join = index.join();
    let owners = |class: u32| -> Vec<u32> {
        join.class(class as usize).iter().filter_map(|code| index.owner(*code)).collect()
    };
    for class in 0..join.classes() as u32 {
        for pair in owners(class).windows(2) {
            add(pair[0], pair[1]);
        }
    }
    for part in 0..join.parts() {
        join.part(part, &mut |near| {
            for a in owners(near.a) {
                for b in owners(near.b) {
                    add(a, b);
                }
            }
        });
    }
    index.smooth_pairs().into_iter().for_each(|(a, b)| add(a, b));
    let mut votes = Votes::default();
    for picture in 0..index.pictures() {
        let features = &set.features[picture as usize];
        let found = index.candidates(features, Some(picture), NEIGHBOURS, &mut votes);
        for candidate in found {
            add(picture, candidate.picture);
        }
    }
    found
}

/// Counts of one kind of edit.
#[derive(Debug, Default)]
struct Kind {
    of: usize,
    candidates: usize,
    found: usize,
    missed: Vec<String>,
}

impl Score {
    pub(super) fn print(&self, set: &Set) {
        self.print_speed(set);
        self.print_kinds(set);
        self.print_pairs(set);
    }

    fn accepted(&self, pair: (usize, usize)) -> bool {
        self.verdicts.get(&pair).is_some_and(|verdict| verdict.class.is_duplicate())
    }

    fn print_speed(&self, set: &Set) {
        let n = set.entries.len();
        let each = |time: Duration, n: usize| time.as_secs_f64() * 1e3 / n.max(1) as f64;
        println!(
            "{n} pictures: decoding {:.2} ms, features {:.2} ms, candidates {:.2} ms each; {} pairs \
             compared, {:.3} ms each; {} candidates\n",
            each(set.decoding, n),
            each(set.extracting, n),
            each(self.finding, n),
            self.verdicts.len(),
            each(self.verifying, self.verdicts.len()),
            self.candidates.len(),
        );
    }

    fn print_kinds(&self, set: &Set) {
        let place: BTreeMap<&str, usize> =
            set.entries.iter().enumerate().map(|(at, entry)| (entry.file.as_str(), at)).collect();
        let mut kinds: BTreeMap<&str, Kind> = BTreeMap::new();
        for (at, entry) in set.entries.iter().enumerate() {
            let Some(original) = place.get(entry.original.as_str()) else { continue };
            let pair = (at.min(*original), at.max(*original));
            let kind = kinds.entry(&entry.edit).or_default();
            kind.of += 1;
            kind.candidates += usize::from(self.candidates.contains(&pair));
            kind.found += usize::from(self.accepted(pair));
            if !self.accepted(pair) {
                kind.missed.push(self.tell(set, pair));
            }
        }
        println!("| edit | pictures | candidates | found |\n|---|---|---|---|");
        let mut sum = 0.0;
        for (name, kind) in &kinds {
            let share = |count: usize| count as f64 / kind.of as f64;
            sum += share(kind.found);
            let (candidates, found) = (share(kind.candidates), share(kind.found));
            println!("| {name} | {} | {candidates:.3} | {found:.3} |", kind.of);
        }
        println!("| mean | | | {:.4} |\n", sum / kinds.len().max(1) as f64);
        for line in kinds.values().flat_map(|kind| &kind.missed) {
            println!("  missed {line}");
        }
    }

    fn tell(&self, set: &Set, (a, b): (usize, usize)) -> String {
        let name = |at: usize| format!("{} {}", set.entries[at].file, set.entries[at].edit);
        let verdict = self.verdicts.get(&(a, b));
        let found = verdict.map_or("no candidate".to_owned(), |verdict| {
            format!("{} {:.3}: {}", verdict.class.name(), verdict.similarity, verdict.reason)
        });
        format!("{} | {} | {found}", name(a), name(b))
    }

    /// Precision and recall over all pairs, those of one scene apart.
    fn print_pairs(&self, set: &Set) {
        let (mut right, mut wrong, mut scene, mut scene_found) = (0, Vec::new(), 0, Vec::new());
        let mut copies = 0;
        let n = set.entries.len();
        for (a, b) in (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))) {
            let (x, y) = (&set.entries[a], &set.entries[b]);
            let found = self.accepted((a, b));
            if !x.scene.is_empty() && x.scene == y.scene {
                scene += 1;
                scene_found.extend(found.then(|| self.tell(set, (a, b))));
            } else if x.group == y.group {
                copies += 1;
                right += usize::from(found);
            } else if found {
                wrong.push(self.tell(set, (a, b)));
            }
        }
        let of_scene = |class| self.verdicts.values().filter(|v| v.class == class).count();
        println!(
            "\npairs: {right} of {copies} copies found (recall {:.4}), {} wrong (precision {:.4}); \
             of one scene {} of {scene} taken for copies; classed same-scene: {}",
            right as f64 / copies.max(1) as f64,
            wrong.len(),
            right as f64 / (right + wrong.len()).max(1) as f64,
            scene_found.len(),
            of_scene(Class::SameScene),
        );
        for line in &wrong {
            println!("  wrong {line}");
        }
        for line in &scene_found {
            println!("  scene {line}");
        }
    }
}
