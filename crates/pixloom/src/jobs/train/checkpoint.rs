//! The state of an unfinished training.
use std::path::Path;

use pixloom_engine::{RunError, files};
use pixloom_nn::arch::{Tensor, Tensors};
use pixloom_nn::train::Adam;
use pixloom_nn::{read, write};

use crate::job::JobError;

/// Everything that the next step depends on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Checkpoint {
    /// Of the settings.
    pub(super) identity: String,
    pub(super) values: Vec<f32>,
    pub(super) adam: Adam,
}

impl Checkpoint {
    /// Reads a checkpoint of a net with so many parameters.
    ///
    /// # Errors
    /// `Refused` if it cannot be read or is of another net.
    pub(super) fn read(path: &Path, parameters: usize) -> Result<Self, JobError> {
        let wrong = |problem: String| {
            let message = format!("the checkpoint {} cannot be used: {problem}", path.display());
            JobError::refused(message, vec!["leave out --resume to begin anew".to_owned()])
        };
        let bytes = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        let tensors = read::tensors(&bytes).map_err(|error| wrong(error.to_string()))?;
        let list = |name: &str| match tensors.iter().find(|(found, _)| *found == name) {
            Some((_, tensor)) if tensor.values.len() == parameters => Ok(tensor.values.clone()),
            _ => Err(wrong(format!("`{name}` is missing or of another net"))),
        };
        let notes = write::notes(&bytes);
        let note = |name: &str| notes.get(name).cloned().unwrap_or_default();
        let step = note("step").parse().map_err(|_error| wrong("it has no step".to_owned()))?;
        let (first, second, mean) = (list("first")?, list("second")?, list("mean")?);
        let adam = Adam { first, second, mean, step };
        Ok(Self { identity: note("identity"), values: list("values")?, adam })
    }

    /// Writes it, replacing the one before.
    ///
    /// # Errors
    /// `Run` if it cannot be written.
    pub(super) fn write(&self, path: &Path) -> Result<(), JobError> {
        let Adam { first, second, mean, step } = &self.adam;
        let named =
            [("values", &self.values), ("first", first), ("second", second), ("mean", mean)];
        let tensor =
            |values: &Vec<f32>| Tensor { shape: vec![values.len()], values: values.clone() };
        let tensors: Tensors =
            named.into_iter().map(|(name, values)| (name.to_owned(), tensor(values))).collect();
        let notes = [("identity", self.identity.clone()), ("step", step.to_string())];
        let written = files::write_atomic(path, &write::safetensors(&tensors, &notes));
        Ok(written.map_err(|error| RunError::Output(error.into()))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.checkpoint");
        let values = vec![0.1, -2.5e-7, 3.0];
        let mut adam = Adam::new(&values);
        adam.step = 12;
        let checkpoint = Checkpoint { identity: "x".to_owned(), values, adam };
        checkpoint.write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path, 3).unwrap(), checkpoint);
        assert!(Checkpoint::read(&path, 4).is_err());
    }
}
