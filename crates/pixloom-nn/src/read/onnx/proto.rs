//! The messages of ONNX (onnx.proto of the ONNX project) as far as convolutional nets need them.
use std::collections::BTreeMap;

use super::super::{Kind, checked_len, floats};
use super::wire::{Field, fields};
use crate::NnError;
use crate::arch::Tensor;

/// Most nodes.
const MAX_NODES: usize = 20_000;

/// A node of the file's graph.
#[derive(Debug, Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) inputs: Vec<String>,
    pub(super) outputs: Vec<String>,
    pub(super) attributes: BTreeMap<String, Attribute>,
}

/// A setting of a node.
#[derive(Debug, Default, Clone)]
pub(super) struct Attribute {
    pub(super) float: f32,
    pub(super) int: i64,
    pub(super) text: String,
    pub(super) ints: Vec<i64>,
    pub(super) tensor: Option<Constant>,
}

/// A tensor that is part of the file; one of whole numbers has no values.
#[derive(Debug, Clone)]
pub(super) struct Constant {
    pub(super) tensor: Tensor,
}

/// The graph of a file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) nodes: Vec<Node>,
    pub(super) constants: BTreeMap<String, Constant>,
    /// Name and channels of what is fed in.
    pub(super) inputs: Vec<(String, Option<i64>)>,
    pub(super) outputs: Vec<String>,
}

/// Reads a model.
pub(super) fn read(bytes: &[u8]) -> Result<File, NnError> {
    let mut graph = None;
    fields(bytes, |number, field| {
        if number == 7 {
            graph = Some(field.bytes()?);
        }
        Ok(())
    })?;
    let graph = graph.ok_or_else(|| NnError::broken("no ONNX graph in the file"))?;
    let mut file = File::default();
    fields(graph, |number, field| {
        match number {
            1 => {
                if file.nodes.len() >= MAX_NODES {
                    return Err(NnError::limit(format!("more than {MAX_NODES} nodes")));
                }
                file.nodes.push(node(field.bytes()?)?);
            }
            5 => {
                let (name, constant) = constant(field.bytes()?)?;
                file.constants.insert(name, constant);
            }
            11 => file.inputs.push(value(field.bytes()?)?),
            12 => file.outputs.push(value(field.bytes()?)?.0),
            _ => {}
        }
        Ok(())
    })?;
    Ok(file)
}

fn node(bytes: &[u8]) -> Result<Node, NnError> {
    let mut node = Node::default();
    fields(bytes, |number, field| {
        match number {
            1 => node.inputs.push(field.text()?),
            2 => node.outputs.push(field.text()?),
            3 => node.name = field.text()?,
            4 => node.kind = field.text()?,
            5 => {
                let (name, attribute) = attribute(field.bytes()?)?;
                node.attributes.insert(name, attribute);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(node)
}

fn attribute(bytes: &[u8]) -> Result<(String, Attribute), NnError> {
    let (mut name, mut attribute) = (String::new(), Attribute::default());
    fields(bytes, |number, field| {
        match (number, field) {
            (1, field) => name = field.text()?,
            (2, Field::Fixed32(bytes)) => attribute.float = f32::from_le_bytes(bytes),
            (3, field) => attribute.int = field.number().unwrap_or(0),
            (4, field) => attribute.text = field.text()?,
            (5, field) => attribute.tensor = Some(constant(field.bytes()?)?.1),
            (8, field) => field.numbers(&mut attribute.ints)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok((name, attribute))
}

/// Name and content of a tensor.
fn constant(bytes: &[u8]) -> Result<(String, Constant), NnError> {
    let (mut name, mut shape, mut kind) = (String::new(), Vec::new(), 0);
    let (mut raw, mut list): (&[u8], _) = (&[], Vec::new());
    let mut outside = false;
    fields(bytes, |number, field| {
        match number {
            1 => field.numbers(&mut shape)?,
            2 => kind = field.number().unwrap_or(0),
            4 => field.floats(&mut list)?,
            8 => name = field.text()?,
            9 => raw = field.bytes()?,
            13 => outside = true,
            _ => {}
        }
        Ok(())
    })?;
    if outside {
        return Err(NnError::unsupported(format!("{name} lies in another file")));
    }
    let shape: Option<Vec<usize>> = shape.iter().map(|n| usize::try_from(*n).ok()).collect();
    let shape = shape.ok_or_else(|| NnError::broken(format!("{name} has a negative side")))?;
    let float = match kind {
        1 => Some(Kind::F32),
        10 => Some(Kind::F16),
        11 => Some(Kind::F64),
        16 => Some(Kind::Bf16),
        _ => None,
    };
    let values = match float {
        Some(kind) if !raw.is_empty() => floats(kind, raw),
        _ => list,
    };
    let count = checked_len(&shape)?;
    let stored = if float.is_some() { values.len() } else { count };
    if stored != count {
        return Err(NnError::broken(format!("{name} has {stored} values for {shape:?}")));
    }
    Ok((name, Constant { tensor: Tensor { shape, values } }))
}

/// Name and channels (the second dimension) of a graph's input or output.
fn value(bytes: &[u8]) -> Result<(String, Option<i64>), NnError> {
    let (mut name, mut sides) = (String::new(), Vec::new());
    fields(bytes, |number, field| {
        match number {
            1 => name = field.text()?,
            2 => descend(field.bytes()?, &[1, 2], &mut |shape| {
                fields(shape, |number, side| {
                    if number == 1 {
                        let mut known = None;
                        fields(side.bytes()?, |number, field| {
                            if number == 1 {
                                known = field.number();
                            }
                            Ok(())
                        })?;
                        sides.push(known);
                    }
                    Ok(())
                })
            })?,
            _ => {}
        }
        Ok(())
    })?;
    Ok((name, sides.get(1).copied().flatten()))
}

/// Calls `each` with the message that lies at a path of field numbers.
fn descend<'a>(
    bytes: &'a [u8],
    path: &[u64],
    each: &mut dyn FnMut(&'a [u8]) -> Result<(), NnError>,
) -> Result<(), NnError> {
    let Some((first, rest)) = path.split_first() else { return each(bytes) };
    let mut inner = Vec::new();
    fields(bytes, |number, field| {
        if number == *first {
            inner.push(field.bytes()?);
        }
        Ok(())
    })?;
    inner.into_iter().try_for_each(|bytes| descend(bytes, rest, each))
}
