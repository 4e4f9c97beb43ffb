//! What must hold for every registered operation: settings are drawn from its schema.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Mutex;

use pixloom::jobs::JOBS;
use pixloom::op::{DynOp, OpEntry};
use pixloom::ops::OPS;
use pixloom::pipeline::{Loaded, Pipeline, PipelineCx};
use pixloom::schema::{self, Field, Kind};
use pixloom_engine::{Rng, Seed};
use pixloom_image::{Channels, Depth, Exec, Image, PixelFormat, Samples, Serial, Size};
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Runs the parts backwards: what depends on their order shows.
struct Backwards(Mutex<u64>);

impl Exec for Backwards {
    fn for_each(&self, parts: usize, part: &(dyn Fn(usize) + Sync)) {
        *self.0.lock().unwrap() += 1;
        (0..parts).rev().for_each(part);
    }
}

fn value(kind: &Kind, rng: &mut Rng) -> Value {
    match kind {
        Kind::Bool => Value::Bool(rng.chance(0.5)),
        Kind::Integer(bounds) => {
            let low = bounds.min.unwrap_or(0.0) as u64;
            let high = bounds.max.unwrap_or(64.0).min(low as f64 + 64.0) as u64;
            Value::from(low + rng.range_u64(high - low + 1))
        }
        Kind::Number(bounds) => {
            let low = bounds.min.unwrap_or(0.0).max(-400.0);
            Value::from(rng.range_f64(low, bounds.max.unwrap_or(8.0).min(low + 8.0)))
        }
        Kind::Choice(words) => {
            Value::from(words[rng.range_u64(words.len() as u64) as usize].name.clone())
        }
        Kind::List(inner) => Value::Array(vec![value(inner, rng)]),
        Kind::Text => Value::from("#336699"),
    }
}

/// Some of an operation's settings, each within its declared range. Not every combination is
/// one that the operation takes.
fn settings(entry: &OpEntry, rng: &mut Rng) -> Map<String, Value> {
    let fields = schema::fields(&(entry.schema)());
    let chosen = fields.iter().filter(|_| rng.chance(0.4)).collect::<Vec<&Field>>();
    chosen.into_iter().map(|field| (field.name.clone(), value(&field.kind, rng))).collect()
}

/// An operation with random settings that it takes.
fn build(entry: &OpEntry, rng: &mut Rng) -> Box<dyn DynOp> {
    for _ in 0..200 {
        if let Ok(op) = (entry.build)(settings(entry, rng)) {
            return op;
        }
    }
    panic!("`{}` takes none of 200 random settings", entry.name);
}

fn picture(rng: &mut Rng) -> Image {
    let channels = [Channels::Gray, Channels::GrayAlpha, Channels::Rgb, Channels::Rgba];
    let depths = [Depth::U8, Depth::U16, Depth::F32];
    let format =
        PixelFormat::new(channels[rng.range_u64(4) as usize], depths[rng.range_u64(3) as usize]);
    let size = Size::new(1 + rng.range_u64(40) as u32, 1 + rng.range_u64(40) as u32);
    let mut image = Image::zeros(size, format);
    match image.samples_mut() {
        Samples::U8(samples) => samples.fill_with(|| rng.next_u32() as u8),
        Samples::U16(samples) => samples.fill_with(|| rng.next_u32() as u16),
        Samples::F32(samples) => samples.fill_with(|| rng.f64() as f32),
    }
    image
}

type Outcome = Result<Vec<(String, Image)>, String>;

fn run(pipeline: &Pipeline, image: &Image, seed: Seed, exec: &dyn Exec) -> Outcome {
    let drawn = pipeline.draw(seed).unwrap();
    let notes = RefCell::new(Vec::new());
    let note = |code: &'static str, text: String| notes.borrow_mut().push((code, text));
    let cx = PipelineCx { seed, exec, note: &note };
    let mut results = Vec::new();
    let outcome = pipeline.run(Loaded::full(image.clone()), &drawn, &cx, &mut |suffix, applied| {
        results.push((suffix.to_owned(), applied.into_image()));
        Ok(())
    });
    outcome.map(|()| results).map_err(|error| error.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn every_operation_keeps_its_promises(case in any::<u64>()) {
        for entry in OPS {
            let mut rng = Seed::root(case).child(entry.name).rng();
            let op = build(entry, &mut rng);
            let settings = op.settings();
            let image = picture(&mut rng);
            let seed = Seed::root(rng.next_u64());
            let pipeline = Pipeline::new(vec![op]).unwrap();
            let result = run(&pipeline, &image, seed, &Serial);
            // The same pixels whatever runs the parts, and again from the complete settings.
            let backwards = run(&pipeline, &image, seed, &Backwards(Mutex::new(0)));
            prop_assert!(result == backwards, "{} depends on the order of parts: {settings}", entry.name);
            let again = Pipeline::from_value(&with_name(entry.name, &settings)).unwrap();
            prop_assert!(run(&again, &image, seed, &Serial) == result, "{} does not replay: {settings}", entry.name);
            // What was promised about sizes is what came out.
            let drawn = pipeline.draw(seed).unwrap();
            let promised = pipeline.outputs(image.size(), &drawn);
            match (&promised, &result) {
                (Ok(promised), Ok(results)) => {
                    let sizes: Vec<_> = results.iter().map(|(name, image)| (name.clone(), image.size())).collect();
                    prop_assert_eq!(promised, &sizes, "{} {}", entry.name, settings);
                    for (_, result) in results {
                        prop_assert_eq!(result.depth(), image.depth(), "{}", entry.name);
                    }
                }
                (Err(_), Err(_)) => {}
                _ => prop_assert!(false, "{} {settings}: promised {promised:?}, did {:?}", entry.name, result.err()),
            }
        }
    }
}

fn with_name(name: &str, settings: &Value) -> Value {
    let mut table = settings.as_object().unwrap().clone();
    table.insert("op".to_owned(), name.into());
    Value::Array(vec![Value::Object(table)])
}

#[test]
fn every_operation_is_documented_and_its_examples_work() {
    let mut names = BTreeSet::new();
    for entry in OPS {
        assert!(names.insert(entry.name), "{} is there twice", entry.name);
        let (help, _) = schema::description(&(entry.schema)());
        assert!(help.ends_with('.'), "{}: {help}", entry.name);
        for field in schema::fields(&(entry.schema)()) {
            assert!(!field.help.is_empty(), "{}.{} has no help", entry.name, field.name);
        }
        assert!(!entry.examples.is_empty(), "{} has no example", entry.name);
        for example in entry.examples {
            Pipeline::parse(example).unwrap();
        }
    }
}

#[test]
fn every_setting_of_every_job_is_documented_and_unique() {
    for job in JOBS {
        let mut names = BTreeSet::new();
        for field in job.fields() {
            assert!(!field.help.is_empty(), "{}.{} has no help", job.name, field.name);
            assert!(names.insert(field.name.clone()), "{}.{} is there twice", job.name, field.name);
        }
        assert!((2..=3).contains(&job.examples.len()), "{}", job.name);
    }
}

/// A file in `ops/` that nobody listed would be dead code that looks alive.
#[test]
fn every_file_of_an_operation_is_in_the_list() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ops");
    let list = std::fs::read_to_string(folder.join("mod.rs")).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs");
        assert!(module == "mod" || list.contains(&format!("{module}::")), "{name} is not listed");
    }
}
