//! Reads as much of a file as its header needs.
use std::fs::File;
use std::io::Read;
use std::path::Path;

use pixloom_image::codec::{self, Codec, Header};
use pixloom_image::{ImageError, ImageErrorKind, Limits};

/// Enough for the header of nearly every file: camera JPEGs have their thumbnails before it.
const FIRST_READ: usize = 64 << 10;

/// What the beginning of a file says.
#[derive(Clone)]
pub struct Peeked {
    /// The format of its content.
    pub codec: &'static dyn Codec,
    /// Its header.
    pub header: Header,
}

impl std::fmt::Debug for Peeked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Peeked({}, {:?})", self.codec.info().name, self.header)
    }
}

/// Reads the header of a file, and no more of the file than that takes.
///
/// # Errors
/// As the codecs'; `Io` if the file cannot be read.
pub fn peek(path: &Path, limits: &Limits) -> Result<Peeked, ImageError> {
    let mut file = File::open(path)?;
    let mut head = Vec::with_capacity(FIRST_READ);
    let mut wanted = FIRST_READ;
    loop {
        let missing = (wanted - head.len()) as u64;
        file.by_ref().take(missing).read_to_end(&mut head)?;
        let is_whole = head.len() < wanted;
        let codec = codec::detect_or_error(&head)?;
        match codec.header(&head, limits) {
            Ok(header) => {
                limits.check(header.size, header.format.bytes_per_pixel() as u64)?;
                return Ok(Peeked { codec, header });
            }
            Err(error) if is_whole || error.kind() != ImageErrorKind::Truncated => {
                return Err(error);
            }
            Err(_needs_more) => wanted = wanted.saturating_mul(8),
        }
    }
}
