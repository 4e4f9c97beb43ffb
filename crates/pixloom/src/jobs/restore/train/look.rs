//! Whether the pictures of a table are there, and are those that it was made of.
use std::path::{Path, PathBuf};

use pixloom_engine::{
    Bytes, ErrorKind, Fingerprint, ItemCx, ItemError, ItemKey, SourceItem, Stage, files, key_path,
};
use pixloom_image::Limits;
use pixloom_restore::{Parameters, Planes, PlanesError, Quality, Searcher, features};
use serde::{Deserialize, Serialize};

use super::ends::Files;
use crate::jobs::restore::both::{Notes, Pair};
use crate::jobs::restore::wide::group;
use crate::jobs::restore::wide::rungs::Ladder;
use crate::jobs::restore::{pixels, read_cost, settings};
use crate::params::ParamError;
use crate::picture::{PictureInput, item_error};
use crate::source::{InputFile, peek};

/// Figures of a table and of its pictures may differ by this share, as those of two computers do.
const RELATIVE: f64 = 1e-3;

/// The two folders of pictures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folders<'a> {
    pub(super) damaged: &'a Path,
    pub(super) undamaged: &'a Path,
}

impl Folders<'_> {
    /// # Errors
    /// If one is not there.
    pub(super) fn check(&self) -> Result<(), ParamError> {
        for (name, path) in [("damaged", self.damaged), ("undamaged", self.undamaged)] {
            let problem = match std::fs::metadata(path) {
                Ok(found) if found.is_dir() => continue,
                Ok(_) => format!("{} is no folder", path.display()),
                Err(error) => format!("{} cannot be read: {error}", path.display()),
            };
            return Err(ParamError::new(name, problem));
        }
        Ok(())
    }

    pub(super) fn files(&self, (damaged, undamaged): (&str, &str)) -> Files {
        Files {
            damaged: self.damaged.join(key_path(damaged)),
            undamaged: self.undamaged.join(key_path(undamaged)),
        }
    }
}

/// What a table says of a pair.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Said {
    /// Names below the two folders.
    pub(super) damaged: String,
    pub(super) undamaged: String,
    pub(super) identity: Quality,
    /// The fourteen features of the damaged picture.
    pub(super) features: Vec<f64>,
}

/// A pair whose headers were read, and what the table says of it.
pub(super) struct Found {
    pair: Box<Pair>,
    identity: Quality,
    features: Vec<f64>,
}

/// What was seen of a pair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Seen {
    /// Equal for pairs with the same undamaged pixels.
    pub(super) group: String,
    /// How the pictures differ from what the table says.
    pub(super) difference: Option<String>,
}

/// Measures pairs once more.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) limits: Limits,
    /// Whether the table is that of a wide search.
    pub(super) wide: bool,
}

impl Look {
    /// The pairs of a table in its order.
    pub(super) fn items(&self, said: &[Said], folders: Folders<'_>) -> Vec<SourceItem<Found>> {
        let item = |said: &Said| {
            let open = |folder: &Path, name: &str, side: &str| {
                self.open(folder, &key_path(name)).map_err(|mut error| {
                    error.message = format!("{side}: {}", error.message);
                    error
                })
            };
            let found = open(folders.undamaged, &said.undamaged, "undamaged").and_then(|truth| {
                let picture = open(folders.damaged, &said.damaged, "damaged")?;
                let (identity, features) = (said.identity, said.features.clone());
                Ok(Found { pair: Box::new((truth, picture)), identity, features })
            });
            let key = ItemKey::from_path(&key_path(&said.damaged));
            SourceItem { key, index: None, value: found }
        };
        said.iter().map(item).collect()
    }

    fn open(&self, folder: &Path, relative: &Path) -> Result<PictureInput, ItemError> {
        if !files::is_inside(relative) {
            let error = ItemError::new(ErrorKind::BadInput, "the name leads out of the folder");
            return Err(error.with_code("bad-path").with_step("read"));
        }
        let path: PathBuf = folder.join(relative);
        let unreadable = |error: std::io::Error| {
            ItemError::new(ErrorKind::Io, format!("{} cannot be read", path.display()))
                .with_step("read")
                .with_hint("give the folders that `restore search` read")
                .with_source(error)
        };
        let metadata = std::fs::metadata(&path).map_err(unreadable)?;
        if !metadata.is_file() {
            let error = ItemError::new(ErrorKind::BadInput, "is no regular file");
            return Err(error.with_step("read"));
        }
        let bytes = metadata.len();
        let peeked = peek(&path, &self.limits).map_err(|error| item_error(error, "decode"))?;
        let file = InputFile { relative: relative.to_owned(), bytes, modified_ns: 0, path };
        Ok(PictureInput { file, peeked })
    }

    /// Quality and features of a damaged picture as a search measures them.
    fn measured(&self, picture: Planes, truth: Planes) -> Result<(Quality, Vec<f64>), PlanesError> {
        if self.wide {
            let (ladder, image) = Ladder::new(picture, truth)?;
            let own = crate::jobs::restore::wide::rungs::planes(&image)?;
            let quality = ladder.quality(&image, ladder.top()).ok_or(PlanesError::Differ)?;
            return Ok((quality, features::features(&own).to_vec()));
        }
        let features = features::features(&picture).to_vec();
        let searcher = Searcher::new(picture, truth)?;
        let nothing = Parameters { white_balance: false, sigma: 1.0, strength: 0.0 };
        Ok((searcher.evaluate(nothing, &mut searcher.truth().scratch()), features))
    }
}

impl Stage for Look {
    type In = Found;
    type Out = Seen;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "train restore"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &Found) -> Bytes {
        let (truth, picture) = &*input.pair;
        let read = read_cost(truth, true).saturating_add(read_cost(picture, true));
        let work = pixels(truth).saturating_mul(160).saturating_add(pixels(picture) * 40);
        Bytes(read.saturating_add(work).saturating_add(1 << 20))
    }

    fn fingerprint(&self, _: &Found) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: Found, (): &mut (), cx: &ItemCx<'_>) -> Result<Seen, ItemError> {
        // What is damaged is in the table only if the search was tolerant.
        let (picture, truth) = Notes::new(cx).read(&input.pair, (&self.limits, true))?;
        let group = group(&truth);
        let (quality, features) =
            self.measured(picture, truth).map_err(|e| item_error(settings(e), "measure"))?;
        let difference = difference((input.identity, quality), (&input.features, &features));
        Ok(Seen { group, difference })
    }
}

/// What the table says beside what the pictures show.
fn difference((said, found): (Quality, Quality), (told, seen): (&[f64], &[f64])) -> Option<String> {
    let differs = |a: f64, b: f64| {
        // Two infinite figures are equal.
        let near = RELATIVE * a.abs().max(b.abs()).max(1.0);
        a.total_cmp(&b).is_ne() && !(near.is_finite() && (a - b).abs() <= near)
    };
    let figures = [("PSNR", said.psnr, found.psnr), ("SSIM", said.ssim, found.ssim)];
    let names = features::NAMES.iter().zip(told.iter().zip(seen));
    let measures = names.map(|(name, (said, found))| (*name, *said, *found));
    let first = figures.into_iter().chain(measures).find(|(_, said, found)| differs(*said, *found));
    first.map(|(name, said, found)| {
        format!("the table says {name} {said:.4}, the pictures have {found:.4}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_other_pictures_differ() {
        let of = |psnr: f64| Quality { psnr, ssim: 0.9 };
        assert_eq!(difference((of(30.0), of(30.000_01)), (&[1.0], &[1.0])), None);
        assert_eq!(difference((of(f64::INFINITY), of(f64::INFINITY)), (&[], &[])), None);
        let found = difference((of(30.0), of(31.0)), (&[1.0], &[1.0])).unwrap();
        assert_eq!(found, "the table says PSNR 30.0000, the pictures have 31.0000");
        assert!(difference((of(f64::INFINITY), of(31.0)), (&[], &[])).is_some());
        let found = difference((of(30.0), of(30.0)), (&[80.0], &[82.0])).unwrap();
        assert!(found.contains("mean"), "{found}");
    }
}
