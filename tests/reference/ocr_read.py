"""An independent reader (Tesseract) of clean lines: drawn by pixloom, and drawn by Pillow with raqm
in the same font and size. Prints one row of a table for each language.

usage: python ocr_read.py PIXLOOM CORPORA [LINES]

Needs Tesseract with the languages below, Debian's fonts-noto-core and fonts-noto-cjk, and Pillow
with raqm (its wheels from PyPI have it).
"""

import json
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

import PIL
from PIL import Image, ImageDraw, ImageFont, features

NOTO = Path("/usr/share/fonts/truetype/noto")
CJK = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
# Tesseract's language, corpus, font, Pillow's direction.
LANGUAGES = [
    ("eng", "eng", NOTO / "NotoSans-Regular.ttf", "ltr"),
    ("deu", "deu_1996", NOTO / "NotoSans-Regular.ttf", "ltr"),
    ("rus", "rus", NOTO / "NotoSans-Regular.ttf", "ltr"),
    ("ara", "arb", NOTO / "NotoNaskhArabic-Regular.ttf", "rtl"),
    ("hin", "hin", NOTO / "NotoSansDevanagari-Regular.ttf", "ltr"),
    ("chi_sim", "cmn_hans", CJK, "ltr"),
    ("jpn", "jpn", CJK, "ltr"),
]
SIZE, PADDING = 44, 12
CONFIG = """\
total_images: {lines}
seed: 5
specifications:
  - name: clean
    proportion: 1.0
    text_direction: auto
    corpus_file: {corpus}
    min_text_length: {least}
    max_text_length: {most}
    font_size_min: {size}
    font_size_max: {size}
    padding_min: {padding}
    padding_max: {padding}
    background: flat
    background_color_min: [255, 255, 255]
    background_color_max: [255, 255, 255]
"""


def distance(a, b):
    """Levenshtein's distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def plain(text, language):
    """What is compared: composed; without spaces where the script has none."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    return text.replace(" ", "") if language in ("chi_sim", "jpn") else text


def read(files, language, folder):
    """The text that Tesseract finds in each file."""
    listing = folder / "files.txt"
    listing.write_text("\n".join(map(str, files)) + "\n")
    command = ["tesseract", str(listing), "stdout", "-l", language, "--psm", "7", "--dpi", "300"]
    run = subprocess.run(command, capture_output=True, check=True, env={"OMP_THREAD_LIMIT": "1"})
    pages = run.stdout.decode().split("\f")
    assert len(pages) >= len(files), (len(pages), len(files))
    return pages[: len(files)]


def draw(record, font_file, direction, path):
    """The same line by Pillow."""
    face = record["drawn"]["fonts"][0].get("face", 0)
    font = ImageFont.truetype(str(font_file), SIZE, index=face, layout_engine=ImageFont.Layout.RAQM)
    left, top, right, bottom = font.getbbox(record["text"], direction=direction)
    ascent, descent = font.getmetrics()
    top, bottom = min(top, 0), max(bottom, ascent + descent)
    image = Image.new("RGB", (right - left + 2 * PADDING, bottom - top + 2 * PADDING), "white")
    place = (PADDING - left, PADDING - top)
    ImageDraw.Draw(image).text(place, record["text"], "black", font=font, direction=direction)
    image.save(path)


def score(records, pages, language):
    """Part of the characters that are right, in percent."""
    texts = [plain(record["text"], language) for record in records]
    wrong = sum(distance(plain(page, language), text) for page, text in zip(pages, texts))
    return 100 * (1 - wrong / sum(map(len, texts)))


def measure(program, corpora, lines, row):
    language, corpus, font, direction = row
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "fonts").mkdir()
        (folder / "pillow").mkdir()
        shutil.copy(font, folder / "fonts")
        least, most = (12, 20) if language in ("chi_sim", "jpn") else (25, 40)
        values = {"lines": lines, "corpus": corpus + ".txt", "least": least, "most": most}
        config = CONFIG.format(**values, size=SIZE, padding=PADDING)
        (folder / "batch.yaml").write_text(config)
        out = folder / "out"
        command = [program, "ocr", "generate", "--quiet", "--batch-config", folder / "batch.yaml"]
        command += ["--font-dir", folder / "fonts", "--corpus-dir", corpora, "-o", out]
        subprocess.run([*map(str, command), "--labels", "jsonl"], check=True)
        records = [json.loads(line) for line in (out / "labels.jsonl").open()]
        ours = [out / record["file"] for record in records]
        theirs = [folder / "pillow" / record["file"] for record in records]
        for record, path in zip(records, theirs):
            draw(record, font, direction, path)
        figures = [score(records, read(files, language, folder), language) for files in (ours, theirs)]
    characters = sum(len(plain(record["text"], language)) for record in records)
    print(f"| {language} | {font.stem} | {characters} | {figures[0]:.2f} | {figures[1]:.2f} |", flush=True)


def main():
    program, corpora = sys.argv[1:3]
    lines = int(sys.argv[3]) if len(sys.argv) > 3 else 40
    if not features.check("raqm"):
        sys.exit("Pillow has no raqm here")
    tesseract = subprocess.run(["tesseract", "--version"], capture_output=True, text=True).stdout
    pillow = f"Pillow {PIL.__version__} with raqm {features.version('raqm')}"
    print(f"{tesseract.splitlines()[0]}, {pillow}, {lines} lines of each language\n")
    print("| language | font | characters | pixloom % | Pillow % |\n|---|---|---:|---:|---:|")
    for row in LANGUAGES:
        measure(program, corpora, lines, row)


main()
