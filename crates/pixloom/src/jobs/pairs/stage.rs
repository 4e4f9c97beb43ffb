//! The check of one pair.
use pixloom_engine::{Bytes, Fingerprint, ItemCx, ItemError, Stage, path_key};
use pixloom_image::{Limits, Size};
use serde::{Deserialize, Serialize};

use super::content::{self, Content};
use super::fix::Fix;
use super::scale::{self, Scale};
use super::source::Together;
use crate::finding::{Finding, Kind};
use crate::picture::PictureInput;

/// What is recorded of one pair, or of a file without partner.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PairRecord {
    /// The HQ files, one unless something is wrong.
    pub hq: Vec<SideFacts>,
    /// The LQ files, one unless something is wrong.
    pub lq: Vec<SideFacts>,
    /// How their sizes relate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// How their contents relate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// What would repair it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Fix>,
}

/// One file of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideFacts {
    /// Its path below its folder.
    pub path: String,
    /// Upright size in pixels, where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<Size>,
    /// The format of its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Its colour model, such as `YCbCr 4:2:0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color_model: Option<String>,
}

/// Checks pairs.
#[derive(Debug)]
pub(in crate::jobs) struct PairStage {
    pub(super) limits: Limits,
    pub(in crate::jobs) tolerant: bool,
    /// Whether the pixels are compared.
    pub(super) content: bool,
}

impl Stage for PairStage {
    type In = Together;
    type Out = PairRecord;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "pairs"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &Together) -> Bytes {
        match input {
            Together::Pair(pair) if self.content => Bytes(content::cost(pair)),
            _ => Bytes(64 << 10),
        }
    }

    fn fingerprint(&self, _: &Together) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: Together, (): &mut (), cx: &ItemCx<'_>) -> Result<PairRecord, ItemError> {
        match input {
            Together::Unpaired { hq, lq } => Ok(unpaired(hq, lq)),
            Together::Pair(pair) => self.pair(&pair, cx),
        }
    }
}

impl PairStage {
    fn pair(
        &self,
        pair: &(PictureInput, PictureInput),
        cx: &ItemCx<'_>,
    ) -> Result<PairRecord, ItemError> {
        let (hq, lq) = (SideFacts::of(&pair.0), SideFacts::of(&pair.1));
        let sizes = (pair.0.peeked.header.upright_size(), pair.1.peeked.header.upright_size());
        let (scale, mut findings, fix) = scale::check(sizes.0, sizes.1, &format!("HQ/{}", hq.path));
        let mut content = None;
        if self.content {
            let (facts, more) = content::check(pair, (&self.limits, self.tolerant), cx)?;
            content = Some(facts);
            findings.extend(more);
        }
        let (hq, lq) = (vec![hq], vec![lq]);
        let fixes = fix.into_iter().collect();
        Ok(PairRecord { hq, lq, scale: Some(scale), content, findings, fixes })
    }
}

impl SideFacts {
    const fn of_path(path: String) -> Self {
        Self { path, size: None, format: None, color_model: None }
    }

    fn of(input: &PictureInput) -> Self {
        let size = Some(input.peeked.header.upright_size());
        Self {
            path: path_key(&input.file.relative),
            size,
            format: Some(input.peeked.codec.info().name.to_owned()),
            color_model: Some(input.peeked.header.color_model.clone()),
        }
    }
}

fn unpaired(hq: Vec<String>, lq: Vec<String>) -> PairRecord {
    let drop = |paths: &[String], side: &str| {
        paths.iter().map(|path| Fix::Drop { path: format!("{side}/{path}") }).collect()
    };
    let (finding, fixes) = if hq.len() > 1 || lq.len() > 1 {
        let message = format!(
            "{} HQ and {} LQ files share a name but for extension or ending",
            hq.len(),
            lq.len()
        );
        let hint = "keep one of each, or say --lq-suffix";
        (Finding::new(Kind::Ambiguous, message).with_hint(hint), Vec::new())
    } else if lq.is_empty() {
        (Finding::new(Kind::MissingLq, "there is no LQ file for this HQ file"), drop(&hq, "HQ"))
    } else {
        (Finding::new(Kind::MissingHq, "there is no HQ file for this LQ file"), drop(&lq, "LQ"))
    };
    let facts = |paths: Vec<String>| paths.into_iter().map(SideFacts::of_path).collect();
    PairRecord {
        hq: facts(hq),
        lq: facts(lq),
        findings: vec![finding],
        fixes,
        ..PairRecord::default()
    }
}
