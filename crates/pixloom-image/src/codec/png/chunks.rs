//! Walks the chunks of a PNG file (PNG specification, section 5) without decoding pixels.
use crate::codec::metadata::{Blocks, inflate};
use crate::{Channels, Depth, ImageError, Limits, PixelFormat, Size};

pub(super) const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp";

/// One chunk: its type and data.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
    /// Offset of the byte after the chunk's CRC.
    pub(super) end: usize,
}

impl Chunk<'_> {
    /// Whether the check sum is that of type and data, which stand in `bytes`.
    fn is_sound(&self, bytes: &[u8]) -> bool {
        let sum_at = self.end - 4;
        let covered = &bytes[sum_at - self.data.len() - 4..sum_at];
        bytes[sum_at..self.end] == crc32fast::hash(covered).to_be_bytes()
    }
}

/// Iterates over whole chunks; stops before one that the data does not hold completely.
#[derive(Debug)]
pub(super) struct Chunks<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Chunks<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: SIGNATURE.len() }
    }

    /// The type of the chunk at the current place, if that much is there.
    pub(super) fn peek(&self) -> Option<[u8; 4]> {
        self.bytes.get(self.at + 4..self.at + 8)?.try_into().ok()
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let kind = self.peek()?;
        let length: [u8; 4] = self.bytes[self.at..self.at + 4].try_into().ok()?;
        let start = self.at + 8;
        let end = start.checked_add(u32::from_be_bytes(length) as usize)?;
        let data = self.bytes.get(start..end)?;
        self.bytes.get(end..end.checked_add(4)?)?;
        self.at = end + 4;
        Some(Chunk { kind, data, end: self.at })
    }
}

/// The `IHDR` chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct ImageHeader {
    pub(super) size: Size,
    pub(super) bit_depth: u8,
    pub(super) color_type: u8,
    pub(super) interlaced: bool,
}

impl ImageHeader {
    /// Reads the header chunk, which must come first.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ImageError> {
        let Some(raw) = bytes.get(8..33) else {
            return Err(ImageError::truncated("the data ends in the PNG header"));
        };
        if raw[..8] != *b"\0\0\0\x0dIHDR" {
            return Err(ImageError::corrupt("the PNG file does not begin with a header chunk"));
        }
        let side = |at: usize| u32::from_be_bytes([raw[at], raw[at + 1], raw[at + 2], raw[at + 3]]);
        let (bit_depth, color_type) = (raw[16], raw[17]);
        let allowed: &[u8] = match color_type {
            0 => &[1, 2, 4, 8, 16],
            3 => &[1, 2, 4, 8],
            2 | 4 | 6 => &[8, 16],
            _ => &[],
        };
        if !allowed.contains(&bit_depth) {
            return Err(ImageError::corrupt(format!(
                "colour type {color_type} with {bit_depth} bits is not defined for PNG"
            )));
        }
        let size = Size::new(side(8), side(12));
        if size.is_empty() {
            return Err(ImageError::corrupt(format!("the picture has no pixels ({size})")));
        }
        Ok(Self { size, bit_depth, color_type, interlaced: raw[20] == 1 })
    }

    /// Whether a `tRNS` chunk counts. As in the decoder, one that is damaged, too short, or
    /// before its palette is passed over.
    pub(super) fn is_transparent(&self, bytes: &[u8]) -> bool {
        let mut palette = false;
        Chunks::new(bytes).take_while(|chunk| chunk.kind != *b"IDAT").any(|chunk| {
            palette |= chunk.kind == *b"PLTE";
            let fits = match self.color_type {
                0 => chunk.data.len() >= 2,
                2 => chunk.data.len() >= 6,
                3 => palette,
                _ => false,
            };
            fits && chunk.kind == *b"tRNS" && chunk.is_sound(bytes)
        })
    }

    /// What a decode yields, given whether there is a `tRNS` chunk.
    pub(super) const fn format(&self, transparency: bool) -> PixelFormat {
        let channels = match (self.color_type, transparency) {
            (0, false) => Channels::Gray,
            (0, true) | (4, _) => Channels::GrayAlpha,
            (2 | 3, false) => Channels::Rgb,
            _ => Channels::Rgba,
        };
        PixelFormat::new(channels, if self.bit_depth == 16 { Depth::U16 } else { Depth::U8 })
    }

    pub(super) const fn color_model(&self) -> &'static str {
        match self.color_type {
            0 => "gray",
            2 => "RGB",
            3 => "palette",
            4 => "gray and alpha",
            _ => "RGBA",
        }
    }
}

/// What the chunks other than the pixels say.
#[derive(Debug, Default)]
pub(super) struct Ancillary {
    pub(super) blocks: Blocks,
    pub(super) notes: Vec<String>,
    has_gamma: bool,
    says_srgb: bool,
}

impl Ancillary {
    /// Collects metadata from all chunks that are there.
    pub(super) fn read(bytes: &[u8], limits: &Limits) -> Self {
        let mut found = Self::default();
        for chunk in Chunks::new(bytes) {
            found.take(&chunk, limits);
        }
        if found.has_gamma && !found.says_srgb && found.blocks.icc.is_none() {
            found.notes.push("gAMA or cHRM without an ICC profile ignored: taken as sRGB".into());
        }
        found
    }

    fn take(&mut self, chunk: &Chunk<'_>, limits: &Limits) {
        match &chunk.kind {
            b"iCCP" if self.blocks.icc.is_none() => {
                self.blocks.icc =
                    self.unpack("ICC profile", icc_payload(chunk.data).as_ref(), limits);
            }
            b"eXIf" if self.blocks.exif.is_none() => self.blocks.exif = Some(chunk.data.to_vec()),
            b"iTXt" if self.blocks.xmp.is_none() && chunk.data.starts_with(XMP_KEYWORD) => {
                self.blocks.xmp = self.unpack("XMP", xmp_payload(chunk.data).as_ref(), limits);
            }
            b"gAMA" => self.has_gamma |= chunk.data != 45455u32.to_be_bytes(),
            b"cHRM" => self.has_gamma |= !is_srgb_chromaticity(chunk.data),
            b"sRGB" => self.says_srgb = true,
            _ => {}
        }
    }

    fn unpack(
        &mut self,
        name: &str,
        payload: Option<&Payload<'_>>,
        limits: &Limits,
    ) -> Option<Vec<u8>> {
        let unpacked = match payload {
            Some(Payload::Plain(data)) => Some(data.to_vec()),
            Some(Payload::Zlib(data)) => inflate(data, limits.max_metadata_bytes),
            None => None,
        };
        if unpacked.is_none() {
            self.notes.push(format!("{name} dropped: damaged or over the limit"));
        }
        unpacked
    }
}

enum Payload<'a> {
    Plain(&'a [u8]),
    Zlib(&'a [u8]),
}

/// `iCCP`: name, 0, method 0, zlib stream.
fn icc_payload(data: &[u8]) -> Option<Payload<'_>> {
    let end = memchr::memchr(0, data)?;
    (*data.get(end + 1)? == 0).then_some(Payload::Zlib(data.get(end + 2..)?))
}

/// `iTXt`: keyword, 0, compressed?, method, language, 0, translated keyword, 0, text.
fn xmp_payload(data: &[u8]) -> Option<Payload<'_>> {
    let [0, compressed, _method, rest @ ..] = data.get(XMP_KEYWORD.len()..)? else { return None };
    let rest = &rest[memchr::memchr(0, rest)? + 1..];
    let text = &rest[memchr::memchr(0, rest)? + 1..];
    Some(if *compressed == 0 { Payload::Plain(text) } else { Payload::Zlib(text) })
}

/// Whether a `cHRM` chunk holds the primaries and white of sRGB, in 1/100000.
fn is_srgb_chromaticity(data: &[u8]) -> bool {
    const SRGB: [u32; 8] = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000];
    let (values, rest) = data.as_chunks::<4>();
    rest.is_empty()
        && values.len() == SRGB.len()
        && values.iter().zip(SRGB).all(|(raw, srgb)| u32::from_be_bytes(*raw).abs_diff(srgb) <= 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
        let body = [kind.as_slice(), data].concat();
        let length = (data.len() as u32).to_be_bytes();
        [length.as_slice(), &body, &crc32fast::hash(&body).to_be_bytes()].concat()
    }

    #[test]
    fn only_transparency_that_the_decoder_takes_counts() {
        let header = |color_type| ImageHeader {
            size: Size::new(1, 1),
            bit_depth: 8,
            color_type,
            interlaced: false,
        };
        let counts = |color_type, chunks: &[Vec<u8>]| {
            let bytes = [SIGNATURE.as_slice(), &chunks.concat()].concat();
            header(color_type).is_transparent(&bytes)
        };
        let (six, short) = (chunk(*b"tRNS", &[0; 6]), chunk(*b"tRNS", &[0, 0, 0, 255, 0, 0][..5]));
        let (palette, pixels) = (chunk(*b"PLTE", &[0; 3]), chunk(*b"IDAT", &[]));
        let mut damaged = six.clone();
        damaged[9] ^= 1;
        assert!(counts(2, std::slice::from_ref(&six)) && counts(2, &[short.clone(), six.clone()]));
        assert!(
            !counts(2, &[short])
                && !counts(2, &[damaged])
                && !counts(6, std::slice::from_ref(&six))
        );
        assert!(counts(3, &[palette.clone(), six.clone()]) && !counts(3, &[six.clone(), palette]));
        assert!(!counts(0, &[pixels, six]));
    }
}
