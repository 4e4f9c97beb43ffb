//! Small damage to files, chosen by a pinned stream of numbers.
use pixloom_testkit::Lcg;

/// Values at which arithmetic on sizes and counts goes wrong.
const NUMBERS: [u32; 16] =
    [0, 1, 2, 3, 7, 8, 9, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, u32::MAX];

/// Files do not grow beyond this.
const LONGEST: usize = 64 << 10;

/// A damaged copy of a seed.
pub(super) fn mutate(seeds: &[Vec<u8>], random: &mut Lcg) -> Vec<u8> {
    let mut bytes = seeds[random.below(seeds.len())].clone();
    for _ in 0..=random.below(6) {
        match random.below(10) {
            0 | 1 => flip(&mut bytes, random),
            2 | 3 => number(&mut bytes, random),
            4 => digits(&mut bytes, random),
            5 => nudge(&mut bytes, random),
            6 => copy(&mut bytes, random),
            7 => cut(&mut bytes, random),
            8 if random.below(3) == 0 => bytes.truncate(random.below(bytes.len() + 1)),
            9 if random.below(3) == 0 => {
                splice(&mut bytes, &seeds[random.below(seeds.len())], random);
            }
            _ => overwrite(&mut bytes, random),
        }
    }
    bytes.truncate(LONGEST);
    if random.below(4) != 0 {
        repair_png(&mut bytes);
    }
    bytes
}

/// A place, more often near the start, where the headers are.
fn place(bytes: &[u8], random: &mut Lcg) -> usize {
    let within = [32, 96, 700, usize::MAX][random.below(4)];
    random.below(bytes.len().min(within))
}

fn flip(bytes: &mut [u8], random: &mut Lcg) {
    for _ in 0..=random.below(4) {
        let at = place(bytes, random);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << random.below(8);
        }
    }
}

fn overwrite(bytes: &mut [u8], random: &mut Lcg) {
    let at = place(bytes, random);
    let until = bytes.len().min(at + 1 + random.below(4));
    bytes[at..until].iter_mut().for_each(|byte| *byte = random.next_u8());
}

/// Puts `value` into `width` bytes, with the highest or the lowest first.
fn put(place: &mut [u8], value: u32, big_endian: bool) {
    for index in 0..place.len() {
        let shift = if big_endian { place.len() - 1 - index } else { index };
        place[index] = (value >> (8 * shift)) as u8;
    }
}

fn get(place: &[u8], big_endian: bool) -> u32 {
    let fold = |sum: u32, byte: &u8| sum << 8 | u32::from(*byte);
    if big_endian { place.iter().fold(0, fold) } else { place.iter().rev().fold(0, fold) }
}

/// Overwrites 1, 2 or 4 bytes with a number that is worth a try.
fn number(bytes: &mut [u8], random: &mut Lcg) {
    let (at, width) = (place(bytes, random), 1 << random.below(3));
    let value = NUMBERS[random.below(NUMBERS.len())];
    if let Some(place) = bytes.get_mut(at..at + width) {
        put(place, value, random.below(2) == 0);
    }
}

/// Adds a little to a number, or takes it away.
fn nudge(bytes: &mut [u8], random: &mut Lcg) {
    let (at, width, big_endian) =
        (place(bytes, random), 1 << random.below(3), random.below(2) == 0);
    let delta = random.below(33) as u32;
    if let Some(place) = bytes.get_mut(at..at + width) {
        let value = get(place, big_endian).wrapping_add(delta).wrapping_sub(16);
        put(place, value, big_endian);
    }
}

/// Changes a digit of a text header.
fn digits(bytes: &mut [u8], random: &mut Lcg) {
    let end = bytes.len().min(64);
    let places: Vec<usize> = (0..end).filter(|&at| bytes[at].is_ascii_digit()).collect();
    if let Some(&at) = places.get(random.below(places.len())) {
        bytes[at] = b"0123456789 -.\n"[random.below(14)];
    }
}

/// Copies a block to another place, over what is there or between.
fn copy(bytes: &mut Vec<u8>, random: &mut Lcg) {
    let from = random.below(bytes.len());
    let until = bytes.len().min(from + 1 + random.below(128));
    let block = bytes.get(from..until).unwrap_or(&[]).to_vec();
    let at = place(bytes, random);
    let over = if random.below(2) == 0 { block.len() } else { 0 };
    let end = bytes.len().min(at + over);
    bytes.splice(at..end, block);
}

fn cut(bytes: &mut Vec<u8>, random: &mut Lcg) {
    let at = place(bytes, random);
    let end = bytes.len().min(at + 1 + random.below(64));
    bytes.drain(at..end);
}

/// The beginning of one file and the end of another.
fn splice(bytes: &mut Vec<u8>, other: &[u8], random: &mut Lcg) {
    bytes.truncate(random.below(bytes.len() + 1));
    bytes.extend_from_slice(&other[random.below(other.len())..]);
}

/// Makes the checksums of PNG chunks right again; most damage would get no further otherwise.
fn repair_png(bytes: &mut [u8]) {
    if !bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return;
    }
    let mut at = 8;
    while let Some(length) = bytes.get(at..at + 4) {
        let end = at + 8 + get(length, true) as usize;
        let Some(chunk) = bytes.get(at + 4..end) else { return };
        let sum = crc(chunk);
        let Some(place) = bytes.get_mut(end..end + 4) else { return };
        put(place, sum, true);
        at = end + 4;
    }
}

/// CRC-32 of ISO 3309, as PNG uses it.
fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ if crc & 1 == 0 { 0 } else { 0xedb8_8320 };
    let byte = |crc: u32, &byte: &u8| (0..8).fold(crc ^ u32::from(byte), |crc, _| step(crc));
    !bytes.iter().fold(u32::MAX, byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_is_that_of_png() {
        assert_eq!(crc(b"IEND"), 0xae42_6082);
    }

    #[test]
    fn numbers_are_put_and_read_back() {
        let mut place = [0; 4];
        for big_endian in [false, true] {
            put(&mut place, 0x0102_0304, big_endian);
            assert_eq!(get(&place, big_endian), 0x0102_0304);
            assert_eq!(place[0], if big_endian { 1 } else { 4 });
        }
    }

    #[test]
    fn damage_is_pinned_and_takes_tiny_files() {
        for seeds in [vec![vec![]], vec![vec![1]], vec![vec![7; 300], vec![9; 40]]] {
            let run = |seed| {
                let mut random = Lcg::new(seed);
                (0..500).map(|_| mutate(&seeds, &mut random)).collect::<Vec<_>>()
            };
            assert_eq!(run(1), run(1));
            // Of an empty file there is only one damaged copy.
            assert_eq!(run(1) == run(2), seeds[0].is_empty());
        }
    }
}
