//! What the targets of the decoders share.
use pixloom_image::codec::{DecodeOptions, by_name};
use pixloom_image::{Limits, Serial, Size};

/// Small enough that libFuzzer's memory limit finds what ignores them.
const LIMITS: Limits = Limits {
    max_pixels: 4_000_000,
    max_decoded_bytes: 64 << 20,
    max_frames: 64,
    max_metadata_bytes: 1 << 20,
};

/// Header, strict, tolerant and reduced decode in the format called `name`.
///
/// # Panics
/// If there is no such format, or if the tolerant decode refuses what the strict one reads.
pub fn decode(name: &str, bytes: &[u8]) {
    let codec = by_name(name).expect("a format that is built in");
    let header = codec.header(bytes, &LIMITS);
    let decode = |options: DecodeOptions| codec.decode(bytes, &options, &LIMITS, &Serial);
    let plain = DecodeOptions::default();
    let strict = decode(plain);
    let tolerant = decode(DecodeOptions { tolerant: true, ..plain });
    let _ = decode(DecodeOptions { at_least: Some(Size::new(4, 4)), ..plain });
    assert!(strict.is_err() || tolerant.is_ok(), "tolerant refuses what strict reads");
    if let (Ok(header), Ok(strict)) = (header, strict) {
        assert_eq!((header.size, header.format), (strict.image.size(), strict.image.format()));
    }
}
