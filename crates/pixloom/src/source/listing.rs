//! The input files of a run: listed as often as needed, always in the same order.
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use pixloom_engine::{ErrorKind, ItemError, ItemKey, path_key};

use super::filter::Filter;
use super::left_alone::LeftAlone;
use super::walk::{How, Met, Walk};
use crate::params::ParamError;
use crate::run::InputSettings;

/// One input file.
#[derive(Debug, Clone)]
pub struct InputFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its path below the input folder.
    pub relative: PathBuf,
    /// Its length when it was listed.
    pub bytes: u64,
    /// When it was last changed, in nanoseconds since 1970.
    pub modified_ns: i128,
}

/// One entry of a listing: a file, or why there is none.
#[derive(Debug)]
pub struct Listed {
    /// The name of the item.
    pub key: ItemKey,
    /// Its path below the input folder.
    pub relative: PathBuf,
    /// The file, or what is wrong with it.
    pub file: Result<InputFile, ItemError>,
}

/// A folder, a single file or a list of files.
#[derive(Debug)]
pub struct Inputs {
    root: PathBuf,
    origin: Origin,
    filter: Filter,
    how: How,
    leave_out: Vec<PathBuf>,
}

#[derive(Debug)]
enum Origin {
    Folder,
    File(PathBuf),
    List(Vec<PathBuf>),
}

impl Inputs {
    /// Opens a folder or a single file. Nothing below a folder of `leave_out` (the output)
    /// is listed.
    ///
    /// # Errors
    /// Names the setting: the input does not exist, a pattern is wrong, a list cannot be read.
    pub fn open(
        input: &Path,
        settings: &InputSettings,
        leave_out: &[PathBuf],
    ) -> Result<Self, ParamError> {
        let about = |error: io::Error| {
            ParamError::new("input", format!("cannot read `{}`: {error}", input.display()))
        };
        let meta = fs::metadata(input).map_err(about)?;
        let filter = Filter::new(&settings.glob)?;
        let (root, origin) = if meta.is_dir() {
            fs::read_dir(input).map_err(about)?;
            let list =
                settings.files_from.as_deref().map(|list| read_list(list, input)).transpose()?;
            (input.to_owned(), list.map_or(Origin::Folder, Origin::List))
        } else {
            let name = input.file_name().map(PathBuf::from).unwrap_or_default();
            (input.parent().unwrap_or(Path::new("")).to_owned(), Origin::File(name))
        };
        let leave_out = leave_out.to_vec();
        let how = How { recursive: settings.recursive, follow_links: settings.follow_links };
        Ok(Self { root, origin, filter, how, leave_out })
    }

    /// The input folder, or the folder of the single file.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Lists the files in the order of the run. What is passed over is counted by extension.
    pub fn list<'a>(
        &'a self,
        left_alone: &'a mut LeftAlone,
    ) -> io::Result<Box<dyn Iterator<Item = Listed> + Send + 'a>> {
        Ok(match &self.origin {
            Origin::File(name) => Box::new(std::iter::once(self.listed(name.clone()))),
            Origin::List(names) => Box::new(names.iter().map(|name| self.listed(name.clone()))),
            Origin::Folder => {
                let walk = Walk::new(&self.root, self.how, &self.leave_out)?;
                Box::new(walk.filter_map(|met| self.met(met, left_alone)))
            }
        })
    }

    fn met(&self, met: Met, left_alone: &mut LeftAlone) -> Option<Listed> {
        match met {
            Met::File(relative) if self.filter.takes(&relative) => Some(self.listed(relative)),
            Met::File(relative) => {
                *left_alone.entry(extension_of(&relative)).or_default() += 1;
                None
            }
            Met::Passed(what) => {
                *left_alone.entry(what.to_owned()).or_default() += 1;
                None
            }
            Met::Trouble(relative, error) => {
                let key = ItemKey::new(&path_key(&relative));
                let message = "the folder cannot be listed";
                let error =
                    ItemError::new(ErrorKind::Io, message).with_step("list").with_source(error);
                Some(Listed { key, relative, file: Err(error) })
            }
        }
    }

    fn listed(&self, relative: PathBuf) -> Listed {
        let key = ItemKey::new(&path_key(&relative));
        let path = self.root.join(&relative);
        let file = examine(path, relative.clone());
        Listed { key, relative, file }
    }
}

fn extension_of(path: &Path) -> String {
    match path.extension() {
        Some(extension) => extension.to_string_lossy().to_lowercase(),
        None => "no extension".to_owned(),
    }
}

/// Opening a pipe or a device could wait for ever, so only regular files pass.
fn examine(path: PathBuf, relative: PathBuf) -> Result<InputFile, ItemError> {
    let failed = |message: &str| ItemError::new(ErrorKind::Io, message).with_step("list");
    let meta = fs::metadata(&path)
        .map_err(|error| failed("the file cannot be opened").with_source(error))?;
    if !meta.is_file() {
        return Err(failed("this is not a regular file").with_code("not-a-file"));
    }
    let modified = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let modified_ns = modified.map_or(0, |since| since.as_nanos() as i128);
    Ok(InputFile { path, relative, bytes: meta.len(), modified_ns })
}

fn read_list(list: &Path, root: &Path) -> Result<Vec<PathBuf>, ParamError> {
    let wrong = |problem: String| ParamError::new("files_from", problem);
    let unreadable = |error: io::Error| wrong(format!("cannot read `{}`: {error}", list.display()));
    let reader: Box<dyn BufRead> = if list == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(io::BufReader::new(fs::File::open(list).map_err(unreadable)?))
    };
    let mut paths = Vec::new();
    let mut seen = BTreeSet::new();
    for (number, line) in reader.split(b'\n').enumerate() {
        let line = line.map_err(unreadable)?;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        if line.is_empty() {
            continue;
        }
        let below = below_root(line, root)
            .map_err(|problem| wrong(format!("line {}: {problem}", number + 1)))?;
        // A line that is there twice means the file, not two results of one name.
        if seen.insert(below.clone()) {
            paths.push(below);
        }
    }
    Ok(paths)
}

/// A path of a list, relative to the input folder; one that leads out of it is refused, since
/// its output would lie outside the output folder.
fn below_root(line: &[u8], root: &Path) -> Result<PathBuf, String> {
    use std::os::unix::ffi::OsStrExt;
    let path = Path::new(std::ffi::OsStr::from_bytes(line));
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let relative = path.strip_prefix(root).unwrap_or(path);
    let mut clean = PathBuf::new();
    for part in relative.components() {
        match part {
            Component::Normal(name) => clean.push(name),
            Component::CurDir => {}
            _ => return Err(format!("`{}` is not below the input folder", path.display())),
        }
    }
    Ok(clean)
}
