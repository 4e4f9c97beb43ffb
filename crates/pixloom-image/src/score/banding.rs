//! Contours in areas that should be smooth.
use super::plane::Plane;

/// Half the side of the window in which values are compared.
const RADIUS: usize = 16;
/// Rows that are judged: one in so many.
const STRIDE: usize = 8;
/// The level of pixels that are not in a smooth area.
const NONE: u16 = 256;
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
    let levels = smooth_levels(luma);
    let (mut sum, mut count) = (0.0, 0_u64);
    for y in (0..luma.height).step_by(STRIDE) {
        count += luma.width as u64;
        if levels[y * luma.width..][..luma.width].iter().any(|level| *level != NONE) {
            sum += row((luma.width, luma.height), &levels, y);
        }
    }
    // Two areas of equal size give 1/2 · 1/2.
    if count > 0 { (4.0 * sum / count as f64).min(1.0) } else { 0.0 }
}

fn row((width, height): (usize, usize), levels: &[u16], y: usize) -> f64 {
    let rows = y.saturating_sub(RADIUS)..(y + RADIUS + 1).min(height);
    let mut window = Window { counts: [0; 257] };
    let column = |x: usize, window: &mut Window, change: u32| {
        for y in rows.clone() {
            let count = &mut window.counts[usize::from(levels[y * width + x].min(NONE))];
            *count = count.wrapping_add(change);
        }
    };
    (0..RADIUS.min(width)).for_each(|x| column(x, &mut window, 1));
    let mut sum = 0.0;
    for x in 0..width {
        if x + RADIUS < width {
            column(x + RADIUS, &mut window, 1);
        }
        if x > RADIUS {
            column(x - RADIUS - 1, &mut window, u32::MAX);
        }
        let columns = (x + RADIUS + 1).min(width) - x.saturating_sub(RADIUS);
        let level = levels[y * width + x];
        if level != NONE {
            sum += window.contrast(level, (columns * rows.len()) as u32);
        }
    }
    sum
}

/// Histogram of the levels around a pixel.
struct Window {
    counts: [u32; 257],
}

impl Window {
    fn contrast(&self, level: u16, pixels: u32) -> f64 {
        let level = usize::from(level);
        let smooth = pixels.saturating_sub(self.counts[usize::from(NONE)]).max(1);
        let share = |count: u32| f64::from(count) / f64::from(smooth);
        let own = share(self.counts[level]);
        let of_step = |k: usize| {
            let below = level.checked_sub(k).map_or(0, |at| self.counts[at]);
            let above = if level + k < usize::from(NONE) { self.counts[level + k] } else { 0 };
            let other = share(below.max(above));
            let weight = k.min(4) as f64 / 4.0;
            weight * own * other / (own + other).max(1e-9)
        };
        (1..=MAX_STEP).map(of_step).fold(0.0, f64::max)
    }
}

/// The level of every pixel around which most values equal their right and lower neighbours,
/// [`NONE`] elsewhere.
fn smooth_levels(luma: &Plane) -> Vec<u16> {
    let (width, height) = (luma.width, luma.height);
    let mut levels: Vec<u16> = luma.data.iter().map(|v| (v + 0.5) as u16).collect();
    let line = width + 1;
    let mut sums = vec![0_u32; line * (height + 1)];
    for y in 0..height {
        let row = &levels[y * width..][..width];
        let below = &levels[(y + 1).min(height - 1) * width..][..width];
        let mut sum = 0;
        for x in 0..width {
            let equal = row[x] == row[(x + 1).min(width - 1)] && row[x] == below[x];
            sum += u32::from(equal);
            sums[(y + 1) * line + x + 1] = sums[y * line + x + 1].wrapping_add(sum);
        }
    }
    for y in 0..height {
        let (top, low) = (y.saturating_sub(SMOOTH), (y + SMOOTH + 1).min(height));
        let (above, under) = (&sums[top * line..][..line], &sums[low * line..][..line]);
        for (x, level) in levels[y * width..][..width].iter_mut().enumerate() {
            let (left, right) = (x.saturating_sub(SMOOTH), (x + SMOOTH + 1).min(width));
            let equal = under[right]
                .wrapping_sub(under[left])
                .wrapping_sub(above[right])
                .wrapping_add(above[left]);
            if 2 * equal as usize <= (right - left) * (low - top) {
                *level = NONE;
            }
        }
    }
    levels
}
