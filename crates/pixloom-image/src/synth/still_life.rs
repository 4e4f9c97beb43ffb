//! Spheres of fruit, porcelain and metal on a wooden table beside a window.
use super::canvas::Canvas;
use super::noise::{self, Dice};
use super::vector::{V3, lerp, smoothstep, v3};

#[derive(Debug, Clone, Copy)]
struct Ball {
    center: V3,
    radius: f32,
    color: V3,
    /// Share of light that is mirrored when looked at straight.
    gloss: f32,
    /// Depth of the dimples of the skin.
    rough: f32,
}

struct Table {
    seed: u32,
    balls: Vec<Ball>,
    eye: V3,
    ahead: V3,
    right: V3,
    up: V3,
    lamp: V3,
    wall: V3,
    wood: V3,
}

/// Paints the scene.
pub(super) fn paint(canvas: &mut Canvas, seed: u32) {
    let table = Table::new(seed);
    let half = canvas.aspect() * 0.5;
    canvas.shade_refined(|x, y| {
        let ray = (table.ahead * 1.5 + table.right * (x - half) + table.up * (0.5 - y)).unit();
        table.see(table.eye, ray, 2)
    });
}

impl Table {
    fn new(seed: u32) -> Self {
        let mut dice = Dice::new(seed ^ 0x21);
        let eye = v3(dice.between(-0.7, 0.7), dice.between(1.35, 2.1), -4.6);
        let ahead = (v3(0.0, 0.42, 0.0) - eye).unit();
        let right = v3(0.0, 1.0, 0.0).cross(ahead).unit();
        let side = if dice.roll() < 0.5 { -1.0 } else { 1.0 };
        let walls = [
            v3(0.20, 0.23, 0.25),
            v3(0.30, 0.24, 0.19),
            v3(0.13, 0.20, 0.19),
            v3(0.28, 0.19, 0.17),
        ];
        let woods = [v3(0.36, 0.19, 0.085), v3(0.24, 0.13, 0.07), v3(0.45, 0.30, 0.16)];
        Self {
            seed,
            eye,
            ahead,
            right,
            up: ahead.cross(right),
            lamp: v3(side * dice.between(0.55, 0.8), 0.75, dice.between(-0.5, -0.1)).unit(),
            wall: walls[(dice.roll() * 4.0) as usize],
            wood: woods[(dice.roll() * 3.0) as usize],
            balls: balls(&mut dice),
        }
    }

    /// Light along `ray`, and a number that differs between things.
    fn see(&self, from: V3, ray: V3, bounces: u32) -> (V3, u32) {
        let nearest =
            self.balls.iter().enumerate().filter_map(|(i, ball)| Some((ball.meet(from, ray)?, i)));
        let nearest = nearest.fold(None, |best: Option<(f32, usize)>, hit| match best {
            Some(kept) if kept.0 <= hit.0 => Some(kept),
            _ => Some(hit),
        });
        let ground = if ray.y < 0.0 { -from.y / ray.y } else { f32::INFINITY };
        match nearest {
            Some((distance, i)) if distance < ground => {
                (self.skin(self.balls[i], from + ray * distance, ray, bounces), i as u32 + 2)
            }
            _ if ground < 9.0 => (self.top(from + ray * ground, ray), 1),
            _ => (self.backdrop(ray), 0),
        }
    }

    fn backdrop(&self, ray: V3) -> V3 {
        let flow = noise::fractal(ray.x * 2.2, ray.y * 2.2, 3, self.seed ^ 0x22);
        let toward = ray.dot(v3(self.lamp.x, 0.3, 0.6).unit()).max(0.0);
        self.wall * (0.25 + 0.75 * toward * toward + 0.35 * (flow - 0.5)) + self.window(ray)
    }

    /// The window with its bars, as it is mirrored in glossy things.
    fn window(&self, ray: V3) -> V3 {
        let side = v3(0.0, 1.0, 0.0).cross(self.lamp).unit();
        let over = self.lamp.cross(side);
        let front = ray.dot(self.lamp);
        if front <= 0.0 {
            return V3::default();
        }
        let (x, y) = (ray.dot(side) / front, ray.dot(over) / front);
        let pane = |value: f32| {
            let edge = 1.0 - smoothstep(0.30, 0.34, value.abs());
            edge * smoothstep(0.012, 0.03, value.abs())
        };
        v3(5.2, 5.0, 4.7) * (pane(x) * pane(y))
    }

    /// Share of the window's light that reaches `point`: each ball hides a soft disc of it.
    fn open(&self, point: V3) -> f32 {
        self.balls.iter().fold(1.0, |open, ball| {
            let to = ball.center - point;
            let along = to.dot(self.lamp);
            if along <= 0.0 {
                return open;
            }
            let aside = (to.dot(to) - along * along).max(0.0).sqrt();
            let blur = 0.02 + 0.24 * along;
            open * smoothstep(-blur, blur, aside - ball.radius)
        })
    }

    /// Share of the room's light that reaches a surface (near balls hide a part of it).
    fn ambient(&self, point: V3, normal: V3) -> f32 {
        self.balls.iter().fold(1.0, |open, ball| {
            let to = ball.center - point;
            let square = to.dot(to);
            let facing = normal.dot(to) / square.sqrt();
            open * (1.0 - (facing.max(0.0) * ball.radius * ball.radius / square).min(0.92))
        })
    }

    fn room(&self, normal: V3) -> V3 {
        let above = 0.5 + 0.5 * normal.y;
        (self.wood * 0.22).mix(self.wall * 0.6 + V3::gray(0.16), above)
    }

    fn skin(&self, ball: Ball, point: V3, ray: V3, bounces: u32) -> V3 {
        let smooth_normal = (point - ball.center) * (1.0 / ball.radius);
        let normal = ball.dimpled(smooth_normal, self.seed);
        let facing = normal.dot(self.lamp).max(0.0);
        let open = self.open(point + normal * (0.02 * ball.radius));
        let light = v3(1.45, 1.36, 1.22) * (facing * open)
            + self.room(normal) * self.ambient(point + normal * 0.01, normal);
        let blotch = noise::fractal(
            normal.x * 2.5 + 9.0,
            normal.y * 2.5 + normal.z * 1.3,
            4,
            self.seed ^ 0x23,
        );
        let body = ball.color * (0.72 + 0.56 * blotch);
        let grazing = 1.0 - (-ray.dot(normal)).clamp(0.0, 1.0);
        let fresnel =
            ball.gloss + (1.0 - ball.gloss) * 0.7 * grazing * grazing * grazing * grazing * grazing;
        let bounced = ray.reflected(normal);
        let mirrored = if bounces > 0 {
            self.see(point + normal * 0.003, bounced, bounces - 1).0
        } else {
            self.backdrop(bounced)
        };
        let tint = if ball.gloss > 0.4 { ball.color * 1.5 } else { V3::gray(1.0) };
        body.tinted(light) * (1.0 - ball.gloss) + mirrored.tinted(tint) * fresnel
    }

    fn top(&self, point: V3, ray: V3) -> V3 {
        let plank = (point.x * 1.4).floor();
        let shift = noise::white(plank as i32, 3, self.seed) * 40.0;
        let warp =
            noise::fractal(point.x * 1.2 + shift, point.z * 0.35 + shift, 3, self.seed ^ 0x24);
        let rings =
            noise::fractal(point.x * 15.0 + warp * 9.0, point.z * 0.7 + shift, 4, self.seed ^ 0x25);
        let pores = noise::fractal(point.x * 95.0, point.z * 4.0 + shift, 2, self.seed ^ 0x26);
        let seam =
            smoothstep(0.0, 0.012, (point.x * 1.4 - plank).min(1.0 - (point.x * 1.4 - plank)));
        let tone = (0.45 + 0.9 * rings) * (0.8 + 0.4 * pores) * (0.25 + 0.75 * seam);
        let tone = tone * (0.85 + 0.3 * noise::white(plank as i32, 4, self.seed));
        let up = v3(0.0, 1.0, 0.0);
        let light = v3(1.45, 1.36, 1.22) * (self.lamp.y * self.open(point))
            + self.room(up) * self.ambient(point, up);
        let grazing = 1.0 + ray.y;
        let gloss = 0.03 + 0.35 * grazing * grazing * grazing * grazing;
        let mirrored = self.wall * 0.5;
        let fade = smoothstep(2.5, 8.0, point.z);
        (self.wood * tone).tinted(light).mix(mirrored, gloss).mix(self.wall * 0.4, fade)
    }
}

impl Ball {
    fn meet(&self, from: V3, ray: V3) -> Option<f32> {
        let to = self.center - from;
        let along = to.dot(ray);
        let inside = along * along - to.dot(to) + self.radius * self.radius;
        let distance = along - inside.max(0.0).sqrt();
        (inside > 0.0 && distance > 1e-3).then_some(distance)
    }

    fn dimpled(&self, normal: V3, seed: u32) -> V3 {
        if self.rough <= 0.0 {
            return normal;
        }
        let (u, v) = (normal.x * 17.0 + normal.z * 5.0, normal.y * 17.0 - normal.z * 9.0);
        let dent = noise::sloped(u, v, seed ^ 0x27);
        (normal + v3(dent.dx, dent.dy, 0.3 * dent.dx) * self.rough).unit()
    }
}

/// Throws balls on the table so that they touch at most.
fn balls(dice: &mut Dice) -> Vec<Ball> {
    let colors = [
        (v3(0.62, 0.075, 0.04), 0.045, 0.0),
        (v3(0.80, 0.32, 0.03), 0.04, 0.05),
        (v3(0.42, 0.50, 0.06), 0.05, 0.012),
        (v3(0.72, 0.70, 0.66), 0.07, 0.0),
        (v3(0.60, 0.56, 0.50), 0.62, 0.0),
        (v3(0.05, 0.13, 0.34), 0.08, 0.0),
        (v3(0.20, 0.035, 0.09), 0.05, 0.0),
        (v3(0.58, 0.36, 0.12), 0.5, 0.0),
    ];
    let mut balls: Vec<Ball> = Vec::new();
    for attempt in 0..90 {
        let radius = if attempt < 25 { dice.between(0.42, 0.72) } else { dice.between(0.16, 0.42) };
        let center = v3(dice.between(-2.0, 2.0), radius, dice.between(-1.3, 1.5));
        let pick = (dice.roll() * colors.len() as f32) as usize;
        let apart = |ball: &Ball| {
            let gap = ball.center - center;
            let reach = lerp(ball.radius + radius, ball.radius.max(radius), 0.02);
            gap.dot(gap) > reach * reach
        };
        if balls.len() < 10 && balls.iter().all(apart) {
            let (color, gloss, rough) = colors[(pick + balls.len()) % colors.len()];
            balls.push(Ball { center, radius, color, gloss, rough });
        }
    }
    balls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balls_rest_on_the_table_without_overlap() {
        let balls = balls(&mut Dice::new(4));
        assert!(balls.len() >= 4);
        for (i, a) in balls.iter().enumerate() {
            assert!((a.center.y - a.radius).abs() < 1e-6);
            for b in &balls[..i] {
                let gap = a.center - b.center;
                assert!(gap.dot(gap).sqrt() > 0.95 * (a.radius + b.radius));
            }
        }
    }

    #[test]
    fn ray_meets_the_front_of_a_ball() {
        let ball = Ball {
            center: v3(0.0, 0.0, 5.0),
            radius: 1.0,
            color: V3::default(),
            gloss: 0.0,
            rough: 0.0,
        };
        assert!((ball.meet(V3::default(), v3(0.0, 0.0, 1.0)).unwrap() - 4.0).abs() < 1e-5);
        assert!(ball.meet(V3::default(), v3(0.0, 1.0, 0.0)).is_none());
    }
}
