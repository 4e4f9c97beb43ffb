//! What predictions are worth on real pairs: the figure that counts.
use std::path::{Path, PathBuf};

use pixloom_image::{Limits, Serial};
use pixloom_restore::search::PARTS;
use pixloom_restore::{Parameters, Planes, Quality, Searcher};
use serde::{Deserialize, Serialize};

use super::super::planes;
use crate::picture::load;
use crate::source::InputFile;

/// A pair of files.
#[derive(Debug, Clone)]
pub(super) struct Files {
    pub(super) damaged: PathBuf,
    pub(super) undamaged: PathBuf,
}

impl Files {
    /// Loads both, the damaged one first; `None` if one cannot be read any more.
    pub(super) fn pictures(&self, limits: &Limits) -> Option<(Planes, Planes)> {
        let read = |path: &Path| {
            let relative = PathBuf::from(path.file_name()?);
            let file = InputFile { path: path.to_owned(), relative, bytes: 0, modified_ns: 0 };
            // What is damaged is in the table only if the search was tolerant.
            let (loaded, _) = load(&file, None, (limits, true), &Serial, &|_, _| {}).ok()?;
            planes(loaded.image).ok()
        };
        Some((read(&self.damaged)?, read(&self.undamaged)?))
    }

    fn searcher(&self, limits: &Limits) -> Option<Searcher> {
        let (damaged, undamaged) = self.pictures(limits)?;
        Searcher::new(damaged, undamaged).ok()
    }

    /// The qualities of the forty; `None` where one of them is infinite, which no mean holds.
    pub(super) fn grid(&self, limits: &Limits) -> Option<Vec<Quality>> {
        let searcher = self.searcher(limits)?;
        let parts: Vec<_> = (0..PARTS).map(|at| searcher.part(at)).collect();
        let grid = searcher.finish(&parts, 0, &|| false).grid;
        grid.iter().all(|quality| quality.psnr.is_finite()).then_some(grid)
    }

    /// The quality with these parameters.
    pub(super) fn quality(&self, parameters: Parameters, limits: &Limits) -> Option<Quality> {
        let searcher = self.searcher(limits)?;
        Some(searcher.evaluate(parameters, &mut searcher.truth().scratch()))
    }
}

/// Means over some pairs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Means {
    /// dB.
    pub(super) psnr: f64,
    pub(super) ssim: f64,
    pub(super) score: f64,
}

impl Means {
    pub(super) fn of(qualities: &[Quality]) -> Self {
        let count = qualities.len().max(1) as f64;
        let mean = |figure: fn(&Quality) -> f64| qualities.iter().map(figure).sum::<f64>() / count;
        Self { psnr: mean(|q| q.psnr), ssim: mean(|q| q.ssim), score: mean(Quality::score) }
    }
}
