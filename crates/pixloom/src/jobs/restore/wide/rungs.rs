//! The parts of a pair that candidates are tried on, from small to whole.
use pixloom_engine::Seed;
use pixloom_image::{Channels, Exec, Image, ImageError, Samples, Size};
use pixloom_restore::{Planes, PlanesError, Quality, Truth, resize};

use crate::pipeline::{Loaded, Pipeline, PipelineCx};

/// Sides of the four tiles of the rungs below the whole picture. Multiples of 8, so that the
/// blocks of JPEG stay in their places.
const SIDES: [usize; 2] = [64, 128];

/// A damaged picture beside the truth, at several extents.
pub(in crate::jobs::restore) struct Ladder {
    rungs: Vec<Rung>,
    channels: Channels,
}

/// Four tiles put together, or the whole.
struct Rung {
    /// Side of a tile; 0 for the whole.
    tile: usize,
    truth: Truth,
}

impl Ladder {
    /// Brings both to the same planes and the size of the truth; also returns the damaged
    /// picture that the search begins with.
    pub(in crate::jobs::restore) fn new(
        damaged: Planes,
        truth: Planes,
    ) -> Result<(Self, Image), PlanesError> {
        let gray = damaged.is_gray() && truth.is_gray();
        let count = if gray { 1 } else { 3 };
        let (damaged, truth) = (damaged.expanded(count), truth.expanded(count));
        let (width, height) = (truth.width(), truth.height());
        let damaged = if (damaged.width(), damaged.height()) == (width, height) {
            damaged
        } else {
            damaged.map(|plane| resize::bilinear(plane, width, height))
        };
        let mut rungs = Vec::new();
        for tile in SIDES {
            if width * height >= 2 * (2 * tile).pow(2) && width.min(height) >= 2 * tile {
                rungs.push(Rung { tile, truth: Truth::new(mosaic(&truth, tile))? });
            }
        }
        rungs.push(Rung { tile: 0, truth: Truth::new(truth)? });
        let channels = if gray { Channels::Gray } else { Channels::Rgb };
        Ok((Self { rungs, channels }, image(&damaged, channels)))
    }

    /// The last rung: the whole picture.
    pub(in crate::jobs::restore) const fn top(&self) -> usize {
        self.rungs.len() - 1
    }

    /// What is seen of a picture on a rung.
    pub(super) fn view(&self, whole: &Image, rung: usize) -> Image {
        let tile = self.rungs[rung].tile;
        match planes(whole) {
            Ok(planes) if tile > 0 => image(&mosaic(&planes, tile), self.channels),
            _ => whole.clone(),
        }
    }

    /// How near a view comes to the truth.
    pub(in crate::jobs::restore) fn quality(&self, view: &Image, rung: usize) -> Option<Quality> {
        let truth = &self.rungs[rung].truth;
        let planes = planes(view).ok()?;
        let size = |planes: &Planes| (planes.width(), planes.height());
        let fits = size(&planes) == size(truth.planes());
        fits.then(|| truth.quality(&planes, &mut truth.scratch()))
    }

    /// The quality after a pipeline; `None` where it fails or changes the size.
    pub(super) fn tried(
        &self,
        view: &Image,
        (pipeline, rung): (&Pipeline, usize),
    ) -> Option<Quality> {
        let image = applied(pipeline, view.clone(), &pixloom_image::Serial).ok()?;
        self.quality(&image, rung)
    }
}

/// Runs a pipeline that yields one picture, without anything drawn at random.
pub(in crate::jobs::restore) fn applied(
    pipeline: &Pipeline,
    image: Image,
    exec: &dyn Exec,
) -> Result<Image, ImageError> {
    let seed = Seed::root(0);
    let drawn = pipeline.draw(seed)?;
    let note = |_: &'static str, _: String| {};
    let cx = PipelineCx { seed, exec, note: &note };
    let mut result = None;
    pipeline.run(Loaded::full(image), &drawn, &cx, &mut |_, applied| {
        result = Some(applied.into_image());
        Ok(())
    })?;
    result.ok_or_else(|| ImageError::settings("the operations yield no picture"))
}

/// Interleaved 8-bit samples of planes.
fn image(planes: &Planes, channels: Channels) -> Image {
    let (width, height) = (planes.width() as u32, planes.height() as u32);
    let count = channels.count();
    let mut samples = vec![0; planes.width() * planes.height() * count];
    for (at, plane) in planes.as_slice().iter().enumerate() {
        let targets = samples.iter_mut().skip(at).step_by(count);
        targets.zip(plane.values()).for_each(|(to, value)| *to = *value);
    }
    let size = Size::new(width, height);
    Image::new(size, channels, Samples::U8(samples))
        .unwrap_or_else(|_| Image::zeros(size, pixloom_image::PixelFormat::RGB8))
}

/// The planes of an 8-bit picture, as many as it has channels.
pub(in crate::jobs::restore) fn planes(image: &Image) -> Result<Planes, PlanesError> {
    let count = image.channels().count();
    let size = (image.width() as usize, image.height() as usize);
    let Samples::U8(samples) = image.samples() else { return Err(PlanesError::Differ) };
    Ok(Planes::from_interleaved(size, count, samples)?.expanded(if count < 3 { 1 } else { 3 }))
}

/// Four tiles from the middles of the quarters, side by side.
fn mosaic(planes: &Planes, tile: usize) -> Planes {
    planes.map(|plane| {
        let place = |len: usize, second: bool| {
            let middle = if second { 3 * len / 4 } else { len / 4 };
            let start = middle.saturating_sub(tile / 2).min(len - tile);
            start / 8 * 8
        };
        let mut out = pixloom_restore::Plane::zeros(2 * tile, 2 * tile);
        for (y, row) in out.values_mut().chunks_exact_mut(2 * tile).enumerate() {
            let from = plane.row(place(plane.height(), y >= tile) + y % tile);
            let (left, right) = row.split_at_mut(tile);
            left.copy_from_slice(&from[place(plane.width(), false)..][..tile]);
            right.copy_from_slice(&from[place(plane.width(), true)..][..tile]);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(width: usize, height: usize) -> Planes {
        let samples: Vec<u8> = (0..width * height).map(|at| (at % width) as u8).collect();
        Planes::from_interleaved((width, height), 1, &samples).unwrap()
    }

    #[test]
    fn rungs_grow_to_the_whole() {
        let (ladder, start) = Ladder::new(ramp(256, 256), ramp(256, 256)).unwrap();
        assert_eq!(ladder.top(), 1);
        let view = ladder.view(&start, 0);
        assert_eq!((view.width(), view.height()), (128, 128));
        assert!(ladder.quality(&view, 0).unwrap().psnr.is_infinite());
        assert!(ladder.quality(&start, 1).unwrap().psnr.is_infinite());
        assert!(ladder.quality(&start, 0).is_none());
        let blur = Pipeline::parse("blur:sigma=2").unwrap();
        assert!(ladder.tried(&view, (&blur, 0)).unwrap().psnr.is_finite());
        let crop = Pipeline::parse("resize:width=20").unwrap();
        assert!(ladder.tried(&view, (&crop, 0)).is_none());
    }

    #[test]
    fn small_pictures_have_one_rung_and_sizes_are_brought_together() {
        let (ladder, start) = Ladder::new(ramp(40, 20), ramp(30, 20)).unwrap();
        assert_eq!((ladder.top(), start.width()), (0, 30));
    }
}
