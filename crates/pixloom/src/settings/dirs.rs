//! Where settings, state and caches of the user lie.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

/// The name of a settings file.
pub(super) const FILE_NAME: &str = "pixloom.toml";

/// The user's folders; `None` for a user without a home.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dirs {
    /// Holds the user's `pixloom.toml`; `PIXLOOM_CONFIG_DIR` overrides it.
    pub config: Option<PathBuf>,
    /// Holds the list of runs and the records of runs that write no folder;
    /// `PIXLOOM_STATE_DIR` overrides it.
    pub state: Option<PathBuf>,
    /// Holds what can be computed again; `PIXLOOM_CACHE_DIR` overrides it.
    pub cache: Option<PathBuf>,
}

impl Dirs {
    /// The folders, from the variables in `env` or else by the customs of the system (XDG).
    pub fn find(env: &BTreeMap<String, String>) -> Self {
        let given = |name: &str| env.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let user = ProjectDirs::from("", "", "pixloom");
        let by_custom = |pick: fn(&ProjectDirs) -> &Path| user.as_ref().map(|u| pick(u).to_owned());
        let state =
            |user: &ProjectDirs| user.state_dir().unwrap_or(user.data_local_dir()).to_owned();
        Self {
            config: given("PIXLOOM_CONFIG_DIR").or_else(|| by_custom(ProjectDirs::config_dir)),
            state: given("PIXLOOM_STATE_DIR").or_else(|| user.as_ref().map(state)),
            cache: given("PIXLOOM_CACHE_DIR").or_else(|| by_custom(ProjectDirs::cache_dir)),
        }
    }
}

/// The settings files that exist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigFiles {
    /// The user's.
    pub user: Option<PathBuf>,
    /// The project's: in the working folder or the nearest folder above that has one.
    pub project: Option<PathBuf>,
}

impl ConfigFiles {
    /// Looks for the files.
    pub fn find(cwd: &Path, env: &BTreeMap<String, String>) -> Self {
        let user = user_file(env).filter(|path| path.is_file());
        let mut above = cwd.ancestors().map(|folder| folder.join(FILE_NAME));
        let project = above.find(|path| path.is_file());
        let is_user = |path: &PathBuf| user.as_ref().is_some_and(|user| same_file(user, path));
        Self { project: project.filter(|path| !is_user(path)), user }
    }
}

/// Where the user's settings file is or would be.
pub fn user_file(env: &BTreeMap<String, String>) -> Option<PathBuf> {
    Dirs::find(env).config.map(|folder| folder.join(FILE_NAME))
}

fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
