#!/usr/bin/env python3
"""Compares pixloom's kernels with ONNX Runtime and OpenVINO (PyPI) on the same weights.

    pip install numpy onnx safetensors onnxruntime openvino
    CARGO_PROFILE_RELEASE_LTO=off cargo build --release -p pixloom-nn --example speed
    python training/compare_engines.py --side 512 --rounds 5

Makes three nets with random weights (SRVGGNetCompact 64×16, SPAN 48, FSRCNN 56-12-4), runs all
engines in turns on one thread and prints CPU milliseconds (so that waiting for a busy machine does
not count) and the largest difference to ONNX Runtime. Fails if that exceeds 5e-6.
"""
import argparse, os, subprocess, sys, time
import numpy as np
import onnx
import onnx.helper as h
from onnx import TensorProto, numpy_helper


class Net:
    def __init__(self, seed):
        self.rng, self.nodes, self.weights, self.count = np.random.default_rng(seed), [], [], 0

    def constant(self, values):
        name = f'w{len(self.weights)}'
        self.weights.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def op(self, kind, *inputs, **settings):
        self.count += 1
        self.nodes.append(h.make_node(kind, list(inputs), [f't{self.count}'], name=f'n{self.count}', **settings))
        return f't{self.count}'

    def conv(self, x, inputs, outputs, side, gain=1.0):
        weights = self.rng.standard_normal((outputs, inputs, side, side)) * gain * np.sqrt(2 / (inputs * side * side))
        bias = self.rng.standard_normal(outputs) * 0.01
        return self.op('Conv', x, self.constant(weights), self.constant(bias), kernel_shape=[side, side], pads=[side // 2] * 4)

    def prelu(self, x, channels):
        return self.op('PRelu', x, self.constant(0.1 + 0.1 * self.rng.random((channels, 1, 1))))

    def silu(self, x):
        return self.op('Mul', x, self.op('Sigmoid', x))

    def save(self, path, output):
        self.nodes.append(h.make_node('Identity', [output], ['output']))
        value = lambda name, sides: h.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, *sides])
        graph = h.make_graph(self.nodes, 'net', [value('input', ('h', 'w'))], [value('output', ('H', 'W'))], self.weights)
        onnx.save(h.make_model(graph, opset_imports=[h.make_opsetid('', 17)], ir_version=8), path)


def compact(path):
    n = Net(1)
    x = n.prelu(n.conv('input', 3, 64, 3), 64)
    for _ in range(16):
        x = n.prelu(n.conv(x, 64, 64, 3), 64)
    x = n.op('DepthToSpace', n.conv(x, 64, 48, 3, 0.1), blocksize=4, mode='CRD')
    near = n.op('Resize', 'input', '', n.constant([1, 1, 4, 4]), mode='nearest', coordinate_transformation_mode='asymmetric', nearest_mode='floor')
    n.save(path, n.op('Add', x, near))


def span(path, c=48):
    n = Net(2)
    feature = x = n.conv('input', 3, c, 3)
    first = middle = None
    for block in range(6):
        a = n.silu(n.conv(x, c, c, 3))
        b = n.conv(n.silu(n.conv(a, c, c, 3)), c, c, 3, 0.7)
        x = n.op('Mul', n.op('Add', b, x), n.op('Sub', n.op('Sigmoid', b), n.constant(0.5)))
        first, middle = (x if block == 0 else first), a
    x = n.op('Concat', feature, n.conv(x, c, c, 3), first, middle, axis=1)
    x = n.conv(n.conv(x, 4 * c, c, 1), c, 48, 3, 0.5)
    n.save(path, n.op('DepthToSpace', x, blocksize=4, mode='CRD'))


def fsrcnn(path):
    n = Net(3)
    x = n.prelu(n.conv('input', 3, 56, 5), 56)
    x = n.prelu(n.conv(x, 56, 12, 1), 12)
    for _ in range(4):
        x = n.prelu(n.conv(x, 12, 12, 3), 12)
    x = n.conv(n.prelu(n.conv(x, 12, 56, 1), 56), 56, 48, 3, 0.5)
    n.save(path, n.op('DepthToSpace', x, blocksize=4, mode='CRD'))


def best(work, rounds):
    times = []
    for _ in range(rounds):
        start = time.process_time()
        out = work()
        times.append((time.process_time() - start) * 1e3)
    return out, min(times), float(np.median(times))


def ours(program, model, x, rounds, isa):
    folder = os.path.dirname(model)
    x[0].transpose(1, 2, 0).tofile(f'{folder}/in.f32')
    command = [program, model, str(x.shape[2]), str(rounds), isa, f'{folder}/in.f32', f'{folder}/out.f32']
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    words = text.split()
    out = np.fromfile(f'{folder}/out.f32', np.float32).reshape(x.shape[2] * 4, x.shape[3] * 4, 3)
    return out.transpose(2, 0, 1)[None], float(words[words.index('min') + 1]), float(words[words.index('median') + 1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--side', type=int, default=512)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--program', default='target/release/examples/speed')
    parser.add_argument('--work', default='/tmp/pixloom-engines')
    args = parser.parse_args()
    os.makedirs(args.work, exist_ok=True)
    import onnxruntime
    try:
        import openvino
    except ImportError:
        openvino = None
    x = np.random.default_rng(0).random((1, 3, args.side, args.side)).astype(np.float32)
    flags = open('/proc/cpuinfo').read()
    sets = [name for name, flag in [('avx512', 'avx512f'), ('avx2', 'avx2')] if f' {flag} ' in flags]
    print(f'| net, {args.side}² tile, CPU ms on one thread | best | median | against ONNX Runtime | largest difference |')
    print('|---|---:|---:|---:|---:|')
    failed = False
    for make in (compact, span, fsrcnn):
        model = f'{args.work}/{make.__name__}.onnx'
        make(model)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'])
        rows = []
        truth, *times = best(lambda: session.run(None, {'input': x})[0], args.rounds)
        rows.append((f'ONNX Runtime {onnxruntime.__version__}', truth, *times))
        if openvino:
            settings = {'INFERENCE_NUM_THREADS': 1, 'NUM_STREAMS': 1, 'INFERENCE_PRECISION_HINT': 'f32'}
            compiled = openvino.Core().compile_model(model, 'CPU', settings)
            rows.append((f'OpenVINO {openvino.__version__.split("-")[0]} f32', *best(lambda: compiled([x])[0], args.rounds)))
        for isa in sets:
            rows.append((f'pixloom {isa}', *ours(args.program, model, x, args.rounds, isa)))
        for name, out, least, median in rows:
            difference = float(np.abs(out - truth).max())
            failed |= difference > 5e-6
            print(f'| {make.__name__}: {name} | {least:.0f} | {median:.0f} | {rows[0][2] / least:.2f}× | {difference:.1e} |', flush=True)
    sys.exit('a difference is larger than 5e-6' if failed else 0)


main()
