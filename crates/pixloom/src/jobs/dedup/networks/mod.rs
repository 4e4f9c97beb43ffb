//! What networks of the user's, and a perceptual measure, say of pairs of pictures.
mod encoder;
mod looks;
mod rating;
mod settings;
mod vectors;

use std::path::Path;

use pixloom_engine::{Engine, Fingerprint, RunError};
use pixloom_image::Limits;
use pixloom_match::{Class, Features, Stage, Verdict, resemblance};

use self::encoder::{Encoder, file_hash};
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
    lpips: Option<(Lpips, Fingerprint)>,
}

impl Graphs {
    /// Opens what the settings name.
    ///
    /// # Errors
    /// If a file cannot be read or is no graph of its kind.
    pub(super) fn open(settings: &Networks) -> Result<Self, ParamError> {
        let encoder = Encoder::open(settings)?;
        let lpips = settings.lpips.as_ref().map(|path| {
            let wrong = |problem: String| ParamError::new("lpips", problem);
            let lpips = Lpips::open(path).map_err(|error| wrong(error.to_string()))?;
            Ok((lpips, file_hash(path).map_err(wrong)?))
        });
        Ok(Self { settings: settings.clone(), encoder, lpips: lpips.transpose()? })
    }

    /// What decides which pairs they accept; nothing where there are none.
    fn identity(&self) -> Option<Fingerprint> {
        if self.is_empty() {
            return None;
        }
        let encoder = self.encoder.as_ref().map(|encoder| encoder.identity.0);
        let lpips = self.lpips.as_ref().map(|(_, hash)| hash.0);
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

    /// Pairs of units that the encoder brings together.
    pub(super) fn near(&self, engine: &Engine) -> Vec<(u32, u32)> {
        let threshold = self.graphs.settings.embedding_threshold as f32;
        self.vectors.as_ref().map(|vectors| vectors.near(engine, threshold)).unwrap_or_default()
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
        let Some((lpips, hash)) = &self.graphs.lpips else { return Ok(all) };
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
        let figures = measure(&asked, Measure::Lpips(lpips, *hash), &self.files, engine)?;
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
