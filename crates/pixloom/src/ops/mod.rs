//! The operations. To add one: write its file, add its line here.
crate::op::ops! {
    resize::Resize,
    crop::Crop,
    tile::Tile,
    flip::Flip,
    noise::Noise,
    to_srgb::ToSrgb,
}
