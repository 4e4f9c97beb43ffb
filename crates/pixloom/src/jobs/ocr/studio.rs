//! Everything that the images of a run are made from: configuration, fonts, texts, backgrounds.
use std::path::{Component, Path, PathBuf};

use pixloom_engine::{Fingerprint, Rng, path_key};

use super::allocate::Allocation;
use super::background::Backgrounds;
use super::config::{Config, Spec};
use super::corpus::{Corpus, corpus_files};
use super::library::Library;
use super::problem::Problem;
use super::samples;

/// The materials of a run.
#[derive(Debug)]
pub(super) struct Studio {
    /// What is made.
    pub config: Config,
    /// Which image is of which kind.
    pub allocation: Allocation,
    /// What each kind takes from the materials.
    pub kinds: Vec<Kind>,
    /// The fonts.
    pub library: Library,
    /// The texts.
    pub corpora: Vec<Corpus>,
    /// The backgrounds.
    pub backgrounds: Backgrounds,
    /// The seed of all draws.
    pub seed: u64,
}

/// What one kind of image takes from the materials.
#[derive(Debug)]
pub(super) struct Kind {
    /// Its texts.
    pub corpora: Vec<usize>,
    /// Its fonts with their weights.
    pub fonts: Vec<(usize, f64)>,
    total: f64,
}

impl Kind {
    /// One of the fonts, by weight.
    pub(super) fn draw_font(&self, rng: &mut Rng) -> usize {
        let mut left = rng.f64() * self.total;
        for (at, weight) in &self.fonts {
            left -= weight;
            if left < 0.0 {
                return *at;
            }
        }
        self.fonts.last().map_or(0, |(at, _)| *at)
    }
}

/// Where the materials lie; what is not given comes with the program.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    /// Folder of fonts.
    pub fonts: Option<PathBuf>,
    /// Folder of texts.
    pub corpora: Option<PathBuf>,
    /// Folder of backgrounds.
    pub backgrounds: Option<PathBuf>,
}

impl Studio {
    /// Opens everything; all that is wrong is told at once.
    ///
    /// # Errors
    /// The problems.
    pub(super) fn open(config: Config, places: &Places, seed: u64) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let library = open_library(places, &mut problems);
        let backgrounds = open_backgrounds(places, &mut problems);
        let mut studio = Self {
            allocation: Allocation::new(&config),
            config,
            kinds: Vec::new(),
            library,
            corpora: Vec::new(),
            backgrounds,
            seed,
        };
        let specs = studio.config.specifications.clone();
        for (at, spec) in specs.iter().enumerate() {
            match studio.kind(spec, places) {
                Ok(kind) => studio.kinds.push(kind),
                Err(problem) => problems.push(problem.in_spec(at)),
            }
        }
        if problems.is_empty() { Ok(studio) } else { Err(problems) }
    }

    fn kind(&mut self, spec: &Spec, places: &Places) -> Result<Kind, Problem> {
        let fonts = self.library.choice(spec);
        if fonts.is_empty() {
            let filter = spec.font_filter.as_deref().unwrap_or("*");
            let message = format!("no usable font matches `{filter}`");
            return Err(Problem::new("font_filter", message)
                .with_hint("`pixloom ocr fonts DIR` lists the fonts of a folder".to_owned()));
        }
        let files = corpora_of(spec, places)?;
        let mut corpora = Vec::new();
        for (name, file) in files {
            corpora.push(self.corpus(name, file.as_deref())?);
        }
        let total = fonts.iter().map(|(_, weight)| weight).sum();
        Ok(Kind { corpora, fonts, total })
    }

    /// The number of a corpus, opened once.
    fn corpus(&mut self, name: String, file: Option<&Path>) -> Result<usize, Problem> {
        if let Some(known) = self.corpora.iter().position(|corpus| corpus.name == name) {
            return Ok(known);
        }
        let corpus = match file {
            Some(file) => Corpus::open(file, name).map_err(|error| {
                Problem::new("corpus_file", format!("{} cannot be read: {error}", file.display()))
            })?,
            None => samples::corpus(&name),
        };
        if let Some(problem) = corpus.problem() {
            let hint = "save it as UTF-8 text".to_owned();
            return Err(
                Problem::new("corpus_file", format!("{} {problem}", corpus.name)).with_hint(hint)
            );
        }
        if corpus.is_empty() {
            let message = format!("{} is empty", corpus.name);
            return Err(Problem::new("corpus_file", message));
        }
        self.corpora.push(corpus);
        Ok(self.corpora.len() - 1)
    }

    /// Everything but the index that decides an image.
    pub(super) fn identity(&self) -> Fingerprint {
        let config = format!("{:?}", self.config);
        let corpora = self.corpora.iter().fold(Fingerprint::builder("corpora"), |all, corpus| {
            all.field(&corpus.name, corpus.identity())
        });
        Fingerprint::builder("ocr")
            .field("version", env!("CARGO_PKG_VERSION"))
            .field("method", super::METHOD.to_le_bytes())
            .field("config", config)
            .field("fonts", self.library.identity())
            .field("corpora", corpora.finish())
            .field("backgrounds", self.backgrounds.identity())
            .field("seed", self.seed.to_le_bytes())
            .finish()
    }
}

fn open_library(places: &Places, problems: &mut Vec<Problem>) -> Library {
    let scanned = match &places.fonts {
        None => Library::embedded().map_err(|error| format!("the embedded font {error}")),
        Some(folder) => Library::scan(folder)
            .map_err(|error| format!("{} cannot be read: {error}", folder.display())),
    };
    let library = scanned.unwrap_or_else(|message| {
        problems.push(Problem::new("font_dir", message));
        Library::default()
    });
    if let Some(folder) = &places.fonts
        && library.fonts.is_empty()
        && problems.is_empty()
    {
        let message = format!("{} holds no font that can be used", folder.display());
        problems.push(Problem::new("font_dir", message));
    }
    library
}

fn open_backgrounds(places: &Places, problems: &mut Vec<Problem>) -> Backgrounds {
    let Some(folder) = &places.backgrounds else { return Backgrounds::default() };
    let listed = Backgrounds::list(folder).map_err(|error| format!("cannot be read: {error}"));
    let listed = listed.and_then(|found| {
        if found.is_empty() {
            Err("holds no picture that can be read".to_owned())
        } else {
            Ok(found)
        }
    });
    listed.unwrap_or_else(|problem| {
        let message = format!("{} {problem}", folder.display());
        problems.push(Problem::new("background_dir", message));
        Backgrounds::default()
    })
}

/// Whether a path of the configuration stays below the folder it is looked for in: a
/// configuration from elsewhere must not read other files.
fn stays_inside(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

/// The texts of a kind: names, and files but for those of the program.
fn corpora_of(spec: &Spec, places: &Places) -> Result<Vec<(String, Option<PathBuf>)>, Problem> {
    let named = |file: PathBuf, folder: &Path| {
        (path_key(file.strip_prefix(folder).unwrap_or(&file)), Some(file))
    };
    match (&places.corpora, &spec.corpus_file) {
        (Some(_), Some(file)) if !stays_inside(Path::new(file)) => {
            let message = format!("`{file}` leads out of the corpus folder");
            Err(Problem::new("corpus_file", message))
        }
        (Some(folder), Some(file)) => Ok(vec![named(folder.join(file), folder)]),
        (None, Some(file)) if samples::is_known(file) => Ok(vec![(file.clone(), None)]),
        (None, Some(file)) => {
            let message = format!("`{file}` needs a corpus folder");
            Err(Problem::new("corpus_file", message).with_hint("give --corpus-dir".to_owned()))
        }
        (Some(folder), None) => {
            let files = corpus_files(folder).map_err(|error| {
                Problem::new("corpus_dir", format!("{} cannot be read: {error}", folder.display()))
            })?;
            if files.is_empty() {
                let message = format!("{} holds no .txt file", folder.display());
                return Err(Problem::new("corpus_dir", message));
            }
            Ok(files.into_iter().map(|file| named(file, folder)).collect())
        }
        (None, None) => Ok(samples::names().map(|name| (name, None)).collect()),
    }
}
