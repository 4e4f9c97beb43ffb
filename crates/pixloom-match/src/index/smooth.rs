//! Candidates among smooth pictures: gradients, skies, blurred walls.
use crate::features::{Features, LOOK};
use crate::hash::Form;

/// Key points below which a picture counts as smooth.
const POINTS: usize = 32;
/// Scale of the values: a look has length 1.
const UNIT: f32 = 4096.0;
/// Least correlation of two looks.
const ALIKE: f32 = 0.99;
/// How far the sums of absolute values of two looks that are alike lie apart, in units.
const APART: i32 = 4096;
/// Neighbours in the order of these sums that each picture is compared with.
const NEIGHBOURS: usize = 128;

/// The looks of the smooth pictures: half a kilobyte each, which have hardly any words.
#[derive(Debug, Default)]
pub(super) struct Smooth {
    pictures: Vec<Picture>,
}

#[derive(Debug)]
struct Picture {
    number: u32,
    /// Does not change when the picture is turned or mirrored.
    sum: i32,
    look: Box<[i16; LOOK * LOOK]>,
}

impl Smooth {
    pub(super) fn push(&mut self, number: u32, features: &Features) {
        let Some(look) = features.looks.first().filter(|_| features.points.len() < POINTS) else {
            return;
        };
        let mut values = Box::new([0; LOOK * LOOK]);
        for (value, of) in values.iter_mut().zip(&look.values) {
            *value = (of * UNIT).round() as i16;
        }
        let sum = values.iter().map(|value| i32::from(*value).abs()).sum();
        // A picture of one colour looks like nothing.
        if sum > 0 {
            self.pictures.push(Picture { number, sum, look: values });
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.pictures.len() * (size_of::<Picture>() + size_of::<[i16; LOOK * LOOK]>())
    }

    /// Pairs that look alike in one of the eight orientations, the smaller number first.
    pub(super) fn pairs(&self) -> Vec<(u32, u32)> {
        let mut order: Vec<&Picture> = self.pictures.iter().collect();
        order.sort_unstable_by_key(|picture| (picture.sum, picture.number));
        let mut pairs = Vec::new();
        for (at, one) in order.iter().enumerate() {
            let forms: Vec<_> = Form::ALL.iter().map(|form| turned(&one.look, *form)).collect();
            let near = order[at + 1..].iter().take(NEIGHBOURS);
            for other in near.take_while(|other| other.sum - one.sum <= APART) {
                if forms.iter().any(|look| is_alike(look, &other.look)) {
                    pairs.push((one.number.min(other.number), one.number.max(other.number)));
                }
            }
        }
        pairs.sort_unstable();
        pairs
    }
}

fn turned(look: &[i16; LOOK * LOOK], form: Form) -> [i16; LOOK * LOOK] {
    std::array::from_fn(|at| {
        let (x, y) = form.source(at % LOOK, at / LOOK, LOOK);
        look[y * LOOK + x]
    })
}

fn is_alike(one: &[i16; LOOK * LOOK], other: &[i16; LOOK * LOOK]) -> bool {
    let product: i32 = one.iter().zip(other).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
    product as f32 >= ALIKE * UNIT * UNIT
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::{Input, extract};
    use crate::plane::Plane;

    /// A slope over a picture, with a little noise and turned.
    fn slope(steep: f32, noise: u32, is_turned: bool) -> Features {
        let (width, height) = if is_turned { (300, 400) } else { (400, 300) };
        let pixels: Vec<u8> = (0..width * height)
            .map(|at| {
                let (x, y) = (at % width, at / width);
                let (x, y) = if is_turned { (y, width - 1 - x) } else { (x, y) };
                let grain = (at as u32).wrapping_mul(2_654_435_761) >> 16 & 1;
                let value = x as f32 * 0.2 + (y as f32 * 0.01).powf(steep) * 30.0;
                (value + (grain * noise) as f32) as u8
            })
            .collect();
        let gray = Plane::new(&pixels, width, height).unwrap();
        let full_size = [width as u32, height as u32];
        extract(&Input { gray, rgb: None, full_size, pixel_digest: None })
    }

    #[test]
    fn slopes_that_look_alike_are_found() {
        let mut smooth = Smooth::default();
        let slopes = [slope(1.0, 0, false), slope(3.0, 0, false), slope(1.0, 1, true)];
        for (number, features) in slopes.iter().enumerate() {
            assert!(features.points.len() < POINTS);
            smooth.push(number as u32, features);
        }
        assert_eq!(smooth.pairs(), [(0, 2)]);
    }
}
