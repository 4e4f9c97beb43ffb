//! The settings of networks and of the perceptual check.
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::params::{ParamError, Params};

/// What an image encoder expects of its samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::jobs::dedup) enum Norm {
    /// Mean and deviation of `ImageNet`: SSCD, DINO, most others.
    #[default]
    Imagenet,
    /// Mean and deviation of CLIP.
    Clip,
    /// From 0 to 1.
    Unit,
    /// From -1 to 1.
    Signed,
}

impl Norm {
    /// Mean and deviation of red, green and blue, 0 to 1.
    pub(super) const fn moments(self) -> [[f32; 3]; 2] {
        match self {
            Self::Imagenet => [[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]],
            Self::Clip => {
                [[0.481_454_7, 0.457_827_5, 0.408_210_7], [0.268_629_5, 0.261_302_6, 0.275_777_1]]
            }
            Self::Unit => [[0.0; 3], [1.0; 3]],
            Self::Signed => [[0.5; 3]; 2],
        }
    }
}

/// Networks of your own, and SSIMULACRA2.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::jobs::dedup) struct Networks {
    /// Stage 3: an ONNX file of an image encoder (SSCD, DINO, CLIP). Pictures whose vectors are
    /// near are compared, and what the other stages call different is a duplicate from
    /// `embedding_threshold`.
    pub(in crate::jobs::dedup) embedding: Option<PathBuf>,
    /// Stage 3: cosine of two vectors from which two pictures are duplicates.
    #[schemars(range(min = 0, max = 1))]
    pub(in crate::jobs::dedup) embedding_threshold: f64,
    /// Side of the encoder's input in pixels; the whole picture is brought to it. If the graph
    /// does not say, 224.
    #[schemars(range(min = 16, max = 2048))]
    pub(in crate::jobs::dedup) embedding_size: Option<u32>,
    /// What the encoder expects of its samples.
    pub(in crate::jobs::dedup) embedding_norm: Norm,
    /// Stage 3: an ONNX file of LPIPS with two inputs, as `compare` takes it. Whole pictures that
    /// look roughly alike and that the other stages call different are duplicates up to
    /// `lpips_threshold`.
    pub(in crate::jobs::dedup) lpips: Option<PathBuf>,
    /// Stage 3: LPIPS up to which two pictures are duplicates.
    #[schemars(range(min = 0, max = 10))]
    pub(in crate::jobs::dedup) lpips_threshold: f64,
    /// Stage 5: tell the SSIMULACRA2 of each copy that shows the whole picture, at reduced size.
    pub(in crate::jobs::dedup) ssimulacra2: bool,
    /// Stage 5: copies that show the whole picture with a lower SSIMULACRA2 leave their group.
    #[schemars(range(min = -100, max = 100))]
    pub(in crate::jobs::dedup) ssimulacra2_threshold: Option<f64>,
}

impl Default for Networks {
    fn default() -> Self {
        Self {
            embedding: None,
            embedding_threshold: 0.98,
            embedding_size: None,
            embedding_norm: Norm::default(),
            lpips: None,
            lpips_threshold: 0.2,
            ssimulacra2: false,
            ssimulacra2_threshold: None,
        }
    }
}

impl Params for Networks {
    fn validate(&self) -> Result<(), ParamError> {
        let usual = Self::default();
        let is_about_vectors = self.embedding_threshold.to_bits()
            != usual.embedding_threshold.to_bits()
            || self.embedding_size != usual.embedding_size
            || self.embedding_norm != usual.embedding_norm;
        if self.embedding.is_none() && is_about_vectors {
            let problem = "must be given, an ONNX file, where settings of it are";
            return Err(ParamError::new("embedding", problem));
        }
        let is_about_lpips = self.lpips_threshold.to_bits() != usual.lpips_threshold.to_bits();
        if self.lpips.is_none() && is_about_lpips {
            let problem = "must be given, an ONNX file, where its threshold is";
            return Err(ParamError::new("lpips", problem));
        }
        Ok(())
    }
}

impl Networks {
    /// Whether anything is asked for.
    pub(in crate::jobs::dedup) fn is_used(&self) -> bool {
        self.embedding.is_some() || self.lpips.is_some() || self.rates()
    }

    /// Whether copies get a figure.
    pub(in crate::jobs::dedup) fn rates(&self) -> bool {
        self.ssimulacra2 || self.ssimulacra2_threshold.is_some()
    }
}
