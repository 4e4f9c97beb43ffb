//! The options of a task: `--name value`, `--name` and words.
use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

/// Options that stand without a value.
const SWITCHES: [&str; 4] = ["check", "no-tests", "all-pairs", "upright"];
/// Options with a value.
const VALUES: [&str; 10] = [
    "photos", "rounds", "binary", "kills", "seed", "seconds", "count", "images", "bits", "distance",
];

/// What was written after the verb.
#[derive(Debug, Default)]
pub(crate) struct Options {
    words: Vec<String>,
    values: BTreeMap<String, String>,
}

impl Options {
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self::default();
        while let Some(arg) = args.next() {
            match arg.strip_prefix("--") {
                None => options.words.push(arg),
                Some(name) if SWITCHES.contains(&name) => {
                    options.values.insert(name.to_owned(), String::new());
                }
                Some(name) if VALUES.contains(&name) => {
                    let value = args.next().with_context(|| format!("--{name} needs a value"))?;
                    options.values.insert(name.to_owned(), value);
                }
                Some(name) => bail!("there is no option --{name}"),
            }
        }
        Ok(options)
    }

    pub(crate) fn word(&self) -> Option<&str> {
        self.words.first().map(String::as_str)
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.values.get(name).map(PathBuf::from)
    }

    pub(crate) fn number(&self, name: &str, default: u64) -> Result<u64> {
        match self.values.get(name) {
            Some(text) => text.parse().with_context(|| format!("--{name} must be a number")),
            None => Ok(default),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn words_switches_and_values() {
        let options = parse("thumbs --rounds 7 --check").unwrap();
        assert_eq!(options.word(), Some("thumbs"));
        assert_eq!(options.number("rounds", 5).unwrap(), 7);
        assert_eq!(options.number("kills", 5).unwrap(), 5);
        assert!(options.is_set("check") && !options.is_set("no-tests"));
    }

    #[test]
    fn wrong_options_are_refused() {
        assert!(parse("--round 7").is_err());
        assert!(parse("--rounds").is_err());
        assert!(parse("--rounds x").unwrap().number("rounds", 1).is_err());
    }
}
