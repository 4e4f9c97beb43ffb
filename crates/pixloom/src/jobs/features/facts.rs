//! The record of one picture, and how the cache keeps it.
use std::sync::Arc;

use pixloom_engine::Fingerprint;
use pixloom_image::codec;
use serde::{Deserialize, Deserializer, Serialize};

use super::measures::Measures;
use crate::cache;

/// Raised whenever a file would get other facts, or they another form.
pub(super) const VERSION: u32 = 3;

/// What is known of a picture beside what it is matched by.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::jobs) struct Facts {
    /// The format of its content; empty where it was not looked at.
    pub(in crate::jobs) format: FormatName,
    /// Upright width and height in pixels; 0 where it was not looked at.
    pub(in crate::jobs) size: [u32; 2],
    /// Length of the file.
    pub(in crate::jobs) bytes: u64,
    /// The hash of the file's content.
    pub(in crate::jobs) content: Fingerprint,
    /// A hash of the upright pixels, or of the part of the file that decides them.
    pub(in crate::jobs) pixels: Option<u64>,
    /// Whether the format keeps every pixel as it was.
    pub(in crate::jobs) lossless: bool,
    /// Quality of the compression by the file's own tables, 1 to 100.
    pub(in crate::jobs) quality: Option<u8>,
    /// Bytes of EXIF, XMP and colour profile.
    pub(in crate::jobs) metadata_bytes: u32,
    /// What damage was passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::jobs) damage: Option<Box<str>>,
    /// Brightness, colour, sharpness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::jobs) measures: Option<Box<Measures>>,
}

/// The name of a format that this build knows; of others nothing is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(in crate::jobs) struct FormatName(pub(in crate::jobs) &'static str);

impl<'de> Deserialize<'de> for FormatName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Ok(Self(codec::by_name(&name).map_or("", |codec| codec.info().name)))
    }
}

/// A picture that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::jobs) struct Looked {
    #[serde(flatten)]
    pub(in crate::jobs) facts: Facts,
    /// What it is matched by: features or codes.
    #[serde(skip)]
    pub(in crate::jobs) payload: Arc<[u8]>,
    /// Where it came from.
    #[serde(skip)]
    pub(in crate::jobs) known: Known,
    /// Length and time of the file.
    #[serde(skip)]
    pub(in crate::jobs) stamp: cache::Stamp,
    /// The number of its folder.
    #[serde(skip)]
    pub(in crate::jobs) folder: u16,
    /// Whether `payload` was left in the cache.
    #[serde(skip)]
    pub(in crate::jobs) stored: bool,
}

/// Payloads of more bytes are left in the cache until they are asked for.
const LARGE: usize = 1024;

/// Whether the cache knew a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::jobs) enum Known {
    /// It is new.
    #[default]
    New,
    /// Its content, under another name or time.
    Content,
    /// The file as it is.
    File,
}

impl Looked {
    /// As the cache keeps it.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let facts = serde_json::to_vec(&self.facts).unwrap_or_default();
        let mut bytes = Vec::with_capacity(4 + facts.len() + self.payload.len());
        bytes.extend((facts.len() as u32).to_le_bytes());
        bytes.extend(facts);
        bytes.extend(&self.payload[..]);
        bytes
    }

    /// Reads what [`Looked::to_bytes`] wrote.
    pub(super) fn from_bytes(bytes: &[u8], known: Known, stamp: cache::Stamp) -> Option<Self> {
        let (facts, payload) = halves(bytes)?;
        let facts = serde_json::from_slice(facts).ok()?;
        let payload = payload.into();
        Some(Self { facts, payload, known, stamp, folder: 0, stored: false })
    }

    /// The same of a file that is as it was, large payloads left out.
    pub(super) fn unchanged(bytes: &[u8], stamp: cache::Stamp) -> Option<Self> {
        let (facts, payload) = halves(bytes)?;
        let stored = payload.len() > LARGE;
        let payload = if stored { [].into() } else { payload.into() };
        let facts = serde_json::from_slice(facts).ok()?;
        Some(Self { facts, payload, known: Known::File, stamp, folder: 0, stored })
    }
}

/// Facts and payload.
fn halves(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(u32::from_le_bytes(*length) as usize)
}

/// The payload of what [`Looked::to_bytes`] wrote.
pub(super) fn payload_of(bytes: &[u8]) -> Option<Vec<u8>> {
    Some(halves(bytes)?.1.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_gives_back_what_it_got() {
        let facts = Facts {
            format: FormatName("jpeg"),
            size: [4000, 3000],
            bytes: 12,
            content: Fingerprint::of(b"x"),
            pixels: Some(u64::MAX - 1),
            lossless: false,
            quality: Some(92),
            metadata_bytes: 4,
            damage: None,
            measures: Some(Box::new(Measures { entropy: 7.1, ..Measures::default() })),
        };
        let payload = vec![1, 2, 3].into();
        let looked =
            Looked { facts, payload, known: Known::File, stamp: (12, 7), folder: 0, stored: false };
        let bytes = looked.to_bytes();
        assert_eq!(Looked::from_bytes(&bytes, Known::File, (12, 7)), Some(looked));
        assert_eq!(Looked::from_bytes(&bytes[..20], Known::File, (12, 7)), None);
    }
}
