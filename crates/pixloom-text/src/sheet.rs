//! Painting glyphs that have colours of their own, bent as the text is.
use crate::color::{ColorGlyph, GlyphPicture, Layer};
use crate::gradient::invert;
use crate::map::Point;
use crate::path::flatten;
use crate::raster::Raster;
use crate::shapes::{ColorPlace, Shapes};

/// Red, green and blue multiplied by alpha, and alpha, for a part of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sheet {
    /// First column and row in the picture.
    pub at: [usize; 2],
    /// Columns.
    pub width: usize,
    /// Row by row.
    pub pixels: Vec<[u8; 4]>,
}

/// Cells of the net that bends a picture, in each direction.
const CELLS: usize = 8;

impl Shapes {
    /// Paints a glyph that has colours of its own; `size` is that of the picture, `ink` the
    /// colour of the text.
    pub fn paint(
        &self,
        place: &ColorPlace,
        size: [usize; 2],
        (ink, raster): ([u8; 3], &mut Raster),
    ) -> Sheet {
        let bounds = self.color_bounds(place);
        let low = |side: usize| (bounds[side] - 2.0).max(0.0) as usize;
        let high = |side: usize| ((bounds[side + 2] + 3.0).max(0.0) as usize).min(size[side]);
        let at = [low(0), low(1)];
        let (width, height) = (high(0).saturating_sub(at[0]), high(1).saturating_sub(at[1]));
        let mut sheet = Sheet { at, width, pixels: vec![[0; 4]; width * height] };
        if width == 0 || height == 0 {
            return sheet;
        }
        let brush = Painter { shapes: self, place };
        match place.glyph.as_ref() {
            ColorGlyph::Layers(layers) => {
                for layer in layers {
                    brush.layer(layer, (ink, raster), &mut sheet);
                }
            }
            ColorGlyph::Picture(picture) => brush.picture(picture, &mut sheet),
        }
        sheet
    }
}

struct Painter<'a> {
    shapes: &'a Shapes,
    place: &'a ColorPlace,
}

impl Painter<'_> {
    /// From font units to the picture.
    fn point(&self, p: Point) -> Point {
        self.shapes.place(self.place.layout(p))
    }

    /// The affine map from the picture to font units that fits best around `centre`.
    fn back(&self, [x, y]: Point, reach: f32) -> Option<[f32; 6]> {
        let slope =
            |a: Point, b: Point| [(b[0] - a[0]) / (2.0 * reach), (b[1] - a[1]) / (2.0 * reach)];
        let across = slope(self.point([x - reach, y]), self.point([x + reach, y]));
        let along = slope(self.point([x, y - reach]), self.point([x, y + reach]));
        let [px, py] = self.point([x, y]);
        let shift = |c: usize, p: f32| p - across[c] * x - along[c] * y;
        invert([across[0], along[0], shift(0, px), across[1], along[1], shift(1, py)])
    }

    fn layer(&self, layer: &Layer, (ink, raster): ([u8; 3], &mut Raster), sheet: &mut Sheet) {
        let mut coverage: Option<Vec<u8>> = None;
        for clip in &layer.clips {
            let mask = self.mask(clip, raster, sheet);
            coverage = Some(match coverage {
                None => mask,
                Some(before) => before
                    .iter()
                    .zip(mask)
                    .map(|(a, b)| ((u32::from(*a) * u32::from(b) + 127) / 255) as u8)
                    .collect(),
            });
        }
        let reach = 0.25 * self.place.units_per_em;
        let centre = layer.clips.last().map_or([0.0; 2], crate::path::Outline::centre);
        let (Some(coverage), Some([a, b, c, d, e, f])) = (coverage, self.back(centre, reach))
        else {
            return;
        };
        for (number, (pixel, covered)) in sheet.pixels.iter_mut().zip(coverage).enumerate() {
            if covered == 0 {
                continue;
            }
            let x = (sheet.at[0] + number % sheet.width) as f32 + 0.5;
            let y = (sheet.at[1] + number / sheet.width) as f32 + 0.5;
            let color = layer.shade.at([a * x + b * y + c, d * x + e * y + f], ink);
            *pixel = over(*pixel, color.map(|v| v * f32::from(covered)));
        }
    }

    fn mask(&self, clip: &crate::path::Outline, raster: &mut Raster, sheet: &Sheet) -> Vec<u8> {
        raster.reset(sheet.width, sheet.pixels.len() / sheet.width);
        let [left, top] = sheet.at.map(|v| v as f32);
        let mut contour: Vec<Point> = Vec::new();
        let place = |p: Point| self.place.layout(p);
        flatten(clip, place, self.shapes.longest_line(), &mut |starts, p| {
            if starts {
                raster.add(&contour);
                contour.clear();
            }
            let [x, y] = self.shapes.place(p);
            contour.push([x - left, y - top]);
        });
        raster.add(&contour);
        raster.mask().samples
    }

    /// Bends a picture over a net of cells, each cut into two triangles.
    fn picture(&self, picture: &GlyphPicture, sheet: &mut Sheet) {
        // A rim of one empty pixel softens the edges.
        let (wide, high) = (picture.width as f32 + 2.0, picture.height as f32 + 2.0);
        let node = |i: usize, j: usize| {
            let t = |n: usize, side: f32| n as f32 / CELLS as f32 * side - 1.0;
            let from = [t(i, wide), t(j, high)];
            (from, self.point(picture.place(from)))
        };
        let (_, [x0, y0]) = node(0, 0);
        let (_, [x1, y1]) = node(CELLS, CELLS);
        let drawn = ((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0)).sqrt().max(1e-3);
        let step = ((wide * wide + high * high).sqrt() / drawn).max(1.0);
        let source = Source { picture, step: step as usize };
        for j in 0..CELLS {
            for i in 0..CELLS {
                let corners = [node(i, j), node(i + 1, j), node(i + 1, j + 1), node(i, j + 1)];
                source.triangle([corners[0], corners[1], corners[2]], sheet);
                source.triangle([corners[0], corners[2], corners[3]], sheet);
            }
        }
    }
}

/// A position in a source and where it is in the picture.
type Node = (Point, Point);

struct Source<'a> {
    picture: &'a GlyphPicture,
    /// Pixels of the source that one pixel of the picture shows, in each direction.
    step: usize,
}

impl Source<'_> {
    fn triangle(&self, [(s0, p0), (s1, p1), (s2, p2)]: [Node; 3], sheet: &mut Sheet) {
        let column = |v: Point, origin: Point| [v[0] - origin[0], v[1] - origin[1]];
        let (u, v) = (column(p1, p0), column(p2, p0));
        let Some([a, b, c, d, e, f]) = invert([u[0], v[0], p0[0], u[1], v[1], p0[1]]) else {
            return;
        };
        let (su, sv) = (column(s1, s0), column(s2, s0));
        let rows = sheet.pixels.len() / sheet.width;
        let range = |axis: usize, most: usize| {
            let sides = [p0[axis], p1[axis], p2[axis]];
            let low = sides.into_iter().fold(f32::INFINITY, f32::min) - sheet.at[axis] as f32;
            let high = sides.into_iter().fold(f32::NEG_INFINITY, f32::max) - sheet.at[axis] as f32;
            (low.max(0.0) as usize).min(most)..((high + 1.0).max(0.0) as usize).min(most)
        };
        for y in range(1, rows) {
            for x in range(0, sheet.width) {
                let p = [(sheet.at[0] + x) as f32 + 0.5, (sheet.at[1] + y) as f32 + 0.5];
                let (s, t) = (a * p[0] + b * p[1] + c, d * p[0] + e * p[1] + f);
                if s >= -1e-4 && t >= -1e-4 && s + t <= 1.0 + 1e-4 {
                    let from = [s0[0] + su[0] * s + sv[0] * t, s0[1] + su[1] * s + sv[1] * t];
                    sheet.pixels[y * sheet.width + x] = self.sample(from);
                }
            }
        }
    }

    /// The mean of `step` × `step` samples around a position, each between four pixels.
    fn sample(&self, [x, y]: Point) -> [u8; 4] {
        let half = 0.5 * (self.step as f32 - 1.0);
        let mut sum = [0.0_f32; 4];
        for j in 0..self.step {
            for i in 0..self.step {
                let between = self.bilinear([x + i as f32 - half, y + j as f32 - half]);
                (0..4).for_each(|c| sum[c] += between[c]);
            }
        }
        let count = (self.step * self.step) as f32;
        sum.map(|v| (v / count + 0.5) as u8)
    }

    fn bilinear(&self, [x, y]: Point) -> [f32; 4] {
        let (x, y) = (x - 0.5, y - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let (fx, fy) = (x - left, y - top);
        let pixel = |x: i64, y: i64| {
            let inside = (0..self.picture.width as i64).contains(&x)
                && (0..self.picture.height as i64).contains(&y);
            let at = || self.picture.pixels[y as usize * self.picture.width + x as usize];
            if inside { at().map(f32::from) } else { [0.0; 4] }
        };
        let (x, y) = (left as i64, top as i64);
        let (a, b) = (pixel(x, y), pixel(x + 1, y));
        let (c, d) = (pixel(x, y + 1), pixel(x + 1, y + 1));
        std::array::from_fn(|i| {
            let upper = a[i] + (b[i] - a[i]) * fx;
            let lower = c[i] + (d[i] - c[i]) * fx;
            upper + (lower - upper) * fy
        })
    }
}

/// `color`, multiplied by its alpha and in 0 to 255, over a pixel.
fn over(pixel: [u8; 4], color: [f32; 4]) -> [u8; 4] {
    let rest = 1.0 - color[3] / 255.0;
    std::array::from_fn(|c| (f32::from(pixel[c]) * rest + color[c] + 0.5) as u8)
}
