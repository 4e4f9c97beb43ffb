//! The shift and stretch between two planes to a fraction of a pixel.
use super::plane::Plane;

/// Pixels at the edge that are left out: filters and codecs treat them differently.
const MARGIN: usize = 3;
const STEPS: usize = 15;
/// Unknowns: shift in x and y, stretch in x and y, gain, offset.
const N: usize = 6;
type Matrix = [[f64; N]; N];

/// How the second plane's content lies relative to the first's, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Motion {
    /// Shift in the middle: right and down.
    pub(super) shift: [f64; 2],
    /// What is added to the shift at the right and at the lower edge, and subtracted at the
    /// left and upper edge.
    pub(super) stretch: [f64; 2],
}

impl Motion {
    /// The same motion in a plane that is larger by `factor`.
    pub(super) fn scaled(self, factor: [f64; 2]) -> Self {
        let scale = |v: [f64; 2]| [v[0] * factor[0], v[1] * factor[1]];
        Self { shift: scale(self.shift), stretch: scale(self.stretch) }
    }
}

/// A motion and how far it can be relied upon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fit {
    pub(super) motion: Motion,
    /// Standard errors.
    pub(super) error: Motion,
    /// Correlation of the planes after the motion.
    pub(super) correlation: f64,
}

/// Improves `start` by least squares over shift, stretch, gain and offset: Lucas and Kanade
/// (IJCAI 1981) with the photometric terms of Fuh and Maragos (1991).
///
/// `smoothing` is the standard deviation of the blur that both planes have gone through; noise
/// is that much less independent from pixel to pixel. `None` if the planes tell nothing.
pub(super) fn refine(a: &Plane, b: &Plane, start: Motion, smoothing: f64) -> Option<Fit> {
    let mut motion = start;
    let mut last = None;
    for _ in 0..STEPS {
        let system = System::build(a, b, motion);
        let solved = system.solve()?;
        let gain = solved.x[4];
        if gain <= 0.05 {
            return None;
        }
        let step = [0, 1, 2, 3].map(|at| solved.x[at] / gain);
        let error = [0, 1, 2, 3].map(|at| {
            // The blur correlates noise over 4πσ² pixels.
            let samples = (4.0 * std::f64::consts::PI * smoothing * smoothing).max(1.0);
            (solved.variance[at] * samples).max(0.0).sqrt() / gain
        });
        let correlation = solved.correlation;
        let error = Motion { shift: [error[0], error[1]], stretch: [error[2], error[3]] };
        last = Some(Fit { motion, error, correlation });
        if step.iter().all(|step| step.abs() < 0.002) {
            break;
        }
        // Long steps come from outside of the range in which the picture is nearly linear.
        let step = step.map(|step| step.clamp(-1.5, 1.5));
        motion.shift = [motion.shift[0] - step[0], motion.shift[1] - step[1]];
        motion.stretch = [motion.stretch[0] - step[2], motion.stretch[1] - step[3]];
    }
    last
}

/// The normal equations of one step.
struct System {
    matrix: Matrix,
    right: [f64; N],
    /// Σ b and Σ b².
    sums: [f64; 2],
    count: f64,
}

struct Solution {
    x: [f64; N],
    variance: [f64; N],
    correlation: f64,
}

impl System {
    fn build(a: &Plane, b: &Plane, motion: Motion) -> Self {
        let mut system =
            Self { matrix: [[0.0; N]; N], right: [0.0; N], sums: [0.0; 2], count: 0.0 };
        let middle = |side: usize| (side as f64 - 1.0) / 2.0;
        let (cx, cy) = (middle(a.width), middle(a.height));
        for y in MARGIN..a.height.saturating_sub(MARGIN) {
            let v = (y as f64 - cy) / cy;
            let to_y = y as f64 + motion.shift[1] + motion.stretch[1] * v;
            let Some((rows, fy)) = between(to_y, b.height) else { continue };
            let lines = [b.row(rows), b.row(rows + 1)];
            for x in MARGIN..a.width.saturating_sub(MARGIN) {
                let u = (x as f64 - cx) / cx;
                let to_x = x as f64 + motion.shift[0] + motion.stretch[0] * u;
                let Some((column, fx)) = between(to_x, b.width) else { continue };
                let value = bilinear(lines, column, (fx, fy));
                system.add(a, (x, y), (u, v), value);
            }
        }
        system
    }

    fn add(&mut self, a: &Plane, (x, y): (usize, usize), (u, v): (f64, f64), value: f64) {
        let at = |x: usize, y: usize| f64::from(a.data[y * a.width + x]);
        let gx = (at(x + 1, y) - at(x - 1, y)) / 2.0;
        let gy = (at(x, y + 1) - at(x, y - 1)) / 2.0;
        let row = [gx, gy, gx * u, gy * v, at(x, y), 1.0];
        for i in 0..N {
            for j in i..N {
                self.matrix[i][j] += row[i] * row[j];
            }
            self.right[i] += row[i] * value;
        }
        self.sums[0] += value;
        self.sums[1] += value * value;
        self.count += 1.0;
    }

    fn solve(mut self) -> Option<Solution> {
        if self.count < 64.0 {
            return None;
        }
        for i in 0..N {
            for j in 0..i {
                self.matrix[i][j] = self.matrix[j][i];
            }
        }
        // A trace of regularisation: planes with edges in one direction only stay solvable, and
        // their standard errors say that the other direction is unknown.
        let gradient = self.matrix[0][0] + self.matrix[1][1];
        for i in 0..4 {
            self.matrix[i][i] += 1e-6 * gradient + 1e-12;
        }
        let inverse = invert(self.matrix)?;
        let x: [f64; N] =
            std::array::from_fn(|i| (0..N).map(|j| inverse[i][j] * self.right[j]).sum());
        let explained: f64 = (0..N).map(|i| x[i] * self.right[i]).sum();
        let total = self.sums[1] - self.sums[0] * self.sums[0] / self.count;
        let residual = (self.sums[1] - explained).max(0.0);
        let noise = residual / (self.count - N as f64);
        let variance = std::array::from_fn(|i| inverse[i][i] * noise);
        let share = if total > 1e-12 { 1.0 - residual / total } else { 0.0 };
        Some(Solution { x, variance, correlation: share.max(0.0).sqrt() })
    }
}

/// The sample before a position and the fraction after it.
fn between(position: f64, len: usize) -> Option<(usize, f64)> {
    if !(0.0..(len as f64 - 1.0)).contains(&position) {
        return None;
    }
    Some((position as usize, position.fract()))
}

fn bilinear(lines: [&[f32]; 2], x: usize, (fx, fy): (f64, f64)) -> f64 {
    let line = |row: &[f32]| f64::from(row[x]) * (1.0 - fx) + f64::from(row[x + 1]) * fx;
    line(lines[0]) * (1.0 - fy) + line(lines[1]) * fy
}

/// Gauss-Jordan elimination with partial pivoting; `None` if the matrix is singular.
fn invert(mut matrix: Matrix) -> Option<Matrix> {
    let mut inverse: Matrix =
        std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    for column in 0..N {
        let pivot = (column..N)
            .max_by(|&i, &j| matrix[i][column].abs().total_cmp(&matrix[j][column].abs()))?;
        if matrix[pivot][column].abs() < 1e-14 {
            return None;
        }
        matrix.swap(column, pivot);
        inverse.swap(column, pivot);
        let scale = 1.0 / matrix[column][column];
        matrix[column] = matrix[column].map(|v| v * scale);
        inverse[column] = inverse[column].map(|v| v * scale);
        for row in (0..N).filter(|&row| row != column) {
            let factor = matrix[row][column];
            for at in 0..N {
                matrix[row][at] -= factor * matrix[column][at];
                inverse[row][at] -= factor * inverse[column][at];
            }
        }
    }
    Some(inverse)
}

#[cfg(test)]
#[expect(clippy::needless_range_loop, reason = "rows and columns of a matrix")]
mod tests {
    use super::*;

    fn waves(shift: [f64; 2], stretch: f64) -> Plane {
        let (width, height) = (64, 48);
        let value = |at: usize| {
            let (x, y) = ((at % width) as f64, (at / width) as f64);
            let x = x - shift[0] - stretch * (x - 31.5) / 31.5;
            let y = y - shift[1];
            ((x * 0.31).sin() + (y * 0.23 + x * 0.07).cos() + (x * 0.11 - y * 0.17).sin()) as f32
        };
        Plane { width, height, data: (0..width * height).map(value).collect() }
    }

    #[test]
    fn fractions_of_a_pixel_and_stretches_are_found() {
        let flat = waves([0.0; 2], 0.0);
        for (shift, stretch) in [([0.25, -0.5], 0.0), ([1.3, 0.8], 0.0), ([0.0, 0.0], 1.5)] {
            let fit = refine(&flat, &waves(shift, stretch), Motion::default(), 1.0).unwrap();
            let motion = fit.motion;
            assert!((motion.shift[0] - shift[0]).abs() < 0.05, "{motion:?} for {shift:?}");
            assert!((motion.shift[1] - shift[1]).abs() < 0.05, "{motion:?} for {shift:?}");
            assert!((motion.stretch[0] - stretch).abs() < 0.1, "{motion:?} for {stretch}");
            assert!(fit.correlation > 0.99);
        }
    }

    #[test]
    fn an_edge_in_one_direction_leaves_the_other_unknown() {
        let (width, height) = (40, 40);
        let noise = |at: usize| ((at * 7919 % 101) as f32 - 50.0) / 5000.0;
        let value = |at: usize| ((at % width) as f32 * 0.3).sin();
        let a = Plane { width, height, data: (0..1600).map(value).collect() };
        let b = Plane { width, height, data: (0..1600).map(|at| value(at) + noise(at)).collect() };
        let fit = refine(&a, &b, Motion::default(), 1.0).unwrap();
        assert!(fit.error.shift[0] < 0.05, "{fit:?}");
        assert!(fit.error.shift[1] > 0.5, "{fit:?}");
    }

    #[test]
    fn flat_planes_tell_nothing() {
        let flat = Plane { width: 20, height: 20, data: vec![0.5; 400] };
        assert_eq!(refine(&flat, &flat, Motion::default(), 1.0), None);
    }

    #[test]
    fn a_matrix_times_its_inverse_is_one() {
        let matrix: Matrix = std::array::from_fn(|i| {
            std::array::from_fn(|j| ((i * 7 + j * 3) % 5) as f64 + if i == j { 4.0 } else { 0.0 })
        });
        let inverse = invert(matrix).unwrap();
        for i in 0..N {
            for j in 0..N {
                let product: f64 = (0..N).map(|k| matrix[i][k] * inverse[k][j]).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-9);
            }
        }
    }
}
