#![no_main]
use pixloom_nn::{Net, read};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(model) = read::onnx::read(bytes) {
        let _ = Net::new(&model.graph);
    }
});
