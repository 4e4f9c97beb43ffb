//! The part of libheif's C interface that is used: declarations only (libheif 1.12 or newer).
use std::ffi::{c_char, c_int, c_void};

macro_rules! opaque {
    ($($name:ident)*) => {$(
        #[repr(C)]
        pub(super) struct $name {
            _private: [u8; 0],
        }
    )*};
}
opaque!(Context Handle Picture);
#[cfg(feature = "avif")]
opaque!(Encoder);

#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Status {
    pub(super) code: c_int,
    pub(super) subcode: c_int,
    pub(super) message: *const c_char,
}

pub(super) const OUT_OF_DATA: c_int = 100;
pub(super) const UNSUPPORTED_FILE: c_int = 3;
pub(super) const UNSUPPORTED_FEATURE: c_int = 4;
pub(super) const OUT_OF_MEMORY: c_int = 6;

pub(super) const COLORSPACE_RGB: c_int = 1;
pub(super) const CHROMA_RGB: c_int = 10;
pub(super) const CHROMA_RGBA: c_int = 11;
/// 16-bit words, low byte first.
pub(super) const CHROMA_RGB_WORDS: c_int = 14;
pub(super) const CHROMA_RGBA_WORDS: c_int = 15;
pub(super) const CHANNEL_INTERLEAVED: c_int = 10;

/// Code points of ISO/IEC 23091-2 (`colr` box of type `nclx`); more fields follow in the library.
#[repr(C)]
pub(super) struct Nclx {
    pub(super) version: u8,
    pub(super) primaries: c_int,
    pub(super) transfer: c_int,
    pub(super) matrix: c_int,
    pub(super) full_range: u8,
}

#[link(name = "heif")]
unsafe extern "C" {
    pub(super) fn heif_context_alloc() -> *mut Context;
    pub(super) fn heif_context_free(context: *mut Context);
    pub(super) fn heif_context_read_from_memory_without_copy(
        context: *mut Context,
        data: *const c_void,
        len: usize,
        options: *const c_void,
    ) -> Status;
    pub(super) fn heif_context_set_max_decoding_threads(context: *mut Context, threads: c_int);
    pub(super) fn heif_context_get_primary_image_handle(
        context: *mut Context,
        out: *mut *mut Handle,
    ) -> Status;

    pub(super) fn heif_image_handle_release(handle: *const Handle);
    pub(super) fn heif_image_handle_get_width(handle: *const Handle) -> c_int;
    pub(super) fn heif_image_handle_get_height(handle: *const Handle) -> c_int;
    pub(super) fn heif_image_handle_has_alpha_channel(handle: *const Handle) -> c_int;
    pub(super) fn heif_image_handle_is_premultiplied_alpha(handle: *const Handle) -> c_int;
    pub(super) fn heif_image_handle_get_luma_bits_per_pixel(handle: *const Handle) -> c_int;
    pub(super) fn heif_image_handle_get_number_of_metadata_blocks(
        handle: *const Handle,
        kind: *const c_char,
    ) -> c_int;
    pub(super) fn heif_image_handle_get_list_of_metadata_block_IDs(
        handle: *const Handle,
        kind: *const c_char,
        ids: *mut u32,
        count: c_int,
    ) -> c_int;
    pub(super) fn heif_image_handle_get_metadata_content_type(
        handle: *const Handle,
        id: u32,
    ) -> *const c_char;
    pub(super) fn heif_image_handle_get_metadata_size(handle: *const Handle, id: u32) -> usize;
    pub(super) fn heif_image_handle_get_metadata(
        handle: *const Handle,
        id: u32,
        out: *mut c_void,
    ) -> Status;
    pub(super) fn heif_image_handle_get_raw_color_profile_size(handle: *const Handle) -> usize;
    pub(super) fn heif_image_handle_get_raw_color_profile(
        handle: *const Handle,
        out: *mut c_void,
    ) -> Status;
    pub(super) fn heif_image_handle_get_nclx_color_profile(
        handle: *const Handle,
        out: *mut *mut Nclx,
    ) -> Status;
    pub(super) fn heif_nclx_color_profile_free(profile: *mut Nclx);

    pub(super) fn heif_decode_image(
        handle: *const Handle,
        out: *mut *mut Picture,
        colorspace: c_int,
        chroma: c_int,
        options: *const c_void,
    ) -> Status;
    pub(super) fn heif_image_get_width(picture: *const Picture, channel: c_int) -> c_int;
    pub(super) fn heif_image_get_height(picture: *const Picture, channel: c_int) -> c_int;
    pub(super) fn heif_image_get_bits_per_pixel_range(
        picture: *const Picture,
        channel: c_int,
    ) -> c_int;
    pub(super) fn heif_image_get_plane_readonly(
        picture: *const Picture,
        channel: c_int,
        stride: *mut c_int,
    ) -> *const u8;
    pub(super) fn heif_image_release(picture: *const Picture);
}

#[cfg(feature = "avif")]
pub(super) use writing::*;

#[cfg(feature = "avif")]
mod writing {
    use super::{Context, Encoder, Handle, Nclx, Picture, Status, c_char, c_int, c_void};

    pub(in super::super) const FORMAT_AV1: c_int = 4;
    pub(in super::super) const COLORSPACE_MONOCHROME: c_int = 2;
    pub(in super::super) const CHROMA_MONOCHROME: c_int = 0;
    pub(in super::super) const CHANNEL_Y: c_int = 0;

    /// The first fields; the library allocates the whole.
    #[repr(C)]
    pub(in super::super) struct EncodingOptions {
        pub(in super::super) version: u8,
        pub(in super::super) save_alpha: u8,
        pub(in super::super) crop_by_grid: u8,
        pub(in super::super) both_profiles: u8,
        pub(in super::super) nclx: *mut Nclx,
        pub(in super::super) omit_nclx: u8,
    }

    #[repr(C)]
    pub(in super::super) struct Writer {
        pub(in super::super) version: c_int,
        pub(in super::super) write: unsafe extern "C" fn(
            context: *mut Context,
            data: *const c_void,
            len: usize,
            user: *mut c_void,
        ) -> Status,
    }

    unsafe extern "C" {
        pub(in super::super) fn heif_context_get_encoder_for_format(
            context: *mut Context,
            format: c_int,
            out: *mut *mut Encoder,
        ) -> Status;
        pub(in super::super) fn heif_encoder_release(encoder: *mut Encoder);
        pub(in super::super) fn heif_encoder_set_lossy_quality(
            encoder: *mut Encoder,
            quality: c_int,
        ) -> Status;
        pub(in super::super) fn heif_encoder_set_lossless(
            encoder: *mut Encoder,
            on: c_int,
        ) -> Status;
        pub(in super::super) fn heif_encoder_set_parameter_integer(
            encoder: *mut Encoder,
            name: *const c_char,
            value: c_int,
        ) -> Status;
        pub(in super::super) fn heif_encoder_set_parameter_string(
            encoder: *mut Encoder,
            name: *const c_char,
            value: *const c_char,
        ) -> Status;
        pub(in super::super) fn heif_image_create(
            width: c_int,
            height: c_int,
            colorspace: c_int,
            chroma: c_int,
            out: *mut *mut Picture,
        ) -> Status;
        pub(in super::super) fn heif_image_add_plane(
            picture: *mut Picture,
            channel: c_int,
            width: c_int,
            height: c_int,
            bits: c_int,
        ) -> Status;
        pub(in super::super) fn heif_image_get_plane(
            picture: *mut Picture,
            channel: c_int,
            stride: *mut c_int,
        ) -> *mut u8;
        pub(in super::super) fn heif_image_set_raw_color_profile(
            picture: *mut Picture,
            kind: *const c_char,
            data: *const c_void,
            len: usize,
        ) -> Status;
        pub(in super::super) fn heif_image_set_nclx_color_profile(
            picture: *mut Picture,
            profile: *const Nclx,
        ) -> Status;
        pub(in super::super) fn heif_nclx_color_profile_alloc() -> *mut Nclx;
        pub(in super::super) fn heif_encoding_options_alloc() -> *mut EncodingOptions;
        pub(in super::super) fn heif_encoding_options_free(options: *mut EncodingOptions);
        pub(in super::super) fn heif_context_encode_image(
            context: *mut Context,
            picture: *const Picture,
            encoder: *mut Encoder,
            options: *const EncodingOptions,
            out: *mut *mut Handle,
        ) -> Status;
        pub(in super::super) fn heif_context_add_exif_metadata(
            context: *mut Context,
            handle: *const Handle,
            data: *const c_void,
            len: c_int,
        ) -> Status;
        pub(in super::super) fn heif_context_add_XMP_metadata(
            context: *mut Context,
            handle: *const Handle,
            data: *const c_void,
            len: c_int,
        ) -> Status;
        pub(in super::super) fn heif_context_write(
            context: *mut Context,
            writer: *mut Writer,
            user: *mut c_void,
        ) -> Status;
    }
}
