//! The text of one image as polygons in its pixels, and its ink as coverage.
use pixloom_engine::{ErrorKind, ItemError};
use pixloom_text::{
    ClusterShape, Growth, Mask, OutlineCache, Raster, Shapes, ShapesRequest, Sheet,
};

use super::drawn::Drawn;
use super::knob::K;
use super::planes;
use super::typeset::{Typeset, way};

/// A text at its place in its picture.
#[derive(Debug)]
pub(super) struct Scene {
    /// The polygons.
    pub shapes: Shapes,
    /// How far ink goes beyond them.
    pub growth: Growth,
    /// Width of the picture in pixels.
    pub width: usize,
    /// Height of the picture in pixels.
    pub height: usize,
    /// By how much strokes grow or shrink, pixels to each side.
    half: usize,
}

/// Of every letter at least one part in this many survives erosion.
const LEAST_LEFT: u64 = 4;

/// Largest picture, pixels.
const MOST_PIXELS: f64 = 200e6;

/// Bleeding: the blurred coverage is multiplied by this, so that ink grows by
/// [`BLEED_REACH`] deviations.
const BLEED_GAIN: u32 = 410; // of 256

/// Where 1.6 Φ(-d) = ½: no pixel further outside is half covered.
const BLEED_REACH: f64 = 0.489;

impl Scene {
    /// Puts the text into its picture; the picture grows where ink would be cut.
    ///
    /// # Errors
    /// `limit` if the picture would be too large.
    pub(super) fn new(
        drawn: &Drawn,
        set: &Typeset,
        cache: &mut OutlineCache,
    ) -> Result<Self, ItemError> {
        let (chain, size) = way(drawn, &set.block);
        let request = ShapesRequest { block: &set.block, faces: &set.faces, chain: &chain };
        let mut shapes = Shapes::build(&request, cache);
        let growth = growth(drawn);
        let [left, top, right, bottom] = shapes.bounds().map(f64::from);
        let mut scale = 1.0;
        let target = drawn.values.get(K::OutputHeight);
        let margin = f64::from(growth.round + growth.square.max(0.0)) + 1.0;
        let over = |inside: f64| (margin - inside).max(0.0).ceil();
        let (shift_x, shift_y) = (over(left), over(top));
        let mut width = size[0] + shift_x + over(size[0] - right);
        let mut height = size[1] + shift_y + over(size[1] - bottom);
        if target > 0.0 && set.block.is_vertical() {
            scale = target / width;
            (width, height) = (target, (height * scale).round().max(1.0));
        } else if target > 0.0 {
            scale = target / height;
            (width, height) = ((width * scale).round().max(1.0), target);
        }
        if width * height > MOST_PIXELS {
            let message = format!("the picture would have {width} x {height} pixels");
            return Err(ItemError::new(ErrorKind::Limit, message)
                .with_hint("draw shorter texts or smaller fonts"));
        }
        shapes.transform(scale as f32, [(shift_x * scale) as f32, (shift_y * scale) as f32]);
        let (width, height) = (width as usize, height as usize);
        let mut scene = Self { shapes, growth, width, height, half: half_kernel(drawn) };
        if drawn.erode && scene.half > 0 {
            scene.spare_letters();
            scene.growth.square = -(scene.half as f32);
        }
        Ok(scene)
    }

    /// Erodes less where a letter would not survive it.
    fn spare_letters(&mut self) {
        let mut raster = Raster::default();
        let whole = self.coverage(&self.shapes.clusters, &mut raster);
        while self.half > 0 {
            let mut eroded = whole.clone();
            planes::grow_square(&mut eroded, self.half, true);
            if self.letters_survive(&whole, &eroded) {
                return;
            }
            self.half -= 1;
        }
    }

    /// Whether every cluster keeps a fair part of its ink, as seen in the rectangle around it.
    fn letters_survive(&self, whole: &Mask, eroded: &Mask) -> bool {
        let plain = Growth::default();
        self.shapes.clusters.iter().filter(|cluster| cluster.has_ink()).all(|cluster| {
            let quad = self.shapes.quad(std::slice::from_ref(cluster), plain);
            let side = |axis: usize, most: usize| {
                let of = || quad.iter().map(|corner| corner[axis]);
                let low = of().fold(f32::INFINITY, f32::min).floor().max(0.0) as usize;
                let high = of().fold(0.0, f32::max).ceil() as usize;
                low.min(most)..high.min(most)
            };
            let (columns, rows) = (side(0, whole.width), side(1, whole.height));
            let ink = |mask: &Mask| -> u64 {
                let row = |y: usize| &mask.samples[y * mask.width..][columns.clone()];
                rows.clone().flat_map(row).map(|sample| u64::from(*sample)).sum()
            };
            LEAST_LEFT * ink(eroded) >= ink(whole)
        })
    }

    fn coverage(&self, clusters: &[ClusterShape], raster: &mut Raster) -> Mask {
        raster.reset(self.width, self.height);
        for polygon in self.shapes.plain_polygons(clusters) {
            raster.add(polygon);
        }
        raster.mask()
    }

    /// How much of each pixel the ink of some clusters covers, before any shadow or blur, with
    /// its border.
    #[cfg(test)]
    pub(super) fn ink(
        &self,
        drawn: &Drawn,
        clusters: &[ClusterShape],
        raster: &mut Raster,
    ) -> Mask {
        let mut fill = self.fill(drawn, clusters, raster);
        for sheet in self.colored(clusters, ([0; 3], raster)) {
            planes::lay_sheet(&mut fill, &sheet);
        }
        Self::border(drawn, &fill).unwrap_or(fill)
    }

    /// The glyphs of some clusters that have colours of their own, painted.
    pub(super) fn colored(
        &self,
        clusters: &[ClusterShape],
        (ink, raster): ([u8; 3], &mut Raster),
    ) -> Vec<Sheet> {
        let size = [self.width, self.height];
        let all = &self.shapes.clusters;
        let wanted = |at: usize| clusters.iter().any(|cluster| all.get(at) == Some(cluster));
        let places = self.shapes.colors.iter().filter(|place| wanted(place.cluster));
        places.map(|place| self.shapes.paint(place, size, (ink, raster))).collect()
    }

    /// The coverage without the border and without glyphs that have colours of their own.
    pub(super) fn fill(
        &self,
        drawn: &Drawn,
        clusters: &[ClusterShape],
        raster: &mut Raster,
    ) -> Mask {
        let mut mask = self.coverage(clusters, raster);
        if self.half > 0 {
            planes::grow_square(&mut mask, self.half, drawn.erode);
        }
        let bleed = bleed_sigma(drawn);
        if bleed > 0.0 {
            let sharp = mask.samples.clone();
            planes::blur(&mut mask.samples, self.width, bleed as f32);
            for (sample, sharp) in mask.samples.iter_mut().zip(sharp) {
                *sample =
                    (u32::from(*sample) * BLEED_GAIN / 256).min(255).max(u32::from(sharp)) as u8;
            }
        }
        mask
    }

    /// The coverage of ink and border together, if there is a border.
    pub(super) fn border(drawn: &Drawn, fill: &Mask) -> Option<Mask> {
        let width = drawn.values.get(K::Stroke) as f32;
        (width > 0.0).then(|| planes::grow_round(fill, width))
    }
}

fn half_kernel(drawn: &Drawn) -> usize {
    drawn.values.get(K::ErosionDilation) as usize / 2
}

fn bleed_sigma(drawn: &Drawn) -> f64 {
    0.5 * drawn.values.get(K::InkBleed)
}

fn growth(drawn: &Drawn) -> Growth {
    let half = half_kernel(drawn) as f32;
    let bleed = BLEED_REACH * bleed_sigma(drawn);
    Growth {
        round: (bleed + drawn.values.get(K::Stroke)) as f32,
        square: if drawn.erode { -half } else { half },
    }
}
