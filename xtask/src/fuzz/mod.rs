//! Damaged files through every decoder and every reader of models, on stable Rust and without instruments: a quick search
//! for panics, hangs and wasted memory. The crate `fuzz/` does the same with libFuzzer.
mod models;
mod mutate;
mod probe;
mod seeds;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail, ensure};
use pixloom_image::codec::{CODECS, Codec, by_name, detect};
use pixloom_testkit::Lcg;

use crate::options::Options;
use crate::sh;

/// An input that takes longer is a hang, even on a machine that is busy.
const HANG: Duration = Duration::from_mins(2);

/// When the input now examined was begun.
static BEGUN: Mutex<Option<Instant>> = Mutex::new(None);

/// What went wrong, with how many inputs, and the shortest of them.
type Findings = BTreeMap<String, (u64, usize)>;

#[expect(clippy::disallowed_methods, reason = "a task for developers, apart from the engine")]
pub(crate) fn run(options: &Options) -> Result<()> {
    let (seconds, seed) = (options.number("seconds", 60)?, options.number("seed", 1)?);
    let word = options.word().map(str::to_owned);
    probe::catch_panics();
    // A thread has the small stack of a worker; the main thread would hide deep recursion.
    let work = thread::spawn(move || match word {
        Some(word) if by_name(&word).is_none() && !is_reader(&word) => replay(Path::new(&word)),
        word => search(word.as_deref(), seconds, seed),
    });
    match work.join() {
        Ok(result) => result,
        Err(_panic) => bail!("in the search itself: {}", probe::last_panic()),
    }
}

/// Examines one file that was found before.
fn replay(file: &Path) -> Result<()> {
    let bytes = fs::read(file)?;
    let Some(codec) = detect(&bytes) else {
        let name = |ending: &str| file.to_string_lossy().contains(ending);
        let reader = models::READERS.iter().find(|reader| name(reader.name));
        let reader = reader.ok_or_else(|| anyhow!("the file is of no known format"))?;
        println!("{}: {:?}", reader.name, reader.examine(&bytes));
        return Ok(());
    };
    for frame in 0..3 {
        let outcome = probe::examine(codec, &bytes, frame);
        println!("{} frame {frame}: {outcome:?}", codec.info().name);
    }
    Ok(())
}

fn search(name: Option<&str>, seconds: u64, seed: u64) -> Result<()> {
    let folder = sh::target_dir()?.join("fuzz");
    fs::create_dir_all(&folder)?;
    watch(folder.join("current"));
    let codecs = CODECS.iter().copied().filter(|codec| codec.info().encodes);
    let codecs = codecs.filter(|codec| name.is_none_or(|name| is_called(*codec, name)));
    let readers = models::READERS.iter().filter(|reader| name.is_none_or(|n| n == reader.name));
    let subjects: Vec<Subject> =
        codecs.map(Subject::Picture).chain(readers.map(Subject::Model)).collect();
    ensure!(!subjects.is_empty(), "this format is not read");
    let share = Duration::from_secs(seconds) / subjects.len() as u32;
    println!("{:8}{:>8}{:>10}{:>10}{:>10}", "format", "seeds", "inputs", "per s", "decoded");
    let mut found = 0;
    for subject in subjects {
        let findings = Search::new(subject, &folder)?.run(share, seed)?;
        for (problem, (count, length)) in &findings {
            println!("  {problem}: {count} inputs, the shortest of {length} bytes");
        }
        found += findings.len();
    }
    match found {
        0 => Ok(()),
        _ => bail!("{found} problems; their inputs are in {}", folder.display()),
    }
}

fn is_reader(name: &str) -> bool {
    models::READERS.iter().any(|reader| reader.name == name)
}

/// What the inputs are given to.
#[derive(Clone, Copy)]
enum Subject {
    Picture(&'static dyn Codec),
    Model(&'static models::Reader),
}

impl Subject {
    fn name(self) -> &'static str {
        match self {
            Self::Picture(codec) => codec.info().name,
            Self::Model(reader) => reader.name,
        }
    }

    fn seeds(self) -> Result<Vec<Vec<u8>>> {
        match self {
            Self::Picture(codec) => seeds::of(codec),
            Self::Model(reader) => reader.seeds(),
        }
    }

    fn examine(self, bytes: &[u8], frame: u32) -> probe::Outcome {
        match self {
            Self::Picture(codec) => probe::examine(codec, bytes, frame),
            Self::Model(reader) => reader.examine(bytes),
        }
    }
}

fn is_called(codec: &dyn Codec, name: &str) -> bool {
    by_name(name).is_some_and(|named| named.info().name == codec.info().name)
}

/// Ends the process if an input takes too long; nothing else can stop it.
#[expect(clippy::exit, reason = "a thread that hangs cannot be ended in any other way")]
#[expect(clippy::disallowed_methods, reason = "a task for developers, apart from the engine")]
fn watch(current: PathBuf) {
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(1));
            let begun = BEGUN.lock().map_or(None, |begun| *begun);
            if begun.is_some_and(|begun| begun.elapsed() > HANG) {
                println!("  hang: the input is {}", current.display());
                std::process::exit(1);
            }
        }
    });
}

/// The search in one format.
struct Search<'a> {
    subject: Subject,
    folder: &'a Path,
    current: File,
    seeds: Vec<Vec<u8>>,
    findings: Findings,
}

impl<'a> Search<'a> {
    fn new(subject: Subject, folder: &'a Path) -> Result<Self> {
        let current = File::create(folder.join("current"))?;
        Ok(Self { subject, folder, current, seeds: subject.seeds()?, findings: Findings::new() })
    }

    /// The seeds as they are, then damaged copies until the time is up.
    fn run(mut self, share: Duration, seed: u64) -> Result<Findings> {
        let (mut random, begun) = (Lcg::new(seed), Instant::now());
        let (mut inputs, mut decoded) = (0_u64, 0_u64);
        for bytes in self.seeds.clone() {
            self.examine(&bytes, 0)?;
        }
        while begun.elapsed() < share {
            let bytes = mutate::mutate(&self.seeds, &mut random);
            let frame = if random.below(8) == 0 { 1 + random.below(3) as u32 } else { 0 };
            inputs += 1;
            decoded += u64::from(self.examine(&bytes, frame)?);
        }
        let rate = inputs as f64 / begun.elapsed().as_secs_f64();
        let share = 100.0 * decoded as f64 / inputs.max(1) as f64;
        let (name, seeds) = (self.subject.name(), self.seeds.len());
        println!("{name:8}{seeds:>8}{inputs:>10}{rate:>10.0}{share:>8.1} %");
        Ok(self.findings)
    }

    /// Puts the input into a file that stays behind if the process is ended by what no code can
    /// catch. An empty file, which `fs::write` begins with, would reach the disk each time.
    fn keep(&mut self, bytes: &[u8]) -> Result<()> {
        self.current.rewind()?;
        self.current.write_all(bytes)?;
        Ok(self.current.set_len(bytes.len() as u64)?)
    }

    /// Whether the input could be decoded.
    fn examine(&mut self, bytes: &[u8], frame: u32) -> Result<bool> {
        self.keep(bytes)?;
        set_begun(Some(Instant::now()));
        let outcome = self.subject.examine(bytes, frame);
        set_begun(None);
        for problem in outcome.problems {
            self.note(&problem, bytes)?;
        }
        Ok(outcome.decoded)
    }

    fn note(&mut self, problem: &str, bytes: &[u8]) -> Result<()> {
        let finding = self.findings.entry(problem.to_owned()).or_insert((0, usize::MAX));
        finding.0 += 1;
        if bytes.len() < finding.1 {
            finding.1 = bytes.len();
            let letters = problem.chars().take(80);
            let slug: String =
                letters.map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            let name = format!("{}-{slug}", self.subject.name());
            File::create(self.folder.join(name))?.write_all(bytes)?;
        }
        Ok(())
    }
}

fn set_begun(at: Option<Instant>) {
    if let Ok(mut begun) = BEGUN.lock() {
        *begun = at;
    }
}
