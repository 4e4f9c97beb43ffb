//! The scores of one picture.
use pixloom_engine::{Bytes, Fingerprint, ItemCx, ItemError, Stage};
use pixloom_image::codec::DecodeOptions;
use pixloom_image::score::{Scores, score, score_cost};
use pixloom_image::{Limits, Size};
use serde::{Deserialize, Serialize};

use crate::picture::{ItemExec, PictureInput, item_error, load};

/// What is recorded of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ScoreRecord {
    /// Upright size in pixels.
    pub size: Size,
    /// Its scores.
    pub scores: Scores,
}

/// Decodes and scores.
#[derive(Debug)]
pub(super) struct ScoreStage {
    pub(super) limits: Limits,
    pub(super) tolerant: bool,
}

impl Stage for ScoreStage {
    type In = PictureInput;
    type Out = ScoreRecord;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "score"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &PictureInput) -> Bytes {
        let (codec, header) = (input.peeked.codec, &input.peeked.header);
        let options =
            DecodeOptions { at_least: None, tolerant: self.tolerant, ..DecodeOptions::default() };
        let picture = header.decoded_bytes();
        let decode = codec.decode_memory(header, &options) + input.file.bytes;
        Bytes(decode.max(2 * picture).max(picture + score_cost(header.size.pixels())))
    }

    fn fingerprint(&self, _: &PictureInput) -> Option<Fingerprint> {
        None
    }

    fn run(
        &self,
        input: PictureInput,
        (): &mut (),
        cx: &ItemCx<'_>,
    ) -> Result<ScoreRecord, ItemError> {
        cx.add_input_bytes(input.file.bytes);
        let exec = ItemExec(cx);
        let note = |code: &'static str, message: String| cx.note(code, message);
        let limits = (&self.limits, self.tolerant);
        let (loaded, _) = load(&input.file, None, limits, &exec, &note)?;
        cx.check()?;
        let scores = score(&loaded.image, &exec)
            .map_err(|error| cx.check().err().unwrap_or_else(|| item_error(error, "score")))?;
        Ok(ScoreRecord { size: loaded.nominal, scores })
    }
}
