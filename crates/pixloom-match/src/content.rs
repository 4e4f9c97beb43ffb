//! Finds what lies inside a plain border.
use crate::resample::Gray;

/// How far a border's gray values may lie from their middle.
const TOLERANCE: u8 = 10;
/// Share of a border line's pixels that may lie further off.
const STRAY: f64 = 0.02;
/// Share of each axis that must be left.
const LEAST: f64 = 0.3;

/// A part of a picture, in shares of its width and height.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Part {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) right: f64,
    pub(crate) bottom: f64,
}

impl Part {
    pub(crate) const WHOLE: Self = Self { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 };

    /// In pixels: left, top, width, height; at least one pixel each way.
    pub(crate) fn pixels(self, width: usize, height: usize) -> [usize; 4] {
        let span = |from: f64, to: f64, n: usize| {
            let start = ((from * n as f64).round() as usize).min(n - 1);
            let end = ((to * n as f64).round() as usize).clamp(start + 1, n);
            (start, end - start)
        };
        let (x, width) = span(self.left, self.right, width);
        let (y, height) = span(self.top, self.bottom, height);
        [x, y, width, height]
    }
}

/// The part inside of plain lines at the sides, or nothing where there are none, or where hardly
/// anything else is in the picture.
pub(crate) fn content(picture: &Gray) -> Option<Part> {
    let (width, height) = (picture.width, picture.height);
    let row = |y: usize| picture.row(y).to_vec();
    let column = |x: usize| (0..height).map(|y| picture.row(y)[x]).collect::<Vec<u8>>();
    let top = plain(height, &row);
    let bottom = plain(height, &|y| row(height - 1 - y));
    let left = plain(width, &column);
    let right = plain(width, &|x| column(width - 1 - x));
    let enough = |from: usize, to: usize, n: usize| ((from + to) as f64) < (1.0 - LEAST) * n as f64;
    if top + bottom + left + right == 0
        || !enough(top, bottom, height)
        || !enough(left, right, width)
    {
        return None;
    }
    let share = |at: usize, n: usize| at as f64 / n as f64;
    Some(Part {
        left: share(left, width),
        top: share(top, height),
        right: share(width - right, width),
        bottom: share(height - bottom, height),
    })
}

/// How many lines from the outside are of the first one's gray.
fn plain(lines: usize, line: &dyn Fn(usize) -> Vec<u8>) -> usize {
    let mut first = line(0);
    first.sort_unstable();
    let gray = first[first.len() / 2];
    let is_plain = |at: &usize| {
        let line = line(*at);
        let off = line.iter().filter(|value| value.abs_diff(gray) > TOLERANCE).count();
        off as f64 <= STRAY * line.len() as f64
    };
    let count = (0..lines).take_while(is_plain).count();
    // A last line may be half border, half picture.
    if count > 0 && count < lines { count + 1 } else { count }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bordered(top: usize, side: usize) -> Gray {
        let mut picture = Gray::new(vec![250; 100 * 80], 100, 80);
        for y in top..80 {
            for x in side..100 - side {
                picture.pixels[y * 100 + x] = ((x * 7 + y * 13) % 200) as u8;
            }
        }
        picture
    }

    #[test]
    fn borders_are_cut_off() {
        let part = content(&bordered(20, 10)).unwrap();
        let near = |a: f64, b: f64| (a - b).abs() < 0.02;
        assert!(near(part.top, 0.25) && near(part.bottom, 1.0), "{part:?}");
        assert!(near(part.left, 0.1) && near(part.right, 0.9), "{part:?}");
        assert_eq!(part.pixels(100, 80)[1], 21);
    }

    #[test]
    fn plain_and_full_pictures_have_none() {
        assert!(content(&bordered(0, 0)).is_none());
        assert!(content(&Gray::new(vec![9; 12], 4, 3)).is_none());
        assert!(content(&Gray::new(vec![9], 1, 1)).is_none());
        assert!(content(&bordered(70, 10)).is_none());
    }
}
