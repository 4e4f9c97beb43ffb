//! The jobs. To add one: write its file, add its line here.
mod analyze;
mod compare;
mod convert;
mod downscale;
mod models;
pub mod pairs;
mod transform;
mod upscale;
pub mod validate;

pub use analyze::Analyze;
pub use compare::Compare;
pub use convert::Convert;
pub use downscale::Downscale;
pub use models::Models;
pub use pairs::Pairs;
pub use transform::Transform;
pub use upscale::Upscale;
pub use validate::Validate;

use crate::job::JobEntry;

/// Every job, in the order of the documentation.
pub static JOBS: &[JobEntry] = &[
    JobEntry::of::<Analyze>(),
    JobEntry::of::<Validate>(),
    JobEntry::of::<Pairs>(),
    JobEntry::of::<Transform>(),
    JobEntry::of::<Convert>(),
    JobEntry::of::<Upscale>(),
    JobEntry::of::<Downscale>(),
    JobEntry::of::<Compare>(),
    JobEntry::of::<Models>(),
];
