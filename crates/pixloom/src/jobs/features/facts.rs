//! The record of one picture, and how the cache keeps it.
use std::num::{NonZeroU8, NonZeroU64};
use std::sync::Arc;

use pixloom_engine::Fingerprint;
use pixloom_image::codec;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::measures::Measures;
use crate::cache;

/// Raised whenever a file would get other facts, or they another form.
pub(super) const VERSION: u32 = 4;

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
    pub(in crate::jobs) pixels: Option<NonZeroU64>,
    /// Whether the format keeps every pixel as it was.
    pub(in crate::jobs) lossless: bool,
    /// Quality of the compression by the file's own tables, 1 to 100.
    pub(in crate::jobs) quality: Option<NonZeroU8>,
    /// Bytes of EXIF, XMP and colour profile.
    pub(in crate::jobs) metadata_bytes: u32,
    /// What few pictures have, or few runs ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::jobs) rare: Option<Box<Rare>>,
}

/// See [`Facts::rare`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::jobs) struct Rare {
    /// What damage was passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::jobs) damage: Option<Box<str>>,
    /// Brightness, colour, sharpness.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::jobs) measures: Option<Measures>,
}

impl Rare {
    /// Nothing where there is nothing.
    pub(super) fn of(damage: Option<String>, measures: Option<Measures>) -> Option<Box<Self>> {
        let damage = damage.map(String::into_boxed_str);
        (damage.is_some() || measures.is_some()).then(|| Box::new(Self { damage, measures }))
    }
}

impl Facts {
    /// What damage was passed over.
    pub(in crate::jobs) fn damage(&self) -> Option<&str> {
        self.rare.as_ref()?.damage.as_deref()
    }

    /// Brightness, colour, sharpness.
    pub(in crate::jobs) fn measures(&self) -> Option<&Measures> {
        self.rare.as_ref()?.measures.as_ref()
    }
}

/// The name of a format that this build knows, by its place in the list of them, counted from 1;
/// of others nothing is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::jobs) struct FormatName(u8);

impl FormatName {
    /// Of a name or an extension.
    pub(super) fn of(name: &str) -> Self {
        let known = codec::by_name(name).map(|codec| codec.info().name);
        let place = codec::CODECS.iter().position(|codec| Some(codec.info().name) == known);
        Self(place.map_or(0, |place| place as u8 + 1))
    }

    /// The name; empty of those that are not known.
    pub(in crate::jobs) fn name(self) -> &'static str {
        let codec = usize::from(self.0).checked_sub(1).and_then(|place| codec::CODECS.get(place));
        codec.map_or("", |codec| codec.info().name)
    }
}

impl Serialize for FormatName {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.name().serialize(to)
    }
}

impl<'de> Deserialize<'de> for FormatName {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::of(&String::deserialize(from)?))
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
            format: FormatName::of("jpeg"),
            size: [4000, 3000],
            bytes: 12,
            content: Fingerprint::of(b"x"),
            pixels: NonZeroU64::new(u64::MAX - 1),
            lossless: false,
            quality: NonZeroU8::new(92),
            metadata_bytes: 4,
            rare: Rare::of(
                Some("torn".to_owned()),
                Some(Measures { entropy: 7.1, ..Measures::default() }),
            ),
        };
        let payload = vec![1, 2, 3].into();
        let looked =
            Looked { facts, payload, known: Known::File, stamp: (12, 7), folder: 0, stored: false };
        assert_eq!((looked.facts.format.name(), FormatName::of("x").name()), ("jpeg", ""));
        let bytes = looked.to_bytes();
        assert_eq!(Looked::from_bytes(&bytes, Known::File, (12, 7)), Some(looked));
        assert_eq!(Looked::from_bytes(&bytes[..20], Known::File, (12, 7)), None);
    }
}
