//! The jobs. To add one: write its file, add its line here.
mod convert;
pub mod pairs;
pub mod score;
mod transform;

pub use convert::Convert;
pub use pairs::Pairs;
pub use score::Score;
pub use transform::Transform;

use crate::job::JobEntry;

/// Every job, in the order of the documentation.
pub static JOBS: &[JobEntry] = &[
    JobEntry::of::<Transform>(),
    JobEntry::of::<Convert>(),
    JobEntry::of::<Pairs>(),
    JobEntry::of::<Score>(),
];
