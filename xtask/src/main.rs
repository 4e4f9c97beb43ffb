//! Development tasks, as `cargo xtask VERB`.
#![expect(clippy::print_stdout, reason = "the tasks talk to the developer")]

mod bench;
mod check;
mod dedup_accuracy;
mod dedup_peers;
mod dedup_scale;
mod features;
mod ffi;
mod fuzz;
mod generate;
mod inputs;
mod layers;
mod ocr_read;
mod options;
mod pairs_accuracy;
mod restore;
mod score_accuracy;
mod sh;
mod sizes;
mod sr_bench;
mod verify;

use anyhow::{Result, bail};
use options::Options;

const HELP: &str = "\
cargo xtask VERB

  check [--no-tests]      the whole gate: format, lints, tests, layers, generated files
  check-features          build and test the optional formats whose system libraries are here
  layers                  which crate may use which, where threads and unsafe code may stand
  gen [--check]           renew (or compare) docs/reference, docs/completions, docs/schema
  sizes                   lengths of functions and files against the budgets
  bench NAME [options]    thumbs, half, scaling, overhead, memory, analyze, validate, ocr or dedup, beside peers
      --photos DIR        JPEG files to use (default: shared data beside the repository, or generated)
      --rounds N          rounds, A B A B (default 5)
      --binary FILE       program to measure (default: a release build of this tree)
  pairs-accuracy [SET]    how well `pairs` tells misaligned pairs from degraded ones
  dedup-accuracy [DIR]    how many copies `dedup` finds, by kind of edit, and what it takes for one;
                          DIR: a labelled set (default: the shared one, then one made of photographs)
      --all-pairs         compare all pairs, not only the candidates
  dedup-peers [DIR]       what czkawka_cli and img-fp find of a labelled set, beside `dedup`
      --binary FILE       program to measure (default: a release build of this tree)
  dedup-scale             time and memory of matching made hashes, and how many planted copies it finds
      --images N          hashes (default 1,000,000)
      --bits N            64 or 256 (default 256)
      --distance N        bits that may differ (default 8 and 31)
      --upright           without turned and mirrored copies
  score-accuracy          whether the scores of `score` separate what they claim
  ocr-read [LINES]        how well Tesseract reads lines by `ocr generate`, beside lines by Pillow
      --binary FILE       program to measure (default: a release build of this tree)
  restore-reference [DIR] whether `restore search` agrees with OpenCV and scikit-image ($PYTHON has
                          them), on all sets of a folder (default: the shared one)
      --count N           at most so many pairs of each set
  restore-model           make the model anew that `restore apply` carries ($PYTHON has Pillow, NumPy)
      --photos DIR        photographs to damage
      --count N           pairs (default 240)
      --seed N            seed of damage and training (default 1)
  sr-bench [MODEL]        PSNR-Y of upscaling on Set5 and Set14, as papers measure it
      --binary FILE       program to measure (default: a release build of this tree)
  verify [options]        same result for any workers, memory, chunks, shards and kills
      --binary FILE       program to verify (default: a release build of this tree)
      --kills N           runs to kill and resume (default 20)
      --seed N            seed of the moments (default 1)
  fuzz [FORMAT | FILE] [options]   damaged files through the decoders; FILE: one that was found
      --seconds N         time for all formats together (default 60)
      --seed N            seed of the damage (default 1)
";

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let verb = args.next().unwrap_or_default();
    let options = Options::parse(args)?;
    match verb.as_str() {
        "check" => check::run(&options),
        "check-features" => features::run(),
        "layers" => layers::run(),
        "gen" => generate::run(&options),
        "sizes" => sizes::run(),
        "bench" => bench::run(&options),
        "pairs-accuracy" => pairs_accuracy::run(&options),
        "dedup-accuracy" => dedup_accuracy::run(&options),
        "dedup-peers" => dedup_peers::run(&options),
        "dedup-scale" => dedup_scale::run(&options),
        "score-accuracy" => score_accuracy::run(),
        "ocr-read" => ocr_read::run(&options),
        "restore-reference" => restore::reference(&options),
        "restore-model" => restore::model(&options),
        "sr-bench" => sr_bench::run(&options),
        "verify" => verify::run(&options),
        "fuzz" => fuzz::run(&options),
        "" | "help" | "--help" => {
            print!("{HELP}");
            Ok(())
        }
        other => bail!("there is no task `{other}`\n\n{HELP}"),
    }
}
