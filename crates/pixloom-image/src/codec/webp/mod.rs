//! WebP (RFC 9649) through libwebp: lossy and lossless, alpha, animation frames, metadata.
mod container;
mod ffi;

use std::io::Write;

use container::{Chunk, Frame, Info};
use ffi::{Failure, Settings};

use super::metadata::{Blocks, exif_orientation};
use super::shared::{WholePicture, bytes_of, bytes_of_mut, require_format};
use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
};
use crate::{
    Channels, Depth, Exec, Image, ImageError, Limits, Orientation, PixelFormat, Samples, Size,
};

/// The longest side that libwebp writes.
const MAX_SIDE: u32 = 16383;
const DEFAULT_QUALITY: u8 = 80;

/// Reads and writes WebP.
pub(super) struct WebP;

static INFO: FormatInfo = FormatInfo {
    name: "webp",
    extensions: &["webp"],
    encodes: true,
    carries_icc: true,
    carries_exif: true,
    lossy: true,
};

impl Codec for WebP {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn matches(&self, head: &[u8]) -> bool {
        head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP")
    }

    fn header(&self, bytes: &[u8], limits: &Limits) -> Result<Header, ImageError> {
        let info = container::info(bytes)?;
        let (mut frames, mut orientation) = (1, Orientation::UPRIGHT);
        if info.animated || info.promises_exif() {
            // Both lie behind pixels: the whole file is needed.
            let (chunks, surplus) = container::body(bytes)?;
            if surplus.is_none() {
                return Err(ImageError::truncated("the data ends before the WebP file does"));
            }
            let mut count = 0;
            for chunk in chunks {
                count += u32::from(chunk.kind == *b"ANMF" && count < limits.max_frames);
                if chunk.kind == *b"EXIF" {
                    orientation = exif_orientation(chunk.data);
                }
            }
            frames = count.max(1);
        }
        let model = if info.lossless { "lossless RGB" } else { "YCbCr 4:2:0" };
        Ok(Header {
            size: info.size,
            format: format_of(&info),
            bit_depth: 8,
            frames,
            orientation,
            has_icc: info.promises_icc(),
            color_model: model.into(),
            progressive: false,
        })
    }

    fn decode(
        &self,
        bytes: &[u8],
        options: &DecodeOptions,
        limits: &Limits,
        exec: &dyn Exec,
    ) -> Result<Decoded, ImageError> {
        let info = container::info(bytes)?;
        limits.check(info.size, if info.animated { 8 } else { 4 })?;
        let mut decoded = if info.animated {
            decode_animation(bytes, &info, options, exec)?
        } else if options.frame > 0 {
            return Err(ImageError::settings("the WebP file has only one frame"));
        } else {
            decode_still(bytes, &info, options)?
        };
        attach_metadata(bytes, limits, &mut decoded)?;
        Ok(decoded)
    }

    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        let alpha = format.channels.has_alpha();
        PixelFormat::new(Channels::Rgb.with_alpha(alpha), Depth::U8)
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
        // The result, libwebp's own copy of lossless pixels, and the canvas of an animation.
        let canvas = if header.frames > 1 { 8 } else { 4 };
        let canvas = header.size.pixels().saturating_mul(canvas);
        header.decoded_bytes().saturating_add(canvas).saturating_add(4 << 20)
    }

    fn encode_memory(&self, header: &EncodeHeader, options: &EncodeOptions) -> u64 {
        // Measured up to 12 bytes a pixel lossy and 50 lossless; one copy of the rows more.
        let per_pixel = if options.lossless { 72 } else { 24 };
        let pixels = header.size.pixels().saturating_mul(per_pixel);
        pixels.saturating_add(2 * header.metadata_bytes() + (4 << 20))
    }
}

const fn format_of(info: &Info) -> PixelFormat {
    PixelFormat::new(Channels::Rgb.with_alpha(info.alpha), Depth::U8)
}

fn failure(failure: Failure, rows: u32, height: u32) -> ImageError {
    match failure {
        Failure::Truncated => {
            ImageError::truncated(format!("the data ends in row {rows} of {height}"))
        }
        Failure::Corrupt => ImageError::corrupt(format!("bad WebP data in row {rows} of {height}")),
        Failure::Memory => ImageError::limit("there is not enough memory for the WebP picture"),
    }
}

fn decode_still(bytes: &[u8], info: &Info, options: &DecodeOptions) -> Result<Decoded, ImageError> {
    let mut image = Image::zeros(info.size, format_of(info));
    let pixels = bytes_of_mut(image.samples_mut());
    let result = ffi::decode(bytes, info.size.width, info.alpha, pixels);
    let concealed = match result {
        Ok(()) => None,
        Err((why, rows)) => {
            let error = failure(why, rows, info.size.height);
            if !options.tolerant || rows == 0 {
                return Err(error);
            }
            Some(error.to_string())
        }
    };
    Ok(Decoded { image, shrink: 1, concealed, notes: Vec::new() })
}

/// Puts the frames up to the wanted one together on the canvas, which starts transparent.
fn decode_animation(
    bytes: &[u8],
    info: &Info,
    options: &DecodeOptions,
    exec: &dyn Exec,
) -> Result<Decoded, ImageError> {
    let rgba = PixelFormat::new(Channels::Rgba, Depth::U8);
    let mut canvas = Image::zeros(info.size, rgba);
    let mut to_clear: Option<Frame<'_>> = None;
    let mut concealed = None;
    let mut frames = container::body(bytes)?.0.filter(|chunk| chunk.kind == *b"ANMF");
    for index in 0..=options.frame {
        exec.check_stop()?;
        let Some(chunk) = frames.next() else {
            return Err(missing_frame(bytes, index));
        };
        let frame = Frame::read(&chunk)?;
        if let Some(last) = to_clear.take() {
            draw(&mut canvas, &last, |_, below| *below = [0; 4]);
        }
        let problem = draw_frame(&mut canvas, &frame, &chunk, options.tolerant)?;
        concealed = concealed.or(problem);
        to_clear = frame.clears.then_some(frame);
    }
    let image = if info.alpha { canvas } else { drop_alpha(&canvas)? };
    Ok(Decoded { image, shrink: 1, concealed, notes: Vec::new() })
}

fn missing_frame(bytes: &[u8], frames: u32) -> ImageError {
    match container::body(bytes) {
        Ok((_, None)) => ImageError::truncated(format!("the data ends after {frames} frames")),
        _ => ImageError::settings(format!("the WebP file has only {frames} frames")),
    }
}

fn draw_frame(
    canvas: &mut Image,
    frame: &Frame<'_>,
    chunk: &Chunk<'_>,
    tolerant: bool,
) -> Result<Option<String>, ImageError> {
    let fits = frame.left.saturating_add(frame.size.width) <= canvas.width()
        && frame.top.saturating_add(frame.size.height) <= canvas.height();
    let still = frame.to_file();
    if !fits || container::info(&still)?.size != frame.size {
        return Err(ImageError::corrupt("an animation frame does not fit its canvas"));
    }
    let mut pixels = vec![0; frame.size.pixels() as usize * 4];
    let mut concealed = None;
    if let Err((why, rows)) = ffi::decode(&still, frame.size.width, true, &mut pixels) {
        let why = if chunk.is_whole() { why } else { Failure::Truncated };
        let error = failure(why, rows, frame.size.height);
        if !tolerant || rows == 0 {
            return Err(error);
        }
        concealed = Some(error.to_string());
    }
    let (above, _) = pixels.as_chunks::<4>();
    draw(canvas, frame, |at, below| {
        *below = if frame.replaces { above[at] } else { blend(above[at], *below) };
    });
    Ok(concealed)
}

/// Calls `with` for each pixel of the frame with its index in the frame and its canvas pixel.
fn draw(canvas: &mut Image, frame: &Frame<'_>, mut with: impl FnMut(usize, &mut [u8; 4])) {
    let width = canvas.width() as usize;
    let (pixels, _) = bytes_of_mut(canvas.samples_mut()).as_chunks_mut::<4>();
    let (left, columns) = (frame.left as usize, frame.size.width as usize);
    let rows = pixels.chunks_exact_mut(width).skip(frame.top as usize);
    for (y, row) in rows.take(frame.size.height as usize).enumerate() {
        for (x, pixel) in row[left..left + columns].iter_mut().enumerate() {
            with(y * columns + x, pixel);
        }
    }
}

/// Straight-alpha "over", as the container specification defines blending.
fn blend(above: [u8; 4], below: [u8; 4]) -> [u8; 4] {
    let (over, under) = (u32::from(above[3]), u32::from(below[3]));
    if over == 255 || under == 0 {
        return above;
    }
    let under = under * (255 - over); // in 1/255
    let alpha = over * 255 + under;
    let mix = |a: u8, b: u8| {
        ((u32::from(a) * over * 255 + u32::from(b) * under + alpha / 2) / alpha) as u8
    };
    let color = |c: usize| mix(above[c], below[c]);
    if over == 0 { below } else { [color(0), color(1), color(2), ((alpha + 127) / 255) as u8] }
}

fn drop_alpha(image: &Image) -> Result<Image, ImageError> {
    let (pixels, _) = bytes_of(image.samples()).as_chunks::<4>();
    let rgb = pixels.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    Image::new(image.size(), Channels::Rgb, Samples::U8(rgb))
}

fn attach_metadata(bytes: &[u8], limits: &Limits, decoded: &mut Decoded) -> Result<(), ImageError> {
    let (chunks, surplus) = container::body(bytes)?;
    let mut blocks = Blocks::default();
    for chunk in chunks.filter(Chunk::is_whole) {
        let place = match &chunk.kind {
            b"ICCP" => &mut blocks.icc,
            b"EXIF" => &mut blocks.exif,
            b"XMP " => &mut blocks.xmp,
            _ => continue,
        };
        place.get_or_insert_with(|| chunk.data.to_vec());
    }
    match surplus {
        Some(0 | 1) => {}
        Some(extra) => {
            decoded.notes.push(format!("{extra} bytes after the end of the WebP data ignored"));
        }
        None => decoded.notes.push("the WebP file is shorter than it says".into()),
    }
    blocks.attach(&mut decoded.image, limits, &mut decoded.notes);
    Ok(())
}

fn check_encodable(header: &EncodeHeader) -> Result<(), ImageError> {
    require_format(header, WebP.accepts(header.format), "WebP")?;
    let Size { width, height } = header.size;
    if header.size.is_empty() || header.size.long_edge() > MAX_SIDE {
        return Err(ImageError::encode(format!(
            "WebP holds sides of 1 to {MAX_SIDE} pixels, not {width}x{height}"
        ))
        .with_hint("choose another format or make the picture smaller"));
    }
    Ok(())
}

fn encode(image: &Image, options: EncodeOptions, out: &mut dyn Write) -> Result<(), ImageError> {
    const METHODS: [u8; 10] = [0, 2, 4, 4, 5, 5, 6, 6, 6, 6];
    let settings = Settings {
        quality: options.quality.unwrap_or(DEFAULT_QUALITY).clamp(1, 100),
        effort: if options.lossless {
            options.effort
        } else {
            METHODS[usize::from(options.effort.min(9))]
        },
        lossless: options.lossless,
    };
    let rgba = image.channels() == Channels::Rgba;
    let sides = (image.width(), image.height());
    let file = ffi::encode(bytes_of(image.samples()), sides, rgba, settings)
        .map_err(|problem| ImageError::encode(format!("libwebp failed: {problem}")))?;
    container::write(&file, &EncodeHeader::of(image), out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blending_keeps_the_ends() {
        assert_eq!(blend([1, 2, 3, 255], [9, 9, 9, 255]), [1, 2, 3, 255]);
        assert_eq!(blend([1, 2, 3, 0], [9, 8, 7, 200]), [9, 8, 7, 200]);
        assert_eq!(blend([200, 0, 0, 128], [0, 0, 0, 255]), [100, 0, 0, 255]);
    }
}
