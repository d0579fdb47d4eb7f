"""Makes heads.json: small checkpoints with classifiers as people put them in place of a network's own, and with a normalisation beside the weights, written by
PyTorch, with the logits that PyTorch computes from them in double precision.

    python heads.py            (needs torch and numpy; the test needs only its output)
"""
import base64
import io
import json

import numpy as np
import torch
import torch.nn as nn

from architectures_parts import Tiny
from make import fill, here

pixels = np.random.RandomState(1).uniform(0, 1, size=(3, 16, 16, 3)).astype(np.float32)


def case(change, head, mean=(.4914, .4822, .4465), std=(.2023, .1994, .2010)):
    """`head` in place of `fc`; `change` makes the file's contents of the state dict."""
    model = Tiny()
    if head is not None:
        model.fc = head(model.fc.in_features)
    model = fill(model).eval()
    buffer = io.BytesIO()
    torch.save(change(model.state_dict()), buffer)
    x = torch.tensor(((pixels - np.array(mean)) / np.array(std)).transpose(0, 3, 1, 2))
    with torch.no_grad():
        logits = model.double()(x).numpy()
    return {'file': base64.b64encode(buffer.getvalue()).decode(), 'classes': logits.shape[1], 'logits': logits.reshape(-1).tolist()}


same = lambda state: state
outside = lambda state: {(k if k.startswith('fc.') else f'backbone.{k}'): v for k, v in state.items()}
renamed = lambda state: {(f'classifier{k[2:]}' if k.startswith('fc.') else f'net.{k}'): v for k, v in state.items()}
lightning = lambda state: {'state_dict': {**{f'net.{k}': v for k, v in state.items()}, 'loss.weight': torch.ones(3), 'val_acc.tp': torch.ones(3)}, 'best_score': torch.tensor(.5)}
half, bytes_mean, bytes_std = (.5, .4, .3), (127.5, 102., 76.5), (51., 63.75, 76.5)
beside = lambda state: {'state_dict': state, 'mean': torch.tensor(half), 'std': torch.tensor([.2, .25, .3])}
inside = lambda state: {**{f'model.{k}': v for k, v in state.items()}, 'pixel_mean': torch.tensor(bytes_mean).view(3, 1, 1), 'pixel_std': torch.tensor(bytes_std).view(3, 1, 1)}

cases = {
    'dropout.pth': case(same, lambda n: nn.Sequential(nn.Dropout(), nn.Linear(n, 5))),
    'hidden.pth': case(same, lambda n: nn.Sequential(nn.Linear(n, 6), nn.ReLU(), nn.Dropout(), nn.Linear(6, 4))),
    'two hidden.pth': case(same, lambda n: nn.Sequential(nn.Dropout(), nn.Linear(n, 6), nn.ReLU(), nn.Dropout(), nn.Linear(6, 7), nn.ReLU(), nn.Linear(7, 4))),
    'no activation.pth': case(same, lambda n: nn.Sequential(nn.Linear(n, 6), nn.Linear(6, 4))),
    'no bias.pth': case(same, lambda n: nn.Linear(n, 4, bias=False)),
    'outside.pth': case(outside, lambda n: nn.Linear(n, 4)),
    'outside hidden.pth': case(renamed, lambda n: nn.Sequential(nn.Linear(n, 6), nn.ReLU(), nn.Linear(6, 4))),
    'lightning.ckpt': case(lightning, None),
    'normalisation beside.pth': case(beside, None, half, (.2, .25, .3)),
    'normalisation inside.pth': case(inside, None, half, (.2, .25, .3)),
}
(here / 'heads.json').write_text(json.dumps({'torch': torch.__version__.split('+')[0], 'cases': cases}) + '\n')
