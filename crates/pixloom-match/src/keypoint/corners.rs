//! Corners by FAST-9 (Rosten, Drummond, "Machine learning for high-speed corner detection",
//! 2006), spread over the picture.
use super::Corner;
use crate::resample::Gray;
use crate::simd;

/// Least contrast of a corner to its ring, in gray values.
const THRESHOLD: u8 = 7;
/// Side of the cells over which corners are spread, in pixels.
const CELL: usize = 32;

/// The `most` best corners at least `margin` pixels inside, best first.
pub(super) fn corners(picture: &Gray, margin: usize, most: usize) -> Vec<Corner> {
    let scores = scores(picture, margin);
    let mut peaks = peaks(picture, &scores, margin);
    for peak in &mut peaks {
        peak.score = sharpness(picture, peak.x, peak.y);
    }
    peaks.retain(|peak| peak.score > 0);
    spread(peaks, picture, most)
}

/// The contrast at which each pixel stops being a corner, 0 below the threshold and at the edge.
fn scores(picture: &Gray, margin: usize) -> Vec<u8> {
    let mut scores = vec![0; picture.pixels.len()];
    let inside = margin - 1..picture.width - margin + 1;
    for y in margin - 1..=picture.height - margin {
        let rows = std::array::from_fn(|dy| picture.row(y + dy - 3));
        let row = &mut scores[y * picture.width..][..picture.width];
        simd::fast_row(rows, inside.clone(), THRESHOLD, row);
    }
    scores
}

/// Pixels whose score is above all neighbours'; of equal neighbours the first one counts.
fn peaks(picture: &Gray, scores: &[u8], margin: usize) -> Vec<Corner> {
    let width = picture.width;
    let mut found = Vec::new();
    let mut row = vec![0; width];
    for y in margin..picture.height - margin {
        let lines = std::array::from_fn(|line| &scores[(y + line - 1) * width..][..width]);
        simd::peak_row(lines, &mut row);
        let mut x = margin;
        while let Some(next) = next_score(&row[..width - margin], x) {
            x = next + 1;
            found.push(Corner { x: next, y, score: u32::from(row[next]) });
        }
    }
    found
}

/// The next place from `from` on whose score is not zero, eight at a time.
fn next_score(scores: &[u8], from: usize) -> Option<usize> {
    let rest = scores.get(from..)?;
    let (eights, _) = rest.as_chunks::<8>();
    let empty = eights.iter().take_while(|eight| u64::from_ne_bytes(**eight) == 0).count();
    let found = rest[8 * empty..].iter().position(|score| *score > 0)?;
    Some(from + 8 * empty + found)
}

/// Harris' measure over 7×7 pixels (k = 0.04), scaled to a whole number; 0 on edges.
fn sharpness(picture: &Gray, x: usize, y: usize) -> u32 {
    let rows: [&[u8]; 9] = std::array::from_fn(|row| &picture.row(y + row - 4)[x - 4..x + 6]);
    let [xx, yy, xy] = simd::gradients(rows).map(|sum| sum as f32);
    let response = xx * yy - xy * xy - 0.04 * (xx + yy) * (xx + yy);
    (response.max(0.0).sqrt() / 16.0) as u32
}

/// Takes the best of each cell in turns (the best of all cells, then the second best, …), so that
/// no textured corner of the picture takes all places.
fn spread(mut peaks: Vec<Corner>, picture: &Gray, most: usize) -> Vec<Corner> {
    peaks.sort_unstable_by_key(|peak| (std::cmp::Reverse(peak.score), peak.y, peak.x));
    let columns = picture.width.div_ceil(CELL);
    let mut taken = vec![0_u32; columns * picture.height.div_ceil(CELL)];
    let mut turns: Vec<(u32, Corner)> = peaks
        .into_iter()
        .map(|peak| {
            let count = &mut taken[peak.y / CELL * columns + peak.x / CELL];
            *count += 1;
            (*count / TOGETHER, peak)
        })
        .collect();
    turns.sort_by_key(|(turn, _)| *turn);
    turns.truncate(most);
    turns.into_iter().map(|(_, peak)| peak).collect()
}

/// Corners that a cell gives in one turn.
const TOGETHER: u32 = 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corners_of_a_square_are_found() {
        let mut picture = Gray::new(vec![40; 64 * 64], 64, 64);
        for y in 24..40 {
            picture.pixels[y * 64 + 24..y * 64 + 40].fill(200);
        }
        let found = corners(&picture, 16, 100);
        let mut places: Vec<_> = found.iter().map(|corner| (corner.x, corner.y)).collect();
        places.sort_unstable();
        for (x, y) in [(24, 24), (24, 39), (39, 24), (39, 39)] {
            let near = |p: &&(usize, usize)| p.0.abs_diff(x) <= 2 && p.1.abs_diff(y) <= 2;
            assert!(places.iter().any(|p| near(&p)), "{x}, {y} in {places:?}");
        }
        assert!(corners(&Gray::new(vec![9; 64 * 64], 64, 64), 16, 100).is_empty());
    }

    #[test]
    fn corners_are_spread() {
        let peak = |x, score| Corner { x, y: 1, score };
        let peaks = (0..30).map(|i| peak(i, 100 + i as u32)).chain([peak(100, 5)]).collect();
        let picture = Gray::new(vec![0; 128 * 2], 128, 2);
        let found = spread(peaks, &picture, 3);
        assert!(found.iter().any(|corner| corner.x == 100), "{found:?}");
    }
}
