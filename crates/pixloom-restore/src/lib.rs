//! Restores damaged pictures: candidates, how well they fit the truth, what a picture looks like;
//! knows neither files nor threads.
pub mod features;
pub mod gauss;
pub mod learn;
mod marks;
pub mod planes;
pub mod resize;
pub mod score;
pub mod search;
mod simd;
pub mod spectrum;
pub mod traits;
pub mod unsharp;
pub mod white;

pub use planes::{Plane, Planes, PlanesError};
pub use score::{Quality, Truth};
pub use search::{Candidate, Outcome, Parameters, Searcher};
