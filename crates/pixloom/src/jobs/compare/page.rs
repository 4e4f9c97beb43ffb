//! One page with all figures and sliders, without anything from elsewhere.
use std::fmt::Write as _;
use std::path::Path;

use pixloom_engine::files::write_atomic;
use pixloom_image::codec::{self, EncodeOptions};
use pixloom_image::resize::{self, ResizeOptions};
use pixloom_image::{Channels, Depth, Image, PixelFormat, Serial, Size, convert};

use super::stage::CompareStage;
use super::tally::{Tally, shown};
use crate::job::JobError;
use crate::jobs::analyze::html::escaped;
use crate::jobs::analyze::html::thumbnails::base64;
use crate::run::InputSettings;
use crate::source::{Inputs, LeftAlone};

/// Pairs that are shown with their pictures.
const PICTURES: usize = 24;
/// Longest side of a picture on the page.
const LONGEST: u32 = 1200;

const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>pixloom compare</title>\
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:1240px;\
margin:auto;padding:1rem}table{border-collapse:collapse}td,th{padding:.2rem .8rem;text-align:right;\
border-bottom:1px solid #8884}td:first-child,th:first-child{text-align:left}\
.s{position:relative;display:inline-block;max-width:100%}.s img{display:block;max-width:100%}\
.s .b{position:absolute;inset:0;clip-path:inset(0 0 0 var(--p,50%))}\
input{width:100%;margin:.3rem 0 2rem}</style><h1>pixloom compare</h1>";

const SCRIPT: &str = "<script>document.querySelectorAll('input').forEach(i=>i.oninput=()=>\
i.previousElementSibling.style.setProperty('--p',i.value+'%'))</script>";

/// Writes the page.
///
/// # Errors
/// `Refused` if it cannot be written.
pub(super) fn write(
    path: &Path,
    tally: &Tally,
    stage: &CompareStage,
    reference: &Path,
) -> Result<(), JobError> {
    let mut page = HEAD.to_owned();
    table(&mut page, tally);
    page.push_str(
        "<p>Left of the slider: the reference. Right of it: the picture that was judged.</p>",
    );
    let settings = InputSettings { max_pixels: 100_000, ..InputSettings::default() };
    let inputs = Inputs::open(reference, &settings, &[])?;
    let mut left_alone = LeftAlone::new();
    let listed = inputs
        .list(&mut left_alone)
        .map_err(|error| JobError::refused(format!("cannot list the input: {error}"), vec![]))?;
    let known = |key: &str| tally.pairs.iter().any(|(path, _)| path == key);
    let files = listed.filter(|listed| known(listed.key.as_str())).take(PICTURES);
    for file in files.filter_map(|listed| listed.file.ok()) {
        if let Some((a, b)) = stage.again(&file) {
            slider(&mut page, &file.relative.to_string_lossy(), &a, &b);
        }
    }
    page.push_str(SCRIPT);
    write_atomic(path, page.as_bytes()).map_err(|error| {
        JobError::refused(format!("cannot write {}: {error}", path.display()), vec![])
    })
}

fn table(page: &mut String, tally: &Tally) {
    page.push_str("<table><tr><th>Picture");
    for (_, _, label) in tally.figures() {
        page.extend(["<th>", label]);
    }
    for (path, record) in &tally.pairs {
        let same = if record.scores.identical { " (identical)" } else { "" };
        page.extend(["<tr><td>", &escaped(path), same]);
        for (_, get, label) in tally.figures() {
            page.extend(["<td>", &shown(label, get(&record.scores))]);
        }
    }
    page.push_str("<tr><th>Mean");
    for (_, get, label) in tally.figures() {
        page.extend(["<th>", &shown(label, tally.mean(get))]);
    }
    page.push_str("</table>");
}

fn slider(page: &mut String, name: &str, a: &Image, b: &Image) {
    let (Some(a), Some(b)) = (png(a), png(b)) else { return };
    let name = escaped(name);
    // Writing to a string cannot fail.
    let _written = write!(
        page,
        "<h2>{name}</h2><div class=s><img alt=\"reference of {name}\" \
         src=\"data:image/png;base64,{a}\"><img class=b alt=\"{name}\" \
         src=\"data:image/png;base64,{b}\"></div>\
         <input type=range min=0 max=100 value=50 aria-label=\"slider over {name}\">"
    );
}

/// A picture for the page: 8 bit, at most [`LONGEST`] wide or high, as base64.
fn png(image: &Image) -> Option<String> {
    let size = image.size();
    let factor = f64::from(LONGEST) / f64::from(size.width.max(size.height));
    let small = if factor < 1.0 {
        let side = |side: u32| ((f64::from(side) * factor) as u32).max(1);
        let target = Size::new(side(size.width), side(size.height));
        resize::resize(image, target, &ResizeOptions::default(), &Serial).ok()?
    } else {
        image.clone()
    };
    let alpha = small.channels().has_alpha();
    let format = PixelFormat::new(Channels::Rgb.with_alpha(alpha), Depth::U8);
    let mut bytes = Vec::new();
    let codec = codec::by_name("png")?;
    codec
        .encode(&convert::convert(small, format), &EncodeOptions::default(), &Serial, &mut bytes)
        .ok()?;
    Some(base64(&bytes))
}
