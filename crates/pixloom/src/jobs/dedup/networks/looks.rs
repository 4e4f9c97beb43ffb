//! Whole pictures laid over each other at reduced size: LPIPS by the user's graph, SSIMULACRA2.
use pixloom_engine::{
    Bytes, Delivery, Engine, ErrorKind, Fingerprint, FnSink, ItemCx, ItemError, ItemKey,
    IterSource, Outcome, RunError, SourceItem, Stage,
};
use pixloom_image::codec::DecodeOptions;
use pixloom_image::geometry::{self, Turn};
use pixloom_image::metric::{SSIMULACRA2_BYTES, ssimulacra2};
use pixloom_image::resize::{self, Filter, ResizeOptions};
use pixloom_image::{Exec, Image, ImageError, Limits, Size};
use pixloom_match::Transform;
use serde::{Deserialize, Serialize};

use super::Files;
use crate::jobs::compare::lpips::{BYTES as LPIPS_BYTES, Lpips};
use crate::jobs::features::reduced_picture;
use crate::picture::{ItemExec, item_error};
use crate::source::{InputFile, peek};

/// The name of these results in the cache.
const KIND: u32 = 0xFA00_0000;
/// Most pixels that are compared.
const PIXELS: f64 = 512.0 * 512.0;
/// How far a map may be from one of the eight ways to lay one whole picture over another, as a
/// share of the side.
const WHOLE: f64 = 0.005;

/// What is measured.
#[derive(Debug, Clone, Copy)]
pub(super) enum Measure<'a> {
    /// With the graph.
    Lpips(&'a Lpips),
    /// 100 = equal.
    Ssimulacra2,
}

/// Two pictures, and how the first is turned to lie on the second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) first: u32,
    pub(super) second: u32,
    pub(super) turn: Turn,
}

/// The figures of some pairs, or from the cache; none where a picture cannot be read or the graph
/// does not take it, which the run is told of.
///
/// # Errors
/// `Cancelled` on request.
pub(super) fn measure(
    pairs: &[Pair],
    measure: Measure<'_>,
    files: &Files<'_>,
    engine: &Engine,
) -> Result<Vec<Option<f64>>, RunError> {
    let names: Vec<[u8; 32]> = pairs.iter().map(|pair| measure.name(pair, files)).collect();
    let reader = files.store.and_then(|store| store.reader(KIND).ok());
    let known = |name: &[u8; 32]| {
        let bytes = reader.as_ref()?.by_content(name)?;
        Some(f64::from_le_bytes(bytes.try_into().ok()?))
    };
    let mut figures: Vec<Option<f64>> = names.iter().map(known).collect();
    let wanted: Vec<usize> = (0..pairs.len()).filter(|at| figures[*at].is_none()).collect();
    let item = |at: &usize| {
        let Pair { first, second, turn } = pairs[*at];
        let key = format!("{} and {}", files.picture(first).key, files.picture(second).key);
        let both = [first, second].map(|picture| files.file(picture));
        SourceItem::new(ItemKey::new(&key), (both, turn))
    };
    let items: Vec<_> = wanted.iter().map(item).collect();
    let mut entries = Vec::new();
    let mut sink = FnSink::new(|delivery: Delivery<Figure>| {
        let at = wanted[delivery.index as usize];
        match delivery.outcome {
            Outcome::Done(Figure(figure)) => {
                figures[at] = Some(figure);
                entries.push((names[at], figure.to_le_bytes().to_vec()));
            }
            Outcome::Failed(error) => files.troubles.add(measure.title(), || {
                let [a, b] = [pairs[at].first, pairs[at].second].map(|n| &files.picture(n).key);
                let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
                format!("{a} and {b}: {error}{}", cause.unwrap_or_default())
            }),
            _ => {}
        }
        Ok(())
    });
    let engine = engine.phase(measure.phase(), Fingerprint::of(b"looks"));
    let stage = Compare { measure, limits: files.limits };
    let outcome = engine.run(&mut IterSource::new(items), &stage, &mut sink);
    if let Some(store) = files.store.filter(|_| !entries.is_empty()) {
        // A cache that cannot be written was told of already.
        let _kept = store.put(KIND, &entries);
    }
    outcome.map(|_| figures)
}

impl Measure<'_> {
    fn phase(self) -> &'static str {
        match self {
            Self::Lpips(_) => "lpips",
            Self::Ssimulacra2 => "ssimulacra2",
        }
    }

    /// As people write it.
    fn title(self) -> &'static str {
        match self {
            Self::Lpips(_) => "LPIPS",
            Self::Ssimulacra2 => "SSIMULACRA2",
        }
    }

    fn name(self, pair: &Pair, files: &Files<'_>) -> [u8; 32] {
        let content = |picture: u32| files.picture(picture).facts.content.0;
        let print = Fingerprint::builder(self.phase())
            .field("contents", [content(pair.first), content(pair.second)].as_flattened())
            .field("turn", format!("{:?}", pair.turn));
        match self {
            Self::Lpips(lpips) => print.field("graph", lpips.hash.0).finish().0,
            Self::Ssimulacra2 => print.finish().0,
        }
    }

    /// Bytes for each pixel that is compared.
    const fn bytes(self) -> u64 {
        match self {
            Self::Lpips(_) => LPIPS_BYTES,
            Self::Ssimulacra2 => SSIMULACRA2_BYTES,
        }
    }

    fn size(self) -> Option<Size> {
        match self {
            Self::Lpips(lpips) => lpips.size(),
            Self::Ssimulacra2 => None,
        }
    }

    fn of(self, first: &Image, second: &Image) -> Result<f64, ImageError> {
        match self {
            Self::Lpips(lpips) => lpips.score(second, first, 0),
            Self::Ssimulacra2 => ssimulacra2(second, first, 0),
        }
    }
}

/// The way to turn a picture whose unit square goes to that of another by `map`; none where the
/// pictures do not lie over each other as a whole.
pub(super) fn turn_of(map: &Transform) -> Option<Turn> {
    let is_near = |turn: &&Turn| {
        let whole = unit_map(**turn);
        whole.iter().zip(map.coefficients).all(|(a, b)| (a - b).abs() <= WHOLE)
    };
    Turn::ALL.iter().find(is_near).copied()
}

/// Where a position of the unit square goes.
const fn unit_map(turn: Turn) -> [f64; 6] {
    match turn {
        Turn::Identity => [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        Turn::FlipHorizontal => [-1.0, 0.0, 1.0, 0.0, 1.0, 0.0],
        Turn::Rotate180 => [-1.0, 0.0, 1.0, 0.0, -1.0, 1.0],
        Turn::FlipVertical => [1.0, 0.0, 0.0, 0.0, -1.0, 1.0],
        Turn::Transpose => [0.0, 1.0, 0.0, 1.0, 0.0, 0.0],
        Turn::Rotate90 => [0.0, -1.0, 1.0, 1.0, 0.0, 0.0],
        Turn::Transverse => [0.0, -1.0, 1.0, -1.0, 0.0, 1.0],
        Turn::Rotate270 => [0.0, 1.0, 0.0, -1.0, 0.0, 1.0],
    }
}

/// A figure of a pair.
#[derive(Debug, Serialize, Deserialize)]
struct Figure(f64);

struct Compare<'a> {
    measure: Measure<'a>,
    limits: &'a Limits,
}

impl Stage for Compare<'_> {
    type In = ([InputFile; 2], Turn);
    type Out = Figure;
    type Scratch = ();

    fn name(&self) -> &'static str {
        self.measure.phase()
    }

    fn scratch(&self) {}

    fn cost(&self, (files, _): &Self::In) -> Bytes {
        let one = |file: &InputFile| {
            let Ok(peeked) = peek(&file.path, self.limits) else { return 1 << 20 };
            let decode = peeked.codec.decode_memory(&peeked.header, &DecodeOptions::default());
            file.bytes.saturating_add(decode).saturating_add(2 * peeked.header.decoded_bytes())
        };
        let pixels = self.measure.size().map_or(PIXELS as u64, Size::pixels);
        let graph = pixels.saturating_mul(self.measure.bytes());
        Bytes(one(&files[0]).saturating_add(one(&files[1])).saturating_add(graph))
    }

    fn fingerprint(&self, _: &Self::In) -> Option<Fingerprint> {
        None
    }

    fn run(
        &self,
        (files, turn): Self::In,
        (): &mut (),
        cx: &ItemCx<'_>,
    ) -> Result<Figure, ItemError> {
        let first = reduced_picture(&files[0], 0, self.limits, cx)?;
        let second = reduced_picture(&files[1], 0, self.limits, cx)?;
        cx.check()?;
        let first = geometry::turn(first, turn);
        let size = self.measure.size().unwrap_or_else(|| common(first.size(), second.size()));
        let exec = ItemExec(cx);
        let figure = brought(first, size, &exec)
            .and_then(|first| Ok((first, brought(second, size, &exec)?)))
            .and_then(|(first, second)| self.measure.of(&first, &second))
            .map_err(|error| item_error(error, self.measure.phase()))?;
        if figure.is_finite() {
            return Ok(Figure(figure));
        }
        Err(ItemError::new(ErrorKind::BadInput, "the graph gives no number"))
    }
}

/// The size of the smaller picture, or less.
fn common(first: Size, second: Size) -> Size {
    let size = if first.pixels() <= second.pixels() { first } else { second };
    let scale = (PIXELS / size.pixels().max(1) as f64).sqrt().min(1.0);
    let side = |side: u32| ((f64::from(side) * scale) as u32).max(1);
    Size::new(side(size.width), side(size.height))
}

fn brought(image: Image, size: Size, exec: &dyn Exec) -> Result<Image, ImageError> {
    if image.size() == size {
        return Ok(image);
    }
    let options = ResizeOptions { filter: Filter::CatmullRom, ..ResizeOptions::default() };
    resize::resize(&image, size, &options, exec)
}

#[cfg(test)]
mod tests {
    use pixloom_image::{Channels, Samples};

    use super::*;

    #[test]
    fn pictures_are_turned_as_the_map_says() {
        let values = [10, 20, 30, 40, 50, 60];
        let image =
            Image::new(Size::new(3, 2), Channels::Gray, Samples::U8(values.to_vec())).unwrap();
        for turn in Turn::ALL {
            let map = Transform { coefficients: unit_map(turn) };
            assert_eq!(turn_of(&map), Some(turn));
            let turned = geometry::turn(image.clone(), turn);
            let Samples::U8(samples) = turned.samples() else { panic!() };
            for (at, value) in values.iter().enumerate() {
                let from = [(at % 3) as f64 / 3.0 + 1.0 / 6.0, (at / 3) as f64 / 2.0 + 0.25];
                let [x, y] = map.map(from);
                let x = (x * f64::from(turned.width())) as usize;
                let y = (y * f64::from(turned.height())) as usize;
                assert_eq!(samples[y * turned.width() as usize + x], *value, "{turn:?}");
            }
        }
        assert_eq!(turn_of(&Transform::scaling(0.9, 1.0)), None);
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(common(Size::new(300, 200), Size::new(600, 400)), Size::new(300, 200));
        let size = common(Size::new(288, 60_000), Size::new(60_000, 60_000));
        assert!(size.pixels() as f64 <= PIXELS && size.width >= 1);
    }
}
