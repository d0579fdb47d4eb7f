"""Pictures in formats and forms that are rarer than others, and what Pillow reads in them (or that it does not), as torchvision's loader does.

python test/golden/odd_pictures.py   # writes odd-pictures.json beside it; Pillow 11.3 or newer (AVIF)
"""
import base64
import io
import json
import pathlib

import numpy as np
from PIL import Image

rng = np.random.default_rng(16)
grey = rng.integers(0, 256, (5, 7), dtype=np.uint8)
colour = rng.integers(0, 256, (5, 7, 3), dtype=np.uint8)
smooth = np.asarray(Image.fromarray(rng.integers(0, 256, (6, 6, 3), dtype=np.uint8)).resize((40, 32)))


def saved(array, kind, **how):
    out = io.BytesIO()
    (array if isinstance(array, Image.Image) else Image.fromarray(array)).save(out, kind, **how)
    return out.getvalue()


def text(kind, width, height, values, most=None):
    return f"P{kind}\n# a comment\n{width} {height}\n{'' if most is None else most}\n{' '.join(map(str, values))}\n".encode()


jpeg, progressive = saved(smooth, "JPEG", quality=90), saved(smooth, "JPEG", quality=90, progressive=True)
webp = saved(smooth, "WEBP", quality=90)
files = {
    "p1.pbm": text(1, 7, 5, (grey % 2).flatten()),
    "p2.pgm": text(2, 7, 5, grey.flatten(), 255),
    "p3.ppm": text(3, 7, 5, (colour % 16).flatten(), 15),
    "p4.pbm": saved(Image.fromarray(grey).convert("1"), "PPM"),
    "p5.pgm": saved(grey, "PPM"),
    "p6.ppm": saved(colour, "PPM"),
    "palette.tif": saved(Image.fromarray(colour).quantize(8), "TIFF"),
    "palette-lzw.tif": saved(Image.fromarray(colour).quantize(8), "TIFF", compression="tiff_lzw"),
    "float.tif": saved((rng.random((5, 7)) * 320 - 30).astype(np.float32), "TIFF"),
    "float-deflate.tif": saved((rng.random((5, 7)) * 320 - 30).astype(np.float32), "TIFF", compression="tiff_adobe_deflate"),
    "int32.tif": saved(rng.integers(-60, 400, (5, 7)).astype(np.int32), "TIFF"),
    "photo.avif": saved(smooth, "AVIF", quality=95),
    "whole.jpg": jpeg,
    "with-more-behind.jpg": jpeg + b"\0" * 20,
    "thumbnail.jpg": jpeg[:2] + b"\xff\xe1" + (len(jpeg) + 8).to_bytes(2, "big") + b"Exif\0\0" + jpeg + jpeg[2:],
    "no-end.jpg": jpeg[:-2],
    "half.jpg": jpeg[: len(jpeg) // 2],
    "cut-thumbnail.jpg": (jpeg[:2] + b"\xff\xe1" + (len(jpeg) + 8).to_bytes(2, "big") + b"Exif\0\0" + jpeg + jpeg[2:])[:-30],
    "no-end-progressive.jpg": progressive[:-2],
    "half-progressive.jpg": progressive[: len(progressive) // 2],
    "cut.webp": webp[:-3],
    "cut.ppm": saved(colour, "PPM")[:-9],
}

golden = {}
for name, data in files.items():
    try:
        image = Image.open(io.BytesIO(data)).convert("RGB")
        rgb = base64.b64encode(np.asarray(image).tobytes()).decode()
        width, height = image.size
    except OSError:
        rgb, width, height = None, 0, 0
    golden[name] = {"file": base64.b64encode(data).decode(), "width": width, "height": height, "rgb": rgb}
pathlib.Path(__file__).with_name("odd-pictures.json").write_text(json.dumps(golden, indent=1) + "\n")
print({name: entry["rgb"] is not None for name, entry in golden.items()})
