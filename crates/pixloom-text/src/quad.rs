//! Tight quadrangles around ink.
use crate::map::Point;

/// Four corners: top left, top right, bottom right, bottom left, as the text is read (turned
/// text turns them with it).
pub type Quad = [Point; 4];

/// How far effects that work on pixels spread or shrink the ink beyond its outline.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Growth {
    /// By a disc of this radius, pixels (strokes, bleeding).
    pub round: f32,
    /// By a square of this half side, pixels; negative shrinks (erosion).
    pub square: f32,
}

impl Growth {
    /// Whether there is none.
    pub fn is_none(self) -> bool {
        self.round == 0.0 && self.square == 0.0
    }

    fn along(self, [x, y]: Point) -> f32 {
        self.round + self.square * (x.abs() + y.abs())
    }
}

/// Moves the sides of `frame` until each touches `points` from outside: the smallest quadrangle
/// with sides in these directions. Where the frame is too thin to have directions, the upright
/// rectangle around the points.
///
/// For ink that was only moved, turned or put into perspective with its frame, that is the exact
/// image of its rectangle.
pub fn fit_quad(frame: &Quad, points: impl Iterator<Item = Point> + Clone, growth: Growth) -> Quad {
    directed(frame, &points, growth).unwrap_or_else(|| upright(points, growth))
}

fn directed(
    frame: &Quad,
    points: &(impl Iterator<Item = Point> + Clone),
    growth: Growth,
) -> Option<Quad> {
    let area: f32 = (0..4)
        .map(|i| {
            let (a, b) = (frame[i], frame[(i + 1) % 4]);
            a[0] * b[1] - b[0] * a[1]
        })
        .sum();
    let turn = area.signum();
    let mut sides = [([0.0; 2], 0.0); 4];
    for (i, side) in sides.iter_mut().enumerate() {
        let (a, b) = (frame[i], frame[(i + 1) % 4]);
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = (dx * dx + dy * dy).sqrt();
        if length < 0.3 {
            return None;
        }
        let normal = [turn * dy / length, -turn * dx / length];
        let reach = points.clone().map(|p| normal[0] * p[0] + normal[1] * p[1]);
        let reach = reach.fold(f32::NEG_INFINITY, f32::max);
        if !reach.is_finite() {
            return None;
        }
        *side = (normal, reach + growth.along(normal));
    }
    let mut quad = [[0.0; 2]; 4];
    for (i, corner) in quad.iter_mut().enumerate() {
        *corner = meet(sides[(i + 3) % 4], sides[i])?;
    }
    Some(quad)
}

/// The rectangle of the least area around points (a side of it lies along their convex hull,
/// Freeman and Shapira 1975), its first side in the direction nearest to `along`, clockwise.
pub(crate) fn smallest_rectangle(points: impl Iterator<Item = Point>, along: Point) -> Quad {
    let hull = hull(points.collect());
    let mut best: Option<(f32, Quad)> = None;
    for (at, a) in hull.iter().enumerate() {
        let b = hull[(at + 1) % hull.len()];
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        if length < 1e-3 {
            continue;
        }
        let u = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
        let (area, rectangle) = rectangle_along(&hull, u);
        if best.is_none_or(|(least, _)| area < least) {
            best = Some((area, rectangle));
        }
    }
    let rectangle = best.map_or([[0.0; 2]; 4], |(_, rectangle)| rectangle);
    let fits = |turn: usize| {
        let (a, b) = (rectangle[turn], rectangle[(turn + 1) % 4]);
        let length = (b[0] - a[0]).hypot(b[1] - a[1]).max(1e-6);
        ((b[0] - a[0]) * along[0] + (b[1] - a[1]) * along[1]) / length
    };
    let turn = (0..4).max_by(|x, y| fits(*x).total_cmp(&fits(*y)).then(y.cmp(x))).unwrap_or(0);
    std::array::from_fn(|at| rectangle[(turn + at) % 4])
}

/// The rectangle around points with sides along the unit vector `u`, clockwise, and its area.
fn rectangle_along(points: &[Point], u: Point) -> (f32, Quad) {
    let v = [-u[1], u[0]];
    let range = |axis: Point| {
        let reach = points.iter().map(|p| p[0] * axis[0] + p[1] * axis[1]);
        reach.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), r| (low.min(r), high.max(r)))
    };
    let ((left, right), (top, bottom)) = (range(u), range(v));
    let corner = |x: f32, y: f32| [x * u[0] + y * v[0], x * u[1] + y * v[1]];
    let quad = [corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom)];
    ((right - left) * (bottom - top), quad)
}

/// The convex hull (Andrew 1979).
fn hull(mut points: Vec<Point>) -> Vec<Point> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    let half = |points: &mut dyn Iterator<Item = &Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for p in points {
            while let [.., a, b] = chain[..] {
                let turn = (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
                if turn > 0.0 {
                    break;
                }
                chain.pop();
            }
            chain.push(*p);
        }
        chain.pop();
        chain
    };
    let mut all = half(&mut points.iter());
    all.extend(half(&mut points.iter().rev()));
    all
}

/// Where two lines n · p = d meet; `None` if they are nearly parallel.
fn meet((a, da): (Point, f32), (b, db): (Point, f32)) -> Option<Point> {
    let det = a[0] * b[1] - a[1] * b[0];
    if det.abs() < 0.2 {
        return None;
    }
    Some([(da * b[1] - db * a[1]) / det, (a[0] * db - b[0] * da) / det])
}

fn upright(points: impl Iterator<Item = Point>, growth: Growth) -> Quad {
    let (mut low, mut high) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
    for p in points {
        low = [low[0].min(p[0]), low[1].min(p[1])];
        high = [high[0].max(p[0]), high[1].max(p[1])];
    }
    if low[0] > high[0] {
        return [[0.0; 2]; 4];
    }
    let grow = growth.along([1.0, 0.0]);
    let (low, high) = (low.map(|v| v - grow), high.map(|v| v + grow));
    [[low[0], low[1]], [high[0], low[1]], [high[0], high[1]], [low[0], high[1]]]
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Quad = [[0.0, 0.0], [10.0, 0.0], [10.0, 5.0], [0.0, 5.0]];

    fn near(a: &Quad, b: &Quad) -> bool {
        a.iter().flatten().zip(b.iter().flatten()).all(|(a, b)| (a - b).abs() < 1e-4)
    }

    #[test]
    fn sides_touch_the_points() {
        let points = [[2.0, 1.0], [12.0, 3.0], [4.0, 4.0]];
        let quad = fit_quad(&FRAME, points.into_iter(), Growth::default());
        assert!(near(&quad, &[[2.0, 1.0], [12.0, 1.0], [12.0, 4.0], [2.0, 4.0]]));
    }

    #[test]
    fn turned_and_mirrored_frames_keep_their_corners() {
        let turned = |[x, y]: Point| [0.8 * x - 0.6 * y, 0.6 * x + 0.8 * y];
        for map in [turned, |[x, y]: Point| [-x, y]] {
            let frame = FRAME.map(map);
            let quad = fit_quad(&frame, frame.into_iter(), Growth::default());
            assert!(near(&quad, &frame), "{quad:?}");
        }
    }

    #[test]
    fn growth_moves_all_sides() {
        let growth = Growth { round: 1.0, square: 0.5 };
        let quad = fit_quad(&FRAME, FRAME.into_iter(), growth);
        assert!(near(&quad, &[[-1.5, -1.5], [11.5, -1.5], [11.5, 6.5], [-1.5, 6.5]]));
    }

    #[test]
    fn thin_frames_become_upright_rectangles() {
        let thin = [[0.0, 0.0], [0.1, 0.0], [0.1, 9.0], [0.0, 9.0]];
        let quad = fit_quad(&thin, thin.into_iter(), Growth::default());
        assert!(near(&quad, &thin));
        assert_eq!(fit_quad(&thin, std::iter::empty(), Growth::default()), [[0.0; 2]; 4]);
    }
}
