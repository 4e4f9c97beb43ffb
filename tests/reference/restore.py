"""Compares `pixloom restore search` with the same search in OpenCV and scikit-image.

    pip install opencv-python-headless scikit-image
    python tests/reference/restore.py --pixloom target/release/pixloom --data DIR [--pairs N]

DIR holds sets (or is one): folders with `damaged/` and `undamaged/`, pairs of equal stem. The
Python form is the plain one, every candidate from scratch, on one thread. Fails unless every
pair has the same best triple, a score within 1e-3 and features within 1e-3 (relative).
"""
import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
import time

import cv2
import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

SIGMAS = (0.5, 1.0, 1.5, 2.0)
STRENGTHS = (0.5, 1.0, 1.5, 2.0, 2.5)


def white_balance(picture):
    out = picture.astype(float)
    for channel in range(3):
        out[:, :, channel] *= 128.0 / np.mean(out[:, :, channel])
    return np.clip(out, 0, 255).astype(np.uint8)


def quality(restored, truth):
    if restored.shape != truth.shape:
        restored = cv2.resize(restored, (truth.shape[1], truth.shape[0]))
    psnr = peak_signal_noise_ratio(truth, restored)
    ssim = structural_similarity(truth, restored, channel_axis=2, data_range=255)
    return 0.5 * psnr / 50.0 + 0.5 * ssim, psnr, ssim


def best_of_grid(damaged, truth):
    best = (-1.0,)
    for method in ("white_balance", "none"):
        for sigma in SIGMAS:
            for strength in STRENGTHS:
                base = white_balance(damaged) if method == "white_balance" else damaged.copy()
                blurred = cv2.GaussianBlur(base, (0, 0), sigma)
                restored = cv2.addWeighted(base, 1.0 + strength, blurred, -strength, 0)
                found = quality(restored, truth)
                if found[0] > best[0]:
                    best = (*found, method, sigma, strength)
    return best


def features(picture):
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    rows, cols = gray.shape
    middle = (rows // 2, cols // 2)
    spectrum = np.abs(np.fft.fftshift(np.fft.fft2(gray)))
    log = 20 * np.log(spectrum + 1)
    mean, std = log.mean(), log.std()
    standard = (log - mean) / std if std > 0 else np.zeros_like(log)
    box = np.zeros(log.shape, bool)
    box[max(0, middle[0] - 30):middle[0] + 30, max(0, middle[1] - 30):middle[1] + 30] = True
    low, high = log[box].mean(), log[~box].mean() if (~box).any() else 0.0
    y, x = np.ogrid[:rows, :cols]
    radius = np.sqrt((x - middle[1]) ** 2 + (y - middle[0]) ** 2).astype(int)
    count = min(middle)
    places = (0, count // 4, count // 2, 3 * count // 4, count - 1)
    radial = [log[radius == r].mean() for r in places] if count >= 5 else [0.0] * 5
    means = picture.reshape(-1, 3).mean(0)
    stds = picture.reshape(-1, 3).std(0)
    deviation = np.mean(np.abs(means - means.mean())) / means.mean() if means.mean() > 0 else 0.0
    cast = (means.max() - means.min()) / means.max() if means.max() > 0 else 0.0
    balance = min(1.0, 0.4 * deviation + 0.4 * cast + 0.2 * min(1.0, stds.std() / (stds.mean() + 1e-6)))
    laplacian = cv2.Laplacian(gray, cv2.CV_64F).var()
    share = spectrum[~box].sum() / spectrum.sum() if spectrum.sum() > 0 else 0.0
    gradient = np.hypot(cv2.Sobel(gray, cv2.CV_64F, 1, 0, ksize=3), cv2.Sobel(gray, cv2.CV_64F, 0, 1, ksize=3)).mean()
    sharpening = np.clip(0.4 * max(0, 1 - laplacian / 500) + 0.3 * max(0, 1 - share / 0.5)
                         + 0.3 * max(0, 1 - gradient / 30), 0, 1)
    return [mean, std, (standard ** 3).mean(), (standard ** 4).mean() - 3 if std > 0 else 0.0,
            low, high, high / low if low > 0 else 0.0, *radial, balance, sharpening]


def cpu(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def table_of(pixloom, folder, more):
    """The table, and the CPU seconds that it took."""
    with tempfile.TemporaryDirectory() as scratch:
        out = os.path.join(scratch, "out.csv")
        before = cpu(resource.RUSAGE_CHILDREN)
        command = [pixloom, "restore", "search", f"{folder}/damaged", f"{folder}/undamaged", "-o", out, *more]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds = cpu(resource.RUSAGE_CHILDREN) - before
        with open(out, newline="") as file:
            return list(csv.DictReader(file)), seconds


def compare(row, folder):
    """What differs, the seconds that Python took, the largest differences."""
    damaged = cv2.imread(os.path.join(folder, "damaged", row["filename"]))
    truth = cv2.imread(os.path.join(folder, "undamaged", row["undamaged"]))
    start = time.process_time()
    score, _, _, method, sigma, strength = best_of_grid(damaged, truth)
    expected = features(damaged)
    seconds = time.process_time() - start
    names = list(row)[4:18]
    triple = (row["color_method"], float(row["sharpen_sigma"]), float(row["sharpen_strength"]))
    off = abs(float(row["similarity_score"]) - score)
    relative = [abs(float(row[n]) - e) / max(abs(e), 1e-6) for n, e in zip(names, expected)]
    problems = []
    if triple != (method, sigma, strength):
        problems.append(f"triple {triple} is not {(method, sigma, strength)}")
    if off > 1e-3:
        problems.append(f"score off by {off}")
    problems += [f"{n} off by {r:.2e}" for n, r in zip(names, relative) if r > 1e-3]
    return problems, seconds, off, max(relative)


def compare_set(pixloom, folder, limit):
    rows, ours = table_of(pixloom, folder, ["--refine", "0", "--sequential"])
    _, refined = table_of(pixloom, folder, ["--sequential"])
    rows, pairs = rows[:limit], len(rows)
    theirs, score, feature, failures = 0.0, 0.0, 0.0, 0
    for row in rows:
        problems, seconds, off, relative = compare(row, folder)
        theirs, score, feature = theirs + seconds, max(score, off), max(feature, relative)
        failures += bool(problems)
        for problem in problems:
            print(f"{folder} {row['filename']}: {problem}")
    count = max(1, len(rows))
    print(f"{os.path.basename(folder)}: {len(rows)} of {pairs} pairs, {failures} differ, score off by at most "
          f"{score:.1e}, features by {feature:.1e}; CPU s/pair: python {theirs / count:.2f}, "
          f"pixloom {ours / pairs:.4f} ({theirs / count / (ours / pairs):.0f}x), with refinement {refined / pairs:.4f}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pixloom", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--pairs", type=int, default=10 ** 9, help="at most so many of each set")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    folders = [args.data] + [os.path.join(args.data, name) for name in sorted(os.listdir(args.data))]
    sets = [folder for folder in folders if os.path.isdir(os.path.join(folder, "undamaged"))]
    failures = sum(compare_set(args.pixloom, folder, args.pairs) for folder in sets)
    sys.exit(1 if failures or not sets else 0)


if __name__ == "__main__":
    main()
