//! Enlarging one picture, as an operation of the picture pipeline.
use pixloom_engine::{Bytes, Seed};
use pixloom_image::geometry::{self, Geometry, Turn};
use pixloom_image::resize::{self, Filter, ResizeOptions};
use pixloom_image::{Depth, Exec, Image, ImageError, PixelFormat, Samples, Size, convert};
use serde_json::{Value, json};

use super::cells::Cells;
use super::chain::{Chain, Link};
use super::engine::Engine;
use crate::op::{Applied, DynOp, OpCx, RowOp, TakeRows, Tile};

/// What brings a net's result to another size.
const RESAMPLE: Filter = Filter::Lanczos3;

/// Runs the links of a chain on a picture.
#[derive(Debug)]
pub(super) struct Enlarge {
    /// The nets and kernels.
    pub(super) chain: Chain,
    /// Side in input pixels of what is handed to a worker at once.
    pub(super) tile: u32,
    /// Mean over flips and turns.
    pub(super) self_ensemble: bool,
    /// Workers that may take part, for the memory.
    pub(super) workers: usize,
}

impl DynOp for Enlarge {
    fn name(&self) -> &'static str {
        "enlarge"
    }

    fn version(&self) -> u32 {
        3
    }

    fn settings(&self) -> Value {
        json!({"chain": self.chain.identity(), "self_ensemble": self.self_ensemble})
    }

    fn draw(&self, _: Seed) -> Result<Value, ImageError> {
        Ok(Value::Null)
    }

    fn shape(&self, input: Size, _: &Value) -> Result<Size, ImageError> {
        Ok(self.chain.target(input))
    }

    fn geometry(&self, input: Size, _: &Value) -> Result<Geometry, ImageError> {
        Ok(Geometry::resize(input, self.chain.target(input)))
    }

    fn cost(&self, input: Size, format: PixelFormat, _: &Value) -> Bytes {
        let target = self.chain.target(input);
        let depth = if self.self_ensemble { Depth::F32 } else { format.depth };
        let working = PixelFormat::new(format.channels, depth);
        let mut most = 0_u64;
        let mut size = input;
        for link in &self.chain.links {
            let Link::Net { net, .. } = link else { continue };
            let next = scaled(size, net.scale());
            let cells = size.pixels() / (net.cell().0 * net.cell().1) as u64 + 1;
            let scratch = net.worker_bytes() as u64 * cells.min(self.workers as u64);
            // The bled copy, the result, and with flips and turns the sum and a turned one.
            let copies = if self.self_ensemble { 3 } else { 1 };
            let bytes = working.bytes_of(size).saturating_mul(2);
            let result = working.bytes_of(next).saturating_mul(copies);
            most = most.max(scratch.saturating_add(bytes).saturating_add(result));
            size = next;
        }
        if size == target {
            return Bytes(most);
        }
        let options = ResizeOptions::with_filter(RESAMPLE);
        let resampled = resize::resize_cost(size, format, target, &options);
        Bytes(most.max(resampled.saturating_add(format.bytes_of(size))))
    }

    fn needs(&self, _: Size, _: &Value) -> Option<Size> {
        None
    }

    fn tiles(&self, _: Size) -> Option<Vec<Tile>> {
        None
    }

    fn apply(&self, mut image: Image, _: &Value, cx: &OpCx<'_>) -> Result<Applied, ImageError> {
        for link in &self.chain.links {
            image = match link {
                Link::Net { net, .. } => self.by_net(image, net, cx.exec)?,
                Link::Kernel { filter, .. } => resize::resize(
                    &image,
                    cx.output,
                    &ResizeOptions::with_filter(*filter),
                    cx.exec,
                )?,
            };
        }
        if image.size() != cx.output {
            let options = ResizeOptions::with_filter(RESAMPLE);
            image = resize::resize(&image, cx.output, &options, cx.exec)?;
        }
        Ok(Applied::Changed(image))
    }

    fn by_rows(&self) -> Option<&dyn RowOp> {
        self.only_net().map(|_| self as &dyn RowOp)
    }
}

impl RowOp for Enlarge {
    fn band_rows(&self) -> u32 {
        self.only_net().map_or(1, |net| (net.cell().1 * net.scale()) as u32)
    }

    fn cost(&self, input: Size, format: PixelFormat) -> Bytes {
        let Some(net) = self.only_net() else { return Bytes(0) };
        let band = Size::new(self.chain.target(input).width, self.band_rows());
        let cells = u64::from(input.width) / net.cell().0 as u64 + 1;
        let scratch = net.worker_bytes() as u64 * cells.min(self.workers as u64);
        let bled = if format.channels.has_alpha() { format.bytes_of(input) } else { 0 };
        Bytes(scratch.saturating_add(format.bytes_of(band)).saturating_add(bled))
    }

    fn apply(
        &self,
        image: Image,
        cx: &OpCx<'_>,
        take: &mut TakeRows<'_>,
    ) -> Result<(), ImageError> {
        let Some(net) = self.only_net() else {
            return Err(ImageError::settings("only a single net works from the top to the bottom"));
        };
        Cells { net, tile: self.tile as usize, exec: cx.exec }.bands(image, take)
    }
}

impl Enlarge {
    /// The net, if there is nothing but one and it reaches the scale exactly.
    fn only_net(&self) -> Option<&Engine> {
        let [Link::Net { net, .. }] = &self.chain.links[..] else { return None };
        let exact = (self.chain.scale - net.scale() as f64).abs() < 1e-9;
        (exact && !self.self_ensemble).then_some(net)
    }

    fn by_net(&self, image: Image, net: &Engine, exec: &dyn Exec) -> Result<Image, ImageError> {
        let cells = Cells { net, tile: self.tile as usize, exec };
        if self.self_ensemble { ensemble(image, &cells) } else { cells.enlarge(image) }
    }
}

/// The mean over the picture in all eight flips and turns, each turned back.
fn ensemble(image: Image, cells: &Cells<'_>) -> Result<Image, ImageError> {
    let format = image.format();
    let image = convert::convert(image, PixelFormat::new(format.channels, Depth::F32));
    let mut sum: Option<Image> = None;
    for turn in Turn::ALL {
        let large = cells.enlarge(geometry::turn(image.clone(), turn))?;
        let large = geometry::turn(large, turn.inverse());
        sum = Some(match sum {
            None => large,
            Some(mut sum) => {
                if let (Samples::F32(to), Samples::F32(from)) = (sum.samples_mut(), large.samples())
                {
                    to.iter_mut().zip(from).for_each(|(to, from)| *to += from);
                }
                sum
            }
        });
    }
    let mut mean = sum.unwrap_or(image);
    if let Samples::F32(values) = mean.samples_mut() {
        for value in values {
            *value /= Turn::ALL.len() as f32;
        }
    }
    Ok(convert::convert(mean, format))
}

/// A size times a whole number; sides that no picture can have stay at the most there is.
pub(super) fn scaled(size: Size, by: usize) -> Size {
    let by = by as u32;
    Size::new(size.width.saturating_mul(by), size.height.saturating_mul(by))
}
