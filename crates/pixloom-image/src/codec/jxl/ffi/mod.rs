//! The calls into libjxl's encoder, behind one function that is safe to use (libjxl 0.7 or newer).
#![expect(unsafe_code, reason = "binding to the C library libjxl")]
use std::ffi::{c_int, c_void};
use std::ptr;

use crate::codec::shared::bytes_of;
use crate::{Depth, Image, ImageError};

#[repr(C)]
struct Encoder {
    _private: [u8; 0],
}

#[repr(C)]
struct FrameSettings {
    _private: [u8; 0],
}

/// `JxlBasicInfo`; what is not named here keeps the library's default.
#[repr(C, align(4))]
struct BasicInfo {
    have_container: c_int,
    width: u32,
    height: u32,
    bits: u32,
    _range: [u32; 5],
    uses_original_profile: c_int,
    _preview_animation: [c_int; 2],
    _orientation: c_int,
    color_channels: u32,
    extra_channels: u32,
    alpha_bits: u32,
    _rest: [u32; 35],
    _later: [u32; 64], // room for fields of versions to come
}

/// `JxlColorEncoding`, only ever filled by the library.
#[repr(C, align(8))]
struct ColorEncoding([u8; 256]);

#[repr(C)]
struct PixelFormat {
    channels: u32,
    data_type: c_int,
    endianness: c_int,
    align: usize,
}

const UINT8: c_int = 2;
const UINT16: c_int = 3;
const NATIVE_ENDIAN: c_int = 0;
const SETTING_EFFORT: c_int = 0;
const SUCCESS: c_int = 0;
const NEED_MORE_OUTPUT: c_int = 2;

#[link(name = "jxl")]
unsafe extern "C" {
    fn JxlEncoderCreate(memory: *const c_void) -> *mut Encoder;
    fn JxlEncoderDestroy(encoder: *mut Encoder);
    fn JxlEncoderInitBasicInfo(info: *mut BasicInfo);
    fn JxlEncoderSetBasicInfo(encoder: *mut Encoder, info: *const BasicInfo) -> c_int;
    fn JxlColorEncodingSetToSRGB(color: *mut ColorEncoding, gray: c_int);
    fn JxlEncoderSetColorEncoding(encoder: *mut Encoder, color: *const ColorEncoding) -> c_int;
    fn JxlEncoderFrameSettingsCreate(
        encoder: *mut Encoder,
        source: *const FrameSettings,
    ) -> *mut FrameSettings;
    fn JxlEncoderSetFrameDistance(settings: *mut FrameSettings, distance: f32) -> c_int;
    fn JxlEncoderFrameSettingsSetOption(
        settings: *mut FrameSettings,
        option: c_int,
        value: i64,
    ) -> c_int;
    fn JxlEncoderAddImageFrame(
        settings: *const FrameSettings,
        format: *const PixelFormat,
        data: *const c_void,
        len: usize,
    ) -> c_int;
    fn JxlEncoderCloseInput(encoder: *mut Encoder);
    fn JxlEncoderProcessOutput(
        encoder: *mut Encoder,
        next: *mut *mut u8,
        left: *mut usize,
    ) -> c_int;
}

/// An encoder that is destroyed when dropped.
struct Owned(*mut Encoder);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the encoder is valid and destroyed once.
        unsafe { JxlEncoderDestroy(self.0) }
    }
}

/// Encodes samples of 8 or 16 bit, in sRGB, into a bare codestream on this thread.
///
/// `distance` is libjxl's: 0 would be lossless, 1 is visually so, 25 the worst. `effort` is 1 to 9.
///
/// # Errors
/// Which step libjxl refused.
pub(super) fn encode(image: &Image, distance: f32, effort: u8) -> Result<Vec<u8>, ImageError> {
    // SAFETY: null means the standard allocator.
    let encoder = Owned(unsafe { JxlEncoderCreate(ptr::null()) });
    if encoder.0.is_null() {
        return Err(ImageError::limit("there is not enough memory for the JPEG XL encoder"));
    }
    describe(&encoder, image)?;
    let format = PixelFormat {
        channels: image.channels().count() as u32,
        data_type: if image.depth() == Depth::U16 { UINT16 } else { UINT8 },
        endianness: NATIVE_ENDIAN,
        align: 0,
    };
    let samples = bytes_of(image.samples());
    // SAFETY: encoder and format are valid; the settings belong to the encoder; the samples are
    // as many as size and format say, and are copied.
    unsafe {
        let settings = JxlEncoderFrameSettingsCreate(encoder.0, ptr::null());
        if settings.is_null() {
            return Err(refused("its settings"));
        }
        let effort = i64::from(effort.clamp(1, 9));
        check(JxlEncoderSetFrameDistance(settings, distance), "the quality")?;
        check(JxlEncoderFrameSettingsSetOption(settings, SETTING_EFFORT, effort), "the effort")?;
        let (data, len) = (samples.as_ptr().cast(), samples.len());
        check(JxlEncoderAddImageFrame(settings, &raw const format, data, len), "the pixels")?;
        JxlEncoderCloseInput(encoder.0);
    }
    output(&encoder)
}

fn describe(encoder: &Owned, image: &Image) -> Result<(), ImageError> {
    let bits = image.depth().bytes() as u32 * 8;
    let mut info = std::mem::MaybeUninit::<BasicInfo>::zeroed();
    let mut color = ColorEncoding([0; 256]);
    // SAFETY: `info` is at least as large as the library's and made of integers, for which zeros
    // are valid; `color` is larger than the library's; the encoder is valid.
    unsafe {
        JxlEncoderInitBasicInfo(info.as_mut_ptr());
        let mut info = info.assume_init();
        info.have_container = 0;
        (info.width, info.height, info.bits) = (image.width(), image.height(), bits);
        info.uses_original_profile = 0; // colours as XYB
        info.color_channels = if image.channels().is_gray() { 1 } else { 3 };
        if image.channels().has_alpha() {
            (info.extra_channels, info.alpha_bits) = (1, bits);
        }
        check(JxlEncoderSetBasicInfo(encoder.0, &raw const info), "the size")?;
        JxlColorEncodingSetToSRGB(&raw mut color, c_int::from(image.channels().is_gray()));
        check(JxlEncoderSetColorEncoding(encoder.0, &raw const color), "the colours")
    }
}

fn output(encoder: &Owned) -> Result<Vec<u8>, ImageError> {
    let (mut out, mut used) = (vec![0u8; 1 << 16], 0);
    loop {
        let mut left = out.len() - used;
        let mut next = out[used..].as_mut_ptr();
        // SAFETY: `left` bytes can be written at `next`; the encoder is valid.
        let status = unsafe { JxlEncoderProcessOutput(encoder.0, &raw mut next, &raw mut left) };
        used = out.len() - left;
        match status {
            NEED_MORE_OUTPUT => out.resize(out.len() * 2, 0),
            _ => {
                check(status, "the picture")?;
                out.truncate(used);
                return Ok(out);
            }
        }
    }
}

fn check(status: c_int, what: &str) -> Result<(), ImageError> {
    if status == SUCCESS { Ok(()) } else { Err(refused(what)) }
}

fn refused(what: &str) -> ImageError {
    ImageError::encode(format!("libjxl refused {what}"))
}
