//! Features as bytes: little-endian, versioned, checked.
use super::{Features, halvings, looks};
use crate::color::LabGrid;
use crate::content::Part;
use crate::hash::Code;
use crate::keypoint::KeyPoint;
use crate::quality::Tone;
use crate::resample::Gray;

/// Bounds that no written features pass.
const MOST_POINTS: usize = 4096;
const MOST_CODES: usize = 16;
const MOST_SIDE: usize = 4096;

impl Features {
    /// The features as bytes, the same on every machine.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(Vec::with_capacity(32_768));
        out.words(&[Self::VERSION, self.full_size[0], self.full_size[1], self.sought]);
        out.option(self.pixel_digest, |out, digest| out.longs(&[digest]));
        out.longs(&self.code.0);
        out.words(&[self.codes.len() as u32]);
        for code in &self.codes {
            out.longs(&code.0);
        }
        out.option(self.lab, |out, lab| out.0.extend(lab.0.as_flattened()));
        out.option(self.content, |out, part| {
            out.longs(&[part.left, part.top, part.right, part.bottom].map(f64::to_bits));
        });
        let small = &self.small[0];
        out.words(&[small.width as u32, small.height as u32]);
        out.0.extend(&small.pixels);
        out.words(&[self.points.len() as u32]);
        for (point, descriptor) in self.points.iter().zip(&self.descriptors) {
            out.0.extend(point.x.to_le_bytes());
            out.0.extend(point.y.to_le_bytes());
            out.0.extend([point.angle, point.level]);
            out.longs(descriptor);
        }
        let Tone { mean, deviation, percentiles, entropy } = self.tone;
        let reals = [mean, deviation, entropy];
        out.words(&reals.map(f32::to_bits));
        out.0.extend(percentiles);
        let sum = checksum(&out.0);
        out.longs(&[sum]);
        out.0
    }

    /// Reads what [`Features::to_bytes`] wrote; `None` for anything else, a damaged entry or one
    /// of another [`Features::VERSION`].
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (content, sum) = bytes.split_last_chunk::<8>()?;
        if checksum(content) != u64::from_le_bytes(*sum) {
            return None;
        }
        let mut from = Reader(content);
        if from.word()? != Self::VERSION {
            return None;
        }
        let full_size = [from.word()?, from.word()?];
        let sought = from.word()?;
        let pixel_digest = from.option(Reader::long)?;
        let code = from.code()?;
        let codes = from.count(MOST_CODES)?;
        let codes = (0..codes).map(|_| from.code()).collect::<Option<_>>()?;
        let lab =
            from.option(|from| Some(LabGrid(*from.take::<48>()?.as_chunks().0.as_array()?)))?;
        let part = from.option(Reader::part)?;
        let small = halvings(from.gray()?);
        let (points, descriptors) = from.points()?;
        let tone = from.tone()?;
        let looks = looks(&small, part);
        from.0.is_empty().then_some(Self {
            full_size,
            sought,
            pixel_digest,
            code,
            codes,
            lab,
            content: part,
            small,
            looks,
            points,
            descriptors,
            tone,
        })
    }
}

/// FNV-1a over words of 8 bytes: finds torn and damaged entries, no more.
fn checksum(bytes: &[u8]) -> u64 {
    let mut sum = 0xcbf2_9ce4_8422_2325_u64 ^ bytes.len() as u64;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    for word in words.iter().chain([&last]) {
        sum = (sum ^ u64::from_le_bytes(*word)).wrapping_mul(0x0000_0100_0000_01b3);
        sum ^= sum >> 29;
    }
    sum
}

struct Writer(Vec<u8>);

impl Writer {
    fn words(&mut self, words: &[u32]) {
        self.0.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    }

    fn longs(&mut self, longs: &[u64]) {
        self.0.extend(longs.iter().flat_map(|long| long.to_le_bytes()));
    }

    fn option<T>(&mut self, value: Option<T>, write: impl Fn(&mut Self, T)) {
        self.0.push(u8::from(value.is_some()));
        if let Some(value) = value {
            write(self, value);
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn word(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn real(&mut self) -> Option<f32> {
        self.word().map(f32::from_bits)
    }

    fn long(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn count(&mut self, most: usize) -> Option<usize> {
        self.word().map(|count| count as usize).filter(|count| *count <= most)
    }

    #[expect(clippy::option_option, reason = "damaged, or none written")]
    fn option<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.take::<1>()? {
            [0] => Some(None),
            [1] => read(self).map(Some),
            _ => None,
        }
    }

    fn code(&mut self) -> Option<Code> {
        Some(Code([self.long()?, self.long()?, self.long()?, self.long()?]))
    }

    fn part(&mut self) -> Option<Part> {
        let mut side = || self.long().map(f64::from_bits).filter(|side| (0.0..=1.0).contains(side));
        let part = Part { left: side()?, top: side()?, right: side()?, bottom: side()? };
        (part.left < part.right && part.top < part.bottom).then_some(part)
    }

    fn gray(&mut self) -> Option<Gray> {
        let (width, height) = (self.count(MOST_SIDE)?, self.count(MOST_SIDE)?);
        let (pixels, rest) = self.0.split_at_checked(width * height)?;
        self.0 = rest;
        (width > 0 && height > 0).then(|| Gray::new(pixels.to_vec(), width, height))
    }

    fn points(&mut self) -> Option<(Vec<KeyPoint>, Vec<[u64; 4]>)> {
        let count = self.count(MOST_POINTS)?;
        let mut read = || {
            let (x, y) = (u16::from_le_bytes(self.take()?), u16::from_le_bytes(self.take()?));
            let [angle, level] = self.take()?;
            Some((KeyPoint { x, y, angle, level }, self.code()?.0))
        };
        (0..count).map(|_| read()).collect()
    }

    fn tone(&mut self) -> Option<Tone> {
        let (mean, deviation, entropy) = (self.real()?, self.real()?, self.real()?);
        Some(Tone { mean, deviation, percentiles: self.take()?, entropy })
    }
}
