"""Reads pixloom's LMDB and Parquet exports by the libraries that trainers use.

usage: python ocr_exports.py PIXLOOM

Needs lmdb, pyarrow and Pillow.
"""

import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import lmdb
import pyarrow.parquet
from PIL import Image

IMAGES = 150


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [program, "ocr", "generate", "--quiet", "-n", str(IMAGES), "-o", str(out)]
        subprocess.run([*command, "--labels", "jsonl,lmdb,parquet"], check=True)
        records = [json.loads(line) for line in (out / "labels.jsonl").open()]
        pictures = [(out / record["file"]).read_bytes() for record in records]
        with lmdb.open(str(out / "lmdb"), readonly=True, lock=False).begin() as database:
            assert int(database.get(b"num-samples")) == len(records) == IMAGES
            assert database.stat()["entries"] == 2 * IMAGES + 1
            for number, (record, picture) in enumerate(zip(records, pictures), 1):
                assert database.get(b"image-%09d" % number) == picture
                assert database.get(b"label-%09d" % number).decode() == record["text"]
        table = pyarrow.parquet.read_table(out / "labels.parquet").to_pylist()
        assert len(table) == IMAGES
        for row, record, picture in zip(table, records, pictures):
            assert row["image"] == {"bytes": picture, "path": record["file"]}
            assert json.loads(row["record"]) == record and row["text"] == record["text"]
            size = Image.open(io.BytesIO(row["image"]["bytes"])).size
            assert size == (row["width"], row["height"])
    print(f"{IMAGES} images: lmdb {lmdb.__version__} and pyarrow {pyarrow.__version__} read them all")


main()
