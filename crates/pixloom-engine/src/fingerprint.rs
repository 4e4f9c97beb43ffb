//! Hashes of everything that decides a result.
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::key::hex_digit;

/// A BLAKE3 hash: of a file's content, or of all that decides an item's result (input,
/// settings, versions, seed). Written as 64 hexadecimal digits.
///
/// ```
/// use pixloom_engine::Fingerprint;
/// let print = Fingerprint::builder("resize").field("settings", b"{}").finish();
/// assert_eq!(print.to_string().len(), 64);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is 64 hexadecimal digits")]
pub struct ParseFingerprintError;

/// Collects the named parts of a [`Fingerprint`].
#[derive(Debug, Clone)]
pub struct FingerprintBuilder {
    hasher: blake3::Hasher,
}

impl Fingerprint {
    /// The hash of these bytes alone.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// Starts a fingerprint of named parts; `domain` keeps different uses apart.
    pub fn builder(domain: &str) -> FingerprintBuilder {
        let builder = FingerprintBuilder { hasher: blake3::Hasher::new() };
        builder.part(domain.as_bytes())
    }

    /// The first eight bytes as a number, for indexes and shards.
    pub(crate) fn short(&self) -> u64 {
        self.0[..8].iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

impl FingerprintBuilder {
    /// Adds a named part. Lengths are hashed too, so that no two lists of parts look alike.
    #[must_use]
    pub fn field(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.part(name.as_bytes()).part(value.as_ref())
    }

    /// The fingerprint of all parts.
    pub fn finish(self) -> Fingerprint {
        Fingerprint(*self.hasher.finalize().as_bytes())
    }

    fn part(mut self, bytes: &[u8]) -> Self {
        self.hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
        self
    }
}

impl AsRef<[u8]> for Fingerprint {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = ParseFingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(ParseFingerprintError);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = hex_digit(pair[0]).ok_or(ParseFingerprintError)?;
            *byte = high << 4 | hex_digit(pair[1]).ok_or(ParseFingerprintError)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_run_together() {
        let prints = [
            Fingerprint::builder("d").field("a", "bc").finish(),
            Fingerprint::builder("d").field("ab", "c").finish(),
            Fingerprint::builder("da").field("b", "c").finish(),
            Fingerprint::builder("d").field("a", "").field("", "bc").finish(),
        ];
        for (i, print) in prints.iter().enumerate() {
            assert!(!prints[..i].contains(print));
        }
    }

    #[test]
    fn text_round_trip() {
        let print = Fingerprint::of(b"x");
        assert_eq!(print.to_string().parse(), Ok(print));
        let json = serde_json::to_string(&print).unwrap();
        assert_eq!(serde_json::from_str::<Fingerprint>(&json).unwrap(), print);
        assert!("00".parse::<Fingerprint>().is_err());
        assert!("zz".repeat(32).parse::<Fingerprint>().is_err());
    }
}
