//! `.safetensors`: a JSON header of names, types, shapes and places, then the bytes.
use serde_json::Value;

use super::{Kind, MAX_TENSORS, checked_len, floats};
use crate::NnError;
use crate::arch::{Tensor, Tensors};

/// Most bytes of the header.
const MAX_HEADER: u64 = 64 << 20;

/// Reads all tensors of floating-point type; others are left out.
///
/// # Errors
/// `Broken` if header and data do not fit together.
pub fn read(bytes: &[u8]) -> Result<Tensors, NnError> {
    let truncated = || NnError::broken("the file ends inside of the header");
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or_else(truncated)?;
    let length = u64::from_le_bytes(*length);
    if length > MAX_HEADER {
        return Err(NnError::limit(format!("a header of {length} bytes")));
    }
    let header = rest.get(..length as usize).ok_or_else(truncated)?;
    let data = &rest[length as usize..];
    let header: Value = serde_json::from_slice(header)
        .map_err(|error| NnError::broken(format!("the header is not JSON: {error}")))?;
    let Value::Object(entries) = header else {
        return Err(NnError::broken("the header is not a JSON object"));
    };
    if entries.len() > MAX_TENSORS {
        return Err(NnError::limit(format!("{} tensors", entries.len())));
    }
    let mut total = 0_usize;
    let mut tensors = Vec::new();
    for (name, entry) in entries.iter().filter(|(name, _)| *name != "__metadata__") {
        let read = tensor(entry, data);
        let read = read.map_err(|error| NnError::broken(format!("{name}: {error}")))?;
        let Some(tensor) = read else { continue };
        // Entries may lie over each other; together they hold no more than the file.
        total = total.saturating_add(tensor.values.len());
        if total > bytes.len() {
            return Err(NnError::limit("the tensors are larger than the file"));
        }
        tensors.push((name.clone(), tensor));
    }
    Ok(tensors.into_iter().collect())
}

fn tensor(entry: &Value, data: &[u8]) -> Result<Option<Tensor>, NnError> {
    let broken = || NnError::broken("an entry without dtype, shape or data_offsets");
    let kind = entry.get("dtype").and_then(Value::as_str).ok_or_else(broken)?;
    let Some(kind) = Kind::by_name(kind) else { return Ok(None) };
    let numbers = |name: &str| -> Option<Vec<usize>> {
        let list = entry.get(name)?.as_array()?;
        list.iter().map(|n| n.as_u64().and_then(|n| usize::try_from(n).ok())).collect()
    };
    let (shape, place) = numbers("shape").zip(numbers("data_offsets")).ok_or_else(broken)?;
    let &[start, end] = &place[..] else { return Err(broken()) };
    let slice = data.get(start..end).ok_or_else(|| {
        NnError::broken(format!("its data ends at byte {end}, the file at {}", data.len()))
    })?;
    let count = checked_len(&shape)?;
    if count.checked_mul(kind.bytes()) != Some(slice.len()) {
        return Err(NnError::broken(format!("{} bytes for the shape {shape:?}", slice.len())));
    }
    Ok(Some(Tensor { shape, values: floats(kind, slice) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(data);
        bytes
    }

    #[test]
    fn reads_all_float_types() {
        let header = r#"{"__metadata__":{"a":"b"},
            "h":{"dtype":"F16","shape":[2],"data_offsets":[0,4]},
            "b":{"dtype":"BF16","shape":[1],"data_offsets":[4,6]},
            "f":{"dtype":"F32","shape":[1,1],"data_offsets":[6,10]},
            "i":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#;
        let data = [0x00, 0x3c, 0x00, 0xc0, 0x80, 0x3f, 0, 0, 0x20, 0x41];
        let tensors = read(&file(header, &data)).unwrap();
        let values: Vec<_> = tensors.iter().map(|(name, t)| (name, t.values.clone())).collect();
        assert_eq!(values, [("b", vec![1.0]), ("f", vec![10.0]), ("h", vec![1.0, -2.0])]);
    }

    #[test]
    fn lies_are_refused() {
        for header in [
            r#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#,
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9000000000]}}"#,
            r#"{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}}"#,
            r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
            r#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
            r#"{"a":1}"#,
            "[]",
            "{",
        ] {
            assert!(read(&file(header, &[0; 8])).is_err(), "{header}");
        }
        let same = r#""X":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#;
        let many: Vec<String> = (0..20).map(|n| same.replace('X', &n.to_string())).collect();
        assert!(read(&file(&format!("{{{}}}", many.join(",")), &[0; 8])).is_ok());
        assert!(read(&u64::MAX.to_le_bytes()).is_err());
        assert!(read(&[1, 2]).is_err());
    }
}
