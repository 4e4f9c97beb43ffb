//! The five PNG row filters and the choice between them (PNG specification, section 9).

/// Which of the filters are tried on a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Strategy {
    /// Never any: best for drawings of few colours.
    Plain,
    /// Always `Up`: the fastest that still predicts.
    Up,
    /// The one with the smallest sum of absolute differences (section 12.7).
    SmallestSum,
    /// The one with the smallest entropy of its bytes.
    SmallestEntropy,
}

/// The filter types by their number in the file.
const NONE: u8 = 0;
const SUB: u8 = 1;
const UP: u8 = 2;
const AVERAGE: u8 = 3;
const PAETH: u8 = 4;

/// Filters rows; holds the buffers for the candidates.
pub(super) struct RowFilter {
    strategy: Strategy,
    bytes_per_pixel: usize,
    candidate: Vec<u8>,
    best: Vec<u8>,
}

impl RowFilter {
    pub(super) fn new(strategy: Strategy, bytes_per_pixel: usize) -> Self {
        Self { strategy, bytes_per_pixel, candidate: Vec::new(), best: Vec::new() }
    }

    /// Appends the filter type and the filtered `row` to `out`. `above` is the row before it, or
    /// as many zeros.
    pub(super) fn push(&mut self, above: &[u8], row: &[u8], out: &mut Vec<u8>) {
        if self.strategy == Strategy::Up {
            out.push(UP);
            out.extend(row.iter().zip(above).map(|(value, up)| value.wrapping_sub(*up)));
            return;
        }
        if self.strategy == Strategy::Plain {
            out.push(NONE);
            out.extend_from_slice(row);
            return;
        }
        self.candidate.resize(row.len(), 0);
        self.best.resize(row.len(), 0);
        let (mut best, mut best_cost) = (NONE, u64::MAX);
        for kind in [UP, PAETH, SUB, AVERAGE, NONE] {
            apply(kind, self.bytes_per_pixel, above, row, &mut self.candidate);
            let cost = self.cost(best_cost);
            if cost < best_cost {
                (best, best_cost) = (kind, cost);
                std::mem::swap(&mut self.candidate, &mut self.best);
            }
            if best_cost == 0 {
                break;
            }
        }
        out.push(best);
        out.extend_from_slice(&self.best);
    }

    fn cost(&self, limit: u64) -> u64 {
        match self.strategy {
            Strategy::SmallestEntropy => entropy(&self.candidate),
            _ => sum_of_magnitudes(&self.candidate, limit),
        }
    }
}

/// Sum of the bytes taken as signed magnitudes; stops early beyond `limit`.
fn sum_of_magnitudes(bytes: &[u8], limit: u64) -> u64 {
    let mut sum = 0;
    for chunk in bytes.chunks(4096) {
        sum += chunk.iter().map(|&byte| u32::from((byte as i8).unsigned_abs())).sum::<u32>() as u64;
        if sum > limit {
            break;
        }
    }
    sum
}

/// Bits that an ideal code for the bytes' own distribution would need, in 1/16 bit.
fn entropy(bytes: &[u8]) -> u64 {
    let mut counts = [0u32; 256];
    for &byte in bytes {
        counts[byte as usize] += 1;
    }
    let total = fixed_log2(bytes.len() as u32);
    counts
        .iter()
        .filter(|&&count| count > 0)
        .map(|&count| count as u64 * (total - fixed_log2(count)))
        .sum()
}

/// log2 in 1/16, linear between powers of two: integers give the same choice on every machine.
fn fixed_log2(value: u32) -> u64 {
    let whole = value.max(1).ilog2();
    let fraction = ((u64::from(value.max(1)) << 4) >> whole) & 15;
    u64::from(whole) * 16 + fraction
}

fn apply(kind: u8, bpp: usize, above: &[u8], row: &[u8], out: &mut [u8]) {
    let bpp = bpp.min(row.len());
    let (first, rest) = out.split_at_mut(bpp);
    let (left, here, up, up_left) = (&row[..row.len() - bpp], &row[bpp..], &above[bpp..], above);
    let ends = first.iter_mut().zip(row).zip(above);
    match kind {
        SUB => {
            first.copy_from_slice(&row[..bpp]);
            for ((out, &value), &left) in rest.iter_mut().zip(here).zip(left) {
                *out = value.wrapping_sub(left);
            }
        }
        UP => {
            for ((out, &value), &up) in out.iter_mut().zip(row).zip(above) {
                *out = value.wrapping_sub(up);
            }
        }
        AVERAGE => {
            ends.for_each(|((out, &value), &up)| *out = value.wrapping_sub(up / 2));
            for (((out, &value), &left), &up) in rest.iter_mut().zip(here).zip(left).zip(up) {
                *out = value.wrapping_sub(left.midpoint(up));
            }
        }
        PAETH => {
            ends.for_each(|((out, &value), &up)| *out = value.wrapping_sub(up));
            let around = left.iter().zip(up).zip(up_left);
            for ((out, &value), ((&left, &up), &up_left)) in rest.iter_mut().zip(here).zip(around) {
                *out = value.wrapping_sub(paeth(left, up, up_left));
            }
        }
        _ => out.copy_from_slice(row),
    }
}

/// The neighbour closest to left + up − up-left (section 9.4), without branches.
fn paeth(left: u8, up: u8, up_left: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(up_left));
    let to_a = (b - c).abs();
    let to_b = (a - c).abs();
    let to_c = (a + b - 2 * c).abs();
    let b_or_c = if to_b <= to_c { up } else { up_left };
    if to_a <= to_b && to_a <= to_c { left } else { b_or_c }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undo(kind: u8, bpp: usize, above: &[u8], filtered: &[u8]) -> Vec<u8> {
        let mut row: Vec<u8> = Vec::new();
        for (index, &value) in filtered.iter().enumerate() {
            let at = |row: &[u8]| index.checked_sub(bpp).map_or(0, |index| row[index]);
            let (left, up, up_left) = (at(&row), above[index], at(above));
            row.push(value.wrapping_add(match kind {
                SUB => left,
                UP => up,
                AVERAGE => left.midpoint(up),
                PAETH => paeth(left, up, up_left),
                _ => 0,
            }));
        }
        row
    }

    #[test]
    fn every_filter_can_be_undone() {
        let row: Vec<u8> = (0..97u32).map(|x| (x * x * 7 % 251) as u8).collect();
        let above: Vec<u8> = (0..97u32).map(|x| (x * 31 % 253) as u8).collect();
        for bpp in [1, 2, 3, 4, 6, 8] {
            for len in [1, bpp, bpp + 1, 97] {
                let (row, above) = (&row[..len], &above[..len]);
                for kind in [NONE, SUB, UP, AVERAGE, PAETH] {
                    let mut out = vec![0; len];
                    apply(kind, bpp, above, row, &mut out);
                    assert_eq!(undo(kind, bpp, above, &out), row, "filter {kind}, bpp {bpp}");
                }
            }
        }
    }

    #[test]
    fn strategies_pick_a_filter_that_fits() {
        let (above, ramp) = (vec![0; 90], (0..90).collect::<Vec<u8>>());
        for strategy in [Strategy::SmallestSum, Strategy::SmallestEntropy] {
            let mut out = Vec::new();
            RowFilter::new(strategy, 1).push(&above, &ramp, &mut out);
            assert_eq!(undo(out[0], 1, &above, &out[1..]), ramp);
            assert!(out[2..].iter().all(|&byte| byte == 1), "{strategy:?}");
        }
    }
}
