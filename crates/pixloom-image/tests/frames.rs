//! Animations and pages, and parts that run in any order.
use std::borrow::Cow;

use gif::{DisposalMethod, Frame};
use pixloom_image::codec::{DecodeOptions, EncodeOptions, by_name};
use pixloom_image::{
    Channels, Exec, Image, ImageErrorKind, Limits, PixelFormat, Samples, Serial, Size,
};

/// Runs the parts backwards.
struct Backwards;

impl Exec for Backwards {
    fn for_each(&self, parts: usize, part: &(dyn Fn(usize) + Sync)) {
        (0..parts).rev().for_each(part);
    }
}

#[test]
fn the_order_of_bands_does_not_show() {
    let size = Size::new(1000, 1500);
    let samples = (0..size.pixels() * 3).map(|i| ((i * i) >> 9) as u8).collect();
    let image = Image::new(size, Channels::Rgb, Samples::U8(samples)).expect("size");
    let png = by_name("png").expect("png");
    let write = |exec: &dyn Exec| {
        let mut out = Vec::new();
        png.encode(&image, &EncodeOptions::default(), exec, &mut out).expect("png");
        out
    };
    assert!(write(&Serial) == write(&Backwards));
}

/// Three frames on a canvas of 4x1: all red, then green at 1 (taken back), then blue at 2.
fn animation() -> Vec<u8> {
    let palette = [255, 0, 0, 0, 255, 0, 0, 0, 255];
    let mut out = Vec::new();
    let mut encoder = gif::Encoder::new(&mut out, 4, 1, &palette).expect("gif");
    for (left, index, width, dispose) in [
        (0, 0u8, 4, DisposalMethod::Keep),
        (1, 1, 1, DisposalMethod::Previous),
        (2, 2, 1, DisposalMethod::Keep),
    ] {
        let buffer = Cow::Owned(vec![index; usize::from(width)]);
        let frame = Frame { left, width, height: 1, buffer, dispose, ..Frame::default() };
        encoder.write_frame(&frame).expect("gif");
    }
    drop(encoder);
    out
}

#[test]
fn gif_frames_are_put_together() {
    let (codec, bytes, limits) = (by_name("gif").expect("gif"), animation(), Limits::default());
    let header = codec.header(&bytes, &limits).expect("header");
    assert_eq!((header.frames, header.format), (3, PixelFormat::RGB8));
    let few = Limits { max_frames: 2, ..limits };
    assert_eq!(codec.header(&bytes, &few).expect("header").frames, 2);
    let (r, g, b) = ([255, 0, 0], [0, 255, 0], [0, 0, 255]);
    for (frame, expected) in [(0, [r, r, r, r]), (1, [r, g, r, r]), (2, [r, r, b, r])] {
        let options = DecodeOptions { frame, ..DecodeOptions::default() };
        let decoded = codec.decode(&bytes, &options, &limits, &Serial).expect("frame").image;
        assert_eq!(decoded.into_samples(), Samples::U8(expected.concat()), "frame {frame}");
    }
    let options = DecodeOptions { frame: 3, ..DecodeOptions::default() };
    let error = codec.decode(&bytes, &options, &limits, &Serial).expect_err("no such frame");
    assert_eq!(error.kind(), ImageErrorKind::Settings);
}
