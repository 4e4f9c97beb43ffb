//! Quantised coefficients of a few rows of MCUs or of a whole picture.
use super::plan::Plan;

/// The coefficients of one component: of each block only the `n`×`n` lowest frequencies,
/// in natural order.
pub(super) struct CoefPlane {
    /// Coefficients on a side of a block.
    pub n: usize,
    /// Blocks in a row.
    pub blocks_w: usize,
    /// Block after block, row after row.
    pub data: Vec<i16>,
    /// Which coefficients of a block are not zero, by zigzag index; progressive pictures only.
    pub seen: Vec<u64>,
}

impl CoefPlane {
    /// Coefficients in a row of blocks.
    pub(super) const fn row_len(&self) -> usize {
        self.blocks_w * self.n * self.n
    }
}

/// The coefficients of all components.
pub(super) struct Coefs {
    /// One per component.
    pub planes: Vec<CoefPlane>,
}

impl Coefs {
    /// Zeros for `rows` rows of MCUs; `refined` adds what progressive decoding keeps.
    pub(super) fn new(plan: &Plan, rows: usize, refined: bool) -> Self {
        let plane = |c: &super::plan::CompPlan| {
            let blocks = c.blocks_w * c.v * rows;
            CoefPlane {
                n: c.n,
                blocks_w: c.blocks_w,
                data: vec![0; blocks * c.n * c.n],
                seen: vec![0; if refined { blocks } else { 0 }],
            }
        };
        Self { planes: plan.comps.iter().map(plane).collect() }
    }
}

/// Position in an `N`×`N` block of each zigzag index; `N`² for those that are not kept.
pub(super) const fn positions(n: usize) -> [u8; 80] {
    let mut map = [(n * n) as u8; 80];
    let mut k = 0;
    while k < 80 {
        let (x, y) =
            (super::markers::ZIGZAG[k] as usize % 8, super::markers::ZIGZAG[k] as usize / 8);
        if x < n && y < n {
            map[k] = (y * n + x) as u8;
        }
        k += 1;
    }
    map
}

/// The last zigzag index that an `n`×`n` block needs.
pub(super) const fn last_needed(n: usize) -> usize {
    match n {
        1 => 0,
        2 => 4,
        4 => 24,
        _ => 63,
    }
}
