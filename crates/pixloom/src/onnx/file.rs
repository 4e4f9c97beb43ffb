//! Reading `.onnx` files, with the weights that lie in files beside them.
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Component, Path, PathBuf};

use pixloom_nn::NnError;
use pixloom_nn::read::onnx::{Outside, whole};

use super::OnnxError;

/// Most bytes of a graph, with its weights.
const MAX_FILE: u64 = 2 << 30;

/// The content of an `.onnx` file with all its weights in it, also those that lie in a file beside
/// it, as torch's export leaves them.
///
/// # Errors
/// If a file cannot be read, is damaged, lies elsewhere than beside the graph, or all together are
/// larger than 2 GB.
pub fn read_file(path: &Path) -> Result<Vec<u8>, OnnxError> {
    let failed = |error: io::Error| OnnxError(format!("the file cannot be read: {error}"));
    let length = std::fs::metadata(path).map_err(failed)?.len();
    if length > MAX_FILE {
        return Err(OnnxError("the file is larger than 2 GB".to_owned()));
    }
    with_weights(path, std::fs::read(path).map_err(failed)?)
}

/// As [`read_file`], of a graph whose own content was read already.
///
/// # Errors
/// As [`read_file`].
pub fn with_weights(path: &Path, graph: Vec<u8>) -> Result<Vec<u8>, OnnxError> {
    let mut left = MAX_FILE.saturating_sub(graph.len() as u64);
    let mut fetch = |outside: &Outside| {
        let values = beside(path, outside, left).map_err(|problem| {
            let name = &outside.location;
            let advice = "keep it beside the graph, or export with external_data=False";
            NnError::Unsupported(format!("its weights in `{name}` {problem}; {advice}"))
        })?;
        left -= values.len() as u64;
        Ok(values)
    };
    whole(graph, &mut fetch).map_err(|error| match error {
        NnError::Broken(what) => OnnxError(format!("it is damaged, or no ONNX graph: {what}")),
        error => OnnxError(error.to_string()),
    })
}

/// The values that lie in a file beside the graph.
fn beside(graph: &Path, outside: &Outside, most: u64) -> Result<Vec<u8>, String> {
    let path = neighbour(graph, &outside.location)?;
    let failed = |error: io::Error| format!("cannot be read: {error}");
    let meta = std::fs::symlink_metadata(&path).map_err(failed)?;
    if !meta.is_file() {
        return Err("are no file of their own, but a link or a folder".to_owned());
    }
    let length = outside.length.unwrap_or_else(|| meta.len().saturating_sub(outside.offset));
    if outside.offset.checked_add(length).is_none_or(|end| end > meta.len()) {
        return Err(format!("reach beyond the end of the file, which has {} bytes", meta.len()));
    }
    if length > most {
        return Err("are more than 2 GB together".to_owned());
    }
    let mut values = vec![0; length as usize];
    File::open(&path)
        .and_then(|file| file.read_exact_at(&mut values, outside.offset))
        .map_err(failed)?;
    Ok(values)
}

/// A plain name in the folder of the graph; no other leads anywhere.
fn neighbour(graph: &Path, location: &str) -> Result<PathBuf, String> {
    let mut parts = Path::new(location).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(name)), None) if !location.contains(['\\', '\0']) => {
            Ok(graph.with_file_name(name))
        }
        _ => Err("do not lie in the graph's own folder".to_owned()),
    }
}
