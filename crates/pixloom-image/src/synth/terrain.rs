//! Mountains: a fractal height field with eroded slopes, and what grows on it.
//!
//! Octaves are damped where the ground is steep already, which leaves smooth valleys and sharp
//! ridges (method: I. Quilez, “Terrain marching”, 2002).
use super::noise;
use super::vector::{V3, smoothstep, v3};

/// Altitude of the lake.
pub(super) const WATER: f32 = 0.0;

/// Most that [`Terrain::height`] returns.
pub(super) const TOP: f32 = 9.0;

/// A height field over x (to the right) and z (away from the viewer), in kilometres or so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terrain {
    pub(super) seed: u32,
    /// Altitude where snow begins.
    pub(super) snow: f32,
}

impl Terrain {
    /// Altitude at (x, z); more octaves give finer detail.
    pub(super) fn height(self, x: f32, z: f32, octaves: u32) -> f32 {
        let (mut px, mut pz) = (x * 0.11 + 3.7, z * 0.11);
        let (mut sum, mut amplitude, mut slope_x, mut slope_z) = (0.0, 1.0, 0.0, 0.0);
        for octave in 0..octaves {
            let here = noise::sloped(px, pz, self.seed.wrapping_add(octave));
            slope_x += here.dx;
            slope_z += here.dy;
            sum += amplitude * here.value / (1.0 + slope_x * slope_x + slope_z * slope_z);
            (px, pz) = (1.6 * px - 1.2 * pz, 1.2 * px + 1.6 * pz);
            amplitude *= 0.5;
        }
        // A valley runs away from the viewer; behind it the mountains rise.
        let aside = x / (2.5 + 0.22 * z);
        let valley = smoothstep(0.0, 1.0, aside * aside) * 0.55;
        let range = smoothstep(9.0, 34.0, z) * 1.35 + smoothstep(2.0, 12.0, z) * 0.3;
        (sum * 3.6 * (0.12 + valley * smoothstep(1.5, 9.0, z) + range) - 0.75).min(TOP)
    }

    /// The direction that the ground faces, from differences over `reach`.
    pub(super) fn normal(self, point: V3, reach: f32, octaves: u32) -> V3 {
        let (x, z) = (point.x, point.z);
        let here = self.height(x, z, octaves);
        let dx = self.height(x + reach, z, octaves) - here;
        let dz = self.height(x, z + reach, octaves) - here;
        v3(-dx, reach, -dz).unit()
    }

    /// Share of the sun that reaches the point, 0 to 1, with soft edges.
    pub(super) fn sunlit(self, point: V3, sun: V3) -> f32 {
        let (mut open, mut step) = (1.0_f32, 0.3);
        let mut travelled = step;
        while travelled < 9.0 && open > 0.0 {
            let at = point + sun * travelled;
            let clearance = at.y - self.height(at.x, at.z, 3);
            open = open.min(0.6 + 5.0 * clearance / travelled);
            step *= 1.8;
            travelled += step;
        }
        open.clamp(0.0, 1.0)
    }

    /// The colour of the ground: rock, meadow, forest or snow.
    pub(super) fn color(self, point: V3, normal: V3) -> V3 {
        let patches = noise::fractal(point.x * 1.7, point.z * 1.7, 4, self.seed ^ 0x51);
        let grain =
            noise::fractal(point.x * 19.0, point.z * 19.0 + point.y * 23.0, 3, self.seed ^ 0x52);
        let layers = noise::smooth(point.x * 0.8, point.y * 9.0, self.seed ^ 0x53);
        let rock = v3(0.21, 0.175, 0.15) * (0.45 + 0.7 * grain + 0.35 * layers);
        let meadow = v3(0.10, 0.115, 0.035) * (0.6 + 0.8 * patches);
        let forest = v3(0.022, 0.045, 0.018) * (0.3 + 1.5 * grain);
        let green = forest.mix(meadow, smoothstep(0.5, 0.58, patches + 0.06 * (grain - 0.5)));
        let treeline = 1.55 + 1.2 * (patches - 0.5);
        let growth =
            smoothstep(0.62, 0.78, normal.y) * (1.0 - smoothstep(-0.25, 0.35, point.y - treeline));
        let ground = rock.mix(green, growth);
        let line = self.snow + 1.3 * (patches - 0.5) + 0.3 * (grain - 0.5);
        let snow = smoothstep(-0.15, 0.3, point.y - line) * smoothstep(0.5, 0.72, normal.y);
        let shore = 1.0 - smoothstep(0.0, 0.05, point.y - WATER);
        ground.mix(v3(0.62, 0.68, 0.78), snow).mix(v3(0.13, 0.11, 0.08), shore * 0.8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mountains_rise_behind_the_valley() {
        let terrain = Terrain { seed: 5, snow: 3.0 };
        let mean = |z: f32| (-10..10).map(|x| terrain.height(x as f32, z, 6)).sum::<f32>() / 20.0;
        assert!(mean(36.0) > mean(4.0) + 0.5, "{} {}", mean(36.0), mean(4.0));
    }

    #[test]
    fn normals_are_upward_unit_vectors() {
        let terrain = Terrain { seed: 6, snow: 3.0 };
        for i in 0..50 {
            let normal = terrain.normal(v3(i as f32 * 0.7 - 15.0, 0.0, 20.0), 0.01, 8);
            assert!(normal.y > 0.0 && (normal.dot(normal) - 1.0).abs() < 1e-4);
        }
    }
}
