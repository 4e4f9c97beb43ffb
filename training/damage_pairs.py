"""Makes pairs of damaged and undamaged pictures to train models of restoration on.

    pip install numpy pillow
    python training/damage_pairs.py OUT --photos DIR [DIR ...] [--fonts DIR] [--count 2400] [--seed 1]

OUT/undamaged holds squares cut from the photographs (as they are or shrunk), pages of random words
and drawings of flat colours; OUT/damaged the same squares in one of three states, drawn at random:
intact (stored once more at high quality, at most: restoring must leave it alone), mild (noise of a
camera, slight blur or cast, JPEG of quality 30 to 90) or heavy (blur, noise, specks, flat contrast,
casts, faded colours, scratches, holes, stains, JPEG blocks, haze). Half of the heavily damaged
photographs have many faults at once, as old prints do. OUT/params.json says which.
"""
import argparse
import functools
import io
import json
import os

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIDE = 256


def pictures(folders):
    names = []
    for folder in folders:
        for root, _, files in os.walk(folder):
            names += [os.path.join(root, f) for f in files
                      if f.lower().endswith((".png", ".jpg", ".jpeg", ".webp"))]
    return sorted(names)


@functools.lru_cache(maxsize=128)
def opened(path):
    with Image.open(path) as image:
        return image.convert("RGB")


def photo(path, rng, whole):
    image = opened(path)
    # Some as the camera stored them, with its noise and sharpness; the others shrunk, hence clean.
    wanted = 1.0 if rng.random() < whole else rng.uniform(0.35, 1.0) * min(1.0, 900 / max(image.size))
    side = SIDE / max(SIDE / min(image.size), wanted)
    x, y = (rng.uniform(0, most - side) for most in image.size)
    if wanted == 1.0 and side == SIDE:
        x, y = int(x), int(y)
    return image.resize((SIDE, SIDE), Image.LANCZOS, box=(x, y, x + side, y + side))


def page(rng, fonts):
    image = Image.new("L", (SIDE, SIDE), 255)
    draw = ImageDraw.Draw(image)
    size = int(rng.integers(13, 26))
    font = ImageFont.truetype(str(rng.choice(fonts)), size) if fonts else ImageFont.load_default()
    letters = "aaabcdeeeefghiiijklmnnooopqrrsstttuuvwxyz"
    y = int(rng.integers(-6, 10))
    while y < SIDE:
        words = ["".join(rng.choice(list(letters), rng.integers(2, 9))) for _ in range(9)]
        draw.text((int(rng.integers(-4, 12)), y), " ".join(words), fill=int(rng.integers(0, 50)), font=font)
        y += round(size * 1.4)
    return image.convert("RGB")


def drawing(rng):
    """Flat shapes and lines: sharp edges and few colours that are meant."""
    color = lambda: tuple(int(v) for v in rng.integers(0, 256, 3))
    scale = 2
    image = Image.new("RGB", (SIDE * scale, SIDE * scale), color() if rng.random() < 0.5 else (255, 255, 255))
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(4, 30))):
        x, y, w, h = rng.uniform(-60, SIDE * scale, 2).tolist() + rng.uniform(6, 240, 2).tolist()
        kind = int(rng.integers(0, 3))
        if kind == 0:
            draw.rectangle((x, y, x + w, y + h), fill=color())
        elif kind == 1:
            draw.ellipse((x, y, x + w, y + h), fill=color())
        else:
            draw.line((x, y, x + w, y + h), fill=color(), width=int(rng.integers(1, 9)))
    return image.resize((SIDE, SIDE), Image.BOX)


def smooth_field(rng, cells):
    coarse = (rng.random((cells, cells)) * 255).astype(np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((SIDE, SIDE), Image.BICUBIC)) / 255.0


def cracks(array, rng, params):
    count = int(rng.integers(1, 5))
    image = Image.fromarray(array)
    draw = ImageDraw.Draw(image)
    for _ in range(count):
        x, y = rng.uniform(0, SIDE, 2)
        angle, color = rng.uniform(0, 6.3), tuple([int(rng.choice([rng.integers(0, 40), rng.integers(215, 256)]))] * 3)
        width = int(rng.integers(1, 4))
        for _ in range(int(rng.integers(8, 40))):
            angle += rng.normal(0, 0.5)
            nx, ny = x + 7 * np.cos(angle), y + 7 * np.sin(angle)
            draw.line((x, y, nx, ny), fill=color, width=width)
            x, y = nx, ny
    params["cracks"] = count
    return np.asarray(image)


def holes(array, rng, params):
    image = Image.fromarray(array)
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 3))):
        x, y, r = rng.uniform(20, SIDE - 20), rng.uniform(20, SIDE - 20), rng.uniform(5, 14)
        corners = [(x + r * rng.uniform(0.6, 1.3) * np.cos(t), y + r * rng.uniform(0.6, 1.3) * np.sin(t))
                   for t in np.linspace(0, 6.0, 9)]
        draw.polygon(corners, fill=(255, 255, 255))
    params["holes"] = True
    return np.asarray(image)


def stains(values, rng, params):
    """Spots of a colour that lies over the picture, darker towards the edge or all over."""
    params["stains"] = int(rng.integers(1, 4))
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    for _ in range(params["stains"]):
        cx, cy, radius = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(12, 60)
        wobble = 1 + 0.35 * (smooth_field(rng, 5) - 0.5)
        far = np.hypot(x - cx, (y - cy) * rng.uniform(0.7, 1.4)) / (radius * wobble)
        edge = np.clip((1 - far) * rng.uniform(3, 25), 0, 1) * rng.uniform(0.2, 0.6)
        color = np.array([rng.uniform(90, 190), rng.uniform(70, 150), rng.uniform(30, 110)])
        values = values + edge[:, :, None] * (color - values)
    return values


def jpeg(array, quality):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file).convert("RGB"))


# How often a heavily damaged photograph has a fault: one with some faults, one with many.
SOME = {"blur": 0.45, "haze": 0.12, "contrast": 0.45, "brightness": 0.2, "tint": 0.35, "saturation": 0.3,
        "stains": 0.08, "noise": 0.5, "specks": 0.2, "cracks": 0.2, "holes": 0.12, "jpeg": 0.5}
MANY = {"blur": 0.85, "haze": 0.05, "contrast": 0.65, "brightness": 0.1, "tint": 0.55, "saturation": 0.45,
        "stains": 0.2, "noise": 0.65, "specks": 0.25, "cracks": 0.35, "holes": 0.15, "jpeg": 0.15}


def damage_photo(image, rng, params):
    often = MANY if rng.random() < 0.5 else SOME
    array = np.asarray(image)
    if rng.random() < often["blur"]:
        params["blur"] = round(float(rng.uniform(0.5, 2.8)), 2)
        array = np.asarray(image.filter(ImageFilter.GaussianBlur(params["blur"])))
    values = array.astype(np.float64)
    if rng.random() < often["haze"]:
        params["haze"] = round(float(rng.uniform(0.2, 0.7)), 2)
        values += params["haze"] * (0.5 + 0.5 * smooth_field(rng, 3))[:, :, None] * (225 - values)
    if rng.random() < often["contrast"]:
        params["contrast"] = round(float(rng.uniform(0.35, 0.9)), 2)
        middle = rng.choice([values.mean(), 128.0])
        values = middle + (values - middle) * params["contrast"]
    if rng.random() < often["brightness"]:
        params["brightness"] = round(float(rng.uniform(-45, 45)), 1)
        values += params["brightness"]
    if rng.random() < often["tint"]:
        params["tint"] = [round(float(f), 3) for f in rng.uniform([0.85, 0.88, 0.6], [1.1, 1.02, 1.0])]
        values *= params["tint"]
    if rng.random() < often["saturation"]:
        params["saturation"] = round(float(rng.uniform(0.3, 0.8)), 2)
        luma = values @ [0.299, 0.587, 0.114]
        values = luma[:, :, None] + (values - luma[:, :, None]) * params["saturation"]
    if rng.random() < often["stains"]:
        values = stains(values, rng, params)
    if rng.random() < often["noise"]:
        params["noise"] = round(float(rng.uniform(2, 25)), 1)
        kind = rng.choice(["white", "gray", "soft"])
        noise = rng.normal(0, params["noise"], values.shape if kind != "gray" else values.shape[:2] + (1,))
        if kind == "soft":
            noise = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1)) / 2.0
        params["noise_kind"] = str(kind)
        values = values + noise
    array = np.clip(np.round(values), 0, 255).astype(np.uint8)
    if rng.random() < often["specks"]:
        params["specks"] = round(float(rng.uniform(0.002, 0.03)), 4)
        array = array.copy()
        hit = rng.random(array.shape[:2])
        array[hit < params["specks"] / 2] = 0
        array[hit > 1 - params["specks"] / 2] = 255
    if rng.random() < often["cracks"]:
        array = cracks(array, rng, params)
    if rng.random() < often["holes"]:
        array = holes(array, rng, params)
    if rng.random() < often["jpeg"]:
        params["jpeg"] = int(rng.choice([12, 25, 40, 60, 80, 92, 95]))
        array = jpeg(array, params["jpeg"])
    return array


def meant(image, rng, params):
    """A tone that the photographer wanted: flat, tinted, faded, dark or gray, in both pictures."""
    values = np.asarray(image).astype(np.float64)
    luma = (values @ [0.299, 0.587, 0.114])[:, :, None]
    values = luma + (values - luma) * float(rng.choice([0.0, 0.5, 0.75, 1.0, 1.3]))
    values = values.mean() + (values - values.mean()) * rng.uniform(0.6, 1.0) + rng.uniform(-30, 30)
    if rng.random() < 0.4:
        values *= rng.uniform([0.9, 0.9, 0.75], [1.08, 1.02, 1.0])
    params["meant"] = True
    return Image.fromarray(np.clip(np.round(values), 0, 255).astype(np.uint8))


def camera_noise(values, sigma, rng):
    """Noise of a camera after its own processing: stronger in the dark, soft, less so in luma."""
    noise = rng.normal(0, 1, values.shape)
    if rng.random() < 0.6:
        noise = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, (1, 1), (0, 1))) / 2.0
    gray = rng.uniform(0.0, 0.9)
    noise = gray * noise.mean(2, keepdims=True) * 1.7 + (1 - gray) * noise
    noise /= noise.std()
    return values + noise * sigma * (0.6 + 0.8 * np.sqrt(np.clip(1 - values / 255.0, 0, 1)))


def intact(image, rng, params):
    """Next to nothing: what storing once more does."""
    params["intact"] = True
    array = np.asarray(image)
    if rng.random() < 0.5:
        params["jpeg"] = int(rng.integers(93, 100))
        return jpeg(array, params["jpeg"])
    sigma = rng.uniform(0.3, 0.9)
    return np.clip(np.round(array + rng.normal(0, sigma, array.shape)), 0, 255).astype(np.uint8)


def mild(image, rng, params):
    """One slight fault, sometimes two."""
    params["mild"] = True
    faults = rng.choice(["noise", "noise", "blur", "jpeg", "jpeg", "cast", "tone"], int(rng.integers(1, 3)))
    if "blur" in faults:
        params["blur"] = round(float(rng.uniform(0.3, 0.9)), 2)
        image = image.filter(ImageFilter.GaussianBlur(params["blur"]))
    values = np.asarray(image).astype(np.float64)
    if "cast" in faults:
        params["tint"] = [round(float(f), 3) for f in rng.uniform(0.93, 1.05, 3)]
        values *= params["tint"]
    if "tone" in faults:
        params["contrast"] = round(float(rng.uniform(0.85, 1.1)), 2)
        values = values.mean() + (values - values.mean()) * params["contrast"] + rng.uniform(-10, 10)
    if "noise" in faults:
        params["noise"] = round(float(rng.uniform(1, 7)), 1)
        values = camera_noise(values, params["noise"], rng)
    array = np.clip(np.round(values), 0, 255).astype(np.uint8)
    if "jpeg" in faults or rng.random() < 0.4:
        low = 30 if "jpeg" in faults else 85
        params["jpeg"] = int(rng.integers(low, 97))
        array = jpeg(array, params["jpeg"])
    return array


def damage_page(image, rng, params):
    values = np.asarray(image).astype(np.float64)
    paper = 255 - rng.uniform(0, 90) * smooth_field(rng, int(rng.integers(2, 6)))[:, :, None]
    if rng.random() < 0.5:
        paper = paper - rng.uniform(20, 110) * (smooth_field(rng, 7) > rng.uniform(0.55, 0.8))[:, :, None]
    params["page"] = True
    ink = rng.uniform(0.0, 0.35)
    values = paper * (ink + (1 - ink) * values / 255.0)
    if rng.random() < 0.4:
        values = values * [1.0, rng.uniform(0.85, 1.0), rng.uniform(0.6, 0.95)]
    if rng.random() < 0.6:
        params["noise"] = round(float(rng.uniform(1, 14)), 1)
        values = values + rng.normal(0, params["noise"], values.shape[:2] + (1,))
    array = np.clip(np.round(values), 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        params["blur"] = round(float(rng.uniform(0.4, 1.0)), 2)
        array = np.asarray(Image.fromarray(array).filter(ImageFilter.GaussianBlur(params["blur"])))
    return jpeg(array, int(rng.choice([60, 80, 92]))) if rng.random() < 0.5 else array


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out")
    parser.add_argument("--photos", nargs="+", required=True)
    parser.add_argument("--fonts")
    parser.add_argument("--count", type=int, default=2400)
    parser.add_argument("--pages", type=float, default=0.2, help="share of pages")
    parser.add_argument("--drawings", type=float, default=0.05, help="share of drawings")
    parser.add_argument("--intact", type=float, default=0.22, help="share of intact pictures")
    parser.add_argument("--mild", type=float, default=0.25, help="share of mildly damaged ones")
    parser.add_argument("--whole", type=float, default=0.33, help="share of photographs not shrunk")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    photos = pictures(args.photos)
    fonts = []
    if args.fonts:
        fonts = sorted(os.path.join(root, f) for root, _, files in os.walk(args.fonts)
                       for f in files if f.lower().endswith(".ttf"))
    for name in ("damaged", "undamaged"):
        os.makedirs(os.path.join(args.out, name), exist_ok=True)
    record = []
    for at in range(args.count):
        rng = np.random.default_rng([args.seed, at])
        params = {"id": f"{at:04d}"}
        kind, state = rng.random(), rng.random()
        if kind < args.pages:
            clean, heavy = page(rng, fonts), damage_page
        elif kind < args.pages + args.drawings:
            clean, heavy = drawing(rng), damage_photo
            params["drawing"] = True
        else:
            path = photos[int(rng.integers(0, len(photos)))]
            params["source"] = os.path.basename(path)
            clean, heavy = photo(path, rng, args.whole), damage_photo
            if state < args.intact + args.mild and rng.random() < 0.25:
                clean = meant(clean, rng, params)
        damage = intact if state < args.intact else mild if state < args.intact + args.mild else heavy
        damaged = damage(clean, rng, params)
        # Parts of one photograph share what comes before the last underscore.
        scene = os.path.splitext(params.get("source", f"made{at:04d}"))[0]
        params["file"] = f"{scene}_{at:04d}.png"
        clean.save(os.path.join(args.out, "undamaged", params["file"]))
        Image.fromarray(damaged).save(os.path.join(args.out, "damaged", params["file"]))
        record.append(params)
    with open(os.path.join(args.out, "params.json"), "w", encoding="utf-8") as file:
        json.dump(record, file, indent=1)


if __name__ == "__main__":
    main()
