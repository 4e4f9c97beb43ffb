//! `pixloom cache`: what is remembered of files, and forgetting it.
use clap::{ArgMatches, Command};
use pixloom::cache::{self, CacheError, Summary};
use pixloom::engine::Bytes;
use serde_json::json;

use crate::context::Context;
use crate::errors::Problem;
use crate::words::count;

pub(super) fn command() -> Command {
    Command::new("cache")
        .about("Show what is remembered of files, or forget it")
        .long_about(
            "Show what is remembered of files, or forget it.\n\n`dedup` and `clean` remember what \
             they saw of each file, so that the next look costs next to nothing. All of it can be \
             computed again.",
        )
        .subcommand(Command::new("clear").about("Forget everything"))
        .after_help(
            "Examples:\n  # How much is remembered, and where\n  pixloom cache\n  # Forget it\n  \
             pixloom cache clear",
        )
}

pub(super) fn run(rest: &str, _: &ArgMatches, cx: &Context) -> Result<u8, Problem> {
    let Some(folder) = cx.dirs().cache else {
        return Err(Problem::usage("there is no home folder; set PIXLOOM_CACHE_DIR"));
    };
    let problem = |error: CacheError| Problem::usage(error.to_string());
    if rest == "clear" {
        let freed = cache::clear(&folder).map_err(problem)?;
        let text = match freed {
            0 => "there is nothing to forget\n".to_owned(),
            freed => format!("{} {} freed\n", cx.style.good(), Bytes(freed)),
        };
        return Ok(cx.answer("cache clear", json!({"freed_bytes": freed}), &text));
    }
    let found = cache::summary(&folder).map_err(problem)?;
    let text = match &found {
        None => format!("nothing is remembered in {}\n", folder.display()),
        Some(found) => text(found),
    };
    Ok(cx.answer("cache", json!({"cache": found}), &text))
}

fn text(found: &Summary) -> String {
    let content = if found.in_use {
        "another run uses it".to_owned()
    } else {
        format!("{} files known, {} results", count(found.files), count(found.contents))
    };
    format!(
        "cache      {}\nsize       {}\ncontent    {content}\n\
         `pixloom cache clear` forgets all of it\n",
        found.path.display(),
        Bytes(found.bytes)
    )
}
