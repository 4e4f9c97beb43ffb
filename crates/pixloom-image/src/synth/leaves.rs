//! Leaves and flowers, painted from the back to the front.
use super::canvas::Canvas;
use super::noise::{self, Dice};
use super::vector::{V3, lerp, smoothstep, v3};

/// One leaf or petal; lengths in units of the picture's height.
#[derive(Debug, Clone, Copy)]
struct Leaf {
    x: f32,
    y: f32,
    /// Direction from stalk to tip, a unit vector.
    toward: (f32, f32),
    length: f32,
    /// Largest half width relative to the length.
    width: f32,
    color: V3,
    seed: u32,
}

/// Paints the scene.
pub(super) fn paint(canvas: &mut Canvas, seed: u32) {
    let mut dice = Dice::new(seed ^ 0x51);
    let sun = v3(1.35, 1.25, 0.95);
    canvas.shade(|x, y| {
        let gap = noise::fractal(x * 3.0, y * 3.0, 4, seed ^ 0x52);
        v3(0.012, 0.03, 0.012).mix(v3(0.16, 0.23, 0.05), smoothstep(0.35, 0.75, gap))
    });
    let count = 46.0 * canvas.aspect();
    layer(canvas, &mut dice, (count * 1.6) as u32, 0.45);
    let far = (canvas.unit() * 0.016) as usize;
    canvas.blur(far);
    layer(canvas, &mut dice, (count * 2.4) as u32, 0.75);
    canvas.blur(far / 5);
    layer(canvas, &mut dice, (count * 1.5) as u32, 1.0);
    for _ in 0..(5.0 * canvas.aspect()) as u32 {
        flower(canvas, &mut dice);
    }
    layer(canvas, &mut dice, (count * 0.3) as u32, 1.1);
    dapple(canvas, seed, sun);
}

fn layer(canvas: &mut Canvas, dice: &mut Dice, count: u32, light: f32) {
    for _ in 0..count {
        let turn = dice.between(0.0, core::f32::consts::TAU);
        let hue = dice.roll();
        let green = v3(0.055, 0.155, 0.028).mix(v3(0.22, 0.30, 0.045), hue * hue);
        let color = green.mix(v3(0.34, 0.17, 0.03), smoothstep(0.93, 1.0, dice.roll()));
        let leaf = Leaf {
            x: dice.between(-0.1, 0.1 + canvas.aspect()),
            y: dice.between(-0.1, 1.1),
            toward: (libm::cosf(turn), libm::sinf(turn)),
            length: dice.between(0.13, 0.30),
            width: dice.between(0.19, 0.30),
            color: color * (light * dice.between(0.75, 1.2)),
            seed: noise::mix((turn * 1e6) as u32),
        };
        leaf.shadow(canvas);
        leaf.paint(canvas, true);
    }
}

fn flower(canvas: &mut Canvas, dice: &mut Dice) {
    let (x, y) = (dice.between(0.05, 0.95) * canvas.aspect(), dice.between(0.08, 0.92));
    let (petals, size) = (5 + (dice.roll() * 4.0) as u32, dice.between(0.06, 0.115));
    let colors =
        [v3(0.85, 0.10, 0.16), v3(0.90, 0.55, 0.06), v3(0.75, 0.70, 0.80), v3(0.42, 0.14, 0.55)];
    let color = colors[(dice.roll() * 4.0) as usize];
    let start = dice.roll();
    for petal in 0..petals * 2 {
        let row = petal / petals;
        let turn =
            (start + (petal as f32 + 0.5 * row as f32) / petals as f32) * core::f32::consts::TAU;
        let leaf = Leaf {
            x,
            y,
            toward: (libm::cosf(turn), libm::sinf(turn)),
            length: size * if row == 0 { 1.0 } else { 0.72 },
            width: 0.36,
            color: color * (dice.between(0.8, 1.0) * if row == 0 { 0.8 } else { 1.05 }),
            seed: noise::mix(petal ^ (x * 1e6) as u32),
        };
        leaf.shadow(canvas);
        leaf.paint(canvas, false);
    }
    stamens(canvas, (x, y), size * 0.2);
}

fn stamens(canvas: &mut Canvas, (x, y): (f32, f32), radius: f32) {
    let (unit, clip) =
        (canvas.unit(), canvas.clip((x - radius, y - radius), (x + radius, y + radius)));
    for row in clip.rows {
        for column in clip.columns.clone() {
            let (dx, dy) = ((column as f32 + 0.5) / unit - x, (row as f32 + 0.5) / unit - y);
            let away = (dx * dx + dy * dy).sqrt() / radius;
            let dots = noise::smooth(dx / radius * 7.0, dy / radius * 7.0, 0x53);
            let color =
                v3(0.75, 0.48, 0.04) * (0.3 + 1.1 * dots) * (1.15 - 0.6 * away - 0.3 * dy / radius);
            canvas.blend(column, row, color, (1.0 - away) * radius * unit + 0.5);
        }
    }
}

impl Leaf {
    /// The pixel's place: along the leaf (0 stalk to 1 tip) and across it (−1 to 1 at the edges).
    fn place(&self, x: f32, y: f32) -> (f32, f32, f32) {
        let (dx, dy) = ((x - self.x) / self.length, (y - self.y) / self.length);
        let along = dx * self.toward.0 + dy * self.toward.1;
        let bend = 0.16 * along * along * (noise::white(1, 2, self.seed) - 0.5);
        let across = dy * self.toward.0 - dx * self.toward.1 - bend;
        let u = along.clamp(0.0, 1.0);
        let half = self.width * 2.6 * u.sqrt() * (1.0 - u) * (0.55 + 0.75 * u);
        (along, across, half)
    }

    fn shadow(&self, canvas: &mut Canvas) {
        let (unit, drop) = (canvas.unit(), 0.085 * self.length);
        let reach = self.length * 1.15;
        let clip = canvas.clip((self.x - reach, self.y - reach), (self.x + reach, self.y + reach));
        for row in clip.rows {
            for column in clip.columns.clone() {
                let (x, y) =
                    ((column as f32 + 0.5) / unit - 0.6 * drop, (row as f32 + 0.5) / unit - drop);
                let (along, across, half) = self.place(x, y);
                if half > 0.0 && (0.0..1.0).contains(&along) {
                    let depth = smoothstep(-0.02, 0.13, half - across.abs());
                    canvas.blend(column, row, V3::default(), 0.55 * depth);
                }
            }
        }
    }

    fn paint(&self, canvas: &mut Canvas, veined: bool) {
        let unit = canvas.unit();
        let clip = canvas.clip(
            (self.x - self.length, self.y - self.length),
            (self.x + self.length, self.y + self.length),
        );
        for row in clip.rows {
            for column in clip.columns.clone() {
                let (x, y) = ((column as f32 + 0.5) / unit, (row as f32 + 0.5) / unit);
                let (along, across, half) = self.place(x, y);
                let coverage = (half - across.abs()) * self.length * unit + 0.5;
                if coverage > 0.0 && (0.0..=1.0).contains(&along) && half > 0.0 {
                    let color = if veined {
                        self.blade(along, across, half)
                    } else {
                        self.petal(along, across, half)
                    };
                    canvas.blend(column, row, color, coverage);
                }
            }
        }
    }

    /// Colour of a leaf: two halves that face the light differently, a rib and side veins.
    fn blade(&self, along: f32, across: f32, half: f32) -> V3 {
        let aside = across / half;
        let lit = if across * self.toward.0 < 0.0 { 1.22 } else { 0.78 };
        let curl = 1.0 - 0.4 * aside * aside;
        let vein = along * 9.0 - aside.abs() * half * 9.0;
        let near_vein = (vein - vein.floor() - 0.5).abs();
        let ridge = 1.0 + 0.30 * (1.0 - smoothstep(0.0, 0.09, near_vein))
            - 0.20 * smoothstep(0.25, 0.5, near_vein);
        let rib = 1.0 - smoothstep(0.012, 0.03, across.abs() / (1.15 - along));
        let mottle = 0.8 + 0.4 * noise::fractal(along * 14.0, across * 14.0, 3, self.seed);
        let gloss =
            smoothstep(0.55, 0.95, noise::smooth(along * 3.0, aside * 1.5, self.seed ^ 1)) * 0.12;
        let body = self.color * (lit * curl * ridge * mottle) + V3::gray(gloss * lit);
        body.mix(self.color * 1.5 + v3(0.05, 0.06, 0.02), 0.75 * rib)
    }

    fn petal(&self, along: f32, across: f32, half: f32) -> V3 {
        let streaks = noise::fractal(across / half * 9.0, along * 1.5, 3, self.seed);
        let curl = 1.0 - 0.35 * (across / half) * (across / half);
        self.color * (lerp(0.45, 1.1, smoothstep(0.0, 0.7, along)) * curl * (0.75 + 0.5 * streaks))
    }
}

/// Patches of sun through the crowns above.
fn dapple(canvas: &mut Canvas, seed: u32, sun: V3) {
    let unit = canvas.unit();
    for row in 0..canvas.height() {
        for column in 0..canvas.width() {
            let (x, y) = (column as f32 / unit, row as f32 / unit);
            let patch = smoothstep(0.40, 0.66, noise::fractal(x * 2.0, y * 2.0, 3, seed ^ 0x54));
            let shade = v3(0.55, 0.65, 0.72);
            let color = canvas.at(column, row).tinted(shade.mix(sun * 1.7, patch));
            canvas.set(column, row, color);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaf_is_widest_between_stalk_and_tip() {
        let leaf = Leaf {
            x: 0.0,
            y: 0.0,
            toward: (1.0, 0.0),
            length: 1.0,
            width: 0.3,
            color: V3::gray(0.5),
            seed: 1,
        };
        let half = |along: f32| leaf.place(along, 0.0).2;
        assert!(half(0.0) < 1e-6 && half(1.0) < 1e-6);
        assert!(half(0.45) > half(0.1) && half(0.45) > half(0.9));
    }
}
