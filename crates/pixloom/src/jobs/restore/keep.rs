//! What keeps a search that is stopped: a journal of finished pairs, and the table on its way.
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use pixloom_engine::Journal;

use super::search::unwritable;
use crate::job::{Face, JobError, Report};
use crate::run::RunSettings;

/// Files beside a table that is being made; the next search for it uses or replaces them.
#[derive(Debug)]
pub(super) struct Keep {
    table: PathBuf,
    journal: PathBuf,
    partial: PathBuf,
}

impl Keep {
    /// Of the search that writes a table.
    pub(super) fn beside(table: &Path) -> Self {
        let named = |ending: &str| {
            let mut name = table.as_os_str().to_owned();
            name.push(ending);
            PathBuf::from(name)
        };
        Self { table: table.to_owned(), journal: named(".journal"), partial: named(".partial") }
    }

    /// Where finished pairs are written down.
    pub(super) fn journal(&self) -> &Path {
        &self.journal
    }

    /// Whether an earlier search finished some of its pairs, but not all.
    pub(super) fn is_begun(&self) -> bool {
        // A journal that cannot be opened is one that another search writes, or none of this
        // version's: neither is replaced unasked.
        self.journal.exists()
            && Journal::open(&self.journal, true).map_or(true, |journal| !journal.is_empty())
    }

    /// Hours of work are not thrown away without being asked.
    pub(super) fn check(&self, run: &RunSettings, face: &dyn Face) -> Result<(), JobError> {
        match (self.is_begun(), run.resume) {
            (true, false) if !run.overwrite => {
                let message = format!(
                    "{} holds what a search for this table has finished",
                    self.journal.display()
                );
                let hint = "--resume goes on with it, --overwrite begins anew".to_owned();
                Err(JobError::refused(message, vec![hint]))
            }
            (false, true) => {
                face.remark("there is no unfinished search for this table; it begins anew");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Lets `run` write the table, which is there if all of it could be written; until then the
    /// journal stays.
    pub(super) fn write<T>(
        &self,
        run: impl FnOnce(&mut dyn Write) -> Result<(Report, T), JobError>,
    ) -> Result<(Report, T), JobError> {
        let file = File::create(&self.partial).map_err(unwritable)?;
        let mut out = BufWriter::new(&file);
        let result = run(&mut out);
        let flushed = out.flush();
        drop(out);
        if !matches!(&result, Ok((report, _)) if !report.cancelled) {
            remove(&self.partial);
            return result;
        }
        flushed
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::rename(&self.partial, &self.table))
            .map_err(unwritable)?;
        remove(&self.journal);
        result
    }
}

/// A file that stays does no harm: the next search replaces it.
fn remove(path: &Path) {
    let _stays = fs::remove_file(path);
}
