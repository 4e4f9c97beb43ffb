//! What networks of the user's, and a perceptual measure, say of pairs of pictures.
mod encoder;
mod looks;
mod rating;
mod settings;
mod vectors;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use pixloom_engine::{Engine, Fingerprint, RunError};
use pixloom_image::Limits;
use pixloom_match::{Class, Features, Stage, Transform, Verdict, resemblance};

use self::encoder::Encoder;
use self::looks::{Measure, Pair, measure, turn_of};
pub(super) use self::rating::{rate, rating};
pub(super) use self::settings::Networks;
pub(super) use self::vectors::Vectors;
use crate::cache::Store;
use crate::jobs::compare::lpips::Lpips;
use crate::jobs::features::{Folders, Picture};
use crate::params::ParamError;
use crate::source::InputFile;

/// Least correlation of two whole pictures, at 16×16, for LPIPS to be asked.
const ALIKE: f32 = 0.5;

/// The pictures of a run, and where results about them are kept.
#[derive(Clone, Copy)]
pub(super) struct Files<'a> {
    pub(super) pictures: &'a [Picture],
    /// Those of the first picture, of the second and so on; the last stands for all that follow.
    pub(super) folders: &'a [&'a Folders],
    pub(super) limits: &'a Limits,
    pub(super) store: Option<&'a Store>,
    /// Folder for what a run needs only as long as it lasts.
    pub(super) spill: &'a Path,
    pub(super) troubles: &'a Troubles,
}

/// Pairs that could not be measured: for each measure their number and the first with the reason.
#[derive(Debug, Default)]
pub(super) struct Troubles(Mutex<BTreeMap<&'static str, (u64, String)>>);

impl Troubles {
    fn add(&self, measure: &'static str, example: impl FnOnce() -> String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(measure).or_insert_with(|| (0, example())).0 += 1;
    }

    /// Of each measure the number of pairs, for programs, and a line for people.
    pub(super) fn tell(&self) -> Vec<(&'static str, u64, String)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = |(measure, (count, example)): (&&'static str, &(u64, String))| {
            let pairs = if *count == 1 { "pair has" } else { "pairs have" };
            (*measure, *count, format!("{count} {pairs} no {measure}, such as {example}"))
        };
        all.iter().map(line).collect()
    }
}

impl std::fmt::Debug for Files<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Files").field("pictures", &self.pictures.len()).finish_non_exhaustive()
    }
}

impl Files<'_> {
    fn picture(&self, number: u32) -> &Picture {
        &self.pictures[number as usize]
    }

    fn file(&self, number: u32) -> InputFile {
        let picture = self.picture(number);
        let folders = self.folders[(number as usize).min(self.folders.len() - 1)];
        InputFile {
            path: folders.locate(picture.folder, &picture.key),
            relative: folders.below(picture.folder, &picture.key),
            bytes: picture.facts.bytes,
            modified_ns: picture.modified_ns(),
        }
    }
}

/// The graphs of a run, opened.
#[derive(Debug)]
pub(super) struct Graphs {
    settings: Networks,
    encoder: Option<Encoder>,
    lpips: Option<Lpips>,
}

impl Graphs {
    /// Opens what the settings name.
    ///
    /// # Errors
    /// If a file cannot be read or is no graph of its kind.
    pub(super) fn open(settings: &Networks) -> Result<Self, ParamError> {
        let encoder = Encoder::open(settings)?;
        let lpips = settings.lpips.as_deref().map(Lpips::open).transpose();
        let lpips = lpips.map_err(|error| ParamError::new("lpips", error.to_string()))?;
        Ok(Self { settings: settings.clone(), encoder, lpips })
    }

    /// What decides which pairs they accept; nothing where there are none.
    fn identity(&self) -> Option<Fingerprint> {
        if self.is_empty() {
            return None;
        }
        let encoder = self.encoder.as_ref().map(|encoder| encoder.identity.0);
        let lpips = self.lpips.as_ref().map(|lpips| lpips.hash.0);
        let Networks { embedding_threshold, lpips_threshold, .. } = self.settings;
        let print = Fingerprint::builder("networks")
            .field("encoder", encoder.unwrap_or_default())
            .field("lpips", lpips.unwrap_or_default())
            .field("thresholds", format!("{embedding_threshold} {lpips_threshold}"));
        Some(print.finish())
    }

    /// Whether there are any.
    pub(super) const fn is_empty(&self) -> bool {
        self.encoder.is_none() && self.lpips.is_none()
    }

    /// With the vectors of `units`, the first picture of each.
    ///
    /// # Errors
    /// As [`Vectors::of`].
    pub(super) fn seen<'a>(
        &'a self,
        units: &[u32],
        files: Files<'a>,
        engine: &Engine,
    ) -> Result<Seen<'a>, RunError> {
        let encoder = self.encoder.as_ref();
        let vectors = encoder.map(|encoder| Vectors::of(encoder, units, &files, engine));
        Ok(Seen { graphs: self, units: units.to_vec(), vectors: vectors.transpose()?, files })
    }
}

/// Who does the work, and what reads the features of a unit.
pub(super) type Source<'a> = (&'a Engine, &'a (dyn Fn(u32) -> Option<Features> + Sync));

/// What the graphs know of the units of a run.
#[derive(Debug)]
pub(super) struct Seen<'a> {
    graphs: &'a Graphs,
    /// The first picture of each unit.
    units: Vec<u32>,
    pub(super) vectors: Option<Vectors>,
    files: Files<'a>,
}

impl Seen<'_> {
    /// What decides about pairs beside the thresholds of the other stages.
    pub(super) fn identity(&self) -> Option<Fingerprint> {
        self.graphs.identity()
    }

    /// Whether everything that was asked for was found out.
    pub(super) fn is_whole(&self) -> bool {
        let has_vectors = self.vectors.as_ref().is_none_or(|vectors| vectors.trouble.is_none());
        has_vectors && self.files.troubles.tell().is_empty()
    }

    /// Pairs of units that the encoder brings together; `sides`: units, and those that each of them
    /// may be paired with.
    pub(super) fn near(&self, engine: &Engine, sides: &[[Vec<u32>; 2]]) -> Vec<(u32, u32)> {
        let threshold = self.graphs.settings.embedding_threshold as f32;
        let Some(vectors) = &self.vectors else { return Vec::new() };
        sides.iter().flat_map(|side| vectors.near(engine, side, threshold)).collect()
    }

    /// Whether LPIPS may say something about a pair.
    pub(super) fn may_look(&self, verdict: &Verdict) -> bool {
        self.graphs.lpips.is_some() && is_open(verdict)
    }

    /// The cosine of two units' vectors.
    pub(super) fn cosine(&self, a: u32, b: u32) -> Option<f32> {
        self.vectors.as_ref()?.cosine(a, b)
    }

    /// The verdict on two units after the encoder had its say: it accepts what was called
    /// different, never what shows one scene or is flat.
    pub(super) fn judged(&self, a: u32, b: u32, verdict: Verdict) -> Verdict {
        let threshold = self.graphs.settings.embedding_threshold;
        let near = is_open(&verdict).then(|| self.cosine(a, b)).flatten();
        match near.filter(|cosine| f64::from(*cosine) >= threshold) {
            Some(cosine) => {
                accepted(Class::Embedding, cosine, format!("the embeddings agree at {cosine:.3}"))
            }
            None => verdict,
        }
    }

    /// Asks LPIPS about the pairs that are still open and look roughly alike.
    ///
    /// # Errors
    /// `Cancelled` on request.
    pub(super) fn look(
        &self,
        pairs: &[(u32, u32)],
        verdicts: &mut [Verdict],
        source: Source<'_>,
    ) -> Result<(), RunError> {
        let open: Vec<usize> = (0..pairs.len()).filter(|at| is_open(&verdicts[*at])).collect();
        let asked: Vec<(u32, u32)> = open.iter().map(|at| pairs[*at]).collect();
        for (at, figure) in open.iter().zip(self.distances(&asked, ALIKE, source)?) {
            let near = figure.filter(|figure| *figure <= self.graphs.settings.lpips_threshold);
            if let Some(figure) = near {
                let similarity = (1.0 - figure).clamp(0.0, 1.0) as f32;
                let reason = format!("LPIPS of the whole pictures is {figure:.3}");
                verdicts[*at] = accepted(Class::Perceptual, similarity, reason);
            }
        }
        Ok(())
    }

    /// LPIPS of pairs of units, of those that look at least so much alike.
    ///
    /// # Errors
    /// `Cancelled` on request.
    pub(super) fn distances(
        &self,
        pairs: &[(u32, u32)],
        least: f32,
        (engine, features): Source<'_>,
    ) -> Result<Vec<Option<f64>>, RunError> {
        let mut all = vec![None; pairs.len()];
        let Some(lpips) = &self.graphs.lpips else { return Ok(all) };
        let ways = engine.fan_out(pairs.len(), &|| (), &|at, ()| {
            // The same whichever of them comes first in the folder.
            let [a, b] = self.by_content(pairs[at]);
            let (alike, map) = resemblance(&features(a)?, &features(b)?);
            let turn = turn_of(&map).filter(|_| alike >= least)?;
            let [first, second] = [a, b].map(|unit| self.units[unit as usize]);
            Some((at, Pair { first, second, turn }))
        });
        let ways: Vec<(usize, Pair)> = ways.into_iter().flatten().collect();
        let asked: Vec<Pair> = ways.iter().map(|(_, pair)| *pair).collect();
        let figures = measure(&asked, Measure::Lpips(lpips), &self.files, engine)?;
        for ((at, _), figure) in ways.iter().zip(figures) {
            all[*at] = figure;
        }
        Ok(all)
    }

    fn by_content(&self, (a, b): (u32, u32)) -> [u32; 2] {
        let content = |unit: u32| self.files.picture(self.units[unit as usize]).facts.content.0;
        if content(a) <= content(b) { [a, b] } else { [b, a] }
    }
}

/// How the first of two whole pictures is laid over the second for LPIPS, as a map of unit squares.
pub(super) fn laid_over(a: &Features, b: &Features) -> Option<Transform> {
    let (_, map) = resemblance(a, b);
    turn_of(&map).map(|_| map)
}

/// Whether the networks may say something: it was called different, and not for its colour.
fn is_open(verdict: &Verdict) -> bool {
    verdict.class == Class::Different && verdict.stage != Stage::Color
}

fn accepted(class: Class, similarity: f32, reason: String) -> Verdict {
    Verdict {
        class,
        similarity,
        transform: None,
        overlap: [1.0; 2],
        inliers: 0,
        reason,
        stage: Stage::Global,
    }
}
