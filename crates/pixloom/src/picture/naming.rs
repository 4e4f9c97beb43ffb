//! Which file a result goes to.
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use pixloom_engine::{ErrorKind, ItemError};
use pixloom_image::codec::{self, Codec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What to do when two inputs would be written to one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnCollision {
    /// Refuse, before any work.
    #[default]
    Error,
    /// Add the extension of the input to all names: `a.png` becomes `a_png.webp`.
    KeepExtension,
}

/// Names results after their inputs.
#[derive(Clone, Default)]
pub struct Naming {
    /// The format of all results, or that of each input's name.
    pub format: Option<&'static dyn Codec>,
    /// Whether names keep the extension of the input.
    pub on_collision: OnCollision,
    /// The name of the only result, where the user said it.
    pub file: Option<PathBuf>,
}

impl std::fmt::Debug for Naming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let format = self.format.map(|codec| codec.info().name);
        write!(f, "Naming({format:?}, {:?}, {:?})", self.on_collision, self.file)
    }
}

impl Naming {
    /// The format that the input at `relative` is written in.
    ///
    /// # Errors
    /// `Unsupported` if its name says none that can be written.
    pub fn codec(&self, relative: &Path) -> Result<&'static dyn Codec, ItemError> {
        if let Some(codec) = self.format {
            return Ok(codec);
        }
        let name = self.file.as_deref().unwrap_or(relative);
        let extension = name.extension().and_then(|extension| extension.to_str());
        let codec = extension.and_then(codec::by_name).filter(|codec| codec.info().encodes);
        codec.ok_or_else(|| {
            let what = extension.map_or_else(|| "no extension".to_owned(), |e| format!("`.{e}`"));
            ItemError::new(
                ErrorKind::Unsupported,
                format!("no format to write for a name with {what}"),
            )
            .with_step("plan")
            .with_hint("choose the format with --to")
        })
    }

    /// The file that the part `suffix` of the input at `relative` is written to.
    pub fn target(&self, relative: &Path, suffix: &str, codec: &dyn Codec) -> PathBuf {
        if let Some(file) = &self.file {
            return file.clone();
        }
        let extensions = codec.info().extensions;
        let given = relative.extension();
        let given_text = given.and_then(|extension| extension.to_str()).unwrap_or_default();
        let keeps = extensions.contains(&given_text.to_ascii_lowercase().as_str());
        let mut name = OsString::from(relative.file_stem().unwrap_or_default());
        if self.on_collision == OnCollision::KeepExtension
            && let Some(given) = given
        {
            name.push("_");
            name.push(given);
        }
        name.push(suffix);
        name.push(".");
        match given {
            Some(given) if keeps => name.push(given),
            _ => name.push(extensions[0]),
        }
        relative.with_file_name(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str, to: Option<&str>, on_collision: OnCollision) -> String {
        let format = to.and_then(codec::by_name);
        let naming = Naming { format, on_collision, file: None };
        let codec = naming.codec(Path::new(path)).unwrap();
        naming.target(Path::new(path), "", codec).display().to_string()
    }

    #[test]
    fn results_mirror_their_inputs() {
        assert_eq!(target("a/b.jpeg", None, OnCollision::Error), "a/b.jpeg");
        assert_eq!(target("a/b.JPG", Some("jpeg"), OnCollision::Error), "a/b.JPG");
        assert_eq!(target("a/b.c.jpg", Some("webp"), OnCollision::Error), "a/b.c.webp");
        assert_eq!(target("a/b", Some("webp"), OnCollision::Error), "a/b.webp");
        assert_eq!(target("a/b.png", Some("webp"), OnCollision::KeepExtension), "a/b_png.webp");
    }

    #[test]
    fn a_name_without_a_writable_format_is_an_error() {
        let naming = Naming::default();
        let error = naming.codec(Path::new("a.heic")).err().unwrap();
        assert!(error.hint.unwrap().contains("--to"));
    }

    #[test]
    fn a_file_that_was_named_is_what_is_written() {
        let file = Some(PathBuf::from("out.webp"));
        let naming = Naming { file, ..Naming::default() };
        let codec = naming.codec(Path::new("a.heic")).unwrap();
        assert_eq!(codec.info().name, "webp");
        assert_eq!(naming.target(Path::new("a.heic"), "", codec), Path::new("out.webp"));
    }
}
