//! Numbers that may be infinite, in JSON and in tables: PSNR of equal pictures.
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::Serializer;

/// JSON has no infinity: it becomes the text `inf`.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub(super) fn serialize<S: Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() { to.serialize_f64(*value) } else { to.serialize_str("inf") }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    #[derive(serde::Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(f64),
        Text(String),
    }
    match Either::deserialize(from)? {
        Either::Number(value) => Ok(value),
        Either::Text(text) if text == "inf" => Ok(f64::INFINITY),
        Either::Text(text) => Err(D::Error::custom(format!("`{text}` is not a number"))),
    }
}
