//! Contours in areas that should be smooth.
use super::plane::Plane;

/// Half the side of the window in which values are compared.
const RADIUS: usize = 16;
/// Rows that are judged: one in so many.
const STRIDE: usize = 4;
/// Largest step, of 255, that counts as a contour rather than an edge.
const MAX_STEP: usize = 8;
/// Half the side of the window that must be smooth.
const SMOOTH: usize = 3;

/// Mean banding of the picture, 0 to 1.
///
/// For each pixel of a smooth area and each step k: the share p(0) of its window that has its
/// value, times p(±k) / (p(0) + p(±k)): high where two large areas differ by one small step.
/// This is the contrast ratio of CAMBI (Tandon, Afonso, Sole and Krasula, PCS 2021), after
/// Bhagavathy, Llach and Zhai (ICIP 2009). Here at one scale and on 8 bit; steps below 4 count
/// for less, since they are hardly seen.
pub(super) fn banding(luma: &Plane) -> f64 {
    let levels: Vec<u8> = luma.data.iter().map(|v| (v + 0.5) as u8).collect();
    let mask = smooth_areas(luma, &levels);
    let (mut sum, mut count) = (0.0, 0_u64);
    for y in (0..luma.height).step_by(STRIDE) {
        count += luma.width as u64;
        if (0..luma.width).any(|x| mask[y * luma.width + x]) {
            sum += row(luma, &levels, &mask, y);
        }
    }
    // Two areas of equal size give 1/2 · 1/2.
    if count > 0 { (4.0 * sum / count as f64).min(1.0) } else { 0.0 }
}

fn row(luma: &Plane, levels: &[u8], mask: &[bool], y: usize) -> f64 {
    let rows = y.saturating_sub(RADIUS)..(y + RADIUS + 1).min(luma.height);
    let mut window = Window { counts: [0; 256], total: 0 };
    let column = |x: usize, window: &mut Window, entering: bool| {
        for at in rows.clone().map(|y| y * luma.width + x).filter(|at| mask[*at]) {
            window.change(levels[at], entering);
        }
    };
    (0..RADIUS.min(luma.width)).for_each(|x| column(x, &mut window, true));
    let mut sum = 0.0;
    for x in 0..luma.width {
        if x + RADIUS < luma.width {
            column(x + RADIUS, &mut window, true);
        }
        if x > RADIUS {
            column(x - RADIUS - 1, &mut window, false);
        }
        if mask[y * luma.width + x] {
            sum += window.contrast(levels[y * luma.width + x]);
        }
    }
    sum
}

/// Histogram of the smooth pixels around a pixel.
struct Window {
    counts: [u32; 256],
    total: u32,
}

impl Window {
    fn change(&mut self, level: u8, entering: bool) {
        let count = &mut self.counts[usize::from(level)];
        if entering {
            *count += 1;
            self.total += 1;
        } else {
            *count -= 1;
            self.total -= 1;
        }
    }

    fn contrast(&self, level: u8) -> f64 {
        let level = usize::from(level);
        let share = |count: u32| f64::from(count) / f64::from(self.total.max(1));
        let own = share(self.counts[level]);
        let of_step = |k: usize| {
            let below = level.checked_sub(k).map_or(0, |at| self.counts[at]);
            let above = self.counts.get(level + k).copied().unwrap_or(0);
            let other = share(below.max(above));
            let weight = k.min(4) as f64 / 4.0;
            weight * own * other / (own + other).max(1e-9)
        };
        (1..=MAX_STEP).map(of_step).fold(0.0, f64::max)
    }
}

/// Pixels around which most values equal their right and lower neighbours.
fn smooth_areas(luma: &Plane, levels: &[u8]) -> Vec<bool> {
    let (width, height) = (luma.width, luma.height);
    let line = width + 1;
    let mut sums = vec![0_u32; line * (height + 1)];
    for y in 0..height {
        let mut row = 0;
        for x in 0..width {
            let at = y * width + x;
            let right = levels[y * width + (x + 1).min(width - 1)];
            let below = levels[(y + 1).min(height - 1) * width + x];
            row += u32::from(levels[at] == right && levels[at] == below);
            sums[(y + 1) * line + x + 1] = sums[y * line + x + 1].wrapping_add(row);
        }
    }
    let mut mask = Vec::with_capacity(width * height);
    for y in 0..height {
        let (top, low) = (y.saturating_sub(SMOOTH), (y + SMOOTH + 1).min(height));
        for x in 0..width {
            let (left, right) = (x.saturating_sub(SMOOTH), (x + SMOOTH + 1).min(width));
            let at = |x: usize, y: usize| sums[y * line + x];
            let equal = at(right, low)
                .wrapping_sub(at(left, low))
                .wrapping_sub(at(right, top))
                .wrapping_add(at(left, top));
            mask.push(2 * equal as usize > (right - left) * (low - top));
        }
    }
    mask
}
