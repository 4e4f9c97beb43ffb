//! The least promise that is acted on, so that no kind of picture is harmed on average.
use super::policy::mean;

/// Groups of pairs by how good they are already; none of them may be harmed on average.
const CLASSES: usize = 3;

/// What a model promised of its choice, and what that gained.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guess {
    /// Place of the choice among the operations.
    pub(super) operation: usize,
    /// The score of the picture before anything was done.
    pub(super) before: f64,
    pub(super) promised: f64,
    pub(super) gain: f64,
    pub(super) possible: f64,
}

impl Guess {
    pub(super) const fn gained(&self) -> f64 {
        if self.promised > 0.0 { self.gain } else { 0.0 }
    }
}

/// Promises of a chain of operations, and the scores before, between and after them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chain {
    pub(super) promised: Vec<f64>,
    pub(super) scores: Vec<f64>,
}

impl Chain {
    /// The score where the first promise below `least` ends the chain.
    fn score(&self, least: f64) -> f64 {
        let acts = self.promised.iter().take_while(|promised| **promised >= least).count();
        self.scores.get(acts).copied().unwrap_or(0.0)
    }
}

/// Whether, with a guard, the chains of each class gain at least their standard error on average:
/// thirds of the pairs by how good they are already. Nothing done is no harm.
fn harmless(sorted: &[Chain], least: f64) -> bool {
    sorted.chunks(sorted.len().div_ceil(CLASSES).max(1)).all(|class| {
        let gains: Vec<f64> =
            class.iter().map(|chain| chain.score(least) - chain.score(f64::MAX)).collect();
        let count = gains.len() as f64;
        let middle = gains.iter().sum::<f64>() / count;
        let spread = gains.iter().map(|gain| (gain - middle).powi(2)).sum::<f64>() / count;
        middle >= libm::sqrt(spread / count)
    })
}

/// The least promise with the best mean score over all chains, of those with which no class is
/// harmed; the largest of equals.
pub(super) fn best_threshold(chains: &[Chain]) -> f64 {
    let mut promises: Vec<f64> = chains.iter().flat_map(|chain| &chain.promised).copied().collect();
    promises.retain(|promised| *promised > 0.0);
    promises.push(1.0);
    promises.sort_by(|a, b| b.total_cmp(a));
    let mut sorted = chains.to_vec();
    sorted.sort_by(|a, b| a.score(f64::MAX).total_cmp(&b.score(f64::MAX)));
    let mut best = (1.0, f64::MIN);
    for least in promises.into_iter().filter(|least| harmless(&sorted, *least)) {
        let score = mean(chains.iter().map(|chain| chain.score(least)));
        if score > best.1 + 1e-9 {
            best = (least, score);
        }
    }
    best.0
}

/// For each operation the least promise that was worth acting on: the one with the largest sum of
/// gains, of those with which no class loses more than chance. 1, which is never promised, if none.
pub(super) fn least_gains(guesses: &[Guess], operations: usize) -> Vec<f64> {
    let mut scores: Vec<f64> = guesses.iter().map(|guess| guess.before).collect();
    scores.sort_by(f64::total_cmp);
    let border = |class: usize| scores.get(class * scores.len() / CLASSES).copied();
    let class = |guess: &Guess| {
        (1..CLASSES).filter(|at| border(*at).is_some_and(|score| guess.before >= score)).count()
    };
    let least = |operation: usize| {
        let mut own: Vec<&Guess> = guesses.iter().filter(|g| g.operation == operation).collect();
        own.sort_by(|a, b| b.promised.total_cmp(&a.promised));
        let (mut sums, mut squares) = ([0.0_f64; CLASSES], [0.0_f64; CLASSES]);
        let (mut best, mut least) = (0.0, 1.0);
        for guess in own.into_iter().filter(|guess| guess.promised > 0.0) {
            sums[class(guess)] += guess.gain;
            squares[class(guess)] += guess.gain.powi(2);
            let sum: f64 = sums.iter().sum();
            // As far above zero as chance moves it.
            let mut classes = sums.iter().zip(&squares);
            if sum > best && classes.all(|(sum, square)| *sum >= libm::sqrt(*square) - 1e-12) {
                (best, least) = (sum, guess.promised);
            }
        }
        f64::min(least, 1.0)
    };
    (0..operations).map(least).collect()
}

/// The least promise that was worth acting on, over all guesses.
pub(super) fn least_gain(mut guesses: Vec<Guess>) -> f64 {
    guesses.sort_by(|a, b| b.promised.total_cmp(&a.promised));
    let (mut sum, mut best, mut least) = (0.0, 0.0, f64::MAX);
    for guess in guesses {
        sum += guess.gain;
        if sum > best {
            (best, least) = (sum, guess.promised);
        }
    }
    // A file holds finite numbers only: a gain of one is never promised.
    least.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_stops_where_promises_did_not_pay() {
        let chain = |promised: &[f64], scores: &[f64]| Chain {
            promised: promised.to_vec(),
            scores: scores.to_vec(),
        };
        let chains = [
            chain(&[0.2, 0.05], &[0.5, 0.7, 0.6]),
            chain(&[0.1, 0.02], &[0.5, 0.55, 0.5]),
            chain(&[0.04], &[0.5, 0.4]),
        ];
        assert!((best_threshold(&chains) - 0.1).abs() < 1e-12);
        assert!((chains[0].score(0.1) - 0.7).abs() < 1e-12);
        assert!((chains[2].score(0.1) - 0.5).abs() < 1e-12);
        assert!((best_threshold(&chains[2..]) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn no_class_pays_for_another() {
        let chain = |promised: f64, scores: [f64; 2]| Chain {
            promised: vec![promised],
            scores: scores.to_vec(),
        };
        // Much is gained for bad pictures, a little is lost for good ones that promise more than
        // some of them.
        let bad = (0..6).map(|at| chain(0.05 + 0.01 * f64::from(at), [0.4, 0.6]));
        let good = (0..12).map(|_| chain(0.065, [0.9, 0.88]));
        let chains: Vec<Chain> = bad.chain(good).collect();
        assert!((best_threshold(&chains) - 0.07).abs() < 1e-12);
    }

    #[test]
    fn guesses_give_a_guard_without_pictures() {
        let guess = |promised: f64, gain: f64| Guess {
            operation: 0,
            before: 0.5,
            promised,
            gain,
            possible: 0.3,
        };
        let guesses = vec![guess(0.1, 0.2), guess(0.05, 0.05), guess(0.01, -0.1)];
        assert!((least_gain(guesses) - 0.05).abs() < 1e-12);
    }

    #[test]
    fn each_operation_has_its_own_guard() {
        let guess = |operation: usize, before: f64, promised: f64, gain: f64| Guess {
            operation,
            before,
            promised,
            gain,
            possible: 0.3,
        };
        let guesses = [
            // Pays everywhere, up to a promise of 0.02.
            guess(0, 0.3, 0.10, 0.11),
            guess(0, 0.6, 0.05, 0.04),
            guess(0, 0.9, 0.02, 0.02),
            guess(0, 0.5, 0.01, -0.05),
            // Pays for bad pictures and harms good ones.
            guess(1, 0.3, 0.12, 0.20),
            guess(1, 0.9, 0.08, -0.03),
            guess(1, 0.3, 0.06, 0.20),
            // Never pays.
            guess(2, 0.6, 0.20, -0.01),
        ];
        let found = least_gains(&guesses, 4);
        for (found, wanted) in found.iter().zip([0.02, 0.12, 1.0, 1.0]) {
            assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
        }
    }
}
