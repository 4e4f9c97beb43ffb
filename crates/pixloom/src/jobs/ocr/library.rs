//! The fonts of a run.
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pixloom_engine::{Fingerprint, path_key};
use pixloom_text::{Face, FontError, face_count};
use serde::{Deserialize, Serialize};

use super::config::Spec;

/// The font that comes with the program: Noto Sans (SIL Open Font Licence 1.1).
static EMBEDDED: &[u8] = include_bytes!("../../../assets/ocr/NotoSans-Regular.ttf");

/// The folder that stands in records for the embedded font.
pub(super) const EMBEDDED_FOLDER: &str = "embedded";

/// A font as it stands in records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FontRef {
    /// The font folder as it was given; `embedded` for the program's own.
    pub folder: String,
    /// The file below the folder.
    pub file: String,
    /// The face of a collection.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub face: u32,
    /// The first half of the hash of the file (BLAKE3).
    pub hash: String,
    /// The place on each axis of a variable font.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variations: Vec<(String, f64)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// One face that can be drawn with.
#[derive(Debug, Clone)]
pub(super) struct Font {
    /// How it stands in records.
    pub reference: FontRef,
    /// The face.
    pub face: Face,
}

/// A file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct BrokenFont {
    /// The file below the folder.
    pub file: String,
    /// What is wrong.
    pub problem: String,
}

/// All faces of a folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Library {
    /// By path and face.
    pub fonts: Vec<Font>,
    /// Files that cannot be used.
    pub broken: Vec<BrokenFont>,
}

const EXTENSIONS: [&str; 4] = ["ttf", "otf", "ttc", "otc"];

/// Font files larger than this are not read: no font is.
const LARGEST: u64 = 256 << 20;

impl Library {
    /// The embedded font alone.
    ///
    /// # Errors
    /// If it is damaged, which tests rule out.
    pub(super) fn embedded() -> Result<Self, FontError> {
        let bytes = Arc::new(EMBEDDED.to_vec());
        let hash = short_hash(&bytes);
        let reference = FontRef {
            folder: EMBEDDED_FOLDER.to_owned(),
            file: "NotoSans-Regular.ttf".to_owned(),
            face: 0,
            hash,
            variations: Vec::new(),
        };
        let face = Face::read(bytes, 0)?;
        Ok(Self { fonts: vec![Font { reference, face }], broken: Vec::new() })
    }

    /// Every face of every font file below `folder`, in a fixed order. Broken files are listed.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub(super) fn scan(folder: &Path) -> std::io::Result<Self> {
        let mut files = Vec::new();
        list(folder, &mut files, 0)?;
        files.sort();
        let mut library = Self::default();
        for file in files {
            let name = path_key(file.strip_prefix(folder).unwrap_or(&file));
            if let Err(problem) = library.add(folder, &file, &name) {
                library.broken.push(BrokenFont { file: name, problem });
            }
        }
        Ok(library)
    }

    fn add(&mut self, folder: &Path, file: &Path, name: &str) -> Result<(), String> {
        let bytes = read(file)?;
        let hash = short_hash(&bytes);
        let faces = face_count(&bytes).map_err(|error| error.to_string())?;
        let mut problem = None;
        for face in 0..faces {
            let reference = FontRef {
                folder: path_key(folder),
                file: name.to_owned(),
                face,
                hash: hash.clone(),
                variations: Vec::new(),
            };
            match Face::read(Arc::clone(&bytes), face) {
                Ok(face) => self.fonts.push(Font { reference, face }),
                Err(error) => problem = Some(error.to_string()),
            }
        }
        problem.map_or(Ok(()), Err)
    }

    /// The faces that a kind of image may use, with their weights.
    pub(super) fn choice(&self, spec: &Spec) -> Vec<(usize, f64)> {
        let matcher = |pattern: &str| globset::Glob::new(pattern).ok().map(|g| g.compile_matcher());
        let filter = spec.font_filter.as_deref().and_then(matcher);
        let weights: Vec<_> = spec
            .font_weights
            .iter()
            .filter_map(|(pattern, weight)| Some((matcher(pattern)?, *weight)))
            .collect();
        let mut chosen = Vec::new();
        for (at, font) in self.fonts.iter().enumerate() {
            let reference = &font.reference;
            let full = Path::new(&reference.folder).join(&reference.file);
            let fits = |m: &globset::GlobMatcher| m.is_match(&full) || m.is_match(&reference.file);
            if filter.as_ref().is_some_and(|filter| !fits(filter)) {
                continue;
            }
            let weight = weights.iter().find(|(m, _)| fits(m)).map_or(1.0, |(_, weight)| *weight);
            if weight > 0.0 {
                chosen.push((at, weight));
            }
        }
        chosen
    }

    /// What decides which font is drawn: all names and contents.
    pub(super) fn identity(&self) -> Fingerprint {
        let all = self.fonts.iter().fold(Fingerprint::builder("fonts"), |all, font| {
            all.field(&font.reference.file, font.reference.hash.as_bytes())
                .field("face", font.reference.face.to_le_bytes())
        });
        all.finish()
    }
}

/// Reads the font that a record names; `folder` replaces the folder that is recorded.
///
/// # Errors
/// A sentence if the font is not there or is another one.
pub(super) fn open(reference: &FontRef, folder: Option<&Path>) -> Result<Face, String> {
    let face = if reference.folder == EMBEDDED_FOLDER && folder.is_none() {
        Library::embedded().map_err(|error| error.to_string())?.fonts.remove(0).face
    } else {
        let folder =
            folder.map_or_else(|| pixloom_engine::key_path(&reference.folder), Path::to_path_buf);
        let file = folder.join(pixloom_engine::key_path(&reference.file));
        let bytes = read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        if short_hash(&bytes) != reference.hash {
            return Err(format!("{} is not the font that the record names", file.display()));
        }
        Face::read(bytes, reference.face).map_err(|error| format!("{}: {error}", file.display()))?
    };
    Ok(varied(&face, &reference.variations))
}

/// The face at a place of its design space.
pub(super) fn varied(face: &Face, variations: &[(String, f64)]) -> Face {
    let settings: Vec<([u8; 4], f32)> = variations
        .iter()
        .filter_map(|(tag, value)| Some((tag.as_bytes().try_into().ok()?, *value as f32)))
        .collect();
    if settings.is_empty() { face.clone() } else { face.with_variations(&settings) }
}

fn read(file: &Path) -> Result<Arc<Vec<u8>>, String> {
    let length = fs::metadata(file).map_err(|error| error.to_string())?.len();
    if length > LARGEST {
        return Err("is too large for a font".to_owned());
    }
    fs::read(file).map(Arc::new).map_err(|error| error.to_string())
}

fn short_hash(bytes: &[u8]) -> String {
    Fingerprint::of(bytes).to_string()[..32].to_owned()
}

/// Folders deeper than this are a loop of links.
const DEEPEST: u32 = 32;

fn list(folder: &Path, files: &mut Vec<PathBuf>, depth: u32) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && depth < DEEPEST {
            list(&path, files, depth + 1)?;
        } else if path
            .extension()
            .and_then(|e| e.to_str())
            .is_some_and(|extension| EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str()))
        {
            files.push(path);
        }
    }
    Ok(())
}
