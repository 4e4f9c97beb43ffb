//! The headers of a BMP file: OS/2 core, Windows info and its later versions.
use crate::{Channels, Depth, ImageError, PixelFormat, Size};

const FILE_HEADER_BYTES: usize = 14;

/// How the pixels are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    /// Indices of 1, 2, 4 or 8 bit into the palette.
    Indexed,
    /// 16, 24 or 32 bit with masks.
    Direct(Masks),
    /// Run-length coded indices of 4 or 8 bit.
    RunLength,
}

/// Which bits of a pixel hold red, green, blue and alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Masks(pub(super) [u32; 4]);

/// What a BMP file says before its pixels.
#[derive(Debug)]
pub(super) struct Info {
    pub(super) size: Size,
    pub(super) bits: u16,
    pub(super) storage: Storage,
    pub(super) top_down: bool,
    /// Red, green and blue of each index.
    pub(super) palette: Vec<[u8; 3]>,
    /// Whether the file says that it has more colours than there are indices.
    pub(super) surplus_colors: bool,
    /// Offset of the pixels.
    pub(super) pixels_at: usize,
    /// Place of an embedded ICC profile.
    pub(super) icc: Option<(usize, usize)>,
}

impl Info {
    /// Bytes of a stored row, padded to four.
    pub(super) const fn row_bytes(&self) -> u64 {
        (self.size.width as u64 * self.bits as u64).div_ceil(32) * 4
    }

    /// Palettes of grays only give gray pictures.
    pub(super) fn format(&self) -> PixelFormat {
        let gray = self.palette.iter().all(|[r, g, b]| r == g && g == b);
        let channels = match self.storage {
            Storage::Direct(Masks([.., alpha])) if alpha != 0 => Channels::Rgba,
            Storage::Direct(_) => Channels::Rgb,
            _ if gray => Channels::Gray,
            _ => Channels::Rgb,
        };
        PixelFormat::new(channels, Depth::U8)
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, ImageError> {
        let raw = Raw(bytes);
        let header_len = raw.u32(14)? as usize;
        let core = header_len == 12;
        if !(core || (16..=1024).contains(&header_len)) {
            return Err(ImageError::corrupt(format!(
                "a BMP header of {header_len} bytes is not defined"
            )));
        }
        let header_end = FILE_HEADER_BYTES + header_len;
        let field = |at: usize| if at + 4 <= header_end { raw.u32(at) } else { Ok(0) };
        let (width, height, bits) = if core {
            (i32::from(raw.u16(18)?), i32::from(raw.u16(20)?), raw.u16(24)?)
        } else {
            (raw.u32(18)? as i32, raw.u32(22)? as i32, raw.u16(28)?)
        };
        if width <= 0 || height == 0 || height == i32::MIN {
            return Err(ImageError::corrupt(format!("the BMP picture is {width}x{height}")));
        }
        let compression = if core { 0 } else { field(30)? };
        let storage = storage(&raw, header_len, (compression, bits))?;
        let direct = matches!(storage, Storage::Direct(_));
        let used = if core { 0 } else { field(46)? };
        let (palette, palette_end) = if direct {
            (Vec::new(), header_end)
        } else {
            read_palette(&raw, header_end, if core { 3 } else { 4 }, (bits, used))?
        };
        let pixels_at = raw.u32(10)? as usize;
        let icc = (header_len >= 124 && field(70)? == u32::from_be_bytes(*b"MBED"))
            .then(|| {
                Ok::<_, ImageError>((
                    FILE_HEADER_BYTES + field(126)? as usize,
                    field(130)? as usize,
                ))
            })
            .transpose()?;
        Ok(Self {
            size: Size::new(width as u32, height.unsigned_abs()),
            bits,
            storage,
            top_down: height < 0,
            palette,
            surplus_colors: !direct && used > 1 << bits,
            // Some writers leave the offset empty.
            pixels_at: if pixels_at < header_end { palette_end } else { pixels_at },
            icc,
        })
    }
}

fn storage(
    raw: &Raw<'_>,
    header_len: usize,
    (compression, bits): (u32, u16),
) -> Result<Storage, ImageError> {
    let masks = |with_alpha: bool| -> Result<Masks, ImageError> {
        let alpha = if with_alpha { raw.u32(66)? } else { 0 };
        Ok(Masks([raw.u32(54)?, raw.u32(58)?, raw.u32(62)?, alpha]))
    };
    Ok(match (compression, bits) {
        (0, 1 | 2 | 4 | 8) => Storage::Indexed,
        (0, 16) => Storage::Direct(Masks([0x7c00, 0x3e0, 0x1f, 0])),
        (0, 24 | 32) => Storage::Direct(Masks([0xff_0000, 0xff00, 0xff, 0])),
        (1, 8) | (2, 4) => Storage::RunLength,
        (3, 16 | 32) => Storage::Direct(masks(header_len >= 56)?),
        (6, 16 | 32) => Storage::Direct(masks(true)?),
        (3, 1) | (4, 24) => {
            return Err(ImageError::rare_coding("OS/2 compression of BMP is not built in"));
        }
        (4, _) => return Err(ImageError::rare_coding("JPEG inside BMP is not built in")),
        (5, _) => return Err(ImageError::rare_coding("PNG inside BMP is not built in")),
        _ => {
            return Err(ImageError::corrupt(format!(
                "BMP compression {compression} with {bits} bits is not defined"
            )));
        }
    })
}

/// The palette and the offset after it.
fn read_palette(
    raw: &Raw<'_>,
    at: usize,
    entry_bytes: usize,
    (bits, used): (u16, u32),
) -> Result<(Vec<[u8; 3]>, usize), ImageError> {
    let most = 1usize << bits;
    let mut count = if used == 0 { most } else { (used as usize).min(most) };
    let pixels_at = raw.u32(10)? as usize;
    if pixels_at > at {
        count = count.min((pixels_at - at) / entry_bytes);
    }
    let end = at + count * entry_bytes;
    let entries = raw.0.get(at..end).ok_or_else(short)?;
    let palette = entries.chunks_exact(entry_bytes).map(|entry| [entry[2], entry[1], entry[0]]);
    Ok((palette.collect(), end))
}

fn short() -> ImageError {
    ImageError::truncated("the data ends in the BMP header")
}

struct Raw<'a>(&'a [u8]);

impl Raw<'_> {
    fn u16(&self, at: usize) -> Result<u16, ImageError> {
        let raw = self.0.get(at..at + 2).ok_or_else(short)?;
        Ok(u16::from_le_bytes([raw[0], raw[1]]))
    }

    fn u32(&self, at: usize) -> Result<u32, ImageError> {
        let raw = self.0.get(at..at + 4).ok_or_else(short)?;
        Ok(u32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]))
    }
}
