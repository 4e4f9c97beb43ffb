//! The JSON Schema of a configuration, from the same tables that read it.
use schemars::schema_for;
use serde_json::{Map, Value, json};

use super::config::Spec;
use super::distribution::Distribution;
use super::knob::KNOBS;
use crate::settings::inline;

/// The schema of what `--batch-config` takes (JSON Schema 2020-12).
pub fn config_schema() -> Value {
    let of = |schema: &Value| inline(schema, schema);
    let mut kind = of(schema_for!(Spec).as_value());
    let distribution = of(schema_for!(Distribution).as_value());
    if let Some(properties) = kind["properties"].as_object_mut() {
        ranges(properties, &distribution);
    }
    kind["additionalProperties"] = json!(false);
    kind["required"] = json!(["proportion"]);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "pixloom ocr configuration",
        "type": "object",
        "additionalProperties": false,
        "required": ["total_images", "specifications"],
        "properties": {
            "$schema": {"type": "string"},
            "total_images": {"type": "integer", "minimum": 1, "description": "Number of images"},
            "seed": {"type": "integer", "minimum": 0, "description": "Seed of everything drawn"},
            "specifications": {"type": "array", "minItems": 1, "items": kind},
        },
    })
}

/// The four keys of every number.
fn ranges(properties: &mut Map<String, Value>, distribution: &Value) {
    for knob in KNOBS {
        for (suffix, which) in [("_min", "least"), ("_max", "largest")] {
            let value = json!({
                "type": "number", "minimum": knob.least, "maximum": knob.most,
                "default": knob.off, "description": format!("{} ({which})", knob.help),
            });
            properties.insert(format!("{}{suffix}", knob.name), value);
        }
        let mut distribution = distribution.clone();
        distribution["default"] = json!(knob.distribution);
        properties.insert(format!("{}_distribution", knob.name), distribution);
        let probability = json!({"type": "number", "minimum": 0.0, "maximum": 1.0, "default": 1.0});
        properties.insert(format!("{}_probability", knob.name), probability);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_of_a_kind_has_a_schema() {
        let schema = config_schema();
        let kind = &schema["properties"]["specifications"]["items"];
        let properties = kind["properties"].as_object().unwrap();
        for key in ["text_direction", "curve_points", "font_size_min", "jpeg_quality_probability"] {
            assert!(properties.contains_key(key), "{key}");
        }
        assert_eq!(properties["font_size_max"]["maximum"], json!(1000.0));
        assert!(properties["blur_radius_distribution"].to_string().contains("truncated_normal"));
        // Nothing refers to what is not there.
        assert!(!schema.to_string().contains("$ref"), "{schema}");
    }
}
