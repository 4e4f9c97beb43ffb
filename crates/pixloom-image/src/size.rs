//! Width and height of a picture.
use std::fmt;

use serde::{Deserialize, Serialize};

/// Width and height in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl Size {
    /// Creates a size from width and height in pixels.
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Number of pixels.
    pub const fn pixels(self) -> u64 {
        self.width as u64 * self.height as u64
    }

    /// The longer side in pixels.
    pub const fn long_edge(self) -> u32 {
        if self.width > self.height { self.width } else { self.height }
    }

    /// The shorter side in pixels.
    pub const fn short_edge(self) -> u32 {
        if self.width < self.height { self.width } else { self.height }
    }

    /// Width and height exchanged.
    #[must_use]
    pub const fn transposed(self) -> Self {
        Self { width: self.height, height: self.width }
    }

    /// Whether a side is 0.
    pub const fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// Whether both sides are at least those of `other`.
    pub const fn covers(self, other: Self) -> bool {
        self.width >= other.width && self.height >= other.height
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}
