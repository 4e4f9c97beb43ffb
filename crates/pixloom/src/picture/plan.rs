//! Names all results before the work, so that no two share a file and none is overwritten.
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use pixloom_engine::{ItemKey, Seed};

use super::job::canonical_target;
use super::{Naming, PictureStage};
use crate::job::{Face, JobError};
use crate::run::{JOURNAL, RECORD_DIR, RunSettings, shard_dir};
use crate::source::{InputFile, Inputs, LeftAlone, Listed, peek};

/// How many examples an error shows.
const EXAMPLES: usize = 5;

/// What a run is going to do.
#[derive(Debug, Default)]
pub struct Plan {
    /// Items of this run (of this shard).
    pub items: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Files that were passed over, by extension.
    pub left_alone: LeftAlone,
}

/// Makes a [`Plan`].
#[derive(Debug)]
pub struct Planner<'a> {
    /// The inputs.
    pub inputs: &'a Inputs,
    /// The output folder.
    pub output: &'a Path,
    /// The work.
    pub stage: &'a PictureStage,
    /// What the run may do.
    pub run: &'a RunSettings,
}

#[derive(Debug, Default)]
struct Names {
    /// 128 bits of the hash of each name: 16 bytes an output, whatever its length.
    hashes: Vec<u128>,
    existing: Vec<PathBuf>,
    existing_count: u64,
}

impl Planner<'_> {
    /// Lists the inputs once and checks all names.
    ///
    /// # Errors
    /// `Refused` if two results would share a name, or if results exist and the run may neither
    /// resume nor overwrite.
    pub fn plan(&self, face: &dyn Face) -> Result<Plan, JobError> {
        let mut plan = Plan::default();
        let mut names = Names::default();
        let fresh = is_fresh(self.output);
        let mut originals = Originals::new(self.inputs.root(), self.output);
        let shard = self.run.shard()?;
        let mut left_alone = LeftAlone::default();
        for listed in self.list(&mut left_alone)? {
            let owned = shard.is_none_or(|shard| shard.owns(&listed.key));
            let targets = self.targets(&listed);
            for target in &targets {
                names.add(target, owned && !fresh, self.output);
                if owned && !fresh {
                    originals.look(target, &listed);
                }
            }
            if owned {
                plan.items += 1;
                plan.bytes += listed.file.as_ref().map_or(0, |file| file.bytes);
                if self.run.dry_run {
                    announce(&listed, &targets, face);
                }
            }
        }
        plan.left_alone = left_alone;
        originals.check()?;
        self.check_collisions(&names.duplicates())?;
        self.check_existing(&names)?;
        Ok(plan)
    }

    fn list<'a>(
        &'a self,
        left_alone: &'a mut LeftAlone,
    ) -> Result<impl Iterator<Item = Listed> + 'a, JobError> {
        self.inputs.list(left_alone).map_err(|error| {
            JobError::refused(format!("the input folder cannot be listed: {error}"), Vec::new())
        })
    }

    /// The files that an input becomes, relative to the output folder. None if it cannot be
    /// read or named: the run reports why.
    fn targets(&self, listed: &Listed) -> Vec<PathBuf> {
        let naming: &Naming = &self.stage.naming;
        let Ok(codec) = naming.codec(&listed.relative) else { return Vec::new() };
        let Ok(file) = &listed.file else { return Vec::new() };
        let suffixes = self.suffixes(file, &listed.key);
        suffixes.iter().map(|suffix| naming.target(&listed.relative, suffix, codec)).collect()
    }

    fn suffixes(&self, file: &InputFile, key: &ItemKey) -> Vec<String> {
        let pipeline = &self.stage.pipeline;
        if !pipeline.is_split() {
            return vec![String::new()];
        }
        let Ok(peeked) = peek(&file.path, &self.stage.limits) else { return Vec::new() };
        let seed = Seed::root(self.run.seed).child(key.as_str());
        let Ok(drawn) = pipeline.draw(seed) else { return Vec::new() };
        let outputs = pipeline.outputs(peeked.header.upright_size(), &drawn);
        outputs.unwrap_or_default().into_iter().map(|(suffix, _size)| suffix).collect()
    }

    /// Lists once more to find who shares a name; the first pass kept only hashes.
    fn check_collisions(&self, duplicates: &[u128]) -> Result<(), JobError> {
        if duplicates.is_empty() {
            return Ok(());
        }
        let mut sharing: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
        let mut left_alone = LeftAlone::default();
        for listed in self.list(&mut left_alone)? {
            for target in self.targets(&listed) {
                let shared = duplicates.binary_search(&name_hash(&target)).is_ok();
                if shared && (sharing.len() < EXAMPLES || sharing.contains_key(&target)) {
                    sharing.entry(target).or_default().push(listed.key.to_string());
                }
            }
        }
        let line = |(name, inputs): (&PathBuf, &Vec<String>)| {
            format!("{} from {}", name.display(), inputs.join(" and "))
        };
        let mut details: Vec<String> = sharing.iter().map(line).collect();
        details.push("--on-collision keep-extension gives each its own name".to_owned());
        let count = duplicates.len();
        let message =
            format!("{count} output names would be written more than once; nothing was done");
        Err(JobError::refused(message, details))
    }

    fn check_existing(&self, names: &Names) -> Result<(), JobError> {
        if names.existing_count == 0 || self.run.overwrite || self.goes_on()? {
            return Ok(());
        }
        let mut details: Vec<String> =
            names.existing.iter().map(|path| path.display().to_string()).collect();
        details
            .push("--resume continues an earlier run, --overwrite replaces the files".to_owned());
        let (output, count) = (self.output.display(), names.existing_count);
        let mut message =
            format!("{output} already holds {count} of the outputs; nothing was done");
        if self.run.resume {
            message = format!("there is no earlier run to go on with, but {message}");
            details.pop();
            details.push("--overwrite replaces the files".to_owned());
        }
        Err(JobError::refused(message, details))
    }

    /// Whether there is an earlier run to go on with: only then can files be its results.
    fn goes_on(&self) -> Result<bool, JobError> {
        let record_dir = self.run.shard()?.map_or_else(|| PathBuf::from(RECORD_DIR), shard_dir);
        let journal = self.output.join(record_dir).join(JOURNAL);
        Ok(self.run.resume && fs::metadata(journal).is_ok_and(|meta| meta.len() > 0))
    }
}

/// Whether a folder is not there or empty. One that cannot be listed may hold anything.
fn is_fresh(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Finds results that a link would lead to where the originals are.
struct Originals {
    input: PathBuf,
    output: PathBuf,
    /// Whether results below this folder of the output end up among the originals; inputs come
    /// folder by folder.
    last: Option<(PathBuf, bool)>,
    count: u64,
    found: Vec<String>,
}

impl Originals {
    fn new(input: &Path, output: &Path) -> Self {
        let (input, output) = (canonical_target(input), canonical_target(output));
        Self { input, output, last: None, count: 0, found: Vec::new() }
    }

    fn look(&mut self, target: &Path, listed: &Listed) {
        let folder = target.parent().unwrap_or(Path::new(""));
        let among = match &self.last {
            Some((last, among)) if last == folder => *among,
            _ => {
                let place = canonical_target(&self.output.join(folder));
                let among = !place.starts_with(&self.output) && place.starts_with(&self.input);
                self.last = Some((folder.to_owned(), among));
                among
            }
        };
        let is_input = |file: &InputFile| same_file(&self.output.join(target), &file.path);
        if among || listed.file.as_ref().is_ok_and(is_input) {
            self.count += 1;
            if self.found.len() < EXAMPLES {
                self.found.push(format!("{} from {}", target.display(), listed.key));
            }
        }
    }

    fn check(self) -> Result<(), JobError> {
        if self.count == 0 {
            return Ok(());
        }
        let mut details = self.found;
        details.push("choose another output folder".to_owned());
        let message = format!(
            "links lead {} of the outputs to the originals, which could be replaced; nothing was done",
            self.count
        );
        Err(JobError::refused(message, details))
    }
}

/// Whether two paths are one place, links followed. Two names of one file (hard links) are two
/// places: replacing one leaves the other.
fn same_file(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| fs::metadata(path).map(|meta| (meta.dev(), meta.ino())).ok();
    let place = |path: &Path| path.canonicalize().ok();
    let found = identity(one);
    found.is_some() && found == identity(other) && place(one) == place(other)
}

impl Names {
    fn add(&mut self, target: &Path, check_existing: bool, output: &Path) {
        self.hashes.push(name_hash(target));
        if check_existing && fs::symlink_metadata(output.join(target)).is_ok() {
            self.existing_count += 1;
            if self.existing.len() < EXAMPLES {
                self.existing.push(target.to_owned());
            }
        }
    }

    fn duplicates(&mut self) -> Vec<u128> {
        self.hashes.sort_unstable();
        let pairs = self.hashes.windows(2).filter(|pair| pair[0] == pair[1]);
        let mut duplicates: Vec<u128> = pairs.map(|pair| pair[0]).collect();
        duplicates.dedup();
        duplicates
    }
}

fn name_hash(path: &Path) -> u128 {
    let hash = blake3::hash(path.as_os_str().as_encoded_bytes());
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_bytes()[..16]);
    u128::from_le_bytes(half)
}

fn announce(listed: &Listed, targets: &[PathBuf], face: &dyn Face) {
    match &listed.file {
        Err(error) => face.action(&format!("fail   {}: {error}", listed.key)),
        Ok(_) if targets.is_empty() => {
            face.action(&format!("fail   {}: no output can be named", listed.key));
        }
        Ok(_) => {
            for target in targets {
                face.action(&format!("write  {} -> {}", listed.key, target.display()));
            }
        }
    }
}
