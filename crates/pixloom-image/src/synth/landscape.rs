//! Mountains behind a lake under a sky with clouds.
use super::canvas::Canvas;
use super::noise::{self, Dice};
use super::terrain::{TOP, Terrain, WATER};
use super::vector::{V3, lerp, smoothstep, v3};

const FAR: f32 = 75.0;
const EYE: f32 = 0.55;
/// Step of the march over the ground, relative to the depth.
const STRIDE: f32 = 0.004;

/// Light and lens of one picture.
struct View {
    terrain: Terrain,
    seed: u32,
    sun: V3,
    sun_color: V3,
    zenith: V3,
    rim: V3,
    /// The horizon's distance from the top, in units of the height.
    horizon: f32,
    /// Focal length, in units of the height.
    focal: f32,
    clouds: f32,
}

/// Paints the scene.
pub(super) fn paint(canvas: &mut Canvas, seed: u32) {
    let view = View::new(seed);
    let depth = ground(canvas, &view);
    heavens(canvas, &view, &depth);
    water(canvas, &view, &depth);
    bank(canvas, &view);
    conifers(canvas, &view);
}

impl View {
    fn new(seed: u32) -> Self {
        let mut dice = Dice::new(seed ^ 0xA1);
        let evening = dice.roll();
        let side = if dice.roll() < 0.5 { -1.0 } else { 1.0 };
        let sun =
            v3(side * dice.between(0.35, 0.9), dice.between(0.22, 0.5), dice.between(-0.25, 0.75));
        Self {
            terrain: Terrain { seed: noise::mix(seed ^ 0xA2), snow: dice.between(1.9, 3.1) },
            seed,
            sun: sun.unit(),
            sun_color: v3(2.5, 2.05, 1.55).mix(v3(2.7, 1.5, 0.72), evening),
            zenith: v3(0.075, 0.19, 0.50).mix(v3(0.085, 0.13, 0.36), evening),
            rim: v3(0.50, 0.60, 0.72).mix(v3(0.95, 0.58, 0.36), evening),
            horizon: dice.between(0.50, 0.58),
            focal: 1.15,
            clouds: dice.between(0.36, 0.56),
        }
    }

    /// Distance from the top of the picture, in units of the height.
    fn row_of(&self, altitude: f32, z: f32) -> f32 {
        self.horizon - self.focal * (altitude - EYE) / z
    }

    /// How far a column looks to the right, per unit of depth.
    fn across(&self, canvas: &Canvas, column: usize) -> f32 {
        ((column as f32 + 0.5) / canvas.unit() - canvas.aspect() * 0.5) / self.focal
    }

    /// Octaves of detail that pixels and steps can show at that depth.
    fn octaves(&self, z: f32, unit: f32) -> u32 {
        let pixel = z / (unit * self.focal);
        let finest = 1.0 / (0.11 * 2.5 * pixel.max(STRIDE * z));
        (2..9).take_while(|&octave| ((1_u32 << octave) as f32) < finest).count() as u32 + 2
    }

    /// Light from the sky in the direction (across, up) per unit of depth.
    fn sky(&self, across: f32, up: f32) -> V3 {
        let up = up.max(0.0);
        let direction = v3(across, up, 1.0).unit();
        let toward = direction.dot(self.sun).max(0.0);
        let low = 1.0 - smoothstep(0.0, 0.62, up);
        let base = self.zenith.mix(self.rim, low * low);
        let halo = self.sun_color * (0.28 * power(toward, 5) + 0.5 * power(toward, 60));
        let clear = base + halo + self.sun_color * (6.0 * smoothstep(0.99955, 0.99985, toward));
        self.clouded(clear, (across, up), toward)
    }

    fn clouded(&self, clear: V3, (across, up): (f32, f32), toward: f32) -> V3 {
        let depth = 0.55 / (up + 0.07);
        let (x, z) = (across * depth * 1.9, depth * 2.6);
        let bend = noise::fractal(x * 0.7, z * 0.7, 3, self.seed ^ 0xB1) - 0.5;
        let thick = noise::fractal(x + bend, z + bend * 1.4, 6, self.seed ^ 0xB2);
        let cover = smoothstep(1.0 - self.clouds, 1.18 - self.clouds, thick + 0.08);
        if cover <= 0.0 {
            return clear;
        }
        let lit =
            noise::fractal(x + bend - self.sun.x * 0.2, z + bend * 1.4 - 0.15, 4, self.seed ^ 0xB2);
        let shade = smoothstep(-0.12, 0.16, thick - lit);
        let dark = self.zenith.mix(self.rim, 0.55) * 0.95;
        let bright = self.sun_color * (0.52 + 0.45 * power(toward, 4)) + self.rim * 0.12;
        clear.mix(dark.mix(bright, 0.35 + 0.65 * shade), cover * 0.88 * smoothstep(0.015, 0.16, up))
    }

    /// Lays the air between viewer and point over `color`.
    fn through_air(&self, color: V3, depth: f32, across: f32) -> V3 {
        let direction = v3(across, 0.0, 1.0).unit();
        let toward = direction.dot(self.sun).max(0.0);
        let haze =
            self.zenith.mix(self.rim, 0.55) * 0.85 + self.sun_color * (0.16 * power(toward, 5));
        let thin = depth / 46.0;
        color.mix(haze, 1.0 - libm::expf(-thin * (0.35 + thin)))
    }

    /// Light from the ground at `point`.
    fn lit(&self, point: V3, unit: f32) -> V3 {
        let reach = 1.2 * point.z / (unit * self.focal);
        let normal = self.terrain.normal(point, reach, self.octaves(point.z, unit));
        let facing = normal.dot(self.sun).max(0.0);
        let sun = if facing > 0.0 { facing * self.terrain.sunlit(point, self.sun) } else { 0.0 };
        let skylight = (self.zenith + self.rim * 0.35) * (0.55 + 0.45 * normal.y);
        let bounce = self.sun_color * (0.05 * (1.0 - normal.y));
        let color = self.terrain.color(point, normal);
        self.through_air(
            color.tinted(self.sun_color * sun + skylight + bounce),
            point.z,
            point.x / point.z,
        )
    }
}

/// A whole power, by multiplication.
fn power(base: f32, exponent: u32) -> f32 {
    let (mut result, mut square, mut rest) = (1.0, base, exponent);
    while rest > 0 {
        if rest & 1 == 1 {
            result *= square;
        }
        square *= square;
        rest >>= 1;
    }
    result
}

/// Paints the ground column by column from front to back; whatever rises above all that is
/// nearer is seen. Returns the depth of each pixel, 0 where there is no ground.
fn ground(canvas: &mut Canvas, view: &View) -> Vec<f32> {
    let mut depth = vec![0.0; canvas.width() * canvas.height()];
    for column in 0..canvas.width() {
        march(canvas, view, column, &mut depth);
    }
    depth
}

fn march(canvas: &mut Canvas, view: &View, column: usize, depth: &mut [f32]) {
    let (unit, across) = (canvas.unit(), view.across(canvas, column));
    let mut limit = canvas.height() as f32;
    let mut z = 2.0_f32;
    while z < FAR && limit > 0.0 && view.row_of(TOP, z) * unit < limit {
        let octaves = view.octaves(z, unit);
        let rough = view.terrain.height(across * z, z, 3) + 0.5;
        if rough > WATER && view.row_of(rough, z) * unit < limit {
            let altitude = view.terrain.height(across * z, z, octaves);
            let row = (view.row_of(altitude, z) * unit).max(0.0);
            if altitude > WATER && row < limit {
                let bottom = limit.min(view.row_of(WATER, z) * unit + 1.0);
                fill(canvas, view, (column, row, bottom, z), depth);
                limit = row;
            }
        }
        z += z * STRIDE;
    }
}

/// Paints the pixels of one column between two rows with the ground at depth `z`.
fn fill(
    canvas: &mut Canvas,
    view: &View,
    (column, top, bottom, z): (usize, f32, f32, f32),
    depth: &mut [f32],
) {
    let (unit, across) = (canvas.unit(), view.across(canvas, column));
    let (first, last) = (top as usize, (bottom.ceil() as usize).min(canvas.height()));
    for row in first..last {
        let altitude = EYE + (view.horizon - (row as f32 + 0.5) / unit) * z / view.focal;
        let color = view.lit(v3(across * z, altitude.max(WATER), z), unit);
        let coverage = if row == first { 1.0 - (top - first as f32) } else { 1.0 };
        if coverage < 1.0 {
            let sky = view.sky(across, (view.horizon - (row as f32 + 0.5) / unit) / view.focal);
            canvas.set(column, row, sky);
        }
        canvas.blend(column, row, color, coverage);
        depth[row * canvas.width() + column] = z;
    }
}

fn heavens(canvas: &mut Canvas, view: &View, depth: &[f32]) {
    let (width, unit) = (canvas.width(), canvas.unit());
    for row in 0..canvas.height() {
        let up = (view.horizon - (row as f32 + 0.5) / unit) / view.focal;
        for column in (0..width).filter(|column| depth[row * width + column] <= 0.0 && up > 0.0) {
            canvas.set(column, row, view.sky(view.across(canvas, column), up));
        }
    }
}

/// Mirrors what is above the water in it, broken by waves.
fn water(canvas: &mut Canvas, view: &View, depth: &[f32]) {
    let (width, unit) = (canvas.width(), canvas.unit());
    let first = (view.horizon * unit).ceil() as usize;
    for column in 0..width {
        let across = view.across(canvas, column);
        let mirror = mirror(canvas, view, column, depth);
        for row in (first..canvas.height()).filter(|row| depth[row * width + column] <= 0.0) {
            let down = ((row as f32 + 0.5) / unit - view.horizon).max(0.002);
            let z = view.focal * EYE / down;
            let waves = noise::fractal(across * z * 5.0, z * 16.0, 4, view.seed ^ 0xC1) - 0.5;
            let bent = row as f32 + waves * (0.012 + 0.10 * down) * unit;
            let source = mirror[bent.clamp(0.0, canvas.height() as f32 - 1.0) as usize];
            let seen = canvas.at(column, source);
            let grazing = 1.0 - smoothstep(0.0, 0.75, down + waves * 0.15);
            let deep = v3(0.012, 0.045, 0.06) + view.zenith * 0.08;
            canvas.set(column, row, deep.mix(seen, lerp(0.35, 0.9, grazing)));
        }
    }
}

/// For each row of a column, the row that a calm lake would show there.
fn mirror(canvas: &Canvas, view: &View, column: usize, depth: &[f32]) -> Vec<usize> {
    let (height, unit) = (canvas.height(), canvas.unit());
    let horizon = (view.horizon * unit) as usize;
    let mut mirror = vec![usize::MAX; height];
    let mut nearer = 0.0;
    let mut next = 0;
    for row in (0..height).rev() {
        let z = depth[row * canvas.width() + column];
        if z <= 0.0 {
            continue;
        }
        let foot = view.row_of(WATER, z) * unit;
        let image = (2.0 * foot - row as f32).max(0.0) as usize;
        // Where the ground goes on without a gap, its mirror image has none either.
        let start = if z < nearer * 1.1 { next.min(image) } else { image };
        for place in mirror.iter_mut().take(image + 1).skip(start) {
            *place = if *place == usize::MAX { row } else { *place };
        }
        (nearer, next) = (z, image + 1);
    }
    for (row, place) in mirror.iter_mut().enumerate().filter(|(_, place)| **place == usize::MAX) {
        *place = (2 * horizon).saturating_sub(row).min(horizon.saturating_sub(1));
    }
    mirror
}

/// Top of the foreground at `x`, both in units of the height.
fn bank_at(x: f32, aspect: f32, seed: u32) -> f32 {
    let middle = (x / aspect - 0.5) * 2.0;
    let rise = 0.16 * smoothstep(0.15, 1.0, middle * middle);
    1.015 - rise - 0.09 * (noise::fractal(x * 2.6, 0.5, 4, seed ^ 0xD2) - 0.42)
}

/// Grass in front of the lake.
fn bank(canvas: &mut Canvas, view: &View) {
    let (unit, aspect) = (canvas.unit(), canvas.aspect());
    for column in 0..canvas.width() {
        let x = (column as f32 + 0.5) / unit;
        let blades = noise::fractal(x * 130.0, 0.0, 2, view.seed ^ 0xD3) - 0.3;
        let top = bank_at(x, aspect, view.seed) - 0.022 * blades;
        for row in (top.max(0.0) * unit) as usize..canvas.height() {
            let y = (row as f32 + 0.5) / unit;
            let tufts = noise::fractal(x * 60.0, y * 17.0 + x * 9.0, 4, view.seed ^ 0xD4);
            let lit = smoothstep(0.35, 0.75, tufts) * (1.0 - smoothstep(0.0, 0.22, y - top));
            let color = v3(0.006, 0.010, 0.004) + view.zenith * 0.02;
            let sunny = v3(0.085, 0.095, 0.022).tinted(view.sun_color);
            canvas.blend(column, row, color + sunny * (0.75 * lit), (y - top) * unit + 0.5);
        }
    }
}

/// Conifers on both sides of the foreground, small ones first.
fn conifers(canvas: &mut Canvas, view: &View) {
    let mut dice = Dice::new(view.seed ^ 0xD1);
    let aspect = canvas.aspect();
    let count = 26;
    for i in 0..count {
        let near = i as f32 / count as f32;
        let inward = dice.between(-0.03, lerp(0.40, 0.13, near)) * aspect;
        let x = if dice.roll() < 0.5 { inward } else { aspect - inward };
        let tall = lerp(0.10, 0.52, near * near) * dice.between(0.7, 1.15);
        let base = bank_at(x, aspect, view.seed) + 0.01 + 0.08 * near;
        conifer(canvas, view, (x, base, tall), noise::mix(view.seed ^ (0xE00 + i)));
    }
}

fn conifer(canvas: &mut Canvas, view: &View, (x, base, tall): (f32, f32, f32), seed: u32) {
    let clip = canvas.clip((x - 0.22 * tall, base - tall), (x + 0.22 * tall, base));
    let (unit, lean) = (canvas.unit(), if view.sun.x > 0.0 { 1.0 } else { -1.0 });
    let skylight = v3(0.005, 0.010, 0.007) + view.zenith * 0.03;
    for row in clip.rows {
        let down = ((row as f32 + 0.5) / unit - (base - tall)) / tall;
        for column in clip.columns.clone() {
            let side = ((column as f32 + 0.5) / unit - x) / tall;
            let (half, depth) = boughs(side, down, seed);
            let coverage = (half - side.abs()) * tall * unit + 0.5;
            if coverage > 0.0 {
                let light = smoothstep(-0.4, 1.0, lean * side / half) * depth;
                let color = skylight + v3(0.04, 0.055, 0.016).tinted(view.sun_color) * light;
                canvas.blend(column, row, color * (0.4 + 0.6 * depth), coverage);
            }
        }
    }
}

/// Half the width of a conifer and how far out its needles lie there; lengths relative to its
/// own, `down` from the tip.
fn boughs(side: f32, down: f32, seed: u32) -> (f32, f32) {
    let hanging = down - side.abs() * 0.35;
    let tier = (hanging.max(0.0) * 17.0) + 0.6 * noise::smooth(hanging * 9.0, 2.0, seed);
    let within = tier - tier.floor();
    let bough = noise::white(tier as i32, i32::from(side > 0.0), seed);
    let needles = noise::fractal(side * 70.0, down * 110.0, 2, seed);
    let half = 0.15 * down * (0.35 + 0.65 * within) * (0.65 + 0.5 * bough) * (0.6 + 0.8 * needles);
    (half + 0.005, needles * (0.45 + 0.55 * within))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_powers() {
        assert!((power(1.5, 5) - 7.593_75).abs() < 1e-5);
        assert!((power(3.0, 0) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn sky_is_brighter_towards_the_sun() {
        let view = View { sun: v3(0.0, 0.5, 1.0).unit(), clouds: -1.0, ..View::new(1) };
        let (near, far) = (view.sky(0.0, 0.5), view.sky(1.5, 0.9));
        assert!(near.x > 2.0 * far.x, "{near:?} {far:?}");
    }
}
