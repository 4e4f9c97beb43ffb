//! The `models` job: what can be used for upscaling, and what is in a model file.
use std::path::{Path, PathBuf};

use pixloom_engine::Counts;
use pixloom_nn::arch::Model;
use pixloom_nn::{Net, read};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::job::{Example, Group, Job, JobCx, JobError, Report, Settings};
use crate::models::{BUILT_IN, Content, load};
use crate::onnx::Windows;
use crate::params::{ParamError, Params};

/// List the built-in models, or look into model files.
///
/// A model file is read as `upscale` reads it: architecture, scale, parameters, multiplications
/// per pixel and reach are shown, or what is wrong with it. Nothing in it is executed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Models {
    /// Model file to look into.
    #[schemars(extend("x-positional" = 1))]
    file: Option<PathBuf>,
}

impl Params for Models {}

impl Job for Models {
    const NAME: &'static str = "models";
    const EXAMPLES: &'static [Example] = &[
        Example { does: "List the built-in models", line: "pixloom models" },
        Example {
            does: "What a downloaded model is",
            line: "pixloom models RealESRGAN_x4plus.pth",
        },
    ];
    const GROUPS: &'static [Group] = &[];

    fn run(settings: &Settings, _: &JobCx) -> Result<Report, JobError> {
        let own: Self = settings.get()?;
        let described = match &own.file {
            Some(file) => vec![inspect(file).map_err(|problem| ParamError::new("file", problem))?],
            None => built_in()?,
        };
        let (lines, items) = described.into_iter().unzip();
        Ok(report(lines, items))
    }
}

fn report(lines: Vec<String>, items: Vec<Value>) -> Report {
    Report {
        run: String::new(),
        ok: true,
        counts: Counts::default(),
        summary: json!({"models": items.len()}),
        lines,
        items,
        failures: Vec::new(),
        resources: Value::Null,
        record_dir: None,
        cancelled: false,
    }
}

fn built_in() -> Result<Vec<(String, Value)>, JobError> {
    let describe_one = |name: &str, bytes: &[u8]| {
        read::model(bytes)
            .map_err(|error| error.to_string())
            .and_then(|model| describe(name, &model))
    };
    let all = BUILT_IN.iter().map(|model| describe_one(model.name, model.bytes));
    all.collect::<Result<_, _>>().map_err(|problem| JobError::refused(problem, Vec::new()))
}

fn inspect(file: &Path) -> Result<(String, Value), String> {
    let loaded = load(file)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    match &loaded.model {
        Content::Known(model) => describe(&name, model),
        Content::Graph(graph, reason) => Ok(describe_graph(&name, graph, reason)),
    }
}

/// The same of a graph that runs on the runtime.
fn describe_graph(name: &str, graph: &Windows, reason: &str) -> (String, Value) {
    let (session, scale) = (graph.graph(), graph.scale());
    let global =
        if session.is_global() { "  sees the whole picture: depends on its cells" } else { "" };
    let line = format!(
        "{name}  ×{scale}  ONNX graph  {} parameters  on {}, since pixloom's kernels do not know: \
         {reason}{global}",
        session.parameters().unwrap_or_default(),
        session.engine(),
    );
    let item = json!({
        "name": name,
        "architecture": "ONNX graph",
        "engine": session.engine(),
        "scale": scale,
        "channels": graph.channels(),
        "parameters": session.parameters(),
        "cell_px": graph.cell(),
        "global": session.is_global(),
        "reason": reason,
    });
    (line, item)
}

/// One line for people and one entry for programs.
fn describe(name: &str, model: &Model) -> Result<(String, Value), String> {
    let net = Net::new(&model.graph).map_err(|error| error.to_string())?;
    let facts = net.facts();
    let whole = net.halo() >= facts.reach_px;
    let line = format!(
        "{name}  ×{}  {}  {} parameters  {:.1} kMAC a pixel  reach {} px{}  {:.0} MB a worker",
        facts.scale,
        model.architecture,
        facts.parameters,
        facts.macs_per_pixel as f64 / 1e3,
        facts.reach_px,
        if whole { "" } else { " (cut)" },
        net.scratch_bytes() as f64 / 1e6,
    );
    let item = json!({
        "name": name,
        "architecture": model.architecture,
        "facts": facts,
        "cell_px": net.cell(),
        "halo_px": net.halo(),
        "worker_bytes": net.scratch_bytes(),
        "instruction_set": net.isa().name(),
    });
    Ok((line, item))
}
