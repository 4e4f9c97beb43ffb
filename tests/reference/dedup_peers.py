"""What other programs find of the copies in a labelled set, beside pixloom: one row each.

usage: python dedup_peers.py PIXLOOM SET

SET has images/ and GROUND_TRUTH.csv (file, group, edit, category, reference). Programs are those on
the PATH: czkawka_cli, img-fp. Two files count as found if they stand in one group of a report.
"""

import csv
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SCENES = ("hard-negative", "burst-ambiguous")


def run(command):
    """Runs a program; finding something is no failure."""
    subprocess.run(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def pixloom(program, images, out, more=()):
    with out.open("w") as file:
        command = [program, "dedup", images, "--cache=false", "--json", *more]
        subprocess.run(list(map(str, command)), stdout=file, check=True)
    groups = {}
    for item in json.loads(out.read_text())["items"]:
        if item.get("group") is not None:
            groups.setdefault(item["group"], set()).add(Path(item["path"]).name)
    return groups.values()


def czkawka(images, out, more=()):
    run(["czkawka_cli", "image", "-d", images, "-H", "-m", "1", "-C", out, *more])
    if not out.exists():
        return []
    return [{Path(file["path"]).name for file in flat(group)} for group in json.loads(out.read_text())]


def flat(group):
    """The files of a group, however deep they lie."""
    if isinstance(group, dict):
        return [group]
    return [file for part in group for file in flat(part)]


def img_fp(images, out):
    run(["img-fp", "-r", "--no-cache", "-o", out, images])
    groups = json.loads(out.read_text())
    groups = groups.get("groups", groups) if isinstance(groups, dict) else groups
    return [{Path(path).name for path in paths(group)} for group in groups]


def paths(value):
    """Every string below a key `path`, `file` or in a list of names."""
    if isinstance(value, dict):
        own = [value[key] for key in ("path", "file") if isinstance(value.get(key), str)]
        return own or [path for part in value.values() for path in paths(part)]
    if isinstance(value, list):
        return [path for part in value for path in paths(part)]
    return []


def score(groups, truth):
    together = {frozenset(pair) for group in groups for pair in itertools.combinations(sorted(group), 2)}
    found = wrong = scenes = copies = scene_pairs = 0
    kinds = {}
    for a, b in itertools.combinations(sorted(truth), 2):
        left, right, hit = truth[a], truth[b], frozenset((a, b)) in together
        same = left["group"] == right["group"]
        scene = left["category"] in SCENES and right["category"] in SCENES and left["reference"] == right["reference"]
        if same:
            copies, found = copies + 1, found + hit
            for one, other in ((left, right), (right, left)):
                if one["edit"] == "original" and other["edit"] != "original":
                    kinds.setdefault(other["edit"], []).append(hit)
        elif scene:
            scene_pairs, scenes = scene_pairs + 1, scenes + hit
        else:
            wrong += hit
    macro = sum(sum(hits) / len(hits) for hits in kinds.values()) / max(1, len(kinds))
    precision = found / max(1, found + wrong)
    return macro, found, copies, wrong, precision, scenes, scene_pairs


def main():
    program, folder = sys.argv[1], Path(sys.argv[2])
    rows = csv.DictReader((folder / "GROUND_TRUTH.csv").open())
    truth = {row["file"]: row for row in rows}
    images = folder / "images"
    geometric = ("-s", "20", "-z", "Lanczos3", "--geometric-invariance", "mirror-flip-rotate90")
    contenders = [
        ("pixloom, all stages", "pixloom", lambda out: pixloom(program, images, out)),
        ("pixloom, phash", "pixloom", lambda out: pixloom(program, images, out, ["--method", "phash"])),
        ("czkawka_cli", "czkawka_cli", lambda out: czkawka(images, out)),
        ("czkawka_cli, 20 bits, Lanczos, turned", "czkawka_cli", lambda out: czkawka(images, out, geometric)),
        ("img-fp", "img-fp", lambda out: img_fp(images, out)),
    ]
    print("| program | mean over edits | pairs found | wrong | precision | pairs of one scene |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, needs, find in contenders:
        if needs != "pixloom" and shutil.which(needs) is None:
            continue
        with tempfile.TemporaryDirectory() as place:
            result = score(find(Path(place) / "out.json"), truth)
        macro, found, copies, wrong, precision, scenes, scene_pairs = result
        print(f"| {name} | {macro:.3f} | {found} of {copies} | {wrong} | {precision:.4f} | {scenes} of {scene_pairs} |", flush=True)


main()
