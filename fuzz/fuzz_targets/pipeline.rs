#![no_main]
use pixloom::pipeline::Pipeline;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match Pipeline::parse(text) {
        Ok(pipeline) => drop(pipeline.describe()),
        Err(error) => drop(error.to_string()),
    }
});
