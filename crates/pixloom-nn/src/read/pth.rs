//! PyTorch's `.pth`: a zip file with a pickle that names tensors and one file of bytes for each.
use std::collections::BTreeMap;

use super::pickle::{self, Value};
use super::{Kind, MAX_TENSORS, checked_len, floats, zip};
use crate::NnError;
use crate::arch::{Tensor, Tensors};

/// Reads the tensors of the state dictionary. Nothing in the file is executed.
///
/// # Errors
/// `Broken` for damaged files, `Unsupported` for those of PyTorch before 1.6.
pub fn read(bytes: &[u8]) -> Result<Tensors, NnError> {
    let files = zip::entries(bytes)?;
    let (name, pickled) = files
        .iter()
        .find(|(name, _)| name.ends_with("data.pkl"))
        .ok_or_else(|| NnError::broken("the zip file holds no data.pkl"))?;
    let folder = name.trim_end_matches("data.pkl");
    let value = pickle::read(pickled)?;
    let mut found = Vec::new();
    collect(&value, "", &mut found, 0);
    if found.len() > MAX_TENSORS {
        return Err(NnError::limit(format!("{} tensors", found.len())));
    }
    let mut storages = BTreeMap::new();
    let mut total = 0_usize;
    let mut tensors = Vec::new();
    for (name, arguments) in found {
        let tensor = rebuild(arguments, &files, folder, &mut storages)
            .map_err(|error| NnError::broken(format!("{name}: {error}")))?;
        let Some(tensor) = tensor else { continue };
        total = total.saturating_add(tensor.values.len());
        // Tensors may share bytes, but no net does so for more than a few.
        if total > bytes.len() {
            return Err(NnError::limit("the tensors are larger than the file"));
        }
        tensors.push((name, tensor));
    }
    Ok(tensors.into_iter().collect())
}

/// The tensors in nested dictionaries, with their keys joined by dots.
fn collect<'v>(
    value: &'v Value,
    prefix: &str,
    found: &mut Vec<(String, &'v [Value])>,
    depth: usize,
) {
    if depth > 4 || found.len() > MAX_TENSORS {
        return;
    }
    match value {
        Value::Dict(pairs) => {
            for (key, value) in pairs {
                if let Value::Text(key) = key {
                    let dot = if prefix.is_empty() { "" } else { "." };
                    collect(value, &format!("{prefix}{dot}{key}"), found, depth + 1);
                }
            }
        }
        Value::Call(name, arguments) if name == "torch._utils _rebuild_tensor_v2" => {
            found.push((prefix.to_owned(), arguments));
        }
        Value::Call(name, arguments) if name == "torch._utils _rebuild_parameter" => {
            if let Some(tensor) = arguments.first() {
                collect(tensor, prefix, found, depth + 1);
            }
        }
        _ => {}
    }
}

/// A tensor from its storage, offset, shape and strides; `None` if it holds no floats.
fn rebuild<'a>(
    arguments: &[Value],
    files: &[(String, &'a [u8])],
    folder: &str,
    storages: &mut BTreeMap<String, &'a [u8]>,
) -> Result<Option<Tensor>, NnError> {
    let broken = || NnError::broken("a tensor that is described in an unknown way");
    let [Value::Outside(storage), Value::Int(offset), Value::List(shape), Value::List(strides), ..] =
        arguments
    else {
        return Err(broken());
    };
    let [_, Value::Name(kind), Value::Text(key), ..] = &storage[..] else { return Err(broken()) };
    let kind = match kind.as_str() {
        "torch FloatStorage" => Kind::F32,
        "torch HalfStorage" => Kind::F16,
        "torch BFloat16Storage" => Kind::Bf16,
        "torch DoubleStorage" => Kind::F64,
        _ => return Ok(None),
    };
    if !storages.contains_key(key) {
        let name = format!("{folder}data/{key}");
        let file = files.iter().find(|(file, _)| *file == name);
        let (_, data) = file.ok_or_else(|| NnError::broken(format!("{name} is missing")))?;
        storages.insert(key.clone(), data);
    }
    let data = storages.get(key).copied().unwrap_or_default();
    let numbers = |list: &[Value]| -> Option<Vec<usize>> {
        let number = |value: &Value| match value {
            Value::Int(n) => usize::try_from(*n).ok(),
            _ => None,
        };
        list.iter().map(number).collect()
    };
    let (shape, strides) = numbers(shape).zip(numbers(strides)).ok_or_else(broken)?;
    let start = usize::try_from(*offset).map_err(|_negative| broken())?;
    let count = checked_len(&shape)?;
    if strides != contiguous(&shape) {
        return Err(NnError::unsupported("a tensor whose values do not lie in order"));
    }
    let end = start.checked_add(count).and_then(|end| end.checked_mul(kind.bytes()));
    let slice = end.and_then(|end| data.get(start * kind.bytes()..end));
    let slice = slice.ok_or_else(|| NnError::broken("its bytes are not all there"))?;
    Ok(Some(Tensor { shape, values: floats(kind, slice) }))
}

fn contiguous(shape: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; shape.len()];
    for place in (0..shape.len().saturating_sub(1)).rev() {
        strides[place] = strides[place + 1] * shape[place + 1];
    }
    strides
}
