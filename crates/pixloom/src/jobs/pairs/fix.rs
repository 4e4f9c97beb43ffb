//! What could be done about a pair.
use serde::{Deserialize, Serialize};

/// A proposal: what would make a pair usable. Nothing is done to the files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "kebab-case")]
pub enum Fix {
    /// Keep only the top left part of a picture.
    Crop {
        /// The picture.
        path: String,
        /// Width of what is kept, in pixels.
        width: u32,
        /// Height of what is kept, in pixels.
        height: u32,
    },
    /// Leave a file out of the dataset.
    Drop {
        /// The file.
        path: String,
    },
}

impl Fix {
    /// One line of a plan.
    pub fn line(&self) -> String {
        match self {
            Self::Crop { path, width, height } => {
                format!("crop   {path} to {width}x{height} at (0, 0)")
            }
            Self::Drop { path } => format!("drop   {path}"),
        }
    }
}
