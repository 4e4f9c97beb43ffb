//! PNG writing in bands that are filtered and compressed apart from each other.
//!
//! Bands depend on the picture's size alone, so the bytes are the same whether rows come one
//! by one or bands are compressed at the same time.
use std::io::Write;
use std::sync::Mutex;

use flate2::{Compress, Compression, FlushCompress};
use simd_adler32::Adler32;

use super::chunks::SIGNATURE;
use super::deflate::{LAST_BLOCK, huffman_band, zlib_band};
use super::filter::{RowFilter, Strategy};
use crate::codec::metadata::exif_to_write;
use crate::codec::shared::RowCount;
use crate::codec::{EncodeHeader, EncodeOptions, RowSink};
use crate::{Channels, ColorSpace, Depth, Exec, Image, ImageError, Samples, Serial};

/// Rows of a band together, before filtering. zlib's window of 32 KiB starts anew in each.
pub(super) const BAND_BYTES: usize = 1 << 20;
/// Bands that are compressed before any is written.
const BANDS_AT_A_TIME: usize = 32;
/// The same where the picture comes in rows, of which few should wait.
pub(super) const GROUP: usize = 8;

/// How a band is filtered and compressed; of several ways the smallest result stays.
#[derive(Debug, Clone, Copy)]
struct Effort {
    strategies: &'static [Strategy],
    zlib: Zlib,
}

/// When zlib is tried beside the zero-run coder. On photographs the zero-run coder nearly
/// always wins, as short matches cost more than they save.
#[derive(Debug, Clone, Copy)]
enum Zlib {
    Never,
    /// At this level, for bands that turn out to be repetitive.
    Repetitive(u32),
    /// At this level, always.
    Always(u32),
}

impl Effort {
    const fn new(effort: u8) -> Self {
        use Strategy::{Plain, SmallestEntropy, SmallestSum, Up};
        let (strategies, zlib): (&[Strategy], Zlib) = match effort {
            0 => (&[Up], Zlib::Never),
            1 => (&[Up], Zlib::Repetitive(3)),
            2 => (&[SmallestSum], Zlib::Repetitive(4)),
            3 => (&[SmallestSum], Zlib::Repetitive(6)),
            4 => (&[SmallestSum], Zlib::Always(4)),
            5 => (&[SmallestSum], Zlib::Always(6)),
            6 => (&[SmallestSum, Plain], Zlib::Always(6)),
            7 => (&[SmallestSum, Plain, SmallestEntropy], Zlib::Always(6)),
            8 => (&[SmallestSum, Plain, SmallestEntropy], Zlib::Always(8)),
            _ => (&[SmallestSum, Plain, SmallestEntropy, Up], Zlib::Always(9)),
        };
        Self { strategies, zlib }
    }

    /// Compresses filtered rows.
    fn pack(self, filtered: &[u8]) -> Result<Vec<u8>, ImageError> {
        let fast = huffman_band(filtered);
        let level = match self.zlib {
            Zlib::Always(level) => level,
            Zlib::Repetitive(level) if fast.zeros > filtered.len() / 3 => level,
            _ => return Ok(fast.packed),
        };
        let packed = zlib_band(filtered, level)?;
        Ok(if packed.len() < fast.packed.len() { packed } else { fast.packed })
    }
}

/// The shape of the rows and how they are cut into bands.
#[derive(Debug, Clone, Copy)]
struct Plan {
    effort: Effort,
    row_bytes: usize,
    bytes_per_pixel: usize,
    rows_per_band: usize,
}

impl Plan {
    fn new(header: &EncodeHeader, options: EncodeOptions) -> Self {
        let effort = Effort::new(options.effort);
        let bytes_per_pixel = header.format.bytes_per_pixel();
        let row_bytes = header.size.width as usize * bytes_per_pixel;
        let rows_per_band = (BAND_BYTES / row_bytes).max(1);
        Self { effort, row_bytes, bytes_per_pixel, rows_per_band }
    }

    const fn band_bytes(&self) -> usize {
        self.row_bytes * self.rows_per_band
    }

    /// Filters and compresses `rows`; `above` is the row before them.
    fn compress(&self, above: &[u8], rows: &[u8]) -> Result<Band, ImageError> {
        let mut best: Option<Band> = None;
        for &strategy in self.effort.strategies {
            let band = self.compress_with(strategy, above, rows)?;
            if best.as_ref().is_none_or(|best| band.packed.len() < best.packed.len()) {
                best = Some(band);
            }
        }
        best.ok_or_else(|| ImageError::encode("no filter to try"))
    }

    fn compress_with<'a>(
        &self,
        strategy: Strategy,
        mut above: &'a [u8],
        rows: &'a [u8],
    ) -> Result<Band, ImageError> {
        let mut filter = RowFilter::new(strategy, self.bytes_per_pixel);
        let mut filtered = Vec::with_capacity(rows.len() + rows.len() / self.row_bytes);
        for row in rows.chunks_exact(self.row_bytes) {
            filter.push(above, row, &mut filtered);
            above = row;
        }
        let mut adler = Adler32::new();
        adler.write(&filtered);
        let packed = self.effort.pack(&filtered)?;
        Ok(Band { packed, adler: adler.finish(), len: filtered.len() as u64 })
    }
}

/// One compressed band.
struct Band {
    packed: Vec<u8>,
    adler: u32,
    len: u64,
}

/// Writes chunks and keeps the check sum of the zlib stream over all bands.
struct Stream<'w> {
    out: &'w mut dyn Write,
    adler: u32,
    begun: bool,
}

impl Stream<'_> {
    fn band(&mut self, band: &Band) -> Result<(), ImageError> {
        // zlib header: 32 KiB window, no dictionary, check bits.
        let head: &[u8] = if self.begun { &[] } else { &[0x78, 0x01] };
        self.begun = true;
        self.adler = combine_adler(self.adler, band.adler, band.len);
        write_chunk(self.out, *b"IDAT", &[head, &band.packed])
    }

    fn end(&mut self) -> Result<(), ImageError> {
        write_chunk(self.out, *b"IDAT", &[&LAST_BLOCK, &self.adler.to_be_bytes()])?;
        write_chunk(self.out, *b"IEND", &[])
    }
}

/// The Adler-32 of two pieces put together, from theirs and the second's length (RFC 1950).
fn combine_adler(first: u32, second: u32, second_len: u64) -> u32 {
    const BASE: u64 = 65521;
    let (a1, b1) = (u64::from(first & 0xffff), u64::from(first >> 16));
    let (a2, b2) = (u64::from(second & 0xffff), u64::from(second >> 16));
    let a = (a1 + a2 + BASE - 1) % BASE;
    let b = (b1 + b2 + (second_len % BASE) * (a1 + BASE - 1)) % BASE;
    (b << 16 | a) as u32
}

fn write_chunk(out: &mut dyn Write, kind: [u8; 4], parts: &[&[u8]]) -> Result<(), ImageError> {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    let len = i32::try_from(len).ok();
    let len = len.ok_or_else(|| ImageError::encode("a PNG chunk would be over 2 GiB"))?;
    let mut crc = crc32fast::Hasher::new();
    out.write_all(&len.to_be_bytes())?;
    out.write_all(&kind)?;
    crc.update(&kind);
    for part in parts {
        out.write_all(part)?;
        crc.update(part);
    }
    out.write_all(&crc.finalize().to_be_bytes())?;
    Ok(())
}

fn write_head(header: &EncodeHeader, out: &mut dyn Write) -> Result<(), ImageError> {
    if header.size.long_edge() > i32::MAX as u32 {
        return Err(ImageError::encode("a side is longer than PNG allows"));
    }
    let bit_depth = if header.format.depth == Depth::U16 { 16 } else { 8 };
    let color_type = match header.format.channels {
        Channels::Gray => 0,
        Channels::Rgb => 2,
        Channels::GrayAlpha => 4,
        Channels::Rgba => 6,
    };
    out.write_all(&SIGNATURE)?;
    let (width, height) = (header.size.width.to_be_bytes(), header.size.height.to_be_bytes());
    write_chunk(out, *b"IHDR", &[&width, &height, &[bit_depth, color_type, 0, 0, 0]])?;
    if let ColorSpace::Icc(icc) = &header.color_space {
        write_chunk(out, *b"iCCP", &[b"ICC profile\0\0", &deflate_icc(icc)?])?;
    }
    if let Some(exif) = exif_to_write(&header.metadata) {
        write_chunk(out, *b"eXIf", &[&exif])?;
    }
    if let Some(xmp) = &header.metadata.xmp {
        write_chunk(out, *b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", xmp])?;
    }
    Ok(())
}

fn deflate_icc(icc: &[u8]) -> Result<Vec<u8>, ImageError> {
    let mut out = Vec::with_capacity(icc.len() + icc.len() / 1000 + 64);
    Compress::new(Compression::new(6), true)
        .compress_vec(icc, &mut out, FlushCompress::Finish)
        .map_err(|error| ImageError::encode("deflate failed").with_source(error))?;
    Ok(out)
}

/// Copies samples as PNG bytes, most significant first.
fn push_bytes(samples: &Samples, from: usize, to: usize, out: &mut Vec<u8>) {
    match samples {
        Samples::U8(samples) => out.extend_from_slice(&samples[from..to]),
        Samples::U16(samples) => {
            out.extend(samples[from..to].iter().flat_map(|sample| sample.to_be_bytes()));
        }
        Samples::F32(_) => {} // refused before any row is taken
    }
}

/// Takes rows, writes bands.
pub(super) struct Sink<'w> {
    stream: Stream<'w>,
    plan: Plan,
    count: RowCount,
    /// The last row of the band before.
    above: Vec<u8>,
    /// Rows that wait, from the beginning of a band.
    waiting: Vec<u8>,
}

impl<'w> Sink<'w> {
    pub(super) fn new(
        header: &EncodeHeader,
        options: EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Self, ImageError> {
        let count = RowCount::new(header)?;
        write_head(header, out)?;
        let plan = Plan::new(header, options);
        let stream = Stream { out, adler: 1, begun: false };
        Ok(Self { stream, plan, count, above: vec![0; plan.row_bytes], waiting: Vec::new() })
    }

    /// Takes rows and writes whenever `group` bands are full.
    fn take(&mut self, samples: &Samples, group: usize, exec: &dyn Exec) -> Result<(), ImageError> {
        let rows = self.count.take(samples)? as usize;
        let row_len = self.count.row_len();
        let mut row = 0;
        while row < rows {
            let waiting = self.waiting.len() / self.plan.row_bytes;
            let room = (group * self.plan.rows_per_band).saturating_sub(waiting);
            let take = room.min(rows - row);
            push_bytes(samples, row * row_len, (row + take) * row_len, &mut self.waiting);
            row += take;
            if take == room {
                self.flush(exec)?;
            }
        }
        Ok(())
    }

    /// Compresses all rows that wait.
    fn flush(&mut self, exec: &dyn Exec) -> Result<(), ImageError> {
        let rows: Vec<&[u8]> = self.waiting.chunks(self.plan.band_bytes()).collect();
        let above = |band: usize| match band.checked_sub(1) {
            Some(before) => &rows[before][rows[before].len() - self.plan.row_bytes..],
            None => &self.above[..],
        };
        compress_all(rows.len(), exec, &mut self.stream, |band| {
            self.plan.compress(above(band), rows[band])
        })?;
        let last_row = self.waiting.len().saturating_sub(self.plan.row_bytes);
        self.above.copy_from_slice(&self.waiting[last_row..]);
        self.waiting.clear();
        Ok(())
    }
}

impl RowSink for Sink<'_> {
    fn rows(&mut self, samples: &Samples) -> Result<(), ImageError> {
        self.take(samples, 1, &Serial)
    }

    fn rows_with(&mut self, samples: &Samples, exec: &dyn Exec) -> Result<(), ImageError> {
        self.take(samples, GROUP, exec)
    }

    fn finish(mut self: Box<Self>) -> Result<(), ImageError> {
        self.count.finish()?;
        if !self.waiting.is_empty() {
            self.flush(&Serial)?;
        }
        self.stream.end()
    }
}

/// Compresses bands at the same time and writes them in order.
fn compress_all(
    bands: usize,
    exec: &dyn Exec,
    stream: &mut Stream<'_>,
    compress: impl Fn(usize) -> Result<Band, ImageError> + Sync,
) -> Result<(), ImageError> {
    let done: Vec<Mutex<Option<Result<Band, ImageError>>>> =
        (0..bands).map(|_| Mutex::new(None)).collect();
    exec.for_each(bands, &|part| {
        let band = compress(part);
        if let Ok(mut slot) = done[part].lock() {
            *slot = Some(band);
        }
    });
    for slot in done {
        let band = slot.into_inner().ok().flatten();
        stream.band(&band.ok_or_else(|| ImageError::encode("a band was not compressed"))??)?;
    }
    Ok(())
}

/// Writes a whole picture, bands at the same time.
pub(super) fn encode(
    image: &Image,
    options: EncodeOptions,
    exec: &dyn Exec,
    out: &mut dyn Write,
) -> Result<(), ImageError> {
    let header = EncodeHeader::of(image);
    RowCount::new(&header)?;
    write_head(&header, out)?;
    let plan = Plan::new(&header, options);
    let mut stream = Stream { out, adler: 1, begun: false };
    let bands = (image.height() as usize).div_ceil(plan.rows_per_band);
    for first in (0..bands).step_by(BANDS_AT_A_TIME) {
        if exec.is_stopped() {
            return Err(ImageError::encode("stopped"));
        }
        let parts = BANDS_AT_A_TIME.min(bands - first);
        compress_all(parts, exec, &mut stream, |part| compress_band(image, &plan, first + part))?;
    }
    stream.end()
}

fn compress_band(image: &Image, plan: &Plan, band: usize) -> Result<Band, ImageError> {
    let row_len = image.row_len();
    let first = band * plan.rows_per_band;
    let last = (first + plan.rows_per_band).min(image.height() as usize);
    let no_row = vec![0; plan.row_bytes];
    if let Samples::U8(samples) = image.samples() {
        let above =
            if first == 0 { &no_row } else { &samples[(first - 1) * row_len..first * row_len] };
        return plan.compress(above, &samples[first * row_len..last * row_len]);
    }
    let (mut above, mut rows) = (Vec::new(), Vec::with_capacity(plan.band_bytes()));
    if first > 0 {
        push_bytes(image.samples(), (first - 1) * row_len, first * row_len, &mut above);
    }
    push_bytes(image.samples(), first * row_len, last * row_len, &mut rows);
    plan.compress(if first == 0 { &no_row } else { &above }, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adler_of_pieces_is_that_of_the_whole() {
        let data: Vec<u8> = (0..200_000u64).map(|i| ((i * i) >> 3) as u8).collect();
        let sum = |data: &[u8]| {
            let mut adler = Adler32::new();
            adler.write(data);
            adler.finish()
        };
        for cut in [0, 1, 65_521, 100_000, 200_000] {
            let (a, b) = data.split_at(cut);
            assert_eq!(combine_adler(sum(a), sum(b), b.len() as u64), sum(&data));
        }
    }

    #[test]
    fn rows_give_the_same_bytes_however_they_come() {
        let size = crate::Size::new(3000, 1100);
        let samples: Vec<u8> =
            (0..3000 * 1100_u32).map(|i| (i.wrapping_mul(i) >> 9) as u8).collect();
        let image = Image::new(size, Channels::Gray, Samples::U8(samples.clone())).unwrap();
        let (header, options) = (EncodeHeader::of(&image), EncodeOptions::default());
        let mut whole = Vec::new();
        encode(&image, options, &Serial, &mut whole).unwrap();
        for (rows, with) in [(1, false), (37, true), (700, true), (1100, true), (1100, false)] {
            let mut out = Vec::new();
            let mut sink = Box::new(Sink::new(&header, options, &mut out).unwrap());
            for part in samples.chunks(3000 * rows) {
                let part = Samples::U8(part.to_vec());
                if with { sink.rows_with(&part, &Serial) } else { sink.rows(&part) }.unwrap();
            }
            sink.finish().unwrap();
            assert!(out == whole, "{rows} rows at a time");
        }
    }
}
