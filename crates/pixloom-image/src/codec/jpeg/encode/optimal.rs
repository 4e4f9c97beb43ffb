//! Huffman tables made for the symbols of a picture (ITU-T T.81, annex K.2).
use super::super::huffman::HuffmanSpec;

/// The table with the fewest bits for `counts`, with codes of at most 16 bits, none of them all
/// ones; empty if nothing was counted.
pub(super) fn table(counts: &[u32; 256]) -> HuffmanSpec {
    let mut symbols: Vec<u8> = (0..=255).filter(|&s| counts[usize::from(s)] > 0).collect();
    if symbols.is_empty() {
        return HuffmanSpec { counts: [0; 16], values: symbols };
    }
    let lengths = lengths(counts, &symbols);
    let mut by_length = [0_u32; 258];
    for &length in &lengths {
        by_length[length] += 1;
    }
    limit(&mut by_length);
    // The longest code is reserved, so that none is all ones.
    if let Some(longest) = (1..=16).rev().find(|&length| by_length[length] > 0) {
        by_length[longest] -= 1;
    }
    symbols.sort_by_key(|&s| std::cmp::Reverse(counts[usize::from(s)]));
    HuffmanSpec { counts: std::array::from_fn(|i| by_length[i + 1] as u8), values: symbols }
}

/// Code lengths of the symbols and of one more that is reserved (Huffman 1952).
fn lengths(counts: &[u32; 256], symbols: &[u8]) -> Vec<usize> {
    // Weight and the leaves below; the reserved symbol is the rarest.
    let mut nodes: Vec<(u64, Vec<usize>)> = symbols
        .iter()
        .enumerate()
        .map(|(i, &s)| (u64::from(counts[usize::from(s)]) << 1, vec![i]))
        .collect();
    nodes.push((1, vec![symbols.len()]));
    let mut lengths = vec![0; nodes.len()];
    while nodes.len() > 1 {
        nodes.sort_by_key(|node| std::cmp::Reverse(node.0));
        if let (Some(a), Some(b)) = (nodes.pop(), nodes.pop()) {
            let leaves = [a.1, b.1].concat();
            for &leaf in &leaves {
                lengths[leaf] += 1;
            }
            nodes.push((a.0 + b.0, leaves));
        }
    }
    lengths
}

/// Shortens codes above 16 bits at the cost of others (T.81, figure K.3).
fn limit(by_length: &mut [u32; 258]) {
    for length in (17..by_length.len()).rev() {
        while by_length[length] > 0 {
            let Some(shorter) = (1..length - 1).rev().find(|&l| by_length[l] > 0) else { return };
            by_length[length] -= 2;
            by_length[length - 1] += 1;
            by_length[shorter + 1] += 2;
            by_length[shorter] -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_prefix_codes_within_16_bits() {
        // Fibonacci counts would give codes far above 16 bits.
        let mut counts = [0; 256];
        let (mut a, mut b) = (1_u32, 1_u32);
        for count in counts.iter_mut().take(40) {
            *count = a;
            (a, b) = (b, a + b);
        }
        let spec = table(&counts);
        assert_eq!(spec.values.len(), 40);
        assert_eq!(spec.counts.iter().map(|&n| usize::from(n)).sum::<usize>(), 40);
        let space: u32 = (0..16).map(|i| u32::from(spec.counts[i]) << (15 - i)).sum();
        assert!(space < 1 << 16);
        assert_eq!(spec.values[0], 39);
    }

    #[test]
    fn one_symbol_gets_one_bit() {
        let mut counts = [0; 256];
        counts[7] = 3;
        let spec = table(&counts);
        assert_eq!((spec.counts[0], &spec.values[..]), (1, &[7][..]));
    }
}
