//! Tensors whose values lie in other files ("external data" of ONNX), brought into the graph.
use super::wire::{Field, put, raw_fields};
use crate::NnError;

/// Deepest graph within a graph.
const DEEPEST: usize = 16;

/// Where the values of a tensor lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outside {
    /// The file, relative to the folder of the graph.
    pub location: String,
    /// The first byte.
    pub offset: u64,
    /// How many bytes; without it up to the end of the file.
    pub length: Option<u64>,
}

/// Reads values from other files.
pub type Fetch<'a> = dyn FnMut(&Outside) -> Result<Vec<u8>, NnError> + 'a;

#[derive(Debug, Clone, Copy)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
}

impl Message {
    /// What a field holds, if it may hold tensors (onnx.proto of the ONNX project).
    const fn inner(self, number: u64) -> Option<Self> {
        match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6 | 11) => Some(Self::Graph),
            (Self::Graph, 1) => Some(Self::Node),
            (Self::Node, 5) => Some(Self::Attribute),
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) => Some(Self::Tensor),
            _ => None,
        }
    }
}

/// The graph with the values of all its tensors in it; `fetch` reads those that lie in other files.
///
/// # Errors
/// `Broken` for damaged graphs, and whatever `fetch` says.
pub fn whole(bytes: Vec<u8>, fetch: &mut Fetch<'_>) -> Result<Vec<u8>, NnError> {
    Ok(rewritten(&bytes, Message::Model, fetch, 0)?.unwrap_or(bytes))
}

/// The message with all values in it; nothing where they are already.
fn rewritten(
    bytes: &[u8],
    message: Message,
    fetch: &mut Fetch<'_>,
    depth: usize,
) -> Result<Option<Vec<u8>>, NnError> {
    if depth > 4 * DEEPEST {
        return Err(NnError::limit("graphs within graphs, too deep"));
    }
    if matches!(message, Message::Tensor) {
        return filled(bytes, fetch);
    }
    let (mut seen, mut new): (usize, Option<Vec<u8>>) = (0, None);
    raw_fields(bytes, |number, field, raw| {
        let inner = match (message.inner(number), field) {
            (Some(inner), Some(Field::Bytes(of))) => rewritten(of, inner, fetch, depth + 1)?,
            _ => None,
        };
        if let Some(inner) = inner {
            put(new.get_or_insert_with(|| bytes[..seen].to_vec()), number, &inner);
        } else if let Some(new) = &mut new {
            new.extend(raw);
        }
        seen += raw.len();
        Ok(())
    })?;
    Ok(new)
}

/// The tensor with its values.
fn filled(bytes: &[u8], fetch: &mut Fetch<'_>) -> Result<Option<Vec<u8>>, NnError> {
    let (mut outside, mut is_outside) = (Outside::default(), false);
    let mut kept = Vec::new();
    raw_fields(bytes, |number, field, raw| {
        match (number, field) {
            (13, Some(Field::Bytes(entry))) => {
                is_outside = true;
                learn(&mut outside, entry)?;
            }
            // Where the values lie, and those that would stand here.
            (14 | 9, _) => {}
            _ => kept.extend(raw),
        }
        Ok(())
    })?;
    if !is_outside {
        return Ok(None);
    }
    put(&mut kept, 9, &fetch(&outside)?);
    Ok(Some(kept))
}

/// Takes one of the pairs of texts that say where values lie.
fn learn(outside: &mut Outside, entry: &[u8]) -> Result<(), NnError> {
    let (mut key, mut value) = (String::new(), String::new());
    raw_fields(entry, |number, field, _| {
        match (number, field) {
            (1, Some(field)) => key = field.text()?,
            (2, Some(field)) => value = field.text()?,
            _ => {}
        }
        Ok(())
    })?;
    let number = || {
        value
            .parse()
            .map_err(|_not| NnError::broken(format!("`{value}` is no {key} of external data")))
    };
    match &*key {
        "location" => outside.location = value,
        "offset" => outside.offset = number()?,
        "length" => outside.length = Some(number()?),
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
        let mut field = Vec::new();
        put(&mut field, number, bytes);
        field
    }

    #[test]
    fn values_are_brought_into_the_graph_and_all_else_stays() {
        let entry = |key: &str, value: &str| {
            field(13, &[field(1, key.as_bytes()), field(2, value.as_bytes())].concat())
        };
        let places =
            [entry("location", "x.data"), entry("offset", "4096"), entry("length", "8")].concat();
        let (dims, kind, place) = ([0x08, 2], [0x10, 1], [0x70, 1]);
        let name = field(8, b"w");
        let model = |tensor: &[u8]| {
            let graph = [field(2, b"g"), field(5, tensor), field(12, b"y")].concat();
            [vec![0x08, 8], field(7, &graph), field(8, b"")].concat()
        };
        let outside = [&dims[..], &kind, &name, &places, &place].concat();
        let inside = [&dims[..], &kind, &name, &field(9, &[1; 8])].concat();
        let mut asked = Vec::new();
        let found = whole(model(&outside), &mut |outside| {
            asked.push(outside.clone());
            Ok(vec![1; 8])
        });
        assert_eq!(found.unwrap(), model(&inside));
        let expected = Outside { location: "x.data".into(), offset: 4096, length: Some(8) };
        assert_eq!(asked, [expected]);
        let untouched = whole(model(&inside), &mut |_| panic!("nothing lies outside"));
        assert_eq!(untouched.unwrap(), model(&inside));
        let wrong = [&places[..], &entry("offset", "-1")].concat();
        assert!(whole(model(&wrong), &mut |_| Ok(Vec::new())).is_err());
    }
}
