//! Splits of a table, and how good predictions are.
use super::random::Random;

pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// Coefficient of determination: 1 for perfect predictions, 0 for the mean of the truth; also 0
/// where the truth is constant, of which there is nothing to explain.
pub fn r2(truth: &[f64], found: &[f64]) -> f64 {
    let middle = mean(truth);
    let spread: f64 = truth.iter().map(|value| (value - middle).powi(2)).sum();
    let error: f64 = truth.iter().zip(found).map(|(a, b)| (a - b).powi(2)).sum();
    if spread > 0.0 { 1.0 - error / spread } else { 0.0 }
}

/// Mean absolute error.
pub fn mae(truth: &[f64], found: &[f64]) -> f64 {
    let errors: Vec<f64> = truth.iter().zip(found).map(|(a, b)| (a - b).abs()).collect();
    mean(&errors)
}

/// All rows in a drawn order (Fisher and Yates).
fn shuffled(rows: usize, seed: u64) -> Vec<usize> {
    let (mut order, mut random) = ((0..rows).collect::<Vec<_>>(), Random::new(seed));
    for at in (1..rows).rev() {
        order.swap(at, random.below(at + 1));
    }
    order
}

/// Rows to learn from and rows to test with, each in order; `share` of them are tested, at least
/// one, and two are left to learn from (models are compared on them in turn) if there are three.
pub fn split(rows: usize, share: f64, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let most = rows.saturating_sub(2).max(rows.min(2) / 2);
    let tested = ((rows as f64 * share).ceil() as usize).min(most);
    let order = shuffled(rows, seed);
    let (test, train) = order.split_at(tested);
    let sorted = |places: &[usize]| {
        let mut places = places.to_vec();
        places.sort_unstable();
        places
    };
    (sorted(train), sorted(test))
}

/// The fold of each row, 0 to `count`, of nearly equal size.
pub fn folds(rows: usize, count: usize, seed: u64) -> Vec<usize> {
    let mut folds = vec![0; rows];
    for (place, row) in shuffled(rows, seed).into_iter().enumerate() {
        folds[row] = place % count.max(1);
    }
    folds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_and_folds_cover_everything_once() {
        let (train, test) = split(112, 0.2, 42);
        assert_eq!((train.len(), test.len()), (89, 23));
        let mut all = [train, test].concat();
        all.sort_unstable();
        assert_eq!(all, (0..112).collect::<Vec<_>>());
        assert_eq!(split(1, 0.2, 0), (vec![0], vec![]));
        for (rows, share) in [(3, 0.5), (5, 0.8), (10, 0.9)] {
            assert_eq!(split(rows, share, 1).0.len(), 2, "{rows} {share}");
        }
        let folds = folds(11, 3, 7);
        let sizes: Vec<usize> =
            (0..3).map(|fold| folds.iter().filter(|own| **own == fold).count()).collect();
        assert_eq!(sizes, [4, 4, 3]);
    }

    #[test]
    fn figures_of_known_predictions() {
        let truth = [1.0, 2.0, 3.0];
        assert_eq!((r2(&truth, &truth), r2(&truth, &[2.0; 3])), (1.0, 0.0));
        assert_eq!((r2(&[5.0; 3], &truth), mae(&truth, &[2.0, 2.0, 5.0])), (0.0, 1.0));
    }
}
