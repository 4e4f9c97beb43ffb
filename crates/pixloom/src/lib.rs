//! Parallel jobs on image datasets: operations, jobs, and the registry that lists them.
pub mod cache;
pub mod finding;
pub mod job;
pub mod jobs;
pub mod models;
pub mod onnx;
pub mod op;
pub mod ops;
pub mod params;
pub mod picture;
pub mod pipeline;
pub mod run;
pub mod samples;
pub mod schema;
pub mod settings;
mod shade;
pub mod source;
pub mod undo;

/// The engine below, for faces: events, counts, requests to stop.
pub use pixloom_engine as engine;
/// The pictures below, for faces: which formats are built in.
pub use pixloom_image as image;
