//! Runs a model file on a noise picture of a given size and prints the CPU time: for comparisons with other
//! engines. Writes the result as raw floats if a file is named.
//!
//! `speed MODEL.safetensors SIDE ROUNDS [plain|avx2|avx512] [IN.f32 OUT.f32]`
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a tool for developers")]

use pixloom_nn::{Cell, Isa, Net, Planes, Scratch, read};

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let bytes = std::fs::read(&args[1]).expect("model file");
    let side: usize = args[2].parse().expect("side");
    let rounds: usize = args[3].parse().expect("rounds");
    let model = read::model(&bytes).expect("model");
    let mut net = Net::new(&model.graph).expect("net");
    if let Some(name) = args.get(4) {
        let isa = Isa::available().into_iter().find(|isa| isa.name() == name).expect("isa");
        net = net.on(isa);
    }
    let pixels = pixels(args.get(5), side * side * net.facts().input_channels);
    let mut times = Vec::new();
    let mut out = vec![0.0_f32; pixels.len() * net.facts().scale * net.facts().scale];
    let mut scratch = Scratch::default();
    for _ in 0..rounds {
        let start = cpu_ms();
        enlarge(&net, (&pixels, side), &mut scratch, &mut out);
        times.push(cpu_ms() - start);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "{} cell {:?} halo {} isa {} min {:.1} ms median {:.1} ms",
        model.architecture,
        net.cell(),
        net.halo(),
        net.isa().name(),
        times[0],
        times[times.len() / 2]
    );
    if let Some(file) = args.get(6) {
        let bytes: Vec<u8> = out.iter().flat_map(|v| v.to_le_bytes()).collect();
        std::fs::write(file, bytes).expect("output");
    }
}

/// Raw floats of a file, or noise.
fn pixels(file: Option<&String>, length: usize) -> Vec<f32> {
    let Some(file) = file else {
        return (0..length).map(|i| (i * 7919 % 1009) as f32 / 1009.0).collect();
    };
    let bytes = std::fs::read(file).expect("input");
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

/// The whole picture, cell by cell, on this thread.
fn enlarge(net: &Net, (pixels, side): (&[f32], usize), scratch: &mut Scratch, out: &mut [f32]) {
    let (channels, scale) = (net.facts().input_channels, net.facts().scale);
    let (wide, high) = net.cell();
    let fill = |x: usize, y: usize, to: &mut [f32]| {
        to.copy_from_slice(&pixels[(y * side + x) * channels..][..to.len()]);
    };
    let planes = Planes { width: side, height: side, read: &fill };
    for y in (0..side).step_by(high) {
        for x in (0..side).step_by(wide) {
            let cell = Cell { x, y, width: wide.min(side - x), height: high.min(side - y) };
            let row = cell.width * scale * channels;
            for (i, line) in net.run(&planes, cell, scratch).chunks(row).enumerate() {
                let at = ((y * scale + i) * side * scale + x * scale) * channels;
                out[at..at + row].copy_from_slice(line);
            }
        }
    }
}

/// CPU time of this process so far, which does not count waiting for a busy machine.
fn cpu_ms() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").expect("Linux");
    let nanoseconds: f64 = text.split(' ').next().expect("a number").parse().expect("a number");
    nanoseconds / 1e6
}
