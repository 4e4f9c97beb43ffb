//! Calls one generic function for whatever sample type and channels a picture has.
use crate::sample::Sample;
use crate::{Image, Samples};

/// A function that is generic over the sample type `T` and the channels `C`.
pub(crate) trait Visitor {
    /// What it returns.
    type Output;
    /// Does the work on the pixels, row by row from the top.
    fn visit<T: Sample, const C: usize>(self, pixels: &[[T; C]]) -> Self::Output;
}

/// Calls `visitor` with the pixels of `image`.
pub(crate) fn visit<V: Visitor>(image: &Image, visitor: V) -> V::Output {
    let channels = image.channels().count();
    match image.samples() {
        Samples::U8(samples) => by_channels(samples, channels, visitor),
        Samples::U16(samples) => by_channels(samples, channels, visitor),
        Samples::F32(samples) => by_channels(samples, channels, visitor),
    }
}

fn by_channels<T: Sample, V: Visitor>(samples: &[T], channels: usize, visitor: V) -> V::Output {
    match channels {
        1 => visitor.visit(samples.as_chunks::<1>().0),
        2 => visitor.visit(samples.as_chunks::<2>().0),
        3 => visitor.visit(samples.as_chunks::<3>().0),
        _ => visitor.visit(samples.as_chunks::<4>().0),
    }
}
