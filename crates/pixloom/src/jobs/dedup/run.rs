//! The phases of the job, one after the other.
use std::path::PathBuf;
use std::time::Instant;

use pixloom_engine::{Counts, Fingerprint, RunError, files};
use pixloom_match::{Class, Code, Stage, Verdict};

use super::Dedup;
use super::act::{apply, propose};
use super::best::{Judge, Wishes};
use super::found::{Found, scenes};
use super::groups::{Cluster, clusters};
use super::html;
use super::links::{Link, Matcher, Way, near_hashes};
use super::plan::Planner;
use super::quality::{Qualities, measure};
use super::settings::{Acting, Action, Matching, Method};
use super::stages::Stages;
use super::units::{Unit, units};
use crate::job::{Job, JobCx, JobError, Report, Settings, Start};
use crate::jobs::analyze::refuse_existing;
use crate::jobs::features::{CacheSettings, Folders, Mode, Role, Scan, Scanner, codes};
use crate::params::ParamError;
use crate::run::{InputSettings, RunSettings, Session};

/// All settings of a run.
pub(super) struct All {
    pub(super) own: Dedup,
    pub(super) acting: Acting,
    pub(super) matching: Matching,
    pub(super) cache: CacheSettings,
    pub(super) input: InputSettings,
    pub(super) run: RunSettings,
}

impl All {
    fn new(settings: &Settings) -> Result<Self, JobError> {
        let all = Self {
            own: settings.get()?,
            acting: settings.get()?,
            matching: settings.get()?,
            cache: settings.get()?,
            input: settings.get()?,
            run: settings.get()?,
        };
        if all.run.resume {
            let problem = "is not needed: what was seen is remembered in the cache";
            return Err(ParamError::new("resume", problem).into());
        }
        if all.run.shard.is_some() {
            let problem = "is not possible: copies are found among all pictures at once; \
                           runs on parts fill a shared cache (PIXLOOM_CACHE_DIR) instead";
            return Err(ParamError::new("shard", problem).into());
        }
        Ok(all)
    }

    fn folders(&self) -> Result<Folders, JobError> {
        if self.own.input.is_empty() {
            return Err(ParamError::new("input", "must be given: a folder or a picture").into());
        }
        let leave_out: Vec<PathBuf> = self.acting.output.iter().cloned().collect();
        let given = [
            ("input", Role::Own, &self.own.input[..]),
            ("reference", Role::Reference, &self.acting.reference[..]),
            ("against", Role::Against, &self.own.against[..]),
        ];
        Folders::open(&given, &self.input, &leave_out)
    }

    fn mode(&self) -> Mode {
        self.own.method.mode(self.own.bits)
    }

    fn identity(&self) -> Fingerprint {
        Fingerprint::builder("dedup")
            .field("version", env!("CARGO_PKG_VERSION"))
            .field("own", serde_json::to_vec(&self.own).unwrap_or_default())
            .field("matching", serde_json::to_vec(&self.matching).unwrap_or_default())
            .finish()
    }
}

pub(super) fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
    let all = All::new(settings)?;
    for path in all.own.csv.iter().chain(&all.own.html) {
        refuse_existing(path, all.run.overwrite)?;
    }
    let wishes = Wishes::new(&all.acting.prefer, &all.acting.avoid)?;
    let folders = all.folders()?;
    let mut session = Session::inspect(Dedup::NAME, settings, cx, all.identity())?;
    let mut scanner = Scanner::new(&folders, (all.mode(), all.input.limits()), &all.cache, cx);
    let mut left_alone = folders.left_alone();
    scanner.total = folders.list(&mut left_alone)?.count() as u64;
    let start = session.start();
    session.announce(&Start { items: scanner.total, ..start });
    let since = Instant::now();
    let mut scan = scanner.run(&mut session, cx)?;
    let mut stages = Stages::default();
    let seen = scan.pictures.len() as u64;
    let failed = scan.failed.len() as u64;
    stages.add((0, "look", "files"), (seen + failed, seen, failed, seen), Some(since));
    let outcome = std::mem::replace(&mut scan.outcome, Ok(Counts::default()));
    let counts = match outcome {
        Ok(counts) => counts,
        Err(error) => {
            return session.close(Err(error), Counts { done: seen, failed, ..Counts::default() });
        }
    };
    let work = Work { all: &all, folders: &folders, scan: &scan, scanner: &scanner, cx };
    let compared = work.compare(&session, &mut stages);
    let (clustered, links, units, qualities) = match compared {
        Ok(compared) => compared,
        Err(error) => return session.close(Err(error), counts),
    };
    let judge = Judge {
        pictures: &scan.pictures,
        folders: &folders,
        wishes: &wishes,
        qualities: &qualities,
    };
    let since = Instant::now();
    let groups: Vec<_> = clustered.iter().map(|cluster| judge.choose(cluster)).collect();
    let members: usize = groups.iter().map(|group| group.members.len()).sum();
    let kept = groups.len() as u64;
    stages.add(
        (5, "quality", "pictures"),
        (members as u64, kept, members as u64 - kept, kept),
        Some(since),
    );
    let scenes = scenes(&units, &links, &groups);
    let found = Found { scan: &scan, groups, scenes, stages, judge };
    let report = session.close(Ok(counts), counts)?;
    work.finish(report, &found)
}

/// What every step needs.
struct Work<'a> {
    all: &'a All,
    folders: &'a Folders,
    scan: &'a Scan,
    scanner: &'a Scanner<'a>,
    cx: &'a JobCx,
}

/// Groups without a best yet, the pairs behind them, and how well their pictures are kept.
type Compared = (Vec<Cluster>, Vec<Link>, Vec<Unit>, Qualities);

impl Work<'_> {
    fn compare(&self, session: &Session, stages: &mut Stages) -> Result<Compared, RunError> {
        let since = Instant::now();
        let pictures = &self.scan.pictures;
        let hashes = self.hashes()?;
        let hash = |number: u32| hashes.get(number as usize)?.first().map(|code| code.0);
        let units = units(pictures, self.folders, &hash);
        let count = pictures.len() as u64;
        let equal = count - units.len() as u64;
        stages.add((0, "exact", "pictures"), (count, equal, 0, count - equal), Some(since));
        let matcher = Matcher {
            engine: session.engine(),
            units: &units,
            bank: &self.scan.bank,
            matching: &self.all.matching,
            across: !self.all.own.against.is_empty(),
        };
        let mut links = match self.all.own.method {
            Method::Full => matcher.links(&self.cx.cancel, stages)?,
            Method::Exact => Vec::new(),
            _ => self.hash_links(session, (&units, &hashes), stages),
        };
        let over = |ways: &[Way]| match self.all.own.method {
            Method::Full => matcher.verify_over(ways),
            _ => Vec::new(),
        };
        let mut found = clusters(&units, &mut links, (pictures, self.folders), &over);
        if matcher.across {
            found.retain(|cluster| self.is_across(cluster));
        }
        let qualities = measure(
            &found,
            (pictures, self.folders),
            (session.engine(), &self.scanner.look.limits),
            self.scanner.store.as_ref(),
        )?;
        Ok((found, links, units, qualities))
    }

    fn is_across(&self, cluster: &Cluster) -> bool {
        let is_against = |(number, _): &(u32, _)| {
            let picture = &self.scan.pictures[*number as usize];
            self.folders.role(picture.folder, &picture.key) == Role::Against
        };
        let against = cluster.members.iter().filter(|member| is_against(member)).count();
        against > 0 && against < cluster.members.len()
    }

    /// The codes of all pictures, for the hash methods.
    fn hashes(&self) -> Result<Vec<Vec<Code>>, RunError> {
        let Mode::Hash(_, bits) = self.all.mode() else { return Ok(Vec::new()) };
        let forms = if self.all.own.upright { 1 } else { 8 };
        let of = |number: usize| {
            let payload =
                self.scan.bank.get(number).map_err(|error| RunError::Output(error.into()))?;
            let mut codes = codes(&payload, bits);
            codes.truncate(forms);
            Ok(codes)
        };
        (0..self.scan.pictures.len()).map(of).collect()
    }

    fn hash_links(
        &self,
        session: &Session,
        (units, hashes): (&[Unit], &[Vec<Code>]),
        stages: &mut Stages,
    ) -> Vec<Link> {
        let since = Instant::now();
        let own = &self.all.own;
        let codes: Vec<Vec<Code>> =
            units.iter().map(|unit| hashes[unit.first() as usize].clone()).collect();
        let limits = (own.bits.code_bits(), own.max_distance());
        let found = near_hashes(session.engine(), &codes, limits);
        let bits = own.bits.count();
        let size = |unit: u32| self.scan.pictures[units[unit as usize].first() as usize].facts.size;
        let link = |((a, b), (distance, form)): (&(u32, u32), &(u32, usize))| {
            let class = match form {
                0 if size(*a) == size(*b) => Class::ReEncoded,
                0 => Class::Resized,
                // In the order of `Grid::dihedral`: flips, and the two diagonals.
                1 | 2 | 4 | 7 => Class::Mirrored,
                _ => Class::Rotated,
            };
            let verdict = Verdict {
                class,
                similarity: 1.0 - *distance as f32 / bits as f32,
                transform: None,
                overlap: [1.0; 2],
                inliers: 0,
                reason: format!("{distance} of {bits} bits differ"),
                stage: Stage::Hash,
            };
            Link { a: *a, b: *b, verdict }
        };
        let across = !own.against.is_empty();
        let counts = |link: &Link| {
            let (a, b) = (&units[link.a as usize], &units[link.b as usize]);
            !across || a.own && b.against || a.against && b.own
        };
        let links: Vec<Link> = found.iter().map(link).filter(counts).collect();
        let (count, pairs) = (units.len() as u64, links.len() as u64);
        stages.add((1, "hash", "pictures"), (count, pairs, 0, count), Some(since));
        links
    }

    /// Prints the plan or carries it out.
    fn act(&self, report: &mut Report, found: &Found<'_>) -> Result<(), JobError> {
        let acting = &self.all.acting;
        if acting.action == Action::Report {
            return Ok(());
        }
        let failed = |error: std::io::Error| JobError::from(RunError::Output(error.into()));
        let planner = Planner::new(found, self.folders, acting).map_err(failed)?;
        let output = planner.output.clone();
        let (steps, left) = planner.plan();
        if acting.apply && !self.all.run.dry_run {
            let places = (self.folders.first(), output.as_deref());
            return apply((&steps, &left), places, report, self.cx);
        }
        propose((&steps, &left), report, self.cx);
        Ok(())
    }

    fn finish(&self, mut report: Report, found: &Found<'_>) -> Result<Report, JobError> {
        let own = &self.all.own;
        let unwritable = |error: std::io::Error| JobError::from(RunError::Output(error.into()));
        if let (serde_json::Value::Object(all), serde_json::Value::Object(summary)) =
            (&mut report.summary, found.summary())
        {
            all.extend(summary);
        }
        report.lines = found.lines(own.stages);
        if self.cx.items {
            report.items = found.items();
        }
        if let Some(path) = &own.csv {
            files::write_atomic(path, found.csv().as_bytes()).map_err(unwritable)?;
            report.lines.push(format!("table  {}", path.display()));
        }
        if let Some(path) = &own.html {
            let title = own.input.iter().map(|path| path.display().to_string());
            let title = title.collect::<Vec<_>>().join(", ");
            let page = html::page(&title, found, self.folders, (&self.all.run, self.cx))?;
            files::write_atomic(path, page.as_bytes()).map_err(unwritable)?;
            report.lines.push(format!("page   {}", path.display()));
        }
        self.act(&mut report, found)?;
        if own.fail_on_duplicates && !found.groups.is_empty() {
            report.ok = false;
        }
        Ok(report)
    }
}
