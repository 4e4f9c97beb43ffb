//! The eight ways to flip and turn a square.

/// Swap rows and columns, then mirror left to right, then top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) swapped: bool,
    pub(crate) mirrored: bool,
    pub(crate) inverted: bool,
}

impl Form {
    pub(crate) const IDENTITY: Self = Self { swapped: false, mirrored: false, inverted: false };

    /// In the order of `Grid::dihedral`.
    pub(crate) const ALL: [Self; 8] = {
        let mut all = [Self::IDENTITY; 8];
        let mut number = 0;
        while number < 8 {
            all[number] = Self {
                swapped: number & 4 > 0,
                mirrored: number & 1 > 0,
                inverted: number & 2 > 0,
            };
            number += 1;
        }
        all
    };

    /// Where the value of a cell of the turned square comes from: column and row.
    pub(crate) fn source(self, x: usize, y: usize, side: usize) -> (usize, usize) {
        let x = if self.mirrored { side - 1 - x } else { x };
        let y = if self.inverted { side - 1 - y } else { y };
        if self.swapped { (y, x) } else { (x, y) }
    }

    /// The values of the square, flipped and turned.
    pub(crate) fn apply(self, square: &[f32], side: usize) -> Vec<f32> {
        let value = |at: usize| {
            let (x, y) = self.source(at % side, at / side, side);
            square[y * side + x]
        };
        (0..side * side).map(value).collect()
    }

    /// Where a position of a `1×1` square goes: `xx, xy, x0, yx, yy, y0`.
    pub(crate) fn unit_map(self) -> [f64; 6] {
        let (sx, x0) = if self.mirrored { (-1.0, 1.0) } else { (1.0, 0.0) };
        let (sy, y0) = if self.inverted { (-1.0, 1.0) } else { (1.0, 0.0) };
        if self.swapped { [0.0, sx, x0, sy, 0.0, y0] } else { [sx, 0.0, x0, 0.0, sy, y0] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_where_the_map_says() {
        for form in Form::ALL {
            let map = crate::Transform { coefficients: form.unit_map() };
            for (x, y) in [(0, 0), (2, 1), (3, 0)] {
                let (from_x, from_y) = form.source(x, y, 4);
                let middle = |at: usize| (at as f64 + 0.5) / 4.0;
                let to = map.map([middle(from_x), middle(from_y)]);
                assert!((to[0] - middle(x)).abs() < 1e-9 && (to[1] - middle(y)).abs() < 1e-9);
            }
        }
    }
}
