//! Which kind of image an index is: a formula, so that nothing of a run is listed in memory.
use super::config::Config;

/// How many images each kind gets, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Allocation {
    /// Images of each kind, by the name of the kind, with its number in the configuration.
    counts: Vec<(usize, u64)>,
}

impl Allocation {
    /// Each kind gets its proportion rounded down; what is left goes to the first names. The
    /// kinds then take turns by name.
    pub(super) fn new(config: &Config) -> Self {
        let total = config.total_images;
        let share = |proportion: f64| (proportion * total as f64 + 1e-9).floor() as u64;
        let mut order: Vec<usize> = (0..config.specifications.len()).collect();
        order.sort_by(|a, b| config.specifications[*a].name.cmp(&config.specifications[*b].name));
        let mut counts: Vec<(usize, u64)> = order
            .into_iter()
            .map(|at| (at, share(config.specifications[at].proportion).min(total)))
            .collect();
        let mut given: u64 = counts.iter().map(|(_, count)| count).sum();
        while given < total
            && counts.iter().any(|(at, _)| config.specifications[*at].proportion > 0.0)
        {
            for (at, count) in &mut counts {
                if given < total && config.specifications[*at].proportion > 0.0 {
                    *count += 1;
                    given += 1;
                }
            }
        }
        Self { counts }
    }

    /// The number of the kind of image `index`.
    pub(super) fn kind(&self, index: u64) -> Option<usize> {
        let before = |round: u64| self.counts.iter().map(|(_, n)| (*n).min(round)).sum::<u64>();
        if index >= before(u64::MAX) {
            return None;
        }
        // The last round that begins at or before the index.
        let (mut low, mut high) = (0, index + 1);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if before(middle) <= index { low = middle } else { high = middle }
        }
        let place = (index - before(low)) as usize;
        self.counts.iter().filter(|(_, count)| *count > low).nth(place).map(|(at, _)| *at)
    }

    /// Images of each kind: its number in the configuration and how many.
    pub(super) fn counts(&self) -> &[(usize, u64)] {
        &self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::Spec;
    use super::*;

    fn allocation(total_images: u64, kinds: &[(&str, f64)]) -> Allocation {
        let spec = |(name, proportion): &(&str, f64)| Spec {
            name: (*name).to_owned(),
            proportion: *proportion,
            ..Spec::default()
        };
        let specifications = kinds.iter().map(spec).collect();
        Allocation::new(&Config { total_images, seed: None, specifications })
    }

    #[test]
    fn kinds_take_turns_by_name() {
        let all = allocation(7, &[("b", 0.25), ("a", 0.5), ("c", 0.25)]);
        // a: 3 + 1, b: 1 + 1, c: 1
        let order: Vec<_> = (0..8).map(|index| all.kind(index)).collect();
        let expected = [1, 0, 2, 1, 0, 1, 1].map(Some);
        assert_eq!(order[..7], expected);
        assert_eq!(order[7], None);
    }

    #[test]
    fn the_number_is_exact_and_the_formula_fast() {
        for total in [1, 2, 3, 10, 999, 1_000_003] {
            let all = allocation(total, &[("x", 0.333), ("y", 0.333), ("z", 0.334)]);
            let sum: u64 = all.counts().iter().map(|(_, count)| count).sum();
            assert_eq!(sum, total);
            assert!(all.kind(total - 1).is_some() && all.kind(total).is_none());
        }
    }
}
