//! The RIFF container of WebP (WebP Container Specification): reading, and writing metadata.
use std::io::Write;

use crate::codec::EncodeHeader;
use crate::codec::metadata::exif_to_write;
use crate::{ColorSpace, ImageError, Size};

const ICC_FLAG: u8 = 0x20;
const ALPHA_FLAG: u8 = 0x10;
const EXIF_FLAG: u8 = 0x08;
const XMP_FLAG: u8 = 0x04;
const ANIMATION_FLAG: u8 = 0x02;

/// One chunk; `data` is shorter than `len` where the file is cut off.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
    pub(super) len: usize,
}

impl Chunk<'_> {
    pub(super) const fn is_whole(&self) -> bool {
        self.data.len() == self.len
    }
}

/// Iterates over the chunks in a piece of a file; the last may be cut off.
#[derive(Debug)]
pub(super) struct Chunks<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let (head, rest) = self.0.split_first_chunk::<8>()?;
        let [a, b, c, d, size @ ..] = *head;
        let len = u32::from_le_bytes(size) as usize;
        let data = &rest[..len.min(rest.len())];
        self.0 = rest.get(len.saturating_add(len % 2)..).unwrap_or(&[]);
        Some(Chunk { kind: [a, b, c, d], data, len })
    }
}

/// What the container says about the picture.
#[derive(Debug, Clone)]
pub(super) struct Info {
    pub(super) size: Size,
    pub(super) alpha: bool,
    pub(super) lossless: bool,
    pub(super) animated: bool,
    flags: u8,
}

impl Info {
    pub(super) const fn promises_icc(&self) -> bool {
        self.flags & ICC_FLAG != 0
    }

    pub(super) const fn promises_exif(&self) -> bool {
        self.flags & EXIF_FLAG != 0
    }
}

/// The chunks of a file and whether the file is as long as it says.
pub(super) fn body(bytes: &[u8]) -> Result<(Chunks<'_>, Option<usize>), ImageError> {
    let Some((head, rest)) = bytes.split_first_chunk::<12>() else {
        return Err(ImageError::truncated("the data ends in the WebP header"));
    };
    let size = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
    let len = size.saturating_sub(4);
    Ok((Chunks(&rest[..len.min(rest.len())]), rest.len().checked_sub(len)))
}

/// Reads as far as the first picture.
pub(super) fn info(bytes: &[u8]) -> Result<Info, ImageError> {
    let (chunks, _) = body(bytes)?;
    let mut extended: Option<(u8, Size)> = None;
    let mut has_alpha_chunk = false;
    for chunk in chunks {
        match &chunk.kind {
            b"VP8X" if extended.is_none() => extended = Some(extended_header(chunk.data)?),
            b"ALPH" => has_alpha_chunk = true,
            b"VP8 " | b"VP8L" => {
                let lossless = chunk.kind == *b"VP8L";
                let (size, alpha) = if lossless { vp8l(chunk.data)? } else { vp8(chunk.data)? };
                let flags = extended.map_or(0, |(flags, _)| flags);
                let alpha = alpha || has_alpha_chunk;
                return Ok(Info { size, alpha, lossless, animated: false, flags });
            }
            b"ANMF" => {
                let Some((flags, size)) = extended.filter(|(flags, _)| flags & ANIMATION_FLAG != 0)
                else {
                    return Err(ImageError::corrupt("frames in a WebP file that has no animation"));
                };
                let alpha = flags & ALPHA_FLAG != 0;
                return Ok(Info { size, alpha, lossless: false, animated: true, flags });
            }
            _ => {}
        }
    }
    Err(ImageError::truncated("the data ends before the pixels of the WebP file"))
}

fn short() -> ImageError {
    ImageError::truncated("the data ends in the WebP header")
}

fn u24(bytes: &[u8], at: usize) -> Option<u32> {
    let raw = bytes.get(at..at + 3)?;
    Some(u32::from_le_bytes([raw[0], raw[1], raw[2], 0]))
}

fn extended_header(data: &[u8]) -> Result<(u8, Size), ImageError> {
    let (Some(width), Some(height)) = (u24(data, 4), u24(data, 7)) else { return Err(short()) };
    Ok((data[0], Size::new(width + 1, height + 1)))
}

/// RFC 6386, section 9.1.
fn vp8(data: &[u8]) -> Result<(Size, bool), ImageError> {
    let head = data.first_chunk::<10>().ok_or_else(short)?;
    if head[0] & 1 != 0 || head[3..6] != [0x9d, 0x01, 0x2a] {
        return Err(ImageError::corrupt("the WebP file does not begin with a key frame"));
    }
    let side = |at: usize| u32::from(u16::from_le_bytes([head[at], head[at + 1]]) & 0x3fff);
    Ok((Size::new(side(6), side(8)), false))
}

/// WebP Lossless Bitstream Specification, section 3.
fn vp8l(data: &[u8]) -> Result<(Size, bool), ImageError> {
    let head = data.first_chunk::<5>().ok_or_else(short)?;
    let bits = u32::from_le_bytes([head[1], head[2], head[3], head[4]]);
    if head[0] != 0x2f || bits >> 29 != 0 {
        return Err(ImageError::corrupt("the lossless WebP signature is wrong"));
    }
    let size = Size::new((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
    Ok((size, bits >> 28 & 1 == 1))
}

/// One frame of an animation, with its place on the canvas.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) size: Size,
    /// Whether it replaces what is below instead of being blended over it.
    pub(super) replaces: bool,
    /// Whether its place is cleared before the next frame.
    pub(super) clears: bool,
    /// The chunks of its picture.
    pub(super) data: &'a [u8],
}

impl<'a> Frame<'a> {
    pub(super) fn read(chunk: &Chunk<'a>) -> Result<Self, ImageError> {
        let value = |at| u24(chunk.data, at).ok_or_else(short);
        let (left, top) = (value(0)? * 2, value(3)? * 2);
        let size = Size::new(value(6)? + 1, value(9)? + 1);
        let flags = *chunk.data.get(15).ok_or_else(short)?;
        let (replaces, clears) = (flags & 2 != 0, flags & 1 != 0);
        Ok(Self { left, top, size, replaces, clears, data: &chunk.data[16..] })
    }

    /// The frame as a still WebP file.
    pub(super) fn to_file(self) -> Vec<u8> {
        let parts: Vec<Chunk<'_>> = Chunks(self.data)
            .filter(|chunk| matches!(&chunk.kind, b"ALPH" | b"VP8 " | b"VP8L"))
            .collect();
        let alpha = parts.iter().any(|chunk| chunk.kind == *b"ALPH");
        let mut body = b"WEBP".to_vec();
        if alpha {
            push_chunk(&mut body, *b"VP8X", 10, &extended_bytes(ALPHA_FLAG, self.size));
        }
        for chunk in parts {
            push_chunk(&mut body, chunk.kind, chunk.len, chunk.data);
        }
        [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat()
    }
}

fn extended_bytes(flags: u8, size: Size) -> [u8; 10] {
    let (width, height) = ((size.width - 1).to_le_bytes(), (size.height - 1).to_le_bytes());
    [flags, 0, 0, 0, width[0], width[1], width[2], height[0], height[1], height[2]]
}

fn push_chunk(out: &mut Vec<u8>, kind: [u8; 4], len: usize, data: &[u8]) {
    out.extend(kind);
    out.extend((len as u32).to_le_bytes());
    out.extend_from_slice(data);
    if len % 2 == 1 {
        out.push(0);
    }
}

/// Writes a file that libwebp made, with the metadata added.
pub(super) fn write(
    file: &[u8],
    header: &EncodeHeader,
    out: &mut dyn Write,
) -> Result<(), ImageError> {
    let icc = if let ColorSpace::Icc(icc) = &header.color_space { Some(icc) } else { None };
    let exif = exif_to_write(&header.metadata);
    let xmp = &header.metadata.xmp;
    if icc.is_none() && exif.is_none() && xmp.is_none() {
        return Ok(out.write_all(file)?);
    }
    let info = info(file)?;
    let flag = |is_there: bool, flag: u8| if is_there { flag } else { 0 };
    let flags = flag(icc.is_some(), ICC_FLAG)
        | flag(info.alpha, ALPHA_FLAG)
        | flag(exif.is_some(), EXIF_FLAG)
        | flag(xmp.is_some(), XMP_FLAG);
    let mut body = b"WEBP".to_vec();
    push_chunk(&mut body, *b"VP8X", 10, &extended_bytes(flags, info.size));
    if let Some(icc) = icc {
        push_chunk(&mut body, *b"ICCP", icc.len(), icc);
    }
    for chunk in super::container::body(file)?.0.filter(|chunk| chunk.kind != *b"VP8X") {
        push_chunk(&mut body, chunk.kind, chunk.len, chunk.data);
    }
    if let Some(exif) = exif {
        push_chunk(&mut body, *b"EXIF", exif.len(), &exif);
    }
    if let Some(xmp) = xmp {
        push_chunk(&mut body, *b"XMP ", xmp.len(), xmp);
    }
    let size = u32::try_from(body.len()).map_err(|error| {
        ImageError::encode("a WebP file would be over 4 GiB").with_source(error)
    })?;
    out.write_all(b"RIFF")?;
    out.write_all(&size.to_le_bytes())?;
    out.write_all(&body)?;
    Ok(())
}
