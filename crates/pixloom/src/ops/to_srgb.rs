//! Bringing colours to sRGB.
use pixloom_engine::Seed;
use pixloom_image::{Image, ImageError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::{Op, OpCx};
use crate::params::Params;
use crate::picture::honour_profile;

/// Convert the colours of an embedded ICC profile to sRGB and drop the profile.
///
/// Relative colorimetric. A picture without a profile is taken for sRGB and left alone; one
/// whose profile is broken too, with a note.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ToSrgb {}

impl Params for ToSrgb {}

impl Op for ToSrgb {
    const NAME: &'static str = "to-srgb";
    const EXAMPLES: &'static [&'static str] = &["to-srgb | resize:long_edge=512"];
    type Drawn = ();

    fn draw(&self, _: Seed) {}

    fn apply(&self, image: Image, (): &(), cx: &OpCx<'_>) -> Result<Image, ImageError> {
        honour_profile(image, cx.exec, cx.note)
    }
}
