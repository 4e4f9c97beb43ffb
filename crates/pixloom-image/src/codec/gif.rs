//! GIF (89a specification): frames put together on their canvas; writing with up to 256 colours.
use std::borrow::Cow;
use std::io::{Cursor, Write};

use gif::{ColorOutput, DecodingError, DisposalMethod, Frame, MemoryLimit};

use super::shared::{WholePicture, bytes_of, bytes_of_mut, require_format, tidy};
use super::{
    Codec, DecodeOptions, Decoded, EncodeHeader, EncodeOptions, FormatInfo, Header, RowSink,
};
use crate::{
    Channels, Depth, Exec, Image, ImageError, Limits, Orientation, PixelFormat, Samples, Size,
};

/// Reads and writes GIF. Writing reduces colours to 256 and alpha to one bit.
pub(super) struct Gif;

static INFO: FormatInfo = FormatInfo {
    name: "gif",
    extensions: &["gif"],
    encodes: true,
    carries_icc: false,
    carries_exif: false,
    lossy: true,
};

impl Codec for Gif {
    fn info(&self) -> &'static FormatInfo {
        &INFO
    }

    fn matches(&self, head: &[u8]) -> bool {
        head.starts_with(b"GIF87a") || head.starts_with(b"GIF89a")
    }

    fn header(&self, bytes: &[u8], limits: &Limits) -> Result<Header, ImageError> {
        let outline = Outline::read(bytes, limits.max_frames)?;
        if !outline.complete {
            return Err(ImageError::truncated(
                "the data ends before the last frame of the GIF file",
            ));
        }
        Ok(Header {
            size: outline.size,
            format: outline.format(),
            bit_depth: 8,
            frames: outline.frames.max(1),
            orientation: Orientation::UPRIGHT,
            has_icc: false,
            color_model: "palette".into(),
            progressive: outline.interlaced,
        })
    }

    fn decode(
        &self,
        bytes: &[u8],
        options: &DecodeOptions,
        limits: &Limits,
        exec: &dyn Exec,
    ) -> Result<Decoded, ImageError> {
        let outline = Outline::read(bytes, limits.max_frames)?;
        limits.check(outline.size, 4)?;
        let (canvas, concealed) = compose((bytes, outline.size), options, limits, exec)?;
        let image = match outline.format().channels {
            Channels::Rgba => canvas,
            _ => drop_alpha(&canvas)?,
        };
        let mut notes = Vec::new();
        match outline.trailing {
            Some(extra) if extra > 0 => {
                notes.push(format!("{extra} bytes after the end of the GIF data ignored"));
            }
            Some(_) => {}
            None if outline.complete => {}
            None => notes.push("the end mark of the GIF file is missing".into()),
        }
        Ok(Decoded { image, shrink: 1, concealed, notes })
    }

    fn accepts(&self, format: PixelFormat) -> PixelFormat {
        let channels = match format.channels {
            Channels::Gray => Channels::Gray,
            Channels::Rgb => Channels::Rgb,
            Channels::GrayAlpha | Channels::Rgba => Channels::Rgba,
        };
        PixelFormat::new(channels, Depth::U8)
    }

    fn encoder<'w>(
        &self,
        header: &EncodeHeader,
        options: &EncodeOptions,
        out: &'w mut dyn Write,
    ) -> Result<Box<dyn RowSink + 'w>, ImageError> {
        let sides = check_encodable(header)?;
        let options = *options;
        Ok(Box::new(WholePicture::new(header, move |image| encode(image, sides, options, out))?))
    }

    fn encode(
        &self,
        image: &Image,
        options: &EncodeOptions,
        _exec: &dyn Exec,
        out: &mut dyn Write,
    ) -> Result<(), ImageError> {
        let sides = check_encodable(&EncodeHeader::of(image))?;
        encode(image, sides, *options, out)
    }

    fn decode_memory(&self, header: &Header, _options: &DecodeOptions) -> u64 {
        // Canvas, its copy for frames that are taken back, the indices of a frame.
        let frame = header.size.pixels().saturating_mul(9);
        header.decoded_bytes().saturating_add(frame).saturating_add(1 << 20)
    }

    fn encode_memory(&self, header: &EncodeHeader, _options: &EncodeOptions) -> u64 {
        header.size.pixels().saturating_mul(12).saturating_add(1 << 20)
    }
}

/// What the blocks of a file say, found without unpacking pixels.
struct Outline {
    size: Size,
    frames: u32,
    interlaced: bool,
    /// Whether every pixel of every frame's canvas is opaque.
    opaque: bool,
    /// Whether the trailer, or so many frames as are allowed, was reached.
    complete: bool,
    /// Bytes behind the trailer.
    trailing: Option<usize>,
}

/// What a graphic control extension says about the next frame.
#[derive(Debug, Clone, Copy, Default)]
struct Control {
    transparent: bool,
    clears: bool,
}

impl Outline {
    const fn format(&self) -> PixelFormat {
        PixelFormat::new(if self.opaque { Channels::Rgb } else { Channels::Rgba }, Depth::U8)
    }

    fn read(bytes: &[u8], max_frames: u32) -> Result<Self, ImageError> {
        let Some((screen, _)) = bytes.split_first_chunk::<13>() else {
            return Err(ImageError::truncated("the data ends in the GIF header"));
        };
        let side = |at: usize| u32::from(u16::from_le_bytes([screen[at], screen[at + 1]]));
        let size = Size::new(side(6), side(8));
        let mut outline = Self {
            size,
            frames: 0,
            interlaced: false,
            opaque: true,
            complete: false,
            trailing: None,
        };
        let mut at = 13 + color_table_bytes(screen[10]);
        let mut control = Control::default();
        while let Some(&block) = bytes.get(at) {
            let end = match block {
                0x2c => {
                    if outline.frames >= max_frames.max(1) {
                        outline.complete = true;
                        return Ok(outline);
                    }
                    let Some(descriptor) = bytes.get(at + 1..at + 10) else { break };
                    outline.frame(descriptor, std::mem::take(&mut control));
                    // One byte more: the code size of the compressed indices.
                    skip_sub_blocks(bytes, at + 11 + color_table_bytes(descriptor[8]))
                }
                0x21 => {
                    if let Some([0xf9, _, flags]) = bytes.get(at + 1..at + 4) {
                        control =
                            Control { transparent: flags & 1 != 0, clears: (flags >> 2) & 7 == 2 };
                    }
                    skip_sub_blocks(bytes, at + 2)
                }
                0x3b => {
                    outline.complete = true;
                    outline.trailing = Some(bytes.len() - at - 1);
                    return Ok(outline);
                }
                _ => {
                    // No block: the decoder will say what is wrong.
                    outline.complete = true;
                    return Ok(outline);
                }
            };
            let Some(end) = end else { break };
            at = end;
        }
        Ok(outline)
    }

    fn frame(&mut self, descriptor: &[u8], control: Control) {
        let side = |at: usize| u32::from(u16::from_le_bytes([descriptor[at], descriptor[at + 1]]));
        let covers = side(0) == 0 && side(2) == 0 && Size::new(side(4), side(6)).covers(self.size);
        if self.frames == 0 {
            self.interlaced = descriptor[8] & 0x40 != 0;
            self.opaque = covers && !control.transparent;
        }
        self.opaque &= !control.clears;
        self.frames += 1;
    }
}

const fn color_table_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// The place after a chain of sub-blocks; `None` if the data ends before.
fn skip_sub_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let len = usize::from(*bytes.get(at)?);
        at += 1 + len;
        if len == 0 {
            return Some(at);
        }
    }
}

type Decoder<'a> = gif::Decoder<Cursor<&'a [u8]>>;

/// The file with a table of colours for all frames. Without one, and without one of the frame's
/// own, the specification leaves the colours to the decoder (section 18): shades from black to
/// white, as other decoders take them.
fn with_color_table(bytes: &[u8]) -> Cow<'_, [u8]> {
    let Some((screen, rest)) = bytes.split_first_chunk::<13>() else { return bytes.into() };
    if color_table_bytes(screen[10]) > 0 {
        return bytes.into();
    }
    let mut screen = *screen;
    screen[10] |= 0x87; // a table of 256 colours follows
    let greys: Vec<u8> = (0..=255).flat_map(|grey| [grey; 3]).collect();
    [&screen, greys.as_slice(), rest].concat().into()
}

/// Draws the frames up to the wanted one onto a canvas that starts transparent.
fn compose(
    (bytes, size): (&[u8], Size),
    options: &DecodeOptions,
    limits: &Limits,
    exec: &dyn Exec,
) -> Result<(Image, Option<String>), ImageError> {
    let mut settings = gif::DecodeOptions::new();
    settings.set_color_output(ColorOutput::Indexed);
    settings.set_memory_limit(MemoryLimit::Unlimited); // frames are checked below
    settings.check_lzw_end_code(false);
    let file = with_color_table(bytes);
    let mut decoder = settings
        .read_info(Cursor::new(&*file))
        .map_err(|error| describe(error, "the GIF header"))?;
    let mut canvas = Image::zeros(size, PixelFormat::new(Channels::Rgba, Depth::U8));
    let mut concealed = None;
    for index in 0..=options.frame {
        exec.check_stop()?;
        let place = format!("frame {index} of the GIF file");
        let frame = match decoder.next_frame_info() {
            Ok(Some(frame)) => clone_info(frame),
            Ok(None) => return Err(no_such_frame(bytes, index, limits)),
            Err(error) => return Err(describe(error, &place)),
        };
        let frame_size = Size::new(u32::from(frame.width), u32::from(frame.height));
        limits.check(frame_size, 1)?;
        let last = index == options.frame;
        let before = (!last && frame.dispose == DisposalMethod::Previous).then(|| canvas.clone());
        let (indices, problem) = read_indices(&mut decoder, &frame);
        if let Some((error, rows)) = problem {
            let error = describe(error, &format!("row {rows} of {place}"));
            if !options.tolerant || rows == 0 {
                return Err(error);
            }
            concealed.get_or_insert(error.to_string());
        }
        let palette = decoder.palette().map_err(|error| describe(error, &place))?;
        draw(&mut canvas, &frame, &indices, palette);
        if let Some(before) = before {
            canvas = before;
        } else if !last && frame.dispose == DisposalMethod::Background {
            clear(&mut canvas, &frame);
        }
        if concealed.is_some() && !last {
            return Err(ImageError::truncated(format!("the data ends in {place}")));
        }
    }
    Ok((canvas, concealed))
}

fn clone_info(frame: &Frame<'_>) -> Frame<'static> {
    Frame {
        transparent: frame.transparent,
        dispose: frame.dispose,
        left: frame.left,
        top: frame.top,
        width: frame.width,
        height: frame.height,
        interlaced: frame.interlaced,
        ..Frame::default()
    }
}

fn no_such_frame(bytes: &[u8], frames: u32, limits: &Limits) -> ImageError {
    let complete = Outline::read(bytes, limits.max_frames).is_ok_and(|outline| outline.complete);
    if frames == 0 && complete {
        ImageError::corrupt("the GIF file has no frame")
    } else if complete {
        ImageError::settings(format!("the GIF file has only {frames} frames"))
    } else {
        ImageError::truncated(format!("the data ends after {frames} frames"))
    }
}

/// The palette indices of the decoded rows, each with its place in the frame, and why rows are
/// missing.
type Rows = (Vec<(usize, Vec<u8>)>, Option<(DecodingError, usize)>);

fn read_indices(decoder: &mut Decoder<'_>, frame: &Frame<'_>) -> Rows {
    let mut rows = Vec::new();
    for y in row_order(usize::from(frame.height), frame.interlaced) {
        let mut row = vec![0; usize::from(frame.width)];
        match decoder.fill_buffer(&mut row) {
            Ok(true) => rows.push((y, row)),
            Ok(false) => {
                let error = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
                let done = rows.len();
                return (rows, Some((DecodingError::Io(error), done)));
            }
            Err(error) => {
                let done = rows.len();
                return (rows, Some((error, done)));
            }
        }
    }
    (rows, None)
}

/// The rows in the order in which they are stored (appendix E of the specification).
fn row_order(height: usize, interlaced: bool) -> impl Iterator<Item = usize> {
    let passes: &[(usize, usize)] =
        if interlaced { &[(0, 8), (4, 8), (2, 4), (1, 2)] } else { &[(0, 1)] };
    passes.iter().flat_map(move |&(first, step)| (first..height).step_by(step))
}

fn draw(canvas: &mut Image, frame: &Frame<'_>, rows: &[(usize, Vec<u8>)], palette: &[u8]) {
    let (colors, _) = palette.as_chunks::<3>();
    for (y, indices) in rows {
        for (pixel, &index) in frame_row(canvas, frame, *y).iter_mut().zip(indices) {
            if Some(index) != frame.transparent {
                let [r, g, b] = colors.get(usize::from(index)).copied().unwrap_or_default();
                *pixel = [r, g, b, 255];
            }
        }
    }
}

fn clear(canvas: &mut Image, frame: &Frame<'_>) {
    for y in 0..usize::from(frame.height) {
        frame_row(canvas, frame, y).fill([0; 4]);
    }
}

/// The part of the canvas under row `y` of the frame; empty outside the canvas.
fn frame_row<'c>(canvas: &'c mut Image, frame: &Frame<'_>, y: usize) -> &'c mut [[u8; 4]] {
    let (width, height) = (canvas.width() as usize, canvas.height() as usize);
    let (left, y) = (usize::from(frame.left).min(width), usize::from(frame.top) + y);
    let right = (left + usize::from(frame.width)).min(width);
    let (pixels, _) = bytes_of_mut(canvas.samples_mut()).as_chunks_mut::<4>();
    if y < height { &mut pixels[y * width + left..y * width + right] } else { &mut [] }
}

fn drop_alpha(image: &Image) -> Result<Image, ImageError> {
    let (pixels, _) = bytes_of(image.samples()).as_chunks::<4>();
    let rgb = pixels.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    Image::new(image.size(), Channels::Rgb, Samples::U8(rgb))
}

fn describe(error: DecodingError, place: &str) -> ImageError {
    match error {
        DecodingError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            ImageError::truncated(format!("the data ends in {place}"))
        }
        error => ImageError::corrupt(format!("in {place}: {}", tidy(&error))),
    }
}

fn check_encodable(header: &EncodeHeader) -> Result<(u16, u16), ImageError> {
    require_format(header, Gif.accepts(header.format), "GIF")?;
    let sides = (u16::try_from(header.size.width), u16::try_from(header.size.height));
    match sides {
        (Ok(width), Ok(height)) if !header.size.is_empty() => Ok((width, height)),
        _ => Err(ImageError::encode(format!(
            "GIF holds sides of 1 to 65535 pixels, not {}",
            header.size
        ))),
    }
}

fn encode(
    image: &Image,
    (width, height): (u16, u16),
    options: EncodeOptions,
    out: &mut dyn Write,
) -> Result<(), ImageError> {
    // The quantiser looks at every n-th pixel, 1 to 30.
    const SAMPLING: [i32; 10] = [30, 20, 10, 8, 6, 5, 4, 3, 2, 1];
    let sampling = SAMPLING[usize::from(options.effort.min(9))];
    let pixels = bytes_of(image.samples());
    let mut frame = match image.channels() {
        Channels::Gray => {
            let ramp: Vec<u8> = (0..=255).flat_map(|gray| [gray; 3]).collect();
            Frame::from_palette_pixels(width, height, pixels, ramp, None)
        }
        Channels::Rgb => Frame::from_rgb_speed(width, height, pixels, sampling),
        _ => {
            let mut pixels = pixels.to_vec();
            for alpha in pixels.iter_mut().skip(3).step_by(4) {
                *alpha = if *alpha < 128 { 0 } else { 255 };
            }
            Frame::from_rgba_speed(width, height, &mut pixels, sampling)
        }
    };
    let failed =
        |error: gif::EncodingError| ImageError::encode("GIF writing failed").with_source(error);
    // One frame: its palette is the file's. Some readers look at that one alone.
    let palette = frame.palette.take().unwrap_or_default();
    let mut encoder = gif::Encoder::new(out, width, height, &palette).map_err(failed)?;
    encoder.write_frame(&frame).map_err(failed)?;
    encoder.into_inner().map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interlaced_rows_are_all_there_once() {
        for height in [0, 1, 2, 5, 8, 17] {
            let mut rows: Vec<usize> = row_order(height, true).collect();
            assert_eq!(rows.first().copied().unwrap_or(0), 0);
            rows.sort_unstable();
            assert_eq!(rows, (0..height).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_file_without_colors_is_grey() {
        // Logical screen 1 × 1 without a table, one frame without a table, index 200.
        let mut file = b"GIF89a\x01\0\x01\0\x70\0\0".to_vec();
        file.extend(b"\x2c\0\0\0\0\x01\0\x01\0\0");
        // Code size 8: clear (256), 200, end (257), nine bits each, low bits first.
        let codes: u32 = 256 | 200 << 9 | 257 << 18;
        file.extend([8, 4]);
        file.extend(codes.to_le_bytes());
        file.extend([0, 0x3b]);
        let options = DecodeOptions::default();
        let decoded = Gif.decode(&file, &options, &Limits::default(), &crate::Serial).unwrap();
        assert_eq!(decoded.image.samples(), &Samples::U8(vec![200; 3]));
    }
}
