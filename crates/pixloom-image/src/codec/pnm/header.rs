//! The headers of PBM, PGM, PPM (Netpbm), PAM and PFM.
use crate::{Channels, Depth, ImageError, PixelFormat, Size};

/// How samples are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    /// Decimal numbers (P2, P3).
    Text,
    /// Digits 0 and 1, 1 is black (P1).
    TextBits,
    /// Eight pixels a byte, 1 is black (P4).
    Bits,
    /// One byte a sample, or two, the high one first (P5, P6, P7).
    Binary,
    /// 32-bit floats, rows from the bottom (PF, Pf).
    Float {
        /// Byte order of the floats.
        big_endian: bool,
    },
}

/// What a header says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Info {
    pub(super) size: Size,
    pub(super) channels: Channels,
    pub(super) storage: Storage,
    /// The value that means white; 1 for floats.
    pub(super) max: u16,
    /// Offset of the samples.
    pub(super) samples_at: usize,
}

impl Info {
    pub(super) const fn format(&self) -> PixelFormat {
        let depth = match self.storage {
            Storage::Float { .. } => Depth::F32,
            _ if self.max > 255 => Depth::U16,
            _ => Depth::U8,
        };
        PixelFormat::new(self.channels, depth)
    }

    /// Bits of a stored sample.
    pub(super) const fn bit_depth(&self) -> u8 {
        match self.storage {
            Storage::Float { .. } => 32,
            _ => (16 - self.max.leading_zeros()) as u8,
        }
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self, ImageError> {
        let mut words = Words { bytes, at: 2 };
        let (storage, channels) = match bytes.get(1).ok_or_else(short)? {
            b'1' => (Storage::TextBits, Channels::Gray),
            b'2' => (Storage::Text, Channels::Gray),
            b'3' => (Storage::Text, Channels::Rgb),
            b'4' => (Storage::Bits, Channels::Gray),
            b'5' => (Storage::Binary, Channels::Gray),
            b'6' => (Storage::Binary, Channels::Rgb),
            b'7' => return read_pam(words),
            b'f' => (Storage::Float { big_endian: true }, Channels::Gray),
            _ => (Storage::Float { big_endian: true }, Channels::Rgb),
        };
        let size = Size::new(words.number()?, words.number()?);
        let (storage, max) = match storage {
            Storage::Float { .. } => {
                let scale: f32 = words.parse()?;
                (Storage::Float { big_endian: scale > 0.0 }, 1)
            }
            Storage::Bits | Storage::TextBits => (storage, 1),
            _ => (storage, check_max(words.number()?)?),
        };
        Ok(Self { size, channels, storage, max, samples_at: words.at + 1 })
    }
}

fn check_max(max: u32) -> Result<u16, ImageError> {
    u16::try_from(max).ok().filter(|&max| max > 0).ok_or_else(|| {
        ImageError::corrupt(format!("a largest value of {max} is not defined for PNM"))
    })
}

/// PAM: lines of a key and a value up to `ENDHDR`.
fn read_pam(mut words: Words<'_>) -> Result<Info, ImageError> {
    let (mut size, mut depth, mut max) = (Size::new(0, 0), 0, 0);
    loop {
        match words.word()? {
            b"WIDTH" => size.width = words.number()?,
            b"HEIGHT" => size.height = words.number()?,
            b"DEPTH" => depth = words.number()?,
            b"MAXVAL" => max = words.number()?,
            b"ENDHDR" => break,
            // The channels follow from their number: TUPLTYPE adds nothing.
            b"TUPLTYPE" => words.skip_line(),
            other => {
                let other = String::from_utf8_lossy(other).into_owned();
                return Err(ImageError::corrupt(format!("`{other}` is not defined for PAM")));
            }
        }
    }
    let channels = match depth {
        1 => Channels::Gray,
        2 => Channels::GrayAlpha,
        3 => Channels::Rgb,
        4 => Channels::Rgba,
        0 => return Err(ImageError::corrupt("PAM without channels")),
        _ => {
            return Err(ImageError::unsupported(format!(
                "PAM with {depth} channels is not built in"
            )));
        }
    };
    let (max, samples_at) = (check_max(max)?, words.at + 1);
    Ok(Info { size, channels, storage: Storage::Binary, max, samples_at })
}

fn short() -> ImageError {
    ImageError::truncated("the data ends in the PNM header")
}

/// Splits text at white space; `#` begins a comment up to the end of the line.
pub(super) struct Words<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Words<'a> {
    /// The next word; it must be followed by something, or it might go on.
    fn word(&mut self) -> Result<&'a [u8], ImageError> {
        self.skip_space();
        let start = self.at;
        while self.bytes.get(self.at).ok_or_else(short)?.is_ascii_graphic() {
            self.at += 1;
            if self.at - start > 64 {
                return Err(ImageError::corrupt("a word of the PNM header is too long"));
            }
        }
        Ok(&self.bytes[start..self.at])
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b'#' => self.skip_line(),
                byte if byte.is_ascii_whitespace() => self.at += 1,
                _ => break,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        self.at += memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    }

    fn number(&mut self) -> Result<u32, ImageError> {
        self.parse()
    }

    fn parse<T: std::str::FromStr>(&mut self) -> Result<T, ImageError> {
        let word = String::from_utf8_lossy(self.word()?).into_owned();
        word.parse().ok().ok_or_else(|| {
            ImageError::corrupt(format!("`{word}` in the PNM header is not a number"))
        })
    }
}
