//! Model files: the architectures in them, and files that are damaged or lie.

use pixloom_nn::arch::{Tensor, Tensors, detect};
use pixloom_nn::{Cell, Net, NnError, Planes, Scratch, read};

fn tensor(shape: &[usize]) -> Tensor {
    let length = shape.iter().product::<usize>();
    Tensor { shape: shape.to_vec(), values: (0..length).map(|i| (i % 7) as f32 * 0.01).collect() }
}

/// Tensors with these names and shapes.
fn tensors(entries: &[(&str, &[usize])]) -> Tensors {
    entries.iter().map(|(name, shape)| ((*name).to_owned(), tensor(shape))).collect()
}

fn compact() -> Vec<(&'static str, &'static [usize])> {
    vec![
        ("body.0.weight", &[8, 3, 3, 3]),
        ("body.0.bias", &[8]),
        ("body.1.weight", &[8]),
        ("body.2.weight", &[8, 8, 3, 3]),
        ("body.2.bias", &[8]),
        ("body.3.weight", &[8]),
        ("body.4.weight", &[12, 8, 3, 3]),
        ("body.4.bias", &[12]),
    ]
}

/// A `.safetensors` file of the entries.
fn file(entries: &[(&str, &[usize])]) -> Vec<u8> {
    let (mut header, mut data) = (Vec::new(), Vec::new());
    for (name, shape) in entries {
        let start = data.len();
        data.extend(tensor(shape).values.iter().flat_map(|value| value.to_le_bytes()));
        let end = data.len();
        header.push(format!(
            r#""{name}":{{"dtype":"F32","shape":{shape:?},"data_offsets":[{start},{end}]}}"#
        ));
    }
    let header = format!("{{{}}}", header.join(","));
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.extend_from_slice(&data);
    bytes
}

/// Four files of one small net with random weights, written by PyTorch 2.15 and onnx 1.23.
const FILES: [(&[u8], f32); 4] = [
    (include_bytes!("data/compact.safetensors"), 0.0),
    (include_bytes!("data/compact.pth"), 0.0),
    (include_bytes!("data/compact.onnx"), 0.0),
    (include_bytes!("data/compact-half.pth"), 2e-3),
];

#[test]
fn all_formats_hold_the_same_net() {
    let pixels: Vec<f32> = (0..12 * 9 * 3).map(|i| (i * 37 % 101) as f32 / 101.0).collect();
    let read_row = |x: usize, y: usize, to: &mut [f32]| {
        to.copy_from_slice(&pixels[(y * 12 + x) * 3..][..to.len()]);
    };
    let planes = Planes { width: 12, height: 9, read: &read_row };
    let whole = Cell { x: 0, y: 0, width: 12, height: 9 };
    let results = FILES.map(|(bytes, _)| {
        let net = Net::new(&read::model(bytes).unwrap().graph).unwrap();
        net.run(&planes, whole, &mut Scratch::default()).to_vec()
    });
    for (result, (_, tolerance)) in results.iter().zip(FILES) {
        assert_eq!(result.len(), results[0].len());
        let near = |(a, b): (&f32, &f32)| (a - b).abs() <= tolerance;
        assert!(result.iter().zip(&results[0]).all(near));
    }
}

#[test]
fn compact_is_found_with_any_prefix() {
    let model = read::model(&file(&compact())).unwrap();
    assert_eq!((model.architecture.as_str(), model.graph.scale()), ("SRVGGNetCompact", 2));
    let prefixed: Tensors = tensors(&compact())
        .iter()
        .map(|(name, tensor)| (format!("params_ema.module.{name}"), tensor.clone()))
        .collect();
    assert_eq!(detect(&prefixed.without_prefixes()).unwrap().graph.scale(), 2);
}

#[test]
fn esrgan_is_found_by_its_blocks() {
    let mut entries: Vec<(String, Vec<usize>)> = Vec::new();
    let mut conv = |name: String, outputs: usize, inputs: usize| {
        entries.push((format!("{name}.weight"), vec![outputs, inputs, 3, 3]));
        entries.push((format!("{name}.bias"), vec![outputs]));
    };
    conv("conv_first".into(), 8, 3);
    for part in 1..=3 {
        for number in 1..=5 {
            let outputs = if number == 5 { 8 } else { 4 };
            conv(format!("body.0.rdb{part}.conv{number}"), outputs, 8 + 4 * (number - 1));
        }
    }
    for name in ["conv_body", "conv_up1", "conv_up2", "conv_hr"] {
        conv(name.into(), 8, 8);
    }
    conv("conv_last".into(), 3, 8);
    let all: Tensors = entries.iter().map(|(name, shape)| (name.clone(), tensor(shape))).collect();
    let model = detect(&all).unwrap();
    assert_eq!((model.architecture.as_str(), model.graph.scale()), ("ESRGAN", 4));
    let facts = model.graph.facts();
    assert_eq!((facts.input_channels, facts.output_channels), (3, 3));
}

#[test]
fn unknown_and_incomplete_models_are_named() {
    let error = detect(&tensors(&[("layers.0.attn.qkv.weight", &[4, 4])])).unwrap_err();
    assert!(matches!(&error, NnError::Unsupported(text) if text.contains("layers.0.attn")));
    let mut entries = compact();
    entries[3].1 = &[8, 9, 3, 3];
    let error = detect(&tensors(&entries)).unwrap_err();
    assert!(error.to_string().contains("body.2"), "{error}");
    entries.remove(3);
    assert!(detect(&tensors(&entries)).is_err());
}

#[test]
fn blends_only_what_is_alike() {
    let (a, mut other) = (tensors(&compact()), compact());
    assert_eq!(a.blend(&a, 0.3).unwrap(), a);
    other.pop();
    assert!(a.blend(&tensors(&other), 0.3).is_err());
}

/// Every shorter file, and many with one byte changed, end in an error or a net, never in a
/// panic.
#[test]
fn damaged_files_are_errors() {
    for whole in [file(&compact()), onnx(), zipped(b"\x80\x02}.")] {
        for length in 0..whole.len().min(600) {
            let _outcome = read::model(&whole[..length]);
        }
        for at in 0..whole.len().min(900) {
            for value in [0, 0x7f, 0xff] {
                let mut changed = whole.clone();
                changed[at] = value;
                let _outcome = read::model(&changed);
            }
        }
    }
}

/// A field of Protocol Buffers that holds bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() < 1 << 14);
    let low = (bytes.len() & 127) as u8 | 128;
    [&[number << 3 | 2, low, (bytes.len() >> 7) as u8], bytes].concat()
}

/// An ONNX file: input, 3×3 convolution to 12 channels, depth to space, `kind` on its result.
fn onnx_with(kind: &str) -> Vec<u8> {
    let constant = |name: &str, shape: &[u8]| {
        let values = tensor(&shape.iter().map(|n| usize::from(*n)).collect::<Vec<_>>()).values;
        let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        let sides: Vec<u8> = shape.iter().flat_map(|side| [8, *side]).collect();
        [sides, vec![16, 1], field(8, name.as_bytes()), field(9, &raw)].concat()
    };
    let ints = |name: &str, values: &[u8]| {
        let list: Vec<u8> = values.iter().flat_map(|value| [64, *value]).collect();
        field(5, &[field(1, name.as_bytes()), list].concat())
    };
    let node = |inputs: &[&str], output: &str, kind: &str, settings: Vec<u8>| {
        let inputs: Vec<u8> = inputs.iter().flat_map(|input| field(1, input.as_bytes())).collect();
        field(
            1,
            &[inputs, field(2, output.as_bytes()), field(4, kind.as_bytes()), settings].concat(),
        )
    };
    let blocks = [field(1, b"blocksize"), vec![24, 2]].concat();
    let mode = [field(1, b"mode"), field(4, b"CRD")].concat();
    let graph = [
        node(&["x", "w", "b"], "a", "Conv", ints("pads", &[1, 1, 1, 1])),
        node(&["a"], "c", "DepthToSpace", [field(5, &blocks), field(5, &mode)].concat()),
        node(&["c"], "y", kind, Vec::new()),
        field(5, &constant("w", &[12, 3, 3, 3])),
        field(5, &constant("b", &[12])),
        field(11, &field(1, b"x")),
        field(12, &field(1, b"y")),
    ];
    [vec![8, 8], field(7, &graph.concat())].concat()
}

fn onnx() -> Vec<u8> {
    onnx_with("Sigmoid")
}

#[test]
fn onnx_graphs_are_read_and_unknown_operations_named() {
    let model = read::model(&onnx()).unwrap();
    let facts = model.graph.facts();
    assert_eq!((facts.scale, facts.input_channels, facts.parameters), (2, 3, 336));
    let error = read::model(&onnx_with("Einsum")).unwrap_err();
    assert!(error.to_string().contains("Einsum"), "{error}");
}

/// A zip file with one stored file, as PyTorch writes it.
fn zipped(data: &[u8]) -> Vec<u8> {
    let name = b"archive/data.pkl";
    let length = (data.len() as u32).to_le_bytes();
    let name_length = (name.len() as u16).to_le_bytes();
    let mut bytes =
        [b"PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0".as_slice(), &length, &length].concat();
    bytes.extend([name_length.as_slice(), &[0, 0], name, data].concat());
    let start = (bytes.len() as u32).to_le_bytes();
    bytes.extend(b"PK\x01\x02\x0a\0\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0");
    bytes.extend([length.as_slice(), &length, &name_length, &[0; 12], &[0; 4], name].concat());
    bytes.extend(
        [b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(), &[62, 0, 0, 0], &start, &[0, 0]].concat(),
    );
    bytes
}

#[test]
fn a_pickle_that_calls_something_holds_no_tensors() {
    let harmless = zipped(b"\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R.");
    let error = read::model(&harmless).unwrap_err();
    assert!(matches!(error, NnError::Unsupported(_)), "{error}");
}
