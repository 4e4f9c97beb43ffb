//! Names what was done to a copy.
use super::edges::{Around, around};
use super::{Class, Laid, Transform};
use crate::features::Features;

/// Share of a picture from which it counts as all there.
const ALL: f32 = 0.97;
/// Degrees from which a picture counts as turned.
const TURNED: f64 = 0.7;
/// Mean chroma below which a picture is gray, and above which one is coloured.
const GRAY: f32 = 2.0;
const COLOURED: f32 = 5.0;
/// Mean difference of colours (CIELAB) and of gray values that re-encoding does not make.
const RECOLOURED: f32 = 5.0;
const RETONED: f32 = 5.0;
/// Share of blocks that nearly agree in an unedited copy.
const UNTOUCHED: f32 = 0.92;

/// The class of a copy and what was found, for people.
pub(super) fn kind(
    a: &Features,
    b: &Features,
    laid: &Laid,
    full: &Transform,
) -> (Class, Vec<String>) {
    let mut notes = Vec::new();
    let mut classes = Vec::new();
    let mirrored = laid.map.determinant() < 0.0;
    if mirrored {
        classes.push(Class::Mirrored);
        notes.push("mirrored".to_owned());
    }
    let angle = full.angle_degrees();
    if angle.abs() > TURNED {
        classes.push(Class::Rotated);
        notes.push(format!("turned by {:.0}°", angle.abs()));
    }
    classes.extend(frame(a, b, laid, &mut notes));
    classes.extend(colours(a, b, laid, mirrored || angle.abs() > TURNED, &mut notes));
    let [large, small] = full.stretches();
    if classes.is_empty() && a.full_size != b.full_size {
        classes.push(Class::Resized);
        notes.push(format!("at {:.0} % of the size", 100.0 * (large * small).sqrt()));
    }
    (classes.first().copied().unwrap_or(Class::ReEncoded), notes)
}

/// Cropped, embedded or bordered.
fn frame(a: &Features, b: &Features, laid: &Laid, notes: &mut Vec<String>) -> Option<Class> {
    let [share_a, share_b] = laid.whole_overlap;
    let least = share_a.min(share_b);
    if least >= ALL {
        return None;
    }
    let back = laid.map.inverse()?;
    let (inner, outer, map, bare) = if share_a >= share_b {
        (a, b, laid.map, laid.overlap[1])
    } else {
        (b, a, back, laid.overlap[0])
    };
    let percent = 100.0 * least;
    let class = if bare >= ALL { Around::Plain } else { around(inner, outer, &map) };
    Some(match class {
        Around::Plain => {
            notes.push(format!("one has a border, {percent:.0} % is picture"));
            Class::Bordered
        }
        Around::Other => {
            notes.push(format!("one lies within the other, on {percent:.0} % of it"));
            Class::Embedded
        }
        Around::Scene => {
            notes.push(format!("one shows {percent:.0} % of the other"));
            Class::Cropped
        }
    })
}

/// Gray or edited.
fn colours(
    a: &Features,
    b: &Features,
    laid: &Laid,
    moved: bool,
    notes: &mut Vec<String>,
) -> Option<Class> {
    if let (Some(x), Some(y)) = (&a.lab, &b.lab) {
        let (x_chroma, y_chroma) = (x.chroma(), y.chroma());
        if x_chroma.min(y_chroma) < GRAY && x_chroma.max(y_chroma) > COLOURED {
            notes.push("one without its colours".to_owned());
            return Some(Class::Gray);
        }
        let whole = laid.whole_overlap[0].min(laid.whole_overlap[1]) >= ALL;
        if whole && !moved && x.difference(y) > RECOLOURED {
            notes.push("other colours or tones".to_owned());
            return Some(Class::Edited);
        }
    }
    if laid.raw_difference > RETONED && laid.difference < 0.6 * laid.raw_difference {
        notes.push("other tones".to_owned());
        return Some(Class::Edited);
    }
    if laid.share(0.8) < UNTOUCHED {
        let changed = 100.0 * (1.0 - laid.share(0.8));
        notes.push(format!("{changed:.0} % of the blocks changed"));
        return Some(Class::Edited);
    }
    None
}
