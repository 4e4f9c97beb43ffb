//! BMP: all Windows variants read, 8-bit gray, 24-bit RGB and 32-bit RGBA written.
mod header;
mod pixels;

use std::io::Write;

use header::{Info, Storage};

use super::metadata::Blocks;
use super::shared::{RowCount, bytes_of, require_format};
use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
};
use crate::{Channels, Depth, Exec, Image, ImageError, Limits, Orientation, PixelFormat, Samples};

/// Reads and writes BMP.
pub(super) struct Bmp;

static INFO: FormatInfo = FormatInfo {
    name: "bmp",
    extensions: &["bmp", "dib"],
    encodes: true,
    carries_icc: false,
    carries_exif: false,
    lossy: false,
};

impl Codec for Bmp {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn matches(&self, head: &[u8]) -> bool {
        // Two letters are little: the header's length must make sense, too.
        head.starts_with(b"BM") && matches!(head.get(14..18), Some([_, 0..=4, 0, 0]) | None)
    }

    fn header(&self, bytes: &[u8], _limits: &Limits) -> Result<Header, ImageError> {
        let info = Info::read(bytes)?;
        let model = match info.storage {
            Storage::Direct(_) if info.format().channels.has_alpha() => "RGBA",
            Storage::Direct(_) => "RGB",
            Storage::Indexed => "palette",
            Storage::RunLength => "run-length coded palette",
        };
        Ok(Header {
            size: info.size,
            format: info.format(),
            bit_depth: if info.bits < 8 { info.bits as u8 } else { 8 },
            frames: 1,
            orientation: Orientation::UPRIGHT,
            has_icc: info.icc.is_some(),
            color_model: model.into(),
            progressive: false,
        })
    }

    fn decode(
        &self,
        bytes: &[u8],
        options: &DecodeOptions,
        limits: &Limits,
        _exec: &dyn Exec,
    ) -> Result<Decoded, ImageError> {
        let info = Info::read(bytes)?;
        limits.check(info.size, info.format().bytes_per_pixel() as u64)?;
        let stored = bytes.get(info.pixels_at..).unwrap_or(&[]);
        let mut image = Image::zeros(info.size, info.format());
        let rows = pixels::read(&info, stored, &mut image);
        let mut concealed = None;
        if rows < info.size.height {
            let problem = format!("the data ends in stored row {rows} of {}", info.size.height);
            if !options.tolerant || rows == 0 {
                return Err(ImageError::truncated(problem));
            }
            concealed = Some(problem);
        }
        if info.surplus_colors {
            let problem = format!("a palette with more colours than {} bits can name", info.bits);
            if !options.tolerant {
                return Err(ImageError::corrupt(problem));
            }
            concealed.get_or_insert(problem);
        }
        let mut notes = Vec::new();
        let icc =
            info.icc.and_then(|(at, len)| Some(bytes.get(at..at.checked_add(len)?)?.to_vec()));
        Blocks { icc, ..Blocks::default() }.attach(&mut image, limits, &mut notes);
        Ok(Decoded { image, shrink: 1, concealed, notes })
    }

    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        let channels = match format.channels {
            Channels::GrayAlpha => Channels::Rgba,
            other => other,
        };
        PixelFormat::new(channels, Depth::U8)
    }

    fn row_memory(&self, header: &EncodeHeader, _options: &EncodeOptions) -> Option<u64> {
        Some(2 * header.row_bytes() + (1 << 20))
    }

    fn encoder<'w>(
        &self,
        header: &EncodeHeader,
        _options: &EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError> {
        require_format(header, self.accepts(header.format), "BMP")?;
        let count = RowCount::new(header)?;
        out.write_all(&head(header)?)?;
        Ok(Box::new(Sink { out, count, row: Vec::new() }))
    }
}

/// File header, info header (version 4 for alpha) and palette. Rows go from the top, so that
/// they can be written as they come: the height is negative.
fn head(header: &EncodeHeader) -> Result<Vec<u8>, ImageError> {
    let too_large = || ImageError::encode(format!("{} is too large for BMP", header.size));
    let channels = header.format.channels.count() as u64;
    let row_bytes = (u64::from(header.size.width) * channels).next_multiple_of(4);
    let (info_len, palette) = match header.format.channels {
        Channels::Gray => (40, 256),
        Channels::Rgb => (40, 0),
        _ => (108, 0),
    };
    let pixels_at = 14 + info_len + palette * 4;
    let pixel_bytes = row_bytes.saturating_mul(u64::from(header.size.height));
    let total = u64::from(pixels_at).saturating_add(pixel_bytes);
    let (Ok(total), Ok(width), Ok(height)) =
        (u32::try_from(total), i32::try_from(header.size.width), i32::try_from(header.size.height))
    else {
        return Err(too_large());
    };
    let mut out = b"BM".to_vec();
    let mut word = |value: u32| out.extend(value.to_le_bytes());
    [total, 0, pixels_at, info_len].into_iter().for_each(&mut word);
    word(width as u32);
    word(-height as u32);
    word(1 | (channels as u32 * 8) << 16); // one plane, bits per pixel
    let masked = info_len == 108;
    // Compression, bytes, 72 dpi twice, colours used and important.
    [if masked { 3 } else { 0 }, pixel_bytes as u32, 2835, 2835, palette, 0]
        .into_iter()
        .for_each(&mut word);
    if masked {
        [0xff_0000, 0xff00, 0xff, 0xff00_0000, u32::from_be_bytes(*b"sRGB")]
            .into_iter()
            .for_each(&mut word);
        [0; 12].into_iter().for_each(&mut word);
    }
    (0..palette).for_each(|gray| word(gray * 0x01_0101));
    Ok(out)
}

struct Sink<'w> {
    out: &'w mut dyn Write,
    count: RowCount,
    row: Vec<u8>,
}

impl RowSink for Sink<'_> {
    fn rows(&mut self, samples: &Samples) -> Result<(), ImageError> {
        self.count.take(samples)?;
        for row in bytes_of(samples).chunks_exact(self.count.row_len()) {
            self.row.clear();
            self.row.extend_from_slice(row);
            if self.count.channels() >= 3 {
                self.row.chunks_exact_mut(self.count.channels()).for_each(|pixel| pixel.swap(0, 2));
            }
            self.row.resize(row.len().next_multiple_of(4), 0);
            self.out.write_all(&self.row)?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ImageError> {
        self.count.finish()
    }
}
