#![no_main]
use pixloom_nn::arch::detect;
use pixloom_nn::{Net, read};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(tensors) = read::pth::read(bytes) {
        if let Ok(model) = detect(&tensors.without_prefixes()) {
            let _ = Net::new(&model.graph);
        }
    }
});
