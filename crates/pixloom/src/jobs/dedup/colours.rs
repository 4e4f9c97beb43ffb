//! Pictures of one colour, which hashes and features say nothing of.
use pixloom_match::{Class, Stage, Verdict};

use super::links::Link;

/// Difference of two colours that are the same after compression.
const SAME_COLOUR: u8 = 2;

/// Units of one and the same colour; `None` stands for those of more.
pub(super) fn same_colours(units: &[Option<[u8; 3]>]) -> Vec<Link> {
    let mut flat: Vec<([u8; 3], u32)> =
        units.iter().enumerate().filter_map(|(unit, c)| Some(((*c)?, unit as u32))).collect();
    flat.sort_unstable();
    let mut links = Vec::new();
    for (at, (colour, a)) in flat.iter().enumerate() {
        let near = flat[at + 1..].iter().take_while(|(c, _)| c[0] - colour[0] <= SAME_COLOUR);
        for (other, b) in near {
            let distance = (0..3).map(|i| other[i].abs_diff(colour[i])).max().unwrap_or(0);
            if distance <= SAME_COLOUR {
                let verdict = Verdict {
                    class: Class::ReEncoded,
                    similarity: 1.0 - f32::from(distance) / 255.0,
                    transform: None,
                    overlap: [1.0; 2],
                    inliers: 0,
                    reason: "both are of one and the same colour".to_owned(),
                    stage: Stage::Color,
                };
                links.push(Link { a: *a.min(b), b: *a.max(b), verdict });
            }
        }
    }
    links.sort_by_key(|link| (link.a, link.b));
    links
}
