//! How often each value occurs, at bounded memory.
use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Counts of values; beyond a number of different ones the rest is counted together.
#[derive(Debug, Clone)]
pub(super) struct Tally<K> {
    counts: BTreeMap<K, u64>,
    limit: usize,
    other: u64,
    total: u64,
}

impl<K: Ord + Clone> Tally<K> {
    /// Tells at most `limit` values apart.
    pub(super) const fn new(limit: usize) -> Self {
        Self { counts: BTreeMap::new(), limit, other: 0, total: 0 }
    }

    pub(super) fn add(&mut self, value: K) {
        self.total += 1;
        if let Some(count) = self.counts.get_mut(&value) {
            *count += 1;
        } else if self.counts.len() < self.limit {
            self.counts.insert(value, 1);
        } else {
            self.other += 1;
        }
    }

    /// Different values that were told apart.
    pub(super) fn distinct(&self) -> usize {
        self.counts.len()
    }

    /// Whether every value was told apart.
    pub(super) const fn is_exact(&self) -> bool {
        self.other == 0
    }

    /// All that was added.
    pub(super) const fn total(&self) -> u64 {
        self.total
    }

    /// Values and counts in the order of the values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, u64)> {
        self.counts.iter().map(|(value, count)| (value, *count))
    }

    /// The most frequent first, equal ones by value.
    pub(super) fn ranked(&self) -> Vec<(&K, u64)> {
        let mut ranked: Vec<(&K, u64)> = self.iter().collect();
        ranked.sort_by_key(|entry| std::cmp::Reverse(entry.1));
        ranked
    }

    /// What part of all `count` is, 0 to 1.
    pub(super) fn share(&self, count: u64) -> f64 {
        count as f64 / self.total.max(1) as f64
    }
}

impl Tally<String> {
    /// For programs: the most frequent first.
    pub(super) fn json(&self) -> Value {
        let one = |(value, count): (&String, u64)| json!({"value": value, "count": count, "share": self.share(count)});
        let mut rows: Vec<Value> = self.ranked().into_iter().map(one).collect();
        if self.other > 0 {
            rows.push(json!({"other": true, "count": self.other, "share": self.share(self.other)}));
        }
        Value::Array(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_rank_and_stay_bounded() {
        let mut tally = Tally::new(2);
        for value in ["b", "a", "b", "c", "d", "a"] {
            tally.add(value.to_owned());
        }
        let ranked: Vec<(&str, u64)> =
            tally.ranked().iter().map(|(v, n)| (v.as_str(), *n)).collect();
        assert_eq!(ranked, [("a", 2), ("b", 2)]);
        assert_eq!(
            (tally.distinct(), tally.other, tally.total(), tally.is_exact()),
            (2, 2, 6, false)
        );
        assert_eq!(tally.json()[2]["count"], 2);
    }
}
