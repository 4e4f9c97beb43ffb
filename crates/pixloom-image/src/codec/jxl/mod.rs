//! JPEG XL (ISO/IEC 18181): everything read, lossless written; with the feature `jxl-lossy`, lossy
//! too, through the system's libjxl.
#[cfg(feature = "jxl-lossy")]
mod ffi;

use std::io::Write;

use jxl_oxide::color::{ColourEncoding, TransferFunction, WhitePoint};
use jxl_oxide::image::BitDepth;
use jxl_oxide::{
    AllocTracker, AuxBoxData, InitializeResult, JxlImage, JxlThreadPool, PixelFormat as JxlFormat,
    Render,
};
use zune_core::bit_depth::BitDepth as ZuneDepth;
use zune_core::colorspace::ColorSpace as ZuneChannels;
use zune_core::options::EncoderOptions;
use zune_jpegxl::JxlSimpleEncoder;

use super::metadata::{Blocks, exif_to_write, exif_with_orientation};
use super::shared::{WholePicture, bytes_of, require_format, tidy, upright};
use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
    Support,
};
use crate::{
    Channels, Depth, Exec, Image, ImageError, Limits, Orientation, PixelFormat, Samples, Size,
};

/// Reads JPEG XL; writes its lossless mode, and where a quality below 100 is asked for and
/// `jxl-lossy` is built in, its lossy one; without an ICC profile.
pub(super) struct Jxl;

static INFO: FormatInfo = FormatInfo {
    name: "jxl",
    extensions: &["jxl"],
    encodes: true,
    carries_icc: false,
    carries_exif: true,
    lossy: false,
};

/// The signature box of the container.
const CONTAINER: &[u8] = b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a";
const FILE_TYPE: &[u8] = b"\0\0\0\x14ftypjxl \0\0\0\0jxl ";
/// Working memory in bytes a pixel and channel: float planes of the frame, of a reference frame
/// and of the filters' borders.
const WORKING_BYTES: u64 = 24;

/// libjxl's working memory in bytes a pixel: float planes of the picture, of its XYB form and of
/// the coefficients.
const LOSSY_BYTES: u64 = 120;

impl Codec for Jxl {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn support(&self) -> Support {
        let lossy = cfg!(feature = "jxl-lossy");
        let write_feature = if lossy { None } else { Some("jxl-lossy") };
        Support { reads: true, writes: true, read_feature: None, write_feature }
    }

    fn matches(&self, head: &[u8]) -> bool {
        head.starts_with(b"\xff\x0a") || head.starts_with(CONTAINER)
    }

    fn header(&self, bytes: &[u8], limits: &Limits) -> Result<Header, ImageError> {
        let image = load(bytes, usize::MAX)?;
        let metadata = &image.image_header().metadata;
        let mut frames = 1;
        if metadata.animation.is_some() {
            if !image.is_loading_done() {
                return Err(ImageError::truncated("the data ends before the last frame"));
            }
            frames = (image.num_loaded_keyframes() as u32).clamp(1, limits.max_frames.max(1));
        }
        let bit_depth = metadata.bit_depth.bits_per_sample();
        Ok(Header {
            size: Size::new(image.width(), image.height()),
            format: format_of(&image)?,
            bit_depth: bit_depth.min(32) as u8,
            frames,
            orientation: Orientation::UPRIGHT, // the decoder turns the picture
            has_icc: !is_srgb(&image),
            color_model: if metadata.xyb_encoded { "XYB" } else { "modular" }.into(),
            progressive: false,
        })
    }

    fn decode(
        &self,
        bytes: &[u8],
        options: &DecodeOptions,
        limits: &Limits,
        _exec: &dyn Exec,
    ) -> Result<Decoded, ImageError> {
        // The size is known before anything large is allocated; frames are held packed.
        let mut image = load(bytes, bytes.len().saturating_mul(2).saturating_add(256 << 20))?;
        let size = Size::new(image.width(), image.height());
        let format = format_of(&image)?;
        limits.check(size, format.bytes_per_pixel() as u64)?;
        drop(image);
        let working = working_memory(size, format.channels);
        image = load(bytes, usize::try_from(working).unwrap_or(usize::MAX))?;
        let (render, concealed) = render(&mut image, options)?;
        let pixels = read_pixels(&render, size, format)?;
        let mut notes = Vec::new();
        let mut picture = Image::new(size, format.channels, pixels)?;
        blocks(&image).attach(&mut picture, limits, &mut notes);
        Ok(Decoded { image: picture, shrink: 1, concealed, notes })
    }

    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        // The writer declares alpha as 8 bit whatever it is.
        let eight = format.depth == Depth::U8 || format.channels.has_alpha();
        PixelFormat::new(format.channels, if eight { Depth::U8 } else { Depth::U16 })
    }

    fn encoder<'w>(
        &self,
        header: &EncodeHeader,
        options: &EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError> {
        check_encodable(header)?;
        let options = *options;
        Ok(Box::new(WholePicture::new(header, move |image| encode(image, options, out))?))
    }

    fn encode(
        &self,
        image: &Image,
        options: &EncodeOptions,
        _exec: &dyn Exec,
        out: &mut dyn Write,
    ) -> Result<(), ImageError> {
        check_encodable(&EncodeHeader::of(image))?;
        encode(image, *options, out)
    }

    fn decode_memory(&self, header: &Header, _options: &DecodeOptions) -> u64 {
        let working = working_memory(header.size, header.format.channels);
        header.decoded_bytes().saturating_add(working)
    }

    fn encode_memory(&self, header: &EncodeHeader, options: &EncodeOptions) -> u64 {
        // A turned copy, the packed groups, the file in memory.
        let mut bound = header.raw_bytes().saturating_mul(5);
        if cfg!(feature = "jxl-lossy") && options.quality.is_some() {
            bound = bound.saturating_add(header.size.pixels().saturating_mul(LOSSY_BYTES));
        }
        bound.saturating_add(header.metadata_bytes() + (4 << 20))
    }
}

fn working_memory(size: Size, channels: Channels) -> u64 {
    let planes = size.pixels().saturating_mul(channels.count().max(3) as u64 * WORKING_BYTES);
    planes.saturating_add(64 << 20)
}

/// Reads as much of the file as there is.
fn load(bytes: &[u8], memory: usize) -> Result<JxlImage, ImageError> {
    let tracker = AllocTracker::with_limit(memory);
    let builder = JxlImage::builder().pool(JxlThreadPool::none()).alloc_tracker(tracker);
    let mut start = builder.build_uninit();
    start.feed_bytes(bytes).map_err(|error| corrupt(error.as_ref(), "the container"))?;
    match start.try_init().map_err(|error| corrupt(error.as_ref(), "the header"))? {
        InitializeResult::Initialized(image) => Ok(image),
        InitializeResult::NeedMoreData(_) => {
            Err(ImageError::truncated("the data ends in the JPEG XL header"))
        }
    }
}

fn corrupt(error: &(dyn std::error::Error + Send + Sync), place: &str) -> ImageError {
    ImageError::corrupt(format!("in {place} of the JPEG XL file: {}", tidy(&error)))
}

fn format_of(image: &JxlImage) -> Result<PixelFormat, ImageError> {
    let channels = match image.pixel_format() {
        JxlFormat::Gray => Channels::Gray,
        JxlFormat::Graya => Channels::GrayAlpha,
        JxlFormat::Rgb => Channels::Rgb,
        JxlFormat::Rgba => Channels::Rgba,
        JxlFormat::Cmyk | JxlFormat::Cmyka => {
            return Err(ImageError::unsupported("JPEG XL with CMYK colours is not built in"));
        }
    };
    let depth = match image.image_header().metadata.bit_depth {
        BitDepth::IntegerSample { bits_per_sample: 0..=8 } => Depth::U8,
        BitDepth::IntegerSample { bits_per_sample: 9..=16 } => Depth::U16,
        _ => Depth::F32,
    };
    Ok(PixelFormat::new(channels, depth))
}

fn is_srgb(image: &JxlImage) -> bool {
    match &image.image_header().metadata.colour_encoding {
        ColourEncoding::Enum(encoding) => {
            let gray_srgb =
                encoding.white_point == WhitePoint::D65 && encoding.tf == TransferFunction::Srgb;
            let gray = image.pixel_format().is_grayscale();
            (gray && gray_srgb) || image.rendered_cicp() == Some([1, 13, 0, 1])
        }
        ColourEncoding::IccProfile(_) => false,
    }
}

fn render(
    image: &mut JxlImage,
    options: &DecodeOptions,
) -> Result<(Render, Option<String>), ImageError> {
    let loaded = image.num_loaded_keyframes();
    let frame = options.frame as usize;
    if frame < loaded {
        let render = image.render_frame(frame);
        let render = render.map_err(|error| corrupt(error.as_ref(), "the pixels"))?;
        let cut = !image.is_loading_done() && frame == 0 && loaded == 1;
        if cut && !options.tolerant {
            return Err(ImageError::truncated("the data ends before the JPEG XL file does"));
        }
        return Ok((render, cut.then(|| "the data ends before the JPEG XL file does".into())));
    }
    if image.is_loading_done() {
        return Err(ImageError::settings(format!("the JPEG XL file has only {loaded} frames")));
    }
    let error = ImageError::truncated(format!("the data ends in frame {loaded}"));
    if !options.tolerant || frame > loaded {
        return Err(error);
    }
    match image.render_loading_frame() {
        Ok(render) => Ok((render, Some(error.to_string()))),
        Err(_) => Err(error),
    }
}

fn read_pixels(render: &Render, size: Size, format: PixelFormat) -> Result<Samples, ImageError> {
    let mut stream = render.stream();
    let expected = (size.width, size.height, format.channels.count() as u32);
    if (stream.width(), stream.height(), stream.channels()) != expected {
        return Err(ImageError::corrupt("the JPEG XL frame does not have the picture's size"));
    }
    let mut samples =
        Samples::zeros(format.depth, size.pixels() as usize * format.channels.count());
    match &mut samples {
        Samples::U8(samples) => stream.write_to_buffer(samples),
        Samples::U16(samples) => stream.write_to_buffer(samples),
        Samples::F32(samples) => stream.write_to_buffer(samples),
    };
    Ok(samples)
}

/// The profile of what was rendered, and EXIF with the orientation that the picture now has.
fn blocks(image: &JxlImage) -> Blocks {
    let boxes = image.aux_boxes();
    let exif = match boxes.first_exif() {
        Ok(AuxBoxData::Data(exif)) => {
            Some(exif_with_orientation(exif.payload(), Orientation::UPRIGHT))
        }
        _ => None,
    };
    let xmp = match boxes.first_xml() {
        AuxBoxData::Data(xmp) => Some(xmp.to_vec()),
        _ => None,
    };
    Blocks { icc: (!is_srgb(image)).then(|| image.rendered_icc()), exif, xmp }
}

fn check_encodable(header: &EncodeHeader) -> Result<(), ImageError> {
    require_format(header, Jxl.accepts(header.format), "JPEG XL")?;
    if header.size.short_edge() < 2 {
        return Err(ImageError::encode("the built-in JPEG XL writer needs at least 2x2 pixels")
            .with_hint("choose another lossless format"));
    }
    Ok(())
}

fn encode(image: &Image, options: EncodeOptions, out: &mut dyn Write) -> Result<(), ImageError> {
    // The codestream's own orientation, which the writer sets to upright, is the one that counts.
    let turned = upright(image)?;
    let image = turned.as_ref().unwrap_or(image);
    let file = codestream(image, options)?;
    let exif = exif_to_write(&image.metadata);
    let xmp = &image.metadata.xmp;
    if exif.is_none() && xmp.is_none() {
        return Ok(out.write_all(&file)?);
    }
    out.write_all(CONTAINER)?;
    out.write_all(FILE_TYPE)?;
    if let Some(exif) = exif {
        write_box(*b"Exif", &[&[0; 4], &exif], out)?; // offset of the TIFF header
    }
    if let Some(xmp) = xmp {
        write_box(*b"xml ", &[xmp], out)?;
    }
    write_box(*b"jxlc", &[&file], out)
}

/// The lossy codestream where it was asked for and is built in, else the lossless one.
fn codestream(image: &Image, options: EncodeOptions) -> Result<Vec<u8>, ImageError> {
    #[cfg(feature = "jxl-lossy")]
    if let Some(quality @ 0..100) = options.quality
        && !options.lossless
    {
        const EFFORTS: [u8; 10] = [3, 4, 5, 6, 7, 7, 8, 8, 9, 9];
        return ffi::encode(image, distance(quality), EFFORTS[usize::from(options.effort.min(9))]);
    }
    lossless(image, options)
}

/// libjxl's distance for a JPEG-like quality, as its own programs convert it.
#[cfg(feature = "jxl-lossy")]
fn distance(quality: u8) -> f32 {
    let quality = f32::from(quality.clamp(1, 100));
    if quality >= 30.0 {
        0.1 + (100.0 - quality) * 0.09
    } else {
        53.0 / 3000.0 * quality * quality - 23.0 / 20.0 * quality + 25.0
    }
}

fn lossless(image: &Image, options: EncodeOptions) -> Result<Vec<u8>, ImageError> {
    let channels = match image.channels() {
        Channels::Gray => ZuneChannels::Luma,
        Channels::GrayAlpha => ZuneChannels::LumaA,
        Channels::Rgb => ZuneChannels::RGB,
        Channels::Rgba => ZuneChannels::RGBA,
    };
    let depth = if image.depth() == Depth::U16 { ZuneDepth::Sixteen } else { ZuneDepth::Eight };
    let (width, height) = (image.width() as usize, image.height() as usize);
    let settings = EncoderOptions::new(width, height, channels, depth)
        .set_num_threads(1)
        .set_effort(options.effort.min(9) * 14);
    let mut file = Vec::new();
    JxlSimpleEncoder::new(bytes_of(image.samples()), settings)
        .encode(&mut file)
        .map_err(|error| ImageError::encode(format!("JPEG XL writing failed: {error:?}")))?;
    Ok(file)
}

fn write_box(kind: [u8; 4], parts: &[&[u8]], out: &mut dyn Write) -> Result<(), ImageError> {
    let len = 8 + parts.iter().map(|part| part.len()).sum::<usize>();
    let len = u32::try_from(len).map_err(|error| {
        ImageError::encode("a JPEG XL box would be over 4 GiB").with_source(error)
    })?;
    out.write_all(&len.to_be_bytes())?;
    out.write_all(&kind)?;
    for part in parts {
        out.write_all(part)?;
    }
    Ok(())
}
