//! The jobs. To add one: write its file, add its line here.
mod analyze;
mod convert;
pub mod pairs;
mod restore;
mod transform;
pub mod validate;

pub use analyze::Analyze;
pub use convert::Convert;
pub use pairs::Pairs;
pub use restore::{RestoreFeatures, RestoreSearch};
pub use transform::Transform;
pub use validate::Validate;

use crate::job::JobEntry;

/// Every job, in the order of the documentation.
pub static JOBS: &[JobEntry] = &[
    JobEntry::of::<Analyze>(),
    JobEntry::of::<Validate>(),
    JobEntry::of::<Pairs>(),
    JobEntry::of::<Transform>(),
    JobEntry::of::<Convert>(),
    JobEntry::of::<RestoreSearch>(),
    JobEntry::of::<RestoreFeatures>(),
];
