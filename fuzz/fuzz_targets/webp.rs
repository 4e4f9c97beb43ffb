#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| pixloom_fuzz::decode("webp", bytes));
