//! What reports say about a file beyond its header: JPEG quality, camera, name of the profile.
//!
//! Marker segments follow ITU-T T.81, chunks the PNG and WebP specifications, EXIF is CIPA
//! DC-008. Everything is read from the bytes at hand; what lies behind them is left out.
use super::jpeg;
use super::metadata::{TiffBlock, icc_description, inflate, strip_exif_prefix};

const MAKE_TAG: u16 = 0x010f;
const MODEL_TAG: u16 = 0x0110;
const ICC_TAG: u16 = 0x8773;
/// Longest camera name or profile description that is passed on, in characters.
const MAX_TEXT: usize = 80;
/// An ICC profile of more bytes is not unpacked to read its description.
const MAX_PROFILE: u64 = 4 << 20;

/// Facts for reports; `None` is what the file, or the part of it at hand, does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The IJG quality, 1 to 100, whose luminance steps come nearest to those of a JPEG.
    pub quality: Option<u8>,
    /// Maker and model of the camera, from EXIF.
    pub camera: Option<String>,
    /// The description that the embedded ICC profile gives itself.
    pub profile: Option<String>,
}

/// Reads the facts from the beginning of a file, `format` being its codec's name.
pub fn facts(format: &str, head: &[u8]) -> Facts {
    match format {
        "jpeg" => of_jpeg(head),
        "png" => of_png(head),
        "webp" => of_webp(head),
        "tiff" => of_tiff(head),
        _ => Facts::default(),
    }
}

fn of_jpeg(head: &[u8]) -> Facts {
    let mut facts = Facts::default();
    let mut profile = Vec::new();
    for (marker, body) in (Segments { bytes: head, at: 2 }) {
        match marker {
            0xdb if facts.quality.is_none() => {
                facts.quality = luma_steps(body).map(jpeg::quality_of_luma);
            }
            0xe1 if facts.camera.is_none() && body.starts_with(b"Exif\0") => {
                facts.camera = camera(body);
            }
            0xe2 => {
                if let Some([number, _total, data @ ..]) = body.strip_prefix(b"ICC_PROFILE\0") {
                    profile.push((*number, data));
                }
            }
            _ => {}
        }
    }
    profile.sort_by_key(|piece| piece.0);
    facts.profile = match profile[..] {
        [] => None,
        [(_, whole)] => describe(whole),
        _ => describe(&profile.iter().flat_map(|piece| piece.1).copied().collect::<Vec<u8>>()),
    };
    facts
}

/// The marker segments before the first scan.
struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Iterator for Segments<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.bytes.get(self.at..)?;
            self.at += memchr::memchr(0xff, rest)?;
            let marker = *self.bytes.get(self.at + 1)?;
            match marker {
                0xff => self.at += 1,
                0 | 1 | 0xd0..=0xd8 => self.at += 2,
                0xd9 | 0xda => return None,
                _ => {
                    let length = self.bytes.get(self.at + 2..)?.first_chunk::<2>()?;
                    let end = self.at + 2 + usize::from(u16::from_be_bytes(*length)).max(2);
                    let body = self.bytes.get(self.at + 4..end)?;
                    self.at = end;
                    return Some((marker, body));
                }
            }
        }
    }
}

/// The sum of the steps of quantisation table 0, if the segment defines it.
fn luma_steps(mut body: &[u8]) -> Option<u32> {
    while let [kind, rest @ ..] = body {
        let (precision, number) = (kind >> 4, kind & 15);
        let bytes = if precision == 0 { 64 } else { 128 };
        let (table, behind) = rest.split_at_checked(bytes)?;
        if number == 0 {
            let pairs = table.chunks_exact(2);
            return Some(if bytes == 64 {
                table.iter().map(|&step| u32::from(step)).sum()
            } else {
                pairs.map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum()
            });
        }
        body = behind;
    }
    None
}

fn of_png(head: &[u8]) -> Facts {
    let mut facts = Facts::default();
    let mut rest = head.get(8..).unwrap_or_default();
    while let Some((&[a, b, c, d, ref kind @ ..], body)) = rest.split_first_chunk::<8>() {
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let Some((data, behind)) = body.split_at_checked(length) else { break };
        match kind {
            b"IDAT" => break,
            b"iCCP" => facts.profile = png_profile(data),
            b"eXIf" => facts.camera = camera(data),
            _ => {}
        }
        rest = behind.get(4..).unwrap_or_default();
    }
    facts
}

/// The profile's own description, or the name that the chunk gives it.
fn png_profile(data: &[u8]) -> Option<String> {
    let name = memchr::memchr(0, data)?;
    let packed = data.get(name + 2..)?;
    let described = inflate(packed, MAX_PROFILE).and_then(|profile| describe(&profile));
    described.or_else(|| clean(&String::from_utf8_lossy(&data[..name])))
}

fn of_webp(head: &[u8]) -> Facts {
    let mut facts = Facts::default();
    let mut rest = head.get(12..).unwrap_or_default();
    while let Some((&[ref kind @ .., a, b, c, d], body)) = rest.split_first_chunk::<8>() {
        let length = u32::from_le_bytes([a, b, c, d]) as usize;
        let Some((data, behind)) = body.split_at_checked(length) else { break };
        match kind {
            b"ICCP" => facts.profile = describe(data),
            b"EXIF" => facts.camera = camera(data),
            _ => {}
        }
        rest = behind.get(length % 2..).unwrap_or_default();
    }
    facts
}

fn of_tiff(head: &[u8]) -> Facts {
    let profile = TiffBlock::new(head).and_then(|block| describe(field(block, head, ICC_TAG, 7)?));
    Facts { quality: None, camera: camera(head), profile }
}

/// The bytes of a field of one-byte values in the first directory.
fn field<'a>(block: TiffBlock<'_>, bytes: &'a [u8], tag: u16, kind: u16) -> Option<&'a [u8]> {
    let entry = block.entry(tag)?;
    if block.u16(entry + 2)? != kind {
        return None;
    }
    let length = block.u32(entry + 4)? as usize;
    let at = if length <= 4 { entry + 8 } else { block.u32(entry + 8)? as usize };
    bytes.get(at..at.checked_add(length)?)
}

/// Maker and model, without the maker where the model repeats it.
fn camera(exif: &[u8]) -> Option<String> {
    let bytes = strip_exif_prefix(exif);
    let block = TiffBlock::new(bytes)?;
    let text = |tag| {
        let raw = field(block, bytes, tag, 2)?;
        clean(&String::from_utf8_lossy(raw.get(..4 * MAX_TEXT).unwrap_or(raw)))
    };
    match (text(MAKE_TAG), text(MODEL_TAG)) {
        (Some(make), Some(model)) => {
            let first = make.split(' ').next().unwrap_or_default().to_lowercase();
            let repeats = model.to_lowercase().starts_with(&first);
            Some(if repeats { model } else { format!("{make} {model}") })
        }
        (make, model) => make.or(model),
    }
}

fn describe(profile: &[u8]) -> Option<String> {
    clean(&icc_description(profile)?)
}

/// The text without control characters and doubled spaces, if anything is left.
fn clean(text: &str) -> Option<String> {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = words.chars().take(MAX_TEXT).collect();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{EncodeOptions, by_name};
    use crate::{Channels, Image, Metadata, Samples, Serial, Size};

    fn exif() -> Vec<u8> {
        let mut exif = b"II\x2a\0\x08\0\0\0\x02\0".to_vec();
        exif.extend(b"\x0f\x01\x02\0\x05\0\0\0\x26\0\0\0");
        exif.extend(b"\x10\x01\x02\0\x0a\0\0\0\x2b\0\0\0");
        exif.extend(b"\0\0\0\0Acme\0Shot\x01<b>9\0");
        exif
    }

    fn file(format: &str, quality: u8) -> Vec<u8> {
        let samples = Samples::U8(pixloom_testkit::gradient(16, 16, 3));
        let mut image = Image::new(Size::new(16, 16), Channels::Rgb, samples).unwrap();
        image.metadata = Metadata { exif: Some(exif().into()), ..Metadata::default() };
        let options = EncodeOptions { quality: Some(quality), ..EncodeOptions::default() };
        let mut bytes = Vec::new();
        by_name(format).unwrap().encode(&image, &options, &Serial, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn jpeg_quality_comes_back() {
        for quality in 1..=100 {
            assert_eq!(facts("jpeg", &file("jpeg", quality)).quality, Some(quality));
        }
    }

    #[test]
    fn cameras_are_named_in_every_container() {
        for format in ["jpeg", "png", "webp"] {
            let facts = facts(format, &file(format, 90));
            assert_eq!(facts.camera.as_deref(), Some("Acme Shot <b>9"), "{format}");
        }
        assert_eq!(facts("tiff", &exif()).camera.as_deref(), Some("Acme Shot <b>9"));
    }

    #[test]
    fn cut_and_damaged_files_never_panic() {
        for format in ["jpeg", "png", "webp", "tiff"] {
            let bytes = if format == "tiff" { exif() } else { file(format, 50) };
            for length in 0..bytes.len() {
                facts(format, &bytes[..length]);
            }
            for at in 0..bytes.len() {
                let mut bad = bytes.clone();
                bad[at] ^= 0xff;
                facts(format, &bad);
            }
        }
    }
}
