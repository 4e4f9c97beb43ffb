//! The `dedup calibrate` job: which thresholds suit these pictures.
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use pixloom_engine::{
    Bytes, Fingerprint, ItemCx, ItemError, IterSource, Outcome, Seed, SourceItem, Stage,
};
use pixloom_image::codec::{self, DecodeOptions, EncodeOptions};
use pixloom_image::geometry::{self, Border, Margins, Rect, Turn};
use pixloom_image::resize::{self, ResizeOptions};
use pixloom_image::{
    Channels, Depth, Image, ImageError, Limits, PixelFormat, Serial, Size, convert,
};
use pixloom_match::{Features, Settings as Thresholds, verify};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings, Start};
use crate::jobs::features::{Folders, Role, features_of, reduced_picture};
use crate::params::{ParamError, Params};
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::{InputFile, peek};

/// Try edits on your own pictures and propose a threshold for `dedup`.
///
/// A sample of the pictures is re-saved, resized, cropped, flipped, turned, framed and made gray;
/// each result is compared with its original, and the originals with one another. Nothing is
/// changed; the proposal is printed, for `pixloom.toml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DedupCalibrate {
    /// Folders or pictures to draw the sample from.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    input: Vec<PathBuf>,
    /// Pictures of the sample.
    #[schemars(range(min = 2, max = 1000))]
    sample: u32,
    /// Share of the pairs of different pictures that may lie above the threshold.
    #[schemars(range(min = 0, max = 0.5))]
    false_share: f64,
}

impl Default for DedupCalibrate {
    fn default() -> Self {
        Self { input: Vec::new(), sample: 40, false_share: 0.0 }
    }
}

impl Params for DedupCalibrate {}

/// What is done to the pictures.
const EDITS: [&str; 8] =
    ["re-saved", "resized", "cropped-10", "cropped-25", "flipped", "turned", "framed", "gray"];

impl Job for DedupCalibrate {
    const NAME: &'static str = "dedup calibrate";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Which threshold suits these pictures",
            line: "pixloom dedup calibrate photos/",
        },
        Example {
            does: "From a larger sample, for a program",
            line: "pixloom dedup calibrate photos/ --sample 200 --json",
        },
    ];
    const GROUPS: &'static [Group] =
        &[Group::of::<InputSettings>("Input"), Group::of::<RunSettings>("Run")];
    const RESUMES: bool = false;

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let input: InputSettings = settings.get()?;
        let run: RunSettings = settings.get()?;
        run.only_whole("means nothing for a sample")?;
        if own.input.is_empty() {
            return Err(ParamError::new("input", "must be given: a folder or a picture").into());
        }
        let folders = Folders::open(&[("input", Role::Own, &own.input)], &input, &[])?;
        let items = own.draw(&folders)?;
        let mut session =
            Session::inspect(Self::NAME, settings, cx, Fingerprint::of(b"calibrate"))?;
        let start = session.start();
        session.announce(&Start { items: items.len() as u64, ..start });
        let stage = Edit { limits: input.limits() };
        let mut tried: Vec<Tried> = Vec::new();
        let engine = session.engine().clone();
        let outcome =
            session.phase(&engine, &mut IterSource::new(items), &stage, &mut |delivery| {
                if let Outcome::Done(one) = &delivery.outcome {
                    tried.push(one.clone());
                }
            });
        let others = others(&session, &tried);
        let counts = outcome.as_ref().copied().unwrap_or_default();
        let report = session.close(outcome, counts)?;
        Ok(own.tell(report, &tried, others))
    }
}

impl DedupCalibrate {
    /// The pictures whose names have the smallest hashes.
    fn draw(&self, folders: &Folders) -> Result<Vec<SourceItem<InputFile>>, JobError> {
        let mut left_alone = folders.left_alone();
        let mut drawn: BTreeMap<(u64, String), InputFile> = BTreeMap::new();
        for (_, listed) in folders.list(&mut left_alone)? {
            let Ok(file) = listed.file else { continue };
            let name = listed.key.to_string();
            drawn.insert((Seed::root(0).child(&name).rng().next_u64(), name), file);
            if drawn.len() > self.sample as usize {
                drawn.pop_last();
            }
        }
        let item = |((_, name), file): ((u64, String), InputFile)| {
            SourceItem::new(pixloom_engine::ItemKey::new(&name), file)
        };
        Ok(drawn.into_iter().map(item).collect())
    }

    fn tell(&self, mut report: Report, tried: &[Tried], mut others: Vec<f32>) -> Report {
        others.sort_by(|a, b| b.total_cmp(a));
        let allowed = (others.len() as f64 * self.false_share) as usize;
        let highest = others.get(allowed).copied().unwrap_or(0.0);
        let usual = Thresholds::default().duplicate;
        // A little above what different pictures reach, never below what is safe for others.
        let proposed = ((highest + 0.02).max(usual) * 100.0).ceil() / 100.0;
        let share = |edit: usize, threshold: f32| {
            let found = tried.iter().filter(|one| one.scores[edit] >= threshold).count();
            found as f64 / tried.len().max(1) as f64
        };
        report.lines.push(format!(
            "{} pictures, {} pairs of different ones; the most alike reach {highest:.3}",
            tried.len(),
            others.len()
        ));
        let mut table = Vec::new();
        report.lines.push(format!("{:<12} {:>10} {:>10}", "EDIT", "AT USUAL", "PROPOSED"));
        for (edit, name) in EDITS.iter().enumerate() {
            let (before, after) = (share(edit, usual), share(edit, proposed));
            report.lines.push(format!("{name:<12} {before:>10.3} {after:>10.3}"));
            table.push(json!({"edit": name, "usual": before, "proposed": after}));
        }
        report.lines.push(if proposed > usual {
            format!("proposed, for pixloom.toml:\n[dedup]\nlocal_threshold = {proposed:.2}")
        } else {
            format!("the usual threshold of {usual:.2} suits these pictures")
        });
        report.summary["usual"] = json!((f64::from(usual) * 100.0).round() / 100.0);
        report.summary["proposed"] = json!((f64::from(proposed) * 100.0).round() / 100.0);
        report.summary["edits"] = json!(table);
        report.summary["different_pairs"] = json!(others.len());
        report
    }
}

/// Similarities of the originals with one another, without those that are copies by any measure.
fn others(session: &Session, tried: &[Tried]) -> Vec<f32> {
    let features: Vec<Option<Features>> =
        tried.iter().map(|one| Features::from_bytes(&one.features)).collect();
    let found = session.engine().fan_out(tried.len(), &|| (), &|at, ()| {
        let mut found = Vec::new();
        for other in &features[at + 1..] {
            if let (Some(a), Some(b)) = (&features[at], other) {
                let verdict = verify(a, b, &Thresholds::default());
                // What is nearly equal is a copy that the user has already.
                if verdict.similarity < 0.97 {
                    found.push(verdict.similarity);
                }
            }
        }
        found
    });
    found.into_iter().flatten().collect()
}

/// A picture of the sample.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Tried {
    /// Similarity with each edit, 0 where it was not found at all.
    scores: [f32; EDITS.len()],
    #[serde(skip)]
    features: Arc<[u8]>,
}

/// Edits one picture and compares.
#[derive(Debug)]
struct Edit {
    limits: Limits,
}

impl Stage for Edit {
    type In = InputFile;
    type Out = Tried;
    type Scratch = ();

    fn name(&self) -> &'static str {
        "calibrate"
    }

    fn scratch(&self) {}

    fn cost(&self, input: &InputFile) -> Bytes {
        let Ok(peeked) = peek(&input.path, &self.limits) else { return Bytes(1 << 20) };
        let decode = peeked.codec.decode_memory(&peeked.header, &DecodeOptions::default());
        Bytes(input.bytes + decode + peeked.header.decoded_bytes() + (64 << 20))
    }

    fn fingerprint(&self, _: &InputFile) -> Option<Fingerprint> {
        None
    }

    fn run(&self, input: InputFile, (): &mut (), cx: &ItemCx<'_>) -> Result<Tried, ItemError> {
        let image = reduced_picture(&input, 0, &self.limits, cx)?;
        let failed = |error: ImageError| crate::picture::item_error(error, "edit");
        let own = features_of(image.clone()).map_err(failed)?;
        let mut scores = [0.0; EDITS.len()];
        for (score, name) in scores.iter_mut().zip(EDITS) {
            cx.check()?;
            let edited = features_of(edit(image.clone(), name).map_err(failed)?).map_err(failed)?;
            let verdict = verify(&own, &edited, &Thresholds::default());
            if verdict.class.is_duplicate() {
                *score = verdict.similarity;
            }
        }
        Ok(Tried { scores, features: own.to_bytes().into() })
    }
}

fn edit(image: Image, name: &str) -> Result<Image, ImageError> {
    let size = image.size();
    let share = |part: u32| Margins {
        left: size.width * part / 100,
        top: size.height * part / 100,
        right: size.width * part / 100,
        bottom: size.height * part / 100,
    };
    let crop = |part: u32| {
        let cut = share(part);
        let inner =
            Size::new((size.width - 2 * cut.left).max(1), (size.height - 2 * cut.top).max(1));
        geometry::crop(&image, Rect::new(cut.left, cut.top, inner))
    };
    match name {
        "re-saved" => resaved(&image),
        "resized" => {
            let half = Size::new((size.width / 2).max(1), (size.height / 2).max(1));
            resize::resize(&image, half, &ResizeOptions::default(), &Serial)
        }
        "cropped-10" => crop(5),
        "cropped-25" => crop(12),
        "flipped" => Ok(geometry::turn(image, Turn::FlipHorizontal)),
        "turned" => Ok(geometry::turn(image, Turn::Rotate90)),
        "framed" => geometry::pad(&image, share(8), Border::Constant([0.0, 0.0, 0.0, 1.0])),
        _ => Ok(convert::convert(image, PixelFormat::new(Channels::Gray, Depth::U8))),
    }
}

/// As a JPEG of quality 50 shows it.
fn resaved(image: &Image) -> Result<Image, ImageError> {
    let jpeg = codec::by_name("jpeg").ok_or_else(|| ImageError::encode("there is no JPEG"))?;
    let options = EncodeOptions { quality: Some(50), ..EncodeOptions::default() };
    let mut bytes = Vec::new();
    jpeg.encode(image, &options, &Serial, &mut bytes)?;
    let decoded = jpeg.decode(&bytes, &DecodeOptions::default(), &Limits::default(), &Serial)?;
    Ok(decoded.image)
}
