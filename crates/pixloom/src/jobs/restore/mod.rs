//! Restoration: which parameters repair a damaged picture, and how it looks.
mod apply;
mod both;
mod features;
mod keep;
mod model;
mod number;
mod page;
mod pair;
mod search;
mod table;
mod tally;
mod train;
mod wide;

pub use apply::RestoreApply;
pub use features::RestoreFeatures;
pub use search::RestoreSearch;
pub use train::TrainRestore;

use std::path::{Path, PathBuf};

use pixloom_engine::{ItemCx, ItemError};
use pixloom_image::codec::DecodeOptions;
use pixloom_image::{Depth, Image, ImageError, Limits, PixelFormat, Samples, convert};
use pixloom_restore::{Planes, PlanesError};

use crate::picture::{ItemExec, PictureInput, item_error, load};

/// The 8-bit planes of a picture; alpha and profile are left aside, as OpenCV does.
fn planes(image: Image) -> Result<Planes, ImageError> {
    let format = PixelFormat::new(image.channels(), Depth::U8);
    let image = convert::convert(image, format);
    let size = (image.width() as usize, image.height() as usize);
    let channels = image.channels().count();
    let samples = match image.into_samples() {
        Samples::U8(samples) => samples,
        _ => Vec::new(), // cannot be: it was just converted
    };
    Planes::from_interleaved(size, channels, &samples).map_err(settings)
}

fn settings(error: PlanesError) -> ImageError {
    ImageError::settings(error.to_string()).with_source(error)
}

/// Whether two paths name one file, be it there or not.
fn same_place(a: &Path, b: &Path) -> bool {
    let whole = |path: &Path| -> Option<PathBuf> {
        if let Ok(found) = path.canonicalize() {
            return Some(found);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        Some(folder.unwrap_or(Path::new(".")).canonicalize().ok()?.join(path.file_name()?))
    };
    a == b || whole(a).is_some_and(|a| whole(b) == Some(a))
}

/// Decodes a picture to planes; notes go to `note`.
fn read(
    input: &PictureInput,
    limits: (&Limits, bool),
    cx: &ItemCx<'_>,
    note: &dyn Fn(&'static str, String),
) -> Result<Planes, ItemError> {
    cx.add_input_bytes(input.file.bytes);
    let exec = ItemExec(cx);
    let (loaded, _) = load(&input.file, None, limits, &exec, note)
        .map_err(|error| cx.check().err().unwrap_or(error))?;
    planes(loaded.image).map_err(|error| item_error(error, "decode"))
}

/// Upper bound of the bytes that [`read`] takes.
fn read_cost(input: &PictureInput, tolerant: bool) -> u64 {
    let options = DecodeOptions { tolerant, ..DecodeOptions::default() };
    let header = &input.peeked.header;
    let decode = input.peeked.codec.decode_memory(header, &options);
    decode.saturating_add(input.file.bytes).saturating_add(header.decoded_bytes() * 2)
}

/// Pixels of a picture.
fn pixels(input: &PictureInput) -> u64 {
    input.peeked.header.size.pixels()
}
