//! ONNX graphs that pixloom's own kernels do not know: the same bytes at any number of workers.
#![cfg(feature = "onnx")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use std::path::Path;

#[cfg(feature = "onnxruntime")]
use pixloom::onnx::{External, Place, Runner};
use pixloom::onnx::{Session, Tensor};
use pixloom_testkit::{result_hash, write_file};
use serde_json::{Value, json};
use support::graph::{constant, distance, field, model, node, port, value};
use support::{picture, run};

/// Twice as large by linear interpolation, which the kernels do not know.
fn linear(sides: &[u64]) -> Vec<u8> {
    let text = |name: &str, text: &str| [field(1, name), field(4, text), value(20, 3)].concat();
    let settings = [text("mode", "linear"), text("coordinate_transformation_mode", "half_pixel")];
    model(&[
        node("Resize", &["x", "", "s"], "y", &settings),
        constant("s", &[1.0, 1.0, 2.0, 2.0]),
        port(11, "x", sides),
        port(12, "y", &[1, 3, 0, 0]),
    ])
}

#[test]
fn graphs_run_and_say_what_does_not_fit() {
    let session = Session::read(distance()).unwrap();
    assert!(session.is_global());
    let names: Vec<&str> = session.inputs().map(|port| port.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let tensor = |shape: [usize; 4], value: f32| Tensor {
        shape: shape.to_vec(),
        values: vec![value; shape.iter().product()],
    };
    let shape = [1, 3, 5, 4];
    let outputs = session.run(vec![tensor(shape, 0.75), tensor(shape, 0.5)]).unwrap();
    assert_eq!((&outputs[0].shape[..], outputs[0].values[2]), (&[1, 3, 1, 1][..], 0.25));
    assert!(session.run(vec![tensor(shape, 0.0)]).is_err());
    assert!(session.run(vec![tensor(shape, 0.0), tensor([1, 3, 2, 2], 0.0)]).is_err());
    let mut wrong = tensor(shape, 0.0);
    wrong.shape[3] = 9;
    assert!(session.run(vec![wrong, tensor(shape, 0.0)]).is_err());
}

#[test]
fn damaged_graphs_are_errors() {
    let whole = linear(&[1, 3, 0, 0]);
    for length in 0..whole.len() {
        assert!(Session::read(whole[..length].to_vec()).is_err() || length > whole.len() / 2);
    }
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        let _outcome = Session::read(changed);
    }
}

fn upscale(input: &Path, output: &Path, model: &Path, workers: u32) -> Value {
    json!({"input": input, "output": output, "model": model, "workers": workers})
}

#[test]
fn any_graph_that_enlarges_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    write_file(input.join("a.png"), picture("png", 430, 260, 1));
    write_file(input.join("b.png"), picture("png", 20, 33, 2));
    let (open, fixed) = (folder.path().join("open.onnx"), folder.path().join("fixed.onnx"));
    write_file(&open, linear(&[1, 3, 0, 0]));
    write_file(&fixed, linear(&[1, 3, 64, 96]));
    let mut hashes = Vec::new();
    for (at, (model, workers)) in [(&open, 1), (&open, 3), (&fixed, 2)].into_iter().enumerate() {
        let output = folder.path().join(format!("out{at}"));
        let report = run("upscale", upscale(&input, &output, model, workers)).0.unwrap();
        assert!(report.ok, "{:?}", report.failures);
        assert!(report.lines.iter().any(|line| line.contains("on rten")), "{:?}", report.lines);
        hashes.push(result_hash(&output));
    }
    // Linear interpolation sees one pixel around each, so windows do not show at all.
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
    let report = run("models", json!({"file": fixed})).0.unwrap();
    assert_eq!(
        (&report.items[0]["engine"], &report.items[0]["scale"]),
        (&json!("rten"), &json!(2))
    );
}

#[test]
fn a_graph_of_two_pictures_judges_pairs() {
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a.png"), folder.path().join("b.png"));
    write_file(&a, picture("png", 60, 50, 1));
    write_file(&b, picture("png", 60, 50, 2));
    let graph = folder.path().join("lpips.onnx");
    write_file(&graph, distance());
    let score = |other: &Path| {
        let settings = json!({"reference": a, "pictures": other, "lpips": graph});
        run("compare", settings).0.unwrap().items[0]["scores"]["lpips"].as_f64().unwrap()
    };
    assert!(score(&a).abs() < 1e-9);
    assert!(score(&b) > 0.01);
    let settings = json!({"reference": a, "pictures": b, "lpips": a});
    assert!(run("compare", settings).0.unwrap_err().to_string().contains("lpips"));
}

#[cfg(feature = "onnxruntime")]
#[expect(clippy::print_stdout, reason = "says why it is skipped")]
#[test]
fn the_users_onnx_runtime_gives_the_same() {
    if std::env::var_os("ORT_DYLIB_PATH").is_none() {
        println!("skipped: ORT_DYLIB_PATH names no ONNX Runtime");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    write_file(input.join("a.png"), picture("png", 430, 260, 1));
    let graph = folder.path().join("linear.onnx");
    write_file(&graph, linear(&[1, 3, 0, 0]));
    let library = std::env::var("ORT_DYLIB_PATH").unwrap();
    let mut hashes = Vec::new();
    for (workers, library) in [(1, Some(&library)), (3, Some(&library)), (2, None)] {
        let output = folder.path().join(format!("out{workers}"));
        let mut settings = upscale(&input, &output, &graph, workers);
        settings["onnxruntime"] = json!(library);
        let report = run("upscale", settings).0.unwrap();
        assert!(report.ok, "{:?}", report.failures);
        let engine = if library.is_some() { "on ONNX Runtime" } else { "on rten" };
        assert!(report.lines.iter().any(|line| line.contains(engine)), "{:?}", report.lines);
        hashes.push(result_hash(&output));
    }
    assert_eq!(hashes[0], hashes[1], "1 and 3 workers");
    // Halves between two pixels are rounded to either side.
    let (ours, theirs) = (folder.path().join("out2"), folder.path().join("out1"));
    let report = run("compare", json!({"reference": ours, "pictures": theirs})).0.unwrap();
    let scores = &report.items[0]["scores"];
    let near = scores["psnr_rgb_db"].as_f64().is_some_and(|db| db > 50.0);
    assert!(near || scores["identical"] == json!(true), "{scores}");
    let place = Place { library: Some(library.into()), ..Place::default() };
    let (ours, theirs) =
        (Session::read(distance()).unwrap(), External::read(distance(), &place).unwrap());
    let tensor = |step: usize| {
        let values = (0..3 * 40 * 30).map(|i| (i * step % 251) as f32 / 251.0).collect();
        Tensor { shape: vec![1, 3, 40, 30], values }
    };
    let inputs = || vec![tensor(7), tensor(11)];
    let (a, b) = (ours.run(inputs()).unwrap(), theirs.run(inputs()).unwrap());
    assert_eq!(a[0].shape, b[0].shape);
    assert!(a[0].values.iter().zip(&b[0].values).all(|(a, b)| (a - b).abs() < 1e-6));
    assert!(theirs.run(vec![tensor(3)]).is_err());
    let damaged = External::read(distance()[..40].to_vec(), &place);
    assert!(damaged.is_err());
}

#[cfg(feature = "onnxruntime")]
#[test]
fn a_missing_library_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let graph = folder.path().join("linear.onnx");
    write_file(&graph, linear(&[1, 3, 0, 0]));
    let (input, output) = (folder.path().join("a.png"), folder.path().join("out"));
    write_file(&input, picture("png", 30, 20, 1));
    let tell = |model: &Path, more: Value| {
        let mut settings = upscale(&input, &output, model, 1);
        settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        run("upscale", settings).0.unwrap_err().to_string()
    };
    let missing = folder.path().join("libmissing.so");
    let text = tell(&graph, json!({"device": "cuda", "onnxruntime": missing}));
    assert!(text.contains("libmissing.so") && text.contains("onnxruntime-gpu"), "{text}");
    let text = tell(&graph, json!({"onnxruntime": folder.path()}));
    assert!(text.contains("onnxruntime"), "{text}");
    let text = tell(&graph, json!({"onnxruntime": graph}));
    assert!(text.contains("cannot be loaded"), "{text}");
    let text = tell(Path::new("fast"), json!({"device": "cuda"}));
    assert!(text.contains(".onnx models only"), "{text}");
    let text = tell(&graph, json!({"gpu_memory_fraction": 0.5}));
    assert!(text.contains("--device cuda"), "{text}");
}

/// Three channels by three weights that lie in another file.
fn weighted(place: (&str, u64, u64)) -> Vec<u8> {
    use support::graph::{model, node, outside, port};
    model(&[
        node("GlobalAveragePool", &["x"], "p", &[]),
        node("Flatten", &["p"], "f", &[]),
        node("Mul", &["f", "w"], "y", &[]),
        outside("w", 3, place),
        port(11, "x", &[1, 3, 2, 1]),
        port(12, "y", &[1, 3]),
    ])
}

#[test]
fn weights_in_a_file_beside_the_graph_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let (graph, data) = (folder.path().join("a/g.onnx"), folder.path().join("a/g.onnx.data"));
    let weights: Vec<u8> = [9.0_f32, 1.0, 2.0, 3.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    pixloom_testkit::write_file(&data, &weights);
    let open = |place: (&str, u64, u64)| {
        pixloom_testkit::write_file(&graph, weighted(place));
        Session::open(&graph).map_err(|error| error.to_string())
    };
    let session = open(("g.onnx.data", 4, 12)).unwrap();
    let input = Tensor { shape: vec![1, 3, 2, 1], values: vec![1.0; 6] };
    assert_eq!(session.run(vec![input]).unwrap()[0].values, [1.0, 2.0, 3.0]);
    // What is read says which file it is from: other weights are another graph.
    let first = pixloom::onnx::read_file(&graph).unwrap();
    pixloom_testkit::write_file(&data, [&weights[..12], &[0; 4]].concat());
    assert_ne!(pixloom::onnx::read_file(&graph).unwrap(), first);
    // Nothing but plain names beside the graph, and nothing beyond the end of the file.
    pixloom_testkit::write_file(folder.path().join("secret"), &weights);
    std::os::unix::fs::symlink("../secret", folder.path().join("a/link")).unwrap();
    let absolute = folder.path().join("secret");
    let absolute = absolute.to_str().unwrap();
    for name in ["../secret", absolute, "", ".", "..", "a/../g.onnx.data", "link", "none", "x\\y"] {
        let said = open((name, 0, 12)).unwrap_err();
        assert!(said.contains(name) && said.contains("external_data=False"), "{name}: {said}");
    }
    for (offset, length) in [(8, 12), (17, 0), (u64::MAX, 12), (0, u64::MAX), (0, 8)] {
        assert!(open(("g.onnx.data", offset, length)).is_err(), "{offset} {length}");
    }
}
