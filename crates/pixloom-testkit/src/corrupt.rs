//! Broken files: cut off, with bits flipped, with bytes overwritten.
use crate::Lcg;

/// The first `keep` bytes.
pub fn truncated(bytes: &[u8], keep: usize) -> Vec<u8> {
    bytes[..keep.min(bytes.len())].to_vec()
}

/// Every true prefix whose length is a multiple of `step`, shortest first, beginning with the
/// empty one.
pub fn truncations(bytes: &[u8], step: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
    (0..bytes.len()).step_by(step.max(1)).map(|keep| truncated(bytes, keep))
}

/// A copy with `count` bits flipped at places that `seed` decides (a place may be hit twice).
pub fn flip_bits(bytes: &[u8], seed: u64, count: usize) -> Vec<u8> {
    let mut broken = bytes.to_vec();
    if broken.is_empty() {
        return broken;
    }
    let mut lcg = Lcg::new(seed);
    for _ in 0..count {
        let at = lcg.below(broken.len());
        broken[at] ^= 1 << lcg.below(8);
    }
    broken
}

/// A copy with `with` written at `at`; what would lie beyond the end is left out.
pub fn overwrite(bytes: &[u8], at: usize, with: &[u8]) -> Vec<u8> {
    let mut broken = bytes.to_vec();
    for (target, source) in broken.iter_mut().skip(at).zip(with) {
        *target = *source;
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncations_are_prefixes() {
        let all: Vec<_> = truncations(b"abcde", 2).collect();
        assert_eq!(all, [b"".to_vec(), b"ab".to_vec(), b"abcd".to_vec()]);
    }

    #[test]
    fn flips_are_repeatable_and_change_something() {
        let bytes = [0; 100];
        assert_eq!(flip_bits(&bytes, 5, 3), flip_bits(&bytes, 5, 3));
        assert_ne!(flip_bits(&bytes, 5, 3), flip_bits(&bytes, 6, 3));
        assert_ne!(flip_bits(&bytes, 5, 1), bytes);
        assert!(flip_bits(&[], 5, 1).is_empty());
    }

    #[test]
    fn overwriting_stops_at_the_end() {
        assert_eq!(overwrite(b"abc", 2, b"xyz"), b"abx");
        assert_eq!(overwrite(b"abc", 9, b"xyz"), b"abc");
    }
}
