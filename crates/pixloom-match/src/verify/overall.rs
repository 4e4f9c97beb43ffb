//! Lays whole pictures over each other, in the eight orientations, with and without borders.
use super::blocks::{Laid, lay};
use super::{Settings, judge};
use crate::content::Part;
use crate::features::{Features, LOOK, Look};
use crate::hash::Form;
use crate::transform::Transform;

/// Least correlation of two looks to go on.
const ALIKE: f32 = 0.75;
/// Ways that are tried.
const TRIED: usize = 2;

/// A way to lay the first picture over the second.
struct Way<'a> {
    alike: f32,
    form: Form,
    from: &'a Look,
    to: &'a Look,
}

/// The best way to lay the whole pictures (or what is inside their borders) over each other.
pub(super) fn best(a: &Features, b: &Features, settings: &Settings) -> Option<Laid> {
    let mut ways: Vec<Way> = Vec::new();
    for from in &a.looks {
        for to in &b.looks {
            ways.extend(Form::ALL.into_iter().map(|form| Way {
                alike: alike(from, to, form),
                form,
                from,
                to,
            }));
        }
    }
    ways.retain(|way| way.alike >= ALIKE);
    // Stable: of equal ones the plainest, which stands first, is tried first.
    ways.sort_by(|x, y| y.alike.total_cmp(&x.alike));
    let worth = |laid: &Laid| laid.median().max(0.0) + laid.whole;
    let mut best: Option<Laid> = None;
    for laid in ways.iter().take(TRIED).filter_map(|way| lay(a, b, &way.map(a, b), 0)) {
        if judge::is_clear(a, b, &laid, settings) {
            return Some(laid);
        }
        if best.as_ref().is_none_or(|best| worth(&laid) > worth(best)) {
            best = Some(laid);
        }
    }
    best
}

/// The best orientation of the first whole picture, and its correlation with the second.
pub(super) fn resemblance(a: &Features, b: &Features) -> (f32, Transform) {
    let mut best = (-1.0, Form::IDENTITY);
    if let (Some(from), Some(to)) = (a.looks.first(), b.looks.first()) {
        for form in Form::ALL {
            let alike = alike(from, to, form);
            if alike > best.0 {
                best = (alike, form);
            }
        }
    }
    (best.0, Transform { coefficients: best.1.unit_map() })
}

/// Correlation of two looks, the first turned.
fn alike(from: &Look, to: &Look, form: Form) -> f32 {
    let value = |at: usize| {
        let (x, y) = form.source(at % LOOK, at / LOOK, LOOK);
        from.values[y * LOOK + x]
    };
    (0..LOOK * LOOK).map(|at| value(at) * to.values[at]).sum()
}

impl Way<'_> {
    /// From the first frame to the second.
    fn map(&self, a: &Features, b: &Features) -> Transform {
        let form = Transform { coefficients: self.form.unit_map() };
        let place = |part: Part, [width, height]: [f64; 2]| Transform {
            coefficients: [
                (part.right - part.left) * width,
                0.0,
                part.left * width,
                0.0,
                (part.bottom - part.top) * height,
                part.top * height,
            ],
        };
        let to = place(self.to.part, b.frame()).after(&form);
        match place(self.from.part, a.frame()).inverse() {
            Some(back) => to.after(&back),
            None => to,
        }
    }
}
