//! Pictures as planes of 8 bit.

/// One channel, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plane {
    width: usize,
    height: usize,
    values: Vec<u8>,
}

impl Plane {
    /// Creates a plane.
    ///
    /// # Errors
    /// If a side is zero or the number of values is not width × height.
    pub fn new(width: usize, height: usize, values: Vec<u8>) -> Result<Self, PlanesError> {
        if width == 0 || height == 0 || width.checked_mul(height) != Some(values.len()) {
            return Err(PlanesError::Size { width, height, values: values.len() });
        }
        Ok(Self { width, height, values })
    }

    /// A plane of zeros; sides of zero count as one.
    pub fn zeros(width: usize, height: usize) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        Self { width, height, values: vec![0; width * height] }
    }

    /// Columns.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// All values.
    pub fn values(&self) -> &[u8] {
        &self.values
    }

    /// All values, to be changed.
    pub fn values_mut(&mut self) -> &mut [u8] {
        &mut self.values
    }

    /// One row.
    pub fn row(&self, y: usize) -> &[u8] {
        &self.values[y * self.width..(y + 1) * self.width]
    }

    /// A rectangle of it, cut where it ends.
    #[must_use]
    pub fn crop(&self, (x, y): (usize, usize), (width, height): (usize, usize)) -> Self {
        let (x, y) = (x.min(self.width - 1), y.min(self.height - 1));
        let (width, height) = (width.clamp(1, self.width - x), height.clamp(1, self.height - y));
        let rows = (y..y + height).flat_map(|row| &self.row(row)[x..x + width]).copied();
        Self { width, height, values: rows.collect() }
    }
}

/// One plane (grey) or three (red, green, blue) of the same size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planes(Vec<Plane>);

impl Planes {
    /// Joins planes.
    ///
    /// # Errors
    /// If there are neither one nor three, or their sizes differ.
    pub fn new(planes: Vec<Plane>) -> Result<Self, PlanesError> {
        if planes.len() != 1 && planes.len() != 3 {
            return Err(PlanesError::Count(planes.len()));
        }
        let size = |plane: &Plane| (plane.width, plane.height);
        if planes.iter().any(|plane| size(plane) != size(&planes[0])) {
            return Err(PlanesError::Differ);
        }
        Ok(Self(planes))
    }

    /// Takes interleaved pixels apart: `channels` samples each, of which the first one or three
    /// count. Three equal channels become one plane: every score of it is the same, for a third
    /// of the work.
    ///
    /// # Errors
    /// If the number of samples does not fit.
    pub fn from_interleaved(
        (width, height): (usize, usize),
        channels: usize,
        samples: &[u8],
    ) -> Result<Self, PlanesError> {
        let wrong = PlanesError::Size { width, height, values: samples.len() };
        if channels == 0 || samples.len() != width.saturating_mul(height).saturating_mul(channels) {
            return Err(wrong);
        }
        let gray =
            channels < 3 || samples.chunks_exact(channels).all(|p| p[0] == p[1] && p[1] == p[2]);
        let plane = |at: usize| {
            let values = samples.iter().skip(at).step_by(channels).copied().collect();
            Plane::new(width, height, values)
        };
        let planes = (0..if gray { 1 } else { 3 }).map(plane);
        Self::new(planes.collect::<Result<_, _>>()?)
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.0[0].width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.0[0].height
    }

    /// Whether there is luminance only.
    pub fn is_gray(&self) -> bool {
        self.0.len() == 1
    }

    /// The planes.
    pub fn as_slice(&self) -> &[Plane] {
        &self.0
    }

    /// The planes, to be changed.
    pub fn as_mut_slice(&mut self) -> &mut [Plane] {
        &mut self.0
    }

    /// The same picture with `count` planes, one or three: grey is repeated. A coloured picture
    /// stays as it is.
    #[must_use]
    pub fn expanded(self, count: usize) -> Self {
        match (<[Plane; 1]>::try_from(self.0), count) {
            (Ok([gray]), 3) => Self(vec![gray.clone(), gray.clone(), gray]),
            (Ok([gray]), _) => Self(vec![gray]),
            (Err(planes), _) => Self(planes),
        }
    }

    /// Applies `change` to each plane.
    #[must_use]
    pub fn map(&self, change: impl FnMut(&Plane) -> Plane) -> Self {
        Self(self.0.iter().map(change).collect())
    }

    /// A rectangle of it, cut where it ends.
    #[must_use]
    pub fn crop(&self, at: (usize, usize), size: (usize, usize)) -> Self {
        self.map(|plane| plane.crop(at, size))
    }

    /// BT.601 luma with OpenCV's fixed-point weights (`COLOR_BGR2GRAY` since 4.0): 15 bits,
    /// rounded.
    pub fn luma(&self) -> Plane {
        let [r, g, b] = match &self.0[..] {
            [r, g, b] => [r, g, b],
            [gray, ..] => return gray.clone(),
            [] => return Plane::zeros(1, 1),
        };
        let pixels = r.values.iter().zip(&g.values).zip(&b.values);
        let values = pixels.map(|((r, g), b)| {
            let sum = 9798 * u32::from(*r) + 19_235 * u32::from(*g) + 3735 * u32::from(*b);
            ((sum + (1 << 14)) >> 15) as u8
        });
        Plane { values: values.collect(), ..*r }
    }
}

/// Planes that make no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanesError {
    /// Wrong number of values.
    #[error("a picture of {width}×{height} does not have {values} values")]
    Size {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// Values given.
        values: usize,
    },
    /// Wrong number of planes.
    #[error("a picture has one or three planes, not {0}")]
    Count(usize),
    /// Planes of different sizes.
    #[error("the planes differ in size")]
    Differ,
    /// The window of the metric does not fit.
    #[error("SSIM needs at least 7 pixels a side, the picture has {width}×{height}")]
    TooSmall {
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_channels_become_one_plane() {
        let gray = Planes::from_interleaved((2, 1), 3, &[5, 5, 5, 9, 9, 9]).unwrap();
        assert!(gray.is_gray());
        assert_eq!(gray.clone().expanded(3).as_slice().len(), 3);
        assert_eq!(gray.luma().values(), &[5, 9]);
        let color = Planes::from_interleaved((1, 1), 4, &[255, 0, 0, 7]).unwrap();
        assert_eq!(color.as_slice().len(), 3);
        assert_eq!(color.luma().values(), &[76]);
        assert!(Planes::from_interleaved((2, 2), 3, &[0; 3]).is_err());
    }

    #[test]
    fn crops_are_cut_at_the_edge() {
        let plane = Plane::new(3, 2, vec![0, 1, 2, 3, 4, 5]).unwrap();
        assert_eq!(plane.crop((1, 1), (9, 9)).values(), &[4, 5]);
    }
}
