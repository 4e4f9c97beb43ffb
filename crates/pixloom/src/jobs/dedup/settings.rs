//! The settings of `dedup` under their headings.
use std::path::PathBuf;

use pixloom_match::{CodeBits, HashKind, Settings as Thresholds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::jobs::features::Mode;
use crate::params::{ParamError, Params};

/// How pictures are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Method {
    /// In all five stages: also crops, turns, mirrors, frames, pictures in pictures.
    #[default]
    Full,
    /// By the signs of the lowest frequencies.
    Phash,
    /// By the sign of each step to the right.
    Dhash,
    /// By what is brighter than the mean.
    Ahash,
    /// By the low band of a Haar wavelet.
    Whash,
    /// By the shares of hues and grays.
    Color,
    /// By the bytes of the files.
    Exact,
}

/// Length of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub(super) enum Bits {
    /// 8×8.
    #[default]
    #[serde(rename = "64")]
    B64,
    /// 16×16.
    #[serde(rename = "256")]
    B256,
}

impl Bits {
    /// For the matching.
    pub(super) const fn code_bits(self) -> CodeBits {
        match self {
            Self::B64 => CodeBits::B64,
            Self::B256 => CodeBits::B256,
        }
    }

    /// As a number.
    pub(super) const fn count(self) -> u32 {
        match self {
            Self::B64 => 64,
            Self::B256 => 256,
        }
    }
}

impl Method {
    /// What pictures are matched by.
    pub(super) const fn mode(self, bits: Bits) -> Mode {
        let bits = bits.code_bits();
        match self {
            Self::Full => Mode::Features,
            Self::Phash => Mode::Hash(HashKind::Phash, bits),
            Self::Dhash => Mode::Hash(HashKind::Dhash, bits),
            Self::Ahash => Mode::Hash(HashKind::Ahash, bits),
            Self::Whash => Mode::Hash(HashKind::Whash, bits),
            Self::Color => Mode::Hash(HashKind::Color, bits),
            Self::Exact => Mode::Bytes,
        }
    }

    /// The distance in bits of 64 up to which two hashes mean the same picture.
    pub(super) const fn usual_threshold(self) -> u32 {
        match self {
            Self::Phash | Self::Dhash => 8,
            Self::Ahash | Self::Whash => 3,
            Self::Color => 2,
            Self::Full | Self::Exact => 0,
        }
    }
}

/// Thresholds of the stages of `--method full`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Matching {
    /// Stage 1: share of the 256 bits of the DCT hashes that must agree for two pictures to be
    /// compared; others are compared if they share local features.
    #[schemars(range(min = 0.75, max = 1))]
    pub(super) wavelet_threshold: f64,
    /// Stage 1: how many pictures that share local features each one is compared with.
    #[schemars(range(min = 0, max = 1000))]
    pub(super) candidates: u32,
    /// Stage 2: difference of colours (CIELAB) up to which pictures with hardly any texture, which
    /// have no blocks to compare, can be duplicates.
    #[schemars(range(min = 0, max = 100))]
    pub(super) color_threshold: f64,
    /// Stage 3: correlation over the whole from which such pictures are duplicates.
    #[schemars(range(min = 0, max = 1))]
    pub(super) global_threshold: f64,
    /// Stage 4: correlation of the middle block from which two pictures are duplicates.
    #[schemars(range(min = 0, max = 1))]
    pub(super) local_threshold: f64,
    /// Stage 4: correlation of the middle block from which two pictures show the same scene.
    #[schemars(range(min = 0, max = 1))]
    pub(super) scene_threshold: f64,
    /// Stage 4: share of the blocks that must agree.
    #[schemars(range(min = 0, max = 1))]
    pub(super) blocks_threshold: f64,
    /// Stage 4: share of the smaller picture that must lie in the larger.
    #[schemars(range(min = 0, max = 1))]
    pub(super) overlap_threshold: f64,
    /// Stage 4: key points that must agree on one transform.
    #[schemars(range(min = 3, max = 500))]
    pub(super) inliers: u32,
}

impl Default for Matching {
    fn default() -> Self {
        let usual = Thresholds::default();
        Self {
            wavelet_threshold: 0.84,
            candidates: 64,
            color_threshold: decimal(usual.colours),
            global_threshold: decimal(usual.whole),
            local_threshold: decimal(usual.duplicate),
            scene_threshold: decimal(usual.same_scene),
            blocks_threshold: decimal(usual.blocks),
            overlap_threshold: decimal(usual.overlap),
            inliers: usual.inliers,
        }
    }
}

impl Params for Matching {
    fn validate(&self) -> Result<(), ParamError> {
        if self.scene_threshold > self.local_threshold {
            let problem = "must not be above `local_threshold`: copies are of the same scene, too";
            return Err(ParamError::new("scene_threshold", problem));
        }
        Ok(())
    }
}

impl Matching {
    /// For the matching.
    pub(super) fn thresholds(&self) -> Thresholds {
        Thresholds {
            duplicate: self.local_threshold as f32,
            same_scene: self.scene_threshold as f32,
            blocks: self.blocks_threshold as f32,
            overlap: self.overlap_threshold as f32,
            inliers: self.inliers,
            whole: self.global_threshold as f32,
            colours: self.color_threshold as f32,
        }
    }

    /// Bits of 256 that may differ.
    pub(super) fn max_distance(&self) -> u32 {
        ((1.0 - self.wavelet_threshold) * 256.0).floor() as u32
    }
}

/// The number as people write it: 0.8 rather than what `f32` makes of it.
fn decimal(value: f32) -> f64 {
    (f64::from(value) * 1e6).round() / 1e6
}

/// What happens to duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Action {
    /// Nothing: they are listed.
    #[default]
    Report,
    /// Copies of the best go to `best/` and of the others to `duplicates/` in the output folder.
    Copy,
    /// Duplicates move to `duplicates/` in the output folder.
    Move,
    /// Files equal to the best, byte for byte, become hard links to it.
    Hardlink,
    /// Files equal to the best, byte for byte, become symbolic links to it.
    Symlink,
    /// Duplicates go to the user's trash.
    Trash,
}

impl Action {
    /// Whether it needs an output folder.
    pub(super) const fn needs_output(self) -> bool {
        matches!(self, Self::Copy | Self::Move)
    }
}

/// What happens to duplicates, and which picture of a group is kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Acting {
    /// What happens to the duplicates of each group; a plan is printed until `--apply` is given.
    pub(super) action: Action,
    /// Folder for `copy` and `move`; paths below the input folder are kept in it.
    pub(super) output: Option<PathBuf>,
    /// Carry out the plan; `pixloom undo` takes it back.
    pub(super) apply: bool,
    /// With `move`, move the best of each group to `best/`, too.
    pub(super) move_best: bool,
    /// Files of the same name with another extension (`.txt`, `.json`, `.xmp` …) go with their
    /// picture.
    pub(super) sidecars: bool,
    /// Folder of partner pictures (the LQ side of a training set): the partner of a duplicate,
    /// by its path below the folder without extension, gets the same fate.
    pub(super) partner: Option<PathBuf>,
    /// Folders whose pictures are kept and never touched; they are compared, too.
    pub(super) reference: Vec<PathBuf>,
    /// Keep pictures whose path matches before others, such as `originals/**`.
    pub(super) prefer: Vec<String>,
    /// Keep other pictures before those whose path matches, such as `*copy*`.
    pub(super) avoid: Vec<String>,
}

impl Default for Acting {
    fn default() -> Self {
        Self {
            action: Action::default(),
            output: None,
            apply: false,
            move_best: false,
            sidecars: true,
            partner: None,
            reference: Vec::new(),
            prefer: Vec::new(),
            avoid: Vec::new(),
        }
    }
}

impl Params for Acting {
    fn validate(&self) -> Result<(), ParamError> {
        if self.apply && self.action == Action::Report {
            return Err(ParamError::new("apply", "carries out an `action`; give one"));
        }
        if self.action.needs_output() && self.output.is_none() {
            return Err(ParamError::new("output", "must be given for this action"));
        }
        if self.output.is_some() && !self.action.needs_output() {
            return Err(ParamError::new("output", "is only for the actions copy and move"));
        }
        if self.move_best && self.action != Action::Move {
            return Err(ParamError::new("move_best", "is only for the action move"));
        }
        Ok(())
    }
}
