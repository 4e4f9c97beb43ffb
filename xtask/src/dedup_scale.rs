//! The matching part of `dedup --method phash` on made hashes with planted copies: time, memory,
//! and whether all of them are found.
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use pixloom_match::{Code, CodeBits, HammingJoin, Near};

use crate::options::Options;

/// One picture of so many is a copy.
const EACH: usize = 100;
/// Orientations of a picture.
const FORMS: usize = 8;

pub(crate) fn run(options: &Options) -> Result<()> {
    let images = usize::try_from(options.number("images", 1_000_000)?)?;
    let bits = match options.number("bits", 256)? {
        64 => CodeBits::B64,
        256 => CodeBits::B256,
        other => bail!("hashes of {other} bits are not made, only of 64 and 256"),
    };
    let forms = if options.is_set("upright") { 1 } else { FORMS };
    let mut made = Made::new(images, bits, forms);
    made.limit = u32::try_from(options.number("distance", u64::from(made.limit))?)?;
    let before = resident("VmRSS:")?;
    let start = Instant::now();
    let join = HammingJoin::new(&made.form(0), bits, made.limit);
    println!(
        "{images} hashes of {} bits, distances to {}, {} planted copies in {forms} orientations",
        made.width,
        made.limit,
        made.planted.len()
    );
    println!("sorted after {:.1} s", start.elapsed().as_secs_f64());
    let mut found: Vec<(u32, u32)> = Vec::new();
    for form in 0..forms {
        let turned = (form > 0).then(|| made.form(form));
        for near in near(&join, turned.as_deref()) {
            for a in join.class(near.a as usize) {
                let own = std::slice::from_ref(&near.b);
                let others = if form > 0 { own } else { join.class(near.b as usize) };
                found.extend(others.iter().filter(|b| *b != a).map(|b| (*a.min(b), *a.max(b))));
            }
        }
        println!("orientation {form} after {:.1} s", start.elapsed().as_secs_f64());
    }
    for class in (0..join.classes()).map(|class| join.class(class)) {
        found.extend(class.windows(2).map(|two| (two[0], two[1])));
    }
    found.sort_unstable();
    found.dedup();
    let right = made.planted.iter().filter(|pair| found.binary_search(pair).is_ok()).count();
    let peak = resident("VmHWM:")?;
    println!(
        "{right} of {} planted copies found, {} pairs in all, {:.1} s; {:.0} bytes an image at \
         most, of them {:.0} for the making",
        made.planted.len(),
        found.len(),
        start.elapsed().as_secs_f64(),
        peak as f64 / images as f64,
        before as f64 / images as f64,
    );
    Ok(())
}

/// Hashes that are computed again whenever they are asked for, as a run reads them from a file.
struct Made {
    images: usize,
    width: u32,
    limit: u32,
    forms: usize,
    /// The pairs that are copies, the smaller number first.
    planted: Vec<(u32, u32)>,
}

impl Made {
    fn new(images: usize, bits: CodeBits, forms: usize) -> Self {
        let (width, limit) = if bits == CodeBits::B64 { (64, 8) } else { (256, 31) };
        let mut made = Self { images, width, limit, forms, planted: Vec::new() };
        let copies = (0..images).filter_map(|image| Some((made.original(image)?, image as u32)));
        made.planted = copies.map(|(a, b)| (a.min(b), a.max(b))).collect();
        made
    }

    /// Which picture this one is a copy of: never a copy itself.
    fn original(&self, image: usize) -> Option<u32> {
        (image % EACH == EACH - 1).then(|| {
            let other = mixed(image as u64) as usize % self.images;
            (other - usize::from(other % EACH == EACH - 1)) as u32
        })
    }

    fn upright(&self, image: usize) -> Code {
        let seed = mixed(image as u64 ^ 0x5EED);
        let Some(original) = self.original(image) else { return self.random(seed) };
        let mut code = self.turned(self.upright(original as usize), image / EACH % self.forms);
        for flip in 0..u64::from(self.limit) {
            // Of two equal numbers the bit changes back: fewer differ, never more.
            let bit = mixed(seed ^ flip) % u64::from(self.width);
            code.0[bit as usize / 64] ^= 1 << (bit % 64);
        }
        code
    }

    fn random(&self, seed: u64) -> Code {
        let words = self.width as usize / 64;
        Code(std::array::from_fn(|at| if at < words { mixed(seed + at as u64) } else { 0 }))
    }

    /// The hash of the same picture in another orientation: other bits in other places.
    fn turned(&self, code: Code, form: usize) -> Code {
        let words = self.width as usize / 64;
        let word = |at: usize| code.0[(at + form) % words].rotate_left(7 * form as u32);
        Code(std::array::from_fn(|at| if at < words { word(at) } else { 0 }))
    }

    /// The hashes of all pictures in one orientation.
    fn form(&self, form: usize) -> Vec<Code> {
        (0..self.images).map(|image| self.turned(self.upright(image), form)).collect()
    }
}

/// A number that looks random (the finalizer of `SplitMix64`).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The near pairs of all parts, on all cores.
#[expect(clippy::disallowed_methods, reason = "the engine is not among what tasks may use")]
fn near(join: &HammingJoin, others: Option<&[Code]>) -> Vec<Near> {
    let (next, all) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        let mut found = Vec::new();
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= join.parts() {
                break;
            }
            match others {
                Some(others) => join.across(others, part, &mut |near| found.push(near)),
                None => join.part(part, &mut |near| found.push(near)),
            }
        }
        if let Ok(mut all) = all.lock() {
            all.append(&mut found);
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..cores).for_each(|_| drop(scope.spawn(work))));
    all.into_inner().unwrap_or_default()
}

/// A line of `/proc/self/status`, in bytes.
fn resident(name: &str) -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next()).context("no such line")?;
    Ok(number.parse::<u64>()? << 10)
}
