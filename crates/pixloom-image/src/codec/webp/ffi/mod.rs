//! The calls into libwebp, behind functions that are safe to use.
#![expect(unsafe_code, reason = "binding to the C library libwebp")]
use std::ffi::c_int;
use std::ptr;

use libwebp_sys as sys;

/// Why libwebp did not decode everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::codec) enum Failure {
    /// More data is needed.
    Truncated,
    /// The data breaks the rules.
    Corrupt,
    /// Memory could not be had.
    Memory,
}

/// Decodes a WebP file or bare bitstream into `out`, `width` × any number of rows of RGB or RGBA.
///
/// # Errors
/// Why it stopped, and how many rows from the top are valid.
pub(in crate::codec) fn decode(
    data: &[u8],
    width: u32,
    rgba: bool,
    out: &mut [u8],
) -> Result<(), (Failure, u32)> {
    let (mode, channels) =
        if rgba { (sys::WEBP_CSP_MODE::MODE_RGBA, 4) } else { (sys::WEBP_CSP_MODE::MODE_RGB, 3) };
    let stride = width as c_int * channels;
    // SAFETY: `out` is writable for its length and outlives the decoder, which is deleted below;
    // libwebp refuses pictures that do not fit into that length.
    let decoder = unsafe { sys::WebPINewRGB(mode, out.as_mut_ptr(), out.len(), stride) };
    if decoder.is_null() {
        return Err((Failure::Memory, 0));
    }
    let mut rows: c_int = 0;
    // SAFETY: the decoder is valid, `data` is readable for its length and outlives the decoder;
    // null is allowed for the results that are not wanted.
    let status = unsafe {
        let status = sys::WebPIUpdate(decoder, data.as_ptr(), data.len());
        let none = ptr::null_mut();
        sys::WebPIDecGetRGB(decoder, &raw mut rows, none, none, none);
        sys::WebPIDelete(decoder);
        status
    };
    let failure = match status {
        sys::VP8StatusCode::VP8_STATUS_OK => return Ok(()),
        sys::VP8StatusCode::VP8_STATUS_SUSPENDED
        | sys::VP8StatusCode::VP8_STATUS_NOT_ENOUGH_DATA => Failure::Truncated,
        sys::VP8StatusCode::VP8_STATUS_OUT_OF_MEMORY => Failure::Memory,
        _ => Failure::Corrupt,
    };
    Err((failure, rows.max(0) as u32))
}

/// How to encode.
#[derive(Debug, Clone, Copy)]
pub(in crate::codec) struct Settings {
    /// 1 to 100; ignored where lossless.
    pub(in crate::codec) quality: u8,
    /// libwebp's method (0 to 6), or its lossless preset (0 to 9).
    pub(in crate::codec) effort: u8,
    pub(in crate::codec) lossless: bool,
}

/// A `WebPPicture` that frees its memory.
struct Picture(sys::WebPPicture);

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: the picture was initialised by `WebPPictureInit`.
        unsafe { sys::WebPPictureFree(&raw mut self.0) }
    }
}

/// A growing buffer on libwebp's side that frees its memory.
struct Output(sys::WebPMemoryWriter);

impl Drop for Output {
    fn drop(&mut self) {
        // SAFETY: the writer was initialised by `WebPMemoryWriterInit`.
        unsafe { sys::WebPMemoryWriterClear(&raw mut self.0) }
    }
}

/// Encodes rows of RGB or RGBA into a WebP file without metadata.
///
/// # Errors
/// libwebp's name for the problem.
pub(in crate::codec) fn encode(
    pixels: &[u8],
    (width, height): (u32, u32),
    rgba: bool,
    settings: Settings,
) -> Result<Vec<u8>, String> {
    let channels = if rgba { 4 } else { 3 };
    if pixels.len() as u64 != u64::from(width) * u64::from(height) * channels {
        return Err("wrong number of samples".into());
    }
    let config = config(settings).ok_or("settings not accepted")?;
    let mut picture = Picture(sys::WebPPicture::new().map_err(|()| "library version mismatch")?);
    picture.0.use_argb = c_int::from(settings.lossless);
    (picture.0.width, picture.0.height) = (width as c_int, height as c_int);
    let stride = width as c_int * channels as c_int;
    // SAFETY: `pixels` holds `height` rows of `stride` bytes, as checked above; the picture is
    // initialised and copies what it needs.
    let imported = unsafe {
        if rgba {
            sys::WebPPictureImportRGBA(&raw mut picture.0, pixels.as_ptr(), stride)
        } else {
            sys::WebPPictureImportRGB(&raw mut picture.0, pixels.as_ptr(), stride)
        }
    };
    if imported == 0 {
        return Err("out of memory".into());
    }
    let mut output = std::mem::MaybeUninit::<sys::WebPMemoryWriter>::uninit();
    // SAFETY: the call writes every field.
    let mut output = unsafe {
        sys::WebPMemoryWriterInit(output.as_mut_ptr());
        Output(output.assume_init())
    };
    picture.0.writer = Some(sys::WebPMemoryWrite);
    picture.0.custom_ptr = (&raw mut output.0).cast();
    // SAFETY: configuration and picture are initialised; `output` outlives the call and is what
    // `WebPMemoryWrite` expects in `custom_ptr`.
    if unsafe { sys::WebPEncode(&raw const config, &raw mut picture.0) } == 0 {
        return Err(format!("{:?}", picture.0.error_code));
    }
    if output.0.mem.is_null() {
        return Err("no output".into());
    }
    // SAFETY: the writer owns `size` initialised bytes at `mem`.
    Ok(unsafe { std::slice::from_raw_parts(output.0.mem, output.0.size) }.to_vec())
}

fn config(settings: Settings) -> Option<sys::WebPConfig> {
    let mut config = sys::WebPConfig::new().ok()?;
    if settings.lossless {
        // SAFETY: the configuration is initialised.
        let known = unsafe {
            sys::WebPConfigLosslessPreset(&raw mut config, c_int::from(settings.effort.min(9)))
        };
        if known == 0 {
            return None;
        }
        config.exact = 1; // colours under full transparency are pixels too
    } else {
        config.quality = f32::from(settings.quality);
        config.method = c_int::from(settings.effort.min(6));
    }
    config.thread_level = 0;
    // SAFETY: the configuration is initialised.
    (unsafe { sys::WebPValidateConfig(&raw const config) } != 0).then_some(config)
}
