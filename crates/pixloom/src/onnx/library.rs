//! The ONNX Runtime that the user has, loaded at run time and never downloaded.
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::ep::{ArenaExtendStrategy, CUDA, ExecutionProviderDispatch};
use ort::logging::LogLevel;
use ort::session::{Session, SessionInputValue, SessionInputs};
use ort::value::{self, ValueType};
use pixloom_nn::read::onnx as reader;

use super::{Device, OnnxError, Place, Port, Runner, Tensor, is_global};

/// The library of this process: a second one cannot be loaded.
static LOADED: Mutex<Option<(PathBuf, Environment)>> = Mutex::new(None);

/// A graph on the user's ONNX Runtime. On the CPU each call that is under way has a session with
/// one thread; on a GPU all calls share one, in turns.
pub struct External {
    graph: Vec<u8>,
    place: Place,
    environment: Environment,
    ports: Vec<Port>,
    global: bool,
    idle: Mutex<Vec<Session>>,
}

impl std::fmt::Debug for External {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("External").field("ports", &self.ports).finish_non_exhaustive()
    }
}

impl External {
    /// Reads the content of an `.onnx` file.
    ///
    /// # Errors
    /// If the library cannot be loaded, has no support for the device, or does not take the graph.
    pub fn read(graph: Vec<u8>, place: &Place) -> Result<Self, OnnxError> {
        let operations = reader::operations(&graph).map_err(|e| OnnxError(e.to_string()))?;
        let environment = guarded(|| environment(place))??;
        let (place, global) = (place.clone(), is_global(&operations));
        let (ports, idle) = (Vec::new(), Mutex::default());
        let mut external = Self { graph, place, environment, ports, global, idle };
        let first = external.session()?;
        external.ports = first.inputs().iter().map(port).collect();
        external.idle = Mutex::new(vec![first]);
        Ok(external)
    }

    /// A further session.
    fn session(&self) -> Result<Session, OnnxError> {
        guarded(|| {
            let fail = |error: &dyn Display| wrong("the graph cannot be used", error);
            let mut builder = Session::builder(&self.environment)
                .map_err(|error| fail(&error))?
                .with_intra_threads(1)
                .map_err(|error| fail(&error))?
                .with_inter_threads(1)
                .map_err(|error| fail(&error))?;
            if self.place.device == Device::Cuda {
                let provider = cuda(&self.place)?;
                builder = builder
                    .with_execution_providers([provider])
                    .map_err(|error| no_cuda(&error, &self.place))?;
            }
            builder.commit_from_memory(&self.graph).map_err(|error| fail(&error))
        })?
    }
}

impl Runner for External {
    fn engine(&self) -> String {
        let version = version().map_or_else(String::new, |version| format!(" {version}"));
        match self.place.device {
            Device::Cpu => format!("ONNX Runtime{version} (cpu)"),
            Device::Cuda => format!("ONNX Runtime{version} (cuda)"),
        }
    }

    fn ports(&self) -> Vec<Port> {
        self.ports.clone()
    }

    fn parameters(&self) -> Option<usize> {
        None
    }

    fn is_global(&self) -> bool {
        self.global
    }

    fn run(&self, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, OnnxError> {
        if inputs.len() != self.ports.len() {
            let (given, wanted) = (inputs.len(), self.ports.len());
            return Err(OnnxError(format!("{given} inputs given to a graph with {wanted}")));
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if self.place.device == Device::Cuda {
            let session = idle.first_mut().ok_or_else(|| OnnxError("no session".to_owned()))?;
            return guarded(|| compute(session, inputs))?;
        }
        let taken = idle.pop();
        drop(idle);
        let mut session = taken.map_or_else(|| self.session(), Ok)?;
        let result = guarded(|| compute(&mut session, inputs))?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(session);
        result
    }
}

fn compute(session: &mut Session, inputs: Vec<Tensor>) -> Result<Vec<Tensor>, OnnxError> {
    let failed = |error: ort::Error| wrong("the graph cannot be run", &error);
    let mut values = Vec::with_capacity(inputs.len());
    for tensor in inputs {
        let shape: Vec<i64> = tensor.shape.iter().map(|&side| side as i64).collect();
        let value = value::Tensor::from_array((shape, tensor.values)).map_err(failed)?;
        values.push(SessionInputValue::from(value));
    }
    let outputs = session.run(SessionInputs::<0>::ValueSlice(&values)).map_err(failed)?;
    let floats = outputs.values().filter_map(|value| {
        let (shape, values) = value.try_extract_tensor::<f32>().ok()?;
        let shape = shape.iter().map(|&side| side.max(0) as usize).collect();
        Some(Tensor { shape, values: values.to_vec() })
    });
    Ok(floats.collect())
}

fn port(outlet: &value::Outlet) -> Port {
    let shape = match outlet.dtype() {
        ValueType::Tensor { shape, .. } => shape.iter().map(|&s| usize::try_from(s).ok()).collect(),
        _ => Vec::new(),
    };
    Port { name: outlet.name().to_owned(), shape }
}

/// Loads the library, once in a process.
fn environment(place: &Place) -> Result<Environment, OnnxError> {
    let file = place.file()?;
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((first, environment)) = &*loaded {
        if *first == file {
            return Ok(environment.clone());
        }
        let first = first.display();
        return Err(OnnxError(format!("another ONNX Runtime is loaded already: {first}")));
    }
    let failed = |error: &dyn Display| {
        OnnxError(format!("ONNX Runtime cannot be loaded: {error}; {}", place.advice()))
    };
    let builder = ort::init_from(&file).map_err(|error| failed(&error))?;
    let environment = builder.with_telemetry(false).build().map_err(|error| failed(&error))?;
    environment.set_log_level(LogLevel::Error);
    *loaded = Some((file, environment.clone()));
    Ok(environment)
}

/// The version that the library's build information or its file name tells.
fn version() -> Option<String> {
    let loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    let (file, _) = loaded.as_ref()?;
    let name = file.file_name()?.to_string_lossy().into_owned();
    let digits = name.split(".so.").nth(1)?;
    Some(digits.to_owned())
}

fn cuda(place: &Place) -> Result<ExecutionProviderDispatch, OnnxError> {
    let mut provider = CUDA::default()
        .with_arena_extend_strategy(ArenaExtendStrategy::SameAsRequested)
        .with_tf32(false);
    if let Some(fraction) = place.memory_fraction {
        let all = gpu_bytes()?;
        provider = provider.with_memory_limit((all as f64 * f64::from(fraction)) as usize);
    }
    Ok(provider.build().error_on_failure())
}

/// Memory of the first GPU, asked of the tool that comes with NVIDIA's driver.
fn gpu_bytes() -> Result<u64, OnnxError> {
    let arguments = ["--query-gpu=memory.total", "--format=csv,noheader,nounits", "--id=0"];
    let failed = |error: &dyn Display| {
        OnnxError(format!(
            "the size of the GPU's memory is not known, since nvidia-smi cannot be asked \
             ({error}): is NVIDIA's driver installed? Without --gpu-memory-fraction it is not asked"
        ))
    };
    let output = Command::new("nvidia-smi").args(arguments).output().map_err(|e| failed(&e))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let megabytes: u64 = text.trim().parse().map_err(|error| failed(&error))?;
    Ok(megabytes << 20)
}

fn no_cuda(error: &dyn Display, place: &Place) -> OnnxError {
    OnnxError(format!("this ONNX Runtime cannot use CUDA: {error}; {}", place.advice()))
}

/// A failure of the library in one line.
fn wrong(what: &str, error: &dyn Display) -> OnnxError {
    let text = error.to_string();
    OnnxError(format!("{what}: {}", text.split_whitespace().collect::<Vec<_>>().join(" ")))
}

/// Turns a panic inside of the binding into an error.
fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, OnnxError> {
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|_panic| OnnxError("ONNX Runtime does not work with this pixloom".to_owned()))
}
