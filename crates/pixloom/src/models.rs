//! Super-resolution models: those in the program and those of the user.
use std::path::Path;

use pixloom_engine::Fingerprint;
use pixloom_image::resize::Filter;
use pixloom_nn::arch::{Model, Tensors};
use pixloom_nn::{NnError, read};

use crate::onnx::{External, Place, Session, Windows, with_weights};
use crate::schema;

/// Most bytes of a model file.
const MAX_FILE: u64 = 2 << 30;

/// A model that is part of the program; docs/models has its card.
#[derive(Debug)]
pub struct BuiltIn {
    /// The name that it is asked for by.
    pub name: &'static str,
    /// How many times larger it makes a picture.
    pub scale: usize,
    /// The content of its `.safetensors` file.
    pub bytes: &'static [u8],
}

/// All built-in models; of one name, the largest scale first.
pub static BUILT_IN: &[BuiltIn] = &[
    BuiltIn { name: "fast", scale: 4, bytes: include_bytes!("../models/fast-x4.safetensors") },
    BuiltIn { name: "fast", scale: 2, bytes: include_bytes!("../models/fast-x2.safetensors") },
    BuiltIn {
        name: "balanced",
        scale: 4,
        bytes: include_bytes!("../models/balanced-x4.safetensors"),
    },
    BuiltIn {
        name: "balanced",
        scale: 2,
        bytes: include_bytes!("../models/balanced-x2.safetensors"),
    },
];

/// Classical kernels that stand in for a model.
const KERNELS: &[(&str, Filter)] = &[
    ("nearest", Filter::Nearest),
    ("bilinear", Filter::Bilinear),
    ("bicubic", Filter::CatmullRom),
    ("matlab-bicubic", Filter::MatlabBicubicLegacy),
    ("mitchell", Filter::Mitchell),
    ("lanczos", Filter::Lanczos3),
];

/// What a model setting names.
#[derive(Debug)]
pub enum Named {
    /// A net of the program.
    BuiltIn(&'static BuiltIn),
    /// A resampling kernel.
    Kernel(Filter),
    /// A net from a file.
    File(Loaded),
}

/// A model file's content.
#[derive(Debug)]
pub struct Loaded {
    /// The net.
    pub model: Content,
    /// Of the file's bytes.
    pub hash: Fingerprint,
}

/// What a model file holds.
#[derive(Debug)]
pub enum Content {
    /// A net that the kernels know.
    Known(Model),
    /// Another ONNX graph, and why the kernels do not know it.
    Graph(Box<Windows>, String),
}

/// Finds what `name` means. Built-in models of that name are chosen for `scale`: the smallest
/// that reaches it, else the largest. With a `place`, files run there.
///
/// # Errors
/// A lower-case sentence if there is no such model, or its file cannot be used.
pub fn find(name: &str, scale: f64, place: Option<&Place>) -> Result<Named, String> {
    if let Some((_, filter)) = KERNELS.iter().find(|(kernel, _)| *kernel == name) {
        return Ok(Named::Kernel(*filter));
    }
    let built_in = BUILT_IN.iter().any(|model| model.name == name);
    if built_in && place.is_some() {
        let files = "ONNX Runtime runs .onnx models only";
        return Err(format!("{files}, and `{name}` runs on pixloom's own kernels"));
    }
    let same = || BUILT_IN.iter().filter(|model| model.name == name);
    let reaching = same().rfind(|model| model.scale as f64 >= scale - 1e-9);
    if let Some(model) = reaching.or_else(|| same().next()) {
        return Ok(Named::BuiltIn(model));
    }
    let path = Path::new(name);
    if path.extension().is_none() && !path.exists() {
        let names = BUILT_IN.iter().map(|model| model.name);
        let all: Vec<&str> = names.chain(KERNELS.iter().map(|(name, _)| *name)).collect();
        let meant = schema::nearest(name, all.iter().copied());
        let hint = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        return Err(format!("there is no model `{name}`{hint}"));
    }
    place.map_or_else(|| load(path), |place| load_at(path, place)).map(Named::File)
}

/// Reads a model file.
///
/// # Errors
/// A lower-case sentence that names the file.
pub fn load(path: &Path) -> Result<Loaded, String> {
    let bytes = read_file(path)?;
    let hash = hash(&bytes);
    let model = match read::model(&bytes) {
        Ok(model) => Content::Known(model),
        Err(NnError::Unsupported(reason)) if read::is_onnx(&bytes) => {
            let graph = Session::read(bytes).and_then(|graph| Windows::new(Box::new(graph)));
            let graph = graph.map_err(|error| {
                let first = format!("pixloom's kernels do not know it ({reason})");
                describe(path, &format!("{first}, and the runtime says: {error}"))
            })?;
            Content::Graph(Box::new(graph), reason)
        }
        Err(error) => return Err(describe(path, &error)),
    };
    Ok(Loaded { model, hash })
}

/// Reads an `.onnx` file for the ONNX Runtime of the user.
///
/// # Errors
/// A lower-case sentence that names the file, or says what is missing.
pub fn load_at(path: &Path, place: &Place) -> Result<Loaded, String> {
    let bytes = read_file(path)?;
    if !read::is_onnx(&bytes) {
        return Err(format!("ONNX Runtime runs .onnx models only, not {}", path.display()));
    }
    let file = hash(&bytes);
    let graph = External::read(bytes, place).and_then(|graph| Windows::new(Box::new(graph)));
    let graph = graph.map_err(|error| describe(path, &error))?;
    let engine = graph.graph().engine();
    let hash = Fingerprint::builder("onnxruntime").field("model", file).field("engine", engine);
    let reason = "ONNX Runtime was asked for".to_owned();
    Ok(Loaded { model: Content::Graph(Box::new(graph), reason), hash: hash.finish() })
}

/// The tensors of a model file, and the hash of its bytes.
///
/// # Errors
/// A lower-case sentence that names the file.
pub fn load_tensors(path: &Path) -> Result<(Tensors, Fingerprint), String> {
    let bytes = read_file(path)?;
    let tensors = read::tensors(&bytes).map_err(|error| describe(path, &error))?;
    Ok((tensors.without_prefixes(), hash(&bytes)))
}

/// The hash of a model's bytes.
pub fn hash(bytes: &[u8]) -> Fingerprint {
    Fingerprint::builder("model").field("bytes", bytes).finish()
}

fn describe(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("the model {} cannot be used: {error}", path.display())
}

fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let failed =
        |error: std::io::Error| format!("the model {} cannot be read: {error}", path.display());
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > MAX_FILE {
        return Err(format!("the model {} is larger than 2 GB", path.display()));
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    if !read::is_onnx(&bytes) {
        return Ok(bytes);
    }
    with_weights(path, bytes).map_err(|error| describe(path, &error))
}

#[cfg(test)]
mod tests {
    use pixloom_nn::Net;

    use super::*;

    #[test]
    fn built_in_models_are_small_and_can_be_run() {
        let bytes: usize = BUILT_IN.iter().map(|model| model.bytes.len()).sum();
        assert!(bytes <= 5 << 20);
        for built_in in BUILT_IN {
            let model = read::model(built_in.bytes).unwrap();
            let net = Net::new(&model.graph).unwrap();
            assert_eq!(net.facts().scale, built_in.scale, "{}", built_in.name);
        }
    }

    #[test]
    fn names_are_found_or_explained() {
        assert!(matches!(find("fast", 4.0, None), Ok(Named::BuiltIn(model)) if model.scale == 4));
        assert!(matches!(find("fast", 1.5, None), Ok(Named::BuiltIn(model)) if model.scale == 2));
        assert!(matches!(find("fast", 9.0, None), Ok(Named::BuiltIn(model)) if model.scale == 4));
        assert!(matches!(find("lanczos", 4.0, None), Ok(Named::Kernel(Filter::Lanczos3))));
        assert!(find("lanzcos", 4.0, None).unwrap_err().contains("did you mean `lanczos`"));
        assert!(find("missing.pth", 4.0, None).unwrap_err().contains("missing.pth"));
    }
}
