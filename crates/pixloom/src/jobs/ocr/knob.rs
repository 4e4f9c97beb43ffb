//! Everything about an image that is a number drawn from a range: one table, from which the
//! configuration's keys, their checks, the draws and the records come.
use super::distribution::Distribution;

/// One number of an image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knob {
    /// Its key in the configuration, before `_min`, `_max`, `_distribution`, `_probability`.
    pub name: &'static str,
    /// The value that changes nothing, and the default of both ends of its range.
    pub off: f64,
    /// Default distribution.
    pub distribution: Distribution,
    /// Least value that makes sense.
    pub least: f64,
    /// Largest value that makes sense.
    pub most: f64,
    /// Whether only whole numbers count.
    pub whole: bool,
    /// Whether document 001 has it.
    pub original: bool,
    /// What it is, with its unit.
    pub help: &'static str,
}

macro_rules! knobs {
    ($($id:ident $name:literal $off:literal $distribution:ident $least:literal..$most:literal
        $whole:literal $original:literal $help:literal;)*) => {
        /// Names the numbers of an image.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum K { $(#[doc = $help] $id),* }

        /// All numbers, in the order of [`K`].
        pub(super) static KNOBS: &[Knob] = &[$(Knob {
            name: $name, off: $off, distribution: Distribution::$distribution,
            least: $least, most: $most, whole: $whole, original: $original, help: $help,
        }),*];
    };
}

knobs! {
    FontSize "font_size" 32.0 Uniform 4.0..1000.0 false true "Size of the em square, pixels";
    LineSpacing "line_spacing" 1.0 Uniform 0.3..5.0 false true "Distance of the baselines, heights of a line";
    GlyphOverlap "glyph_overlap_intensity" 0.0 Exponential 0.0..0.95 false true "Part of each letter that the next one covers";
    InkBleed "ink_bleed_radius" 0.0 Exponential 0.0..20.0 false true "How far ink runs into the paper, pixels";
    Rotation "rotation_angle" 0.0 Normal -180.0..180.0 false true "Degrees, anticlockwise";
    Perspective "perspective_warp_magnitude" 0.0 Exponential 0.0..0.5 false true "How far the corners of the picture move inwards, parts of its shorter side; above 0.45 as 0.45";
    ElasticAlpha "elastic_distortion_alpha" 0.0 Exponential 0.0..2000.0 false true "Strength of the elastic distortion, pixels before smoothing";
    ElasticSigma "elastic_distortion_sigma" 0.0 Exponential 0.0..200.0 false true "Smoothness of the elastic distortion, pixels";
    GridSteps "grid_distortion_steps" 2.0 Uniform 0.0..50.0 true true "Cells of the distorted grid in each direction; 0 distorts nothing";
    GridLimit "grid_distortion_limit" 0.0 Exponential 0.0..200.0 false true "How far the nodes of the grid move, pixels";
    Optical "optical_distortion_limit" 0.0 Exponential -0.3..1.0 false true "Radial distortion k1 = k2; positive pulls to the middle, below -0.1 is as -0.1";
    Noise "noise_amount" 0.0 Exponential 0.0..1.0 false true "Part of the pixels that become black or white";
    Blur "blur_radius" 0.0 Exponential 0.0..50.0 false true "Deviation of the Gaussian blur, pixels";
    Brightness "brightness_factor" 1.0 Normal 0.0..5.0 false true "Factor on all values";
    Contrast "contrast_factor" 1.0 Normal 0.0..5.0 false true "Factor on the distance from the mean grey";
    ErosionDilation "erosion_dilation_kernel" 1.0 Uniform 0.0..31.0 true true "Side of the square by which strokes grow or shrink, pixels; up to 1 changes nothing";
    CutoutWidth "cutout_width" 0.0 Uniform 0.0..10000.0 true true "Width of the black rectangle, pixels";
    CutoutHeight "cutout_height" 0.0 Uniform 0.0..10000.0 true true "Height of the black rectangle, pixels";
    DropShadowX "drop_shadow_offset_x" 0.0 Uniform -200.0..200.0 false true "Drop shadow to the right, pixels";
    DropShadowY "drop_shadow_offset_y" 0.0 Uniform -200.0..200.0 false true "Drop shadow downwards, pixels";
    DropShadowRadius "drop_shadow_radius" 0.0 Exponential 0.0..50.0 false true "Blur of the drop shadow, pixels";
    BlockShadowX "block_shadow_offset_x" 0.0 Uniform -200.0..200.0 false true "Block shadow to the right, pixels";
    BlockShadowY "block_shadow_offset_y" 0.0 Uniform -200.0..200.0 false true "Block shadow downwards, pixels";
    BlockShadowRadius "block_shadow_radius" 0.0 Exponential 0.0..50.0 false true "Blur of the block shadow, pixels";
    ArcRadius "arc_radius" 0.0 Exponential 0.0..100_000.0 false true "Radius of the arc, pixels";
    SineAmplitude "sine_amplitude" 0.0 Exponential 0.0..500.0 false true "Height of the wave, pixels";
    SineFrequency "sine_frequency" 0.0 Uniform 0.0..3.2 false true "Frequency of the wave, radians for each pixel";
    SinePhase "sine_phase" 0.0 Uniform -100.0..100.0 false true "Phase of the wave, radians";
    Padding "padding" 10.0 Uniform 0.0..5000.0 false false "Distance of the text from each side, pixels";
    LetterSpacing "letter_spacing" 0.0 Uniform -0.5..5.0 false false "Space added between letters, em";
    Shear "shear_angle" 0.0 Normal -45.0..45.0 false false "Slant of the whole text, degrees to the right";
    Stroke "stroke_width" 0.0 Uniform 0.0..20.0 false false "Border around the letters, pixels";
    MotionBlur "motion_blur_length" 0.0 Exponential 0.0..100.0 false false "Length of the motion blur, pixels";
    MotionAngle "motion_blur_angle" 0.0 Uniform -180.0..180.0 false false "Direction of the motion blur, degrees";
    GaussianNoise "gaussian_noise_sigma" 0.0 Exponential 0.0..1.0 false false "Deviation of the Gaussian noise, 0 to 1";
    SpeckleNoise "speckle_noise_sigma" 0.0 Exponential 0.0..1.0 false false "Deviation of noise that grows with brightness, 0 to 1";
    Resample "resample_scale" 1.0 Uniform 0.05..1.0 false false "Reduced to this part and enlarged again";
    Jpeg "jpeg_quality" 100.0 Uniform 1.0..100.0 true false "Saved as JPEG once; 100 does not";
    Lighting "lighting_gradient" 0.0 Uniform 0.0..0.9 false false "How much darker the far side is";
    CastShadow "cast_shadow_strength" 0.0 Exponential 0.0..0.9 false false "How much darker the shadow of something beside the picture is";
    Glare "glare_strength" 0.0 Exponential 0.0..1.0 false false "How bright a spot of light is";
    ScanLines "scan_line_strength" 0.0 Exponential 0.0..1.0 false false "How much darker the lines of a scanner are";
    Moire "moire_strength" 0.0 Exponential 0.0..1.0 false false "How strong the pattern of two grids is";
    Halftone "halftone_strength" 0.0 Exponential 0.0..1.0 false false "How much of a print in dots shows";
    Crease "crease_strength" 0.0 Exponential 0.0..1.0 false false "How strong folds of the paper are";
    Stains "stain_strength" 0.0 Exponential 0.0..1.0 false false "How dark stains are";
    InkTexture "ink_texture" 0.0 Exponential 0.0..1.0 false false "How uneven the ink is, as of a dry pen or an empty ribbon";
    BleedThrough "bleed_through" 0.0 Exponential 0.0..0.6 false false "How much of the text shows mirrored, as from the back of the sheet";
    PageCurl "page_curl" 0.0 Exponential 0.0..0.3 false false "How far lines bend down to the binding, parts of the height";
    Underline "underline_width" 0.0 Uniform 0.0..20.0 false false "Thickness of a line below the text, pixels";
    Strike "strike_width" 0.0 Uniform 0.0..20.0 false false "Thickness of a line through the text, pixels";
    CurveBend "curve_bend" 0.0 Uniform 0.0..0.5 false false "How far the points of a free baseline lie off the straight line, parts of its length";
    Columns "columns" 1.0 Uniform 1.0..8.0 true false "Columns of a page";
    Measure "line_measure" 24.0 Uniform 2.0..400.0 false false "Width of a column of a page, em";
    ParagraphLength "paragraph_length" 160.0 Uniform 10.0..5000.0 true false "Grapheme clusters of a paragraph of a page, about";
    HeadingScale "heading_scale" 1.5 Uniform 0.5..5.0 false false "Size of a page's heading, parts of that of its text";
    OutputHeight "output_height" 0.0 Uniform 0.0..4000.0 true false "Height of the picture, of vertical text its width, pixels; 0 as the text needs";
}

impl Knob {
    /// Whether a value changes nothing.
    #[expect(clippy::float_cmp, reason = "off is exactly that number")]
    pub(super) fn is_off(&self, value: f64) -> bool {
        value == self.off
    }
}

impl K {
    /// Its row of the table.
    pub fn knob(self) -> &'static Knob {
        &KNOBS[self as usize]
    }
}

/// The number that a key's stem names.
pub(super) fn position(name: &str) -> Option<usize> {
    KNOBS.iter().position(|knob| knob.name == name)
}

/// Values of all numbers of one image, in the order of [`K`].
#[derive(Debug, Clone, PartialEq)]
pub struct Values(Vec<f64>);

impl Default for Values {
    fn default() -> Self {
        Self(KNOBS.iter().map(|knob| knob.off).collect())
    }
}

impl Values {
    /// One value.
    pub fn get(&self, k: K) -> f64 {
        self.0[k as usize]
    }

    /// The value at a place of the table.
    pub fn at(&self, k: usize) -> f64 {
        self.0[k]
    }

    /// Sets one value.
    pub fn set(&mut self, k: usize, value: f64) {
        self.0[k] = value;
    }
}

/// Only what is not off is written, by name.
impl serde::Serialize for Values {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let on = KNOBS.iter().zip(&self.0).filter(|(knob, value)| !knob.is_off(**value));
        serializer.collect_map(on.map(|(knob, value)| (knob.name, value)))
    }
}

impl<'de> serde::Deserialize<'de> for Values {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let map = std::collections::BTreeMap::<String, f64>::deserialize(deserializer)?;
        let mut values = Self::default();
        for (name, value) in map {
            let Some(at) = position(&name) else {
                return Err(serde::de::Error::custom(format!("there is no value `{name}`")));
            };
            if !value.is_finite() {
                return Err(serde::de::Error::custom(format!("`{name}` is not a number")));
            }
            values.set(at, value.clamp(KNOBS[at].least, KNOBS[at].most));
        }
        Ok(values)
    }
}
