//! Carries out a plan: every repaired file is decoded and compared before it takes its place.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pixloom_engine::Fingerprint;
use pixloom_image::codec::{self, DecodeOptions};
use pixloom_image::{Limits, Samples, Serial};

use super::layout;
use super::plan::Action;
use crate::finding::Repair;
use crate::undo::{Actions, Staged};

/// Does what a plan says.
#[derive(Debug)]
pub(super) struct Workshop<'a> {
    /// The input folder.
    pub(super) root: &'a Path,
    /// Writes everything down.
    pub(super) actions: Actions,
    /// The decoders' limits.
    pub(super) limits: &'a Limits,
}

impl Workshop<'_> {
    /// Carries out one action.
    ///
    /// # Errors
    /// Says why the file was left as it is.
    pub(super) fn carry_out(&mut self, action: &Action) -> io::Result<()> {
        match action {
            Action::Rewrite { path, format, repairs } => self.rewrite(path, format, repairs),
            Action::Rename { path, to } | Action::Move { path, to } => {
                self.actions.relocate(path, to)
            }
        }
    }

    fn rewrite(&mut self, path: &Path, format: &str, repairs: &[Repair]) -> io::Result<()> {
        let old = fs::read(self.root.join(path))?;
        let new = layout::without(format, &old, repairs)
            .ok_or_else(|| io::Error::other("the file changed meanwhile"))?;
        let before = self.look(&old, repairs)?;
        let staged = self.actions.stage(&new)?;
        drop(new);
        self.compare(before, &staged, repairs)?;
        self.actions.replace(path, &old, &staged)
    }

    /// Reads the repaired file back from the disk.
    fn compare(&self, before: Fingerprint, staged: &Staged, repairs: &[Repair]) -> io::Result<()> {
        let after = self.look(&fs::read(staged.path())?, repairs)?;
        if after == before {
            Ok(())
        } else {
            Err(io::Error::other("the repair would change the picture"))
        }
    }

    /// A hash of everything about a picture that the repairs may not change.
    fn look(&self, bytes: &[u8], repairs: &[Repair]) -> io::Result<Fingerprint> {
        let codec = codec::detect_or_error(bytes).map_err(io::Error::other)?;
        let decoded = codec
            .decode(bytes, &DecodeOptions::default(), self.limits, &Serial)
            .map_err(io::Error::other)?;
        let image = decoded.image;
        let samples: Vec<u8> = match image.samples() {
            Samples::U8(_) => Vec::new(),
            Samples::U16(samples) => samples.iter().flat_map(|s| s.to_le_bytes()).collect(),
            Samples::F32(samples) => samples.iter().flat_map(|s| s.to_le_bytes()).collect(),
        };
        let samples: &[u8] =
            if let Samples::U8(samples) = image.samples() { samples } else { &samples };
        let icc = match &image.color_space {
            pixloom_image::ColorSpace::Icc(icc) if !repairs.contains(&Repair::DropProfile) => icc,
            _ => &[][..].into(),
        };
        let exif = image.metadata.exif.as_deref().unwrap_or_default();
        Ok(Fingerprint::builder("repair")
            .field("format", format!("{} {:?}", codec.info().name, image.format()))
            .field("size", image.size().to_string())
            .field("samples", samples)
            .field("icc", icc)
            .field("exif", if repairs.contains(&Repair::DropExif) { &[] } else { exif })
            .field("xmp", image.metadata.xmp.as_deref().unwrap_or_default())
            .field("orientation", [image.metadata.orientation.exif()])
            .finish())
    }
}

/// What became of a plan.
#[derive(Debug, Default)]
pub(super) struct CarriedOut {
    /// Actions that were done.
    pub(super) done: u64,
    /// Files that were left as they are, with the reason.
    pub(super) left: Vec<String>,
    /// Where the originals and the journal are.
    pub(super) folder: PathBuf,
}
