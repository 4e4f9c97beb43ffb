//! Whether a picture was enlarged: how much of its resolution it uses.
use std::f64::consts::PI;

use super::plane::Plane;
use crate::fft::{Complex, Fft};

/// Most samples of a line.
const LINE: usize = 256;
/// Lines of each direction.
const LINES: usize = 96;
/// Share of the detail that must lie below the frequency that is returned.
const SHARE: f64 = 0.95;
/// Variance of what rounding to 8 bit adds to every sample, with a margin for resampling in
/// between: it is level over all frequencies and no detail.
const ROUNDING: f64 = 1.5 / 12.0;

/// The frequency below which nearly all detail lies, relative to the highest possible, in the
/// better of the two directions. 1 for pictures without any detail or too small to tell.
pub(super) fn native_scale(luma: &Plane) -> f64 {
    let along_rows = lines(luma.height, luma.width, |line, at| luma.at(at, line));
    let along_columns = lines(luma.width, luma.height, |line, at| luma.at(line, at));
    match (along_rows, along_columns) {
        (Some(a), Some(b)) => a.max(b),
        (a, b) => a.or(b).unwrap_or(1.0),
    }
}

fn lines(count: usize, len: usize, value: impl Fn(usize, usize) -> f64) -> Option<f64> {
    let side = (len + 1).next_power_of_two() / 2;
    if side < 32 || count == 0 {
        return None;
    }
    let fft = Fft::at_least(side.min(LINE));
    let side = fft.side();
    let hann = |at: usize| 0.5 - 0.5 * libm::cos(2.0 * PI * (at as f64 + 0.5) / side as f64);
    let window: Vec<f64> = (0..side).map(hann).collect();
    let floor = ROUNDING * window.iter().map(|w| w * w).sum::<f64>();
    let (mut power, mut pieces) = (vec![0.0; side / 2], 0.0);
    let chosen = count.min(LINES);
    for line in (0..chosen).map(|at| (2 * at + 1) * count / (2 * chosen)) {
        // Half-overlapping pieces (Welch 1967).
        for start in (0..=len - side).step_by(side / 2) {
            let piece: Vec<f64> = (start..start + side).map(|at| value(line, at)).collect();
            add_power(&fft, &window, &piece, &mut power);
            pieces += 1.0;
        }
    }
    for power in &mut power {
        *power = (*power - pieces * floor).max(0.0);
    }
    roll_off(&power)
}

fn add_power(fft: &Fft, window: &[f64], piece: &[f64], power: &mut [f64]) {
    let mean = piece.iter().sum::<f64>() / piece.len() as f64;
    let mut values: Vec<Complex> =
        piece.iter().zip(window).map(|(v, w)| Complex::new((v - mean) * w, 0.0)).collect();
    fft.lines(&mut values);
    for (power, value) in power.iter_mut().zip(&values) {
        *power += value.norm_sqr();
    }
}

/// Where the sum of energy times frequency squared reaches [`SHARE`].
fn roll_off(power: &[f64]) -> Option<f64> {
    let detail: Vec<f64> = power.iter().enumerate().map(|(k, p)| p * (k * k) as f64).collect();
    let total: f64 = detail.iter().sum();
    if total <= 1e-6 {
        return None;
    }
    let mut sum = 0.0;
    let reaches = |value: &f64| {
        sum += value;
        sum >= SHARE * total
    };
    let at = detail.iter().position(reaches).unwrap_or(power.len() - 1);
    Some((at + 1) as f64 / power.len() as f64)
}
