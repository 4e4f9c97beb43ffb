//! Colours under transparent pixels, so that a net sees no edge where only alpha has one.
use pixloom_image::{Image, Samples};

/// Pixels that the colours spread beyond what can be seen: more than the nets reach in effect.
const REACH: usize = 16;

/// Gives pixels of alpha 0 the mean colour of their neighbours that have one, ring by ring.
pub(super) fn bleed(mut image: Image) -> Image {
    let (width, channels) = (image.width() as usize, image.channels().count());
    match image.samples_mut() {
        Samples::U8(samples) => spread(samples, width, channels, (f64::from, |v| (v + 0.5) as u8)),
        Samples::U16(samples) => {
            spread(samples, width, channels, (f64::from, |v| (v + 0.5) as u16));
        }
        Samples::F32(samples) => spread(samples, width, channels, (f64::from, |v| v as f32)),
    }
    image
}

/// From a sample to a number and back.
type Ways<T> = (fn(T) -> f64, fn(f64) -> T);

fn spread<T: Copy + Default + PartialEq>(
    samples: &mut [T],
    width: usize,
    channels: usize,
    (to, from): Ways<T>,
) {
    let alpha = channels - 1;
    let mut known: Vec<bool> =
        samples.chunks_exact(channels).map(|pixel| pixel[alpha] != T::default()).collect();
    let height = known.len() / width.max(1);
    if known.iter().all(|known| *known) || !known.iter().any(|known| *known) {
        return;
    }
    // The pixels of the next ring: those beside what is known.
    let mut ring: Vec<usize> = (0..known.len()).filter(|&at| !known[at]).collect();
    for _ in 0..REACH {
        let mut found = Vec::new();
        for &at in &ring {
            let mut sum = [0.0; 3];
            let mut count = 0.0;
            for near in neighbours(at, width, height).filter(|&near| known[near]) {
                for (channel, sum) in sum.iter_mut().enumerate().take(alpha) {
                    *sum += to(samples[near * channels + channel]);
                }
                count += 1.0;
            }
            if count > 0.0 {
                found.push((at, sum.map(|sum| sum / count)));
            }
        }
        for (at, colour) in &found {
            known[*at] = true;
            for channel in 0..alpha {
                samples[at * channels + channel] = from(colour[channel]);
            }
        }
        ring.retain(|&at| !known[at]);
    }
}

/// The eight pixels around one, inside of the picture.
fn neighbours(at: usize, width: usize, height: usize) -> impl Iterator<Item = usize> {
    let (x, y) = (at % width, at / width);
    let rows = y.saturating_sub(1)..=(y + 1).min(height - 1);
    rows.flat_map(move |v| {
        (x.saturating_sub(1)..=(x + 1).min(width - 1)).map(move |u| v * width + u)
    })
    .filter(move |near| *near != at)
}

#[cfg(test)]
mod tests {
    use pixloom_image::{Channels, Size};

    use super::*;

    #[test]
    fn colours_spread_and_what_is_visible_stays() {
        let mut samples = vec![0_u8; 40 * 4];
        samples[..4].copy_from_slice(&[200, 100, 50, 1]);
        let image = Image::new(Size::new(40, 1), Channels::Rgba, Samples::U8(samples)).unwrap();
        let Samples::U8(out) = bleed(image).into_samples() else { panic!("8 bit") };
        assert_eq!(out[..4], [200, 100, 50, 1]);
        assert_eq!(out[16 * 4..17 * 4], [200, 100, 50, 0]);
        assert_eq!(out[17 * 4..18 * 4], [0, 0, 0, 0]);
    }
}
