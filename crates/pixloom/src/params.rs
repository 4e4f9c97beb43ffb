//! What the user may set on an operation or a job.
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::schema::{self, Field};

/// The settings of one operation or of one group of a job's settings.
///
/// The doc comment of the struct and of each field is the help text of the command line, the
/// reference page and the configuration schema. Every setting has a default; one that must be
/// given says so with `#[schemars(extend("x-required" = true))]`.
pub trait Params:
    Serialize + DeserializeOwned + JsonSchema + Default + Send + Sync + 'static
{
    /// Checks what types and ranges cannot: settings that depend on each other.
    fn validate(&self) -> Result<(), ParamError> {
        Ok(())
    }
}

/// A setting has a wrong value, or there is no such setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ParamError {
    /// The setting, as the user writes it in a configuration file.
    pub name: String,
    /// What is wrong with it: a lower-case sentence.
    pub problem: String,
    /// The setting that was probably meant.
    pub meant: Option<String>,
    /// What it is a setting of, such as an operation.
    pub of: Option<String>,
}

impl ParamError {
    /// Creates an error about the setting `name`.
    pub fn new(name: &str, problem: impl Into<String>) -> Self {
        Self { name: name.to_owned(), problem: problem.into(), meant: None, of: None }
    }

    /// Adds the setting that was probably meant.
    #[must_use]
    pub fn with_meant(mut self, name: &str) -> Self {
        self.meant = Some(name.to_owned());
        self
    }

    /// Adds what it is a setting of.
    #[must_use]
    pub fn of(mut self, owner: &str) -> Self {
        self.of = Some(owner.to_owned());
        self
    }
}

impl std::fmt::Display for ParamError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(owner) = &self.of {
            write!(f, "`{owner}`: ")?;
        }
        write!(f, "`{}`: {}", self.name, self.problem)?;
        match &self.meant {
            Some(meant) => write!(f, "; did you mean `{meant}`?"),
            None => Ok(()),
        }
    }
}

/// The settings that `P` declares.
pub fn fields_of<P: JsonSchema>() -> Vec<Field> {
    schema::fields(&schema_for!(P))
}

/// Builds settings from JSON after checking names, types and bounds.
///
/// # Errors
/// Names the setting that is unknown, missing, of the wrong type or out of bounds.
#[expect(clippy::needless_pass_by_value, reason = "callers build the map for this call")]
pub fn from_json<P: Params>(settings: Map<String, Value>) -> Result<P, ParamError> {
    let fields = fields_of::<P>();
    schema::check_all(&fields, &settings)?;
    for field in fields.iter().filter(|field| field.required) {
        if settings.get(&field.name).is_none_or(Value::is_null) {
            return Err(ParamError::new(&field.name, "must be given"));
        }
    }
    let params: P = match serde_json::from_value(Value::Object(settings.clone())) {
        Ok(params) => params,
        Err(error) => return Err(blame::<P>(&settings, &error)),
    };
    params.validate()?;
    Ok(params)
}

/// Finds the setting that `serde` refuses: it does not say which one it was.
fn blame<P: Params>(settings: &Map<String, Value>, error: &serde_json::Error) -> ParamError {
    for (name, value) in settings {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        if let Err(error) = serde_json::from_value::<P>(Value::Object(alone)) {
            return ParamError::new(name, sentence(&error));
        }
    }
    ParamError::new("settings", sentence(error))
}

/// The message of a `serde` error without its line and column, which mean nothing here.
fn sentence(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or(&text).to_owned()
}

/// Reads a colour such as `#ff8000` as red, green, blue from 0 to 1.
pub fn hex_color(text: &str) -> Option<[f32; 3]> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    if digits.len() != 6 || !digits.is_ascii() {
        return None;
    }
    let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    let [red, green, blue] = [channel(0)?, channel(2)?, channel(4)?];
    Some([red, green, blue].map(|value| f32::from(value) / 255.0))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    /// Settings for the test.
    #[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
    #[serde(default, deny_unknown_fields)]
    struct Sample {
        /// Longer side.
        #[schemars(range(min = 1, max = 100))]
        long_edge: Option<u32>,
        /// How.
        mode: Mode,
        /// Names.
        names: Vec<String>,
        /// Needed.
        #[schemars(extend("x-required" = true, "x-positional" = 1))]
        input: String,
    }

    #[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    enum Mode {
        /// The first.
        #[default]
        First,
        /// The second.
        SecondWay,
    }

    impl Params for Sample {}

    fn build(value: Value) -> Result<Sample, ParamError> {
        let Value::Object(map) = value else { panic!("not an object") };
        from_json(map)
    }

    #[test]
    fn good_settings_are_read() {
        let sample = build(json!({"input": "a", "long_edge": 5, "mode": "second-way"})).unwrap();
        assert_eq!((sample.long_edge, sample.input.as_str()), (Some(5), "a"));
    }

    #[test]
    fn errors_name_the_setting() {
        for (settings, name, part) in [
            (json!({"input": "a", "longedge": 5}), "longedge", "did you mean `long_edge`?"),
            (json!({"input": "a", "long_edge": 0}), "long_edge", "too small"),
            (json!({"input": "a", "long_edge": "x"}), "long_edge", "not a whole number"),
            (json!({"input": "a", "mode": "second"}), "mode", "did you mean `second-way`?"),
            (json!({"long_edge": 3}), "input", "must be given"),
        ] {
            let error = build(settings).unwrap_err();
            assert_eq!(error.name, name);
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[test]
    fn text_becomes_typed_values() {
        let fields = fields_of::<Sample>();
        assert_eq!(fields[0].parse("7").unwrap(), json!(7));
        assert_eq!(fields[2].parse("[a, b]").unwrap(), json!(["a", "b"]));
        assert!(fields[0].parse("101").is_err());
        assert_eq!(fields[3].positional, Some(1));
    }
}
