//! What the sizes of a pair say.
use pixloom_image::Size;
use serde::{Deserialize, Serialize};

use super::fix::Fix;
use crate::finding::{Finding, Kind};

/// How HQ and LQ sizes relate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Scale {
    /// HQ width / LQ width.
    pub x: f64,
    /// HQ height / LQ height.
    pub y: f64,
    /// The factor that explains both, whole where a whole one does; `None` if width and height
    /// are scaled differently.
    pub factor: Option<f64>,
    /// Whether HQ is exactly the factor times LQ.
    pub exact: bool,
}

impl Scale {
    /// Compares two sizes without empty sides.
    ///
    /// A factor explains a side if the HQ side divided by it, rounded up or down, is the LQ side.
    pub fn of(hq: Size, lq: Size) -> Self {
        let x = f64::from(hq.width) / f64::from(lq.width);
        let y = f64::from(hq.height) / f64::from(lq.height);
        let sides = [(hq.width, lq.width), (hq.height, lq.height)];
        let explains = |k: u32| sides.iter().all(|&(hq, lq)| hq / k == lq || hq.div_ceil(k) == lq);
        let nearest = x.min(y).floor().max(1.0) as u32;
        let whole = (nearest..=nearest.saturating_add(1)).find(|&k| explains(k));
        let Some(k) = whole else {
            let factor = fractional(sides);
            let cross = |a: u32, b: u32| u64::from(a) * u64::from(b);
            let exact =
                factor.is_some() && cross(hq.width, lq.height) == cross(hq.height, lq.width);
            return Self { x, y, factor, exact };
        };
        let exact = sides.iter().all(|&(hq, lq)| u64::from(lq) * u64::from(k) == u64::from(hq));
        Self { x, y, factor: Some(f64::from(k)), exact }
    }

    /// The factor as text that groups pairs of one scale.
    pub fn label(&self) -> Option<String> {
        self.factor.map(label)
    }
}

/// A factor in at most two decimals.
pub(super) fn label(factor: f64) -> String {
    let text = format!("{factor:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A factor within the bounds that rounding of both sides leaves.
fn fractional(sides: [(u32, u32); 2]) -> Option<f64> {
    let low = |(hq, lq): (u32, u32)| f64::from(hq) / (f64::from(lq) + 1.0);
    let high = |(hq, lq): (u32, u32)| match lq {
        0 | 1 => f64::INFINITY,
        lq => f64::from(hq) / (f64::from(lq) - 1.0),
    };
    let [a, b] = sides;
    let (low, high) = (low(a).max(low(b)), high(a).min(high(b)));
    let ratio = |(hq, lq): (u32, u32)| f64::from(hq) / f64::from(lq);
    let middle = f64::midpoint(ratio(a), ratio(b));
    (low < high).then(|| middle.clamp(low, high))
}

/// The findings about the sizes alone, and what would repair them. `hq_path` is for proposals.
pub(super) fn check(hq: Size, lq: Size, hq_path: &str) -> (Scale, Vec<Finding>, Option<Fix>) {
    let scale = Scale::of(hq, lq);
    let sizes = format!("HQ is {hq}, LQ is {lq}");
    if turned(hq, lq) {
        let finding = Finding::new(Kind::Orientation, format!("{sizes}: one stands, one lies"))
            .with_hint("one of them was turned, or its orientation tag was lost");
        return (scale, vec![finding], None);
    }
    let Some(factor) = scale.factor else {
        let message =
            format!("{sizes}: width is scaled by {}, height by {}", label(scale.x), label(scale.y));
        let finding = Finding::new(Kind::ScaleAnisotropic, message)
            .with_hint("one was stretched or cropped; make the LQ anew from the HQ");
        return (scale, vec![finding], None);
    };
    if scale.x < 1.0 || scale.y < 1.0 {
        let finding = Finding::new(Kind::ScaleBelowOne, format!("{sizes}: LQ is the larger one"))
            .with_hint("are the two folders in the right order?");
        return (scale, vec![finding], None);
    }
    if factor.fract() != 0.0 {
        let message = format!("{sizes}: the scale {} is not a whole number", label(factor));
        return (scale, vec![Finding::new(Kind::ScaleFractional, message)], None);
    }
    if scale.exact {
        return (scale, Vec::new(), None);
    }
    let (finding, fix) = not_multiple((hq, lq), factor as u32, hq_path);
    (scale, vec![finding], fix)
}

/// HQ is not a multiple of LQ. Where LQ was rounded down, HQ can be cropped to it.
fn not_multiple((hq, lq): (Size, Size), k: u32, path: &str) -> (Finding, Option<Fix>) {
    let target = Size::new(lq.width.saturating_mul(k), lq.height.saturating_mul(k));
    let message = format!("HQ is {hq}, which is not {k} times the LQ's {lq}");
    let finding = Finding::new(Kind::NotAMultiple, message);
    if hq.covers(target) {
        let fix = Fix::Crop { path: path.to_owned(), width: target.width, height: target.height };
        return (finding.with_hint(format!("crop the HQ to {target}")), Some(fix));
    }
    let floor = Size::new(hq.width / k, hq.height / k);
    let hint = format!("LQ was rounded up; make it anew from the HQ, cropped to whole {floor}");
    (finding.with_hint(hint), None)
}

/// Whether one is upright and the other across.
fn turned(hq: Size, lq: Size) -> bool {
    let across = |size: Size| size.width.cmp(&size.height);
    let opposite = across(hq) == across(lq).reverse() && across(hq).is_ne();
    // A pixel of rounding turns nothing.
    opposite && Scale::of(hq, lq).factor.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(hq: (u32, u32), lq: (u32, u32)) -> (Option<f64>, Vec<String>) {
        let (hq, lq) = (Size::new(hq.0, hq.1), Size::new(lq.0, lq.1));
        let (scale, findings, _) = check(hq, lq, "a.png");
        (
            scale.factor,
            findings.into_iter().map(|finding| finding.kind.as_str().to_owned()).collect(),
        )
    }

    #[test]
    fn sizes_are_judged() {
        for (hq, lq, factor, expected) in [
            ((480, 320), (120, 80), Some(4.0), None),
            ((481, 323), (120, 80), Some(4.0), Some("not-a-multiple")),
            ((481, 321), (121, 81), Some(4.0), Some("not-a-multiple")),
            ((480, 320), (80, 120), None, Some("orientation")),
            ((480, 320), (120, 100), None, Some("scale-anisotropic")),
            ((120, 80), (480, 320), Some(0.25), Some("scale-below-one")),
            ((500, 250), (200, 100), Some(2.5), Some("scale-fractional")),
            ((7, 7), (7, 7), Some(1.0), None),
            ((1, 1), (1, 1), Some(1.0), None),
        ] {
            let (found, kinds) = kinds(hq, lq);
            assert_eq!(found.map(label), factor.map(label), "{hq:?} {lq:?}");
            assert_eq!(kinds, expected.into_iter().collect::<Vec<_>>(), "{hq:?} {lq:?}");
        }
    }

    #[test]
    fn a_crop_is_proposed_where_it_helps() {
        let fix = |hq, lq| check(hq, lq, "a.png").2;
        let crop = Fix::Crop { path: "a.png".to_owned(), width: 480, height: 320 };
        assert_eq!(fix(Size::new(481, 323), Size::new(120, 80)), Some(crop));
        assert_eq!(fix(Size::new(481, 321), Size::new(121, 81)), None);
    }

    #[test]
    fn huge_and_thin_sizes_are_taken() {
        for (hq, lq) in [((u32::MAX, 1), (1, u32::MAX)), ((1, u32::MAX), (1, 1))] {
            let scale = Scale::of(Size::new(hq.0, hq.1), Size::new(lq.0, lq.1));
            assert!(scale.x.is_finite() && scale.y.is_finite());
        }
    }
}
