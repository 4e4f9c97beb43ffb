//! Pictures of text: what one more image costs, start-up taken out, beside other generators that
//! apply the same effects.
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use pixloom_image::{Limits, Size, codec};
use pixloom_testkit::{listing, shared_data, write_file};

use super::{Contender, Entry, once, report};
use crate::sh;

/// What all of them write on, in 40 to 50 pixels.
const FONTS: [&str; 2] = ["NotoSans-Regular.ttf", "NotoSerif-Regular.ttf"];

const LINE: &str = "    text_direction: left_to_right
    corpus_file: eng.txt
    min_text_length: 20
    max_text_length: 40
    font_size_min: 40
    font_size_max: 50
";
const PERSPECTIVE: &str = "    perspective_warp_magnitude_min: 0.0
    perspective_warp_magnitude_max: 0.1
";
const SKEW: &str = "    rotation_angle_min: -5.0
    rotation_angle_max: 5.0
";
const BLUR: &str = "    blur_radius_min: 0.0
    blur_radius_max: 1.0
";
const NOISE: &str = "    noise_amount_min: 0.0
    noise_amount_max: 0.01
";
const HEIGHT: &str = "    output_height_min: 64
    output_height_max: 64
";

const WHITE: &str = "    background: flat
    background_color_min: [255, 255, 255]
    background_color_max: [255, 255, 255]
";

const TEXT_RENDERER: &str = include_str!("ocr_text_renderer.py");

/// One program with one set of effects.
struct Maker {
    name: &'static str,
    version: String,
    /// A few images and many: the difference is what images cost.
    counts: [usize; 2],
    /// Its command line for so many images.
    args: Box<dyn Fn(usize) -> Vec<String>>,
    /// Files that so many images make.
    outputs: fn(usize) -> usize,
    note: &'static str,
}

/// The contenders, two for each program: a few images, many images. Empty without shared data.
pub(super) fn contenders(binary: &Path, work: &Path) -> Result<(Vec<Contender>, Vec<PathBuf>)> {
    let place = work.join("ocr");
    let Some(inputs) = materials(&place)? else { return Ok((Vec::new(), Vec::new())) };
    let all = makers(binary, &place)?.into_iter().flat_map(|maker| {
        maker.counts.map(|count| Contender {
            name: format!("{}, {count} images", maker.name),
            version: maker.version.clone(),
            program: "env".into(),
            args: (maker.args)(count),
            outputs: (maker.outputs)(count),
            note: maker.note,
        })
    });
    Ok((all.collect(), inputs))
}

/// Fonts, a text without line breaks (document 001's project stops at one) and pictures.
fn materials(place: &Path) -> Result<Option<Vec<PathBuf>>> {
    let folders = ["fonts/fonts-noto-core", "corpora/udhr", "textures"].map(shared_data);
    let [Some(fonts), Some(texts), Some(paper)] = folders else {
        println!("skipped: fonts, corpora and textures of the shared data are not here");
        return Ok(None);
    };
    let mut inputs = Vec::new();
    for font in FONTS {
        inputs.push(place.join("fonts").join(font));
        write_file(&inputs[inputs.len() - 1], fs::read(fonts.join(font))?);
    }
    let text = fs::read_to_string(texts.join("eng.txt"))?;
    inputs.push(place.join("texts/eng.txt"));
    write_file(&inputs[inputs.len() - 1], text.split_whitespace().collect::<Vec<_>>().join(" "));
    for name in listing(&paper) {
        let bytes = fs::read(paper.join(&name))?;
        if size(&bytes)?.is_some() {
            inputs.push(place.join("paper").join(name));
            write_file(&inputs[inputs.len() - 1], bytes);
        }
    }
    write_file(place.join("text_renderer.py"), TEXT_RENDERER);
    Ok(Some(inputs))
}

/// Effects of the line of the issue, of document 001's project, `text_renderer` and TRDG, each with
/// the program it stands beside, as far as that is installed.
fn makers(binary: &Path, place: &Path) -> Result<Vec<Maker>> {
    let effects = |parts: &[&str]| parts.concat();
    let all = effects(&[PERSPECTIVE, BLUR, NOISE]);
    let mut makers = vec![
        pixloom(binary, place, ("pixloom, all effects", &all, "jsonl", 1))?,
        pixloom(binary, place, ("pixloom, all effects, 2 workers", &all, "jsonl", 2))?,
    ];
    if let Some(peer) = document_001(place, &all) {
        makers.push(pixloom(binary, place, ("pixloom, as document 001", &all, "document-001", 1))?);
        makers.push(peer);
    }
    if let Some(peer) = text_renderer(place) {
        let text = effects(&[PERSPECTIVE, HEIGHT]);
        makers.push(pixloom(binary, place, ("pixloom, as text_renderer", &text, "jsonl", 1))?);
        makers.push(peer);
    }
    if let Some(peer) = trdg(place) {
        let text = effects(&[SKEW, BLUR, HEIGHT, WHITE]);
        makers.push(pixloom(binary, place, ("pixloom, as TRDG", &text, "jsonl", 1))?);
        makers.push(peer);
    }
    Ok(makers)
}

fn specification(place: &Path, name: &str, effects: &str, count: usize) -> String {
    let path = place.join(format!("{}-{count}.yaml", name.replace([',', ' '], "-")));
    let head =
        format!("total_images: {count}\nspecifications:\n  - name: line\n    proportion: 1.0\n");
    write_file(&path, head + LINE + effects);
    text(&path)
}

fn pixloom(
    binary: &Path,
    place: &Path,
    (name, effects, labels, workers): (&'static str, &str, &'static str, u32),
) -> Result<Maker> {
    let version = sh::version(&text(binary), &["--version"]);
    let (program, place, effects) = (text(binary), place.to_path_buf(), effects.to_owned());
    let folders = ["fonts", "texts", "paper"].map(|folder| text(&place.join(folder)));
    Ok(Maker {
        name,
        version: version.context("the program does not tell its version")?,
        counts: [500, 3000],
        args: Box::new(move |count| {
            let [fonts, texts, paper] = folders.each_ref().map(String::as_str);
            let yaml = specification(&place, name, &effects, count);
            let workers = workers.to_string();
            words(&[
                &program,
                "ocr",
                "generate",
                "--batch-config",
                &yaml,
                "--font-dir",
                fonts,
                "--corpus-dir",
                texts,
                "--background-dir",
                paper,
                "-o",
                "{out}",
                "--labels",
                labels,
                "--workers",
                "1",
                "--generation-workers",
                &workers,
                "--quiet",
            ])
        }),
        outputs: if labels == "jsonl" { |count| count + 1 } else { |count| 2 * count },
        note: "",
    })
}

/// Document 001's project, if `DOCUMENT_001` names its folder and `PYTHON` has what it needs.
fn document_001(place: &Path, effects: &str) -> Option<Maker> {
    let root = std::env::var("DOCUMENT_001").ok()?;
    let (place, effects, python) = (place.to_path_buf(), effects.to_owned(), sh::python());
    let args = move |count| {
        let yaml = specification(&place, "document-001", &effects, count);
        let [fonts, texts, paper, logs] =
            ["fonts", "texts", "paper", "logs"].map(|folder| text(&place.join(folder)));
        let module = format!("{root}/src/main.py");
        words(&[
            &format!("PYTHONPATH={root}"),
            &python,
            &module,
            "--batch-config",
            &yaml,
            "--output-dir",
            "{out}",
            "--font-dir",
            &fonts,
            "--background-dir",
            &paper,
            "--corpus-dir",
            &texts,
            "--log-dir",
            &logs,
            "--log-level",
            "ERROR",
            "--workers",
            "1",
            "--generation-workers",
            "1",
        ])
    };
    Some(Maker {
        name: "document 001's project",
        version: "sequential".to_owned(),
        counts: [20, 120],
        args: Box::new(args),
        outputs: |count| 2 * count + 1,
        note: "draws letters one by one",
    })
}

/// `text_renderer`, if `PYTHON` has it as an editable installation.
fn text_renderer(place: &Path) -> Option<Maker> {
    let (python, place) = (sh::python(), place.to_path_buf());
    let find = "import os, text_renderer as t; print(os.path.dirname(os.path.dirname(t.__file__)))";
    let root = sh::version(&python, &["-c", find])?;
    let version = "import importlib.metadata as m; print(m.version('text_renderer'))";
    let version = sh::version(&python, &["-c", version])?;
    let args = move |count| {
        words(&[
            &format!("BENCH_OCR={}", place.display()),
            &format!("BENCH_COUNT={count}"),
            "BENCH_OUT={out}",
            &python,
            &format!("{root}/main.py"),
            "--num_processes",
            "0",
            "--config",
            &text(&place.join("text_renderer.py")),
        ])
    };
    Some(Maker {
        name: "text_renderer",
        version,
        counts: [300, 1500],
        args: Box::new(args),
        outputs: |count| count + 1,
        note: "no boxes, JPEG",
    })
}

/// TRDG, if it is on the PATH. On white, as it leaves out lines that stand out too little from a
/// picture.
fn trdg(place: &Path) -> Option<Maker> {
    sh::version("trdg", &["--help"])?;
    let fonts = text(&place.join("fonts"));
    let args = move |count: usize| {
        let flags = "-w 5 -r -f 64 -k 5 -rk -bl 1 -rbl -b 1 -e png -na 2 --output_dir {out}";
        let own = ["trdg", "-c", &count.to_string(), "-fd", &fonts].map(str::to_owned);
        own.into_iter().chain(flags.split(' ').map(str::to_owned)).collect()
    };
    Some(Maker {
        name: "TRDG",
        version: "no version told".to_owned(),
        counts: [20, 120],
        args: Box::new(args),
        outputs: |count| count + 1,
        note: "words at random, no boxes",
    })
}

/// Prints what images cost beyond start-up, from each pair of entries.
pub(super) fn steady(entries: &[Entry], out: &Path) -> Result<()> {
    let mut table = String::from(
        "| Program | images a CPU second | megapixels each | MP a CPU second | images a second | peak MB |\n\
         |---|---:|---:|---:|---:|---:|\n",
    );
    for pair in entries.as_chunks::<2>().0 {
        let (name, few) = named(&pair[0].contender);
        let images = (named(&pair[1].contender).1 - few) as f64;
        let [cpu, wall] = [
            report::middle(pair, |sample| sample.cpu.as_secs_f64()),
            report::middle(pair, |sample| sample.wall.as_secs_f64()),
        ];
        let pixels = megapixels(&pair[0].contender, out)?;
        let peak = report::peak(&pair[1]);
        let _ = writeln!(
            table,
            "| {name} | {:.0} | {pixels:.3} | {:.1} | {:.0} | {peak:.0} |",
            images / cpu,
            images * pixels / cpu,
            images / wall
        );
    }
    println!("\n{table}");
    Ok(())
}

/// The program of a contender and its number of images.
fn named(contender: &Contender) -> (&str, usize) {
    let (name, count) = contender.name.rsplit_once(", ").unwrap_or_default();
    let count = count.split(' ').next().and_then(|count| count.parse().ok());
    (name, count.unwrap_or_default())
}

/// Mean size of the pictures that a contender makes.
fn megapixels(contender: &Contender, out: &Path) -> Result<f64> {
    once(contender, out)?;
    let mut sizes = Vec::new();
    for name in listing(out) {
        let bytes = fs::read(out.join(&name))?;
        let Some(size) = size(&bytes)? else { continue };
        sizes.push(f64::from(size.width) * f64::from(size.height) / 1e6);
    }
    Ok(sizes.iter().sum::<f64>() / sizes.len().max(1) as f64)
}

/// Width and height, if it is a picture.
fn size(bytes: &[u8]) -> Result<Option<Size>> {
    let header = codec::detect(bytes).map(|codec| codec.header(bytes, &Limits::default()));
    Ok(header.transpose()?.map(|header| header.size))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn words(parts: &[&str]) -> Vec<String> {
    parts.iter().map(|part| (*part).to_owned()).collect()
}
