//! The search over one pair: successive halving, coordinate search, one operation after another.
use pixloom_image::{Image, Serial};
use pixloom_restore::{Planes, PlanesError, Quality, features, traits};
use serde::{Deserialize, Serialize};

use super::rungs::{Ladder, applied, planes};
use super::space::{Candidate, Space};
use crate::jobs::restore::number;
use crate::jobs::restore::pair::Scored;

/// Candidates that go from the first to the second rung, and from there to the whole.
pub(super) const KEPT: [usize; 2] = [10, 4];
/// How many of the best are refined.
pub(super) const REFINED: usize = 2;
/// Factors by which numbers are moved, one round after the other.
const MOVES: [f64; 3] = [1.5, 1.25, 1.1];
/// An operation that gains less is not worth its place.
const LEAST_GAIN: f64 = 5e-4;

/// A picture on its way from damaged to restored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::jobs::restore) struct State {
    /// What was done so far, as pipeline text.
    pub(super) done: String,
    pub(super) scored: Scored,
    pub(super) features: Vec<f64>,
    pub(super) traits: Vec<f64>,
    /// What every candidate gains on the first rung; nothing where it cannot be tried.
    pub(super) gains: Vec<Option<f64>>,
    /// The best next operation, refined; empty if nothing gains.
    pub(super) best: String,
    /// What it gains on the whole picture.
    #[serde(with = "number")]
    pub(super) gain: f64,
}

/// Scores of `count` candidates, each by the work given for it.
pub(super) type Each<'a> = dyn for<'b> Fn(usize, &'b Try<'b>) -> Vec<Option<Quality>> + Sync + 'a;

/// The score of the candidate of that number.
type Try<'a> = dyn Fn(usize) -> Option<Quality> + Sync + 'a;

/// What a search may spend, and on what.
pub(super) struct Hunt<'a> {
    pub(super) space: &'a Space,
    /// Most candidates that are tried.
    pub(super) budget: u32,
    /// Splits work over idle workers: `(count, work)`, results in order.
    pub(super) each: &'a Each<'a>,
    pub(super) stopped: &'a (dyn Fn() -> bool + Sync),
}

/// What was found.
pub(super) struct Found {
    pub(super) states: Vec<State>,
    pub(super) evaluations: u32,
}

/// A contender and how near it comes.
struct Contender {
    candidate: Option<Candidate>,
    at: usize,
    score: f64,
}

impl Hunt<'_> {
    pub(super) fn run(&self, damaged: Planes, truth: Planes) -> Result<Found, PlanesError> {
        let (ladder, mut image) = Ladder::new(damaged, truth)?;
        let mut found = Found { states: Vec::new(), evaluations: 0 };
        let mut done = String::new();
        for step in 0..=self.space.steps {
            let last = step == self.space.steps;
            let Some(state) =
                self.state(&ladder, &image, (done.clone(), last), &mut found.evaluations)
            else {
                break;
            };
            let (state, next) = state;
            let best = state.best.clone();
            found.states.push(state);
            let Some(next) = next else { break };
            image = next;
            done = if done.is_empty() { best } else { format!("{done} | {best}") };
        }
        Ok(found)
    }

    /// Looks at a state: what every candidate gains there, and the picture after the best.
    fn state(
        &self,
        ladder: &Ladder,
        image: &Image,
        (done, last): (String, bool),
        spent: &mut u32,
    ) -> Option<(State, Option<Image>)> {
        let now = ladder.quality(image, ladder.top())?;
        let own = planes(image).ok()?;
        let measured = features::features(&own);
        let mut state = State {
            done,
            scored: now.into(),
            features: measured.to_vec(),
            traits: traits::traits(&own, &measured).to_vec(),
            gains: Vec::new(),
            best: String::new(),
            gain: 0.0,
        };
        let all = self.space.candidates.len();
        if now.psnr.is_infinite() || self.left(*spent) < all || (self.stopped)() {
            return Some((state, None));
        }
        let view = ladder.view(image, 0);
        let base = ladder.quality(&view, 0)?.score();
        let candidates = &self.space.candidates;
        let tried =
            (self.each)(candidates.len(), &|at| ladder.tried(&view, (&candidates[at].pipeline, 0)));
        *spent += candidates.len() as u32;
        let gain = |quality: &Option<Quality>| Some((*quality)?.score() - base);
        state.gains = tried.iter().map(gain).map(|g| g.filter(|g| g.is_finite())).collect();
        if last || self.left(*spent) < self.space.least_budget() - all {
            return Some((state, None));
        }
        let Some((text, score, next)) = self.best(ladder, image, &state.gains, spent) else {
            return Some((state, None));
        };
        let gain = score - now.score();
        if gain < LEAST_GAIN {
            return Some((state, None));
        }
        (state.best, state.gain) = (text, gain);
        Some((state, Some(next)))
    }

    /// How many candidates may still be tried.
    const fn left(&self, spent: u32) -> usize {
        self.budget.saturating_sub(spent) as usize
    }

    /// Climbs the ladder with the best of the first rung.
    fn best(
        &self,
        ladder: &Ladder,
        image: &Image,
        gains: &[Option<f64>],
        spent: &mut u32,
    ) -> Option<(String, f64, Image)> {
        let mut order: Vec<(f64, usize)> =
            gains.iter().enumerate().filter_map(|(at, gain)| Some(((*gain)?, at))).collect();
        order.retain(|(gain, _)| *gain > 0.0);
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        order.truncate(KEPT[0]);
        let mut contenders: Vec<Contender> =
            order.into_iter().map(|(score, at)| Contender { candidate: None, at, score }).collect();
        let middle = 1.min(ladder.top());
        let view = ladder.view(image, middle);
        self.score(ladder, (&view, middle), &mut contenders, spent);
        contenders.truncate(KEPT[1]);
        for at in 0..contenders.len().min(REFINED) {
            if let Some(better) = self.refined(ladder, (&view, middle), &contenders[at], spent) {
                contenders.push(better);
            }
        }
        if middle < ladder.top() {
            self.score(ladder, (image, ladder.top()), &mut contenders, spent);
        } else {
            contenders.sort_by(|a, b| b.score.total_cmp(&a.score));
        }
        let best = contenders.into_iter().next()?;
        let candidate = self.candidate(&best);
        let next = applied(&candidate.pipeline, image.clone(), &Serial).ok()?;
        Some((candidate.text.clone(), best.score, next))
    }

    fn candidate<'b>(&'b self, contender: &'b Contender) -> &'b Candidate {
        contender.candidate.as_ref().unwrap_or(&self.space.candidates[contender.at])
    }

    /// Scores contenders on a rung and puts the best first.
    fn score(
        &self,
        ladder: &Ladder,
        (view, rung): (&Image, usize),
        contenders: &mut [Contender],
        spent: &mut u32,
    ) {
        let tried = (self.each)(contenders.len(), &|at| {
            ladder.tried(view, (&self.candidate(&contenders[at]).pipeline, rung))
        });
        *spent += contenders.len() as u32;
        for (contender, quality) in contenders.iter_mut().zip(tried) {
            contender.score = quality.map_or(f64::MIN, |quality| quality.score());
        }
        contenders.sort_by(|a, b| b.score.total_cmp(&a.score));
    }

    /// Moves one number after the other as long as that helps.
    fn refined(
        &self,
        ladder: &Ladder,
        (view, rung): (&Image, usize),
        from: &Contender,
        spent: &mut u32,
    ) -> Option<Contender> {
        let mut best: Option<Contender> = None;
        for step in MOVES {
            for at in 0..self.candidate(from).knobs().len() {
                let (start, score) = match &best {
                    Some(best) => (self.candidate(best), best.score),
                    None => (self.candidate(from), from.score),
                };
                let knob = &start.knobs()[at];
                let moves: Vec<Candidate> =
                    [true, false].iter().filter_map(|up| start.moved(knob, *up, step)).collect();
                // The best of all are tried on the whole picture after this.
                if self.left(*spent) < moves.len() + KEPT[1] + REFINED || (self.stopped)() {
                    return best;
                }
                let tried =
                    (self.each)(moves.len(), &|at| ladder.tried(view, (&moves[at].pipeline, rung)));
                *spent += moves.len() as u32;
                let mut score = score;
                for (candidate, quality) in moves.into_iter().zip(tried) {
                    let Some(quality) = quality.filter(|quality| quality.score() > score) else {
                        continue;
                    };
                    score = quality.score();
                    best = Some(Contender { candidate: Some(candidate), at: from.at, score });
                }
            }
        }
        best
    }
}
