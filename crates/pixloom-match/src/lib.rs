//! Finds out whether two pictures show the same: hashes, key points, indexes, verification;
//! knows neither files nor threads.
//!
//! The way of a picture, in the order of a job:
//!
//! 1. [`extract`] (per picture, in parallel) turns a small decode into [`Features`]; they are
//!    kept on disk as [`Features::to_bytes`] (about 30 KB). For hash mode alone, [`Grid::new`] and
//!    [`Grid::code`] are enough, and a picture is 8 or 32 bytes.
//! 2. [`IndexBuilder::push`] (in order) keeps what candidates need in memory, at most 2.5 KB per
//!    picture; [`IndexBuilder::build`] sorts it.
//! 3. Candidates: [`Index::join`] gives pairs of near hashes (parts in parallel:
//!    [`HammingJoin::part`]), [`Index::candidates`] (per picture, in parallel) pairs that share
//!    local features: crops, pictures in pictures, their mirrored forms.
//! 4. [`verify`] (per pair, in parallel) says what the pair is. [`verify_along`] tries one
//!    transform only, e.g. one composed over a third picture.
//! 5. [`group`] makes groups of the verified pairs, each around a representative.
//!
//! Everything is a pure function: same input, same result, on any number of threads and in any
//! order. All functions are total: pictures of one pixel, flat or periodic ones give features
//! that match little rather than an error.
mod color;
mod content;
mod features;
mod group;
mod hamming;
pub mod hash;
mod index;
mod keypoint;
mod plane;
mod quality;
mod random;
mod resample;
mod simd;
mod transform;
mod vectors;
mod verify;

pub use color::LabGrid;
pub use features::{Features, Input, extract};
pub use group::{Edge, Group, Grouping, group};
pub use hamming::{HammingJoin, Near};
pub use hash::{Code, CodeBits, Grid, HashKind};
pub use index::{Candidate, Index, IndexBuilder, Votes};
pub use keypoint::KeyPoint;
pub use plane::{Plane, RgbPlane};
pub use quality::{Quality, Tone};
pub use transform::Transform;
pub use vectors::{Neighbour, Neighbours, cosine, unit_vector};
pub use verify::{Class, Settings, Stage, Verdict, resemblance, verify, verify_along};
