//! Reads the table of a wide search: pairs, their states, and what every operation gained.
use std::collections::BTreeMap;

use pixloom_restore::learn::Table;
use pixloom_restore::{Quality, features as measures};

use super::look::{Folders, Said};
use super::policy::{Choices, Pair, RANGE, State};
use super::scenes::{count, numbered, scene};
use super::sheet::Sheet;
use crate::jobs::restore::model::{START, operation};
use crate::jobs::restore::wide::table::GAIN;
use crate::params::ParamError;

/// What a table holds.
pub(super) struct Read {
    pub(super) choices: Choices,
    /// What it says of each pair.
    pub(super) said: Vec<Said>,
    /// Pairs that teach nothing: equal pictures, or nothing was tried.
    pub(super) left_out: usize,
}

/// What tells pairs apart: tables may be joined, and their lines in any order.
type Key<'a> = [&'a str; 5];

/// The first state of a pair.
struct First {
    row: usize,
    /// The number of the pair, if anything can be learned from it.
    pair: Option<usize>,
}

/// Whether a table comes from a wide search.
pub(super) fn is_wide(sheet: &Sheet) -> bool {
    sheet.names().iter().any(|name| name.starts_with(GAIN))
}

/// What was tried, by the names of the columns; each is an operation that can be applied.
fn operations(sheet: &Sheet) -> Result<Vec<String>, ParamError> {
    let names = sheet.names().iter();
    let texts: Vec<String> =
        names.filter_map(|name| name.strip_prefix(GAIN)).map(ToOwned::to_owned).collect();
    for text in &texts {
        operation(text).map_err(|error| {
            let problem = error.problem;
            sheet.wrong_table(&format!(
                "has a column \"{GAIN}{text}\" that cannot be used: {problem}"
            ))
        })?;
    }
    Ok(texts)
}

/// A column of gains; nothing where an operation was not tried.
fn gains(sheet: &Sheet, operation: &str) -> Result<Vec<Option<f64>>, ParamError> {
    let name = format!("{GAIN}{operation}");
    let gain = |(row, text): (usize, &str)| match text.trim() {
        "" => Ok(None),
        text => match text.parse::<f64>() {
            Ok(gain) if gain.is_finite() => Ok(Some(gain)),
            _ => {
                let problem = "is no gain; a cell is empty where nothing was tried";
                Err(sheet.wrong_cell(row, &name, problem))
            }
        },
    };
    sheet.texts(&name)?.into_iter().enumerate().map(gain).collect()
}

/// The columns of a table.
struct Columns<'a> {
    sheet: &'a Sheet,
    keys: Vec<Key<'a>>,
    step: Vec<f64>,
    psnr: Vec<f64>,
    ssim: Vec<f64>,
    oracle: Vec<f64>,
    /// By row, then by operation.
    gains: Vec<Vec<Option<f64>>>,
}

impl<'a> Columns<'a> {
    fn read(sheet: &'a Sheet, operations: &[String]) -> Result<Self, ParamError> {
        let names = ["filename", "undamaged", "group", "identity_psnr", "identity_ssim"];
        let texts: Vec<Vec<&str>> =
            names.iter().map(|name| sheet.texts(name)).collect::<Result<_, _>>()?;
        let columns: Vec<Vec<Option<f64>>> =
            operations.iter().map(|name| gains(sheet, name)).collect::<Result<_, _>>()?;
        let rows = 0..sheet.len();
        Ok(Self {
            sheet,
            keys: rows.clone().map(|row| std::array::from_fn(|at| texts[at][row])).collect(),
            step: sheet.finite("step")?,
            psnr: sheet.numbers("identity_psnr")?,
            ssim: sheet.finite("identity_ssim")?,
            oracle: sheet.numbers("oracle_score")?,
            gains: rows.map(|row| columns.iter().map(|column| column[row]).collect()).collect(),
        })
    }

    fn was_tried(&self, row: usize) -> bool {
        self.gains[row].iter().any(Option::is_some)
    }

    /// Where each pair begins, and those rows of pairs that can be learned from.
    fn firsts(&self) -> Result<(BTreeMap<Key<'a>, First>, Vec<usize>), ParamError> {
        let (mut firsts, mut usable) = (BTreeMap::new(), Vec::new());
        for row in (0..self.sheet.len()).filter(|row| self.step[*row] == 0.0) {
            let teaches = self.was_tried(row) && self.psnr[row].is_finite();
            let pair = teaches.then_some(usable.len());
            usable.extend(teaches.then_some(row));
            if let Some(other) = firsts.insert(self.keys[row], First { row, pair }) {
                let name = self.keys[row][0];
                let other = self.sheet.line(other.row);
                let problem = format!("\"{name}\" has a first state in line {other} already");
                return Err(self.sheet.wrong(self.sheet.line(row), &problem));
            }
        }
        Ok((firsts, usable))
    }
}

/// Reads the table. `by_name` keeps parts of one photograph together.
pub(super) fn read(
    sheet: &Sheet,
    features: &[&'static str],
    (folders, by_name): (Option<Folders<'_>>, bool),
) -> Result<Read, ParamError> {
    let operations = operations(sheet)?;
    let columns = Columns::read(sheet, &operations)?;
    let (all, told) = (sheet.table(features)?, sheet.table(&measures::NAMES)?);
    let (firsts, usable) = columns.firsts()?;
    let mut choices = Choices::none(features, operations);
    for row in 0..sheet.len() {
        let Some(First { row: first, pair }) = firsts.get(&columns.keys[row]) else {
            let (name, step) = (columns.keys[row][0], columns.step[row]);
            let problem = format!(
                "step {step} of \"{name}\" has no line with step 0: keep all lines of a pair"
            );
            return Err(sheet.wrong(sheet.line(row), &problem));
        };
        let Some(pair) = pair.filter(|_| columns.was_tried(row)) else { continue };
        choices.x.push(&[all.row(row), all.row(*first)].concat());
        let gains = columns.gains[row].iter().map(|gain| gain.unwrap_or(RANGE.0)).collect();
        choices.states.push(State { pair, first: row == *first, gains });
    }
    let scene = |row: &usize| {
        if by_name { scene(columns.keys[*row][0]) } else { columns.keys[*row][2] }
    };
    let groups = numbered(usable.iter().map(scene));
    choices.groups = count(&groups);
    let mut said = Vec::new();
    for (row, group) in usable.iter().zip(groups) {
        let [damaged, undamaged, ..] = columns.keys[*row];
        let identity = Quality { psnr: columns.psnr[*row], ssim: columns.ssim[*row] };
        let files = folders.map(|folders| folders.files((damaged, undamaged)));
        choices.pairs.push(Pair { group, identity, oracle: columns.oracle[*row], files });
        said.push(Said {
            damaged: damaged.to_owned(),
            undamaged: undamaged.to_owned(),
            identity,
            features: told.row(*row).to_vec(),
        });
    }
    let left_out = firsts.len() - said.len();
    Ok(Read { choices, said, left_out })
}

impl Choices {
    fn none(features: &[&'static str], operations: Vec<String>) -> Self {
        let start = features.iter().map(|name| format!("{START}{name}"));
        let features: Vec<String> =
            features.iter().map(|name| (*name).to_owned()).chain(start).collect();
        Self {
            x: Table::new(features.len()),
            features,
            states: Vec::new(),
            pairs: Vec::new(),
            groups: 0,
            operations,
            test_share: 0.2,
            folds: 5,
            seed: 0,
        }
    }

    /// The same without some of the pairs.
    pub(super) fn keep(self, keep: &[bool]) -> Self {
        let kept = |pair: usize| keep.get(pair).copied().unwrap_or(false);
        let mut places = Vec::new();
        let mut pairs = Vec::new();
        for (at, pair) in self.pairs.into_iter().enumerate() {
            places.push(pairs.len());
            if kept(at) {
                pairs.push(pair);
            }
        }
        let rows: Vec<usize> =
            (0..self.states.len()).filter(|at| kept(self.states[*at].pair)).collect();
        let x = self.x.select(&rows);
        let mut states = self.states;
        states.retain(|state| kept(state.pair));
        for state in &mut states {
            state.pair = places[state.pair];
        }
        let names: Vec<String> = pairs.iter().map(|pair| pair.group.to_string()).collect();
        let groups = numbered(names.iter().map(String::as_str));
        for (pair, group) in pairs.iter_mut().zip(&groups) {
            pair.group = *group;
        }
        Self { x, states, groups: count(&groups), pairs, ..self }
    }
}
