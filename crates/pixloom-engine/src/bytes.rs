//! Amounts of memory or disk, as people write them.
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number of bytes.
///
/// Shown with decimal units (`1.2 GB`); read with the unit that was written: `G`, `GB` are
/// powers of 1000, `GiB` powers of 1024, a plain number is bytes.
///
/// ```
/// use pixloom_engine::Bytes;
/// assert_eq!("512M".parse(), Ok(Bytes(512_000_000)));
/// assert_eq!("1.5GiB".parse(), Ok(Bytes(1_610_612_736)));
/// assert_eq!(Bytes(1_234_567_890).to_string(), "1.2 GB");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

/// The text is not an amount of bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount of memory; write for example 512M, 2G or 1.5GiB")]
pub struct ParseBytesError(String);

/// Decimal units with their size, largest first.
const UNITS: [(&str, u64); 5] = [
    ("PB", 1_000_000_000_000_000),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
];

impl Bytes {
    /// One mebibyte (1,048,576 bytes).
    pub const MIB: Self = Self(1 << 20);

    /// The sum, held at the largest number instead of overflowing.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, size) in UNITS {
            if self.0 >= size {
                let value = self.0 as f64 / size as f64;
                let decimals = usize::from(value < 99.95);
                return write!(f, "{value:.decimals$} {unit}");
            }
        }
        write!(f, "{} B", self.0)
    }
}

impl FromStr for Bytes {
    type Err = ParseBytesError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseBytesError(text.to_owned());
        let trimmed = text.trim();
        let digits = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_');
        let (number, unit) = trimmed.split_at(digits.unwrap_or(trimmed.len()));
        let factor = unit_size(unit.trim()).ok_or_else(error)?;
        let number = number.replace('_', "");
        if let Ok(whole) = number.parse::<u64>() {
            return whole.checked_mul(factor).map(Self).ok_or_else(error);
        }
        let value = number.parse::<f64>().map_err(|_not_a_number| error())? * factor as f64;
        if value < u64::MAX as f64 { Ok(Self(value.round() as u64)) } else { Err(error()) }
    }
}

/// Bytes in one unit; lower and upper case mean the same.
fn unit_size(unit: &str) -> Option<u64> {
    let lower = unit.to_ascii_lowercase();
    if lower.is_empty() || lower == "b" {
        return Some(1);
    }
    let power = "kmgtp".find(lower.chars().next()?)? as u32 + 1;
    match &lower[1..] {
        "" | "b" => Some(1000_u64.pow(power)),
        "i" | "ib" => Some(1024_u64.pow(power)),
        _ => None,
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "a number of bytes or a text such as \"512M\"")]
        enum Form {
            Number(u64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Number(number) => Ok(Self(number)),
            Form::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let cases: [(&str, u64); 11] = [
            ("0", 0),
            ("123", 123),
            ("7 B", 7),
            ("512M", 512_000_000),
            ("2G", 2_000_000_000),
            ("2gb", 2_000_000_000),
            ("1.5GiB", 1_610_612_736),
            ("4KiB", 4096),
            ("0.5k", 500),
            ("1_000", 1000),
            ("1 Ti", 1 << 40),
        ];
        for (text, bytes) in cases {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        for text in ["", "G", "-1", "1.2.3", "5 XB", "99999999999P", "1e9", "nan", "é"] {
            assert!(text.parse::<Bytes>().is_err(), "{text}");
        }
    }

    #[test]
    fn shows_decimal_units() {
        let shown = |bytes| Bytes(bytes).to_string();
        assert_eq!(shown(999), "999 B");
        assert_eq!(shown(1_000), "1.0 kB");
        assert_eq!(shown(38_400_000), "38.4 MB");
        assert_eq!(shown(412_000_000), "412 MB");
    }

    #[test]
    fn serde_takes_numbers_and_text() {
        assert_eq!(serde_json::from_str::<Bytes>("12").unwrap(), Bytes(12));
        assert_eq!(serde_json::from_str::<Bytes>("\"2k\"").unwrap(), Bytes(2000));
        assert!(serde_json::from_str::<Bytes>("true").is_err());
        assert_eq!(serde_json::to_string(&Bytes(5)).unwrap(), "5");
    }
}
