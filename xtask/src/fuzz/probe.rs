//! One input through all that a codec does with files, watched for what must never happen.
use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;
use std::time::Duration;

use pixloom_image::codec::{Codec, DecodeOptions, Decoded, Header};
use pixloom_image::{ImageError, Limits, Serial, Size};

use crate::ffi::{self, allocations};

/// Most pixels that an input may decode to.
const LIMITS: Limits = Limits {
    max_pixels: 4_000_000,
    max_decoded_bytes: 64 << 20,
    max_frames: 64,
    max_metadata_bytes: 1 << 20,
};

/// Longest processor time for one call.
const PATIENCE: Duration = Duration::from_secs(2);

static PANIC: Mutex<String> = Mutex::new(String::new());

/// Keeps panics off the terminal and notes where they happened.
pub(super) fn catch_panics() {
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |place| {
            let file = place.file().rsplit_once("/src/").map_or_else(
                || place.file().to_owned(),
                |(before, after)| {
                    format!("{}/src/{after}", before.rsplit('/').next().unwrap_or(before))
                },
            );
            format!("{file}:{}", place.line())
        });
        if let Ok(mut text) = PANIC.lock() {
            *text = format!("panic at {place}: {}", info.payload_as_str().unwrap_or("?"));
        }
    }));
}

/// The place and message of the latest panic.
pub(super) fn last_panic() -> String {
    PANIC.lock().map(|text| text.clone()).unwrap_or_default()
}

/// What one input did.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Whether the strict decode yielded a picture.
    pub(super) decoded: bool,
    /// What must not happen, in words that are the same for the same cause.
    pub(super) problems: Vec<String>,
}

/// Header, strict, tolerant and reduced decode of `frame`.
pub(super) fn examine(codec: &dyn Codec, bytes: &[u8], frame: u32) -> Outcome {
    let mut probe = Probe { codec, bytes, problems: Vec::new() };
    let header = probe.call("header", 1 << 20, || codec.header(bytes, &LIMITS));
    let header = header.and_then(Result::ok);
    let plain = DecodeOptions { frame, ..DecodeOptions::default() };
    let strict = probe.decode("strict decode", header.as_ref(), plain);
    let tolerant = DecodeOptions { tolerant: true, ..plain };
    let tolerant = probe.decode("tolerant decode", header.as_ref(), tolerant);
    let small = DecodeOptions { at_least: Some(Size::new(4, 4)), ..plain };
    let small = probe.decode("reduced decode", header.as_ref(), small);
    let mut problems = probe.problems;
    if matches!((&strict, &tolerant), (Some(Ok(_)), Some(Err(_)))) {
        problems.push("tolerant decode refuses what strict decode reads".into());
    }
    if let (Some(Ok(strict)), Some(header), 0) = (&strict, &header, frame) {
        problems.extend(contradiction(strict, header));
    }
    if let (Some(Ok(small)), Some(header), 0) = (&small, &header, frame) {
        let options = DecodeOptions { at_least: Some(Size::new(4, 4)), ..plain };
        if codec.decoded_size(header, &options) != small.image.size() {
            problems.push("reduced decode has another size than announced".into());
        }
    }
    Outcome { decoded: matches!(strict, Some(Ok(_))), problems }
}

/// The header must foretell what the decode yields.
fn contradiction(decoded: &Decoded, header: &Header) -> Option<String> {
    let image = &decoded.image;
    if image.size() != header.size {
        return Some("header and decode disagree on the size".into());
    }
    (image.format() != header.format).then(|| "header and decode disagree on the format".into())
}

/// Runs `work`, which may take 40 times `base` bytes; `None` if it panics.
pub(super) fn watched<T>(
    problems: &mut Vec<String>,
    what: &str,
    base: u64,
    work: impl FnOnce() -> T,
) -> Option<T> {
    let (held, begun) = (allocations::start(), ffi::thread_time());
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    let (took, bytes) =
        (ffi::thread_time().saturating_sub(begun), allocations::peak().saturating_sub(held) as u64);
    if result.is_err() {
        problems.push(last_panic());
    }
    if took > PATIENCE {
        problems.push(format!("{what} takes long"));
    }
    if bytes > (64 << 20) + 40 * base {
        problems.push(format!("{what} takes very much memory"));
    }
    result.ok()
}

struct Probe<'a> {
    codec: &'a dyn Codec,
    bytes: &'a [u8],
    problems: Vec<String>,
}

impl Probe<'_> {
    fn call<T>(&mut self, what: &str, base: u64, work: impl FnOnce() -> T) -> Option<T> {
        watched(&mut self.problems, what, base, work)
    }

    fn decode(
        &mut self,
        what: &str,
        header: Option<&Header>,
        options: DecodeOptions,
    ) -> Option<Result<Decoded, ImageError>> {
        let (codec, bytes) = (self.codec, self.bytes);
        let base = header.map_or(0, Header::decoded_bytes).min(LIMITS.max_decoded_bytes);
        let held = allocations::start();
        let result = self.call(what, base, || codec.decode(bytes, &options, &LIMITS, &Serial));
        let peak = allocations::peak().saturating_sub(held) as u64;
        // Metadata come on top: they are bounded by the file, and unpacked by the limit.
        let around = 4 * (bytes.len() as u64 + LIMITS.max_metadata_bytes);
        let stated = header.and_then(|header| {
            self.call("memory estimate", 0, || codec.decode_memory(header, &options))
        });
        if let Some(stated) = stated.filter(|stated| peak > stated.saturating_add(around)) {
            let share = if peak > 4 * stated { "many times" } else { "more than" };
            self.problems.push(format!("{what} takes {share} the memory it states"));
        }
        result
    }
}
