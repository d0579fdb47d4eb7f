"""Makes augmix.json with Pillow: the single operations of AugMix that our host code is held against.  python augmix.py"""
import base64
import json
import pathlib
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps

SIDE = 24
pixels = np.floor(np.random.RandomState(zlib.crc32(b'augmix')).uniform(30, 220, size=(SIDE, SIDE, 3))).astype(np.uint8)
im = Image.fromarray(pixels)
affine = lambda m: im.transform((SIDE, SIDE), Image.Transform.AFFINE, m, Image.Resampling.NEAREST)
cases = {
    'autocontrast': ImageOps.autocontrast(im),
    'equalize': ImageOps.equalize(im),
    'posterize 3': ImageOps.posterize(im, 3),
    'solarize 100': ImageOps.solarize(im, 100),
    'shear x': affine((1, 0.3, 0, 0, 1, 0)),
    'shear y': affine((1, 0, 0, -0.25, 1, 0)),
    'translate x': affine((1, 0, 5, 0, 1, 0)),
    'translate y': affine((1, 0, 0, 0, 1, -7)),
}
b64 = lambda i: base64.b64encode(np.asarray(i, np.uint8).tobytes()).decode()
(pathlib.Path(__file__).parent / 'augmix.json').write_text(json.dumps({'pillow': PIL.__version__, 'side': SIDE, 'cases': {k: b64(v) for k, v in cases.items()}}) + '\n')
