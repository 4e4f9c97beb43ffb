//! The jobs. To add one: write its file, add its line here.
mod analyze;
mod clean;
mod compare;
mod convert;
mod csv;
mod dedup;
mod downscale;
mod features;
mod models;
pub mod ocr;
pub mod pairs;
mod restore;
pub mod score;
mod train;
mod transform;
mod upscale;
pub mod validate;

pub use analyze::Analyze;
pub use clean::Clean;
pub use compare::Compare;
pub use convert::Convert;
pub use dedup::{Dedup, DedupCalibrate, DedupPair};
pub use downscale::Downscale;
pub use models::Models;
pub use pairs::Pairs;
pub use restore::{RestoreApply, RestoreFeatures, RestoreSearch, TrainRestore};
pub use score::Score;
pub use train::TrainUpscale;
pub use transform::Transform;
pub use upscale::Upscale;
pub use validate::Validate;

use crate::job::JobEntry;

/// Every job, in the order of the documentation.
pub static JOBS: &[JobEntry] = &[
    JobEntry::of::<Analyze>(),
    JobEntry::of::<Validate>(),
    JobEntry::of::<Pairs>(),
    JobEntry::of::<Dedup>(),
    JobEntry::of::<DedupPair>(),
    JobEntry::of::<DedupCalibrate>(),
    JobEntry::of::<Clean>(),
    JobEntry::of::<Score>(),
    JobEntry::of::<Transform>(),
    JobEntry::of::<Convert>(),
    JobEntry::of::<ocr::Generate>(),
    JobEntry::of::<ocr::Render>(),
    JobEntry::of::<ocr::Check>(),
    JobEntry::of::<ocr::Plan>(),
    JobEntry::of::<ocr::Preview>(),
    JobEntry::of::<ocr::Stats>(),
    JobEntry::of::<ocr::Export>(),
    JobEntry::of::<ocr::Fonts>(),
    JobEntry::of::<Upscale>(),
    JobEntry::of::<TrainUpscale>(),
    JobEntry::of::<Downscale>(),
    JobEntry::of::<Compare>(),
    JobEntry::of::<Models>(),
    JobEntry::of::<RestoreSearch>(),
    JobEntry::of::<RestoreFeatures>(),
    JobEntry::of::<RestoreApply>(),
    JobEntry::of::<TrainRestore>(),
];
