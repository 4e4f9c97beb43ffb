//! Glyphs with colours of their own: layers of outlines (`COLR`), pictures (`CBDT`, `sbix`).
use harfrust::font::Font;
use harfrust::font::glyph::bitmap::{BitmapGlyph, BitmapSource, Origin, Pixels};
use harfrust::font::glyph::color::{Brush, Color, ColorStop, CompositeMode, PaintSink};
use read_fonts::types::{BoundingBox, GlyphId, Matrix};

use crate::gradient::{Gradient, Shade, Tint};
use crate::path::{Outline, Pen, Segment};

/// How a glyph of a colour font looks, in font units, y upwards.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ColorGlyph {
    /// Areas, each painted over those before.
    Layers(Vec<Layer>),
    /// A picture.
    Picture(GlyphPicture),
}

/// An area of one colour or gradient: what lies inside of all clips.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Layer {
    pub(crate) clips: Vec<Outline>,
    pub(crate) shade: Shade,
}

/// A picture as part of a font: red, green, blue multiplied by alpha, and alpha.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GlyphPicture {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) pixels: Vec<[u8; 4]>,
    /// Left and top edge in font units.
    pub(crate) corner: [f32; 2],
    /// Font units of one pixel.
    pub(crate) pixel: [f32; 2],
}

/// Layers of one glyph, most: more are an attack on time.
const MOST_LAYERS: usize = 1024;
/// Pixels of a picture, most in one direction.
const MOST_SIDE: u32 = 1024;
/// Palette entry that stands for the colour of the text.
const FOREGROUND: u16 = 0xffff;

/// Whether a font has glyphs with colours.
pub(crate) fn has_colors(font: &Font) -> bool {
    let pictures =
        matches!(font.bitmap_strikes().source(), Some(BitmapSource::Cbdt | BitmapSource::Sbix));
    pictures || !font.color_glyphs().is_empty()
}

/// The glyph in its colours; `None` if it has none or they cannot be read.
pub(crate) fn color_glyph(font: &Font, glyph: u32) -> Option<ColorGlyph> {
    let id = GlyphId::new(glyph);
    if let Some(found) = font.color_glyphs().get(id) {
        let mut sink = Sink::new(font);
        if found.paint(&mut sink).is_ok() && !sink.layers.is_empty() {
            return Some(ColorGlyph::Layers(sink.layers));
        }
    }
    let strikes = font.bitmap_strikes();
    if !matches!(strikes.source(), Some(BitmapSource::Cbdt | BitmapSource::Sbix)) {
        return None;
    }
    // The largest: it is made smaller as the text asks.
    let bitmap = strikes.select_bitmap(id, Some(f32::from(u16::MAX)))?;
    picture(&bitmap, f32::from(font.units_per_em().max(1))).map(ColorGlyph::Picture)
}

impl ColorGlyph {
    /// What its ink covers, as an outline.
    pub(crate) fn silhouette(&self) -> Outline {
        match self {
            Self::Layers(layers) => {
                let first = layers.iter().filter_map(|layer| layer.clips.last());
                Outline { segments: first.flat_map(|clip| clip.segments.clone()).collect() }
            }
            Self::Picture(picture) => picture.silhouette(),
        }
    }

    /// Bytes that it holds, about.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Layers(layers) => {
                let clips = layers.iter().flat_map(|layer| &layer.clips);
                clips.map(|clip| clip.segments.len() * 28 + 200).sum()
            }
            Self::Picture(picture) => picture.pixels.len() * 4,
        }
    }
}

/// Follows the painting of a `COLR` glyph. Modes of composition other than over count as over.
struct Sink<'a> {
    font: &'a Font,
    palette: &'a [Color],
    transforms: Vec<Matrix<f32>>,
    clips: Vec<Outline>,
    layers: Vec<Layer>,
}

impl<'a> Sink<'a> {
    fn new(font: &'a Font) -> Self {
        let palette = font.palettes().get(0).map(|palette| palette.colors());
        Self {
            font,
            palette: palette.unwrap_or_default(),
            transforms: vec![Matrix::IDENTITY],
            clips: Vec::new(),
            layers: Vec::new(),
        }
    }

    fn now(&self) -> Matrix<f32> {
        self.transforms.last().copied().unwrap_or(Matrix::IDENTITY)
    }

    fn tint(&self, entry: u16, alpha: f32) -> Tint {
        if entry == FOREGROUND {
            return Tint::Ink(alpha);
        }
        let Some(color) = self.palette.get(usize::from(entry)) else {
            return Tint::Own([0; 3], 0.0);
        };
        let alpha = f32::from(color.alpha) / 255.0 * alpha;
        Tint::Own([color.red, color.green, color.blue], alpha.clamp(0.0, 1.0))
    }

    fn stops(&self, stops: &[ColorStop]) -> Vec<(f32, Tint)> {
        stops.iter().map(|s| (s.offset, self.tint(s.palette_index, s.alpha))).collect()
    }

    fn shade(&self, brush: &Brush<'_>) -> Option<Shade> {
        let (gradient, stops, extend) = match *brush {
            Brush::Solid { palette_index, alpha } => {
                return Some(Shade::Flat(self.tint(palette_index, alpha)));
            }
            Brush::LinearGradient { p0, p1, color_stops, extend } => {
                (Gradient::Linear([p0.x, p0.y], [p1.x, p1.y]), color_stops, extend)
            }
            Brush::RadialGradient { c0, r0, c1, r1, color_stops, extend } => {
                (Gradient::Radial(([c0.x, c0.y], r0), ([c1.x, c1.y], r1)), color_stops, extend)
            }
            Brush::SweepGradient { c0, start_angle, end_angle, color_stops, extend } => {
                let angles = [start_angle, end_angle];
                (Gradient::Sweep([c0.x, c0.y], angles), color_stops, extend)
            }
        };
        let m = self.now();
        let matrix = [m.xx, m.xy, m.dx, m.yx, m.yy, m.dy];
        Shade::graded(gradient, self.stops(stops), extend.into(), matrix)
    }

    fn outline(&self, glyph: GlyphId) -> Outline {
        let mut outline = outline_of(self.font, glyph);
        let m = self.now();
        let place = |p: &mut [f32; 2]| {
            *p = [m.xx * p[0] + m.xy * p[1] + m.dx, m.yx * p[0] + m.yy * p[1] + m.dy];
        };
        for segment in &mut outline.segments {
            match segment {
                Segment::Move(a) | Segment::Line(a) => place(a),
                Segment::Quad(a, b) => [a, b].into_iter().for_each(place),
                Segment::Cubic(a, b, c) => [a, b, c].into_iter().for_each(place),
            }
        }
        outline
    }
}

/// The outline of a glyph without its colours; empty if it has none.
pub(crate) fn outline_of(font: &Font, glyph: GlyphId) -> Outline {
    use harfrust::font::glyph::outline::{DrawMemory, DrawOptions};
    let mut pen = Pen::default();
    if let Some(outline) = font.outline_glyphs().get(glyph) {
        // A damaged glyph shows nothing; whoever asks finds it without ink.
        if outline.draw(&DrawOptions::new(), DrawMemory::default(), &mut pen).is_err() {
            return Outline::default();
        }
    }
    pen.finish()
}

impl PaintSink for Sink<'_> {
    fn push_transform(&mut self, transform: Matrix<f32>) {
        self.transforms.push(self.now() * transform);
    }

    fn pop_transform(&mut self) {
        if self.transforms.len() > 1 {
            self.transforms.pop();
        }
    }

    fn push_clip_glyph(&mut self, glyph: GlyphId) {
        self.clips.push(self.outline(glyph));
    }

    /// The box of the whole glyph bounds what its layers hold anyway.
    fn push_clip_box(&mut self, clip_box: BoundingBox<f32>) {
        let BoundingBox { x_min, y_min, x_max, y_max } = clip_box;
        let lines = [[x_max, y_min], [x_max, y_max], [x_min, y_max]].map(Segment::Line);
        let segments = [Segment::Move([x_min, y_min])].into_iter().chain(lines).collect();
        self.clips.push(Outline { segments });
    }

    fn pop_clip(&mut self) {
        self.clips.pop();
    }

    fn fill(&mut self, brush: Brush<'_>) {
        let empty = self.clips.last().is_none_or(Outline::is_empty);
        if empty || self.layers.len() >= MOST_LAYERS {
            return;
        }
        if let Some(shade) = self.shade(&brush) {
            self.layers.push(Layer { clips: self.clips.clone(), shade });
        }
    }

    fn push_layer(&mut self, _: CompositeMode) {}
}

fn picture(bitmap: &BitmapGlyph<'_>, units_per_em: f32) -> Option<GlyphPicture> {
    let (width, height, pixels) = match bitmap.pixels() {
        Pixels::Png(bytes) => decode(bytes)?,
        Pixels::Bgra(bgra) => {
            let [width, height] = [bgra.width(), bgra.height()].map(|side| side as usize);
            // Colours are multiplied by alpha already (OpenType, `CBDT` and `EBDT`).
            let pixels = bgra.data().as_chunks::<4>().0.iter().map(|[b, g, r, a]| [*r, *g, *b, *a]);
            (width, height, pixels.take(width * height).collect())
        }
        Pixels::Mask(_) => return None,
    };
    if pixels.len() != width * height || pixels.iter().all(|pixel| pixel[3] == 0) {
        return None;
    }
    let pixel =
        [bitmap.ppem_x(), bitmap.ppem_y()].map(|ppem| units_per_em / f32::from(ppem.max(1)));
    let rise = match bitmap.origin() {
        Origin::TopLeft => 0.0,
        Origin::BottomLeft => height as f32,
    };
    let left = bitmap.x_bearing() as f32 + bitmap.inner_x_bearing() as f32 * pixel[0];
    let top = bitmap.y_bearing() as f32 + (bitmap.inner_y_bearing() as f32 + rise) * pixel[1];
    Some(GlyphPicture { width, height, pixels, corner: [left, top], pixel })
}

type Decoded = (usize, usize, Vec<[u8; 4]>);

/// A PNG of any kind, its colours multiplied by alpha.
fn decode(bytes: &[u8]) -> Option<Decoded> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let info = reader.info();
    if info.width.max(info.height) > MOST_SIDE {
        return None;
    }
    let mut buffer = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut buffer).ok()?;
    let samples = buffer.get(..frame.buffer_size())?;
    let over = |v: u8, a: u8| ((u32::from(v) * u32::from(a) + 127) / 255) as u8;
    let pixels = match frame.color_type {
        png::ColorType::Rgba => {
            let rgba = samples.as_chunks::<4>().0.iter();
            rgba.map(|[r, g, b, a]| [over(*r, *a), over(*g, *a), over(*b, *a), *a]).collect()
        }
        png::ColorType::Rgb => {
            samples.as_chunks::<3>().0.iter().map(|[r, g, b]| [*r, *g, *b, 255]).collect()
        }
        png::ColorType::GrayscaleAlpha => {
            let gray = samples.as_chunks::<2>().0.iter().map(|[v, a]| (over(*v, *a), *a));
            gray.map(|(v, a)| [v, v, v, a]).collect()
        }
        _ => samples.iter().map(|v| [*v, *v, *v, 255]).collect(),
    };
    Some((frame.width as usize, frame.height as usize, pixels))
}

impl GlyphPicture {
    /// Where a position of the picture, in its pixels, is in font units.
    pub(crate) fn place(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        [self.corner[0] + x * self.pixel[0], self.corner[1] - y * self.pixel[1]]
    }

    /// A polygon around the pixels that are half covered, row by row.
    fn silhouette(&self) -> Outline {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        for (y, row) in self.pixels.chunks_exact(self.width.max(1)).enumerate() {
            let solid = |pixel: &[u8; 4]| pixel[3] >= 128;
            let Some(first) = row.iter().position(solid) else { continue };
            let end = row.iter().rposition(solid).unwrap_or(first) + 1;
            for y in [y, y + 1] {
                left.push(self.place([first as f32, y as f32]));
                right.push(self.place([end as f32, y as f32]));
            }
        }
        let mut points = right.into_iter().chain(left.into_iter().rev());
        let first = points.next().map(Segment::Move);
        Outline { segments: first.into_iter().chain(points.map(Segment::Line)).collect() }
    }
}
