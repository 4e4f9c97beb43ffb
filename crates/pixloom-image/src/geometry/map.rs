//! Where positions go: from a position in the result to the position in the source.
use crate::Size;

/// How an operation moved pixels: the map from positions in its output to positions in its
/// input, both in pixels with (0, 0) at the top left corner, so that the centre of the first
/// pixel is (0.5, 0.5). Labels and key points, which go from input to output, follow the
/// [inverse](Self::inverse).
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Geometry {
    /// Nothing moved.
    #[default]
    Identity,
    /// `[a, b, c, d, e, f]`: x' = a x + b y + c, y' = d x + e y + f.
    Affine([f64; 6]),
    /// A 3×3 matrix by rows, applied to (x, y, 1) and divided by the third component.
    Homography([f64; 9]),
    /// Offsets on a grid.
    Field(Field),
}

/// Offsets from output to input positions, given on a grid and linear in between. Outside of
/// the grid the outermost offset holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Nodes in a row; node (i, j) is at position (i · step, j · step).
    pub columns: u32,
    /// Nodes in a column.
    pub rows: u32,
    /// Distance of the nodes, output pixels.
    pub step: f64,
    /// Offset (x, y) in pixels of every node, row by row.
    pub offsets: Vec<[f32; 2]>,
}

impl Field {
    /// Samples `offset` on a grid that covers an output of `size`. `step` is at least 1 pixel.
    pub fn sample(size: Size, step: f64, offset: impl Fn([f64; 2]) -> [f64; 2]) -> Self {
        let step = if step >= 1.0 { step } else { 1.0 };
        let nodes = |side: u32| (f64::from(side) / step).ceil() as u32 + 1;
        let (columns, rows) = (nodes(size.width), nodes(size.height));
        let offsets = (0..rows)
            .flat_map(|j| (0..columns).map(move |i| [f64::from(i) * step, f64::from(j) * step]))
            .map(|position| offset(position).map(|v| v as f32))
            .collect();
        Self { columns, rows, step, offsets }
    }

    /// The offset at an output position.
    pub fn offset(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let cell = |position: f64, nodes: u32| {
            let at = (position / self.step).clamp(0.0, f64::from(nodes.saturating_sub(1)));
            let low = at.floor().min(f64::from(nodes.saturating_sub(2)));
            (low as usize, at - low)
        };
        let ((i, u), (j, v)) = (cell(x, self.columns), cell(y, self.rows));
        let columns = self.columns as usize;
        let node = |i: usize, j: usize| {
            let i = i.min(columns.saturating_sub(1));
            self.offsets.get(j * columns + i).map_or([0.0; 2], |offset| offset.map(f64::from))
        };
        let mix =
            |a: [f64; 2], b: [f64; 2], t: f64| [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
        let below = if v > 0.0 { j + 1 } else { j };
        mix(mix(node(i, j), node(i + 1, j), u), mix(node(i, below), node(i + 1, below), u), v)
    }

    /// Size of the area that the grid covers.
    fn covered(&self) -> Size {
        let side = |nodes: u32| (f64::from(nodes.saturating_sub(1)) * self.step).ceil() as u32;
        Size::new(side(self.columns), side(self.rows))
    }
}

/// Rounds of the fixed-point iteration that inverts a field; enough where neighbours keep
/// their order.
const INVERSE_ROUNDS: usize = 30;

impl Geometry {
    /// A shift: the output shows the input from (`x`, `y`) on, as a crop does.
    pub const fn translation(x: f64, y: f64) -> Self {
        Self::Affine([1.0, 0.0, x, 0.0, 1.0, y])
    }

    /// What resizing `input` to `output` does to positions.
    pub fn resize(input: Size, output: Size) -> Self {
        let scale = |input: u32, output: u32| f64::from(input) / f64::from(output.max(1));
        let (sx, sy) = (scale(input.width, output.width), scale(input.height, output.height));
        Self::Affine([sx, 0.0, 0.0, 0.0, sy, 0.0])
    }

    /// The input position that an output position shows. Not finite where a homography has
    /// its horizon.
    pub fn map_point(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Identity => [x, y],
            Self::Affine([a, b, c, d, e, f]) => [a * x + b * y + c, d * x + e * y + f],
            Self::Homography(m) => {
                let w = m[6] * x + m[7] * y + m[8];
                [(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w]
            }
            Self::Field(field) => {
                let [dx, dy] = field.offset([x, y]);
                [x + dx, y + dy]
            }
        }
    }

    /// The map from input to output positions; `None` if a matrix has no inverse. The inverse
    /// of a field is found on its grid by iteration and is approximate; it covers inputs as
    /// large as the field.
    pub fn inverse(&self) -> Option<Self> {
        match self {
            Self::Identity => Some(Self::Identity),
            Self::Affine(_) => {
                let m = inverted(&self.matrix()?)?;
                Some(Self::Affine([m[0], m[1], m[2], m[3], m[4], m[5]].map(|v| v / m[8])))
            }
            Self::Homography(m) => Some(Self::Homography(inverted(m)?)),
            Self::Field(field) => {
                Some(Self::Field(Field::sample(field.covered(), field.step, |input| {
                    let mut offset = [0.0; 2];
                    for _ in 0..INVERSE_ROUNDS {
                        let output = [input[0] + offset[0], input[1] + offset[1]];
                        offset = field.offset(output).map(|v| -v);
                    }
                    offset
                })))
            }
        }
    }

    /// The map of two operations in a row: `self` was done last and gave `output` pixels,
    /// `earlier` was done before it. With a field in it the result is a field on the finer grid.
    #[must_use]
    pub fn after(&self, earlier: &Self, output: Size) -> Self {
        match (self, earlier) {
            (Self::Identity, other) | (other, Self::Identity) => other.clone(),
            (Self::Field(_), _) | (_, Self::Field(_)) => {
                let step = |geometry: &Self| match geometry {
                    Self::Field(field) => field.step,
                    _ => f64::INFINITY,
                };
                let step = step(self).min(step(earlier));
                Self::Field(Field::sample(output, step, |position| {
                    let [x, y] = earlier.map_point(self.map_point(position));
                    [x - position[0], y - position[1]]
                }))
            }
            (last, earlier) => {
                let product = last.matrix().zip(earlier.matrix()).map(|(l, e)| multiplied(&e, &l));
                match (product, last, earlier) {
                    (Some(m), Self::Affine(_), Self::Affine(_)) => {
                        Self::Affine([m[0], m[1], m[2], m[3], m[4], m[5]])
                    }
                    (Some(m), ..) => Self::Homography(m),
                    (None, ..) => Self::Identity,
                }
            }
        }
    }

    /// The same movement for a version of the picture whose input and output are both `scale`
    /// times as large: an HQ/LQ pair moves together.
    #[must_use]
    pub fn at_scale(&self, scale: f64) -> Self {
        match self {
            Self::Identity => Self::Identity,
            Self::Affine([a, b, c, d, e, f]) => {
                Self::Affine([*a, *b, c * scale, *d, *e, f * scale])
            }
            Self::Homography([a, b, c, d, e, f, g, h, i]) => {
                Self::Homography([*a, *b, c * scale, *d, *e, f * scale, g / scale, h / scale, *i])
            }
            Self::Field(field) => {
                let offsets =
                    field.offsets.iter().map(|v| v.map(|v| (f64::from(v) * scale) as f32));
                Self::Field(Field {
                    step: field.step * scale,
                    offsets: offsets.collect(),
                    ..*field
                })
            }
        }
    }

    /// The 3×3 matrix, unless it is a field.
    fn matrix(&self) -> Option<[f64; 9]> {
        match self {
            Self::Identity => Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]),
            Self::Affine([a, b, c, d, e, f]) => Some([*a, *b, *c, *d, *e, *f, 0.0, 0.0, 1.0]),
            Self::Homography(matrix) => Some(*matrix),
            Self::Field(_) => None,
        }
    }
}

fn multiplied(a: &[f64; 9], b: &[f64; 9]) -> [f64; 9] {
    std::array::from_fn(|at| (0..3).map(|k| a[at / 3 * 3 + k] * b[k * 3 + at % 3]).sum())
}

/// The inverse by cofactors; `None` where the determinant is 0 or not finite.
fn inverted(m: &[f64; 9]) -> Option<[f64; 9]> {
    let cofactor = |row: usize, column: usize| {
        let (r0, r1) = ((row + 1) % 3 * 3, (row + 2) % 3 * 3);
        let (c0, c1) = ((column + 1) % 3, (column + 2) % 3);
        m[r0 + c0] * m[r1 + c1] - m[r0 + c1] * m[r1 + c0]
    };
    let determinant: f64 = (0..3).map(|column| m[column] * cofactor(0, column)).sum();
    let inverse: [f64; 9] = std::array::from_fn(|at| cofactor(at % 3, at / 3) / determinant);
    inverse.iter().all(|v| v.is_finite()).then_some(inverse)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Size = Size { width: 64, height: 48 };
    const POINT: [f64; 2] = [20.25, 31.5];

    fn some() -> [Geometry; 4] {
        [
            Geometry::Identity,
            Geometry::Affine([0.9, -0.2, 3.0, 0.25, 1.1, -4.0]),
            Geometry::Homography([0.9, -0.2, 3.0, 0.25, 1.1, -4.0, 0.001, -0.002, 1.0]),
            Geometry::Field(Field::sample(SIZE, 4.0, |[x, y]| {
                [(y * 0.1).sin() * 2.0, (x * 0.1).cos() * 2.0]
            })),
        ]
    }

    fn close(a: [f64; 2], b: [f64; 2], tolerance: f64) -> bool {
        (a[0] - b[0]).abs() < tolerance && (a[1] - b[1]).abs() < tolerance
    }

    #[test]
    fn inverse_leads_back() {
        for geometry in some() {
            let there = geometry.map_point(POINT);
            let back = geometry.inverse().unwrap().map_point(there);
            assert!(close(back, POINT, 0.1), "{geometry:?}: {back:?}");
        }
        assert_eq!(Geometry::Affine([1.0, 2.0, 0.0, 2.0, 4.0, 0.0]).inverse(), None);
    }

    #[test]
    fn composition_is_one_after_the_other() {
        for last in some() {
            for earlier in some() {
                let both = last.after(&earlier, SIZE).map_point(POINT);
                let expected = earlier.map_point(last.map_point(POINT));
                assert!(close(both, expected, 0.05), "{last:?} after {earlier:?}");
            }
        }
    }

    #[test]
    fn pairs_move_together() {
        for geometry in some() {
            let large = geometry.at_scale(4.0).map_point(POINT.map(|v| v * 4.0));
            let small = geometry.map_point(POINT);
            assert!(close(large, small.map(|v| v * 4.0), 1e-4), "{geometry:?}");
        }
    }

    #[test]
    fn field_is_linear_between_nodes_and_constant_outside() {
        let field = Field::sample(Size::new(8, 8), 4.0, |[x, y]| [x, 2.0 * y]);
        assert!(close(field.offset([3.0, 5.0]), [3.0, 10.0], 1e-6));
        assert!(close(field.offset([-9.0, 99.0]), [0.0, 16.0], 1e-6));
        let empty = Field { columns: 0, rows: 0, step: 1.0, offsets: Vec::new() };
        assert!(close(empty.offset([1.0, 1.0]), [0.0, 0.0], 1e-12));
    }
}
