//! Starting jobs in tests, on pictures that are made here.
#![allow(dead_code, clippy::allow_attributes, reason = "each test program uses some of these")]
pub(crate) mod graph;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use pixloom::job::{Face, JobCx, JobError, Report, Settings, Start};
use pixloom::jobs::JOBS;
use pixloom_engine::{Cancel, Event};
use pixloom_image::codec::{self, EncodeOptions};
use pixloom_image::{Channels, Image, Samples, Serial, Size};
use pixloom_testkit::{gradient, noise, write_file};
use serde_json::{Value, json};

/// Keeps what a job says; asks it to stop after some items.
#[derive(Default)]
pub(crate) struct Listener {
    pub(crate) lines: Mutex<Vec<String>>,
    stop: Option<(Cancel, u64)>,
}

impl Face for Listener {
    fn started(&self, _: &Start) {}

    fn action(&self, line: &str) {
        self.lines.lock().unwrap().push(line.to_owned());
    }

    fn event(&self, event: &Event<'_>) {
        if let (Event::Item { counts, .. }, Some((cancel, after))) = (event, &self.stop)
            && counts.total() == *after
        {
            cancel.request();
        }
    }

    fn remark(&self, line: &str) {
        self.lines.lock().unwrap().push(line.to_owned());
    }
}

/// Runs a job; returns its report and what it said.
pub(crate) fn run(job: &str, settings: Value) -> (Result<Report, JobError>, Vec<String>) {
    start(job, settings, JobCx::default(), None)
}

/// Runs a job with more than its settings.
pub(crate) fn run_with(
    job: &str,
    settings: Value,
    cx: JobCx,
) -> (Result<Report, JobError>, Vec<String>) {
    start(job, settings, cx, None)
}

/// Runs a job that is asked to stop after `items`.
pub(crate) fn run_and_stop(job: &str, settings: Value, items: u64) -> Result<Report, JobError> {
    start(job, settings, JobCx::default(), Some(items)).0
}

fn start(
    job: &str,
    settings: Value,
    mut cx: JobCx,
    stop_after: Option<u64>,
) -> (Result<Report, JobError>, Vec<String>) {
    let entry = JOBS.iter().find(|entry| entry.name == job).unwrap();
    let Value::Object(map) = settings else { panic!("settings are a table") };
    let stop = stop_after.map(|items| (cx.cancel.clone(), items));
    let listener = Arc::new(Listener { stop, ..Listener::default() });
    cx.face = listener.clone();
    let result = Settings::new(entry, map)
        .map_err(JobError::from)
        .and_then(|settings| (entry.run)(&settings, &cx));
    let lines = listener.lines.lock().unwrap().clone();
    (result, lines)
}

/// Settings of `transform` over two folders, with more of them in `more`.
pub(crate) fn transform(input: &Path, output: &Path, ops: &str, more: Value) -> Value {
    let mut settings = json!({"input": input, "output": output, "ops": ops});
    if let (Value::Object(all), Value::Object(more)) = (&mut settings, more) {
        all.extend(more);
    }
    settings
}

/// The bytes of a picture of noise over a gradient, different for each `seed`.
pub(crate) fn picture(format: &str, width: u32, height: u32, seed: u64) -> Vec<u8> {
    let mut samples = gradient(width, height, 3);
    for (sample, grain) in samples.iter_mut().zip(noise(width, height, 3, seed)) {
        *sample = sample.saturating_add(grain / 8);
    }
    let size = Size::new(width, height);
    encoded(&Image::new(size, Channels::Rgb, Samples::U8(samples)).unwrap(), format)
}

/// A picture as a file.
pub(crate) fn encoded(image: &Image, format: &str) -> Vec<u8> {
    encoded_with(image, format, EncodeOptions::default())
}

/// A picture as a file of a quality.
pub(crate) fn encoded_at(image: &Image, format: &str, quality: u8) -> Vec<u8> {
    encoded_with(
        image,
        format,
        EncodeOptions { quality: Some(quality), ..EncodeOptions::default() },
    )
}

fn encoded_with(image: &Image, format: &str, options: EncodeOptions) -> Vec<u8> {
    let mut bytes = Vec::new();
    codec::by_name(format).unwrap().encode(image, &options, &Serial, &mut bytes).unwrap();
    bytes
}

/// What is wrong, with its details.
pub(crate) fn problem(result: Result<Report, JobError>) -> String {
    match result.unwrap_err() {
        JobError::Refused { message, details } => format!("{message}; {}", details.join("; ")),
        error => error.to_string(),
    }
}

/// Writes `count` small pictures of several formats and sizes into some folders.
pub(crate) fn pictures(folder: &Path, count: u64) -> Vec<PathBuf> {
    let formats = ["png", "jpg", "webp", "png"];
    let write = |at: u64| {
        let format = formats[(at % 4) as usize];
        let path = folder.join(format!("set{}/{at:04}.{format}", at % 3));
        let (width, height) = (24 + (at * 7 % 40) as u32, 16 + (at * 11 % 50) as u32);
        write_file(&path, picture(format, width, height, at));
        path
    };
    (0..count).map(write).collect()
}
