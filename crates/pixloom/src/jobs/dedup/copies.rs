//! Copies among pictures, for jobs that only want to know of them.
use std::collections::BTreeMap;

use pixloom_engine::{Cancel, Engine, RunError};

use super::links::{Matcher, matched};
use super::settings::Matching;
use super::stages::Stages;
use super::units::{Same, units};
use crate::cache::Store;
use crate::jobs::features::{Folders, Scan};

/// Pictures that have copies, each with the number of its group, from 1.
#[derive(Debug, Default)]
pub(in crate::jobs) struct Copies {
    /// Equal bytes or pixels.
    pub(in crate::jobs) exact: BTreeMap<u32, u32>,
    /// All kinds of copies.
    pub(in crate::jobs) near: BTreeMap<u32, u32>,
}

/// Finds copies with the usual thresholds. Those that are equal are no near ones, unless their
/// group has others, too.
///
/// # Errors
/// `Cancelled` on request.
pub(in crate::jobs) fn copies(
    scan: &Scan,
    (folders, store): (&Folders, Option<&Store>),
    (engine, cancel): (&Engine, &Cancel),
) -> Result<Copies, RunError> {
    let units = units(&scan.pictures, folders, &[]);
    let mut copies = Copies::default();
    let doubled = units.iter().filter(|unit| unit.members().len() > 1);
    for (number, unit) in doubled.enumerate() {
        let exact = |same: Same| same != Same::Hash;
        let members = unit.members().iter().filter(|(_, same)| exact(*same));
        copies.exact.extend(members.map(|(picture, _)| (*picture, number as u32 + 1)));
    }
    let matching = Matching::default();
    let matcher = Matcher {
        engine,
        units: &units,
        bank: &scan.bank,
        matching: &matching,
        across: false,
        seen: None,
    };
    let files = (&scan.pictures[..], folders);
    let (found, _) = matched(&matcher, files, store, (cancel, &mut Stages::default()))?;
    let several = found.iter().filter(|cluster| cluster.contents > 1);
    for (number, cluster) in several.enumerate() {
        copies
            .near
            .extend(cluster.members.iter().map(|(picture, _)| (*picture, number as u32 + 1)));
    }
    Ok(copies)
}
