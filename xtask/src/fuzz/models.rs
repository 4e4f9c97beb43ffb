//! Readers of model files under the same watch as decoders.
use anyhow::Result;
use pixloom_nn::arch::{Model, detect};
use pixloom_nn::{Net, NnError, read};

use super::probe::{Outcome, watched};
use crate::sh;

/// A reader of one format.
pub(super) struct Reader {
    pub(super) name: &'static str,
    /// How the names of its files end.
    ending: &'static str,
    read: fn(&[u8]) -> Result<Model, NnError>,
}

/// One for each format.
pub(super) static READERS: [Reader; 3] = [
    Reader { name: "onnx", ending: "onnx", read: read::onnx::read },
    Reader {
        name: "safetens",
        ending: "safetensors",
        read: |bytes| detect(&read::safetensors::read(bytes)?.without_prefixes()),
    },
    Reader {
        name: "pth",
        ending: "pth",
        read: |bytes| detect(&read::pth::read(bytes)?.without_prefixes()),
    },
];

impl Reader {
    /// The small models beside the tests of the readers.
    pub(super) fn seeds(&self) -> Result<Vec<Vec<u8>>> {
        let folder = sh::root().join("crates/pixloom-nn/tests/data");
        let mut paths: Vec<_> = std::fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == self.ending));
        paths.sort();
        Ok(paths.iter().map(std::fs::read).collect::<Result<_, _>>()?)
    }

    /// Reads a file and makes the net in it ready to run.
    pub(super) fn examine(&self, bytes: &[u8]) -> Outcome {
        let (mut problems, size) = (Vec::new(), bytes.len() as u64);
        let model = watched(&mut problems, "reading", size, || (self.read)(bytes));
        let model = model.and_then(Result::ok);
        let decoded = model.is_some();
        if let Some(model) = model {
            watched(&mut problems, "making ready", size, || Net::new(&model.graph).is_ok());
        }
        Outcome { decoded, problems }
    }
}
