//! How much there is to see.
use super::plane::{Plane, ratio};

/// Gradient that counts as an edge, of 255.
const EDGE: f32 = 40.0;

pub(super) struct Complexity {
    /// Standard deviation of the gradient.
    pub(super) information: f64,
    /// Share of pixels on edges.
    pub(super) edges: f64,
}

/// Spatial information as in ITU-T P.910, section 7.7 (standard deviation of the Sobel
/// magnitude), here per unit of the mask's weight of 4 for the share of edges.
pub(super) fn complexity(luma: &Plane) -> Complexity {
    let (mut sum, mut squares, mut edges, mut count) = (0.0, 0.0, 0_u64, 0.0);
    luma.inner(|[above, row, below]| {
        let (mut line, mut line_squares, mut line_edges) = (0.0_f32, 0.0_f32, 0_u32);
        for ((a, m), b) in above.windows(3).zip(row.windows(3)).zip(below.windows(3)) {
            let gx = (a[2] + 2.0 * m[2] + b[2]) - (a[0] + 2.0 * m[0] + b[0]);
            let gy = (b[0] + 2.0 * b[1] + b[2]) - (a[0] + 2.0 * a[1] + a[2]);
            let square = gx * gx + gy * gy;
            line += square.sqrt();
            line_squares += square;
            line_edges += u32::from(square > (4.0 * EDGE) * (4.0 * EDGE));
        }
        sum += f64::from(line);
        squares += f64::from(line_squares);
        edges += u64::from(line_edges);
        count += row.len().saturating_sub(2) as f64;
    });
    let mean = ratio(sum, count);
    let information = (ratio(squares, count) - mean * mean).max(0.0).sqrt();
    Complexity { information, edges: ratio(edges as f64, count) }
}
