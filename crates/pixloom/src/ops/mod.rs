//! The operations. To add one: write its file, add its line here.
crate::op::ops! {
    resize::Resize,
    crop::Crop,
    tile::Tile,
    pad::Pad,
    flip::Flip,
    rotate::Rotate,
    blur::Blur,
    sharpen::Sharpen,
    noise::Noise,
    to_srgb::ToSrgb,
}
