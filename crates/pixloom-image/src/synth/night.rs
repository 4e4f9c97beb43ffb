//! A skyline at night across the water.
use super::canvas::Canvas;
use super::noise::{self, Dice};
use super::vector::{V3, lerp, smoothstep, v3};

struct Night {
    seed: u32,
    /// Distance of the waterline from the top, in units of the height.
    shore: f32,
    moon: (f32, f32),
    glow: V3,
}

/// Paints the scene.
pub(super) fn paint(canvas: &mut Canvas, seed: u32) {
    let mut dice = Dice::new(seed ^ 0x31);
    let night = Night {
        seed,
        shore: dice.between(0.60, 0.68),
        moon: (dice.between(0.15, 0.85) * canvas.aspect(), dice.between(0.10, 0.24)),
        glow: v3(0.30, 0.15, 0.10).mix(v3(0.11, 0.13, 0.28), dice.roll()),
    };
    let (aspect, pixel) = (canvas.aspect(), 1.0 / canvas.unit());
    canvas.shade(|x, y| night.city(x, y, pixel).unwrap_or_else(|| night.sky(x, y)));
    lamps(canvas, &night, aspect);
    bloom(canvas);
    reflect(canvas, &night);
}

impl Night {
    fn sky(&self, x: f32, y: f32) -> V3 {
        let down = (y / self.shore).min(1.0);
        let base = v3(0.008, 0.014, 0.045).mix(self.glow, down * down * down * 0.75);
        let cloud = noise::fractal(x * 2.0, y * 5.0, 6, self.seed ^ 0x32);
        let haze = base
            + (self.glow * 0.5 + V3::gray(0.01))
                * (smoothstep(0.45, 0.75, cloud) * (0.25 + 0.75 * down));
        haze + self.moonlight(x, y, cloud)
            + self.stars(x, y) * (1.0 - down) * (1.0 - smoothstep(0.45, 0.6, cloud))
    }

    fn moonlight(&self, x: f32, y: f32, cloud: f32) -> V3 {
        let (dx, dy) = (x - self.moon.0, y - self.moon.1);
        let away = (dx * dx + dy * dy).sqrt();
        let seas = noise::fractal(dx * 55.0 + 7.0, dy * 55.0, 4, self.seed ^ 0x33);
        let disc = (1.0 - smoothstep(0.0335, 0.0355, away)) * (0.75 + 0.9 * (seas - 0.35));
        let halo = 0.055 / (1.0 + 260.0 * away * away) * (0.5 + cloud);
        v3(1.0, 0.95, 0.82) * (1.25 * disc + halo * 2.0)
    }

    fn stars(&self, x: f32, y: f32) -> V3 {
        let (gx, gy) = (x * 90.0, y * 90.0);
        let (cx, cy) = (gx.floor() as i32, gy.floor() as i32);
        let own = noise::white(cx, cy, self.seed ^ 0x34);
        let (sx, sy) =
            (noise::white(cx, cy, self.seed ^ 0x35), noise::white(cx, cy, self.seed ^ 0x36));
        let (dx, dy) = (gx - cx as f32 - sx, gy - cy as f32 - sy);
        let bright = smoothstep(0.86, 1.0, own);
        v3(0.9, 0.95, 1.1) * (bright * (1.0 - smoothstep(0.0, 0.11, (dx * dx + dy * dy).sqrt())))
    }

    /// The nearest tower at this place, if one stands there.
    fn city(&self, x: f32, y: f32, pixel: f32) -> Option<V3> {
        if y > self.shore {
            return Some(V3::default());
        }
        (0..4).rev().find_map(|layer| self.tower(layer, x, y, pixel))
    }

    fn tower(&self, layer: u32, x: f32, y: f32, pixel: f32) -> Option<V3> {
        let near = layer as f32 / 3.0;
        let seed = noise::mix(self.seed ^ (0x40 + layer));
        let across = x * lerp(19.0, 8.5, near) + 13.7 * near;
        let lot = across.floor() as i32;
        let inside = across - lot as f32;
        let margin = 0.03 + 0.12 * noise::white(lot, 1, seed);
        if inside < margin || inside > 1.0 - margin {
            return None;
        }
        let center = noise::smooth(x * 1.6, 0.0, self.seed ^ 0x37);
        let own = noise::white(lot, 2, seed);
        let step = if (inside - 0.5).abs() > 0.26 { noise::white(lot, 3, seed) * 0.3 } else { 0.0 };
        let tall =
            lerp(0.34, 0.13, near) * (0.35 + own * own) * (0.5 + 1.1 * center) * (1.0 - step)
                + 0.02;
        let up = self.shore - y;
        let spire = own > 0.8 && (inside - 0.5).abs() < 0.018 && up < tall * 1.22;
        if up > tall && !spire {
            return None;
        }
        let wall =
            self.glow * (0.20 * (1.0 - near) + 0.03) * (0.5 + up * 2.0) + v3(0.006, 0.008, 0.014);
        Some(wall + Self::windows((lot, inside, up), near, seed, pixel))
    }

    fn windows((lot, inside, up): (i32, f32, f32), near: f32, seed: u32, pixel: f32) -> V3 {
        let size = lerp(0.0075, 0.0135, near);
        let (column, row) = (inside * lerp(7.0, 9.0, near), up / size);
        let (wx, wy) = (column - column.floor(), row - row.floor());
        let soft = (0.5 * pixel / size).min(0.3);
        let pane =
            smoothstep(0.2 - soft, 0.2 + soft, wx) * (1.0 - smoothstep(0.8 - soft, 0.8 + soft, wx));
        let pane = pane
            * smoothstep(0.25 - soft, 0.25 + soft, wy)
            * (1.0 - smoothstep(0.85 - soft, 0.85 + soft, wy));
        let own = noise::white(lot * 64 + column as i32, row as i32, seed ^ 0x38);
        let floor = noise::white(lot, row as i32, seed ^ 0x39);
        let busy = 0.22 + 0.4 * noise::white(lot, 5, seed);
        if own > busy + 0.3 * smoothstep(0.85, 0.9, floor) {
            return V3::default();
        }
        let warm = noise::white(lot, 6, seed) * 0.6 + 0.4 * own / busy;
        let color = v3(1.0, 0.62, 0.26).mix(v3(0.72, 0.86, 1.0), smoothstep(0.62, 0.9, warm));
        color * (pane * (0.25 + 1.3 * own) * lerp(0.55, 1.0, near))
    }
}

/// Street lamps along the quay.
fn lamps(canvas: &mut Canvas, night: &Night, aspect: f32) {
    let mut dice = Dice::new(night.seed ^ 0x3A);
    let unit = canvas.unit();
    for i in 0..26 {
        let x = (i as f32 + dice.between(0.2, 0.8)) / 26.0 * aspect;
        let color = v3(4.0, 2.3, 0.8).mix(v3(3.0, 0.5, 0.3), smoothstep(0.8, 0.85, dice.roll()));
        let (y, radius) = (night.shore - 0.008, 0.0035 + 0.5 / unit);
        let clip = canvas.clip((x - radius, y - radius), (x + radius, y + radius));
        for row in clip.rows {
            for column in clip.columns.clone() {
                let (dx, dy) = ((column as f32 + 0.5) / unit - x, (row as f32 + 0.5) / unit - y);
                let part = 1.0 - smoothstep(0.3, 1.0, (dx * dx + dy * dy).sqrt() / radius);
                canvas.add(column, row, color * part);
            }
        }
    }
}

/// Light spread by the lens.
fn bloom(canvas: &mut Canvas) {
    let unit = canvas.unit();
    for (reach, share) in [(0.006, 0.30), (0.035, 0.28)] {
        let mut spread = canvas.clone();
        spread.blur((reach * unit) as usize);
        for row in 0..canvas.height() {
            for column in 0..canvas.width() {
                canvas.add(column, row, spread.at(column, row) * share);
            }
        }
    }
}

/// Mirrors the city in the water; waves draw each light out downwards.
fn reflect(canvas: &mut Canvas, night: &Night) {
    let (unit, shore) = (canvas.unit(), (night.shore * canvas.unit()) as usize);
    for row in shore..canvas.height() {
        let down = (row - shore) as f32 / unit;
        for column in 0..canvas.width() {
            let x = (column as f32 + 0.5) / unit;
            let near = 1.0 / (down + 0.035);
            let wave = noise::fractal(x * 3.0 * near, near * 3.5, 4, night.seed ^ 0x3B) - 0.5;
            let mut light = V3::default();
            for tap in 0..5 {
                let reach = 1.0 + 0.28 * (tap as f32 - 2.0) * (0.4 + down * 3.0) + wave * 1.3;
                let source = (shore as f32 - 1.0 - down * unit * reach.max(0.0))
                    .clamp(0.0, shore.max(1) as f32 - 1.0);
                let aside = column as f32 + wave * 22.0 * down * unit / 400.0;
                light += canvas
                    .at(aside.clamp(0.0, canvas.width() as f32 - 1.0) as usize, source as usize);
            }
            let calm = 0.15 * lerp(0.95, 0.45, smoothstep(0.0, 0.35, down)) * (1.0 + 0.9 * wave);
            canvas.set(column, row, light * calm.max(0.0) + v3(0.004, 0.007, 0.014));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moon_outshines_the_sky() {
        let night = Night { seed: 2, shore: 0.6, moon: (0.5, 0.2), glow: v3(0.2, 0.1, 0.1) };
        assert!(night.sky(0.5, 0.2).x > 0.3);
        assert!(night.sky(0.9, 0.05).x < 0.9 * night.sky(0.5, 0.2).x);
    }

    #[test]
    fn water_is_never_behind_a_tower() {
        let night = Night { seed: 2, shore: 0.6, moon: (0.5, 0.2), glow: v3(0.2, 0.1, 0.1) };
        assert_eq!(night.city(0.3, 0.61, 0.01), Some(V3::default()));
    }
}
