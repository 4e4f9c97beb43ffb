#![no_main]
use pixloom::pipeline::Pipeline;

// A recipe's `ops` as YAML text.
libfuzzer_sys::fuzz_target!(|text: &str| {
    let Ok(recipe) = serde_saphyr::from_str::<serde_json::Value>(text) else { return };
    if let Err(error) = Pipeline::from_value(recipe.get("ops").unwrap_or(&recipe)) {
        drop(error.to_string());
    }
});
