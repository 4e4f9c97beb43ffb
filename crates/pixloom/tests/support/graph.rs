//! Small ONNX graphs that tests write themselves.

/// A number of Protocol Buffers.
pub(crate) fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 127 {
        bytes.push(value as u8 | 128);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A field that holds bytes.
pub(crate) fn field(tag: u64, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    [number(tag << 3 | 2), number(bytes.as_ref().len() as u64), bytes.as_ref().to_vec()].concat()
}

/// A field that holds a number.
pub(crate) fn value(tag: u64, value: u64) -> Vec<u8> {
    [number(tag << 3), number(value)].concat()
}

pub(crate) fn node(kind: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let inputs: Vec<u8> = inputs.iter().flat_map(|name| field(1, name)).collect();
    let attributes: Vec<u8> = attributes.iter().flat_map(|a| field(5, a)).collect();
    let name = field(3, output);
    field(1, [inputs, field(2, output), name, field(4, kind), attributes].concat())
}

/// A float tensor of the sides, 0 where they may vary, as an input (11) or output (12).
pub(crate) fn port(tag: u64, name: &str, sides: &[u64]) -> Vec<u8> {
    let side = |side: &u64| field(1, if *side == 0 { field(2, "n") } else { value(1, *side) });
    let shape: Vec<u8> = sides.iter().flat_map(side).collect();
    let tensor = field(1, [value(1, 1), field(2, shape)].concat());
    field(tag, [field(1, name), field(2, tensor)].concat())
}

pub(crate) fn constant(name: &str, values: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let sides = value(1, values.len() as u64);
    field(5, [sides, value(2, 1), field(8, name), field(9, raw)].concat())
}

/// A constant whose values lie in another file, from `offset` on.
pub(crate) fn outside(name: &str, count: u64, place: (&str, u64, u64)) -> Vec<u8> {
    let (location, offset, length) = place;
    let entry = |key: &str, value: &str| field(13, [field(1, key), field(2, value)].concat());
    let places = [
        entry("location", location),
        entry("offset", &offset.to_string()),
        entry("length", &length.to_string()),
    ];
    let sides = value(1, count);
    field(5, [sides, value(2, 1), field(8, name), places.concat(), value(14, 1)].concat())
}

pub(crate) fn model(graph: &[Vec<u8>]) -> Vec<u8> {
    let graph = [graph.concat(), field(2, "g")].concat();
    [value(1, 8), field(8, value(2, 17)), field(7, graph)].concat()
}

/// The mean difference of two pictures: what LPIPS looks like from outside.
pub(crate) fn distance() -> Vec<u8> {
    let sides = [1, 3, 0, 0];
    model(&[
        node("Sub", &["a", "b"], "d", &[]),
        node("Abs", &["d"], "e", &[]),
        node("GlobalAveragePool", &["e"], "y", &[]),
        port(11, "a", &sides),
        port(11, "b", &sides),
        port(12, "y", &[1, 3, 1, 1]),
    ])
}
