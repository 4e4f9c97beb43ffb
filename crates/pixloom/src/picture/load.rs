//! From file to upright picture.
use pixloom_engine::{ErrorKind, Fingerprint, ItemError};
use pixloom_image::codec::{DecodeOptions, Decoded};
use pixloom_image::{Exec, Image, ImageError, ImageErrorKind, Limits, Orientation, Size, geometry};

use crate::op::Window;
use crate::pipeline::Loaded;
use crate::source::{InputFile, Peeked};

/// What is noted where only the first frame of several is used.
pub(super) const FIRST_FRAME: &str = "first-frame";

/// Reads, decodes and turns a picture upright.
///
/// `at_least` is in upright coordinates; see [`DecodeOptions::at_least`].
pub fn load(
    file: &InputFile,
    at_least: Option<Size>,
    (limits, tolerant): (&Limits, bool),
    exec: &dyn Exec,
    note: &dyn Fn(&'static str, String),
) -> Result<(Loaded, Peeked), ItemError> {
    let options = DecodeOptions { at_least, tolerant, ..DecodeOptions::default() };
    decode(read(file)?, options, limits, exec, note)
}

/// Reads a whole file.
pub(super) fn read(file: &InputFile) -> Result<Vec<u8>, ItemError> {
    std::fs::read(&file.path).map_err(|error| {
        ItemError::new(ErrorKind::Io, "the file cannot be read")
            .with_step("read")
            .with_source(error)
    })
}

/// Reads a file once more; its content must be what it was.
pub(super) fn read_again(file: &InputFile, before: Fingerprint) -> Result<Vec<u8>, ItemError> {
    let bytes = read(file)?;
    if Fingerprint::of(&bytes) == before {
        return Ok(bytes);
    }
    let error = ItemError::new(ErrorKind::Io, "the file changed while it was worked on");
    Err(error.with_code("changed").with_step("read"))
}

/// As [`load`], of a file that was read already; `options.at_least` is in upright coordinates.
pub fn decode(
    bytes: Vec<u8>,
    mut options: DecodeOptions,
    limits: &Limits,
    exec: &dyn Exec,
    note: &dyn Fn(&'static str, String),
) -> Result<(Loaded, Peeked), ItemError> {
    let codec =
        pixloom_image::codec::detect_or_error(&bytes).map_err(|e| item_error(e, "decode"))?;
    let header = codec.header(&bytes, limits).map_err(|e| item_error(e, "decode"))?;
    if header.orientation.swaps_sides() {
        options.at_least = options.at_least.map(Size::transposed);
    }
    let decoded = codec
        .decode(&bytes, &options, limits, exec)
        .map_err(|error| item_error(error, "decode"))?;
    drop(bytes);
    note_decode(&decoded, header.frames, note);
    let peeked = Peeked { codec, header };
    Ok((upright(decoded, &peeked), peeked))
}

fn note_decode(decoded: &Decoded, frames: u32, note: &dyn Fn(&'static str, String)) {
    if let Some(concealed) = &decoded.concealed {
        note("concealed", concealed.clone());
    }
    for text in &decoded.notes {
        note("decode", text.clone());
    }
    if frames > 1 {
        note(FIRST_FRAME, format!("only the first of {frames} frames is used"));
    }
}

fn upright(decoded: Decoded, peeked: &Peeked) -> Loaded {
    let (orientation, concealed) =
        (decoded.image.metadata.orientation, decoded.concealed.is_some());
    let stored = peeked.header.size;
    let shrink = f64::from(decoded.shrink.max(1));
    let (width, height) = (f64::from(stored.width) / shrink, f64::from(stored.height) / shrink);
    let window = Window { x: 0.0, y: 0.0, width, height };
    let window = upright_window(window, decoded.image.size(), orientation);
    let nominal = if orientation.swaps_sides() { stored.transposed() } else { stored };
    let image: Image = geometry::apply_orientation(decoded.image);
    Loaded { image, nominal, window, concealed }
}

/// Where the filled part of a scaled decode lies after the picture was turned: the padding of
/// the last columns and rows can come to lie at the left or at the top.
fn upright_window(window: Window, stored: Size, orientation: Orientation) -> Window {
    let right = f64::from(stored.width) - window.width;
    let below = f64::from(stored.height) - window.height;
    let (x, y) = match orientation.exif() {
        2 => (right, 0.0),
        3 => (right, below),
        4 => (0.0, below),
        6 => (below, 0.0),
        7 => (below, right),
        8 => (0.0, right),
        _ => (0.0, 0.0),
    };
    let (width, height) = if orientation.swaps_sides() {
        (window.height, window.width)
    } else {
        (window.width, window.height)
    };
    Window { x, y, width, height }
}

/// An image error as a failed item.
pub fn item_error(error: ImageError, step: &'static str) -> ItemError {
    let kind = match error.kind() {
        ImageErrorKind::Truncated | ImageErrorKind::Corrupt | ImageErrorKind::UnknownFormat => {
            ErrorKind::BadInput
        }
        ImageErrorKind::Limit => ErrorKind::Limit,
        ImageErrorKind::Unsupported | ImageErrorKind::RareCoding => ErrorKind::Unsupported,
        ImageErrorKind::Encode | ImageErrorKind::Settings => ErrorKind::BadSettings,
        _ => ErrorKind::Io,
    };
    let mut item =
        ItemError::new(kind, error.to_string()).with_code(error.kind().as_str()).with_step(step);
    if let Some(hint) = error.hint() {
        item = item.with_hint(hint);
    } else if error.kind() == ImageErrorKind::Truncated && step == "decode" {
        item = item.with_hint("--tolerant keeps what can be decoded");
    }
    item.with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_is_not_taken_for_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        pixloom_testkit::write_file(&path, b"as it was");
        let file = InputFile { relative: "a.png".into(), path, bytes: 9, modified_ns: 0 };
        let before = Fingerprint::of(b"as it was");
        assert_eq!(read_again(&file, before).unwrap(), b"as it was");
        pixloom_testkit::write_file(&file.path, b"otherwise");
        assert_eq!(read_again(&file, before).unwrap_err().code, "changed");
    }

    #[test]
    fn the_window_follows_the_orientation() {
        // Stored 10 × 6, of which 9.5 × 5.25 are filled from the top left.
        let window = Window { x: 0.0, y: 0.0, width: 9.5, height: 5.25 };
        let turned = |exif| {
            let w = upright_window(window, Size::new(10, 6), Orientation::from_exif(exif));
            (w.x, w.y, w.width, w.height)
        };
        assert_eq!(turned(1), (0.0, 0.0, 9.5, 5.25));
        assert_eq!(turned(3), (0.5, 0.75, 9.5, 5.25));
        // 6: rotated by 90° clockwise, the bottom comes to the left.
        assert_eq!(turned(6), (0.75, 0.0, 5.25, 9.5));
        assert_eq!(turned(8), (0.0, 0.5, 5.25, 9.5));
        assert_eq!(turned(5), (0.0, 0.0, 5.25, 9.5));
    }
}
