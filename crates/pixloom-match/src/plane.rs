//! Pictures as slices: a gray plane and an RGB one.

/// A gray picture: one byte per pixel, rows from the top without gaps, at least 1×1.
#[derive(Debug, Clone, Copy)]
pub struct Plane<'a> {
    pixels: &'a [u8],
    width: usize,
    height: usize,
}

impl<'a> Plane<'a> {
    /// Nothing unless `pixels` holds exactly `width × height` bytes and neither is zero.
    pub fn new(pixels: &'a [u8], width: usize, height: usize) -> Option<Self> {
        let fits = width > 0 && height > 0 && width.checked_mul(height) == Some(pixels.len());
        fits.then_some(Self { pixels, width, height })
    }

    /// All pixels, row by row.
    pub fn pixels(self) -> &'a [u8] {
        self.pixels
    }

    /// Pixels per row.
    pub fn width(self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn height(self) -> usize {
        self.height
    }

    /// The pixels of one row; `y` must be less than the height.
    pub fn row(self, y: usize) -> &'a [u8] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }
}

/// A colour picture in sRGB: three bytes per pixel, rows from the top without gaps.
#[derive(Debug, Clone, Copy)]
pub struct RgbPlane<'a> {
    samples: &'a [u8],
    width: usize,
    height: usize,
}

impl<'a> RgbPlane<'a> {
    /// Nothing unless `samples` holds exactly `3 × width × height` bytes and neither is zero.
    pub fn new(samples: &'a [u8], width: usize, height: usize) -> Option<Self> {
        let len = width.checked_mul(height).and_then(|pixels| pixels.checked_mul(3));
        let fits = width > 0 && height > 0 && len == Some(samples.len());
        fits.then_some(Self { samples, width, height })
    }

    /// Pixels per row.
    pub fn width(self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn height(self) -> usize {
        self.height
    }

    /// The samples of one row; `y` must be less than the height.
    pub fn row(self, y: usize) -> &'a [u8] {
        &self.samples[3 * y * self.width..3 * (y + 1) * self.width]
    }
}
