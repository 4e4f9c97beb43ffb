//! Whether every pixel can be decoded.
use pixloom_image::codec::{Codec, DecodeOptions, Decoded};
use pixloom_image::{ImageError, ImageErrorKind};

use super::Subject;
use crate::finding::{Finding, Kind, Place};

pub(super) fn check(subject: &mut Subject<'_>, found: &mut Vec<Finding>) {
    let (Some(codec), Some(frames)) = (subject.codec, subject.header().map(|h| h.frames)) else {
        return;
    };
    match decode(subject, codec, false, 0) {
        Ok(decoded) => {
            found.extend(notes(subject, &decoded));
            subject.decoded = Some(decoded);
        }
        Err(error) => return refused(subject, codec, &error, found),
    }
    found.extend(later_frames(subject, codec, frames));
}

fn decode(
    subject: &Subject<'_>,
    codec: &dyn Codec,
    tolerant: bool,
    frame: u32,
) -> Result<Decoded, ImageError> {
    let options = DecodeOptions { tolerant, frame, ..DecodeOptions::default() };
    codec.decode(subject.bytes, &options, subject.limits, subject.exec)
}

/// Damage inside the scans of a JPEG, which programs conceal, is a lesser finding than a file
/// that cannot be read. Where the end mark is missing too the file was cut off, and nobody can
/// know how much is lost.
fn refused(
    subject: &mut Subject<'_>,
    codec: &dyn Codec,
    error: &ImageError,
    found: &mut Vec<Finding>,
) {
    let in_data = matches!(error.kind(), ImageErrorKind::Corrupt | ImageErrorKind::Truncated);
    if codec.info().name != "jpeg" || !in_data {
        return found.push(Finding::of_error(error));
    }
    let finding = Finding::of_error(error);
    if found.iter().any(|finding| finding.kind == Kind::MissingEnd) {
        return found.push(Finding { kind: Kind::Truncated, ..finding });
    }
    match decode(subject, codec, true, 0) {
        Ok(decoded) if !is_structural(error, &decoded) => {
            let concealed = decoded.concealed.as_deref().unwrap_or("nothing is missing");
            let hint = "fetch the file again, or keep what is there with --tolerant";
            let message = format!("{error}; {concealed}");
            found.push(Finding::new(Kind::Damaged, message).with_hint(hint));
            subject.decoded = Some(decoded);
        }
        _ => found.push(Finding { kind: Kind::Corrupt, ..finding }),
    }
}

/// Whether it was a segment that broke the rules and not the data of a scan: the decoder then
/// gave up there and repeats why.
fn is_structural(error: &ImageError, decoded: &Decoded) -> bool {
    decoded.concealed.as_ref().is_some_and(|concealed| concealed.contains(&error.to_string()))
}

/// The frames behind the first, which few programs read. Pages of a TIFF file are pictures of
/// their own; the last frame of an animation stands on all before it.
fn later_frames(subject: &Subject<'_>, codec: &dyn Codec, frames: u32) -> Vec<Finding> {
    let (pages, first) = match codec.info().name {
        "tiff" => (true, 1),
        "gif" | "webp" => (false, frames.saturating_sub(1).max(1)),
        _ => return Vec::new(),
    };
    let problem = |frame| {
        let error = decode(subject, codec, false, frame).err()?;
        let finding = Finding::of_error(&error).at(Place::Frame(frame));
        Some(match finding.kind {
            // An animation is a stream: that it was cut off shows before the frames are decoded.
            Kind::Truncated if pages => finding,
            Kind::Corrupt | Kind::Truncated => {
                let message = format!("behind the first frame: {}", finding.message);
                Finding { place: finding.place, ..Finding::new(Kind::Damaged, message) }
            }
            _ => finding,
        })
    };
    (first..frames).take_while(|_| !subject.exec.is_stopped()).filter_map(problem).collect()
}

/// What the decoder left out, for formats that are not walked through.
fn notes(subject: &Subject<'_>, decoded: &Decoded) -> Vec<Finding> {
    if subject.layout.is_some() {
        return Vec::new();
    }
    let note = |text: &String| Finding::new(Kind::DecoderNote, text.clone());
    decoded.notes.iter().map(note).collect()
}
