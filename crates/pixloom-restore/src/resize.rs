//! Bilinear resampling of 8-bit planes, as OpenCV's `resize` does it by default.
use crate::Plane;

/// Bits behind the point of a weight.
const BITS: i32 = 11;

/// One output position: the inputs around it and their weights.
#[derive(Debug, Clone, Copy)]
struct Tap {
    from: usize,
    to: usize,
    weights: [i32; 2],
}

/// Pixel centres at half positions, weights of 11 bits, no filter against aliasing.
pub fn bilinear(plane: &Plane, width: usize, height: usize) -> Plane {
    let (width, height) = (width.max(1), height.max(1));
    let (across, down) = (taps(plane.width(), width), taps(plane.height(), height));
    let line = |y: usize| -> Vec<i32> {
        let row = plane.row(y);
        let value = |tap: &Tap| {
            i32::from(row[tap.from]) * tap.weights[0] + i32::from(row[tap.to]) * tap.weights[1]
        };
        across.iter().map(value).collect()
    };
    let mut out = Plane::zeros(width, height);
    for (tap, row) in down.iter().zip(out.values_mut().chunks_exact_mut(width)) {
        let (above, below) = (line(tap.from), line(tap.to));
        for ((out, above), below) in row.iter_mut().zip(above).zip(below) {
            // OpenCV drops bits of both factors so that the products fit 16 bits.
            let part = |value: i32, weight: i32| ((value >> 4) * weight) >> 16;
            let sum = part(above, tap.weights[0]) + part(below, tap.weights[1]);
            *out = ((sum + 2) >> 2).clamp(0, 255) as u8;
        }
    }
    out
}

fn taps(from: usize, to: usize) -> Vec<Tap> {
    let scale = from as f64 / to as f64;
    let tap = |at: usize| {
        let center = (((at as f64 + 0.5) * scale - 0.5) as f32).max(0.0);
        let left = (center as usize).min(from - 1);
        let fraction = if left + 1 < from { center - left as f32 } else { 0.0 };
        let second = libm::rintf(fraction * (1 << BITS) as f32) as i32;
        let first = libm::rintf((1.0 - fraction) * (1 << BITS) as f32) as i32;
        Tap { from: left, to: (left + 1).min(from - 1), weights: [first, second] }
    };
    (0..to).map(tap).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_changes_nothing() {
        let plane = Plane::new(5, 3, (0..15).map(|at| at * 17).collect()).unwrap();
        assert_eq!(bilinear(&plane, 5, 3), plane);
    }

    #[test]
    fn twice_the_size_interpolates() {
        let plane = Plane::new(2, 1, vec![0, 100]).unwrap();
        assert_eq!(bilinear(&plane, 4, 2).values(), &[0, 25, 75, 100, 0, 25, 75, 100]);
        assert_eq!(bilinear(&plane, 1, 1).values(), &[50]);
    }
}
