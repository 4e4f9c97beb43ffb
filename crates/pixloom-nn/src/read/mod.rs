//! Readers of model files. None of them runs anything that a file says, and none allocates more
//! than a small multiple of the file's size.
pub mod onnx;
mod pickle;
pub mod pth;
pub mod safetensors;
mod zip;

use crate::NnError;
use crate::arch::{Model, Tensors, detect};

/// Most tensors of a file.
const MAX_TENSORS: usize = 100_000;

/// How floats are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    F16,
    Bf16,
    F32,
    F64,
}

impl Kind {
    fn by_name(name: &str) -> Option<Self> {
        match name {
            "F16" => Some(Self::F16),
            "BF16" => Some(Self::Bf16),
            "F32" => Some(Self::F32),
            "F64" => Some(Self::F64),
            _ => None,
        }
    }

    const fn bytes(self) -> usize {
        match self {
            Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

/// Reads a model of any known format.
///
/// # Errors
/// `Broken` for damaged files, `Unsupported` for formats, architectures or operations that are
/// not built in.
pub fn model(bytes: &[u8]) -> Result<Model, NnError> {
    if is_onnx(bytes) {
        return onnx::read(bytes);
    }
    detect(&tensors(bytes)?.without_prefixes())
}

/// Whether a file seems to be ONNX: it starts with its version (field 1, a small number), a
/// safetensors file with the length of its header and `{`.
pub fn is_onnx(bytes: &[u8]) -> bool {
    bytes.first() == Some(&8) && bytes.get(8) != Some(&b'{')
}

/// Reads the tensors of a `.safetensors` or `.pth` file, told apart by their content.
///
/// # Errors
/// As [`model`].
pub fn tensors(bytes: &[u8]) -> Result<Tensors, NnError> {
    if bytes.starts_with(b"PK\x03\x04") {
        return pth::read(bytes);
    }
    if bytes.starts_with(&[0x80, 0x02]) && bytes.len() > 16 && bytes[8] != b'{' {
        return Err(NnError::unsupported(
            "a file of PyTorch before 1.6; save it again with a newer one",
        ));
    }
    if bytes.get(8).is_some_and(|first| *first != b'{') {
        return Err(NnError::unsupported(
            "this is no model: neither safetensors nor a PyTorch or ONNX file",
        ));
    }
    safetensors::read(bytes)
}

/// The number of values of a shape, if it can be real.
fn checked_len(shape: &[usize]) -> Result<usize, NnError> {
    let product = shape.iter().try_fold(1_usize, |product, side| product.checked_mul(*side));
    product
        .filter(|_| shape.len() <= 8)
        .ok_or_else(|| NnError::limit(format!("a tensor of the shape {shape:?}")))
}

/// Little-endian floats; bytes that are left over are ignored.
fn floats(kind: Kind, bytes: &[u8]) -> Vec<f32> {
    let chunks = bytes.chunks_exact(kind.bytes());
    match kind {
        Kind::F16 => chunks.map(|b| half(u16::from_le_bytes([b[0], b[1]]))).collect(),
        Kind::Bf16 => chunks.map(|b| f32::from_le_bytes([0, 0, b[0], b[1]])).collect(),
        Kind::F32 => chunks.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        Kind::F64 => chunks
            .map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f32)
            .collect(),
    }
}

/// IEEE 754 half precision.
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023) / 1024.0);
    let value = match exponent {
        0 => fraction * 2.0_f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction) * 2.0_f32.powi(exponent - 15),
    };
    sign * value
}
