//! The search of document 003: forty candidates, and what honesty adds to them.
use crate::gauss::{Kernel, blur};
use crate::score::Scratch;
use crate::unsharp::mix;
use crate::white::white_balance;
use crate::{Planes, PlanesError, Quality, Truth, resize};

/// Standard deviations of the blur, in pixels.
pub const SIGMAS: [f64; 4] = [0.5, 1.0, 1.5, 2.0];
/// Strengths of the sharpening.
pub const STRENGTHS: [f64; 5] = [0.5, 1.0, 1.5, 2.0, 2.5];
/// Parts of a search that can run side by side: one per colour state and sigma, and one for the
/// candidates without sharpening.
pub const PARTS: usize = 2 * SIGMAS.len() + 1;

/// What the refinement may try: sigma in pixels, strength (below zero it smooths).
const SIGMA_RANGE: (f64, f64) = (0.3, 6.0);
const STRENGTH_RANGE: (f64, f64) = (-1.0, 4.0);
/// Steps below which the refinement ends.
const LEAST_STEP: f64 = 0.04;

/// What is done to a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameters {
    /// Whether the gray-world white balance comes first.
    pub white_balance: bool,
    /// Standard deviation of the blur in pixels.
    pub sigma: f64,
    /// Strength of the sharpening; 0 does nothing, −1 is the blur itself.
    pub strength: f64,
}

/// Something that was tried.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    /// What was done.
    pub parameters: Parameters,
    /// How near it came.
    pub quality: Quality,
}

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The best of the forty, the first of equals.
    pub best: Candidate,
    /// The picture as it is.
    pub identity: Quality,
    /// The picture after white balance alone.
    pub color_only: Quality,
    /// The best of all, after continuous refinement where that was asked for.
    pub refined: Candidate,
    /// All forty: without the last index running over strengths, then sigmas, then from white
    /// balance to none.
    pub grid: Vec<Quality>,
    /// How many candidates were tried.
    pub evaluations: u32,
}

impl Outcome {
    /// Whether the best of the forty lies on an edge of the grid, where something outside of it
    /// may be better.
    ///
    /// Not so where a candidate inside is as good, or where the picture is the truth already.
    pub fn is_on_edge(&self) -> bool {
        let at_end = |value: f64, values: &[f64]| {
            values.first().is_some_and(|first| value <= *first)
                || values.last().is_some_and(|last| value >= *last)
        };
        let is_edge = |at: usize| {
            let Parameters { sigma, strength, .. } = of_grid(at);
            at_end(sigma, &SIGMAS) || at_end(strength, &STRENGTHS)
        };
        let best = self.best.quality.score();
        let mut bests = self.grid.iter().enumerate().filter(|(_, found)| found.score() >= best);
        self.identity.psnr.is_finite() && bests.all(|(at, _)| is_edge(at))
    }
}

/// A damaged picture beside the truth.
#[derive(Debug)]
pub struct Searcher {
    plain: Planes,
    balanced: Planes,
    truth: Truth,
    fits: bool,
}

/// What one part of a search found, in the order of the grid.
pub type Part = Vec<Quality>;

impl Searcher {
    /// Brings the two pictures to the same number of planes. Where sizes differ, each candidate
    /// is resized to the truth before it is scored.
    ///
    /// # Errors
    /// If the truth has less than seven pixels a side.
    pub fn new(damaged: Planes, undamaged: Planes) -> Result<Self, PlanesError> {
        let count = if damaged.is_gray() && undamaged.is_gray() { 1 } else { 3 };
        let (plain, undamaged) = (damaged.expanded(count), undamaged.expanded(count));
        let fits = (plain.width(), plain.height()) == (undamaged.width(), undamaged.height());
        let balanced = white_balance(&plain);
        Ok(Self { plain, balanced, truth: Truth::new(undamaged)?, fits })
    }

    /// Whether the two pictures have the same size.
    pub const fn fits(&self) -> bool {
        self.fits
    }

    /// The damaged picture.
    pub const fn damaged(&self) -> &Planes {
        &self.plain
    }

    /// The truth.
    pub const fn truth(&self) -> &Truth {
        &self.truth
    }

    const fn state(&self, white_balance: bool) -> &Planes {
        if white_balance { &self.balanced } else { &self.plain }
    }

    /// Scores the candidates of one part, 0 to [`PARTS`].
    pub fn part(&self, at: usize) -> Part {
        let mut scratch = self.truth.scratch();
        let (balanced, sigma) = (at < SIGMAS.len(), SIGMAS.get(at % SIGMAS.len()));
        match sigma {
            Some(sigma) if at + 1 < PARTS => {
                let base = self.state(balanced);
                let blurred = blurred(base, *sigma);
                let score = |s: &f64| self.quality((base, &blurred), *s, &mut scratch);
                STRENGTHS.iter().map(score).collect()
            }
            _ => {
                let states = [&self.plain, &self.balanced];
                states.iter().map(|base| self.quality((base, base), 0.0, &mut scratch)).collect()
            }
        }
    }

    fn quality(
        &self,
        (base, blurred): (&Planes, &Planes),
        strength: f64,
        scratch: &mut Scratch,
    ) -> Quality {
        if self.fits {
            return self.truth.unsharp_quality((base, blurred), strength, scratch);
        }
        let mut blurred = blurred.as_slice().iter();
        let restored = base.map(|plane| match blurred.next() {
            Some(blurred) => mix(plane, blurred, strength),
            None => plane.clone(),
        });
        self.quality_of(&restored, scratch)
    }

    /// How near the picture comes with these parameters.
    pub fn evaluate(&self, parameters: Parameters, scratch: &mut Scratch) -> Quality {
        let base = self.state(parameters.white_balance);
        if parameters.strength == 0.0 {
            return self.quality((base, base), 0.0, scratch);
        }
        let blurred = blurred(base, parameters.sigma.clamp(SIGMA_RANGE.0, SIGMA_RANGE.1));
        self.quality((base, &blurred), parameters.strength, scratch)
    }

    /// How near any restored picture comes; it is resized to the truth where sizes differ.
    pub fn quality_of(&self, restored: &Planes, scratch: &mut Scratch) -> Quality {
        let truth = self.truth.planes();
        let (width, height) = (truth.width(), truth.height());
        if (restored.width(), restored.height()) == (width, height) {
            return self.truth.quality(restored, scratch);
        }
        let resized = restored.map(|plane| resize::bilinear(plane, width, height));
        self.truth.quality(&resized, scratch)
    }

    /// Puts the parts together, in order, and refines the best with at most `steps` candidates
    /// more. `stopped` is asked before each of them.
    pub fn finish(&self, parts: &[Part], steps: u32, stopped: &dyn Fn() -> bool) -> Outcome {
        let grid: Vec<Quality> = parts.iter().take(PARTS - 1).flatten().copied().collect();
        let plain = parts.last().map(Vec::as_slice).unwrap_or_default();
        let worst = Quality { psnr: 0.0, ssim: -1.0 };
        let identity = plain.first().copied().unwrap_or(worst);
        let color_only = plain.get(1).copied().unwrap_or(worst);
        let mut best = Candidate { parameters: of_grid(0), quality: worst };
        for (at, quality) in grid.iter().enumerate() {
            if at == 0 || quality.score() > best.quality.score() {
                best = Candidate { parameters: of_grid(at), quality: *quality };
            }
        }
        let mut refined = best;
        for (white_balance, quality) in [(false, identity), (true, color_only)] {
            if quality.score() >= refined.quality.score() {
                let parameters = Parameters { white_balance, sigma: 1.0, strength: 0.0 };
                refined = Candidate { parameters, quality };
            }
        }
        let mut climb = Climb::new(self, steps);
        let refined = climb.from(refined, stopped);
        let evaluations = 42 + steps - climb.left;
        Outcome { best, identity, color_only, refined, grid, evaluations }
    }

    /// The whole search on the calling thread.
    pub fn run(&self, steps: u32) -> Outcome {
        let parts: Vec<Part> = (0..PARTS).map(|at| self.part(at)).collect();
        self.finish(&parts, steps, &|| false)
    }
}

/// The candidate at a place of the grid.
pub fn of_grid(at: usize) -> Parameters {
    let (group, strength) = (at / STRENGTHS.len(), at % STRENGTHS.len());
    Parameters {
        white_balance: group < SIGMAS.len(),
        sigma: SIGMAS[group % SIGMAS.len()],
        strength: STRENGTHS[strength],
    }
}

fn blurred(base: &Planes, sigma: f64) -> Planes {
    let kernel = Kernel::new(sigma);
    base.map(|plane| blur(plane, &kernel))
}

/// Compass search (Hooke and Jeeves 1961) over strength and the logarithm of sigma.
struct Climb<'a> {
    searcher: &'a Searcher,
    scratch: Scratch,
    /// The blur that was made last.
    blurred: Option<(f64, bool, Planes)>,
    left: u32,
}

impl<'a> Climb<'a> {
    fn new(searcher: &'a Searcher, left: u32) -> Self {
        Self { searcher, scratch: searcher.truth.scratch(), blurred: None, left }
    }

    fn from(&mut self, start: Candidate, stopped: &dyn Fn() -> bool) -> Candidate {
        let (mut best, mut step) = (start, 0.4);
        while step > LEAST_STEP && self.left > 0 && best.quality.psnr.is_finite() {
            let before = best.quality.score();
            for (strength, octaves) in [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)] {
                let moved = moved(best.parameters, strength, octaves);
                let idle = best.parameters.strength == 0.0 && octaves != 0.0;
                if moved == best.parameters || idle || self.left == 0 || stopped() {
                    continue;
                }
                let quality = self.quality(moved);
                if quality.score() > best.quality.score() {
                    best = Candidate { parameters: moved, quality };
                }
            }
            if best.quality.score() <= before {
                step *= 0.5;
            }
        }
        best
    }

    fn quality(&mut self, parameters: Parameters) -> Quality {
        self.left -= 1;
        let Parameters { white_balance, sigma, strength } = parameters;
        let base = self.searcher.state(white_balance);
        let known =
            self.blurred.take().filter(|known| (known.0, known.1) == (sigma, white_balance));
        let known = known.unwrap_or_else(|| (sigma, white_balance, blurred(base, sigma)));
        let quality = self.searcher.quality((base, &known.2), strength, &mut self.scratch);
        self.blurred = Some(known);
        quality
    }
}

/// A neighbour, cut to what may be tried and rounded to what a table can hold.
fn moved(from: Parameters, strength: f64, octaves: f64) -> Parameters {
    let rounded = |value: f64| libm::round(value * 1e3) / 1e3;
    let sigma = rounded(from.sigma * libm::exp2(octaves)).clamp(SIGMA_RANGE.0, SIGMA_RANGE.1);
    let strength = rounded(from.strength + strength).clamp(STRENGTH_RANGE.0, STRENGTH_RANGE.1);
    Parameters { sigma, strength, ..from }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Plane;
    use crate::unsharp::unsharp;

    fn picture(width: usize, height: usize) -> Planes {
        let plane = |channel: usize| {
            let value = |at: usize| {
                let (x, y) = (at % width, at / width);
                (((x / 5 + y / 7) % 2 * 90 + channel * 15) + (at * 7919) % 41) as u8 + 30
            };
            Plane::new(width, height, (0..width * height).map(value).collect()).unwrap()
        };
        Planes::new((0..3).map(plane).collect()).unwrap()
    }

    #[test]
    fn the_order_of_the_grid_is_that_of_document_003() {
        let first = Parameters { white_balance: true, sigma: 0.5, strength: 0.5 };
        assert_eq!(of_grid(0), first);
        assert_eq!(of_grid(7), Parameters { sigma: 1.0, strength: 1.5, ..first });
        let last = Parameters { white_balance: false, sigma: 2.0, strength: 2.5 };
        assert_eq!(of_grid(39), last);
    }

    #[test]
    fn what_made_the_truth_is_found() {
        let damaged = picture(60, 50);
        let truth = unsharp(&damaged, 1.5, 1.0);
        let outcome = Searcher::new(damaged, truth).unwrap().run(20);
        let made = Parameters { white_balance: false, sigma: 1.5, strength: 1.0 };
        assert_eq!(outcome.best.parameters, made);
        assert!(outcome.best.quality.psnr.is_infinite());
        assert_eq!((outcome.grid.len(), outcome.refined), (40, outcome.best));
        assert!(!outcome.is_on_edge());
    }

    #[test]
    fn refinement_leaves_the_grid_where_that_is_better() {
        let damaged = picture(60, 50);
        let truth = unsharp(&damaged, 0.8, -0.6);
        let outcome = Searcher::new(damaged, truth).unwrap().run(60);
        assert!(outcome.refined.quality.score() > outcome.identity.score());
        assert!(outcome.refined.parameters.strength < -0.3, "{:?}", outcome.refined);
        assert!(outcome.identity.score() > outcome.best.quality.score());
        assert!(outcome.is_on_edge());
    }

    #[test]
    fn other_sizes_are_resized_and_grey_meets_colour() {
        let (damaged, truth) = (picture(40, 30), picture(60, 45));
        let searcher = Searcher::new(damaged, truth.clone()).unwrap();
        assert!(!searcher.fits() && searcher.run(0).best.quality.psnr > 5.0);
        let gray = Planes::new(vec![truth.luma()]).unwrap();
        let outcome = Searcher::new(gray.clone(), gray).unwrap().run(10);
        assert!(outcome.identity.psnr.is_infinite());
        assert!(outcome.refined.quality.psnr.is_infinite());
        assert!(outcome.refined.parameters.strength.abs() < 1e-12);
        assert!(!outcome.is_on_edge(), "there is no optimum");
        // All candidates are equal.
        let flat =
            |value| Planes::new(vec![Plane::new(20, 20, vec![value; 400]).unwrap()]).unwrap();
        let outcome = Searcher::new(flat(10), flat(90)).unwrap().run(0);
        assert!(!outcome.is_on_edge(), "{:?}", outcome.best);
    }
}
