//! Reading fonts: TrueType, OpenType (CFF and CFF2), collections, variable axes.
use std::sync::Arc;

use harfrust::font::{Blob, Font, Format, Variation};
use harfrust::{GlyphId, Tag};

use crate::color::{ColorGlyph, color_glyph, has_colors, outline_of};
use crate::coverage::{Coverage, is_invisible};
use crate::path::Outline;

/// Why a font cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FontError {
    /// Not a font, or a damaged one.
    #[error("is no font that can be read")]
    NotAFont,
    /// A collection has fewer faces.
    #[error("has no face of that number")]
    NoSuchFace,
    /// No character map.
    #[error("maps no characters to glyphs")]
    NoCharacters,
    /// Nothing to draw, such as a font of black and white bitmaps.
    #[error("has no outlines that can be drawn")]
    NoOutlines,
}

/// One axis of a variable font.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// Tag such as `wght`.
    pub tag: [u8; 4],
    /// Smallest value.
    pub min: f32,
    /// Value of the default instance.
    pub default: f32,
    /// Largest value.
    pub max: f32,
}

/// One face of a font file, at one place of its design space. Cheap to clone.
#[derive(Clone)]
pub struct Face {
    font: Font,
    coverage: Arc<Coverage>,
    /// Units of the em square.
    units_per_em: f32,
    ascent: f32,
    descent: f32,
    colors: bool,
}

impl std::fmt::Debug for Face {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Face").field("units_per_em", &self.units_per_em).finish_non_exhaustive()
    }
}

/// How many visible characters are tried before a font counts as one without outlines.
const TRIED_GLYPHS: usize = 64;

/// The number of faces in a file: 1, or more for a collection.
///
/// # Errors
/// [`FontError::NotAFont`].
pub fn face_count(bytes: &[u8]) -> Result<u32, FontError> {
    match Format::new(bytes) {
        // A count comes from the header; no file holds more faces than offsets of four bytes.
        Some(format) if format.is_sfnt() => Ok(format.num_fonts().min((bytes.len() / 4) as u32)),
        _ => Err(FontError::NotAFont),
    }
}

impl Face {
    /// Reads face number `index` (0 but in collections).
    ///
    /// # Errors
    /// [`FontError`] if text cannot be drawn with it.
    pub fn read(bytes: Arc<Vec<u8>>, index: u32) -> Result<Self, FontError> {
        if index >= face_count(&bytes)? {
            return Err(FontError::NoSuchFace);
        }
        let shared: Arc<dyn AsRef<[u8]> + Send + Sync> = bytes;
        let font = Font::new(Blob::from(shared), index).ok_or(FontError::NotAFont)?;
        let points = font.charmap().unicodes().filter(|(_, glyph)| glyph.to_u32() != 0);
        let coverage = Coverage::new(points.map(|(point, _)| point));
        if coverage.is_empty() {
            return Err(FontError::NoCharacters);
        }
        let face = Self::at(font, Arc::new(coverage));
        if face.draws_something() { Ok(face) } else { Err(FontError::NoOutlines) }
    }

    fn at(font: Font, coverage: Arc<Coverage>) -> Self {
        let units_per_em = f32::from(font.units_per_em().max(1));
        let line = font.metrics().h_line();
        let (ascent, descent) =
            line.map_or((0.0, 0.0), |line| (line.ascender.to_f32(), -line.descender.to_f32()));
        let sane = ascent + descent > 0.1 * units_per_em && ascent + descent < 8.0 * units_per_em;
        let (ascent, descent) =
            if sane { (ascent, descent) } else { (0.8 * units_per_em, 0.2 * units_per_em) };
        let colors = has_colors(&font);
        Self { font, coverage, units_per_em, ascent, descent, colors }
    }

    /// The same face elsewhere in its design space; axes that it lacks are ignored, values are
    /// clipped to their range.
    #[must_use]
    pub fn with_variations(&self, settings: &[([u8; 4], f32)]) -> Self {
        let known = self.axes();
        let settings = settings.iter().filter_map(|(tag, value)| {
            let axis = known.iter().find(|axis| axis.tag == *tag)?;
            let value = if value.is_finite() { *value } else { axis.default };
            Some(Variation::new(Tag::new(tag), value.clamp(axis.min, axis.max.max(axis.min))))
        });
        let settings: Vec<Variation> = settings.collect();
        if settings.is_empty() {
            return self.clone();
        }
        let font = self.font.instance_builder().variations(settings).build();
        Self::at(font, Arc::clone(&self.coverage))
    }

    /// The axes of a variable font; none for others.
    pub fn axes(&self) -> Vec<Axis> {
        let axes = self.font.axes();
        let axis = |axis: harfrust::font::variation::Axis| Axis {
            tag: axis.tag().to_be_bytes(),
            min: axis.min_value(),
            default: axis.default_value(),
            max: axis.max_value(),
        };
        axes.iter().map(axis).collect()
    }

    /// The characters that it has.
    pub fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// Units of the em square.
    pub const fn units_per_em(&self) -> f32 {
        self.units_per_em
    }

    /// Height above the baseline, in em.
    pub fn ascent(&self) -> f32 {
        self.ascent / self.units_per_em
    }

    /// Depth below the baseline, in em, positive.
    pub fn descent(&self) -> f32 {
        self.descent / self.units_per_em
    }

    /// The shaper's view.
    pub(crate) const fn font(&self) -> &Font {
        &self.font
    }

    /// The outline of a glyph without its colours, in font units, y upwards; empty if it has none.
    pub fn outline(&self, glyph: u32) -> Outline {
        outline_of(&self.font, GlyphId::new(glyph))
    }

    /// Whether it has glyphs with colours of their own.
    pub const fn has_colors(&self) -> bool {
        self.colors
    }

    /// A glyph in colours of its own.
    pub(crate) fn color_glyph(&self, glyph: u32) -> Option<ColorGlyph> {
        if self.colors { color_glyph(&self.font, glyph) } else { None }
    }

    fn draws_something(&self) -> bool {
        let charmap = self.font.charmap();
        let shown = self.coverage.chars().filter(|c| !is_invisible(*c));
        shown.take(TRIED_GLYPHS).any(|c| {
            let glyph = charmap.map_unicode(c).map_or(0, harfrust::GlyphId::to_u32);
            glyph != 0 && (self.color_glyph(glyph).is_some() || !self.outline(glyph).is_empty())
        })
    }
}
