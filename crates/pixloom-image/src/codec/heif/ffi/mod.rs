//! The calls into libheif, behind functions that are safe to use.
#![expect(unsafe_code, reason = "binding to the C library libheif")]
mod sys;
#[cfg(feature = "avif")]
mod write;

use std::ffi::{CStr, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::ptr;

#[cfg(feature = "avif")]
pub(in crate::codec) use write::{Settings, encode};

use crate::{Channels, ImageError, Samples, Size};

/// Frees a libheif object when dropped.
struct Owned<T> {
    object: *mut T,
    free: unsafe fn(*mut T),
}

impl<T> Owned<T> {
    /// Takes over what `make` returned or wrote; fails with `Limit` if there is nothing.
    fn new(object: *mut T, free: unsafe fn(*mut T)) -> Result<Self, ImageError> {
        if object.is_null() {
            return Err(no_memory());
        }
        Ok(Self { object, free })
    }
}

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: the object is valid, owned by this value alone, and `free` belongs to its type.
        unsafe { (self.free)(self.object) }
    }
}

fn no_memory() -> ImageError {
    ImageError::limit("there is not enough memory for the HEIF picture")
}

fn check(status: sys::Status) -> Result<(), ImageError> {
    if status.code == 0 {
        return Ok(());
    }
    let mut text = "no reason given".to_owned();
    if !status.message.is_null() {
        // SAFETY: libheif's messages are zero-terminated strings that outlive the call.
        let message = unsafe { CStr::from_ptr(status.message) };
        text = crate::codec::shared::tidy(&message.to_string_lossy());
    }
    let text = format!("libheif: {text}");
    Err(match (status.code, status.subcode) {
        (_, sys::OUT_OF_DATA) => ImageError::truncated(text),
        (sys::UNSUPPORTED_FILE | sys::UNSUPPORTED_FEATURE, _) => ImageError::unsupported(text),
        (sys::OUT_OF_MEMORY, _) => ImageError::limit(text),
        _ => ImageError::corrupt(text),
    })
}

fn new_context() -> Result<Owned<sys::Context>, ImageError> {
    // SAFETY: no arguments; null is checked for.
    Owned::new(unsafe { sys::heif_context_alloc() }, |context| {
        // SAFETY: called once, with a valid context.
        unsafe { sys::heif_context_free(context) }
    })
}

fn own_handle(handle: *mut sys::Handle) -> Result<Owned<sys::Handle>, ImageError> {
    Owned::new(handle, |handle| {
        // SAFETY: called once, with a valid handle.
        unsafe { sys::heif_image_handle_release(handle) }
    })
}

fn own_picture(picture: *mut sys::Picture) -> Result<Owned<sys::Picture>, ImageError> {
    Owned::new(picture, |picture| {
        // SAFETY: called once, with a valid picture.
        unsafe { sys::heif_image_release(picture) }
    })
}

/// The main picture of a file, nothing decoded yet.
pub(in crate::codec) struct Reader<'a> {
    handle: Owned<sys::Handle>, // goes before the context, and the context before the bytes
    _context: Owned<sys::Context>,
    _bytes: PhantomData<&'a [u8]>,
}

impl<'a> Reader<'a> {
    /// Reads the boxes of the file.
    pub(in crate::codec) fn open(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let context = new_context()?;
        let mut handle = ptr::null_mut();
        // SAFETY: the context is valid; `bytes` outlives it, by the lifetime of `Self`.
        unsafe {
            sys::heif_context_set_max_decoding_threads(context.object, 0);
            check(sys::heif_context_read_from_memory_without_copy(
                context.object,
                bytes.as_ptr().cast(),
                bytes.len(),
                ptr::null(),
            ))?;
            check(sys::heif_context_get_primary_image_handle(context.object, &raw mut handle))?;
        }
        Ok(Self { handle: own_handle(handle)?, _context: context, _bytes: PhantomData })
    }

    /// Width and height, turned and cropped as the file asks for.
    pub(in crate::codec) fn size(&self) -> Size {
        // SAFETY: the handle is valid.
        let (width, height) = unsafe {
            (
                sys::heif_image_handle_get_width(self.handle.object),
                sys::heif_image_handle_get_height(self.handle.object),
            )
        };
        Size::new(width.max(0) as u32, height.max(0) as u32)
    }

    /// Whether there is an alpha picture.
    pub(in crate::codec) fn alpha(&self) -> bool {
        // SAFETY: the handle is valid.
        unsafe { sys::heif_image_handle_has_alpha_channel(self.handle.object) != 0 }
    }

    /// Whether the colours are multiplied by alpha.
    pub(in crate::codec) fn premultiplied(&self) -> bool {
        // SAFETY: the handle is valid.
        unsafe { sys::heif_image_handle_is_premultiplied_alpha(self.handle.object) != 0 }
    }

    /// Bits per sample, if the file says so.
    pub(in crate::codec) fn bits(&self) -> Option<u8> {
        // SAFETY: the handle is valid.
        let bits = unsafe { sys::heif_image_handle_get_luma_bits_per_pixel(self.handle.object) };
        u8::try_from(bits).ok().filter(|bits| (1..=16).contains(bits))
    }

    /// Bytes of the ICC profile.
    pub(in crate::codec) fn icc_len(&self) -> usize {
        // SAFETY: the handle is valid.
        unsafe { sys::heif_image_handle_get_raw_color_profile_size(self.handle.object) }
    }

    /// The ICC profile.
    pub(in crate::codec) fn icc(&self) -> Option<Vec<u8>> {
        let mut icc = vec![0; self.icc_len()];
        // SAFETY: the handle is valid, `icc` has the length that the library asked for.
        let status = unsafe {
            let out = icc.as_mut_ptr().cast();
            sys::heif_image_handle_get_raw_color_profile(self.handle.object, out)
        };
        (check(status).is_ok() && !icc.is_empty()).then_some(icc)
    }

    /// Colour primaries and transfer function as code points of ISO/IEC 23091-2.
    pub(in crate::codec) fn code_points(&self) -> Option<(u8, u8)> {
        let mut nclx: *mut sys::Nclx = ptr::null_mut();
        // SAFETY: the handle is valid.
        let status = unsafe {
            sys::heif_image_handle_get_nclx_color_profile(self.handle.object, &raw mut nclx)
        };
        if check(status).is_err() || nclx.is_null() {
            return None;
        }
        // SAFETY: the profile is valid until it is freed, which happens once.
        let (primaries, transfer) = unsafe {
            let found = ((*nclx).primaries, (*nclx).transfer);
            sys::heif_nclx_color_profile_free(nclx);
            found
        };
        Some((u8::try_from(primaries).ok()?, u8::try_from(transfer).ok()?))
    }

    /// The first metadata block of that kind (`Exif`, `mime`) and, if not empty, content type.
    /// A block longer than `max` is given as that many zeros and one more, unread.
    pub(in crate::codec) fn metadata(
        &self,
        kind: &CStr,
        content: &str,
        max: u64,
    ) -> Option<Vec<u8>> {
        let handle = self.handle.object;
        // SAFETY: the handle is valid, `kind` zero-terminated, `ids` as long as stated.
        let ids = unsafe {
            let count = sys::heif_image_handle_get_number_of_metadata_blocks(handle, kind.as_ptr());
            let mut ids = vec![0; count.clamp(0, 1000) as usize];
            let len = ids.len() as c_int;
            let (kind, out) = (kind.as_ptr(), ids.as_mut_ptr());
            let count =
                sys::heif_image_handle_get_list_of_metadata_block_IDs(handle, kind, out, len);
            ids.truncate(count.max(0) as usize);
            ids
        };
        let id = ids.into_iter().find(|&id| content.is_empty() || self.content(id) == content)?;
        // SAFETY: the handle is valid and the identifier one of its own.
        let len = unsafe { sys::heif_image_handle_get_metadata_size(handle, id) };
        if len as u64 > max.saturating_add(4) {
            return Some(vec![0; usize::try_from(max).ok()?.checked_add(5)?]);
        }
        let mut block = vec![0u8; len];
        // SAFETY: as above; `block` has the length that the library asked for.
        let status = unsafe {
            sys::heif_image_handle_get_metadata(handle, id, block.as_mut_ptr().cast::<c_void>())
        };
        check(status).ok().map(|()| block)
    }

    fn content(&self, id: u32) -> String {
        // SAFETY: the handle is valid; the string, where there is one, lives as long as it.
        unsafe {
            let text: *const c_char =
                sys::heif_image_handle_get_metadata_content_type(self.handle.object, id);
            if text.is_null() {
                return String::new();
            }
            CStr::from_ptr(text).to_string_lossy().into_owned()
        }
    }

    /// Decodes to RGB or RGBA: samples of 8 bit, or the file's own bits in 16 where `words`.
    /// Returns the samples and their bits; the size is that of [`Reader::size`].
    pub(in crate::codec) fn decode(&self, words: bool) -> Result<(Samples, u8), ImageError> {
        let chroma = match (self.alpha(), words) {
            (false, false) => sys::CHROMA_RGB,
            (true, false) => sys::CHROMA_RGBA,
            (false, true) => sys::CHROMA_RGB_WORDS,
            (true, true) => sys::CHROMA_RGBA_WORDS,
        };
        let mut picture = ptr::null_mut();
        // SAFETY: the handle is valid; no options means the defaults.
        let status = unsafe {
            let (handle, out) = (self.handle.object, &raw mut picture);
            sys::heif_decode_image(handle, out, sys::COLORSPACE_RGB, chroma, ptr::null())
        };
        check(status)?;
        let channels = Channels::Rgb.with_alpha(self.alpha());
        copy(&own_picture(picture)?, self.size(), channels.count(), words)
    }
}

/// The samples of a decoded picture, without the padding of its rows.
fn copy(
    picture: &Owned<sys::Picture>,
    size: Size,
    count: usize,
    words: bool,
) -> Result<(Samples, u8), ImageError> {
    let mut stride: c_int = 0;
    // SAFETY: the picture is valid.
    let (plane, width, height, bits) = unsafe {
        let (picture, channel) = (picture.object, sys::CHANNEL_INTERLEAVED);
        (
            sys::heif_image_get_plane_readonly(picture, channel, &raw mut stride),
            sys::heif_image_get_width(picture, channel),
            sys::heif_image_get_height(picture, channel),
            sys::heif_image_get_bits_per_pixel_range(picture, channel),
        )
    };
    let row = size.width as usize * count * if words { 2 } else { 1 };
    let fits = (width, height) == (size.width as c_int, size.height as c_int);
    if plane.is_null() || !fits || (stride.max(0) as usize) < row {
        return Err(ImageError::corrupt("the HEIF pixels do not have the picture's size"));
    }
    let len = stride as usize * (size.height as usize - 1) + row;
    // SAFETY: the plane has `height` rows that begin `stride` bytes apart, the last of them at
    // least `row` bytes long, and lives as long as the picture.
    let bytes = unsafe { std::slice::from_raw_parts(plane, len) };
    let rows = bytes.chunks(stride as usize).map(|line| &line[..row]);
    let samples = if words {
        let word = |pair: &[u8; 2]| u16::from_le_bytes(*pair);
        Samples::U16(rows.flat_map(|row| row.as_chunks().0.iter().map(word)).collect())
    } else {
        let mut samples = Vec::with_capacity(row * size.height as usize);
        rows.for_each(|row| samples.extend_from_slice(row));
        Samples::U8(samples)
    };
    Ok((samples, bits.clamp(1, 16) as u8))
}
