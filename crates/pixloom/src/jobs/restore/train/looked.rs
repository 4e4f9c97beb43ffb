//! Looks at the pictures of a table before anything is learned from it.
use pixloom_engine::{Counts, Delivery, IterSource, Outcome};
use pixloom_image::Limits;

use super::look::{Folders, Look, Said, Seen};
use super::scenes::numbered;
use crate::job::{JobError, Report};
use crate::run::Session;

/// Pairs that are shown where something is wrong with many.
const SHOWN: usize = 5;

/// How a run ends before anything is learned.
pub(super) type End = Box<Result<Report, JobError>>;

/// What was seen of the pairs of a table.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) counts: Counts,
    /// In the order of the table; nothing without folders.
    seen: Option<Vec<Option<Seen>>>,
}

impl Looked {
    /// Which pairs can be worked with, and how many cannot.
    pub(super) fn kept(&self, pairs: usize) -> (Vec<bool>, usize) {
        let kept = match &self.seen {
            Some(seen) => seen.iter().map(Option::is_some).collect(),
            None => vec![true; pairs],
        };
        let failed = kept.iter().filter(|kept| !**kept).count();
        (kept, failed)
    }

    /// The groups of those pairs by their undamaged pixels.
    pub(super) fn groups(&self) -> Option<Vec<usize>> {
        let seen = self.seen.as_ref()?.iter().flatten();
        Some(numbered(seen.map(|seen| seen.group.as_str())))
    }

    /// Why nothing can be learned with these pictures.
    fn problem(&self, said: &[Said]) -> Option<JobError> {
        let seen = self.seen.as_ref()?;
        if seen.iter().all(Option::is_none) {
            let message = format!("none of the {} pairs of the table can be read", seen.len());
            return Some(JobError::refused(message, Vec::new()));
        }
        let others: Vec<String> = said
            .iter()
            .zip(seen)
            .filter_map(|(said, seen)| Some((said, seen.as_ref()?.difference.as_ref()?)))
            .map(|(said, difference)| format!("{}: {difference}", said.damaged))
            .collect();
        if others.is_empty() {
            return None;
        }
        let message = format!(
            "{} of {} pairs are not those that the table was made of",
            others.len(),
            seen.iter().flatten().count()
        );
        let more = others.len().saturating_sub(SHOWN);
        let mut details: Vec<String> = others.into_iter().take(SHOWN).collect();
        details.extend((more > 0).then(|| format!("and {more} more")));
        let hint = "give the folders that `restore search` read, or make the table once more; \
                    are `--damaged` and `--undamaged` exchanged?";
        details.push(hint.to_owned());
        Some(JobError::refused(message, details))
    }
}

/// Looks at all pairs. If that ends the run, how.
pub(super) fn look(
    mut session: Session,
    (said, folders): (&[Said], Option<Folders<'_>>),
    wide: bool,
) -> Result<(Session, Looked), End> {
    let Some(folders) = folders else {
        let counts = Counts { done: said.len() as u64, ..Counts::default() };
        return Ok((session, Looked { counts, seen: None }));
    };
    let stage = Look { limits: Limits::default(), wide };
    let mut source = IterSource::new(stage.items(said, folders));
    let mut seen: Vec<Option<Seen>> = Vec::new();
    let engine = session.engine().clone();
    let mut take = |delivery: &Delivery<Seen>| {
        seen.push(match &delivery.outcome {
            Outcome::Done(own) | Outcome::Resumed(own) => Some(own.clone()),
            Outcome::Failed(_) | Outcome::Skipped(_) => None,
        });
    };
    let counts = match session.phase(&engine, &mut source, &stage, &mut take) {
        Ok(counts) => counts,
        Err(error) => {
            let counts = Counts { done: seen.len() as u64, ..Counts::default() };
            return Err(Box::new(session.close(Err(error), counts)));
        }
    };
    let looked = Looked { counts, seen: Some(seen) };
    match looked.problem(said) {
        None => Ok((session, looked)),
        Some(problem) => Err(Box::new(ended(session, counts, problem))),
    }
}

/// Ends a run before anything was learned; names the pairs that cannot be read.
fn ended(session: Session, counts: Counts, problem: JobError) -> Result<Report, JobError> {
    let report = session.close(Ok(counts), counts)?;
    let JobError::Refused { message, details } = problem else { return Err(problem) };
    let failed = report.failures.into_iter().take(SHOWN);
    let failed = failed.map(|failure| format!("{}: {}", failure.path, failure.message));
    Err(JobError::refused(message, failed.chain(details).collect()))
}
