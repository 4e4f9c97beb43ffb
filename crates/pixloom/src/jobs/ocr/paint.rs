//! Puts ink and shadows on the background.
use pixloom_text::{ClusterShape, Mask, Raster, Sheet};

use super::background::roughness;
use super::config::ColorMode;
use super::drawn::Drawn;
use super::knob::K;
use super::planes;
use super::scene::Scene;

/// Paints a scene on a canvas that shows the background; three bytes a pixel. Changes the
/// colours in `drawn` where the contrast asks for it. `texture` is what fills the letters, if
/// anything does. Yields the coverage of ink and border.
pub(super) fn paint(
    drawn: &mut Drawn,
    scene: &Scene,
    canvas: &mut [u8],
    (texture, raster): (&[u8], &mut Raster),
) -> Mask {
    let behind = luminance_behind(scene, canvas);
    guard(drawn, behind);
    let clusters = &scene.shapes.clusters;
    let mut layers = layers(drawn, scene, raster);
    if let Some(lines) = decoration(drawn, scene, raster) {
        let color = drawn.colors.first().copied().unwrap_or_default();
        layers.push((lines, Color::Flat(color)));
    }
    let mut all = Mask::empty(scene.width, scene.height);
    for (mask, _) in &layers {
        planes::lay_over(&mut all, mask, 0, 0);
    }
    let ink = drawn.colors.first().copied().unwrap_or_default();
    let colored = scene.colored(clusters, (ink, raster));
    for sheet in &colored {
        planes::lay_sheet(&mut all, sheet);
    }
    let border = Scene::border(drawn, &all);
    let whole = border.as_ref().unwrap_or(&all);
    bleed_through(drawn, &all, canvas);
    shadows(drawn, whole, canvas);
    if let Some(border) = &border {
        blend(canvas, border, |_, _| drawn.stroke_color);
    }
    for (mask, color) in &mut layers {
        wear(drawn, mask);
        match color {
            Color::Flat(_) if !texture.is_empty() => {
                let dark = drawn.min_contrast > 1.0;
                let tone = Toning { dark: dark.then_some(behind > 0.18) };
                blend(canvas, mask, |x, y| tone.at(texture, y * scene.width + x));
            }
            Color::Flat(color) => blend(canvas, mask, |_, _| *color),
            Color::Gradient(gradient) => blend(canvas, mask, |x, y| gradient.at(x, y)),
        }
    }
    for sheet in &colored {
        lay(canvas, scene.width, sheet);
    }
    border.unwrap_or(all)
}

/// Lays a glyph with colours of its own over the canvas.
fn lay(canvas: &mut [u8], width: usize, sheet: &Sheet) {
    for (y, row) in sheet.pixels.chunks_exact(sheet.width.max(1)).enumerate() {
        let start = ((sheet.at[1] + y) * width + sheet.at[0]) * 3;
        let Some(under) = canvas.get_mut(start..start + row.len() * 3) else { continue };
        for (pixel, [r, g, b, a]) in under.as_chunks_mut::<3>().0.iter_mut().zip(row) {
            let rest = 255 - u32::from(*a);
            let mix = |under: u8, over: u8| {
                (u32::from(over) + (u32::from(under) * rest + 127) / 255).min(255) as u8
            };
            *pixel = [mix(pixel[0], *r), mix(pixel[1], *g), mix(pixel[2], *b)];
        }
    }
}

/// Makes pictures that fill letters stand out from what lies behind.
struct Toning {
    /// Darker or lighter; as it is if none.
    dark: Option<bool>,
}

impl Toning {
    fn at(&self, texture: &[u8], pixel: usize) -> [u8; 3] {
        let part = |v: u8| (u16::from(v) * 2 / 5) as u8;
        let color = texture.as_chunks::<3>().0.get(pixel).copied().unwrap_or_default();
        match self.dark {
            None => color,
            Some(true) => color.map(part),
            Some(false) => color.map(|v| 255 - part(255 - v)),
        }
    }
}

/// Takes ink away where the paper is rough.
fn wear(drawn: &Drawn, mask: &mut Mask) {
    let strength = drawn.values.get(K::InkTexture) as f32;
    if strength <= 0.0 {
        return;
    }
    let mut rng = drawn.stream("ink_texture").rng();
    let [left, top] = [0; 2].map(|_: usize| rng.range_u64(512) as usize);
    for (at, sample) in mask.samples.iter_mut().enumerate().filter(|(_, sample)| **sample > 0) {
        let rough = roughness(left + at % mask.width, top + at / mask.width);
        let kept = 1.0 - strength * (0.4 + rough).clamp(0.0, 1.0);
        *sample = (f32::from(*sample) * kept + 0.5) as u8;
    }
}

/// The text as it shows from the back of the sheet: mirrored, soft and weak.
fn bleed_through(drawn: &Drawn, ink: &Mask, canvas: &mut [u8]) {
    let strength = drawn.values.get(K::BleedThrough);
    if strength <= 0.0 {
        return;
    }
    let mut mirrored = ink.clone();
    mirrored.samples.chunks_exact_mut(ink.width.max(1)).for_each(<[u8]>::reverse);
    let [r, g, b] = drawn.colors.first().copied().unwrap_or_default();
    shade(canvas, mirrored, 1.0, [r, g, b, (strength * 255.0) as u8]);
}

/// Lines below and through the text; they belong to no cluster.
fn decoration(drawn: &Drawn, scene: &Scene, raster: &mut Raster) -> Option<Mask> {
    let size = drawn.values.get(K::FontSize) as f32;
    let lines = [(K::Underline, 0.14), (K::Strike, -0.26)]
        .map(|(k, down)| (drawn.values.get(k) as f32, down * size));
    if lines.iter().all(|(width, _)| *width <= 0.0) {
        return None;
    }
    raster.reset(scene.width, scene.height);
    for (width, down) in lines.into_iter().filter(|(width, _)| *width > 0.0) {
        scene.shapes.bands(down, width).iter().for_each(|band| raster.add(band));
    }
    Some(raster.mask())
}

enum Color {
    Flat([u8; 3]),
    Gradient(Gradient),
}

struct Gradient {
    from: [u8; 3],
    to: [u8; 3],
    start: f32,
    length: f32,
    vertical: bool,
}

impl Gradient {
    fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let along = if self.vertical { y } else { x } as f32;
        let t = ((along - self.start) / self.length).clamp(0.0, 1.0);
        let mix = |c: usize| {
            let (from, to) = (f32::from(self.from[c]), f32::from(self.to[c]));
            (from + (to - from) * t + 0.5) as u8
        };
        [mix(0), mix(1), mix(2)]
    }
}

fn layers(drawn: &Drawn, scene: &Scene, raster: &mut Raster) -> Vec<(Mask, Color)> {
    let clusters = &scene.shapes.clusters;
    let colors = &drawn.colors;
    let first = colors.first().copied().unwrap_or_default();
    match drawn.color_mode {
        ColorMode::PerGlyph if colors.len() > 1 => {
            let inked: Vec<&ClusterShape> = clusters.iter().filter(|part| part.has_ink()).collect();
            let mut layers = Vec::new();
            for (number, color) in colors.iter().enumerate() {
                let own = inked.iter().skip(number).step_by(colors.len());
                let own: Vec<ClusterShape> = own.map(|part| (*part).clone()).collect();
                if !own.is_empty() {
                    layers.push((scene.fill(drawn, &own, raster), Color::Flat(*color)));
                }
            }
            layers
        }
        ColorMode::Gradient => {
            let [left, top, right, bottom] = scene.shapes.bounds();
            let vertical = bottom - top > right - left;
            let (start, end) = if vertical { (top, bottom) } else { (left, right) };
            let to = colors.get(1).copied().unwrap_or(first);
            let length = (end - start).max(1.0);
            let gradient = Gradient { from: first, to, start, length, vertical };
            vec![(scene.fill(drawn, clusters, raster), Color::Gradient(gradient))]
        }
        ColorMode::Uniform | ColorMode::PerGlyph | ColorMode::Texture => {
            vec![(scene.fill(drawn, clusters, raster), Color::Flat(first))]
        }
    }
}

fn blend(canvas: &mut [u8], mask: &Mask, color: impl Fn(usize, usize) -> [u8; 3]) {
    let rows = canvas.chunks_exact_mut(mask.width * 3).zip(mask.samples.chunks_exact(mask.width));
    for (y, (row, coverage)) in rows.enumerate() {
        for (x, (pixel, a)) in row.as_chunks_mut::<3>().0.iter_mut().zip(coverage).enumerate() {
            if *a > 0 {
                *pixel = over(*pixel, color(x, y), u32::from(*a));
            }
        }
    }
}

/// `color` with an opacity of `a` / 255 over `pixel`.
fn over(pixel: [u8; 3], color: [u8; 3], a: u32) -> [u8; 3] {
    let mix = |c: usize| {
        let v = u32::from(pixel[c]) * (255 - a) + u32::from(color[c]) * a + 128;
        ((v + (v >> 8)) >> 8) as u8
    };
    [mix(0), mix(1), mix(2)]
}

fn shadows(drawn: &Drawn, ink: &Mask, canvas: &mut [u8]) {
    let value = |k: K| drawn.values.get(k);
    let (x, y) = (value(K::BlockShadowX).round() as i64, value(K::BlockShadowY).round() as i64);
    let radius = value(K::BlockShadowRadius);
    if (x, y) != (0, 0) || radius > 0.0 {
        let mut mask = Mask::empty(ink.width, ink.height);
        let steps = x.abs().max(y.abs()).max(1);
        for step in 0..=steps {
            planes::lay_over(&mut mask, ink, x * step / steps, y * step / steps);
        }
        shade(canvas, mask, radius, drawn.block_shadow_color);
    }
    let (x, y) = (value(K::DropShadowX).round() as i64, value(K::DropShadowY).round() as i64);
    let radius = value(K::DropShadowRadius);
    if (x, y) != (0, 0) || radius > 0.0 {
        shade(canvas, planes::shifted(ink, x, y), radius, drawn.drop_shadow_color);
    }
}

fn shade(canvas: &mut [u8], mut mask: Mask, radius: f64, [r, g, b, alpha]: [u8; 4]) {
    planes::blur(&mut mask.samples, mask.width, radius as f32);
    for sample in &mut mask.samples {
        *sample = (u32::from(*sample) * u32::from(alpha) / 255) as u8;
    }
    blend(canvas, &mask, |_, _| [r, g, b]);
}

/// Steps from a colour to black or white.
const STEPS: u32 = 32;

/// Changes colours until they stand out from the background (WCAG 2.2, contrast ratio).
fn guard(drawn: &mut Drawn, behind: f64) {
    if drawn.min_contrast <= 1.0 {
        return;
    }
    let wanted = drawn.min_contrast;
    for color in &mut drawn.colors {
        let own = luminance(*color);
        if ratio(own, behind) >= wanted {
            continue;
        }
        let ends = if own <= behind { [0, 255] } else { [255, 0] };
        let tries = ends.into_iter().flat_map(|end| (1..=STEPS).map(move |step| (end, step)));
        let start = *color;
        let mut changed = tries.map(|(end, step)| {
            start.map(|c| ((u32::from(c) * (STEPS - step) + end * step + STEPS / 2) / STEPS) as u8)
        });
        let found = changed.find(|changed| ratio(luminance(*changed), behind) >= wanted);
        *color = found.unwrap_or(if behind > 0.18 { [0; 3] } else { [255; 3] });
    }
}

/// Mean luminance of the background where the text will be.
fn luminance_behind(scene: &Scene, canvas: &[u8]) -> f64 {
    let [left, top, right, bottom] = scene.shapes.bounds();
    let inside = |v: f32, most: usize| (v.max(0.0) as usize).min(most);
    let (x0, x1) = (inside(left, scene.width - 1), inside(right.ceil(), scene.width));
    let (y0, y1) = (inside(top, scene.height - 1), inside(bottom.ceil(), scene.height));
    let (mut sum, mut count) = (0.0, 0);
    for y in (y0..y1.max(y0 + 1)).step_by(((y1 - y0.min(y1)) / 12).max(1)) {
        for x in (x0..x1.max(x0 + 1)).step_by(((x1 - x0.min(x1)) / 48).max(1)) {
            let at = (y * scene.width + x) * 3;
            if let Some(pixel) = canvas.get(at..at + 3) {
                sum += luminance([pixel[0], pixel[1], pixel[2]]);
                count += 1;
            }
        }
    }
    sum / f64::from(count.max(1))
}

/// Relative luminance of sRGB, 0 to 1.
fn luminance([r, g, b]: [u8; 3]) -> f64 {
    static LINEAR: std::sync::OnceLock<[f64; 256]> = std::sync::OnceLock::new();
    let linear = LINEAR.get_or_init(|| {
        std::array::from_fn(|v| {
            let v = v as f64 / 255.0;
            if v <= 0.040_45 { v / 12.92 } else { libm::pow((v + 0.055) / 1.055, 2.4) }
        })
    });
    0.2126 * linear[r as usize] + 0.7152 * linear[g as usize] + 0.0722 * linear[b as usize]
}

fn ratio(a: f64, b: f64) -> f64 {
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}
