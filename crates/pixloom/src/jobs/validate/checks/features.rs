//! What is uncommon about a picture without being wrong.
use super::Subject;
use crate::finding::{Finding, Kind};

pub(super) fn check(subject: &mut Subject<'_>, found: &mut Vec<Finding>) {
    let Some(header) = subject.header() else { return };
    let mut say = |kind: Kind, message: String| found.push(Finding::new(kind, message));
    if header.frames > 1 {
        say(Kind::SeveralFrames, format!("{} frames or pages", header.frames));
    }
    if header.color_model.starts_with("CMYK") || header.color_model.starts_with("YCCK") {
        say(Kind::Cmyk, format!("the colours are {}", header.color_model));
    }
    if header.bit_depth > 8 {
        say(Kind::HighBitDepth, format!("{} bits a sample", header.bit_depth));
    }
    if header.format.channels.has_alpha() {
        say(Kind::Alpha, "there is an alpha channel".to_owned());
    }
}
