//! Whether every pixel can be decoded.
use pixloom_image::codec::{Codec, DecodeOptions, Decoded};
use pixloom_image::{ImageError, ImageErrorKind};

use super::Subject;
use crate::jobs::validate::findings::{Finding, Kind, Place};

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
    if codec.info().name == "tiff" {
        found.extend(pages(subject, codec, frames));
    }
}

fn decode(
    subject: &Subject<'_>,
    codec: &dyn Codec,
    tolerant: bool,
    frame: u32,
) -> Result<Decoded, ImageError> {
    let options = DecodeOptions { at_least: None, tolerant, frame };
    codec.decode(subject.bytes, &options, subject.limits, subject.exec)
}

/// Damage that JPEG decoders conceal is a lesser finding than a file that cannot be read; a
/// file that ends early is not, since nobody can know how much is lost.
fn refused(
    subject: &mut Subject<'_>,
    codec: &dyn Codec,
    error: &ImageError,
    found: &mut Vec<Finding>,
) {
    if codec.info().name == "jpeg"
        && error.kind() == ImageErrorKind::Corrupt
        && let Ok(decoded) = decode(subject, codec, true, 0)
    {
        let message = match &decoded.concealed {
            Some(concealed) => format!("{error}; {concealed}"),
            None => error.to_string(),
        };
        let hint = "fetch the file again, or keep what is there with --tolerant";
        found.push(Finding::new(Kind::Damaged, message).with_hint(hint));
        subject.decoded = Some(decoded);
        return;
    }
    found.push(Finding::of_error(error));
}

/// The pages behind the first: each is a picture of its own.
fn pages(subject: &Subject<'_>, codec: &dyn Codec, frames: u32) -> Vec<Finding> {
    let problem = |frame| {
        let error = decode(subject, codec, false, frame).err()?;
        Some(Finding::of_error(&error).at(Place::Frame(frame)))
    };
    (1..frames).take_while(|_| !subject.exec.is_stopped()).filter_map(problem).collect()
}

/// What the decoder left out, for formats that are not walked through.
fn notes(subject: &Subject<'_>, decoded: &Decoded) -> Vec<Finding> {
    if subject.layout.is_some() {
        return Vec::new();
    }
    let note = |text: &String| Finding::new(Kind::DecoderNote, text.clone());
    decoded.notes.iter().map(note).collect()
}
