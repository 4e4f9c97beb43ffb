//! Generated pictures with the statistics of photographs: for tests, benchmarks, training and
//! a first look without any data.
//!
//! A picture is a pure function of scene, seed and size. Everything is computed in `f32` with
//! the basic operations of IEEE 754 and with libm, so that it is the same on all machines.
mod canvas;
mod city;
mod font;
mod landscape;
mod leaves;
mod night;
mod noise;
mod page;
mod still_life;
mod terrain;
mod vector;

use serde::{Deserialize, Serialize};

use crate::{Image, Size};
use canvas::Canvas;

/// What a generated picture shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scene {
    /// Mountains in haze, clouds, a lake that reflects them, conifers in front.
    Landscape,
    /// A city from above: straight edges, windows, shadows.
    City,
    /// Leaves and flowers in several layers, the rear ones out of focus.
    Leaves,
    /// Glossy and matt spheres on a wooden table, soft shadows.
    StillLife,
    /// A page of printed text under uneven light.
    Page,
    /// A skyline at night with lit windows, stars and reflections.
    Night,
}

impl Scene {
    /// All scenes.
    pub const ALL: [Self; 6] =
        [Self::Landscape, Self::City, Self::Leaves, Self::StillLife, Self::Page, Self::Night];

    /// Kebab-case name, as in file names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Landscape => "landscape",
            Self::City => "city",
            Self::Leaves => "leaves",
            Self::StillLife => "still-life",
            Self::Page => "page",
            Self::Night => "night",
        }
    }
}

/// Paints `kind` as RGB of 8 bit.
///
/// Lengths are relative to the height, so a smaller size shows the same scene with less detail.
pub fn scene(kind: Scene, seed: u64, size: Size) -> Image {
    let mut canvas = Canvas::new(size);
    if !size.is_empty() {
        let seed = noise::mix(seed as u32 ^ noise::mix((seed >> 32) as u32 ^ kind as u32));
        match kind {
            Scene::Landscape => landscape::paint(&mut canvas, seed),
            Scene::City => city::paint(&mut canvas, seed),
            Scene::Leaves => leaves::paint(&mut canvas, seed),
            Scene::StillLife => still_life::paint(&mut canvas, seed),
            Scene::Page => page::paint(&mut canvas, seed),
            Scene::Night => night::paint(&mut canvas, seed),
        }
        canvas.develop(seed);
    }
    canvas.into_image()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Samples;

    fn bytes(kind: Scene, seed: u64, size: Size) -> Vec<u8> {
        match scene(kind, seed, size).into_samples() {
            Samples::U8(bytes) => bytes,
            other => panic!("not 8 bit: {:?}", other.depth()),
        }
    }

    #[test]
    fn same_seed_same_picture_other_seed_other_picture() {
        for kind in Scene::ALL {
            let size = Size::new(61, 47);
            assert_eq!(bytes(kind, 3, size), bytes(kind, 3, size), "{kind:?}");
            assert_ne!(bytes(kind, 3, size), bytes(kind, 4, size), "{kind:?}");
        }
    }

    #[test]
    fn any_size_works() {
        for kind in Scene::ALL {
            for (width, height) in [(0, 0), (0, 5), (1, 1), (1, 40), (40, 1), (3, 200), (200, 3)] {
                let size = Size::new(width, height);
                assert_eq!(bytes(kind, 1, size).len() as u64, size.pixels() * 3, "{kind:?} {size}");
            }
        }
    }

    #[test]
    fn pictures_use_the_range_of_values() {
        for kind in Scene::ALL {
            let bytes = bytes(kind, 1, Size::new(160, 120));
            let (low, high) = (bytes.iter().min().unwrap(), bytes.iter().max().unwrap());
            assert!(*low < 60 && *high > 180, "{kind:?}: {low} to {high}");
            let mean = bytes.iter().map(|&b| u64::from(b)).sum::<u64>() / bytes.len() as u64;
            assert!((12..225).contains(&mean), "{kind:?}: mean {mean}");
        }
    }

    #[test]
    fn neighbouring_pixels_are_alike_as_in_photographs() {
        for kind in Scene::ALL {
            let (width, bytes) = (200, bytes(kind, 2, Size::new(200, 150)));
            let green: Vec<f64> = bytes.chunks(3).map(|p| f64::from(p[1])).collect();
            let mean = green.iter().sum::<f64>() / green.len() as f64;
            let variance: f64 = green.iter().map(|g| (g - mean) * (g - mean)).sum();
            let pairs = green.chunks(width).flat_map(|row| row.windows(2));
            let shared: f64 = pairs.map(|p| (p[0] - mean) * (p[1] - mean)).sum();
            assert!(shared / variance > 0.5, "{kind:?}: {}", shared / variance);
        }
    }
}
