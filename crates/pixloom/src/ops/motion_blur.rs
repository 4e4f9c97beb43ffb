//! Blur along a line.
use pixloom_image::filter;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::op::kernel_op;

/// Blur a picture along a straight line, as where the camera or the thing moved.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MotionBlur {
    /// Length of the path in pixels; up to 1 changes nothing.
    #[schemars(range(min = 0.0, max = 500.0))]
    pub(crate) length: f32,
    /// Direction of the path, degrees counter-clockwise from the horizontal.
    #[schemars(range(min = -360.0, max = 360.0))]
    pub(crate) angle: f32,
}

impl Default for MotionBlur {
    fn default() -> Self {
        Self { length: 9.0, angle: 0.0 }
    }
}

kernel_op!(
    MotionBlur,
    "motion-blur",
    ["motion-blur:length=15,angle=30"],
    filter::motion_blur_cost,
    |own, image, cx| filter::motion_blur(image, own.length, own.angle, cx.exec),
);
