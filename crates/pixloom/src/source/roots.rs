//! Several folders as one source.
use std::path::{Path, PathBuf};

use pixloom_engine::{ItemKey, path_key};

use super::{Inputs, LeftAlone, Listed};
use crate::job::JobError;
use crate::params::ParamError;
use crate::run::InputSettings;

/// One or several input folders.
#[derive(Debug)]
pub struct Roots(Vec<Root>);

#[derive(Debug)]
struct Root {
    inputs: Inputs,
    /// What stands before the paths below it, where there are several.
    prefix: PathBuf,
}

impl Roots {
    /// Opens the folders, of which `leave_out` holds no inputs. One inside another is refused:
    /// its pictures would count twice.
    ///
    /// # Errors
    /// `Param` if a folder cannot be listed or lies in another.
    pub fn open(
        folders: &[PathBuf],
        settings: &InputSettings,
        leave_out: &[PathBuf],
    ) -> Result<Self, JobError> {
        if folders.is_empty() {
            return Err(ParamError::new("input", "must be given: a folder or a picture").into());
        }
        if folders.len() > 1 && settings.files_from.is_some() {
            let problem = "takes paths below one folder, but several are given";
            return Err(ParamError::new("files_from", problem).into());
        }
        let several = folders.len() > 1;
        let open = |folder: &PathBuf| -> Result<Root, JobError> {
            let inputs = Inputs::open(folder, settings, leave_out)?;
            let prefix = if several { inputs.root().to_owned() } else { PathBuf::new() };
            Ok(Root { inputs, prefix })
        };
        let roots = folders.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        refuse_overlap(folders)?;
        Ok(Self(roots))
    }

    /// The files of all folders, in order.
    pub fn list<'a>(
        &'a self,
        left_alone: &'a mut [LeftAlone],
    ) -> std::io::Result<Box<dyn Iterator<Item = Listed> + Send + 'a>> {
        let mut listings = Vec::new();
        for (root, left_alone) in self.0.iter().zip(left_alone) {
            let listing = root.inputs.list(left_alone)?;
            listings.push(listing.map(move |listed| root.named(listed)));
        }
        Ok(Box::new(listings.into_iter().flatten()))
    }

    /// An empty count for each folder.
    pub fn left_alone(&self) -> Vec<LeftAlone> {
        vec![LeftAlone::default(); self.0.len()]
    }

    /// The folder that the names of items are relative to: with several, the current one.
    pub fn root(&self) -> &Path {
        match &self.0[..] {
            [only] => only.inputs.root(),
            _ => Path::new(""),
        }
    }

    /// Where the item of that name lies.
    pub fn locate(&self, key: &str) -> PathBuf {
        self.root().join(pixloom_engine::key_path(key))
    }
}

impl Root {
    fn named(&self, listed: Listed) -> Listed {
        if self.prefix.as_os_str().is_empty() {
            return listed;
        }
        Listed { key: ItemKey::new(&path_key(&self.prefix.join(&listed.relative))), ..listed }
    }
}

fn refuse_overlap(folders: &[PathBuf]) -> Result<(), JobError> {
    let whole: Vec<PathBuf> = folders.iter().filter_map(|f| f.canonicalize().ok()).collect();
    for (at, outer) in whole.iter().enumerate() {
        let inner = whole.iter().enumerate().find(|(i, path)| *i != at && path.starts_with(outer));
        if let Some((inner, _)) = inner {
            let (inner, outer) = (folders[inner].display(), folders[at].display());
            let problem = format!("`{inner}` lies in `{outer}`, its pictures would count twice");
            return Err(ParamError::new("input", problem).into());
        }
    }
    Ok(())
}
