//! Cutting a picture into tiles.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::{Image, ImageError, PixelFormat, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{self, Op, OpCx};
use crate::params::{ParamError, Params};

/// Most tiles of one picture: each has a name in memory and a file on disk.
const MOST_TILES: u64 = 1_000_000;

/// Cut a picture into tiles, each a file of its own.
///
/// Tiles start at the top left and are named by row and column, such as `photo_r000_c001.png`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Tile {
    /// Side of a tile in pixels.
    #[schemars(range(min = 8, max = 65_536))]
    size: u32,
    /// Pixels that neighbouring tiles share.
    #[schemars(range(min = 0, max = 65_535))]
    overlap: u32,
    /// What happens to the rest at the right and at the bottom.
    rest: Rest,
}

/// What happens where tiles do not fill the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Rest {
    /// Leave it out: all tiles have the full size.
    #[default]
    Drop,
    /// Keep it as smaller tiles.
    Keep,
    /// Move the last tile back so that it ends with the picture: more overlap, full size unless
    /// the picture itself is smaller.
    Shift,
}

impl Default for Tile {
    fn default() -> Self {
        Self { size: 512, overlap: 0, rest: Rest::Drop }
    }
}

impl Params for Tile {
    fn validate(&self) -> Result<(), ParamError> {
        if self.overlap >= self.size {
            return Err(ParamError::new("overlap", "must be smaller than `size`"));
        }
        Ok(())
    }
}

impl Op for Tile {
    const NAME: &'static str = "tile";
    const EXAMPLES: &'static [&'static str] = &["tile:size=512", "tile:size=256,overlap=32,rest=shift"];
    type Drawn = ();

    fn draw(&self, _: Seed) {}

    fn shape(&self, input: Size, (): &()) -> Result<Size, ImageError> {
        let tiles = self.count(input.width).saturating_mul(self.count(input.height));
        if tiles <= MOST_TILES {
            return Ok(input);
        }
        let message = format!("{input} gives more tiles than the {MOST_TILES} that are allowed");
        Err(ImageError::limit(message).with_hint("larger tiles or less overlap"))
    }

    fn cost(&self, _: Size, format: PixelFormat, (): &()) -> Bytes {
        Bytes(format.bytes_of(Size::new(self.size, self.size)))
    }

    fn tiles(&self, input: Size) -> Option<Vec<op::Tile>> {
        // Too many are none: `shape` says so before anyone counts on them.
        if self.shape(input, &()).is_err() {
            return Some(Vec::new());
        }
        let (columns, rows) = (self.spans(input.width), self.spans(input.height));
        let mut tiles = Vec::with_capacity(columns.len() * rows.len());
        for (row, &(y, height)) in rows.iter().enumerate() {
            for (column, &(x, width)) in columns.iter().enumerate() {
                let suffix = format!("_r{row:03}_c{column:03}");
                tiles.push(op::Tile { suffix, x, y, size: Size::new(width, height) });
            }
        }
        Some(tiles)
    }

    /// The pipeline cuts the tiles; what reaches this is one of them.
    fn apply(&self, image: Image, (): &(), _: &OpCx<'_>) -> Result<Image, ImageError> {
        Ok(image)
    }
}

impl Tile {
    /// How many tiles there are along one side at most.
    fn count(&self, side: u32) -> u64 {
        u64::from(side) / u64::from((self.size - self.overlap).max(1)) + 1
    }

    /// Start and length of the tiles along one side.
    fn spans(&self, side: u32) -> Vec<(u32, u32)> {
        let step = self.size - self.overlap;
        let mut spans = Vec::new();
        let mut start = 0;
        while u64::from(start) + u64::from(self.size) <= u64::from(side) {
            spans.push((start, self.size));
            start += step;
        }
        let covered = spans.last().map_or(0, |(start, length)| start + length);
        if covered < side {
            match self.rest {
                Rest::Drop => {}
                Rest::Keep => spans.push((start, side - start)),
                Rest::Shift if side >= self.size => spans.push((side - self.size, self.size)),
                Rest::Shift => spans.push((0, side)),
            }
        }
        spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(side: u32, overlap: u32, rest: Rest) -> Vec<(u32, u32)> {
        Tile { size: 10, overlap, rest }.spans(side)
    }

    #[test]
    fn the_rest_is_dropped_kept_or_shifted() {
        assert_eq!(spans(20, 0, Rest::Drop), [(0, 10), (10, 10)]);
        assert_eq!(spans(25, 0, Rest::Drop), [(0, 10), (10, 10)]);
        assert_eq!(spans(25, 0, Rest::Keep), [(0, 10), (10, 10), (20, 5)]);
        assert_eq!(spans(25, 0, Rest::Shift), [(0, 10), (10, 10), (15, 10)]);
        assert_eq!(spans(7, 0, Rest::Drop), []);
        assert_eq!(spans(7, 0, Rest::Shift), [(0, 7)]);
    }

    #[test]
    fn overlap_is_shared_by_neighbours() {
        assert_eq!(spans(26, 2, Rest::Drop), [(0, 10), (8, 10), (16, 10)]);
        assert_eq!(spans(27, 2, Rest::Keep), [(0, 10), (8, 10), (16, 10), (24, 3)]);
    }
}
