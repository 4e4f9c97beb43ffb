//! Turns text into exact shapes: fonts, shaping, layout, outlines, coverage; knows neither
//! pictures' files nor threads.
//!
//! The way of a text: [`Face`] reads a font, [`shape_line`] finds its glyphs and clusters,
//! [`Block`] places several lines, [`Chain`] bends and turns the outlines, [`Shapes`] holds them
//! as polygons in pixels with a quad for every cluster, [`Raster`] fills them.
mod breaks;
mod color;
mod coverage;
mod curve;
mod font;
mod gradient;
mod items;
mod layout;
mod map;
mod path;
mod quad;
mod raster;
mod shape;
mod shapes;
mod sheet;

pub use breaks::{Breaks, clusters, fill_lines, split_lines, words};
pub use coverage::{Coverage, is_invisible};
pub use curve::Curve;
pub use font::{Axis, Face, FontError, face_count};
pub use items::{is_joining, is_rtl, script_of};
pub use layout::{Align, Block, BlockStyle, PlacedLine};
pub use map::{Chain, Field, Map, Point};
pub use path::{Outline, OutlineCache};
pub use quad::{Growth, Quad, fit_quad};
pub use raster::{Mask, Raster};
pub use shape::{Base, Cluster, Glyph, Line, LineStyle, Turn, Writing, shape_line};
pub use shapes::{ClusterShape, ColorPlace, Shapes, ShapesRequest};
pub use sheet::Sheet;
