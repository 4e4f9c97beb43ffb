//! PBM, PGM, PPM, PAM (Netpbm's documentation) and PFM (P. Debevec's float map).
mod header;
mod samples;

use std::io::Write;

use header::Info;

use super::shared::{RowCount, WholePicture, require_format};
use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
};
use crate::{Channels, Depth, Exec, Image, ImageError, Limits, Orientation, PixelFormat, Samples};

/// Reads and writes the PNM family; which member is written follows from the channels.
pub(super) struct Pnm;

static INFO: FormatInfo = FormatInfo {
    name: "pnm",
    extensions: &["pnm", "ppm", "pgm", "pbm", "pam", "pfm"],
    encodes: true,
    carries_icc: false,
    carries_exif: false,
    lossy: false,
};

impl Codec for Pnm {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn matches(&self, head: &[u8]) -> bool {
        matches!(head, [b'P', b'1'..=b'7' | b'F' | b'f', next, ..]
            if next.is_ascii_whitespace() || *next == b'#')
    }

    fn header(&self, bytes: &[u8], _limits: &Limits) -> Result<Header, ImageError> {
        let info = Info::read(bytes)?;
        let model = match info.channels {
            Channels::Gray => "gray",
            Channels::GrayAlpha => "gray and alpha",
            Channels::Rgb => "RGB",
            Channels::Rgba => "RGBA",
        };
        Ok(Header {
            size: info.size,
            format: info.format(),
            bit_depth: info.bit_depth(),
            frames: 1,
            orientation: Orientation::UPRIGHT,
            has_icc: false,
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
        let mut image = Image::zeros(info.size, info.format());
        let stored = bytes.get(info.samples_at..).unwrap_or(&[]);
        let read = samples::read(&info, stored, &mut image)?;
        let row = (read.samples / image.row_len()) as u32;
        let (mut concealed, mut notes) = (None, Vec::new());
        if row < info.size.height {
            let problem = format!("the data ends in row {row} of {}", info.size.height);
            if !options.tolerant || row == 0 {
                return Err(ImageError::truncated(problem));
            }
            concealed = Some(problem);
        } else if read.trailing > 0 {
            notes.push(format!("{} bytes after the end of the PNM data ignored", read.trailing));
        }
        Ok(Decoded { image, shrink: 1, concealed, notes })
    }

    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        let float_alpha = format.depth == Depth::F32 && format.channels.has_alpha();
        let depth = if float_alpha { Depth::U16 } else { format.depth };
        PixelFormat::new(format.channels, depth)
    }

    fn row_memory(&self, header: &EncodeHeader, _options: &EncodeOptions) -> Option<u64> {
        (header.format.depth != Depth::F32).then_some(2 * header.row_bytes() + (1 << 20))
    }

    fn encoder<'w>(
        &self,
        header: &EncodeHeader,
        _options: &EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError> {
        require_format(header, self.accepts(header.format), "PNM")?;
        if header.format.depth == Depth::F32 {
            // PFM begins with the lowest row.
            return Ok(Box::new(WholePicture::new(header, |image| write_float(image, out))?));
        }
        let count = RowCount::new(header)?;
        out.write_all(head(header).as_bytes())?;
        Ok(Box::new(Sink { out, count }))
    }

    fn encode(
        &self,
        image: &Image,
        options: &EncodeOptions,
        _exec: &dyn Exec,
        out: &mut dyn Write,
    ) -> Result<(), ImageError> {
        let header = EncodeHeader::of(image);
        if image.depth() == Depth::F32 && self.accepts(image.format()) == image.format() {
            RowCount::new(&header)?;
            return write_float(image, out);
        }
        let mut sink = self.encoder(&header, options, out)?;
        sink.rows(image.samples())?;
        sink.finish()
    }
}

fn head(header: &EncodeHeader) -> String {
    let (width, height) = (header.size.width, header.size.height);
    let max = if header.format.depth == Depth::U8 { 255 } else { 65535 };
    let (depth, kind) = match header.format.channels {
        Channels::Gray => return format!("P5\n{width} {height}\n{max}\n"),
        Channels::Rgb => return format!("P6\n{width} {height}\n{max}\n"),
        Channels::GrayAlpha => (2, "GRAYSCALE_ALPHA"),
        Channels::Rgba => (4, "RGB_ALPHA"),
    };
    format!(
        "P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH {depth}\nMAXVAL {max}\nTUPLTYPE {kind}\nENDHDR\n"
    )
}

fn write_float(image: &Image, out: &mut dyn Write) -> Result<(), ImageError> {
    let Samples::F32(samples) = image.samples() else {
        return Err(ImageError::encode("PFM holds floats only"));
    };
    let kind = if image.channels() == Channels::Gray { "Pf" } else { "PF" };
    write!(out, "{kind}\n{} {}\n-1.0\n", image.width(), image.height())?; // minus: little-endian
    for row in samples.chunks_exact(image.row_len()).rev() {
        let bytes: Vec<u8> = row.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        out.write_all(&bytes)?;
    }
    Ok(())
}

struct Sink<'w> {
    out: &'w mut dyn Write,
    count: RowCount,
}

impl RowSink for Sink<'_> {
    fn rows(&mut self, samples: &Samples) -> Result<(), ImageError> {
        self.count.take(samples)?;
        match samples {
            Samples::U8(samples) => self.out.write_all(samples)?,
            Samples::U16(samples) => {
                for row in samples.chunks(self.count.row_len()) {
                    let bytes: Vec<u8> =
                        row.iter().flat_map(|sample| sample.to_be_bytes()).collect();
                    self.out.write_all(&bytes)?;
                }
            }
            Samples::F32(_) => return Err(ImageError::encode("floats are written as PFM only")),
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), ImageError> {
        self.count.finish()
    }
}
