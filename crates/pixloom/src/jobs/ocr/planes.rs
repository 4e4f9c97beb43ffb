//! Kernels on bytes: blurs, and growing of coverage.
use pixloom_text::{Mask, Sheet};

/// Blurs rows of `width` samples of coverage by a Gaussian, cut off at 3 σ, the outermost repeated. Weights are multiples of 1/256 for small σ, of 1/65536 above.
pub(super) fn blur(samples: &mut [u8], width: usize, sigma: f32) {
    let radius = (3.0 * sigma).ceil() as usize;
    if radius == 0 || width == 0 || samples.is_empty() {
        return;
    }
    let shift = if sigma <= 2.0 { 8 } else { 16 };
    let weights = weights(f64::from(sigma), radius, 1 << shift);
    across(samples, width, &weights, shift);
    along(samples, width, &weights, shift);
}

/// Weights of the centre and of one side; they sum to `one` over both sides.
fn weights(sigma: f64, radius: usize, one: i64) -> Vec<u32> {
    let weight = |i: usize| libm::exp(-((i * i) as f64) / (2.0 * sigma * sigma));
    let sum: f64 = 1.0 + 2.0 * (1..=radius).map(weight).sum::<f64>();
    let mut weights: Vec<u32> =
        (0..=radius).map(|i| (weight(i) / sum * one as f64).round() as u32).collect();
    let rest: i64 = weights[1..].iter().map(|w| 2 * i64::from(*w)).sum();
    weights[0] = (one - rest).max(0) as u32;
    while weights.len() > 1 && weights.last() == Some(&0) {
        weights.pop();
    }
    weights
}

/// Blurs every column.
fn across(samples: &mut [u8], row_len: usize, weights: &[u32], shift: u32) {
    let rows = samples.len() / row_len;
    let source = samples.to_vec();
    let row = |y: i64| {
        let y = y.clamp(0, rows as i64 - 1) as usize;
        &source[y * row_len..(y + 1) * row_len]
    };
    let mut narrow = vec![0_u16; row_len];
    let mut wide = vec![0_u32; row_len];
    for (y, out) in samples.chunks_exact_mut(row_len).enumerate() {
        let y = y as i64;
        if shift == 8 {
            let centre = weights[0] as u16;
            for (sum, s) in narrow.iter_mut().zip(row(y)) {
                *sum = u16::from(*s) * centre + 128;
            }
            for (k, weight) in weights.iter().enumerate().skip(1) {
                let (above, below, weight) = (row(y - k as i64), row(y + k as i64), *weight as u16);
                for ((sum, a), b) in narrow.iter_mut().zip(above).zip(below) {
                    *sum += (u16::from(*a) + u16::from(*b)) * weight;
                }
            }
            out.iter_mut().zip(&narrow).for_each(|(out, sum)| *out = (sum >> 8) as u8);
        } else {
            for (sum, s) in wide.iter_mut().zip(row(y)) {
                *sum = u32::from(*s) * weights[0] + 32_768;
            }
            for (k, weight) in weights.iter().enumerate().skip(1) {
                let (above, below) = (row(y - k as i64), row(y + k as i64));
                for ((sum, a), b) in wide.iter_mut().zip(above).zip(below) {
                    *sum += (u32::from(*a) + u32::from(*b)) * weight;
                }
            }
            out.iter_mut().zip(&wide).for_each(|(out, sum)| *out = (sum >> 16) as u8);
        }
    }
}

/// Blurs every row.
fn along(samples: &mut [u8], row_len: usize, weights: &[u32], shift: u32) {
    let edge = weights.len() - 1;
    let mut padded = vec![0_u8; row_len + 2 * edge];
    let mut narrow = vec![0_u16; row_len];
    let mut wide = vec![0_u32; row_len];
    for row in samples.chunks_exact_mut(row_len) {
        padded[edge..edge + row_len].copy_from_slice(row);
        padded[..edge].fill(row[0]);
        padded[edge + row_len..].fill(row[row_len - 1]);
        let shifted = |start: usize| &padded[start..start + row_len];
        if shift == 8 {
            let centre = weights[0] as u16;
            for (sum, s) in narrow.iter_mut().zip(row.iter()) {
                *sum = u16::from(*s) * centre + 128;
            }
            for (k, weight) in weights.iter().enumerate().skip(1) {
                let (left, right) = (shifted(edge - k), shifted(edge + k));
                let weight = *weight as u16;
                for ((sum, a), b) in narrow.iter_mut().zip(left).zip(right) {
                    *sum += (u16::from(*a) + u16::from(*b)) * weight;
                }
            }
            row.iter_mut().zip(&narrow).for_each(|(out, sum)| *out = (sum >> 8) as u8);
        } else {
            for (sum, s) in wide.iter_mut().zip(row.iter()) {
                *sum = u32::from(*s) * weights[0] + 32_768;
            }
            for (k, weight) in weights.iter().enumerate().skip(1) {
                let (left, right) = (shifted(edge - k), shifted(edge + k));
                for ((sum, a), b) in wide.iter_mut().zip(left).zip(right) {
                    *sum += (u32::from(*a) + u32::from(*b)) * weight;
                }
            }
            row.iter_mut().zip(&wide).for_each(|(out, sum)| *out = (sum >> 16) as u8);
        }
    }
}

/// Replaces every sample by the largest (smallest if `shrink`) in the square around it of `half`
/// pixels to each side.
pub(super) fn grow_square(mask: &mut Mask, half: usize, shrink: bool) {
    if mask.samples.is_empty() {
        return;
    }
    let pick = |a: u8, b: u8| if shrink { a.min(b) } else { a.max(b) };
    let (width, height) = (mask.width, mask.height);
    let source = mask.samples.clone();
    for y in 0..height {
        let out = &mut mask.samples[y * width..(y + 1) * width];
        for other in y.saturating_sub(half)..(y + half + 1).min(height) {
            let row = &source[other * width..(other + 1) * width];
            out.iter_mut().zip(row).for_each(|(out, s)| *out = pick(*out, *s));
        }
    }
    for row in mask.samples.chunks_exact_mut(width) {
        let source = row.to_vec();
        for shift in 1..=half.min(width - 1) {
            for x in 0..width - shift {
                row[x] = pick(row[x], source[x + shift]);
                row[x + shift] = pick(row[x + shift], source[x]);
            }
        }
    }
}

/// Coverage grown by a disc of `radius` pixels: the largest sample within it, fading over the
/// last pixel.
pub(super) fn grow_round(mask: &Mask, radius: f32) -> Mask {
    let reach = radius.ceil() as i64;
    let (width, height) = (mask.width as i64, mask.height as i64);
    let mut grown = mask.clone();
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let distance = ((dx * dx + dy * dy) as f32).sqrt();
            let weight = ((radius + 0.5 - distance).clamp(0.0, 1.0) * 256.0) as u32;
            if weight == 0 || (dx, dy) == (0, 0) {
                continue;
            }
            let first = (-dx).max(0);
            let last = (width - dx).min(width);
            if first >= last {
                continue;
            }
            for y in (-dy).max(0)..(height - dy).min(height) {
                let to = (y * width + first) as usize..(y * width + last) as usize;
                let from = ((y + dy) * width + first + dx) as usize;
                let source = &mask.samples[from..from + to.len()];
                for (out, s) in grown.samples[to].iter_mut().zip(source) {
                    *out = (*out).max((u32::from(*s) * weight / 256) as u8);
                }
            }
        }
    }
    grown
}

/// The mask moved by whole pixels.
pub(super) fn shifted(mask: &Mask, dx: i64, dy: i64) -> Mask {
    let mut moved = Mask::empty(mask.width, mask.height);
    lay_over(&mut moved, mask, dx, dy);
    moved
}

/// Adds a mask that is moved by whole pixels; the larger sample stays.
pub(super) fn lay_over(under: &mut Mask, mask: &Mask, dx: i64, dy: i64) {
    let (width, height) = (mask.width as i64, mask.height as i64);
    let (first, last) = (dx.max(0), (width + dx).min(width));
    if first >= last {
        return;
    }
    for y in dy.max(0)..(height + dy).min(height) {
        let to = (y * width + first) as usize..(y * width + last) as usize;
        let from = ((y - dy) * width + first - dx) as usize;
        let source = &mask.samples[from..from + to.len()];
        under.samples[to].iter_mut().zip(source).for_each(|(out, s)| *out = (*out).max(*s));
    }
}

/// Adds the opacity of a glyph with colours of its own; the larger sample stays.
pub(super) fn lay_sheet(under: &mut Mask, sheet: &Sheet) {
    for (y, row) in sheet.pixels.chunks_exact(sheet.width.max(1)).enumerate() {
        let start = (sheet.at[1] + y) * under.width + sheet.at[0];
        if let Some(under) = under.samples.get_mut(start..start + row.len()) {
            under.iter_mut().zip(row).for_each(|(out, pixel)| *out = (*out).max(pixel[3]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blurs_keep_flat_areas_and_spread_points() {
        for sigma in [0.3, 1.0, 2.0, 2.5, 9.0] {
            let mut flat = vec![77_u8; 20 * 7];
            blur(&mut flat, 20, sigma);
            assert_eq!(flat, vec![77; 20 * 7], "{sigma}");
        }
        let mut point = vec![0_u8; 81];
        point[40] = 255;
        blur(&mut point, 9, 1.0);
        // exp(-1/2) apart in both directions, 1/2π in the middle.
        assert!(point[40].abs_diff(41) <= 2 && point[41].abs_diff(25) <= 2, "{point:?}");
        assert_eq!(point[41], point[49]);
    }

    #[test]
    fn coverage_grows_and_shrinks_by_squares_and_discs() {
        let mut mask = Mask::empty(9, 9);
        mask.samples[40] = 255;
        let mut square = mask.clone();
        grow_square(&mut square, 2, false);
        let sum: u32 = square.samples.iter().map(|sample| u32::from(*sample)).sum();
        assert_eq!(sum, 25 * 255);
        grow_square(&mut square, 2, true);
        assert_eq!(square, mask);
        let round = grow_round(&mask, 2.0);
        // Full one pixel away, half at the radius, nothing beyond.
        let at = |index: usize| round.samples[index];
        assert_eq!([at(41), at(42), at(24), at(43)], [255, 127, 0, 0]);
    }

    #[test]
    fn masks_move_by_whole_pixels() {
        let mut mask = Mask::empty(4, 3);
        mask.samples[5] = 9;
        assert_eq!(shifted(&mask, 1, 1).samples[10], 9);
        assert_eq!(shifted(&mask, -1, -1).samples[0], 9);
        assert!(shifted(&mask, 90, 0).samples.iter().all(|s| *s == 0));
    }
}
