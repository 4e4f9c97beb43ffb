//! Coarse colours of a picture: a grid of 4×4 CIELAB averages.
use crate::plane::RgbPlane;

/// Cells per side.
pub(crate) const SIDE: usize = 4;

/// Mean CIELAB (D65) colours of a 4×4 grid, 48 bytes: per cell L* × 2.55, a* + 128, b* + 128,
/// rounded; cells row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabGrid(pub [[u8; 3]; SIDE * SIDE]);

impl LabGrid {
    /// Averages each cell in sRGB, then converts the mean.
    pub fn new(picture: RgbPlane<'_>) -> Self {
        let mut sums = [[0u64; 3]; SIDE * SIDE];
        let mut counts = [0u64; SIDE * SIDE];
        // The first column of each cell.
        let starts: [usize; SIDE + 1] =
            std::array::from_fn(|cell| (cell * picture.width()).div_ceil(SIDE));
        for y in 0..picture.height() {
            let first = y * SIDE / picture.height() * SIDE;
            let pixels = picture.row(y).as_chunks::<3>().0;
            for (column, ends) in starts.windows(2).enumerate() {
                let part = &pixels[ends[0]..ends[1]];
                counts[first + column] += part.len() as u64;
                let mut sum = [0_u32; 3];
                for pixel in part {
                    sum = std::array::from_fn(|i| sum[i] + u32::from(pixel[i]));
                }
                for (all, sum) in sums[first + column].iter_mut().zip(sum) {
                    *all += u64::from(sum);
                }
            }
        }
        fill_empty(&mut sums, &mut counts);
        let mut cells = [[0; 3]; SIDE * SIDE];
        for (cell, (sum, count)) in cells.iter_mut().zip(sums.iter().zip(counts)) {
            *cell = lab(sum.map(|sum| sum as f32 / count.max(1) as f32));
        }
        Self(cells)
    }

    /// Mean chroma (distance from gray) of the cells, in units of a* and b*; below about 2 the
    /// picture is gray.
    pub fn chroma(&self) -> f32 {
        let chroma = |[_, a, b]: &[u8; 3]| (f32::from(*a) - 128.0).hypot(f32::from(*b) - 128.0);
        self.0.iter().map(chroma).sum::<f32>() / self.0.len() as f32
    }
}

impl LabGrid {
    /// Mean distance (CIE 1976) of the cells, in units of CIELAB.
    pub fn difference(&self, other: &Self) -> f32 {
        let distance = |(x, y): (&[u8; 3], &[u8; 3])| {
            let d: [f32; 3] = std::array::from_fn(|i| f32::from(x[i]) - f32::from(y[i]));
            ((d[0] / 2.55).powi(2) + d[1] * d[1] + d[2] * d[2]).sqrt()
        };
        self.0.iter().zip(&other.0).map(distance).sum::<f32>() / self.0.len() as f32
    }
}

/// Cells without a pixel (pictures of less than 4 pixels a side) take their left or upper
/// neighbour's.
fn fill_empty(sums: &mut [[u64; 3]; SIDE * SIDE], counts: &mut [u64; SIDE * SIDE]) {
    for cell in 1..SIDE * SIDE {
        if counts[cell] == 0 {
            let from = if cell % SIDE == 0 || counts[cell - 1] == 0 {
                cell.saturating_sub(SIDE)
            } else {
                cell - 1
            };
            (sums[cell], counts[cell]) = (sums[from], counts[from]);
        }
    }
}

/// sRGB (0 to 255) to CIELAB as it is stored (IEC 61966-2-1, CIE 15).
fn lab(rgb: [f32; 3]) -> [u8; 3] {
    let linear = rgb.map(|v| {
        let v = v / 255.0;
        if v <= 0.04045 { v / 12.92 } else { libm::powf((v + 0.055) / 1.055, 2.4) }
    });
    let dot = |m: [f32; 3]| m[0] * linear[0] + m[1] * linear[1] + m[2] * linear[2];
    let f = |t: f32| {
        if t > 216.0 / 24389.0 { libm::cbrtf(t) } else { (t * 24389.0 / 27.0 + 16.0) / 116.0 }
    };
    let x = f(dot([0.412_456, 0.357_576, 0.180_437]) / 0.950_47);
    let y = f(dot([0.212_673, 0.715_152, 0.072_175]));
    let z = f(dot([0.019_334, 0.119_192, 0.950_304]) / 1.088_83);
    let stored = [(116.0 * y - 16.0) * 2.55, 500.0 * (x - y) + 128.0, 200.0 * (y - z) + 128.0];
    stored.map(|v| v.round().clamp(0.0, 255.0) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_colours() {
        // Values of colour tables (D65): white, red, blue.
        assert_eq!(lab([255.0; 3]), [255, 128, 128]);
        assert_eq!(lab([255.0, 0.0, 0.0]), [136, 208, 195]);
        assert_eq!(lab([0.0, 0.0, 255.0]), [82, 207, 20]);
    }

    #[test]
    fn small_pictures_fill_the_grid() {
        let red = RgbPlane::new(&[255, 0, 0], 1, 1).unwrap();
        let grid = LabGrid::new(red);
        assert!(grid.0.iter().all(|cell| *cell == grid.0[0]), "{grid:?}");
        assert!(grid.chroma() > 80.0);
        let gray = vec![90; 3 * 7 * 3];
        assert!(LabGrid::new(RgbPlane::new(&gray, 7, 3).unwrap()).chroma() < 1.0);
    }
}
