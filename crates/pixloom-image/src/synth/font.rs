//! A font of pen strokes for the printed page.

/// The strokes of a letter: pairs of digits are points (x from 0 to 4; y from 0 at the top of
/// `l` over 2 at the top of `x` and 6 on the line to 8 below `p`), a space lifts the pen.
pub(super) const fn strokes(letter: u8) -> &'static str {
    match letter {
        b'a' => "12324346 441405163645",
        b'b' => "0006 0312324345361605",
        b'c' => "4332120305163645",
        b'd' => "4046 4332120305163645",
        b'e' => "04444332120305163645",
        b'f' => "40302126 1232",
        b'g' => "4247381807 4332120305163645",
        b'h' => "0006 0312324346",
        b'i' => "2226 2020",
        b'j' => "3237281817 3030",
        b'k' => "0006 4204 2346",
        b'l' => "2026",
        b'm' => "0206 03122326 23324346",
        b'n' => "0206 0312324346",
        b'o' => "123243453616050312",
        b'p' => "0208 0312324345361605",
        b'q' => "4248 4332120305163645",
        b'r' => "0206 04133242",
        b's' => "4212031434453606",
        b't' => "1015263645 0232",
        b'u' => "0205163645 4246",
        b'v' => "022642",
        b'w' => "0216233642",
        b'x' => "0246 4206",
        b'y' => "0226 4208",
        b'z' => "02420646",
        b'.' => "2626",
        b',' => "2627",
        _ => "",
    }
}

/// Space to the next letter, on the grid of [`strokes`].
pub(super) const fn advance(letter: u8) -> f32 {
    match letter {
        b'i' | b'l' | b'.' | b',' => 3.2,
        b'f' | b'j' | b't' | b' ' => 4.6,
        _ => 5.8,
    }
}

/// Calls `line` with both ends of each straight piece of a letter.
pub(super) fn each_line(letter: u8, mut line: impl FnMut((f32, f32), (f32, f32))) {
    // Narrow letters stand in the middle of the grid; move them to its left.
    let left = (5.8 - advance(letter)) * 0.5;
    for stroke in strokes(letter).split(' ') {
        let points: Vec<(f32, f32)> = stroke
            .as_bytes()
            .chunks_exact(2)
            .map(|pair| (f32::from(pair[0] - b'0') - left, f32::from(pair[1] - b'0')))
            .collect();
        for pair in points.windows(2) {
            line(pair[0], pair[1]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_have_lines_inside_the_grid() {
        for letter in b'a'..=b'z' {
            let mut count = 0;
            each_line(letter, |a, b| {
                count += 1;
                assert!(
                    [a, b]
                        .iter()
                        .all(|p| (-2.0..=4.0).contains(&p.0) && (0.0..=8.0).contains(&p.1))
                );
            });
            assert!(count > 0, "{}", letter as char);
            assert!(strokes(letter).split(' ').all(|stroke| stroke.len() % 2 == 0));
        }
    }
}
