//! Writing AVIF with the AV1 encoder of libheif.
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

use super::{Owned, check, new_context, no_memory, own_handle, own_picture, sys};
use crate::codec::shared::bytes_of;
use crate::{Channels, ColorSpace, Image, ImageError};

/// How to encode.
#[derive(Debug, Clone, Copy)]
pub(in crate::codec) struct Settings {
    /// 1 to 100; ignored where lossless.
    pub(in crate::codec) quality: u8,
    /// The encoder's speed, 0 (slowest) to 9.
    pub(in crate::codec) speed: u8,
    pub(in crate::codec) lossless: bool,
    /// `420`, `422` or `444`.
    pub(in crate::codec) chroma: &'static CStr,
}

/// Encodes a picture of gray, RGB or RGBA samples of 8 bit into a file.
///
/// # Errors
/// What libheif says.
pub(in crate::codec) fn encode(
    image: &Image,
    exif: Option<&[u8]>,
    settings: Settings,
) -> Result<Vec<u8>, ImageError> {
    let context = new_context()?;
    let picture = picture(image)?;
    let encoder = encoder(&context, settings)?;
    let options = options(settings, &picture, image.channels())?;
    let mut handle = ptr::null_mut();
    // SAFETY: all objects are valid and outlive the call.
    check(unsafe {
        sys::heif_context_encode_image(
            context.object,
            picture.object,
            encoder.object,
            options.object,
            &raw mut handle,
        )
    })?;
    let handle = own_handle(handle)?;
    add_metadata(&context, &handle, exif, image.metadata.xmp.as_deref())?;
    file(&context)
}

fn picture(image: &Image) -> Result<Owned<sys::Picture>, ImageError> {
    let (colorspace, chroma, channel) = match image.channels() {
        Channels::Gray | Channels::GrayAlpha => {
            (sys::COLORSPACE_MONOCHROME, sys::CHROMA_MONOCHROME, sys::CHANNEL_Y)
        }
        Channels::Rgb => (sys::COLORSPACE_RGB, sys::CHROMA_RGB, sys::CHANNEL_INTERLEAVED),
        Channels::Rgba => (sys::COLORSPACE_RGB, sys::CHROMA_RGBA, sys::CHANNEL_INTERLEAVED),
    };
    let (width, height) = (image.width() as c_int, image.height() as c_int);
    let mut made = ptr::null_mut();
    // SAFETY: the sides are positive and small, as the caller has checked.
    check(unsafe { sys::heif_image_create(width, height, colorspace, chroma, &raw mut made) })?;
    let made = own_picture(made)?;
    // SAFETY: the picture is valid.
    check(unsafe { sys::heif_image_add_plane(made.object, channel, width, height, 8) })?;
    fill(&made, channel, image)?;
    if let ColorSpace::Icc(icc) = &image.color_space {
        // SAFETY: the picture is valid; the profile is copied.
        check(unsafe {
            let (kind, data) = (c"prof".as_ptr(), icc.as_ptr().cast());
            sys::heif_image_set_raw_color_profile(made.object, kind, data, icc.len())
        })?;
    }
    Ok(made)
}

/// Copies the rows of `image` into the plane.
fn fill(picture: &Owned<sys::Picture>, channel: c_int, image: &Image) -> Result<(), ImageError> {
    let mut stride: c_int = 0;
    // SAFETY: the picture is valid.
    let plane = unsafe { sys::heif_image_get_plane(picture.object, channel, &raw mut stride) };
    let row = image.row_len() * image.depth().bytes();
    if plane.is_null() || (stride.max(0) as usize) < row {
        return Err(ImageError::encode("libheif gave no room for the picture"));
    }
    for (y, from) in bytes_of(image.samples()).chunks_exact(row).enumerate() {
        // SAFETY: the plane has as many rows as the picture, `stride` bytes apart, each at least
        // `row` bytes long; nothing else refers to it.
        let to = unsafe { std::slice::from_raw_parts_mut(plane.add(y * stride as usize), row) };
        to.copy_from_slice(from);
    }
    Ok(())
}

fn encoder(
    context: &Owned<sys::Context>,
    settings: Settings,
) -> Result<Owned<sys::Encoder>, ImageError> {
    let mut encoder = ptr::null_mut();
    // SAFETY: the context is valid.
    let status = unsafe {
        sys::heif_context_get_encoder_for_format(context.object, sys::FORMAT_AV1, &raw mut encoder)
    };
    check(status).map_err(|error| {
        ImageError::unsupported("the libheif of this system cannot write AV1")
            .with_hint("install its encoder, on Debian libheif-plugin-aomenc")
            .with_source(error)
    })?;
    let encoder = Owned::new(encoder, |encoder| {
        // SAFETY: called once, with a valid encoder.
        unsafe { sys::heif_encoder_release(encoder) }
    })?;
    let number = |name: &CStr, value: u8| {
        // SAFETY: the encoder is valid, the name zero-terminated.
        let status = unsafe {
            let value = c_int::from(value);
            sys::heif_encoder_set_parameter_integer(encoder.object, name.as_ptr(), value)
        };
        check(status)
    };
    // SAFETY: the encoder is valid, names and values are zero-terminated.
    unsafe {
        let quality = if settings.lossless { 100 } else { c_int::from(settings.quality) };
        check(sys::heif_encoder_set_lossy_quality(encoder.object, quality))?;
        check(sys::heif_encoder_set_lossless(encoder.object, c_int::from(settings.lossless)))?;
        let (name, value): (*const c_char, _) = (c"chroma".as_ptr(), settings.chroma.as_ptr());
        check(sys::heif_encoder_set_parameter_string(encoder.object, name, value))?;
    }
    number(c"speed", settings.speed)?;
    number(c"threads", 1)?; // the engine decides how many workers there are
    Ok(encoder)
}

/// RGB as it is where lossless (matrix 0 of ISO/IEC 23091-2), BT.601 YCbCr otherwise; full range.
fn options(
    settings: Settings,
    picture: &Owned<sys::Picture>,
    channels: Channels,
) -> Result<Owned<sys::EncodingOptions>, ImageError> {
    // SAFETY: no arguments; null is checked for.
    let options = Owned::new(unsafe { sys::heif_encoding_options_alloc() }, |options| {
        // SAFETY: called once, with valid options whose profile is ours alone, or null.
        unsafe {
            if (*options).version >= 4 && !(*options).nclx.is_null() {
                sys::heif_nclx_color_profile_free((*options).nclx);
            }
            sys::heif_encoding_options_free(options);
        }
    })?;
    // SAFETY: the options are valid, and of version 4 or above have the fields that are written;
    // the profile is valid where it is not null.
    unsafe {
        if (*options.object).version < 4 {
            return Err(ImageError::unsupported("libheif is too old to write AVIF")
                .with_hint("install libheif 1.11 or newer"));
        }
        let nclx = sys::heif_nclx_color_profile_alloc();
        let Some(fields) = nclx.as_mut() else { return Err(no_memory()) };
        let exact = settings.lossless && !channels.is_gray();
        (fields.primaries, fields.transfer) = (1, 13);
        (fields.matrix, fields.full_range) = (if exact { 0 } else { 6 }, 1);
        (*options.object).nclx = nclx;
        // libheif 1.15 converts by what the picture says, not by the options; it takes a copy.
        check(sys::heif_image_set_nclx_color_profile(picture.object, nclx))?;
        (*options.object).both_profiles = 1;
    }
    Ok(options)
}

fn add_metadata(
    context: &Owned<sys::Context>,
    handle: &Owned<sys::Handle>,
    exif: Option<&[u8]>,
    xmp: Option<&[u8]>,
) -> Result<(), ImageError> {
    let too_long = |_| ImageError::encode("a metadata block is over 2 GiB");
    if let Some(exif) = exif {
        let len = c_int::try_from(exif.len()).map_err(too_long)?;
        // SAFETY: context and handle are valid; the block is copied.
        check(unsafe {
            let data = exif.as_ptr().cast();
            sys::heif_context_add_exif_metadata(context.object, handle.object, data, len)
        })?;
    }
    if let Some(xmp) = xmp {
        let len = c_int::try_from(xmp.len()).map_err(too_long)?;
        // SAFETY: as above.
        check(unsafe {
            let data = xmp.as_ptr().cast();
            sys::heif_context_add_XMP_metadata(context.object, handle.object, data, len)
        })?;
    }
    Ok(())
}

fn file(context: &Owned<sys::Context>) -> Result<Vec<u8>, ImageError> {
    unsafe extern "C" fn take(
        _context: *mut sys::Context,
        data: *const c_void,
        len: usize,
        user: *mut c_void,
    ) -> sys::Status {
        if !data.is_null() && len > 0 {
            // SAFETY: `user` is the vector given below, which nothing else uses meanwhile;
            // libheif lends `len` bytes at `data`.
            unsafe {
                let out = &mut *user.cast::<Vec<u8>>();
                out.extend_from_slice(std::slice::from_raw_parts(data.cast(), len));
            }
        }
        sys::Status { code: 0, subcode: 0, message: c"ok".as_ptr() }
    }
    let mut out: Vec<u8> = Vec::new();
    let mut writer = sys::Writer { version: 1, write: take };
    // SAFETY: the context is valid; writer and vector outlive the call.
    check(unsafe {
        sys::heif_context_write(context.object, &raw mut writer, (&raw mut out).cast())
    })?;
    Ok(out)
}
