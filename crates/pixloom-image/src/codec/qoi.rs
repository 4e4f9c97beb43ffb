//! QOI (Quite OK Image format, specification version 1.0), 8-bit RGB and RGBA.
use std::io::Write;

use super::shared::{RowCount, bytes_of, bytes_of_mut, require_format};
use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
};
use crate::{
    Channels, Depth, Exec, Image, ImageError, Limits, Orientation, PixelFormat, Samples, Size,
};

const HEADER_BYTES: usize = 14;
const END: [u8; 8] = [0, 0, 0, 0, 0, 0, 0, 1];
const INDEX: u8 = 0x00;
const DIFF: u8 = 0x40;
const LUMA: u8 = 0x80;
const RUN: u8 = 0xc0;
const RGB: u8 = 0xfe;
const RGBA: u8 = 0xff;
/// Longest run of equal pixels in one code.
const MAX_RUN: u8 = 62;

/// Reads and writes QOI.
pub(super) struct Qoi;

static INFO: FormatInfo = FormatInfo {
    name: "qoi",
    extensions: &["qoi"],
    encodes: true,
    carries_icc: false,
    carries_exif: false,
    lossy: false,
};

impl Codec for Qoi {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn matches(&self, head: &[u8]) -> bool {
        head.starts_with(b"qoif")
    }

    fn header(&self, bytes: &[u8], _limits: &Limits) -> Result<Header, ImageError> {
        let Some(head) = bytes.first_chunk::<HEADER_BYTES>() else {
            return Err(ImageError::truncated("the data ends in the QOI header"));
        };
        let side =
            |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let channels = match head[12] {
            3 => Channels::Rgb,
            4 => Channels::Rgba,
            other => {
                return Err(ImageError::corrupt(format!(
                    "{other} channels are not defined for QOI"
                )));
            }
        };
        Ok(Header {
            size: Size::new(side(4), side(8)),
            format: PixelFormat::new(channels, Depth::U8),
            bit_depth: 8,
            frames: 1,
            orientation: Orientation::UPRIGHT,
            has_icc: false,
            color_model: if channels == Channels::Rgb { "RGB" } else { "RGBA" }.into(),
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
        let header = self.header(bytes, limits)?;
        limits.check(header.size, header.format.bytes_per_pixel() as u64)?;
        let mut image = Image::zeros(header.size, header.format);
        let pixels = bytes_of_mut(image.samples_mut());
        let mut codes = Codes { bytes: &bytes[HEADER_BYTES..], at: 0 };
        let filled = match header.format.channels {
            Channels::Rgb => unpack::<3>(&mut codes, pixels),
            _ => unpack::<4>(&mut codes, pixels),
        };
        let (mut concealed, mut notes) = (None, Vec::new());
        let rest = &codes.bytes[codes.at.min(codes.bytes.len())..];
        if filled < header.size.pixels() {
            let row = filled / u64::from(header.size.width);
            let problem = format!("the data ends in row {row} of {}", header.size.height);
            if !options.tolerant || row == 0 {
                return Err(ImageError::truncated(problem));
            }
            concealed = Some(problem);
        } else if !rest.starts_with(&END) {
            notes.push("the end mark of the QOI file is missing".into());
        } else if rest.len() > END.len() {
            notes.push(format!(
                "{} bytes after the end of the QOI data ignored",
                rest.len() - END.len()
            ));
        }
        Ok(Decoded { image, shrink: 1, concealed, notes })
    }

    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        let alpha = format.channels.has_alpha();
        PixelFormat::new(Channels::Rgb.with_alpha(alpha), Depth::U8)
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
        require_format(header, self.accepts(header.format), "QOI")?;
        let count = RowCount::new(header)?;
        let channels = header.format.channels.count() as u8;
        out.write_all(b"qoif")?;
        out.write_all(&header.size.width.to_be_bytes())?;
        out.write_all(&header.size.height.to_be_bytes())?;
        out.write_all(&[channels, 0])?;
        let state = State { last: [0, 0, 0, 255], seen: [[0; 4]; 64] };
        Ok(Box::new(Sink { out, count, state, run: 0, packed: Vec::new() }))
    }
}

/// What coder and decoder know of the pixels so far.
struct State {
    last: [u8; 4],
    seen: [[u8; 4]; 64],
}

impl State {
    /// The place of a colour among those seen.
    const fn slot([r, g, b, a]: [u8; 4]) -> usize {
        (r as usize * 3 + g as usize * 5 + b as usize * 7 + a as usize * 11) % 64
    }
}

struct Codes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Codes<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    /// The next pixel and how many more are equal to it.
    fn pixel(&mut self, state: &mut State) -> Option<u8> {
        let [mut r, mut g, mut b, mut a] = state.last;
        let mut run = 0;
        match self.next()? {
            RGB => (r, g, b) = (self.next()?, self.next()?, self.next()?),
            RGBA => (r, g, b, a) = (self.next()?, self.next()?, self.next()?, self.next()?),
            code if code & 0xc0 == INDEX => [r, g, b, a] = state.seen[usize::from(code)],
            code if code & 0xc0 == DIFF => {
                let part = |shift: u32| (code >> shift & 3).wrapping_sub(2);
                (r, g, b) =
                    (r.wrapping_add(part(4)), g.wrapping_add(part(2)), b.wrapping_add(part(0)));
            }
            code if code & 0xc0 == LUMA => {
                let more = self.next()?;
                let green = (code & 0x3f).wrapping_sub(32);
                r = r.wrapping_add(green).wrapping_add((more >> 4).wrapping_sub(8));
                g = g.wrapping_add(green);
                b = b.wrapping_add(green).wrapping_add((more & 15).wrapping_sub(8));
            }
            code => run = code & 0x3f,
        }
        state.last = [r, g, b, a];
        state.seen[State::slot(state.last)] = state.last;
        Some(run)
    }
}

/// Fills `pixels` and returns how many pixels there were codes for.
fn unpack<const N: usize>(codes: &mut Codes<'_>, pixels: &mut [u8]) -> u64 {
    let mut state = State { last: [0, 0, 0, 255], seen: [[0; 4]; 64] };
    let (pixels, _) = pixels.as_chunks_mut::<N>();
    let mut at = 0;
    while at < pixels.len() {
        let Some(run) = codes.pixel(&mut state) else { break };
        let end = (at + 1 + usize::from(run)).min(pixels.len());
        for pixel in &mut pixels[at..end] {
            pixel.copy_from_slice(&state.last[..N]);
        }
        at = end;
    }
    at as u64
}

struct Sink<'w> {
    out: &'w mut dyn Write,
    count: RowCount,
    state: State,
    run: u8,
    packed: Vec<u8>,
}

impl Sink<'_> {
    fn pixel(&mut self, pixel: [u8; 4]) {
        let last = self.state.last;
        if pixel == last {
            self.run += 1;
            if self.run == MAX_RUN {
                self.end_run();
            }
            return;
        }
        self.end_run();
        self.state.last = pixel;
        let slot = State::slot(pixel);
        if self.state.seen[slot] == pixel {
            self.packed.push(INDEX | slot as u8);
            return;
        }
        self.state.seen[slot] = pixel;
        let [r, g, b, a] = pixel;
        if a != last[3] {
            self.packed.extend([RGBA, r, g, b, a]);
            return;
        }
        let (dr, dg, db) =
            (r.wrapping_sub(last[0]), g.wrapping_sub(last[1]), b.wrapping_sub(last[2]));
        let small = [dr, dg, db].map(|d| d.wrapping_add(2));
        let luma = [
            dr.wrapping_sub(dg).wrapping_add(8),
            dg.wrapping_add(32),
            db.wrapping_sub(dg).wrapping_add(8),
        ];
        if small.iter().all(|&d| d < 4) {
            self.packed.push(DIFF | small[0] << 4 | small[1] << 2 | small[2]);
        } else if luma[0] < 16 && luma[1] < 64 && luma[2] < 16 {
            self.packed.extend([LUMA | luma[1], luma[0] << 4 | luma[2]]);
        } else {
            self.packed.extend([RGB, r, g, b]);
        }
    }

    fn end_run(&mut self) {
        if self.run > 0 {
            self.packed.push(RUN | (self.run - 1));
            self.run = 0;
        }
    }

    fn flush(&mut self) -> Result<(), ImageError> {
        self.out.write_all(&self.packed)?;
        self.packed.clear();
        Ok(())
    }
}

impl RowSink for Sink<'_> {
    fn rows(&mut self, samples: &Samples) -> Result<(), ImageError> {
        let rows = self.count.take(samples)?;
        let row_bytes = self.count.row_len();
        for row in bytes_of(samples).chunks_exact(row_bytes).take(rows as usize) {
            if self.count.channels() == 3 {
                row.as_chunks::<3>().0.iter().for_each(|&[r, g, b]| self.pixel([r, g, b, 255]));
            } else {
                row.as_chunks::<4>().0.iter().for_each(|&pixel| self.pixel(pixel));
            }
            self.flush()?;
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<(), ImageError> {
        self.count.finish()?;
        self.end_run();
        self.packed.extend(END);
        self.flush()
    }
}
