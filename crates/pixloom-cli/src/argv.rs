//! Takes `--flag=false` and `--flag false` out of the command line before clap sees it.
//!
//! A switch such as `--recursive` takes no value for clap, which keeps its help short and
//! `--recursive photos/` from swallowing the folder.
use std::ffi::OsString;

use pixloom::job::JobEntry;
use pixloom::jobs::JOBS;
use pixloom::schema::{self, Field, Kind};

use crate::talk;

/// The switches with a value: flags without dashes, and what they were set to.
pub(crate) type Switched = Vec<(String, String)>;

/// The command line without values of switches, and those values.
pub(crate) fn split(args: Vec<OsString>) -> (Vec<OsString>, Switched) {
    let switches = switches(job_of(&args));
    let (mut rest, mut switched) = (Vec::new(), Switched::new());
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        if arg == "--" {
            rest.push(arg);
            break;
        }
        let text = arg.to_str().and_then(|text| text.strip_prefix("--")).unwrap_or_default();
        let (flag, value) = match text.split_once('=') {
            Some((flag, value)) => (flag, Some(value.to_owned())),
            None => (text, None),
        };
        if !switches.iter().any(|switch| switch == flag) {
            rest.push(arg);
        } else if let Some(value) = value {
            switched.push((flag.to_owned(), value));
        } else if let Some(value) = args.next_if(|next| next == "true" || next == "false") {
            switched.push((flag.to_owned(), value.to_string_lossy().into_owned()));
        } else {
            rest.push(arg);
        }
    }
    rest.extend(args);
    (rest, switched)
}

/// The job that the first words of the command line name.
fn job_of(args: &[OsString]) -> Option<&'static JobEntry> {
    let words = args.iter().skip(1).filter_map(|arg| arg.to_str());
    let words: Vec<&str> = words.filter(|word| !word.starts_with('-')).collect();
    let is_named = |job: &&JobEntry| {
        let name: Vec<&str> = job.name.split(' ').collect();
        words.starts_with(&name)
    };
    // Of `dedup` and `dedup pair` the longer name is meant.
    JOBS.iter().filter(is_named).max_by_key(|job| job.name.len())
}

fn switches(job: Option<&JobEntry>) -> Vec<String> {
    let mut fields: Vec<Field> = job.map(JobEntry::fields).unwrap_or_default();
    fields.extend(talk::GROUPS.iter().flat_map(|group| schema::fields(&(group.schema)())));
    let switches = fields.into_iter().filter(|field| field.kind == Kind::Bool);
    let names = |field: Field| field.aliases.clone().into_iter().chain([field.flag()]);
    switches.flat_map(names).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_text(line: &str) -> (String, String) {
        let (rest, switched) = split(line.split(' ').map(OsString::from).collect());
        let rest: Vec<String> = rest.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
        let switched: Vec<String> = switched.iter().map(|(f, v)| format!("{f}:{v}")).collect();
        (rest.join(" "), switched.join(" "))
    }

    #[test]
    fn switches_take_true_and_false_in_both_forms() {
        for (line, rest, switched) in [
            ("pixloom transform --recursive=false a b", "pixloom transform a b", "recursive:false"),
            ("pixloom transform --recursive false a b", "pixloom transform a b", "recursive:false"),
            ("pixloom transform --recursive a b", "pixloom transform --recursive a b", ""),
            ("pixloom --json true transform a", "pixloom transform a", "json:true"),
            ("pixloom transform --resume=maybe", "pixloom transform", "resume:maybe"),
            ("pixloom transform --ops true a", "pixloom transform --ops true a", ""),
            ("pixloom transform -- --resume=true", "pixloom transform -- --resume=true", ""),
            ("pixloom dedup pair --explain=false a b", "pixloom dedup pair a b", "explain:false"),
            ("pixloom ops --recursive=false", "pixloom ops --recursive=false", ""),
        ] {
            assert_eq!(split_text(line), (rest.to_owned(), switched.to_owned()), "{line}");
        }
    }
}
