//! What a listing passed over, in one form for all jobs.
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::job::Face;

/// How many files a listing passed over, by extension.
pub type LeftAlone = BTreeMap<String, u64>;

/// Tells the user what the listings passed over; the same for `summary.left_alone`.
pub(crate) fn tell_left_alone(counts: &[LeftAlone], face: &dyn Face) -> Value {
    let mut all = LeftAlone::new();
    for (kind, count) in counts.iter().flatten() {
        *all.entry(kind.clone()).or_default() += count;
    }
    let total: u64 = all.values().sum();
    if total > 0 {
        let kinds: Vec<String> =
            all.iter().take(6).map(|(kind, count)| format!("{count} {kind}")).collect();
        face.remark(&format!("{} left alone ({})", counted(total), kinds.join(", ")));
    }
    json!(all)
}

fn counted(files: u64) -> String {
    if files == 1 { "1 other file is".to_owned() } else { format!("{files} other files are") }
}
