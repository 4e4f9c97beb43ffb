//! A picture that a job writes where the user says: in the format of its name, and over no other
//! file unasked.
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use pixloom_engine::files::write_atomic;
use pixloom_image::codec::{Codec, EncodeOptions};
use pixloom_image::{ImageError, Serial};

use super::background::picture;
use super::effects::Canvas;
use crate::job::JobError;
use crate::jobs::analyze::refuse_existing;
use crate::params::ParamError;
use crate::picture::EncodeSettings;

/// A file to write.
pub(super) struct Target {
    path: PathBuf,
    codec: &'static dyn Codec,
}

impl Target {
    /// Checks name and place before any work is done.
    ///
    /// # Errors
    /// If the name ends in no format that can be written, or a file is there already.
    pub(super) fn new(path: &Path, overwrite: bool) -> Result<Self, JobError> {
        let extension = path.extension().and_then(OsStr::to_str).map(str::to_lowercase);
        let named = EncodeSettings { to: extension, ..EncodeSettings::default() };
        let codec = named
            .format()
            .map_err(|error| ParamError::new("output", error.problem))?
            .ok_or_else(|| ParamError::new("output", "must end in a format, such as .png"))?;
        refuse_existing(path, overwrite)?;
        Ok(Self { path: path.to_owned(), codec })
    }

    /// Where the file is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a picture; PNG with the same settings as `ocr generate`.
    ///
    /// # Errors
    /// If it cannot be encoded or written.
    pub(super) fn write(&self, canvas: Canvas) -> Result<(), JobError> {
        let refused = |error: &dyn std::error::Error| {
            JobError::refused(format!("{}: {error}", self.path.display()), Vec::new())
        };
        let bytes = self.encode(canvas).map_err(|error| refused(&error))?;
        write_atomic(&self.path, &bytes).map_err(|error| refused(&error))
    }

    fn encode(&self, canvas: Canvas) -> Result<Vec<u8>, ImageError> {
        let image = picture(canvas.width, canvas.pixels)?;
        let png = self.codec.info().name == "png";
        let default = EncodeOptions::default();
        let options = EncodeOptions { effort: if png { 0 } else { default.effort }, ..default };
        let mut bytes = Vec::new();
        self.codec.encode(&image, &options, &Serial, &mut bytes)?;
        Ok(bytes)
    }
}
