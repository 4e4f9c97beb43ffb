//! How results are written.
use pixloom_image::codec::{self, Codec, EncodeOptions, Subsampling};
use pixloom_image::{ColorSpace, Exec, Image, ImageError, Metadata, color, convert};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::naming::OnCollision;
use crate::params::{ParamError, Params};
use crate::schema;

/// How results are written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EncodeSettings {
    /// Format of the results, such as `png` or `webp`. Without it each keeps the format that its
    /// file name says.
    pub to: Option<String>,
    /// Lossy quality from 1 to 100; the format's own default without it (JPEG 90, WebP 85).
    #[schemars(range(min = 1, max = 100))]
    pub quality: Option<u8>,
    /// Lossless, where the format has both (WebP).
    pub lossless: bool,
    /// How hard to compress: 0 is fastest, 9 is smallest. Lossless pixels do not depend on it.
    #[schemars(range(min = 0, max = 9))]
    pub effort: u8,
    /// Chroma resolution of JPEG.
    pub subsampling: ChromaSubsampling,
    /// Write JPEG in several passes, coarse to fine.
    pub progressive: bool,
    /// Keep EXIF and XMP where the format can carry them. Colour profiles are always honoured.
    pub keep_metadata: bool,
    /// Colour behind transparent pixels where the format has no alpha, as `#rrggbb`.
    pub background: String,
    /// What to do when two inputs would be written to one name, such as `a.png` and `a.jpg` to
    /// `a.webp`.
    pub on_collision: OnCollision,
}

/// Chroma resolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub enum ChromaSubsampling {
    /// Full resolution.
    #[serde(rename = "444")]
    Full,
    /// Half the columns.
    #[serde(rename = "422")]
    HalfColumns,
    /// Half the columns and rows.
    #[default]
    #[serde(rename = "420")]
    Quarter,
}

impl Default for EncodeSettings {
    fn default() -> Self {
        Self {
            to: None,
            quality: None,
            lossless: false,
            effort: EncodeOptions::default().effort,
            subsampling: ChromaSubsampling::Quarter,
            progressive: false,
            keep_metadata: true,
            background: "#ffffff".to_owned(),
            on_collision: OnCollision::Error,
        }
    }
}

impl Params for EncodeSettings {
    fn validate(&self) -> Result<(), ParamError> {
        self.background_color()?;
        self.format().map(|_| ())
    }
}

impl EncodeSettings {
    /// The format of all results, if one was named.
    pub fn format(&self) -> Result<Option<&'static dyn Codec>, ParamError> {
        let Some(name) = &self.to else { return Ok(None) };
        let Some(codec) = codec::by_name(name) else {
            let names = codec::CODECS.iter().map(|codec| codec.info().name);
            let error = ParamError::new("to", format!("there is no format `{name}`"));
            return Err(match schema::nearest(name, names) {
                Some(close) => error.with_meant(close),
                None => error,
            });
        };
        if !codec.info().encodes {
            let names = codec::CODECS.iter().map(|codec| codec.info());
            let names: Vec<_> = names.filter(|info| info.encodes).map(|info| info.name).collect();
            let problem = match codec.support().write_feature {
                Some(feature) => format!(
                    "writing {} is not built in: build pixloom with `--features {feature}`",
                    codec.info().name.to_uppercase()
                ),
                None => format!("`{name}` cannot be written, only {}", names.join(", ")),
            };
            return Err(ParamError::new("to", problem));
        }
        Ok(Some(codec))
    }

    /// The options of the codecs.
    pub fn options(&self) -> EncodeOptions {
        EncodeOptions {
            quality: self.quality,
            lossless: self.lossless,
            effort: self.effort,
            subsampling: match self.subsampling {
                ChromaSubsampling::Full => Subsampling::S444,
                ChromaSubsampling::HalfColumns => Subsampling::S422,
                ChromaSubsampling::Quarter => Subsampling::S420,
            },
            progressive: self.progressive,
        }
    }

    /// Whether files of the format are to be written in a certain way: then a picture that is not
    /// changed is written anew, too.
    pub fn asks_for_other_bytes(&self) -> bool {
        self.options() != EncodeOptions::default() || !self.keep_metadata
    }

    /// The background as red, green, blue from 0 to 1.
    fn background_color(&self) -> Result<[f32; 3], ParamError> {
        crate::params::hex_color(&self.background).ok_or_else(|| {
            ParamError::new(
                "background",
                format!("`{}` is not a colour such as #ffffff", self.background),
            )
        })
    }

    /// Makes `image` what `codec` can write, with a note for everything that is given up.
    pub fn prepare(
        &self,
        mut image: Image,
        codec: &dyn Codec,
        exec: &dyn Exec,
        note: &dyn Fn(&'static str, String),
    ) -> Result<Image, ImageError> {
        let info = codec.info();
        if !self.keep_metadata {
            image.metadata = Metadata::default();
        }
        let metadata = &image.metadata;
        if !info.carries_exif && (metadata.exif.is_some() || metadata.xmp.is_some()) {
            note("metadata-dropped", format!("{} holds no EXIF or XMP", info.name));
        }
        if matches!(image.color_space, ColorSpace::Icc(_)) && !info.carries_icc {
            image = honour_profile(image, exec, note)?;
        }
        let (from, to) = (image.format(), codec.accepts(image.format()));
        if from.channels.has_alpha() && !to.channels.has_alpha() {
            note("alpha-flattened", format!("{} has no alpha", info.name));
            let background = self.background_color().unwrap_or([1.0; 3]);
            image = convert::flatten(image, background);
        }
        if to.depth.bytes() < from.depth.bytes() {
            let (from, to) = (8 * from.depth.bytes(), 8 * to.depth.bytes());
            note("depth-reduced", format!("{} holds {to} bits a sample, not {from}", info.name));
        }
        Ok(convert::convert(image, to))
    }
}

/// Brings the colours of an embedded profile to sRGB; a broken profile is dropped with a note.
pub fn honour_profile(
    image: Image,
    exec: &dyn Exec,
    note: &dyn Fn(&'static str, String),
) -> Result<Image, ImageError> {
    let mut unchanged = image.clone();
    match color::to_srgb(image, exec) {
        Ok((image, changed)) => {
            if changed {
                note("to-srgb", "the colours were brought to sRGB".to_owned());
            }
            Ok(image)
        }
        Err(error) => {
            note("bad-profile", format!("the colour profile is ignored: {error}"));
            unchanged.color_space = ColorSpace::Srgb;
            Ok(unchanged)
        }
    }
}
