//! The `dedup pair` job: how two files relate.
use std::path::PathBuf;

use pixloom_engine::{Counts, Fingerprint, RunError};
use pixloom_match::{Class, Features, Stage, Verdict, verify};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::found::described;
use super::networks::{Files, Graphs, Networks, Troubles, laid_over, rating};
use super::settings::Matching;
use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::jobs::features::{CacheSettings, Folders, Mode, Role, Scan, Scanner, spill_folder};
use crate::params::{ParamError, Params};
use crate::run::{InputSettings, RunSettings, Session};

/// Say how two pictures relate: equal, an edit of one another, of one scene, or different.
///
/// Ends with exit code 0 if they are duplicates, with 1 if not, with 2 if one cannot be read.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DedupPair {
    /// The first picture.
    #[schemars(extend("x-positional" = 1, "x-required" = true))]
    a: PathBuf,
    /// The second picture.
    #[schemars(extend("x-positional" = 2, "x-required" = true))]
    b: PathBuf,
    /// Tell what was measured, and against which threshold.
    explain: bool,
}

impl Params for DedupPair {}

impl Job for DedupPair {
    const NAME: &'static str = "dedup pair";
    const EXAMPLES: &'static [Example] = &[
        Example {
            does: "Is one a copy of the other, and what was done to it",
            line: "pixloom dedup pair a.jpg b.png",
        },
        Example {
            does: "With everything that was measured, for a program",
            line: "pixloom dedup pair a.jpg b.png --explain --json",
        },
    ];
    const GROUPS: &'static [Group] = &[
        Group::of::<Matching>("Matching"),
        Group::of::<Networks>("Networks"),
        Group::of::<CacheSettings>("Cache"),
        Group::of::<InputSettings>("Input"),
        Group::of::<RunSettings>("Run"),
    ];
    const RESUMES: bool = false;

    fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let input: InputSettings = settings.get()?;
        let matching: Matching = settings.get()?;
        let networks: Networks = settings.get()?;
        let graphs = Graphs::open(&networks)?;
        let cache: CacheSettings = settings.get()?;
        let run: RunSettings = settings.get()?;
        run.only_whole("means nothing for two files")?;
        for (name, path) in [("a", &own.a), ("b", &own.b)] {
            if path.is_dir() {
                return Err(ParamError::new(name, "must be a file, not a folder").into());
            }
        }
        if own.a.canonicalize().ok().is_some_and(|a| own.b.canonicalize().ok() == Some(a)) {
            return Err(ParamError::new("b", "is the same file as `a`").into());
        }
        let open = |name: &str, path: &PathBuf| {
            Folders::open(&[(name, Role::Own, std::slice::from_ref(path))], &input, &[])
        };
        let (a, b) = (open("a", &own.a)?, open("b", &own.b)?);
        let mut session = Session::inspect(Self::NAME, settings, cx, Fingerprint::of(b"pair"))?;
        let mut scanner = Scanner::new(&a, (Mode::Features, input.limits()), &cache, cx);
        scanner.total = 1;
        let first = scanner.run(&mut session, cx)?;
        scanner.folders = &b;
        let second = scanner.run(&mut session, cx)?;
        let outcome = both(&first, &second);
        let counts = outcome.as_ref().copied().unwrap_or_default();
        let sides = [(&first, &a), (&second, &b)];
        let related = related(sides, (&matching, &graphs, &networks), (&session, &scanner), cx);
        let mut report = session.close(outcome, counts)?;
        if let Some((key, reason)) = first.failed.iter().chain(&second.failed).next() {
            // Exit code 1 would say that the two are different.
            return Err(JobError::refused(
                format!("{key} cannot be compared: {reason}"),
                Vec::new(),
            ));
        }
        if let Some(relation) = related? {
            own.tell(&mut report, &relation, (&matching, &networks));
        }
        Ok(report)
    }
}

/// The sum of both phases, or what ended one of them.
fn both(first: &Scan, second: &Scan) -> Result<Counts, RunError> {
    match (&first.outcome, &second.outcome) {
        (Ok(first), Ok(second)) => Ok(first.plus(second)),
        _ => Err(RunError::Cancelled),
    }
}

/// What was found of the two.
struct Relation {
    verdict: Verdict,
    /// By the user's encoder.
    cosine: Option<f32>,
    /// By the user's graph, and how the first picture was laid over the second for it.
    lpips: Option<(f64, String)>,
    /// Of two whole pictures.
    ssimulacra2: Option<f64>,
    /// What could not be found out, and why.
    troubles: Vec<String>,
}

/// Compares the two, if both could be read.
fn related(
    sides: [(&Scan, &Folders); 2],
    (matching, graphs, networks): (&Matching, &Graphs, &Networks),
    (session, scanner): (&Session, &Scanner<'_>),
    cx: &JobCx,
) -> Result<Option<Relation>, RunError> {
    let mut features: Vec<Features> = Vec::new();
    let mut pictures = Vec::new();
    for (scan, _) in sides {
        let payload = scan.bank.get(0).map_err(|error| RunError::Output(error.into()))?;
        features.extend(Features::from_bytes(&payload));
        pictures.extend(scan.pictures.first().cloned());
    }
    let ([a, b], [x, y]) = (&features[..], &pictures[..]) else { return Ok(None) };
    let is_equal = x.facts.content == y.facts.content;
    let verdict = if is_equal { equal() } else { verify(a, b, &matching.thresholds()) };
    let (engine, spill, troubles) = (session.engine(), spill_folder(cx), Troubles::default());
    let files = Files {
        pictures: &pictures,
        folders: &sides.map(|(_, folders)| folders),
        limits: &scanner.look.limits,
        store: scanner.store.as_ref(),
        spill: &spill,
        troubles: &troubles,
    };
    let seen = graphs.seen(&[0, 1], files, engine)?;
    let source = |unit: u32| features.get(unit as usize).cloned();
    let mut verdicts = [seen.judged(0, 1, verdict)];
    seen.look(&[(0, 1)], &mut verdicts, (engine, &source))?;
    let lpips = seen.distances(&[(0, 1)], -1.0, (engine, &source))?[0];
    let lpips = lpips.zip(laid_over(a, b)).map(|(figure, map)| (figure, described(&map)));
    let [verdict] = verdicts;
    let map = verdict.transform.filter(|_| networks.rates());
    let ssimulacra2 = rating(map, (&files, engine))?;
    let no_vector = seen.vectors.as_ref().and_then(|vectors| vectors.trouble.clone());
    let told = troubles.tell().into_iter().map(|(_, _, line)| line);
    let troubles = no_vector.map(|why| format!("no embedding of {why}")).into_iter().chain(told);
    let (cosine, troubles) = (seen.cosine(0, 1), troubles.collect());
    Ok(Some(Relation { verdict, cosine, lpips, ssimulacra2, troubles }))
}

impl DedupPair {
    fn tell(
        &self,
        report: &mut Report,
        relation: &Relation,
        (matching, networks): (&Matching, &Networks),
    ) {
        let verdict = &relation.verdict;
        let is_duplicate = verdict.class.is_duplicate();
        report.ok &= is_duplicate;
        let rounded = |figure: f64| (figure * 1e4).round() / 1e4;
        report.summary["duplicates"] = json!(is_duplicate);
        report.summary["class"] = json!(verdict.class.name());
        report.summary["similarity"] = json!(rounded(f64::from(verdict.similarity)));
        report.summary["stage"] = json!(verdict.stage as u8);
        report.summary["transform"] = json!(verdict.transform.map(|map| map.coefficients));
        report.summary["overlap"] = json!(verdict.overlap);
        report.summary["inliers"] = json!(verdict.inliers);
        report.summary["reason"] = json!(verdict.reason);
        let figures = [
            ("embedding", relation.cosine.map(f64::from)),
            ("lpips", relation.lpips.as_ref().map(|(figure, _)| *figure)),
            ("ssimulacra2", relation.ssimulacra2),
        ];
        for (name, figure) in figures {
            if let Some(figure) = figure {
                report.summary[name] = json!(rounded(figure));
            }
        }
        let answer = if is_duplicate { "duplicates" } else { "not duplicates" };
        let way = verdict.transform.as_ref().map(described);
        let way = way.map(|way| format!(", {way}")).unwrap_or_default();
        report.lines.push(format!(
            "{answer}: {} {:.3}{way}",
            verdict.class.name(),
            verdict.similarity
        ));
        if self.explain {
            report.lines.extend(explained(verdict, matching));
        }
        report.lines.extend(measured(relation, networks));
        if !relation.troubles.is_empty() {
            report.summary["not_measured"] = json!(relation.troubles);
            report.lines.extend(relation.troubles.iter().cloned());
        }
    }
}

/// What was asked of networks and SSIMULACRA2.
fn measured(relation: &Relation, networks: &Networks) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(cosine) = relation.cosine {
        let threshold = networks.embedding_threshold;
        lines.push(format!("embedding    {cosine:.3}; a duplicate from {threshold:.2}"));
    }
    if let Some((figure, way)) = &relation.lpips {
        let threshold = networks.lpips_threshold;
        lines.push(format!(
            "LPIPS        {figure:.3}; a duplicate up to {threshold:.2}; of the eight ways to lay the \
             whole pictures over each other the most alike: {way}"
        ));
    }
    if let Some(figure) = relation.ssimulacra2 {
        lines.push(format!("SSIMULACRA2  {figure:.1} at reduced size"));
    }
    lines
}

fn equal() -> Verdict {
    Verdict {
        class: Class::ExactBytes,
        similarity: 1.0,
        transform: None,
        overlap: [1.0; 2],
        inliers: 0,
        reason: "the files are equal".to_owned(),
        stage: Stage::Exact,
    }
}

fn explained(verdict: &Verdict, matching: &Matching) -> Vec<String> {
    let stage = match verdict.stage {
        Stage::Exact => "0, equal bytes or pixels",
        Stage::Hash => "1, the codes",
        Stage::Color => "2, the colours",
        Stage::Global => "3, the whole pictures",
        Stage::Local => "4, key points and blocks",
    };
    let [first, second] = verdict.overlap;
    vec![
        format!("decided at   stage {stage}"),
        format!("because      {}", verdict.reason),
        format!(
            "similarity   {:.3}; a duplicate from {:.2}, the same scene from {:.2}",
            verdict.similarity, matching.local_threshold, matching.scene_threshold
        ),
        format!(
            "overlap      {first:.2} of the first, {second:.2} of the second; needs {:.2} of the \
             smaller",
            matching.overlap_threshold
        ),
        format!("key points   {} agree; {} are needed", verdict.inliers, matching.inliers),
        format!(
            "flat         with hardly any texture the whole must correlate at {:.2} and colours \
             differ by {:.0} at most",
            matching.global_threshold, matching.color_threshold
        ),
    ]
}
