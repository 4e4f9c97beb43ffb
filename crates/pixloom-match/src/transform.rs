//! Affine maps between two pictures.

/// An affine map of positions: `x' = xx·x + xy·y + x0`, `y' = yx·x + yy·y + y0`.
///
/// Positions count in pixels of the full-size pictures (`Input::full_size`), the corner of the
/// picture being 0, 0 and the middle of the first pixel 0.5, 0.5.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transform {
    /// `xx, xy, x0, yx, yy, y0`.
    pub coefficients: [f64; 6],
}

impl Transform {
    /// The map that moves nothing.
    pub const IDENTITY: Self = Self { coefficients: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0] };

    /// Stretches by the two factors.
    pub fn scaling(x: f64, y: f64) -> Self {
        Self { coefficients: [x, 0.0, 0.0, 0.0, y, 0.0] }
    }

    /// Where a position goes.
    pub fn map(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let [xx, xy, x0, yx, yy, y0] = self.coefficients;
        [xx * x + xy * y + x0, yx * x + yy * y + y0]
    }

    /// First `earlier`, then this one.
    #[must_use]
    pub fn after(&self, earlier: &Self) -> Self {
        let [xx, xy, _, yx, yy, _] = self.coefficients;
        let [exx, exy, ex0, eyx, eyy, ey0] = earlier.coefficients;
        let [x0, y0] = self.map([ex0, ey0]);
        Self {
            coefficients: [
                xx * exx + xy * eyx,
                xx * exy + xy * eyy,
                x0,
                yx * exx + yy * eyx,
                yx * exy + yy * eyy,
                y0,
            ],
        }
    }

    /// The way back; nothing where the map folds the plane to a line.
    pub fn inverse(&self) -> Option<Self> {
        let [xx, xy, x0, yx, yy, y0] = self.coefficients;
        let det = self.determinant();
        if !det.is_finite() || det.abs() < 1e-12 {
            return None;
        }
        let [ixx, ixy, iyx, iyy] = [yy / det, -xy / det, -yx / det, xx / det];
        let back = [ixx, ixy, -(ixx * x0 + ixy * y0), iyx, iyy, -(iyx * x0 + iyy * y0)];
        Some(Self { coefficients: back })
    }

    /// How much areas grow; negative where the picture is mirrored.
    pub fn determinant(&self) -> f64 {
        let [xx, xy, _, yx, yy, _] = self.coefficients;
        xx * yy - xy * yx
    }

    /// The larger and the smaller stretch (singular values).
    pub fn stretches(&self) -> [f64; 2] {
        let [xx, xy, _, yx, yy, _] = self.coefficients;
        let half_sum = f64::midpoint(xx * xx + xy * xy, yx * yx + yy * yy);
        let det = self.determinant();
        let root = (half_sum * half_sum - det * det).max(0.0).sqrt();
        [(half_sum + root).max(0.0).sqrt(), (half_sum - root).max(0.0).sqrt()]
    }

    /// Clockwise turn in degrees, -180 to 180, of what is left when mirroring (left for right,
    /// done first) is taken out.
    pub fn angle_degrees(&self) -> f64 {
        let [xx, xy, _, yx, yy, _] = self.coefficients;
        let (cosine, sine) =
            if self.determinant() < 0.0 { (yy - xx, -(yx + xy)) } else { (xx + yy, yx - xy) };
        sine.atan2(cosine).to_degrees()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: [f64; 2], b: [f64; 2]) -> bool {
        (a[0] - b[0]).abs() < 1e-9 && (a[1] - b[1]).abs() < 1e-9
    }

    #[test]
    fn the_inverse_leads_back() {
        let map = Transform { coefficients: [1.5, -0.5, 3.0, 0.25, 2.0, -7.0] };
        let back = map.inverse().unwrap();
        assert!(close(back.map(map.map([11.0, 5.0])), [11.0, 5.0]));
        assert!(close(back.after(&map).map([4.0, 9.0]), [4.0, 9.0]));
        assert!(Transform::scaling(0.0, 1.0).inverse().is_none());
    }

    #[test]
    fn turns_and_stretches_are_read_back() {
        let (sine, cosine) = 30.0_f64.to_radians().sin_cos();
        let turn = Transform { coefficients: [cosine, -sine, 0.0, sine, cosine, 0.0] };
        let flip = Transform { coefficients: [-1.0, 0.0, 9.0, 0.0, 1.0, 0.0] };
        assert!((turn.angle_degrees() - 30.0).abs() < 1e-9);
        assert!((turn.after(&flip).angle_degrees() - 30.0).abs() < 1e-9);
        assert!(turn.after(&flip).determinant() < 0.0);
        let [large, small] = turn.after(&Transform::scaling(3.0, 0.5)).stretches();
        assert!((large - 3.0).abs() < 1e-9 && (small - 0.5).abs() < 1e-9);
    }
}
