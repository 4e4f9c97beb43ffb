//! Colours of the layers of a glyph: flat ones and gradients (OpenType 1.9.1, `COLR`).
use harfrust::font::glyph::color::Extend;

/// A colour of the font, or that of the text, with its opacity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Tint {
    /// The colour of the text.
    Ink(f32),
    /// Red, green, blue.
    Own([u8; 3], f32),
}

impl Tint {
    /// Red, green and blue multiplied by alpha, and alpha, 0 to 1.
    fn resolve(self, ink: [u8; 3]) -> [f32; 4] {
        let (color, alpha) = match self {
            Self::Ink(alpha) => (ink, alpha),
            Self::Own(color, alpha) => (color, alpha),
        };
        let [r, g, b] = color.map(|v| f32::from(v) / 255.0 * alpha);
        [r, g, b, alpha]
    }
}

/// What a gradient does beyond its ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    Hold,
    Repeat,
    Mirror,
}

impl From<Extend> for Beyond {
    fn from(extend: Extend) -> Self {
        match extend {
            Extend::Repeat => Self::Repeat,
            Extend::Reflect => Self::Mirror,
            _ => Self::Hold,
        }
    }
}

/// Where a gradient runs, in its own plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Gradient {
    /// From one point to another.
    Linear([f32; 2], [f32; 2]),
    /// From one circle to another.
    Radial(([f32; 2], f32), ([f32; 2], f32)),
    /// Around a point, from one angle to another, degrees clockwise.
    Sweep([f32; 2], [f32; 2]),
}

impl Gradient {
    /// How far along a position is; `None` where nothing is painted.
    fn along(&self, [x, y]: [f32; 2]) -> Option<f32> {
        match *self {
            Self::Linear([x0, y0], [x1, y1]) => {
                let (dx, dy) = (x1 - x0, y1 - y0);
                let length = dx * dx + dy * dy;
                Some(if length > 0.0 { ((x - x0) * dx + (y - y0) * dy) / length } else { 1.0 })
            }
            Self::Radial(from, to) => between_circles(from, to, [x, y]),
            Self::Sweep([cx, cy], [start, end]) => {
                let angle = -libm::atan2f(y - cy, x - cx).to_degrees();
                let angle = if angle < 0.0 { angle + 360.0 } else { angle };
                let turn = end - start;
                Some(if turn == 0.0 { f32::from(angle >= end) } else { (angle - start) / turn })
            }
        }
    }
}

/// The largest t whose circle, between the two, goes through the point.
fn between_circles(
    ([x0, y0], r0): ([f32; 2], f32),
    ([x1, y1], r1): ([f32; 2], f32),
    [x, y]: [f32; 2],
) -> Option<f32> {
    let (dx, dy, dr) = (x1 - x0, y1 - y0, r1 - r0);
    let (px, py) = (x - x0, y - y0);
    let a = dx * dx + dy * dy - dr * dr;
    let b = px * dx + py * dy + r0 * dr;
    let c = px * px + py * py - r0 * r0;
    let shown = |t: f32| (r0 + t * dr >= 0.0).then_some(t);
    if a.abs() < 1e-6 {
        return if b == 0.0 { None } else { shown(0.5 * c / b) };
    }
    let root = b * b - a * c;
    if root < 0.0 {
        return None;
    }
    let root = root.sqrt();
    let (one, other) = ((b + root) / a, (b - root) / a);
    shown(one.max(other)).or_else(|| shown(one.min(other)))
}

/// The paint of a layer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shade {
    /// One colour.
    Flat(Tint),
    /// A gradient.
    Graded {
        gradient: Gradient,
        stops: Vec<(f32, Tint)>,
        beyond: Beyond,
        /// From font units to the gradient's plane: x' = a x + b y + c, y' = d x + e y + f.
        inverse: [f32; 6],
    },
}

impl Shade {
    /// A gradient whose plane `matrix` takes to font units; `None` if nothing of it shows.
    pub(crate) fn graded(
        gradient: Gradient,
        stops: Vec<(f32, Tint)>,
        beyond: Beyond,
        matrix: [f32; 6],
    ) -> Option<Self> {
        if stops.is_empty() {
            return None;
        }
        Some(Self::Graded { gradient, stops, beyond, inverse: invert(matrix)? })
    }

    /// The colour at a position in font units: red, green, blue multiplied by alpha, alpha.
    pub(crate) fn at(&self, [x, y]: [f32; 2], ink: [u8; 3]) -> [f32; 4] {
        match self {
            Self::Flat(tint) => tint.resolve(ink),
            Self::Graded { gradient, stops, beyond, inverse: [a, b, c, d, e, f] } => {
                let along = gradient.along([a * x + b * y + c, d * x + e * y + f]);
                let Some(along) = along.filter(|t| t.is_finite()) else { return [0.0; 4] };
                let t = match beyond {
                    Beyond::Hold => along.clamp(0.0, 1.0),
                    Beyond::Repeat => along - along.floor(),
                    Beyond::Mirror => 1.0 - ((0.5 * along).fract().abs() * 2.0 - 1.0).abs(),
                };
                mix(stops, t, ink)
            }
        }
    }
}

fn mix(stops: &[(f32, Tint)], t: f32, ink: [u8; 3]) -> [f32; 4] {
    let after = stops.partition_point(|(offset, _)| *offset <= t);
    let color = |at: usize| stops.get(at).map_or([0.0; 4], |(_, tint)| tint.resolve(ink));
    if after == 0 || after == stops.len() {
        return color(if after == 0 { 0 } else { after - 1 });
    }
    let (from, to) = (stops[after - 1].0, stops[after].0);
    let part = if to > from { (t - from) / (to - from) } else { 0.0 };
    let (a, b) = (color(after - 1), color(after));
    std::array::from_fn(|c| a[c] + (b[c] - a[c]) * part)
}

/// The inverse of an affine matrix by rows; `None` if there is none.
pub(crate) fn invert([a, b, c, d, e, f]: [f32; 6]) -> Option<[f32; 6]> {
    let det = a * e - b * d;
    if !det.is_finite() || det.abs() < 1e-12 {
        return None;
    }
    let (a, b, d, e) = (e / det, -b / det, -d / det, a / det);
    Some([a, b, -(a * c + b * f), d, e, -(d * c + e * f)])
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Tint = Tint::Own([255, 0, 0], 1.0);
    const BLUE: Tint = Tint::Own([0, 0, 255], 1.0);

    fn red(gradient: Gradient, beyond: Beyond, p: [f32; 2]) -> f32 {
        let matrix = [2.0, 0.0, 0.0, 0.0, 2.0, 0.0];
        let shade = Shade::graded(gradient, vec![(0.0, RED), (1.0, BLUE)], beyond, matrix).unwrap();
        let [red, _, blue, alpha] = shade.at(p, [0; 3]);
        assert!((red + blue - alpha).abs() < 1e-5);
        red
    }

    #[test]
    fn gradients_run_where_they_should() {
        let near = |a: f32, b: f32| assert!((a - b).abs() < 1e-4, "{a} {b}");
        let linear = Gradient::Linear([0.0, 0.0], [100.0, 0.0]);
        // The plane is enlarged twice.
        near(red(linear, Beyond::Hold, [50.0, 9.0]), 0.75);
        near(red(linear, Beyond::Hold, [900.0, 0.0]), 0.0);
        near(red(linear, Beyond::Repeat, [250.0, 0.0]), 0.75);
        near(red(linear, Beyond::Mirror, [250.0, 0.0]), 0.25);
        let radial = Gradient::Radial(([0.0; 2], 0.0), ([0.0; 2], 100.0));
        near(red(radial, Beyond::Hold, [60.0, 80.0]), 0.5);
        let sweep = Gradient::Sweep([0.0; 2], [0.0, 360.0]);
        // A quarter clockwise from the right is downwards.
        near(red(sweep, Beyond::Hold, [0.0, -10.0]), 0.75);
    }

    #[test]
    fn ink_and_nonsense() {
        let violet = Shade::Flat(Tint::Ink(1.0)).at([0.0; 2], [255, 0, 255]);
        assert_eq!(violet.map(f32::to_bits), [1.0_f32, 0.0, 1.0, 1.0].map(f32::to_bits));
        let linear = Gradient::Linear([0.0; 2], [0.0; 2]);
        assert!(Shade::graded(linear, vec![(0.0, RED)], Beyond::Hold, [0.0; 6]).is_none());
        let shade =
            Shade::graded(linear, vec![(0.0, RED)], Beyond::Hold, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(shade.unwrap().at([f32::NAN, 0.0], [0; 3])[0].to_bits(), 1.0_f32.to_bits());
    }
}
