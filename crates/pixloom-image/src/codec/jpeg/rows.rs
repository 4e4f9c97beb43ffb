//! Rows of samples: triangle upsampling and colour conversion, bit for bit as in libjpeg-turbo.

/// Twice as wide: each new sample is 3/4 of the nearer and 1/4 of the farther old one, rounded
/// down and up by turns. `row` has at least 2 samples, `out` twice as many.
#[inline(always)]
pub(super) fn double_width(row: &[u8], out: &mut [u8]) {
    let n = row.len();
    let pairs = &mut out.as_chunks_mut::<2>().0[..n];
    let mix = |near: u8, far: u8, bias: u16| ((3 * near as u16 + far as u16 + bias) >> 2) as u8;
    pairs[0] = [row[0], mix(row[0], row[1], 2)];
    pairs[n - 1] = [mix(row[n - 1], row[n - 2], 1), row[n - 1]];
    let sources = row[..n - 2].iter().zip(&row[1..n - 1]).zip(&row[2..]);
    for (((&left, &here), &right), pair) in sources.zip(&mut pairs[1..n - 1]) {
        *pair = [mix(here, left, 1), mix(here, right, 2)];
    }
}

/// 3/4 of the nearer row and 1/4 of the farther one.
#[inline(always)]
pub(super) fn blend_rows(near: &[u8], far: &[u8], bias: u16, out: &mut [u8]) {
    for ((&near, &far), out) in near.iter().zip(far).zip(out) {
        *out = ((3 * near as u16 + far as u16 + bias) >> 2) as u8;
    }
}

/// Three times the nearer row and once the farther one: the vertical half of the filter.
#[inline(always)]
pub(super) fn weigh_rows(near: &[u8], far: &[u8], out: &mut [u16]) {
    for ((&near, &far), out) in near.iter().zip(far).zip(out) {
        *out = 3 * near as u16 + far as u16;
    }
}

/// The horizontal half of the filter on the result of [`weigh_rows`].
#[inline(always)]
pub(super) fn double_weighed(row: &[u16], out: &mut [u8]) {
    let n = row.len();
    let pairs = &mut out.as_chunks_mut::<2>().0[..n];
    let mix = |near: u16, far: u16, bias: u16| ((3 * near + far + bias) >> 4) as u8;
    pairs[0] = [mix(row[0], row[0], 8), mix(row[0], row[1], 7)];
    pairs[n - 1] = [mix(row[n - 1], row[n - 2], 8), mix(row[n - 1], row[n - 1], 7)];
    let sources = row[..n - 2].iter().zip(&row[1..n - 1]).zip(&row[2..]);
    for (((&left, &here), &right), pair) in sources.zip(&mut pairs[1..n - 1]) {
        *pair = [mix(here, left, 8), mix(here, right, 7)];
    }
}

/// One pixel of JFIF's YCbCr (ITU-R BT.601, full range) as RGB, in 16 fraction bits.
#[inline(always)]
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    let (y, cb, cr) = (y as i32, cb as i32 - 128, cr as i32 - 128);
    let red = y + ((91_881 * cr + 32_768) >> 16);
    let green = y + ((-22_554 * cb - 46_802 * cr + 32_768) >> 16);
    let blue = y + ((116_130 * cb + 32_768) >> 16);
    [red, green, blue].map(|value| value.clamp(0, 255) as u8)
}

/// YCbCr to RGB.
#[inline(always)]
pub(super) fn ycc_to_rgb(ycc: [&[u8]; 3], out: &mut [u8]) {
    let [y, cb, cr] = ycc;
    for (((&y, &cb), &cr), pixel) in y.iter().zip(cb).zip(cr).zip(out.as_chunks_mut::<3>().0) {
        *pixel = rgb(y, cb, cr);
    }
}

/// Three rows interleaved.
#[inline(always)]
pub(super) fn interleave(rgb: [&[u8]; 3], out: &mut [u8]) {
    let [red, green, blue] = rgb;
    let sources = red.iter().zip(green).zip(blue);
    for (((&red, &green), &blue), pixel) in sources.zip(out.as_chunks_mut::<3>().0) {
        *pixel = [red, green, blue];
    }
}

/// Inks to RGB: each of red, green, blue is what its ink and black leave of the paper.
/// `inverted`: 255 means no ink.
#[inline(always)]
pub(super) fn cmyk_to_rgb(cmyk: [&[u8]; 4], inverted: bool, out: &mut [u8]) {
    let flip = if inverted { 255 } else { 0 };
    let [cyan, magenta, yellow, black] = cmyk;
    let inks = cyan.iter().zip(magenta).zip(yellow).zip(black);
    for ((((&c, &m), &y), &k), pixel) in inks.zip(out.as_chunks_mut::<3>().0) {
        let paper = u32::from(255 - (k ^ flip));
        *pixel = [c, m, y].map(|ink| {
            let product = u32::from(ink ^ flip) * paper + 128;
            (paper - ((product + (product >> 8)) >> 8)) as u8
        });
    }
}

/// The first three rows of YCCK as inks, in place of YCbCr.
pub(super) fn ycck_to_cmyk(ycc: [&[u8]; 3], inks: &mut [Vec<u8>; 3]) {
    let [y, cb, cr] = ycc;
    let [cyan, magenta, yellow] = inks.each_mut().map(|ink| ink.iter_mut());
    let inks = cyan.zip(magenta).zip(yellow);
    for (((&y, &cb), &cr), ((c, m), ye)) in y.iter().zip(cb).zip(cr).zip(inks) {
        [*c, *m, *ye] = rgb(y, cb, cr).map(|value| 255 - value);
    }
}

/// RGB to JFIF's YCbCr, in 16 fraction bits.
#[inline(always)]
pub(super) fn rgb_to_ycc(rgb: &[u8], ycc: [&mut [u8]; 3]) {
    const HALF: i32 = 1 << 15;
    const CENTER: i32 = (128 << 16) + HALF - 1;
    let [y, cb, cr] = ycc;
    for (((pixel, y), cb), cr) in rgb.as_chunks::<3>().0.iter().zip(y).zip(cb).zip(cr) {
        let [r, g, b] = pixel.map(i32::from);
        *y = ((19_595 * r + 38_470 * g + 7471 * b + HALF) >> 16) as u8;
        *cb = ((-11_059 * r - 21_709 * g + 32_768 * b + CENTER) >> 16) as u8;
        *cr = ((32_768 * r - 27_439 * g - 5329 * b + CENTER) >> 16) as u8;
    }
}

/// Means of pairs; ties go down and up by turns.
#[inline(always)]
pub(super) fn mean_of_pairs(row: &[u8], out: &mut [u8]) {
    for (pairs, out) in row.as_chunks::<4>().0.iter().zip(out.as_chunks_mut::<2>().0) {
        let [a, b, c, d] = pairs.map(u16::from);
        *out = [((a + b) >> 1) as u8, ((c + d + 1) >> 1) as u8];
    }
}

/// Means of 2×2 samples; ties go down and up by turns.
#[inline(always)]
pub(super) fn mean_of_squares(upper: &[u8], lower: &[u8], out: &mut [u8]) {
    let squares = upper.as_chunks::<4>().0.iter().zip(lower.as_chunks::<4>().0);
    for ((upper, lower), out) in squares.zip(out.as_chunks_mut::<2>().0) {
        let ([a, b, c, d], [e, f, g, h]) = (upper.map(u16::from), lower.map(u16::from));
        *out = [((a + b + e + f + 1) >> 2) as u8, ((c + d + g + h + 2) >> 2) as u8];
    }
}

#[cfg(test)]
mod tests {
    use super::super::simd;
    use super::*;

    fn bytes(count: usize, step: usize) -> Vec<u8> {
        (0..count).map(|i| (i * i * step + i * 31 % 256) as u8).collect()
    }

    #[test]
    fn triangle_filter_by_hand() {
        let mut out = [0; 6];
        double_width(&[10, 20, 40], &mut out);
        assert_eq!(out, [10, 13, 17, 25, 35, 40]);
        let mut sums = [0; 3];
        weigh_rows(&[10, 20, 40], &[10, 20, 40], &mut sums);
        double_weighed(&sums, &mut out);
        assert_eq!(out, [10, 12, 18, 25, 35, 40]);
    }

    #[test]
    fn vector_and_scalar_rows_agree() {
        for n in (2..70).chain([255, 1000]) {
            let (a, b, c, d) = (bytes(n, 3), bytes(n, 5), bytes(n, 7), bytes(n, 11));
            let (mut one, mut two) = (vec![0; 3 * n], vec![0; 3 * n]);
            macro_rules! same {
                ($name:ident, $($arg:expr),*) => {
                    simd::$name($($arg,)* &mut one);
                    $name($($arg,)* &mut two);
                    assert_eq!(one, two, "{} of {n}", stringify!($name));
                };
            }
            same!(double_width, &a);
            same!(blend_rows, &a, &b, 1);
            same!(ycc_to_rgb, [&a, &b, &c]);
            same!(interleave, [&a, &b, &c]);
            same!(cmyk_to_rgb, [&a, &b, &c, &d], true);
            same!(mean_of_pairs, &a);
            same!(mean_of_squares, &a, &b);
            let planes = [1, 2].map(|run| {
                let mut ycc = [vec![0; n], vec![0; n], vec![0; n]];
                let [y, cb, cr] = &mut ycc;
                let rgb = bytes(3 * n, 13);
                let convert = if run == 1 { simd::rgb_to_ycc } else { rgb_to_ycc };
                convert(&rgb, [y, cb, cr]);
                ycc
            });
            assert_eq!(planes[0], planes[1]);
            let (mut sums, mut again) = (vec![0; n], vec![0; n]);
            simd::weigh_rows(&a, &b, &mut sums);
            weigh_rows(&a, &b, &mut again);
            assert_eq!(sums, again);
            same!(double_weighed, &sums);
        }
    }

    #[test]
    fn colours_by_hand() {
        assert_eq!(rgb(255, 128, 128), [255; 3]);
        assert_eq!(rgb(76, 85, 255), [254, 0, 0]);
        let mut out = [0; 3];
        cmyk_to_rgb([&[0], &[255], &[0], &[255]], true, &mut out);
        assert_eq!(out, [0, 255, 0]);
        cmyk_to_rgb([&[0], &[255], &[0], &[0]], false, &mut out);
        assert_eq!(out, [255, 0, 255]);
    }
}
