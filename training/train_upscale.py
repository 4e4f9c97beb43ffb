#!/usr/bin/env python3
"""Trains the embedded super-resolution nets (SRVGGNetCompact family) on one CPU core.

    python training/train_upscale.py --name fast-x4 --scale 4 --features 32 --convs 4 \
        --steps 30000 --data ../shared/data --work /tmp/sr

Data: `sr_train/cid22` (Cloudinary CID22, CC BY-SA 4.0), `sr_train/clic2025` (CLIC 2025, Unsplash
licence) and, shrunk by 3 so that no JPEG artefact is left, the camera photographs of
`photos_large` whose terms allow it (metadata-extractor-images: free use; exif-samples:
CC BY-SA 4.0). Six pictures of CID22 are held out for validation. Benchmarks are never read.

The low-resolution side is MATLAB's `imresize(…, 'bicubic')` rounded to 8 bits, as in the
super-resolution papers. Patches are turned and mirrored at random. L1 loss, Adam, cosine decay,
an exponential mean of the weights is what is exported. A checkpoint lies in --work after every
500 steps; the same command goes on from it.
"""
import argparse, glob, json, os, time
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import save_file

VALIDATION = 6


def taps(source, target, scale):
    """Weights of MATLAB's antialiased cubic (Keys, a = -0.5) with mirrored edges."""
    def cubic(x):
        x = np.abs(x)
        near = 1.5 * x**3 - 2.5 * x**2 + 1
        far = -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2
        return np.where(x <= 1, near, np.where(x <= 2, far, 0))
    weights = np.zeros((target, source))
    shrink = min(1.0, scale)
    width = 4 / shrink
    for i in range(target):
        centre = (i + 1) / scale + 0.5 * (1 - 1 / scale)
        first = int(np.floor(centre - width / 2))
        places = np.arange(first, first + int(np.ceil(width)) + 2)
        row = shrink * cubic(shrink * (centre - places))
        row /= row.sum()
        for place, weight in zip(places - 1, row):
            if place < 0:
                place = -place - 1
            if place >= source:
                place = 2 * source - 1 - place
            weights[i, place] += weight
    return weights


def imresize(image, scale):
    h, w = image.shape[:2]
    rows = taps(h, int(np.ceil(h * scale)), scale)
    columns = taps(w, int(np.ceil(w * scale)), scale)
    return np.einsum('jw,iwc->ijc', columns, np.einsum('ih,hwc->iwc', rows, image.astype(np.float64), optimize=True), optimize=True)


def pair(image, scale):
    h, w = image.shape[:2]
    image = np.ascontiguousarray(image[:h // scale * scale, :w // scale * scale])
    low = np.clip(np.round(imresize(image, 1 / scale)), 0, 255).astype(np.uint8)
    return image, low


def pictures(data):
    names = sorted(glob.glob(f'{data}/sr_train/cid22/*.webp')) + sorted(glob.glob(f'{data}/sr_train/clic2025/*.webp'))
    found = [(name, np.asarray(Image.open(name).convert('RGB'))) for name in names]
    photos = sorted(glob.glob(f'{data}/photos_large/mei__*') + glob.glob(f'{data}/photos_large/exifsamples__*'))
    for name in photos:
        image = Image.open(name).convert('RGB')
        found.append((name, np.asarray(image.resize((image.width // 3, image.height // 3), Image.LANCZOS))))
    return found


class Compact(nn.Module):
    """SRVGGNetCompact: 3x3 convolutions and PReLU, pixel shuffle, nearest-neighbour skip."""

    def __init__(self, features, convs, scale):
        super().__init__()
        self.scale = scale
        layers = [nn.Conv2d(3, features, 3, padding=1), nn.PReLU(features)]
        for _ in range(convs):
            layers += [nn.Conv2d(features, features, 3, padding=1), nn.PReLU(features)]
        layers.append(nn.Conv2d(features, 3 * scale * scale, 3, padding=1))
        self.body = nn.ModuleList(layers)
        for layer in self.body:
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, a=0.25)
                nn.init.zeros_(layer.bias)
        nn.init.normal_(self.body[-1].weight, std=1e-3)

    def forward(self, x):
        y = x
        for layer in self.body:
            y = layer(y)
        return F.pixel_shuffle(y, self.scale) + F.interpolate(x, scale_factor=self.scale, mode='nearest')


def luma(x):
    return 16 + (65.481 * x[..., 0] + 128.553 * x[..., 1] + 24.966 * x[..., 2]) / 255.0


def psnr(result, truth, border):
    error = (luma(np.clip(np.round(result), 0, 255)) - luma(truth.astype(np.float64)))[border:-border, border:-border]
    return 10 * np.log10(255**2 / np.mean(error**2))


def apply(net, low):
    x = torch.from_numpy(low.astype(np.float32) / 255).permute(2, 0, 1)[None]
    with torch.inference_mode():
        return net(x.contiguous(memory_format=torch.channels_last))[0].permute(1, 2, 0).numpy() * 255


def batch(pairs, odds, args, rng):
    """Random patches: picture by area, place, turn, mirror."""
    size, scale = args.patch, args.scale
    low = np.empty((args.batch, size, size, 3), np.uint8)
    high = np.empty((args.batch, size * scale, size * scale, 3), np.uint8)
    for b in range(args.batch):
        hr, lr = pairs[rng.choice(len(pairs), p=odds)]
        y, x = rng.integers(lr.shape[0] - size + 1), rng.integers(lr.shape[1] - size + 1)
        a = lr[y:y + size, x:x + size]
        c = hr[y * scale:(y + size) * scale, x * scale:(x + size) * scale]
        if rng.random() < 0.5:
            a, c = a[:, ::-1], c[:, ::-1]
        turns = rng.integers(4)
        low[b], high[b] = np.rot90(a, turns), np.rot90(c, turns)
    to = lambda v: (torch.from_numpy(v).permute(0, 3, 1, 2).float() / 255)
    return to(low), to(high)


def export(net, args, path, notes):
    tensors = {f'body.{name.removeprefix("body.")}': value.half().contiguous() for name, value in net.state_dict().items()}
    save_file(tensors, path, metadata={key: str(value) for key, value in notes.items()})


def main():
    parser = argparse.ArgumentParser()
    for name, kind, value in [('name', str, 'fast-x4'), ('scale', int, 4), ('features', int, 32), ('convs', int, 4),
                              ('steps', int, 30000), ('batch', int, 16), ('patch', int, 40), ('rate', float, 2e-3),
                              ('seed', int, 1), ('data', str, '../shared/data'), ('work', str, '/tmp/sr'),
                              ('start', str, '')]:
        parser.add_argument('--' + name, type=kind, default=value)
    parser.add_argument('--bf16', action='store_true', help='matrix products in bfloat16 (needs AMX to be faster)')
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(args.seed)
    os.makedirs(args.work, exist_ok=True)
    log = open(f'{args.work}/{args.name}.log', 'a')
    say = lambda text: (print(text, flush=True), log.write(text + '\n'), log.flush())

    cache = f'{args.work}/pairs-x{args.scale}.npz'
    if not os.path.exists(cache):
        made = [pair(image, args.scale) for _, image in pictures(args.data)]
        np.savez(cache, **{f'{i:03}{side}': v for i, two in enumerate(made) for side, v in zip('hl', two)})
    stored = np.load(cache)
    pairs = [(stored[f'{i:03}h'], stored[f'{i:03}l']) for i in range(len(stored.files) // 2)]
    held, pairs = pairs[:VALIDATION], pairs[VALIDATION:]
    pairs = [p for p in pairs if min(p[1].shape[:2]) >= args.patch]
    areas = np.array([p[1].shape[0] * p[1].shape[1] for p in pairs], float)
    odds = areas / areas.sum()

    net = Compact(args.features, args.convs, args.scale).to(memory_format=torch.channels_last)
    if args.start:
        # Everything but the last layer of another scale's net is a good start.
        from safetensors.torch import load_file
        given = {k: v.float() for k, v in load_file(args.start).items()}
        own = net.state_dict()
        net.load_state_dict({k: given[k] if k in given and given[k].shape == v.shape else v for k, v in own.items()})
    mean = Compact(args.features, args.convs, args.scale).to(memory_format=torch.channels_last)
    mean.load_state_dict(net.state_dict())
    optimizer = torch.optim.Adam(net.parameters(), args.rate)
    point, step, spent = f'{args.work}/{args.name}.pt', 0, 0.0
    if os.path.exists(point):
        state = torch.load(point, weights_only=True)
        net.load_state_dict(state['net']); mean.load_state_dict(state['mean'])
        optimizer.load_state_dict(state['optimizer']); step, spent = state['step'], state['spent']
    say(json.dumps({**vars(args), 'parameters': sum(p.numel() for p in net.parameters()), 'pictures': len(pairs),
                    'megapixels': round(sum(p[0].shape[0] * p[0].shape[1] for p in pairs) / 1e6, 1), 'torch': torch.__version__, 'from_step': step}))
    if step == 0:
        say(f'bicubic {np.mean([psnr(imresize(l, args.scale), h, args.scale) for h, l in held]):.3f} dB')
    began, before = time.process_time(), spent
    while step < args.steps:
        rate = args.rate * (0.5 * (1 + np.cos(np.pi * step / args.steps)) * 0.995 + 0.005) * min(1, (step + 1) / 200)
        for group in optimizer.param_groups:
            group['lr'] = float(rate)
        # Each step draws from its own generator, so that a resumed run draws the same.
        low, high = batch(pairs, odds, args, np.random.default_rng([args.seed, step]))
        low = low.contiguous(memory_format=torch.channels_last)
        with torch.autocast('cpu', torch.bfloat16, enabled=args.bf16):
            result = net(low)
        loss = (result.float() - high).abs().mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        step += 1
        keep = min(0.999, step / (step + 10))
        with torch.no_grad():
            for kept, value in zip(mean.parameters(), net.parameters()):
                kept.lerp_(value, 1 - keep)
        if step % 500 == 0 or step == 100 or step == args.steps:
            spent = before + time.process_time() - began
            value = np.mean([psnr(apply(mean, l), h, args.scale) for h, l in held])
            say(f'step {step} cpu {spent:.0f} s rate {rate:.2e} loss {loss.item():.5f} validation {value:.3f} dB')
            torch.save({'net': net.state_dict(), 'mean': mean.state_dict(), 'optimizer': optimizer.state_dict(),
                        'step': step, 'spent': spent}, point + '.new')
            os.replace(point + '.new', point)
            notes = {'name': args.name, 'architecture': 'SRVGGNetCompact', 'scale': args.scale, 'seed': args.seed, 'steps': step,
                     'licence': 'MIT OR Apache-2.0', 'validation_psnr_y': f'{value:.3f}'}
            export(mean, args, f'{args.work}/{args.name}.safetensors', notes)


main()
