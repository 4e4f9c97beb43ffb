//! HEIF (ISO/IEC 23008-12) through the system's libheif: reads HEIC and AVIF, writes AVIF.
mod boxes;
pub(super) mod ffi;

use std::io::Write;

use ffi::Reader;
use moxcms::{
    CicpColorPrimaries, CicpProfile, ColorProfile, MatrixCoefficients, TransferCharacteristics,
};

use super::metadata::{Blocks, exif_with_orientation, strip_exif_prefix};
use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
};
use crate::{Channels, Depth, Exec, Image, ImageError, Limits, Orientation, PixelFormat, Samples};

/// Working memory in bytes a pixel for 8-bit samples: the decoder's frame and reference, planes
/// of YCbCr and of RGB, the interleaved copy. Twice that for deeper ones.
const WORKING_BYTES: u64 = 24;

/// Reads HEIC.
pub(super) struct Heif;

static INFO: FormatInfo = FormatInfo {
    name: "heic",
    extensions: &["heic", "heif", "hif"],
    encodes: false,
    carries_icc: true,
    carries_exif: true,
    lossy: true,
};

impl Codec for Heif {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn matches(&self, head: &[u8]) -> bool {
        super::known::HEIF.matches(head)
    }

    fn header(&self, bytes: &[u8], _limits: &Limits) -> Result<Header, ImageError> {
        header(bytes)
    }

    fn decode(
        &self,
        bytes: &[u8],
        options: &DecodeOptions,
        limits: &Limits,
        _exec: &dyn Exec,
    ) -> Result<Decoded, ImageError> {
        decode(bytes, options, limits)
    }

    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        format
    }

    fn encoder<'w>(
        &self,
        _header: &EncodeHeader,
        _options: &EncodeOptions,
        _out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError> {
        Err(ImageError::unsupported("HEIC cannot be written").with_hint("choose another format"))
    }

    fn decode_memory(&self, header: &Header, _options: &DecodeOptions) -> u64 {
        decode_memory(header)
    }
}

/// Reads the header of a HEIC or AVIF file.
pub(super) fn header(bytes: &[u8]) -> Result<Header, ImageError> {
    let outline = boxes::outline(bytes)?;
    // The description is mostly enough; where metadata lies behind the pixels, the whole file is
    // needed.
    let reader = match Reader::open(&bytes[..outline.description]) {
        Ok(reader) => reader,
        Err(_) if outline.whole => Reader::open(bytes)?,
        Err(_) => return Err(ImageError::truncated("the data ends before the HEIF file does")),
    };
    let bits = reader.bits().unwrap_or(8);
    Ok(Header {
        size: reader.size(),
        format: format_of(&reader, outline.model.gray),
        bit_depth: bits,
        frames: 1,                         // sequences: the main picture only
        orientation: Orientation::UPRIGHT, // the library turns the picture
        has_icc: reader.icc_len() > 0 || profile_of(&reader, outline.model.gray).is_some(),
        color_model: outline.model.name.into(),
        progressive: false,
    })
}

fn format_of(reader: &Reader<'_>, gray: bool) -> PixelFormat {
    let channels = if gray { Channels::Gray } else { Channels::Rgb };
    let depth = if reader.bits().unwrap_or(8) > 8 { Depth::U16 } else { Depth::U8 };
    PixelFormat::new(channels.with_alpha(reader.alpha()), depth)
}

/// Decodes the main picture of a HEIC or AVIF file.
pub(super) fn decode(
    bytes: &[u8],
    options: &DecodeOptions,
    limits: &Limits,
) -> Result<Decoded, ImageError> {
    let outline = boxes::outline(bytes)?;
    if !outline.whole {
        return Err(ImageError::truncated("the data ends before the HEIF file does"));
    }
    if options.frame > 0 {
        return Err(ImageError::settings("only the main picture of a HEIF file is read"));
    }
    let reader = Reader::open(bytes)?;
    let (size, format) = (reader.size(), format_of(&reader, outline.model.gray));
    limits.check(size, (format.depth.bytes() * 4) as u64)?;
    let (mut samples, bits) = reader.decode(format.depth == Depth::U16)?;
    if let Samples::U16(samples) = &mut samples {
        widen(samples, bits);
    }
    if reader.premultiplied() && reader.alpha() {
        separate_alpha(&mut samples);
    }
    if outline.model.gray {
        samples = gray_of(&samples, reader.alpha());
    }
    let mut image = Image::new(size, format.channels, samples)?;
    let mut notes = Vec::new();
    blocks(&reader, limits, outline.model.gray).attach(&mut image, limits, &mut notes);
    Ok(Decoded { image, shrink: 1, concealed: None, notes })
}

/// Upper bound of what [`decode`] allocates.
pub(super) fn decode_memory(header: &Header) -> u64 {
    let working = WORKING_BYTES * header.format.depth.bytes() as u64;
    header.decoded_bytes().saturating_add(header.size.pixels().saturating_mul(working) + (64 << 20))
}

/// Samples of `bits` stretched to 16.
fn widen(samples: &mut [u16], bits: u8) {
    let max = (1u32 << bits) - 1;
    for sample in samples {
        *sample = ((u32::from(*sample).min(max) * 65535 + max / 2) / max) as u16;
    }
}

/// Divides the colours of RGBA pixels by their alpha.
fn separate_alpha(samples: &mut Samples) {
    fn divide<T: Copy + Into<u32> + TryFrom<u32>>(pixel: &mut [T; 4], max: u32) {
        let alpha: u32 = pixel[3].into();
        for sample in &mut pixel[..3] {
            let color: u32 = (*sample).into();
            let value = u64::from(color) * u64::from(max) + u64::from(alpha / 2);
            let value = value.checked_div(u64::from(alpha)).unwrap_or(0).min(u64::from(max));
            *sample = T::try_from(value as u32).unwrap_or(*sample);
        }
    }
    match samples {
        Samples::U8(samples) => {
            samples.as_chunks_mut().0.iter_mut().for_each(|pixel| divide(pixel, 255));
        }
        Samples::U16(samples) => {
            samples.as_chunks_mut().0.iter_mut().for_each(|pixel| divide(pixel, 65535));
        }
        Samples::F32(_) => {}
    }
}

/// One of three equal colour channels, and alpha.
fn gray_of(samples: &Samples, alpha: bool) -> Samples {
    fn pick<T: Copy>(samples: &[T], alpha: bool) -> Vec<T> {
        if alpha {
            samples.as_chunks::<4>().0.iter().flat_map(|pixel| [pixel[0], pixel[3]]).collect()
        } else {
            samples.as_chunks::<3>().0.iter().map(|pixel| pixel[0]).collect()
        }
    }
    match samples {
        Samples::U8(samples) => Samples::U8(pick(samples, alpha)),
        Samples::U16(samples) => Samples::U16(pick(samples, alpha)),
        Samples::F32(samples) => Samples::F32(pick(samples, alpha)),
    }
}

fn blocks(reader: &Reader<'_>, limits: &Limits, gray: bool) -> Blocks {
    let max = limits.max_metadata_bytes;
    let exif = reader.metadata(c"Exif", "", max).map(|block| upright_exif(&block, max));
    let xmp = reader.metadata(c"mime", "application/rdf+xml", max);
    let small = reader.icc_len() as u64 <= max;
    let icc = if small { reader.icc() } else { Some(vec![0; max as usize + 1]) };
    Blocks { icc: icc.or_else(|| profile_of(reader, gray)), exif, xmp }
}

/// The block without its leading offset (ISO/IEC 23008-12, annex A.2.1), with the orientation
/// that the decoded picture has. A block over the limit stays as long as it is.
fn upright_exif(block: &[u8], max: u64) -> Vec<u8> {
    let Some((offset, rest)) = block.split_first_chunk::<4>() else { return Vec::new() };
    if rest.len() as u64 > max {
        return rest.to_vec();
    }
    let tiff = rest.get(u32::from_be_bytes(*offset) as usize..).unwrap_or(rest);
    exif_with_orientation(strip_exif_prefix(tiff), Orientation::UPRIGHT)
}

/// An ICC profile for colours that the file states as code points, unless they are sRGB or are
/// read as such everywhere (BT.709 and BT.601 transfer functions, unspecified).
fn profile_of(reader: &Reader<'_>, gray: bool) -> Option<Vec<u8>> {
    let (primaries, transfer) = reader.code_points()?;
    let usual = matches!(primaries, 0..=2) && matches!(transfer, 0..=2 | 6 | 13..=15);
    if usual || gray || reader.icc_len() > 0 {
        return None;
    }
    let mut profile = ColorProfile::new_srgb();
    let known = profile.update_rgb_colorimetry_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::try_from(transfer).ok()?,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    let mut icc = profile.encode().ok().filter(|_| known)?;
    // The date of creation (ICC.1 section 7.2.8) would differ from run to run.
    icc.get_mut(24..36)?.copy_from_slice(&[0x07, 0xd0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    Some(icc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widening_keeps_the_ends() {
        for bits in [9, 10, 12, 16] {
            let max = ((1u32 << bits) - 1) as u16;
            let mut samples = [0, 1, max];
            widen(&mut samples, bits);
            assert_eq!((samples[0], samples[2]), (0, 65535), "{bits}");
            assert_eq!(samples[1], (65535.0 / f64::from(max)).round() as u16, "{bits}");
        }
    }

    #[test]
    fn premultiplied_colors_are_divided() {
        let mut samples = Samples::U8(vec![64, 128, 10, 128, 9, 9, 9, 0, 7, 8, 9, 255]);
        separate_alpha(&mut samples);
        assert_eq!(samples, Samples::U8(vec![128, 255, 20, 128, 0, 0, 0, 0, 7, 8, 9, 255]));
    }

    #[test]
    fn exif_loses_its_offset_and_its_turn() {
        let turned = super::super::metadata::exif_of_orientation(Orientation::from_exif(6));
        let block = [&[0, 0, 0, 6][..], b"Exif\0\0", &turned].concat();
        let upright = exif_with_orientation(&turned, Orientation::UPRIGHT);
        assert_eq!(upright_exif(&block, 1000), upright);
        assert!(upright_exif(&block[..3], 1000).is_empty());
    }
}
