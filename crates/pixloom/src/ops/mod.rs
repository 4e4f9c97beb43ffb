//! The operations. To add one: write its file, add its line here.
mod shade;

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
    cast_shadow::CastShadow,
    glare::Glare,
    crease::Crease,
    stains::Stains,
    halftone::Halftone,
    scan_lines::ScanLines,
    moire::Moire,
    to_srgb::ToSrgb,
}
