//! The clock, for records only: no result may depend on it.
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A point in time, in UTC, as records show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Timestamp(u64);

impl Timestamp {
    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "the run record says when it ran")]
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self(since.as_secs())
    }

    /// Year, month, day, hour, minute, second.
    ///
    /// Source: H. Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`.
    fn civil(self) -> [u64; 6] {
        let (days, secs) = (self.0 / 86_400 + 719_468, self.0 % 86_400);
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let leaps = day_of_era / 1_460 + day_of_era / 146_096;
        let year_of_era = (day_of_era + day_of_era / 36_524 - leaps) / 365;
        let before = 365 * year_of_era + year_of_era / 4 - year_of_era / 100;
        let day_of_year = day_of_era - before;
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + u64::from(month <= 2);
        [year, month, day, secs / 3_600, secs / 60 % 60, secs % 60]
    }

    /// Digits only, for names: `20251014-094912`.
    pub fn compact(self) -> String {
        let [year, month, day, hour, minute, second] = self.civil();
        format!("{year:04}{month:02}{day:02}-{hour:02}{minute:02}{second:02}")
    }

    /// As in logs: `2025-10-14 09:49:12`.
    pub fn plain(self) -> String {
        let [year, month, day, hour, minute, second] = self.civil();
        format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
    }
}

/// RFC 3339: `2025-10-14T09:49:12Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second] = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

impl TryFrom<String> for Timestamp {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let numbers: Vec<u64> =
            text.split(['-', 'T', ':', 'Z']).filter_map(|part| part.parse().ok()).collect();
        let &[year, month, day, hour, minute, second] = numbers.as_slice() else {
            return Err(format!("`{text}` is not a time such as 2025-10-14T09:49:12Z"));
        };
        let shifted_year = year - u64::from(month <= 2);
        let month_index = if month > 2 { month - 3 } else { month + 9 };
        let (era, year_of_era) = (shifted_year / 400, shifted_year % 400);
        let day_of_year = (153 * month_index + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        let days = (era * 146_097 + day_of_era).saturating_sub(719_468);
        Ok(Self(days * 86_400 + hour * 3_600 + minute * 60 + second))
    }
}

/// A name for a run: its time, and a few digits that tell runs of one second apart.
#[expect(clippy::disallowed_methods, reason = "the name of a run is part of no result")]
pub fn new_run_id() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let mix = (u64::from(std::process::id()) << 20) ^ u64::from(since.subsec_micros());
    format!("{}-{:05x}", Timestamp(since.as_secs()).compact(), mix & 0xf_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(Timestamp(951_782_400).to_string(), "2000-02-29T00:00:00Z");
        assert_eq!(Timestamp(1_760_435_352).plain(), "2025-10-14 09:49:12");
    }

    #[test]
    fn text_and_time_agree() {
        for secs in (0..4_000_000_000).step_by(77_777_777) {
            let time = Timestamp(secs);
            assert_eq!(Timestamp::try_from(time.to_string()), Ok(time));
        }
        assert!(Timestamp::try_from("yesterday".to_owned()).is_err());
    }
}
