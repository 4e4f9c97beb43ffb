//! Where a graph runs if not in pixloom itself.
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OnnxError;

/// What a net is computed by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Device {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU.
    Cuda,
}

/// The ONNX Runtime library of the user, and what it shall use.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Place {
    /// The library or the folder that has it; none for `ORT_DYLIB_PATH`, then the system's.
    pub library: Option<PathBuf>,
    /// What computes.
    pub device: Device,
    /// How much of the GPU's memory may be taken, from 0 to 1.
    pub memory_fraction: Option<f32>,
}

/// How the library is called where only the system knows its place.
const NAME: &str = if cfg!(windows) {
    "onnxruntime.dll"
} else if cfg!(target_os = "macos") {
    "libonnxruntime.dylib"
} else {
    "libonnxruntime.so"
};

impl Place {
    /// The file to load.
    ///
    /// # Errors
    /// If the library is a folder without one.
    pub fn file(&self) -> Result<PathBuf, OnnxError> {
        let variable = || std::env::var_os("ORT_DYLIB_PATH").map(PathBuf::from);
        let path = self.library.clone().or_else(variable).filter(|p| !p.as_os_str().is_empty());
        match path {
            Some(folder) if folder.is_dir() => inside(&folder).ok_or_else(|| {
                OnnxError(format!("there is no {NAME} in the folder {}", folder.display()))
            }),
            Some(file) => Ok(file),
            None => Ok(PathBuf::from(NAME)),
        }
    }

    /// What can be done about a library that is missing or does not fit.
    pub const fn advice(&self) -> &'static str {
        match self.device {
            Device::Cpu => {
                "`pip install onnxruntime` has it: name the folder onnxruntime/capi in that \
                 installation with --onnxruntime or the variable ORT_DYLIB_PATH"
            }
            Device::Cuda => {
                "`pip install onnxruntime-gpu` has it, with CUDA and cuDNN of the versions that it \
                 asks for: name the folder onnxruntime/capi in that installation with \
                 --onnxruntime or the variable ORT_DYLIB_PATH"
            }
        }
    }
}

/// The library in a folder; of several versions, the one whose name is last.
fn inside(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    files.filter(|path| is_library(path)).max()
}

/// Whether a file is called as the library is, perhaps with a version.
fn is_library(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (stem, ending) = NAME.split_once('.').unwrap_or((NAME, ""));
    let rest = name.strip_prefix(stem).unwrap_or_default();
    rest.starts_with('.') && rest.split('.').any(|part| part == ending)
}

#[cfg(test)]
mod tests {
    use pixloom_testkit::write_file;

    use super::*;

    #[test]
    fn a_folder_stands_for_the_library_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let place = |path: &Path| Place { library: Some(path.to_owned()), ..Place::default() };
        assert!(place(folder.path()).file().unwrap_err().to_string().contains(NAME));
        let file = folder.path().join(NAME);
        for name in [NAME, "libonnxruntime_providers_shared.so", "version_info.py"] {
            write_file(folder.path().join(name), b"");
        }
        assert_eq!(place(folder.path()).file().unwrap(), file);
        assert_eq!(place(&file).file().unwrap(), file);
    }
}
