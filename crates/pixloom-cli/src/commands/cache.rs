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
    let mut text =
        format!("cache      {}\nsize       {}\n", found.path.display(), Bytes(found.bytes));
    if found.in_use {
        text.push_str("content    another run uses it\n");
    } else {
        text.push_str(&format!(
            "content    {} files known, {} results\n",
            count(found.files),
            count(found.contents)
        ));
    }
    text.push_str("`pixloom cache clear` forgets all of it\n");
    text
}
