//! A pinned stream of numbers, so that a test sees the same input on every machine.

/// The 64-bit linear congruential generator of Knuth's MMIX, its upper half mixed out.
///
/// Good enough to choose bytes and bits in tests, nothing more.
#[derive(Debug, Clone)]
pub struct Lcg(u64);

impl Lcg {
    /// Starts the stream that belongs to `seed`.
    pub fn new(seed: u64) -> Self {
        let mut lcg = Self(seed ^ 0x9E37_79B9_7F4A_7C15);
        lcg.next_u32(); // neighbouring seeds differ in the low bits only; move on once
        lcg
    }

    /// The next 32 bits.
    pub fn next_u32(&mut self) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) ^ (self.0 >> 18)) as u32
    }

    /// The next byte.
    pub fn next_u8(&mut self) -> u8 {
        (self.next_u32() >> 11) as u8
    }

    /// A number from 0 to `bound - 1`; 0 if `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u64::from(self.next_u32()) * bound as u64) >> 32) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_is_pinned_and_differs_by_seed() {
        let first: Vec<u32> = std::iter::repeat_with({
            let mut lcg = Lcg::new(1);
            move || lcg.next_u32()
        })
        .take(4)
        .collect();
        let mut again = Lcg::new(1);
        assert!(first.iter().all(|&value| value == again.next_u32()));
        assert_ne!(first[0], Lcg::new(2).next_u32());
    }

    #[test]
    fn below_stays_below_and_reaches_everything() {
        let mut lcg = Lcg::new(7);
        let mut seen = [false; 10];
        for _ in 0..200 {
            seen[lcg.below(10)] = true;
        }
        assert_eq!(seen, [true; 10]);
        assert_eq!(lcg.below(0), 0);
    }
}
