//! A city seen from above: every ray walks through a grid of blocks.
use super::canvas::Canvas;
use super::noise::{self, Dice};
use super::vector::{V3, smoothstep, v3};

/// Nothing in the city is higher.
const TOP: f32 = 4.4;
/// Blocks in each direction whose heights are worked out beforehand; beyond is haze.
const REACH: i32 = 72;
/// Half the width of a street; a block is one unit wide.
const STREET: f32 = 0.15;

struct City {
    seed: u32,
    eye: V3,
    right: V3,
    up: V3,
    ahead: V3,
    sun: V3,
    sun_color: V3,
    sky: V3,
    rim: V3,
    /// The first block of `blocks`.
    corner: (i32, i32),
    blocks: Vec<(f32, f32)>,
}

/// What a ray meets first.
#[derive(Debug, Clone, Copy)]
struct Hit {
    distance: f32,
    normal: V3,
    cell: (i32, i32),
}

/// Paints the scene.
pub(super) fn paint(canvas: &mut Canvas, seed: u32) {
    let city = City::new(seed);
    let (half, pixel) = (canvas.aspect() * 0.5, 1.0 / canvas.unit());
    canvas.shade_refined(|x, y| {
        let ray = (city.ahead * 1.25 + city.right * (x - half) + city.up * (0.5 - y)).unit();
        match city.trace(city.eye, ray) {
            Some(hit) => {
                let id = noise::mix(hit.cell.0 as u32 ^ noise::mix(hit.cell.1 as u32));
                let face = (hit.normal.x * 3.0 + hit.normal.y * 7.0) as i32 as u32;
                (city.lit(hit, ray, pixel), id ^ face)
            }
            None => (city.heaven(ray), 0),
        }
    });
}

impl City {
    fn new(seed: u32) -> Self {
        let mut dice = Dice::new(seed ^ 0x11);
        let (turn, evening) = (dice.between(-0.6, 0.6), dice.roll());
        let side = if dice.roll() < 0.5 { -1.0 } else { 1.0 };
        let ahead = v3(libm::sinf(turn), dice.between(-0.42, -0.30), libm::cosf(turn)).unit();
        let right = v3(0.0, 1.0, 0.0).cross(ahead).unit();
        let eye = v3(dice.between(-40.0, 40.0), dice.between(4.6, 5.6), dice.between(-40.0, 40.0));
        let corner = (eye.x as i32 - REACH, eye.z as i32 - REACH);
        let mut city = Self {
            seed,
            eye,
            corner,
            blocks: Vec::new(),
            right,
            up: ahead.cross(right),
            ahead,
            sun: (right * (side * dice.between(0.6, 1.0)) + v3(0.0, dice.between(0.5, 0.9), 0.0)
                - ahead * 0.35)
                .unit(),
            sun_color: v3(2.2, 1.95, 1.6).mix(v3(2.5, 1.55, 0.85), evening),
            sky: v3(0.13, 0.27, 0.56).mix(v3(0.16, 0.22, 0.44), evening),
            rim: v3(0.62, 0.70, 0.80).mix(v3(0.95, 0.66, 0.46), evening),
        };
        let lots = (0..4 * REACH * REACH)
            .map(|i| (corner.0 + i % (2 * REACH), corner.1 + i / (2 * REACH)));
        city.blocks = lots.map(|cell| city.build(cell)).collect();
        city
    }

    fn heaven(&self, ray: V3) -> V3 {
        let up = ray.y.max(0.0);
        let depth = 0.5 / (up + 0.06);
        let cloud = noise::fractal(ray.x * depth * 2.0, ray.z * depth * 2.0, 5, self.seed ^ 0x12);
        let clear = self.rim.mix(self.sky, smoothstep(-0.05, 0.45, up));
        clear.mix(v3(0.9, 0.88, 0.86), 0.7 * smoothstep(0.5, 0.7, cloud) * smoothstep(0.0, 0.1, up))
    }

    /// Random number of a block, one for each purpose.
    fn roll(&self, cell: (i32, i32), purpose: u32) -> f32 {
        noise::white(cell.0, cell.1, self.seed.wrapping_add(purpose.wrapping_mul(0x9E37)))
    }

    /// Heights of a block's wide base and its narrower tower; a park has neither, and there is
    /// nothing beyond the reach.
    fn heights(&self, cell: (i32, i32)) -> (f32, f32) {
        let (x, z) = (cell.0 - self.corner.0, cell.1 - self.corner.1);
        let inside = (0..2 * REACH).contains(&x) && (0..2 * REACH).contains(&z);
        if inside { self.blocks[(z * 2 * REACH + x) as usize] } else { (0.0, 0.0) }
    }

    fn build(&self, cell: (i32, i32)) -> (f32, f32) {
        if self.roll(cell, 1) < 0.09 {
            return (0.0, 0.0);
        }
        let center = noise::smooth(cell.0 as f32 * 0.13, cell.1 as f32 * 0.13, self.seed ^ 0x13);
        let chance = self.roll(cell, 2);
        let base = 0.28 + 0.7 * chance + 2.3 * center * center * self.roll(cell, 3);
        let tower = if self.roll(cell, 4) < 0.45 { base * (1.15 + 0.9 * center) } else { base };
        (base.min(TOP), tower.min(TOP))
    }

    fn trace(&self, from: V3, ray: V3) -> Option<Hit> {
        let skip = if from.y > TOP && ray.y < 0.0 { (TOP - from.y) / ray.y } else { 0.0 };
        let ground = if ray.y < 0.0 { -from.y / ray.y } else { f32::INFINITY };
        let start = from + ray * skip;
        let mut cell = (start.x.floor() as i32, start.z.floor() as i32);
        let mut entry = skip;
        for _ in 0..2 * REACH {
            let beyond = |at: f32, step: f32, cell: i32| {
                let wall = cell as f32 + if step > 0.0 { 1.0 } else { 0.0 };
                if step == 0.0 { f32::INFINITY } else { (wall - at) / step }
            };
            let (tx, tz) = (beyond(from.x, ray.x, cell.0), beyond(from.z, ray.z, cell.1));
            if let Some(hit) = self.block(from, ray, cell) {
                return Some(hit);
            }
            let leave = tx.min(tz);
            if ground <= leave {
                return Some(Hit { distance: ground, normal: v3(0.0, 1.0, 0.0), cell });
            }
            if ray.y > 0.0 && from.y + ray.y * entry > TOP {
                return None;
            }
            entry = leave;
            let (dx, dz) = (if ray.x > 0.0 { 1 } else { -1 }, if ray.z > 0.0 { 1 } else { -1 });
            cell = if tx < tz { (cell.0 + dx, cell.1) } else { (cell.0, cell.1 + dz) };
        }
        None
    }

    fn block(&self, from: V3, ray: V3, cell: (i32, i32)) -> Option<Hit> {
        let (base, tower) = self.heights(cell);
        if base <= 0.0 {
            return None;
        }
        let corner = v3(cell.0 as f32, 0.0, cell.1 as f32);
        let wide = prism(from - corner, ray, STREET, base);
        let tall = if tower > base { prism(from - corner, ray, 0.3, tower) } else { None };
        let nearest = match (wide, tall) {
            (Some(a), Some(b)) => Some(if a.0 < b.0 { a } else { b }),
            (a, b) => a.or(b),
        };
        nearest.map(|(distance, normal)| Hit { distance, normal, cell })
    }

    /// Light that comes along `ray` from `hit`; `pixel` is the angle of one pixel.
    fn lit(&self, hit: Hit, ray: V3, pixel: f32) -> V3 {
        let point = self.eye + ray * hit.distance;
        let facing = hit.normal.dot(self.sun).max(0.0);
        let start = point + hit.normal * 0.002;
        let open = facing > 0.0 && self.trace(start, self.sun).is_none();
        let sunlight = self.sun_color * if open { facing } else { 0.0 };
        let depth = 0.42 + 0.58 * smoothstep(-0.2, 2.2, point.y);
        let skylight = (self.sky * 0.55 + self.rim * 0.13) * depth;
        let blur = hit.distance * pixel;
        let (color, mirror) = if hit.normal.y > 0.5 {
            (self.flat(hit.cell, point, blur), 0.0)
        } else {
            self.wall(hit, point, blur)
        };
        let reflected = self.heaven(ray.reflected(hit.normal)) * mirror;
        let light = color.tinted(sunlight + skylight) + reflected;
        light.mix(self.rim, 1.0 - libm::expf(-hit.distance * hit.distance * 0.00045))
    }

    /// Colour and reflectance of a wall with windows.
    fn wall(&self, hit: Hit, point: V3, blur: f32) -> (V3, f32) {
        let along = if hit.normal.x.abs() > 0.5 { point.z } else { point.x };
        let (floor, bay) = (point.y / 0.13, (along - along.floor()) / 0.07);
        let glassy = self.roll(hit.cell, 7);
        let gap = 0.1 + 0.22 * (1.0 - glassy);
        let inside = |value: f32, soft: f32| {
            let part = value - value.floor();
            smoothstep(gap - soft, gap + soft, part.min(1.0 - part) + 0.5 * gap)
        };
        let sharp = 1.0 - smoothstep(0.25, 0.75, blur / 0.07);
        let soft = (blur / 0.1).clamp(0.02, 0.4);
        let window = inside(floor, soft) * inside(bay, soft);
        let window = 0.4 + (window - 0.4) * sharp;
        let own = noise::white(floor as i32 * 31 + bay as i32, hit.cell.0 ^ hit.cell.1, self.seed);
        let glass =
            v3(0.03, 0.045, 0.06) * (0.6 + own) + v3(0.25, 0.2, 0.12) * smoothstep(0.9, 1.0, own);
        let stain = 0.85 + 0.3 * noise::fractal(along * 3.0, point.y * 5.0, 3, self.seed ^ 0x14);
        let wall = self.paintwork(hit.cell) * stain;
        (wall.mix(glass, window), window * (0.10 + 0.35 * glassy * (0.5 + own)))
    }

    fn paintwork(&self, cell: (i32, i32)) -> V3 {
        let tone = 0.55 + 0.4 * self.roll(cell, 6);
        let color = match (self.roll(cell, 5) * 6.0) as u32 {
            0 => v3(0.42, 0.40, 0.37),
            1 => v3(0.36, 0.17, 0.115),
            2 => v3(0.52, 0.43, 0.30),
            3 => v3(0.19, 0.23, 0.28),
            4 => v3(0.58, 0.56, 0.52),
            _ => v3(0.30, 0.26, 0.23),
        };
        color * tone
    }

    /// Colour of roofs, streets and parks.
    fn flat(&self, cell: (i32, i32), point: V3, blur: f32) -> V3 {
        let (x, z) = (point.x - cell.0 as f32, point.z - cell.1 as f32);
        let rough = noise::fractal(point.x * 7.0, point.z * 7.0, 4, self.seed ^ 0x15);
        if point.y > 0.01 {
            return self.roof(cell, (x, z), rough);
        }
        let edge = x.min(1.0 - x).min(z.min(1.0 - z));
        if edge < STREET - 0.035 {
            let asphalt = V3::gray(0.07 + 0.05 * rough);
            return asphalt
                .mix(self.traffic((x, z), point, blur), 1.0 - smoothstep(0.02, 0.09, blur));
        }
        if edge < STREET || self.heights(cell).0 > 0.0 {
            return V3::gray(0.24 + 0.1 * rough);
        }
        let crowns = noise::fractal(point.x * 16.0, point.z * 16.0, 3, self.seed ^ 0x16);
        v3(0.07, 0.11, 0.03).mix(v3(0.02, 0.045, 0.014), smoothstep(0.45, 0.6, crowns))
            * (0.6 + rough)
    }

    fn roof(&self, cell: (i32, i32), (x, z): (f32, f32), rough: f32) -> V3 {
        let base = V3::gray(0.2 + 0.25 * self.roll(cell, 8)) * (0.6 + 0.7 * rough);
        let plant = |purpose: u32| {
            let (cx, cz) =
                (0.3 + 0.4 * self.roll(cell, purpose), 0.3 + 0.4 * self.roll(cell, purpose + 1));
            (x - cx).abs() < 0.045 && (z - cz).abs() < 0.03
        };
        if plant(20) || plant(22) || plant(24) { base * 0.45 + V3::gray(0.2) } else { base }
    }

    /// Lane marks and cars.
    fn traffic(&self, (x, z): (f32, f32), point: V3, blur: f32) -> V3 {
        let (nx, nz) = (x - (x + 0.5).floor(), z - (z + 0.5).floor());
        let (across, along, axis) =
            if nx.abs() < nz.abs() { (nx, point.z, 1) } else { (nz, point.x, 2) };
        let lane = i32::from(across > 0.0);
        let (slot, part) = ((along / 0.14).floor() as i32, along / 0.14 - (along / 0.14).floor());
        let line = if axis == 1 { (point.x + 0.5).floor() } else { (point.z + 0.5).floor() };
        let own = noise::white(slot, line as i32 * 4 + lane * 2 + axis, self.seed ^ 0x17);
        if own < 0.32 && (across.abs() - 0.052).abs() < 0.02 && (part - 0.5).abs() < 0.3 {
            let hue = own / 0.32;
            let body = v3(0.6, 0.58, 0.55).mix(v3(0.42, 0.05, 0.04), smoothstep(0.7, 0.72, hue));
            return body.mix(v3(0.03, 0.04, 0.06), 1.0 - smoothstep(0.28, 0.3, hue));
        }
        let dash = across.abs() < 0.006 + 0.5 * blur && part < 0.5;
        if dash { V3::gray(0.42) } else { V3::gray(0.085) }
    }
}

/// Distance and normal where a ray enters the box `inset..1-inset` squared, `height` tall.
fn prism(from: V3, ray: V3, inset: f32, height: f32) -> Option<(f32, V3)> {
    let span = |at: f32, step: f32, low: f32, high: f32| {
        let (a, b) = ((low - at) / step, (high - at) / step);
        if a < b { (a, b) } else { (b, a) }
    };
    let (x0, x1) = span(from.x, ray.x, inset, 1.0 - inset);
    let (y0, y1) = span(from.y, ray.y, -1.0, height);
    let (z0, z1) = span(from.z, ray.z, inset, 1.0 - inset);
    let (enter, leave) = (x0.max(y0).max(z0), x1.min(y1).min(z1));
    if enter >= leave || enter <= 0.0 {
        return None;
    }
    let normal = if enter <= x0 {
        v3(-ray.x.signum(), 0.0, 0.0)
    } else if enter <= y0 {
        v3(0.0, -ray.y.signum(), 0.0)
    } else {
        v3(0.0, 0.0, -ray.z.signum())
    };
    Some((enter, normal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ray_from_the_left_enters_through_the_left_wall() {
        let ray = v3(1.0, -0.01, 0.01).unit();
        let (distance, normal) = prism(v3(-1.0, 0.5, 0.5), ray, 0.15, 1.0).unwrap();
        assert!((distance - 1.15).abs() < 0.01);
        assert_eq!(normal, v3(-1.0, 0.0, 0.0));
        assert!(prism(v3(-1.0, 0.5, 0.5), v3(-1.0, 0.0, 0.01), 0.15, 1.0).is_none());
    }

    #[test]
    fn looking_down_always_meets_something() {
        let city = City::new(3);
        for i in 0..100 {
            let ray = v3(0.1 * (i % 10) as f32 - 0.45, -1.0, 0.1 * (i / 10) as f32 - 0.45).unit();
            assert!(city.trace(city.eye, ray).is_some());
        }
    }
}
