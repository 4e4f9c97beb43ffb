//! A printed page on a desk, lit from one side.
use super::canvas::Canvas;
use super::font;
use super::noise::{self, Dice};
use super::vector::{V3, lerp, smoothstep, v3};

const WORDS: &[&str] = &[
    "light", "falls", "on", "the", "page", "and", "every", "letter", "keeps", "its", "edge", "a",
    "small", "picture", "holds", "more", "than", "it", "shows", "grain", "colour", "depth", "of",
    "field", "in", "quiet", "rows", "we", "weigh", "each", "pixel", "by", "what", "lies", "around",
    "from", "noise", "to", "signal", "queue", "for", "sharp", "lines", "jagged", "axes", "blur",
    "zoom", "view",
];

struct Page {
    seed: u32,
    /// Cosine and sine of the page's turn.
    turn: (f32, f32),
    center: (f32, f32),
    half: (f32, f32),
    light: (f32, f32),
    paper: V3,
}

/// Paints the scene.
pub(super) fn paint(canvas: &mut Canvas, seed: u32) {
    let mut dice = Dice::new(seed ^ 0x61);
    let angle = dice.between(-0.09, 0.09);
    let aspect = canvas.aspect();
    let page = Page {
        seed,
        turn: (libm::cosf(angle), libm::sinf(angle)),
        center: (aspect * 0.5, dice.between(0.52, 0.58)),
        half: ((aspect * 0.44).min(0.62), 0.56),
        light: (dice.between(-1.0, 1.0), dice.between(-1.0, -0.3)),
        paper: v3(0.86, 0.83, 0.76).mix(v3(0.82, 0.84, 0.85), dice.roll()),
    };
    canvas.shade(|x, y| page.ground(x, y));
    page.print(canvas, &mut dice);
    page.uneven_light(canvas);
}

impl Page {
    /// From the picture to the page, whose centre is (0, 0).
    fn on_page(&self, x: f32, y: f32) -> (f32, f32) {
        let (dx, dy) = (x - self.center.0, y - self.center.1);
        (dx * self.turn.0 + dy * self.turn.1, dy * self.turn.0 - dx * self.turn.1)
    }

    fn in_picture(&self, (u, v): (f32, f32)) -> (f32, f32) {
        let (dx, dy) = (u * self.turn.0 - v * self.turn.1, u * self.turn.1 + v * self.turn.0);
        (self.center.0 + dx, self.center.1 + dy)
    }

    fn ground(&self, x: f32, y: f32) -> V3 {
        let (u, v) = self.on_page(x, y);
        let inside = (self.half.0 - u.abs()).min(self.half.1 - v.abs());
        let fibre = noise::fractal(x * 120.0, y * 120.0, 3, self.seed ^ 0x62);
        let grain = noise::fractal(
            x * 2.5,
            y * 34.0 + 3.0 * noise::smooth(x * 2.0, y * 2.0, self.seed),
            4,
            self.seed ^ 0x63,
        );
        let desk = v3(0.20, 0.105, 0.05) * (0.45 + grain);
        let shadow = smoothstep(-0.055, 0.01, inside + 0.012);
        let desk = desk * (1.0 - 0.75 * shadow);
        desk.mix(self.paper * (0.96 + 0.08 * fibre), smoothstep(-0.0008, 0.0008, inside))
    }

    fn print(&self, canvas: &mut Canvas, dice: &mut Dice) {
        let (left, right) = (-self.half.0 + 0.07, self.half.0 - 0.07);
        let mut y = -self.half.1 + 0.08;
        self.line(canvas, dice, (left, lerp(left, right, 0.75), y), 0.0085);
        y += 0.105;
        let mut rest = 3.0 + dice.roll() * 5.0;
        while y < self.half.1 - 0.06 {
            rest -= 1.0;
            let last = rest < 0.0;
            let end = if last { lerp(left, right, dice.between(0.25, 0.8)) } else { right };
            self.line(canvas, dice, (left, end, y), 0.0037);
            y += if last { 0.06 } else { 0.0385 };
            rest = if last { 3.0 + dice.roll() * 6.0 } else { rest };
        }
    }

    /// One line of words between `left` and `right`; `grid` is a step of the font's grid.
    fn line(
        &self,
        canvas: &mut Canvas,
        dice: &mut Dice,
        (left, right, y): (f32, f32, f32),
        grid: f32,
    ) {
        let mut x = left;
        loop {
            let word = WORDS[(dice.roll() * WORDS.len() as f32) as usize];
            let width: f32 = word.bytes().map(|letter| font::advance(letter) * grid).sum();
            if x + width > right {
                return;
            }
            let comma = if dice.roll() < 0.1 { "," } else { "" };
            for letter in word.bytes().chain(comma.bytes()) {
                font::each_line(letter, |from, to| {
                    let place = |point: (f32, f32)| {
                        self.in_picture((x + point.0 * grid, y + point.1 * grid))
                    };
                    ink(canvas, place(from), place(to), 0.42 * grid);
                });
                x += font::advance(letter) * grid;
            }
            x += font::advance(b' ') * grid;
        }
    }

    /// The lamp's falloff and the soft shadow of something outside the picture.
    fn uneven_light(&self, canvas: &mut Canvas) {
        let (unit, aspect) = (canvas.unit(), canvas.aspect());
        for row in 0..canvas.height() {
            for column in 0..canvas.width() {
                let (x, y) = (column as f32 / unit / aspect - 0.5, row as f32 / unit - 0.5);
                let near = 1.0 + 0.38 * (x * self.light.0 + y * self.light.1);
                let edge = x * 1.3 * self.light.1 - y * self.light.0 + 0.55;
                let shade = 0.55 + 0.45 * smoothstep(0.0, 0.35, edge);
                let warm = v3(1.06, 1.0, 0.9).mix(v3(0.88, 0.97, 1.1), 1.0 - shade);
                let color = canvas.at(column, row).tinted(warm) * (near * shade * 1.25);
                canvas.set(column, row, color);
            }
        }
    }
}

/// A pen stroke with round ends.
fn ink(canvas: &mut Canvas, from: (f32, f32), to: (f32, f32), radius: f32) {
    let unit = canvas.unit();
    let reach = radius + 1.0 / unit;
    let low = (from.0.min(to.0) - reach, from.1.min(to.1) - reach);
    let high = (from.0.max(to.0) + reach, from.1.max(to.1) + reach);
    let clip = canvas.clip(low, high);
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let square = (dx * dx + dy * dy).max(1e-12);
    for row in clip.rows {
        for column in clip.columns.clone() {
            let (px, py) =
                ((column as f32 + 0.5) / unit - from.0, (row as f32 + 0.5) / unit - from.1);
            let part = ((px * dx + py * dy) / square).clamp(0.0, 1.0);
            let (ax, ay) = (px - part * dx, py - part * dy);
            let coverage = (radius - (ax * ax + ay * ay).sqrt()) * unit + 0.5;
            if coverage > 0.0 {
                canvas.blend(column, row, v3(0.018, 0.018, 0.022), coverage * 0.96);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_and_picture_coordinates_are_inverse() {
        let page = Page {
            seed: 1,
            turn: (0.8, 0.6),
            center: (0.5, 0.4),
            half: (0.4, 0.5),
            light: (0.0, -1.0),
            paper: V3::gray(0.8),
        };
        let (u, v) = page.on_page(0.9, 0.1);
        let (x, y) = page.in_picture((u, v));
        assert!((x - 0.9).abs() < 1e-6 && (y - 0.1).abs() < 1e-6);
    }

    #[test]
    fn words_can_be_printed() {
        assert!(
            WORDS
                .iter()
                .flat_map(|word| word.bytes())
                .all(|letter| !font::strokes(letter).is_empty())
        );
    }
}
