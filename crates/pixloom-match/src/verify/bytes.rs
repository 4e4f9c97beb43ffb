//! Verdicts as bytes, for caches.
use super::{Class, Stage, Verdict};
use crate::transform::Transform;

const CLASSES: [Class; 15] = [
    Class::ExactBytes,
    Class::ExactPixels,
    Class::ReEncoded,
    Class::Resized,
    Class::Edited,
    Class::Gray,
    Class::Mirrored,
    Class::Rotated,
    Class::Cropped,
    Class::Embedded,
    Class::Bordered,
    Class::Embedding,
    Class::Perceptual,
    Class::SameScene,
    Class::Different,
];
const STAGES: [Stage; 5] = [Stage::Exact, Stage::Hash, Stage::Color, Stage::Global, Stage::Local];

impl Verdict {
    /// Changes whenever the same features lead to other candidates, another verdict or other
    /// bytes: part of the key of any cache.
    pub const VERSION: u32 = 3;

    /// Appends the verdict, about 100 bytes.
    pub fn to_bytes(&self, bytes: &mut Vec<u8>) {
        bytes.extend([self.class as u8, self.stage as u8, u8::from(self.transform.is_some())]);
        bytes.extend(self.similarity.to_le_bytes());
        bytes.extend(self.overlap.iter().flat_map(|share| share.to_le_bytes()));
        bytes.extend(self.inliers.to_le_bytes());
        if let Some(transform) = &self.transform {
            bytes.extend(transform.coefficients.iter().flat_map(|number| number.to_le_bytes()));
        }
        bytes.extend((self.reason.len() as u32).to_le_bytes());
        bytes.extend(self.reason.as_bytes());
    }

    /// Takes what [`Verdict::to_bytes`] wrote from the front; `None` for anything else.
    pub fn from_bytes(bytes: &mut &[u8]) -> Option<Self> {
        let [class, stage, has_transform] = *take(bytes)?;
        let similarity = f32::from_le_bytes(*take(bytes)?);
        let overlap = [f32::from_le_bytes(*take(bytes)?), f32::from_le_bytes(*take(bytes)?)];
        let inliers = u32::from_le_bytes(*take(bytes)?);
        let transform = if has_transform == 0 {
            None
        } else {
            let mut coefficients = [0.0; 6];
            for number in &mut coefficients {
                *number = f64::from_le_bytes(*take(bytes)?);
            }
            Some(Transform { coefficients })
        };
        let length = u32::from_le_bytes(*take(bytes)?) as usize;
        let (reason, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Some(Self {
            class: *CLASSES.get(usize::from(class))?,
            similarity,
            transform,
            overlap,
            inliers,
            reason: std::str::from_utf8(reason).ok()?.to_owned(),
            stage: *STAGES.get(usize::from(stage))?,
        })
    }
}

fn take<'a, const N: usize>(bytes: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_come_back() {
        for (at, class) in CLASSES.into_iter().enumerate() {
            assert_eq!(class as usize, at);
            let verdict = Verdict {
                class,
                similarity: 0.1,
                transform: (at % 2 == 0).then_some(Transform { coefficients: [0.3; 6] }),
                overlap: [0.5, 1.0],
                inliers: 7,
                reason: "turned by 3°".to_owned(),
                stage: STAGES[at % 5],
            };
            let mut bytes = Vec::new();
            verdict.to_bytes(&mut bytes);
            verdict.to_bytes(&mut bytes);
            let mut rest = &bytes[..];
            assert_eq!(Verdict::from_bytes(&mut rest), Some(verdict.clone()));
            assert_eq!(Verdict::from_bytes(&mut rest), Some(verdict));
            assert_eq!(Verdict::from_bytes(&mut rest), None);
            assert_eq!(Verdict::from_bytes(&mut &bytes[..20]), None);
        }
    }
}
