//! How much there is to see.
use super::plane::{Plane, ratio};

/// Gradient that counts as an edge, of 255.
const EDGE: f64 = 40.0;

pub(super) struct Complexity {
    /// Standard deviation of the gradient.
    pub(super) information: f64,
    /// Share of pixels on edges.
    pub(super) edges: f64,
}

/// Spatial information as in ITU-T P.910, section 7.7 (standard deviation of the Sobel
/// magnitude), here per unit of the mask's weight of 4 for the share of edges.
pub(super) fn complexity(luma: &Plane) -> Complexity {
    let (mut sum, mut squares, mut edges, mut count) = (0.0, 0.0, 0.0, 0.0);
    luma.inner(|x, y| {
        let at = |x: usize, y: usize| luma.at(x, y);
        let column = |x: usize| at(x, y - 1) + 2.0 * at(x, y) + at(x, y + 1);
        let row = |y: usize| at(x - 1, y) + 2.0 * at(x, y) + at(x + 1, y);
        let (gx, gy) = (column(x + 1) - column(x - 1), row(y + 1) - row(y - 1));
        let magnitude = (gx * gx + gy * gy).sqrt();
        sum += magnitude;
        squares += magnitude * magnitude;
        edges += f64::from(u8::from(magnitude / 4.0 > EDGE));
        count += 1.0;
    });
    let mean = ratio(sum, count);
    let information = (ratio(squares, count) - mean * mean).max(0.0).sqrt();
    Complexity { information, edges: ratio(edges, count) }
}
