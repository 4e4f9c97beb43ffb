//! How well misaligned HQ/LQ pairs are told from degraded ones: the tables of `docs/pairs.md`.
mod make;
mod table;

use anyhow::{Context, Result};
use pixloom_image::align::{Verdict, View, align};
use pixloom_image::geometry::{Rect, crop};
use pixloom_image::{Image, Serial, Size};
use pixloom_testkit::shared_data;

use crate::options::Options;
pub(crate) use make::read;
use make::{DEGRADATIONS, Degradation, FAULTS};
use table::{HEAD, Row, has_other_colors};

/// Measures the sets `bench` (Set5 and Set14) and `kodak`, or the one that is named.
pub(crate) fn run(options: &Options) -> Result<()> {
    let sets = ["bench", "kodak"];
    for set in sets.into_iter().filter(|set| options.word().is_none_or(|word| word == *set)) {
        let pictures = make::pictures(set)?;
        for scale in [4, 2, 3] {
            println!("\n{set}, scale {scale}\n\n{HEAD}");
            let mut rows = Vec::new();
            for degradation in DEGRADATIONS {
                let mut row = measure(&pictures, scale, degradation)?;
                println!("{}", row.line(degradation.name));
                rows.push(row);
            }
            println!();
            rows.iter().flat_map(Row::trouble).for_each(|line| println!("  {line}"));
        }
    }
    bench_files()
}

fn measure(pictures: &[(String, Image)], scale: u32, how: Degradation) -> Result<Row> {
    let mut row = Row::default();
    for (at, (name, picture)) in pictures.iter().enumerate() {
        let other = &pictures[(at + 1) % pictures.len()].1;
        for (number, fault) in FAULTS.into_iter().enumerate() {
            let (hq, lq) = make::pair(picture, other, scale, (fault, how))?;
            let seed = (at * FAULTS.len() + number) as u64;
            let lq = make::degrade(&lq, how, seed)?;
            let found = align(View::whole(&hq), View::whole(&lq), lq.size(), &Serial)?;
            row.add((fault, scale), &found, name, how.name);
        }
    }
    Ok(row)
}

/// The LR files of the benchmarks, as they are published.
fn bench_files() -> Result<()> {
    println!("\nLR files of Set5 and Set14\n");
    for set in ["Set5", "Set14"] {
        let Some(folder) = shared_data(&format!("sr_bench/{set}")) else { continue };
        for scale in [4, 2, 3] {
            let (mut pairs, mut alarms, mut largest) = (0, Vec::new(), 0.0_f64);
            for path in make::files(&folder.join(format!("LR_bicubic_x{scale}")))? {
                let name = path.file_name().context("a file has a name")?;
                let (hq, lq) = (make::read(&folder.join("HR").join(name))?, make::read(&path)?);
                let size = Size::new(lq.width() * scale, lq.height() * scale);
                let hq = crop(&hq, Rect::new(0, 0, size))?;
                let found = align(View::whole(&hq), View::whole(&lq), lq.size(), &Serial)?;
                pairs += 1;
                largest = largest.max(found.shift[0].hypot(found.shift[1]));
                if found.verdict != Verdict::Aligned || has_other_colors(&found) {
                    alarms.push(format!("{}: {found:?}", path.display()));
                }
            }
            println!(
                "{set} x{scale}: {pairs} pairs, {} alarms, most {largest:.3} px",
                alarms.len()
            );
            for line in &alarms {
                println!("  {line}");
            }
        }
    }
    Ok(())
}
