//! How the plane is bent: maps that outlines go through before they are filled.
//!
//! All maps go forwards, from the layout to the picture, in pixels with y downwards.
use crate::curve::Curve;

/// A position in pixels: x to the right, y downwards.
pub type Point = [f32; 2];

/// One step of the way from the layout to the picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Map {
    /// A 3×3 matrix by rows, applied to (x, y, 1) and divided by the third component.
    Matrix([f64; 9]),
    /// A straight line becomes an arc; see [`Map::arc`].
    Arc {
        /// Middle of the line and the baseline that keeps its length.
        centre: [f64; 2],
        /// Radius of that baseline, pixels.
        radius: f64,
        /// Whether the ends rise (a smile) instead of falling (an arch).
        concave: bool,
        /// Whether lines run downwards instead of to the right.
        vertical: bool,
    },
    /// A wave: across the line by amplitude · sin(frequency · position + phase).
    Sine {
        /// Height of the wave, pixels.
        amplitude: f64,
        /// Radians for each pixel along the line.
        frequency: f64,
        /// Radians at position 0.
        phase: f64,
        /// Whether lines run downwards instead of to the right.
        vertical: bool,
    },
    /// A straight line becomes a free curve.
    Curve {
        /// The curve.
        curve: Curve,
        /// The beginning of the straight line.
        start: [f64; 2],
        /// Whether lines run downwards instead of to the right.
        vertical: bool,
    },
    /// A page that bends down to its binding at the left: by `strength` of its height there,
    /// less with the third power of the distance.
    Curl {
        /// Width and height of the page.
        size: [f64; 2],
        /// Part of the height, 0 to 0.3.
        strength: f64,
        /// The binding is at the right instead.
        right: bool,
    },
    /// Smoothly interpolated offsets.
    Field(Field),
    /// Radial distortion with k1 = k2 (Brown 1966; the inverse of `OpenCV`'s
    /// `initUndistortRectifyMap` with f = width, height).
    Radial {
        /// Middle of the picture.
        centre: [f64; 2],
        /// Width and height of the picture.
        size: [f64; 2],
        /// k1 and k2: positive pulls towards the middle.
        strength: f64,
    },
}

/// Offsets at the nodes of a grid, in between by uniform cubic B-splines, so that the map has no
/// kinks. Outside of the grid the outermost nodes hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Position of the first node.
    pub origin: [f64; 2],
    /// Distance of the nodes in x and y, pixels.
    pub step: [f64; 2],
    /// Nodes in a row.
    pub columns: usize,
    /// Nodes in a column.
    pub rows: usize,
    /// Offset of every node in pixels, row by row.
    pub offsets: Vec<[f32; 2]>,
}

impl Field {
    fn offset(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        if self.columns == 0 || self.rows == 0 {
            return [0.0; 2];
        }
        let place = |at: f64, origin: f64, step: f64, count: usize| {
            let at = ((at - origin) / step).clamp(-2.0, count as f64 + 1.0);
            let cell = at.floor();
            (cell as i64 - 1, spline(at - cell))
        };
        let (column, wx) = place(x, self.origin[0], self.step[0], self.columns);
        let (row, wy) = place(y, self.origin[1], self.step[1], self.rows);
        let mut sum = [0.0; 2];
        for (j, wy) in wy.iter().enumerate() {
            let row = (row + j as i64).clamp(0, self.rows as i64 - 1) as usize;
            for (i, wx) in wx.iter().enumerate() {
                let column = (column + i as i64).clamp(0, self.columns as i64 - 1) as usize;
                let node = self.offsets.get(row * self.columns + column).copied();
                let [dx, dy] = node.unwrap_or_default();
                sum[0] += wx * wy * f64::from(dx);
                sum[1] += wx * wy * f64::from(dy);
            }
        }
        sum
    }
}

/// Weights of the four nodes around a position `t` of the way between the middle two.
fn spline(t: f64) -> [f64; 4] {
    let s = 1.0 - t;
    let (t2, t3) = (t * t, t * t * t);
    [
        s * s * s / 6.0,
        (3.0 * t3 - 6.0 * t2 + 4.0) / 6.0,
        (-3.0 * t3 + 3.0 * t2 + 3.0 * t + 1.0) / 6.0,
        t3 / 6.0,
    ]
}

impl Map {
    /// A shift.
    pub const fn shift(x: f64, y: f64) -> Self {
        Self::Matrix([1.0, 0.0, x, 0.0, 1.0, y, 0.0, 0.0, 1.0])
    }

    /// An affine matrix `[a, b, c, d, e, f]`: x' = a x + b y + c, y' = d x + e y + f.
    pub const fn affine([a, b, c, d, e, f]: [f64; 6]) -> Self {
        Self::Matrix([a, b, c, d, e, f, 0.0, 0.0, 1.0])
    }

    /// The map that takes the corners of a rectangle (top left, top right, bottom right, bottom
    /// left) to four points (Heckbert 1989, “Fundamentals of Texture Mapping and Image
    /// Warping”, §2.2.3). `None` if the points do not make a convex quadrangle.
    pub fn rectangle_to(size: [f64; 2], to: [[f64; 2]; 4]) -> Option<Self> {
        let [p0, p1, p2, p3] = to;
        let d1 = [p1[0] - p2[0], p1[1] - p2[1]];
        let d2 = [p3[0] - p2[0], p3[1] - p2[1]];
        let sum = [p0[0] - p1[0] + p2[0] - p3[0], p0[1] - p1[1] + p2[1] - p3[1]];
        let det = d1[0] * d2[1] - d2[0] * d1[1];
        if det.abs() < 1e-9 || size[0] <= 0.0 || size[1] <= 0.0 {
            return None;
        }
        let g = (sum[0] * d2[1] - d2[0] * sum[1]) / det;
        let h = (d1[0] * sum[1] - sum[0] * d1[1]) / det;
        // The third component must stay positive over the rectangle.
        if [0.0, g, h, g + h].iter().any(|v| 1.0 + v < 1e-3) {
            return None;
        }
        let (w, t) = (size[0], size[1]);
        Some(Self::Matrix([
            (p1[0] - p0[0] + g * p1[0]) / w,
            (p3[0] - p0[0] + h * p3[0]) / t,
            p0[0],
            (p1[1] - p0[1] + g * p1[1]) / w,
            (p3[1] - p0[1] + h * p3[1]) / t,
            p0[1],
            g / w,
            h / t,
            1.0,
        ]))
    }

    fn apply(&self, p: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Matrix(m) => {
                let w = m[6] * p[0] + m[7] * p[1] + m[8];
                [(m[0] * p[0] + m[1] * p[1] + m[2]) / w, (m[3] * p[0] + m[4] * p[1] + m[5]) / w]
            }
            Self::Arc { centre, radius, concave, vertical } => {
                on_arc(p, *centre, *radius, (*concave, *vertical))
            }
            Self::Sine { amplitude, frequency, phase, vertical } => {
                let along = if *vertical { p[1] } else { p[0] };
                let wave = amplitude * libm::sin(frequency * along + phase);
                if *vertical { [p[0] + wave, p[1]] } else { [p[0], p[1] + wave] }
            }
            Self::Curve { curve, start: [x, y], vertical: false } => {
                let [along, across] = curve.place(p[0] - x, p[1] - y);
                [x + along, y + across]
            }
            Self::Curve { curve, start: [x, y], vertical: true } => {
                let [along, across] = curve.place(p[1] - y, p[0] - x);
                [x + across, y + along]
            }
            Self::Curl { size: [width, height], strength, right } => {
                let part = (p[0] / width.max(1.0)).clamp(0.0, 1.0);
                let near = if *right { part } else { 1.0 - part };
                let bend = strength * near * near * near;
                let aside = if *right { -width } else { *width };
                [p[0] + 0.3 * bend * aside, p[1] + bend * height]
            }
            Self::Field(field) => {
                let [dx, dy] = field.offset(p);
                [p[0] + dx, p[1] + dy]
            }
            Self::Radial { centre, size, strength } => {
                let (x, y) = ((p[0] - centre[0]) / size[0], (p[1] - centre[1]) / size[1]);
                let distorted = (x * x + y * y).sqrt();
                if distorted < 1e-12 {
                    return p;
                }
                let scale = undistorted(distorted, *strength) / distorted;
                [centre[0] + x * scale * size[0], centre[1] + y * scale * size[1]]
            }
        }
    }

    const fn keeps_lines(&self) -> bool {
        matches!(self, Self::Matrix(_))
    }
}

fn on_arc(
    p: [f64; 2],
    centre: [f64; 2],
    radius: f64,
    (concave, vertical): (bool, bool),
) -> [f64; 2] {
    let (along, across) = if vertical {
        (p[1] - centre[1], p[0] - centre[0])
    } else {
        (p[0] - centre[0], p[1] - centre[1])
    };
    let sign = if concave { -1.0 } else { 1.0 };
    let (sin, cos) = libm::sincos(along / radius);
    let reach = radius - sign * across;
    let (along, across) = (reach * sin, sign * (radius - reach * cos));
    if vertical {
        [centre[0] + across, centre[1] + along]
    } else {
        [centre[0] + along, centre[1] + across]
    }
}

/// Solves r (1 + k r² + k r⁴) = `distorted` by Newton's method.
fn undistorted(distorted: f64, k: f64) -> f64 {
    let mut r = distorted;
    for _ in 0..12 {
        let square = r * r;
        let value = r * (1.0 + k * square + k * square * square) - distorted;
        let slope = 1.0 + 3.0 * k * square + 5.0 * k * square * square;
        if slope < 1e-3 {
            break;
        }
        r = (r - value / slope).max(0.0);
    }
    r
}

/// Maps one after the other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Chain {
    maps: Vec<Map>,
}

impl Chain {
    /// No change.
    pub const fn new() -> Self {
        Self { maps: Vec::new() }
    }

    /// Adds a step after all others.
    pub fn push(&mut self, map: Map) {
        if let (Some(Map::Matrix(last)), Map::Matrix(next)) = (self.maps.last_mut(), &map) {
            *last = product(next, last);
        } else {
            self.maps.push(map);
        }
    }

    /// Adds a step if there is one.
    pub fn extend(&mut self, map: Option<Map>) {
        if let Some(map) = map {
            self.push(map);
        }
    }

    /// Where a position goes.
    pub fn apply(&self, p: Point) -> Point {
        let p = self.maps.iter().fold(p.map(f64::from), |p, map| map.apply(p));
        p.map(|v| if v.is_finite() { v.clamp(-1e6, 1e6) as f32 } else { 0.0 })
    }

    /// Whether straight lines stay straight.
    pub fn keeps_lines(&self) -> bool {
        self.maps.iter().all(Map::keeps_lines)
    }
}

fn product(a: &[f64; 9], b: &[f64; 9]) -> [f64; 9] {
    std::array::from_fn(|at| (0..3).map(|k| a[at / 3 * 3 + k] * b[k * 3 + at % 3]).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: Point, b: [f32; 2]) -> bool {
        (a[0] - b[0]).abs() < 1e-3 && (a[1] - b[1]).abs() < 1e-3
    }

    fn chain(maps: impl IntoIterator<Item = Map>) -> Chain {
        let mut chain = Chain::new();
        maps.into_iter().for_each(|map| chain.push(map));
        chain
    }

    #[test]
    fn corners_go_where_they_are_sent() {
        let to = [[1.0, 2.0], [98.0, 0.0], [90.0, 47.0], [4.0, 50.0]];
        let map = Map::rectangle_to([100.0, 50.0], to).unwrap();
        let chain = chain([map]);
        for (from, to) in [[0.0, 0.0], [100.0, 0.0], [100.0, 50.0], [0.0, 50.0]].iter().zip(to) {
            assert!(near(chain.apply(*from), to.map(|v| v as f32)), "{from:?}");
        }
        assert!(Map::rectangle_to([9.0, 9.0], [[0.0, 0.0]; 4]).is_none());
    }

    #[test]
    fn matrices_are_joined_in_order() {
        let scale = Map::affine([2.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
        let chain = chain([Map::shift(3.0, 4.0), scale]);
        assert_eq!(chain.maps.len(), 1);
        assert!(near(chain.apply([1.0, 1.0]), [8.0, 10.0]));
    }

    #[test]
    fn arcs_keep_the_length_of_the_baseline() {
        let arc =
            |concave, vertical| Map::Arc { centre: [50.0, 0.0], radius: 80.0, concave, vertical };
        let arch = chain([arc(false, false)]);
        assert!(near(arch.apply([50.0, -10.0]), [50.0, -10.0]));
        let end = arch.apply([90.0, 0.0]);
        assert!(near(end, [50.0 + 80.0 * 0.5_f32.sin(), 80.0 - 80.0 * 0.5_f32.cos()]), "{end:?}");
        assert!(chain([arc(true, false)]).apply([90.0, 0.0])[1] < 0.0);
        assert!(chain([arc(false, true)]).apply([50.0, 40.0])[0] > 50.0);
    }

    #[test]
    fn radial_distortion_inverts_the_formula() {
        let map = Map::Radial { centre: [50.0, 25.0], size: [100.0, 50.0], strength: 0.4 };
        let p = chain([map]).apply([90.0, 40.0]);
        let (x, y) = ((f64::from(p[0]) - 50.0) / 100.0, (f64::from(p[1]) - 25.0) / 50.0);
        let r2 = x * x + y * y;
        let back = 1.0 + 0.4 * r2 + 0.4 * r2 * r2;
        assert!((x * back - 0.4).abs() < 1e-4 && (y * back - 0.3).abs() < 1e-4);
    }

    #[test]
    fn equal_offsets_shift_and_waves_bend() {
        let field = Field {
            origin: [0.0; 2],
            step: [10.0; 2],
            columns: 3,
            rows: 2,
            offsets: vec![[1.0, -2.0]; 6],
        };
        let shifted = chain([Map::Field(field)]);
        for p in [[5.0, 5.0], [-90.0, 3.0], [500.0, 500.0]] {
            assert!(near(shifted.apply(p), [p[0] + 1.0, p[1] - 2.0]));
        }
        let wave = Map::Sine { amplitude: 5.0, frequency: 1.0, phase: 0.0, vertical: false };
        assert!(near(
            chain([wave]).apply([std::f32::consts::FRAC_PI_2, 0.0]),
            [std::f32::consts::FRAC_PI_2, 5.0]
        ));
    }
}
