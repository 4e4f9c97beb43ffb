//! Writing tensors as `.safetensors`.
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::arch::Tensors;

/// The bytes of a file with all tensors as 32-bit floats, and notes as its metadata.
pub fn safetensors(tensors: &Tensors, notes: &[(&str, String)]) -> Vec<u8> {
    let mut header = Map::new();
    let notes: Map<String, Value> =
        notes.iter().map(|(name, text)| ((*name).to_owned(), json!(text))).collect();
    header.insert("__metadata__".to_owned(), Value::Object(notes));
    let mut data = Vec::new();
    for (name, tensor) in tensors.iter() {
        let start = data.len();
        data.extend(tensor.values.iter().flat_map(|value| value.to_le_bytes()));
        let place = [start, data.len()];
        let entry = json!({"dtype": "F32", "shape": tensor.shape, "data_offsets": place});
        header.insert(name.to_owned(), entry);
    }
    let mut text = Value::Object(header).to_string();
    // The data begins at a multiple of 8, as the format asks for.
    text.extend(std::iter::repeat_n(' ', text.len().next_multiple_of(8) - text.len()));
    let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes.extend_from_slice(&data);
    bytes
}

/// The notes of such a file; none if it is another.
pub fn notes(bytes: &[u8]) -> BTreeMap<String, String> {
    let find = || {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let header: Value = serde_json::from_slice(rest.get(..length)?).ok()?;
        let notes = header.get("__metadata__")?.as_object()?.clone();
        let text = |(name, value): (String, Value)| Some((name, value.as_str()?.to_owned()));
        Some(notes.into_iter().filter_map(text).collect())
    };
    find().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Tensor;
    use crate::read;

    #[test]
    fn what_is_written_is_read() {
        let tensor = Tensor { shape: vec![2, 3], values: vec![1.0, -2.0, 0.5, 0.0, 1e-9, 7.0] };
        let tensors: Tensors = [("a.b".to_owned(), tensor)].into_iter().collect();
        let bytes = safetensors(&tensors, &[("step", "7".to_owned())]);
        assert_eq!(read::tensors(&bytes).unwrap(), tensors);
        assert_eq!(notes(&bytes).get("step").map(String::as_str), Some("7"));
        assert!(notes(b"short").is_empty());
    }
}
