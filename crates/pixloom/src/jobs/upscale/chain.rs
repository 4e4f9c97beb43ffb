//! Which nets and kernels run one after the other.
use std::path::Path;

use pixloom_engine::Fingerprint;
use pixloom_image::Size;
use pixloom_image::resize::Filter;
use pixloom_nn::{Net, arch, read};
use serde_json::{Value, json};

use super::engine::Engine;
use crate::models::{self, Content, Loaded, Named};
use crate::onnx::Place;
use crate::params::ParamError;

/// Most enlargements in a row.
const MAX_STEPS: usize = 8;

/// One enlargement.
#[derive(Debug)]
pub(super) enum Link {
    /// By a net.
    Net {
        /// What it was asked for by.
        name: String,
        /// Its architecture.
        architecture: String,
        /// Of its file.
        hash: Fingerprint,
        /// The net.
        net: Box<Engine>,
    },
    /// By a kernel.
    Kernel {
        /// What it was asked for by.
        name: String,
        /// The kernel.
        filter: Filter,
    },
}

/// What else decides how models are opened.
#[derive(Debug)]
pub(super) struct With<'a> {
    /// A second model whose weights are mixed in, and how much.
    pub(super) blend: Option<(&'a Path, f32)>,
    /// Where .onnx models run if not in pixloom itself.
    pub(super) place: Option<Place>,
}

/// Nets and kernels in a row, and the scale that they end at.
#[derive(Debug)]
pub(super) struct Chain {
    /// In the order in which they run.
    pub(super) links: Vec<Link>,
    /// How many times larger the result is.
    pub(super) scale: f64,
}

impl Chain {
    /// Opens the models that `names` lists with commas. A single net that does not reach `scale`
    /// runs again on its own result.
    ///
    /// # Errors
    /// [`ParamError`] if a model is not there or cannot be used.
    pub(super) fn open(
        names: &str,
        scale: Option<f64>,
        with: &With<'_>,
    ) -> Result<Self, ParamError> {
        let names: Vec<&str> = names.split(',').map(str::trim).collect();
        let single = names.len() == 1;
        let mut links = Vec::new();
        let mut reached = 1.0;
        while links.len() < MAX_STEPS {
            let name = if single { Some(&names[0]) } else { names.get(links.len()) };
            let Some(name) = name else { break };
            let link = Link::open(name, scale.map_or(1e9, |scale| scale / reached), with)?;
            reached *= link.scale().unwrap_or(f64::INFINITY);
            links.push(link);
            if single && scale.is_none_or(|scale| reached >= scale - 1e-9) {
                break;
            }
            if single && reached <= 1.0 {
                break;
            }
        }
        let natural = if reached.is_finite() { reached } else { 4.0 };
        Ok(Self { links, scale: scale.unwrap_or(natural) })
    }

    /// The size of the result.
    pub(super) fn target(&self, input: Size) -> Size {
        let side = |side: u32| {
            (f64::from(side) * self.scale).round().clamp(1.0, f64::from(u32::MAX)) as u32
        };
        Size::new(side(input.width), side(input.height))
    }

    /// Everything that decides the result.
    pub(super) fn identity(&self) -> Value {
        let link = |link: &Link| match link {
            Link::Net { hash, .. } => json!(hash.to_string()),
            Link::Kernel { name, .. } => json!(name),
        };
        json!({"links": self.links.iter().map(link).collect::<Vec<_>>(), "scale": self.scale})
    }

    /// One line for each net: which it is and what it runs on.
    pub(super) fn describe(&self) -> Vec<String> {
        let line = |link: &Link| match link {
            Link::Net { name, architecture, net, .. } => Some(net.describe(name, architecture)),
            Link::Kernel { .. } => None,
        };
        self.links.iter().filter_map(line).collect()
    }
}

impl Link {
    fn open(name: &str, scale: f64, with: &With<'_>) -> Result<Self, ParamError> {
        let wrong = |problem: String| ParamError::new("model", problem);
        if let Some((other, weight)) = with.blend {
            return Self::blended(name, other, weight)
                .map_err(|error| ParamError::new("blend", error));
        }
        let found = models::find(name, scale, with.place.as_ref()).map_err(wrong)?;
        let (model, hash) = match found {
            Named::Kernel(filter) => return Ok(Self::Kernel { name: name.to_owned(), filter }),
            Named::File(Loaded { model: Content::Known(model), hash }) => (model, hash),
            Named::File(Loaded { model: Content::Graph(graph, _), hash }) => {
                let (name, architecture) = (name.to_owned(), "ONNX graph".to_owned());
                let net = Box::new(Engine::Runtime(graph));
                return Ok(Self::Net { name, architecture, hash, net });
            }
            Named::BuiltIn(built_in) => {
                let model = read::model(built_in.bytes).map_err(|e| wrong(e.to_string()))?;
                (model, models::hash(built_in.bytes))
            }
        };
        Self::net(name, &model, hash).map_err(wrong)
    }

    fn blended(name: &str, other: &Path, weight: f32) -> Result<Self, String> {
        let (first, hash) = models::load_tensors(Path::new(name))?;
        let (second, other_hash) = models::load_tensors(other)?;
        let tensors = first.blend(&second, weight).map_err(|error| error.to_string())?;
        let model = arch::detect(&tensors).map_err(|error| error.to_string())?;
        let hash = Fingerprint::builder("blend")
            .field("first", hash)
            .field("second", other_hash)
            .field("weight", weight.to_le_bytes())
            .finish();
        Self::net(name, &model, hash)
    }

    fn net(name: &str, model: &arch::Model, hash: Fingerprint) -> Result<Self, String> {
        let net = Net::new(&model.graph).map_err(|error| error.to_string())?;
        let facts = net.facts();
        let colours = (facts.input_channels, facts.output_channels);
        if colours != (1, 1) && colours != (3, 3) {
            return Err(format!(
                "a net from {} to {} channels; pictures have 1 or 3",
                colours.0, colours.1
            ));
        }
        let architecture = model.architecture.clone();
        Ok(Self::Net {
            name: name.to_owned(),
            architecture,
            hash,
            net: Box::new(Engine::Own(Box::new(net))),
        })
    }

    /// The scale of a net; a kernel has any.
    pub(super) fn scale(&self) -> Option<f64> {
        match self {
            Self::Net { net, .. } => Some(net.scale() as f64),
            Self::Kernel { .. } => None,
        }
    }
}
