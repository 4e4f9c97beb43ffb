//! What the formats share: row bookkeeping for encoders, byte order, error texts.
use std::fmt::Display;

use crate::codec::{EncodeHeader, RowSink};
use crate::{Channels, Depth, Image, ImageError, Orientation, PixelFormat, Samples, Size};

/// The message of another library's error in our style: lower case, no full stop.
pub(super) fn tidy(error: &dyn Display) -> String {
    let text = error.to_string();
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        // An abbreviation such as `CRC` stays as it is.
        (Some(first), second) if !second.is_some_and(char::is_uppercase) => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// Big-endian 16-bit samples, read in place, to the machine's order.
pub(super) fn from_big_endian(samples: &mut [u16]) {
    for sample in samples {
        *sample = u16::from_be(*sample);
    }
}

/// The samples as bytes in the machine's order.
pub(super) fn bytes_of(samples: &Samples) -> &[u8] {
    match samples {
        Samples::U8(samples) => samples,
        Samples::U16(samples) => bytemuck::cast_slice(samples),
        Samples::F32(samples) => bytemuck::cast_slice(samples),
    }
}

/// The samples as bytes in the machine's order, to be filled.
pub(super) fn bytes_of_mut(samples: &mut Samples) -> &mut [u8] {
    match samples {
        Samples::U8(samples) => samples,
        Samples::U16(samples) => bytemuck::cast_slice_mut(samples),
        Samples::F32(samples) => bytemuck::cast_slice_mut(samples),
    }
}

/// Counts the rows that an encoder gets and refuses what was not announced.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowCount {
    size: Size,
    format: PixelFormat,
    done: u32,
}

impl RowCount {
    /// For a picture of that size and format.
    ///
    /// # Errors
    /// `Encode` if the picture has no pixels.
    pub(super) fn new(header: &EncodeHeader) -> Result<Self, ImageError> {
        if header.size.is_empty() {
            return Err(ImageError::encode(format!("{} has no pixels to write", header.size)));
        }
        Ok(Self { size: header.size, format: header.format, done: 0 })
    }

    /// Samples of one row.
    pub(super) const fn row_len(&self) -> usize {
        self.size.width as usize * self.format.channels.count()
    }

    /// Samples of one pixel.
    pub(super) const fn channels(&self) -> usize {
        self.format.channels.count()
    }

    /// Accounts for `samples`; fails unless they are whole rows of the announced format.
    pub(super) fn take(&mut self, samples: &Samples) -> Result<u32, ImageError> {
        if samples.depth() != self.format.depth || !samples.len().is_multiple_of(self.row_len()) {
            return Err(ImageError::encode("the rows are not in the announced format"));
        }
        let rows = samples.len() / self.row_len();
        if rows > (self.size.height - self.done) as usize {
            return Err(ImageError::encode("more rows than announced"));
        }
        self.done += rows as u32;
        Ok(rows as u32)
    }

    /// Fails if rows are missing.
    pub(super) fn finish(&self) -> Result<(), ImageError> {
        if self.done == self.size.height {
            return Ok(());
        }
        Err(ImageError::encode(format!("only {} of {} rows came", self.done, self.size.height)))
    }
}

/// Collects a whole picture for formats that cannot be written row by row.
pub(super) struct WholePicture<W> {
    header: EncodeHeader,
    count: RowCount,
    samples: Samples,
    write: W,
}

impl<W: FnOnce(&Image) -> Result<(), ImageError>> WholePicture<W> {
    /// `write` gets the picture when all rows have come.
    pub(super) fn new(header: &EncodeHeader, write: W) -> Result<Self, ImageError> {
        let count = RowCount::new(header)?;
        let samples = Samples::zeros(header.format.depth, 0);
        Ok(Self { header: header.clone(), count, samples, write })
    }
}

impl<W: FnOnce(&Image) -> Result<(), ImageError>> RowSink for WholePicture<W> {
    fn rows(&mut self, samples: &Samples) -> Result<(), ImageError> {
        self.count.take(samples)?;
        match (&mut self.samples, samples) {
            (Samples::U8(all), Samples::U8(more)) => all.extend_from_slice(more),
            (Samples::U16(all), Samples::U16(more)) => all.extend_from_slice(more),
            (Samples::F32(all), Samples::F32(more)) => all.extend_from_slice(more),
            _ => return Err(ImageError::encode("the rows are not in the announced format")),
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ImageError> {
        self.count.finish()?;
        let mut image = Image::new(self.header.size, self.header.format.channels, self.samples)?;
        image.color_space = self.header.color_space;
        image.metadata = self.header.metadata;
        (self.write)(&image)
    }
}

/// Fails unless `codec` can be given rows of this format as they are.
pub(super) fn require_format(
    header: &EncodeHeader,
    accepted: PixelFormat,
    name: &str,
) -> Result<(), ImageError> {
    if header.format == accepted {
        return Ok(());
    }
    let describe = |format: PixelFormat| {
        let channels = match format.channels {
            Channels::Gray => "gray",
            Channels::GrayAlpha => "gray and alpha",
            Channels::Rgb => "RGB",
            Channels::Rgba => "RGBA",
        };
        let depth = match format.depth {
            Depth::U8 => "8 bit",
            Depth::U16 => "16 bit",
            Depth::F32 => "32-bit float",
        };
        format!("{channels} of {depth}")
    };
    Err(ImageError::encode(format!("{name} cannot hold {}", describe(header.format)))
        .with_hint(format!("convert the picture to {}", describe(accepted))))
}

/// The picture turned upright; `None` if it is.
pub(super) fn upright(image: &Image) -> Result<Option<Image>, ImageError> {
    let orientation = image.metadata.orientation;
    if orientation.is_upright() {
        return Ok(None);
    }
    let stored = image.size();
    let size = if orientation.swaps_sides() { stored.transposed() } else { stored };
    let count = image.channels().count();
    let samples = match image.samples() {
        Samples::U8(samples) => Samples::U8(turn(samples, stored, count, orientation)),
        Samples::U16(samples) => Samples::U16(turn(samples, stored, count, orientation)),
        Samples::F32(samples) => Samples::F32(turn(samples, stored, count, orientation)),
    };
    let mut turned = image.with_pixels(size, image.channels(), samples)?;
    turned.metadata.orientation = Orientation::UPRIGHT;
    Ok(Some(turned))
}

fn turn<T: Copy>(samples: &[T], stored: Size, count: usize, orientation: Orientation) -> Vec<T> {
    let (width, height) = (stored.width as usize, stored.height as usize);
    let swaps = orientation.swaps_sides();
    let (columns, rows) = if swaps { (height, width) } else { (width, height) };
    let mut out = Vec::with_capacity(samples.len());
    for y in 0..rows {
        for x in 0..columns {
            // Which stored pixel is seen at (x, y): EXIF 2.3, tag 0x0112.
            let (from_x, from_y) = match orientation.exif() {
                2 => (width - 1 - x, y),
                3 => (width - 1 - x, height - 1 - y),
                4 => (x, height - 1 - y),
                5 => (y, x),
                6 => (y, height - 1 - x),
                7 => (width - 1 - y, height - 1 - x),
                8 => (width - 1 - y, x),
                _ => (x, y),
            };
            let at = (from_y * width + from_x) * count;
            out.extend_from_slice(&samples[at..at + count]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_messages_fit_our_style() {
        assert_eq!(tidy(&"Chunk is bad."), "chunk is bad");
        assert_eq!(tidy(&"CRC error"), "CRC error");
        assert_eq!(tidy(&""), "");
    }

    #[test]
    fn turning_follows_exif() {
        let samples = [1, 2, 3, 4, 5, 6]; // 3 wide, 2 high
        let turned = |value| turn(&samples, Size::new(3, 2), 1, Orientation::from_exif(value));
        assert_eq!(turned(2), [3, 2, 1, 6, 5, 4]);
        assert_eq!(turned(3), [6, 5, 4, 3, 2, 1]);
        assert_eq!(turned(5), [1, 4, 2, 5, 3, 6]);
        assert_eq!(turned(6), [4, 1, 5, 2, 6, 3]); // a quarter turn clockwise
        assert_eq!(turned(8), [3, 6, 2, 5, 1, 4]);
    }
}
