//! The phases of the job, one after the other.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use pixloom_engine::{Counts, Engine, Fingerprint, RunError, files};
use pixloom_match::{Class, Code, CodeBits, Stage, Verdict};

use super::Dedup;
use super::act::{apply, propose};
use super::best::{Judge, Wishes};
use super::colours::same_colours;
use super::found::{Found, scenes};
use super::groups::{Cluster, clusters};
use super::html;
use super::links::{Hashes, Link, Matcher, matched, near_hashes};
use super::networks::{Files, Graphs, Networks, Seen, Troubles, rate};
use super::plan::Planner;
use super::quality::{Qualities, measure};
use super::settings::{Acting, Action, Matching, Method};
use super::stages::Stages;
use super::units::{Unit, units};
use crate::cache::CacheError;
use crate::job::{Job, JobCx, JobError, Report, Settings, Start};
use crate::jobs::analyze::refuse_unwritable;
use crate::jobs::features::{
    CacheSettings, Folders, Mode, Role, Scan, Scanner, codes, only_colour, spill_folder,
};
use crate::params::ParamError;
use crate::run::{InputSettings, RunSettings, Session};
use crate::source::Listed;

/// All settings of a run.
pub(super) struct All {
    pub(super) own: Dedup,
    pub(super) acting: Acting,
    pub(super) matching: Matching,
    pub(super) networks: Networks,
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
            networks: settings.get()?,
            cache: settings.get()?,
            input: settings.get()?,
            run: settings.get()?,
        };
        if all.run.resume {
            let problem = "is not needed: what was seen is remembered in the cache";
            return Err(ParamError::new("resume", problem).into());
        }
        if all.run.shard.is_some() && all.own.parts.is_none() {
            let problem = "needs `parts`, a folder for what each run saw; the same command \
                           without `shard` joins them";
            return Err(ParamError::new("shard", problem).into());
        }
        let wants_more = all.own.csv.is_some() || all.own.html.is_some() || all.acting.apply;
        if all.run.shard.is_some() && wants_more {
            let problem = "only looks; reports and actions belong to the run that joins the parts";
            return Err(ParamError::new("shard", problem).into());
        }
        if let Some(partner) = all.acting.partner.as_ref().filter(|path| !path.is_dir()) {
            let problem = format!("{} is no folder", partner.display());
            return Err(ParamError::new("partner", problem).into());
        }
        if all.networks.is_used() && all.own.method != Method::Full {
            let problem = "must be `full` for networks and SSIMULACRA2";
            return Err(ParamError::new("method", problem).into());
        }
        Ok(all)
    }

    fn folders(&self) -> Result<Folders, JobError> {
        if self.own.input.is_empty() {
            return Err(ParamError::new("input", "must be given: a folder or a picture").into());
        }
        let leave_out: Vec<PathBuf> =
            self.acting.output.iter().chain(&self.own.parts).cloned().collect();
        let given = [
            ("input", Role::Own, &self.own.input[..]),
            ("reference", Role::Reference, &self.acting.reference[..]),
            ("against", Role::Against, &self.own.against[..]),
        ];
        Folders::open(&given, &self.input, &leave_out)
    }

    /// Writes one part, or reads those that were written.
    fn use_parts(&self, scanner: &mut Scanner<'_>) -> Result<(), JobError> {
        let Some(parts) = &self.own.parts else { return Ok(()) };
        let failed = |error: CacheError| {
            JobError::from(RunError::Output(std::io::Error::other(error.to_string()).into()))
        };
        if let Some(shard) = self.run.shard()? {
            return scanner.write_part(parts, shard).map_err(failed);
        }
        if !parts.is_dir() || scanner.read_parts(parts).map_err(failed)? == 0 {
            let problem = "holds nothing that a run with `shard` kept";
            return Err(ParamError::new("parts", problem).into());
        }
        Ok(())
    }

    fn mode(&self) -> Mode {
        self.own.method.mode(self.own.bits)
    }

    fn identity(&self) -> Fingerprint {
        Fingerprint::builder("dedup")
            .field("version", env!("CARGO_PKG_VERSION"))
            .field("own", serde_json::to_vec(&self.own).unwrap_or_default())
            .field("matching", serde_json::to_vec(&self.matching).unwrap_or_default())
            .field("networks", serde_json::to_vec(&self.networks).unwrap_or_default())
            .finish()
    }
}

pub(super) fn run(settings: &Settings, cx: &JobCx) -> Result<Report, JobError> {
    let all = All::new(settings)?;
    for path in all.own.csv.iter().chain(&all.own.html) {
        refuse_unwritable(path, all.run.overwrite)?;
    }
    let wishes = Wishes::new(&all.acting.prefer, &all.acting.avoid)?;
    let graphs = Graphs::open(&all.networks)?;
    let folders = all.folders()?;
    let mut scanner = Scanner::new(&folders, (all.mode(), all.input.limits()), &all.cache, cx);
    all.use_parts(&mut scanner)?;
    let mut session = Session::inspect(Dedup::NAME, settings, cx, all.identity())?;
    let mut left_alone = folders.left_alone();
    let shard = scanner.shard;
    let is_ours = |listed: &(u16, Listed)| shard.is_none_or(|shard| shard.owns(&listed.1.key));
    scanner.total = folders.list(&mut left_alone)?.filter(is_ours).count() as u64;
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
    if shard.is_some() {
        let mut report = session.close(Ok(counts), counts)?;
        report.lines.push(format!("{seen} pictures were looked at and kept in the part"));
        report.lines.push("the same command without --shard joins the parts".to_owned());
        return Ok(report);
    }
    let work = Work {
        all: &all,
        graphs: &graphs,
        folders: &folders,
        scan: &scan,
        scanner: &scanner,
        troubles: Troubles::default(),
        cx,
    };
    work.conclude(session, stages, (counts, &wishes))
}

/// What every step needs.
struct Work<'a> {
    all: &'a All,
    graphs: &'a Graphs,
    folders: &'a Folders,
    scan: &'a Scan,
    scanner: &'a Scanner<'a>,
    troubles: Troubles,
    cx: &'a JobCx,
}

/// The colours of pictures that have but one, by their numbers.
type Colours = BTreeMap<u32, [u8; 3]>;

/// Groups without a best yet, the pairs behind them, and how well their pictures are kept.
type Compared = (Vec<Cluster>, Vec<Link>, Vec<Unit>, Qualities);

impl Work<'_> {
    /// Everything after the look: what are copies, which is the best, and what is done about it.
    fn conclude(
        &self,
        session: Session,
        mut stages: Stages,
        (counts, wishes): (Counts, &Wishes),
    ) -> Result<Report, JobError> {
        let compared = self.compare(&session, &mut stages);
        let (mut clustered, links, units, qualities) = match compared {
            Ok(compared) => compared,
            Err(error) => return session.close(Err(error), counts),
        };
        let judge = Judge {
            pictures: &self.scan.pictures,
            folders: self.folders,
            wishes,
            qualities: &qualities,
        };
        if let Err(error) = self.rate(&mut clustered, &judge, (session.engine(), &mut stages)) {
            return session.close(Err(error), counts);
        }
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
        let found = Found { scan: self.scan, groups, scenes, stages, judge };
        let report = session.close(Ok(counts), counts)?;
        self.finish(report, &found)
    }

    fn compare(&self, session: &Session, stages: &mut Stages) -> Result<Compared, RunError> {
        let since = Instant::now();
        let pictures = &self.scan.pictures;
        let (hashes, colours) = self.hashes()?;
        let units = units(pictures, self.folders, &hashes);
        drop(hashes);
        let count = pictures.len() as u64;
        let equal = count - units.len() as u64;
        stages.add((0, "exact", "pictures"), (count, equal, 0, count - equal), Some(since));
        let spill = spill_folder(self.cx);
        let folders = [self.folders];
        let networks = self.files(&folders, &spill);
        let seen = self.seen(&units, (networks, session.engine()), stages)?;
        let matcher = Matcher {
            engine: session.engine(),
            units: &units,
            bank: &self.scan.bank,
            matching: &self.all.matching,
            across: !self.all.own.against.is_empty(),
            seen: Some(&seen),
        };
        let files = (&pictures[..], self.folders);
        let (mut found, links) = if self.all.own.method == Method::Full {
            matched(&matcher, files, self.scanner.store.as_ref(), (&self.cx.cancel, stages))?
        } else {
            let mut links = match self.all.own.method {
                Method::Exact => Vec::new(),
                _ => self.hash_links(session, (&units, &colours), stages)?,
            };
            (clusters(&units, &mut links, files, &|_| Vec::new()), links)
        };
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

    /// Tells SSIMULACRA2 against the best of each group, if it was asked for.
    fn rate(
        &self,
        clusters: &mut Vec<Cluster>,
        judge: &Judge<'_>,
        (engine, stages): (&Engine, &mut Stages),
    ) -> Result<(), RunError> {
        let (folders, spill) = ([self.folders], spill_folder(self.cx));
        let files = self.files(&folders, &spill);
        let best = |cluster: &Cluster| Some(judge.choose(cluster).members.first()?.picture);
        rate(clusters, (&self.all.networks, &best), (&files, engine), stages)?;
        if !self.all.own.against.is_empty() {
            clusters.retain(|cluster| self.is_across(cluster));
        }
        Ok(())
    }

    fn files<'b>(&'b self, folders: &'b [&'b Folders], spill: &'b Path) -> Files<'b> {
        Files {
            pictures: &self.scan.pictures,
            folders,
            limits: &self.scanner.look.limits,
            store: self.scanner.store.as_ref(),
            spill,
            troubles: &self.troubles,
        }
    }

    /// What the user's networks know of the units.
    fn seen<'b>(
        &'b self,
        units: &[Unit],
        (files, engine): (Files<'b>, &Engine),
        stages: &mut Stages,
    ) -> Result<Seen<'b>, RunError> {
        let since = Instant::now();
        let firsts: Vec<u32> = units.iter().map(Unit::first).collect();
        let seen = self.graphs.seen(&firsts, files, engine)?;
        if let Some(vectors) = &seen.vectors {
            let (all, known) = (units.len() as u64, vectors.count() as u64);
            stages.add((3, "embed", "pictures"), (all, known, all - known, known), Some(since));
            if all > known {
                let why = vectors.trouble.as_deref().unwrap_or("the graph gives no direction");
                let none = all - known;
                self.cx.face.remark(&format!("{none} pictures have no embedding, such as {why}"));
            }
        }
        Ok(seen)
    }

    fn is_across(&self, cluster: &Cluster) -> bool {
        let is_against = |(number, _): &(u32, _)| {
            let picture = &self.scan.pictures[*number as usize];
            self.folders.role(picture.folder, &picture.key) == Role::Against
        };
        let against = cluster.members.iter().filter(|member| is_against(member)).count();
        against > 0 && against < cluster.members.len()
    }

    /// The upright hash of each picture, for the hash methods; the colours of those that have but
    /// one, which stand for their hashes.
    fn hashes(&self) -> Result<(Vec<Option<Code>>, Colours), RunError> {
        let mut colours = Colours::new();
        let Mode::Hash(_, bits) = self.all.mode() else { return Ok((Vec::new(), colours)) };
        let mut of = |number: usize| {
            let payload =
                self.scan.bank.get(number).map_err(|error| RunError::Output(error.into()))?;
            let colour = only_colour(&payload);
            colours.extend(colour.map(|colour| (number as u32, colour)));
            // No hash is all ones but for its end.
            let of_colour = |[r, g, b]: [u8; 3]| {
                Code([u64::MAX, u64::MAX, 0, u64::from_be_bytes([1, 0, 0, 0, 0, r, g, b])])
            };
            Ok(codes(&payload, bits).first().copied().or(colour.map(of_colour)))
        };
        let hashes = (0..self.scan.pictures.len()).map(&mut of).collect::<Result<_, RunError>>()?;
        Ok((hashes, colours))
    }

    /// The units that have a hash.
    fn hashed(&self, units: &[Unit], bits: CodeBits) -> Result<Hashes<'_>, RunError> {
        let forms = if self.all.own.upright { 1 } else { 8 };
        let (bank, mut with, mut firsts) = (&self.scan.bank, Vec::new(), Vec::new());
        for (number, unit) in units.iter().enumerate() {
            let payload = bank.get(unit.first() as usize);
            let payload = payload.map_err(|error| RunError::Output(error.into()))?;
            if !codes(&payload, bits).is_empty() {
                with.push(number as u32);
                firsts.push(unit.first());
            }
        }
        Ok(Hashes { bank, bits, forms, units: with, firsts })
    }

    fn hash_links(
        &self,
        session: &Session,
        (units, colours): (&[Unit], &Colours),
        stages: &mut Stages,
    ) -> Result<Vec<Link>, RunError> {
        let since = Instant::now();
        let own = &self.all.own;
        let hashes = self.hashed(units, own.bits.code_bits())?;
        let found = near_hashes(session.engine(), &hashes, own.max_distance())?;
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
        let mut links: Vec<Link> = found.iter().map(link).collect();
        let colour = |unit: &Unit| colours.get(&unit.first()).copied();
        links.extend(same_colours(&units.iter().map(colour).collect::<Vec<_>>()));
        links.retain(counts);
        let (count, pairs) = (units.len() as u64, links.len() as u64);
        stages.add((1, "hash", "pictures"), (count, pairs, 0, count), Some(since));
        Ok(links)
    }

    /// Prints the plan or carries it out.
    fn act(&self, report: &mut Report, found: &Found<'_>) -> Result<(), JobError> {
        let acting = &self.all.acting;
        if acting.action == Action::Report {
            return Ok(());
        }
        let failed = |error: std::io::Error| JobError::from(RunError::Output(error.into()));
        let planner = Planner::new(found, self.folders, acting).map_err(failed)?;
        let (steps, left) = planner.plan();
        if acting.apply && !self.all.run.dry_run {
            return apply((&steps, &left), self.folders.first(), report, self.cx);
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
        for (measure, count, line) in self.troubles.tell() {
            report.summary["not_measured"][measure] = serde_json::json!(count);
            report.lines.push(line);
        }
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
