//! Two folders that are compared, for this job and for `validate --lq`.
use std::io;

use pixloom_engine::Shard;
use pixloom_image::Limits;

use super::folders::Matcher;
use super::names::Naming;
use super::source::PairSource;
use super::stage::PairStage;
use crate::job::JobError;
use crate::source::{Inputs, LeftAlone};

/// Two folders and what is done with their pairs.
pub(in crate::jobs) struct Comparison {
    pub(in crate::jobs) hq: Inputs,
    pub(in crate::jobs) lq: Inputs,
    pub(super) naming: Naming,
    pub(in crate::jobs) stage: PairStage,
}

/// How many files have a partner.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::jobs) struct Matched {
    pub(in crate::jobs) hq: u64,
    pub(in crate::jobs) lq: u64,
    pub(in crate::jobs) pairs: u64,
    /// HQ files without an LQ file.
    pub(in crate::jobs) hq_alone: u64,
    /// LQ files without an HQ file.
    pub(in crate::jobs) lq_alone: u64,
    /// Names that several files of a side share.
    pub(in crate::jobs) ambiguous: u64,
}

impl Comparison {
    /// Matches the names of all files; opens none.
    pub(in crate::jobs) fn matched(&self) -> Result<Matched, JobError> {
        let (mut hq, mut lq) = (LeftAlone::new(), LeftAlone::new());
        let listings = (self.hq.list(&mut hq), self.lq.list(&mut lq));
        let (hq, lq) =
            (listings.0.map_err(|e| unlisted(&e))?, listings.1.map_err(|e| unlisted(&e))?);
        let mut matched = Matched::default();
        for group in Matcher::new(hq, lq, &self.naming) {
            let (hq, lq) = (group.hq.len() as u64, group.lq.len() as u64);
            matched.hq += hq;
            matched.lq += lq;
            match (hq, lq) {
                (1, 1) => matched.pairs += 1,
                (1, 0) => matched.hq_alone += 1,
                (0, 1) => matched.lq_alone += 1,
                _ => matched.ambiguous += 1,
            }
        }
        Ok(matched)
    }

    /// The pairs; what the listings pass over goes to `left`.
    pub(in crate::jobs) fn source<'a>(
        &'a self,
        left: &'a mut (LeftAlone, LeftAlone),
        (limits, shard): (Limits, Option<Shard>),
    ) -> Result<PairSource<'a>, JobError> {
        let (hq_left, lq_left) = left;
        let folders = (&self.hq, &self.lq);
        PairSource::new(folders, (hq_left, lq_left), &self.naming, (limits, shard))
            .map_err(|error| unlisted(&error))
    }
}

fn unlisted(error: &io::Error) -> JobError {
    JobError::refused(format!("cannot list the input: {error}"), Vec::new())
}
