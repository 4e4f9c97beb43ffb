//! Whether the pixels of a pair belong together.
use pixloom_engine::{ItemCx, ItemError};
use pixloom_image::align::{Alignment, Verdict, View, WORK_EDGE, align, align_cost};
use pixloom_image::codec::DecodeOptions;
use pixloom_image::geometry::Turn;
use pixloom_image::resize::Window;
use pixloom_image::{Limits, Size};

use super::scale::Scale;
use super::source::about;
use crate::finding::{Finding, Kind};
use crate::picture::{ItemExec, PictureInput, item_error, load};
use crate::pipeline::Loaded;

/// What was measured of the contents.
pub type Content = Alignment;

/// Difference of a channel from the mean of all, on the 0 to 255 scale, that counts as a cast.
const CAST: f64 = 6.0;
/// Difference of the mean brightness, on the 0 to 255 scale, that counts.
const BRIGHTNESS: f64 = 10.0;
/// Contrast of LQ relative to HQ, or the inverse, that counts.
const CONTRAST: f64 = 1.2;
/// Decodes both, as small as will do, and compares them.
pub(super) fn check(
    (hq, lq): &(PictureInput, PictureInput),
    limits: (&Limits, bool),
    cx: &ItemCx<'_>,
) -> Result<(Content, Vec<Finding>), ItemError> {
    let lq_size = lq.peeked.header.upright_size();
    let wanted = wanted(lq_size);
    let exec = ItemExec(cx);
    let read = |input: &PictureInput, side: &'static str| {
        cx.check()?;
        cx.add_input_bytes(input.file.bytes);
        let note =
            |code: &'static str, message: String| cx.note(code, format!("{side}: {message}"));
        load(&input.file, Some(wanted), limits, &exec, &note).map_err(|error| about(error, side))
    };
    let (large, _) = read(hq, "HQ")?;
    let (small, _) = read(lq, "LQ")?;
    cx.check()?;
    let hq_view = View { image: &large.image, window: covered(&large, lq_size) };
    let lq_view = View { image: &small.image, window: window(&small) };
    let alignment = align(hq_view, lq_view, lq_size, &exec)
        .map_err(|error| cx.check().err().unwrap_or_else(|| item_error(error, "compare")))?;
    Ok((alignment, findings(&alignment)))
}

/// The size that the comparison works in, for decodes at reduced scale; both ways round, since
/// HQ may have been turned.
fn wanted(lq: Size) -> Size {
    let edge = lq.long_edge().min(WORK_EDGE);
    Size::new(edge, edge)
}

fn window(loaded: &Loaded) -> Window {
    let (w, size) = (loaded.window, loaded.image.size());
    let width = w.width.min(f64::from(size.width) - w.x);
    let height = w.height.min(f64::from(size.height) - w.y);
    Window { x: w.x, y: w.y, width, height }
}

/// The part of HQ that LQ shows: where sizes were rounded down, HQ was cropped at the right and
/// at the bottom before.
fn covered(hq: &Loaded, lq: Size) -> Window {
    let whole = window(hq);
    let scale = Scale::of(hq.nominal, lq);
    let Some(factor) = scale.factor.filter(|factor| factor.fract() == 0.0) else { return whole };
    let share = |hq: u32, lq: u32| (f64::from(lq) * factor / f64::from(hq)).min(1.0);
    Window {
        width: whole.width * share(hq.nominal.width, lq.width),
        height: whole.height * share(hq.nominal.height, lq.height),
        ..whole
    }
}

/// Upper bound of the memory for a comparison.
pub(super) fn cost((hq, lq): &(PictureInput, PictureInput)) -> u64 {
    let lq_size = lq.peeked.header.upright_size();
    let options = DecodeOptions {
        at_least: Some(wanted(lq_size)),
        tolerant: true,
        ..DecodeOptions::default()
    };
    let decoded = |input: &PictureInput| {
        let (codec, header) = (input.peeked.codec, &input.peeked.header);
        (codec.decoded_size(header, &options), header.format)
    };
    let load = |input: &PictureInput| {
        let (codec, header) = (input.peeked.codec, &input.peeked.header);
        let (size, format) = decoded(input);
        let picture = size.pixels() * format.bytes_per_pixel() as u64;
        let turned = if header.orientation.is_upright() { 1 } else { 2 };
        let load = codec.decode_memory(header, &options) + input.file.bytes;
        (load.max(turned * picture), picture)
    };
    let ((load_hq, held_hq), (load_lq, held_lq)) = (load(hq), load(lq));
    let compare = held_hq + held_lq + align_cost(decoded(hq), decoded(lq), lq_size);
    load_hq.max(held_hq + load_lq).max(compare)
}

fn findings(alignment: &Alignment) -> Vec<Finding> {
    let mut findings: Vec<Finding> = geometry(alignment).into_iter().collect();
    let Some(color) = alignment.color else { return findings };
    let [red, green, blue] = color.offset;
    if color.is_swapped() {
        let names = color.order.map(|channel| ["red", "green", "blue"][usize::from(channel)]);
        let message = format!("red, green, blue of HQ are in {} of LQ", names.join(", "));
        let finding = Finding::new(Kind::ColorShift, message)
            .with_hint("its writer took BGR for RGB or the like; write it anew");
        findings.push(finding);
    } else if color.cast() >= CAST {
        let message =
            format!("LQ differs by {red:+.0}, {green:+.0}, {blue:+.0} of 255 in red, green, blue");
        let finding = Finding::new(Kind::ColorShift, message)
            .with_hint("convert both to the same colour profile");
        findings.push(finding);
    } else if color.brightness().abs() >= BRIGHTNESS {
        let message = format!("LQ is brighter than HQ by {:+.0} of 255", color.brightness());
        findings.push(Finding::new(Kind::Brightness, message));
    }
    if color.gain >= CONTRAST || color.gain <= 1.0 / CONTRAST {
        let message = format!("LQ has {:.2} times the contrast of HQ", color.gain);
        findings.push(Finding::new(Kind::Contrast, message));
    }
    findings
}

fn geometry(alignment: &Alignment) -> Option<Finding> {
    let [right, down] = alignment.shift;
    let correlation = alignment.correlation;
    Some(match alignment.verdict {
        Verdict::Aligned if right.abs().max(down.abs()) >= 0.25 => {
            let message = format!("LQ lies {right:+.2} px right of and {down:+.2} px below HQ");
            Finding::new(Kind::SubpixelShift, message)
        }
        Verdict::Aligned => return None,
        Verdict::Shifted => {
            let message = format!("LQ lies {right:+.2} px right of and {down:+.2} px below HQ");
            Finding::new(Kind::Shifted, message).with_hint("make the LQ anew from the HQ")
        }
        Verdict::Turned => turned(alignment.turn),
        Verdict::Stretched => {
            let [x, y] = alignment.stretch;
            let message = format!(
                "the edges of LQ lie {x:+.1} px and {y:+.1} px off, its middle {right:+.1} px and {down:+.1} px"
            );
            Finding::new(Kind::Stretched, message).with_hint("one was cropped or resized otherwise")
        }
        Verdict::Cropped => cropped(alignment)?,
        Verdict::Unrelated => {
            let message = format!("LQ does not show what HQ shows (correlation {correlation:.2})");
            Finding::new(Kind::WrongPartner, message)
        }
        Verdict::Unsure => {
            let message = "there is too little in the pictures to tell whether they match";
            Finding::new(Kind::LowConfidence, message)
        }
    })
}

fn turned(way: Turn) -> Finding {
    let (kind, how) = match way {
        Turn::FlipHorizontal => (Kind::Mirrored, "mirrored left to right"),
        Turn::FlipVertical => (Kind::Mirrored, "mirrored top to bottom"),
        Turn::Transpose => (Kind::Mirrored, "mirrored about the diagonal from the top left"),
        Turn::Transverse => (Kind::Mirrored, "mirrored about the diagonal from the top right"),
        Turn::Rotate90 => (Kind::Rotated, "turned by 90° clockwise"),
        Turn::Rotate270 => (Kind::Rotated, "turned by 90° counterclockwise"),
        Turn::Rotate180 | Turn::Identity => (Kind::Rotated, "turned by 180°"),
    };
    Finding::new(kind, format!("LQ is HQ {how}")).with_hint("turn one of them, or drop the pair")
}

fn cropped(alignment: &Alignment) -> Option<Finding> {
    let crop = alignment.crop?;
    let percent = |share: f64| (100.0 * share).round();
    let (part, whole) = if crop.of_hq { ("LQ", "HQ") } else { ("HQ", "LQ") };
    let message = format!(
        "{part} shows only a part of {whole}: {} % by {} %, from {} % and {} %",
        percent(crop.width),
        percent(crop.height),
        percent(crop.x),
        percent(crop.y)
    );
    Some(Finding::new(Kind::DifferentCrop, message))
}
