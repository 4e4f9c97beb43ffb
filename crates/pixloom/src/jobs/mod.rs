//! The jobs. To add one: write its file, add its line here.
mod analyze;
mod convert;
pub mod pairs;
mod transform;
mod upscale;
pub mod validate;

pub use analyze::Analyze;
pub use convert::Convert;
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
];
