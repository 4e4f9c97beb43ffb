//! The steps of a comparison, from rough to fine.
use super::color;
use super::correlate::{Peak, correlate, repeats};
use super::crop;
use super::plane::{FINE, Plane, band, fit, luma, shrink, smooth};
use super::refine::{Fit, Motion, refine};
use super::threshold as limit;
use super::{Alignment, Verdict, View, unsure};
use crate::filter::gaussian_blur;
use crate::geometry::{Turn, turn};
use crate::{Exec, Image, ImageError, Size};

/// Longer side of the version in which flips, turns and partners are judged.
const COARSE_EDGE: u32 = 64;
/// Blur before the refinement, in pixels of each version.
const SMOOTHING: f32 = 1.2;
/// Blurs of LQ that are tried, in pixels of the comparison.
const BLURS: [f32; 4] = [0.7, 1.3, 2.0, 3.0];

/// Two pictures on their way to a verdict.
pub(super) struct Judge<'a> {
    pub(super) hq: View<'a>,
    /// LQ in the size of the comparison, RGB in floats.
    pub(super) small: &'a Image,
    pub(super) lq_size: Size,
    pub(super) exec: &'a dyn Exec,
}

/// The best way to lay HQ on LQ, judged from small versions.
struct Oriented {
    way: Turn,
    best: Peak,
    unturned: f64,
    /// Deviation of HQ and LQ in the band that was compared.
    deviation: [f64; 2],
}

impl Judge<'_> {
    pub(super) fn verdict(&self) -> Result<Alignment, ImageError> {
        let small_luma = luma(self.small);
        let oriented = self.orient(&small_luma)?;
        let mut result = Alignment {
            turn: oriented.way,
            correlation: oriented.best.correlation,
            unturned: oriented.unturned,
            ..unsure()
        };
        if oriented.deviation[0] < limit::FLAT || oriented.deviation[1] < limit::FLAT {
            return Ok(result);
        }
        if oriented.best.correlation < limit::LOOK_FOR_CROP && self.find_crop(&mut result)? {
            return Ok(result);
        }
        if oriented.best.correlation < limit::RELATED {
            let hidden = oriented.hidden_by_noise(&small_luma, COARSE_EDGE);
            result.verdict = if hidden { Verdict::Unsure } else { Verdict::Unrelated };
            return Ok(result);
        }
        let size = oriented.way.inverse().size(self.small.size());
        let large = turn(self.hq.reduced(size, self.exec)?, oriented.way);
        let large_luma = luma(&large);
        let fit = self.refine(&large_luma, &small_luma, &oriented.best)?;
        let (fit, blur) = self.match_blur(&large_luma, &small_luma, fit)?;
        drop(large_luma);
        self.apply(fit, &oriented.best, &mut result);
        let placed = matches!(result.verdict, Verdict::Aligned | Verdict::Shifted);
        if placed && self.is_periodic(&large)? {
            result.verdict = Verdict::Unsure;
        }
        if matches!(result.verdict, Verdict::Aligned | Verdict::Shifted | Verdict::Unsure) {
            let coarse = fit_coarse(self.small.size());
            let large = shrink(&gaussian_blur(&large, blur, self.exec)?, coarse, self.exec)?;
            let small = shrink(self.small, coarse, self.exec)?;
            result.color = color::compare(&large, &small, self.exec)?;
        }
        Ok(result)
    }

    /// Whether HQ repeats, so that a shift by its period cannot be told from none.
    fn is_periodic(&self, large: &Image) -> Result<bool, ImageError> {
        let coarse = fit_coarse(self.small.size());
        let slow = coarse.long_edge() as f32 / 6.0;
        let small = luma(&shrink(large, coarse, self.exec)?);
        Ok(repeats(&band(&small, Turn::Identity, slow, self.exec)?))
    }

    /// Tries the flips and turns that the sizes allow.
    fn orient(&self, small_luma: &Image) -> Result<Oriented, ImageError> {
        let coarse = fit_coarse(self.small.size());
        let slow = coarse.long_edge() as f32 / 6.0;
        let lq = band(&shrink(small_luma, coarse, self.exec)?, Turn::Identity, slow, self.exec)?;
        let ways = self.ways();
        let mut found: Option<Oriented> = None;
        for swaps in [false, true] {
            let of_kind: Vec<Turn> =
                ways.iter().copied().filter(|way| way.swaps_sides() == swaps).collect();
            if of_kind.is_empty() {
                continue;
            }
            let size = if swaps { coarse.transposed() } else { coarse };
            let hq = luma(&self.hq.reduced(size, self.exec)?);
            for way in of_kind {
                let hq = band(&hq, way, slow, self.exec)?;
                let peak = correlate(&hq, &lq);
                consider(&mut found, way, peak, [hq.deviation(), lq.deviation()]);
            }
        }
        let nothing = Peak { correlation: 0.0, shift: [0.0; 2] };
        Ok(found.unwrap_or(Oriented {
            way: Turn::Identity,
            best: nothing,
            unturned: 0.0,
            deviation: [0.0; 2],
        }))
    }

    /// The flips and turns after which HQ has the shape of LQ; of those that exchange the sides
    /// and those that do not, at least the better ones.
    fn ways(&self) -> Vec<Turn> {
        let ratio = |width: f64, height: f64| libm::log(width / height);
        let hq = ratio(self.hq.window.width, self.hq.window.height);
        let lq = ratio(f64::from(self.lq_size.width), f64::from(self.lq_size.height));
        let (straight, across) = ((hq - lq).abs(), (hq + lq).abs());
        let fits = |off: f64, other: f64| off < 0.1 || off <= other;
        let allowed = |way: &Turn| {
            if way.swaps_sides() { fits(across, straight) } else { fits(straight, across) }
        };
        Turn::ALL.into_iter().filter(allowed).collect()
    }

    /// Refines from the rough shift and, where that is not 0, from none; the better one counts.
    fn refine(
        &self,
        large: &Image,
        small: &Image,
        rough: &Peak,
    ) -> Result<Option<Fit>, ImageError> {
        let sizes = pyramid(small.size());
        let coarse = fit_coarse(small.size());
        let scale = |from: Size, to: Size| {
            [
                f64::from(to.width) / f64::from(from.width),
                f64::from(to.height) / f64::from(from.height),
            ]
        };
        let start = Motion { shift: rough.shift, ..Motion::default() };
        let moved = rough.shift.iter().any(|pixels| pixels.abs() > 0.0);
        let start = moved.then(|| start.scaled(scale(coarse, sizes[0])));
        let mut fits = [Some(Motion::default()), start];
        let mut best = None;
        for (at, size) in sizes.iter().enumerate() {
            let plane = |image: &Image| -> Result<Plane, ImageError> {
                smooth(&shrink(image, *size, self.exec)?, SMOOTHING, self.exec)
            };
            let (large, small) = (plane(large)?, plane(small)?);
            best = None;
            for motion in &mut fits {
                let fit = motion.and_then(|m| refine(&large, &small, m, f64::from(SMOOTHING)));
                best = better(best, fit);
                let next = sizes.get(at + 1).map_or([1.0; 2], |next| scale(*size, *next));
                *motion = fit.map(|fit| fit.motion.scaled(next));
            }
        }
        Ok(best)
    }

    /// Refines once more with HQ as blurred as LQ, where that explains LQ better: a blur that only
    /// one of them has pulls the estimate to where edges are. Returns that blur, too.
    fn match_blur(
        &self,
        large: &Image,
        small: &Image,
        fit: Option<Fit>,
    ) -> Result<(Option<Fit>, f32), ImageError> {
        let Some(mut best) = fit else { return Ok((None, 0.0)) };
        let mut blur = 0.0;
        let small = smooth(small, SMOOTHING, self.exec)?;
        for sigma in BLURS {
            if best.correlation > limit::EXPLAINED {
                break;
            }
            let large = smooth(large, SMOOTHING.hypot(sigma), self.exec)?;
            match refine(&large, &small, best.motion, f64::from(SMOOTHING)) {
                Some(fit) if fit.correlation > best.correlation => (best, blur) = (fit, sigma),
                _ => break,
            }
        }
        Ok((Some(best), blur))
    }

    /// Judges what the refinement found.
    fn apply(&self, fit: Option<Fit>, rough: &Peak, result: &mut Alignment) {
        let work = self.small.size();
        let scale = [
            f64::from(self.lq_size.width) / f64::from(work.width),
            f64::from(self.lq_size.height) / f64::from(work.height),
        ];
        let Some(fit) = fit else {
            result.verdict = rough_verdict(rough, result.turn);
            return;
        };
        let (motion, error) = (fit.motion.scaled(scale), fit.error.scaled(scale));
        (result.shift, result.stretch) = (motion.shift, motion.stretch);
        result.shift_error = error.shift;
        let certain = |value: f64, error: f64, least: f64| {
            value.abs() >= least && value.abs() >= limit::CERTAINTY * error
        };
        let any = |values: [f64; 2], errors: [f64; 2], least: f64| {
            (0..2).any(|axis| certain(values[axis], errors[axis], least))
        };
        result.verdict = if result.turn != Turn::Identity {
            Verdict::Turned
        } else if any(motion.stretch, error.stretch, limit::STRETCH) {
            Verdict::Stretched
        } else if any(motion.shift, error.shift, limit::SHIFT) {
            Verdict::Shifted
        } else if error.shift.iter().any(|error| *error > limit::UNSURE) {
            Verdict::Unsure
        } else {
            Verdict::Aligned
        };
    }

    fn find_crop(&self, result: &mut Alignment) -> Result<bool, ImageError> {
        // The whole of HQ in its own shape, at a size at which every tried part is still large.
        let window = self.hq.window;
        let (width, height) = (window.width.max(1.0) as u32, window.height.max(1.0) as u32);
        let large = luma(&self.hq.reduced(fit(Size::new(width, height), 192), self.exec)?);
        let small = luma(&shrink(self.small, fit(self.small.size(), 192), self.exec)?);
        let crop = crop::search(&large, &small, self.exec)?;
        let found = crop.correlation >= limit::CROP
            && crop.correlation >= result.correlation + limit::CROP_MARGIN;
        if found {
            (result.verdict, result.crop, result.turn) =
                (Verdict::Cropped, Some(crop), Turn::Identity);
        }
        Ok(found)
    }
}

impl Oriented {
    /// Whether noise of the LQ alone explains that the two hardly correlate.
    fn hidden_by_noise(&self, small_luma: &Image, coarse_edge: u32) -> bool {
        let [hq, lq] = self.deviation;
        let reduced = f64::from(small_luma.size().long_edge()) / f64::from(coarse_edge);
        // What remains of white noise of deviation 1 after the blur of the band.
        let remains =
            1.0 / (2.0 * std::f64::consts::PI.sqrt() * f64::from(FINE) * reduced.max(1.0));
        let noise = crate::score::noise_of(small_luma) * remains;
        let expected = hq / (hq * hq + noise * noise).sqrt();
        expected < limit::RELATED && lq * lq < 4.0 * (hq * hq + noise * noise)
    }
}

/// Takes a way if it is better than what was found; no flip at all goes first.
fn consider(found: &mut Option<Oriented>, way: Turn, peak: Peak, deviation: [f64; 2]) {
    let unturned = if way == Turn::Identity {
        peak.correlation
    } else {
        found.as_ref().map_or(0.0, |found| found.unturned)
    };
    let margin = match found {
        Some(best) if best.way == Turn::Identity => limit::TURN_MARGIN,
        _ => 0.0,
    };
    match found {
        Some(best) if peak.correlation <= best.best.correlation + margin => {}
        _ => *found = Some(Oriented { way, best: peak, unturned, deviation }),
    }
}

fn better(a: Option<Fit>, b: Option<Fit>) -> Option<Fit> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.correlation > a.correlation + 1e-3 { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Where the refinement fails, the rough shift still tells.
fn rough_verdict(rough: &Peak, way: Turn) -> Verdict {
    if way != Turn::Identity {
        Verdict::Turned
    } else if rough.shift.iter().any(|shift| shift.abs() >= 2.0) {
        Verdict::Shifted
    } else {
        Verdict::Unsure
    }
}

fn fit_coarse(size: Size) -> Size {
    fit(size, COARSE_EDGE)
}

/// The sizes of the refinement, coarsest first, each about twice the one before.
fn pyramid(size: Size) -> Vec<Size> {
    let mut sizes = vec![size];
    let mut edge = size.long_edge();
    while edge > COARSE_EDGE && fit(size, edge / 2).short_edge() >= 16 {
        edge /= 2;
        sizes.push(fit(size, edge));
    }
    sizes.reverse();
    sizes
}
