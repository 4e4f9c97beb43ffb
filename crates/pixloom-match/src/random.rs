//! A generator of numbers for patterns and draws: `SplitMix64` (Steele, Lea, Flood, "Fast splittable
//! pseudorandom number generators", 2014).

/// The next number.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number below `bound`, which must not be zero.
pub(crate) fn below(state: &mut u64, bound: usize) -> usize {
    ((u128::from(next(state)) * bound as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_published_sequence() {
        let mut state = 1_234_567;
        let drawn: [u64; 3] = std::array::from_fn(|_| super::next(&mut state));
        assert_eq!(
            drawn,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }
}
