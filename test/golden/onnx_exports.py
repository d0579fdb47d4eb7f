"""Makes onnx-exports.json: a tiny network as PyTorch's own exporters write it (the one that is the default since 2.9 and the one before it, with and without
the call that keeps batch normalisation), with normalisation inside and with several outputs, and what onnxruntime computes of each.

    python onnx_exports.py            (needs torch, onnx, onnxscript, onnxruntime; the test needs only its output)
"""
import base64
import io
import json
import logging
import os
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
import torch.nn as nn

warnings.filterwarnings('ignore')
logging.disable(logging.WARNING)
here = os.path.dirname(os.path.abspath(__file__))
b64 = lambda data: base64.b64encode(data).decode()
# Whole grey levels, so that bytes and floating-point pixels are the same pictures.
levels = np.floor(np.random.RandomState(1).uniform(0, 1, size=(3, 16, 16, 3)).astype(np.float32) * 255)
mean, std = [.485, .456, .406], [.229, .224, .225]


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 6, 3, 2, 1, bias=False), nn.BatchNorm2d(6)
        self.conv2, self.bn2 = nn.Conv2d(6, 8, 3, 1, 1), nn.BatchNorm2d(8, eps=1e-3)
        self.pool, self.drop, self.fc = nn.AdaptiveAvgPool2d(1), nn.Dropout(.3), nn.Linear(8, 5)

    def maps(self, x):
        return torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))))

    def forward(self, x):
        return self.fc(self.drop(torch.flatten(self.pool(self.maps(x)), 1)))


class Normalizing(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.net, self.kind = Tiny(), kind
        self.register_buffer('mean', torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer('std', torch.tensor(std).view(1, 3, 1, 1))

    def forward(self, x):
        kind = self.kind
        if kind == 'unit': x = (x - self.mean) / self.std
        elif kind == 'bytes': x = (x / 255 - self.mean) / self.std
        elif kind == 'uint8, channels last': x = (x.permute(0, 3, 1, 2).float() * (1 / 255) - self.mean) / self.std
        elif kind == 'floats, channels last': x = ((x - self.mean.view(3) * 255) / (self.std.view(3) * 255)).permute(0, 3, 1, 2)
        elif kind == 'half': x = x * 2 - 1
        elif kind == 'mean only': x = x - self.mean * 255
        elif kind == 'product and sum': x = x * (1 / self.std) + (-self.mean / self.std)
        elif kind == 'transform_input': x = torch.cat([x[:, c:c + 1] * (std[c] / .5) + (mean[c] - .5) / .5 for c in range(3)], 1)
        return self.net(x)


class Several(nn.Module):
    def __init__(self, order):
        super().__init__()
        self.net, self.order = Tiny(), order
        self.other = nn.Linear(8, 7) if 'second' in order else None

    def forward(self, x):
        maps = self.net.maps(x)
        features = maps.mean((2, 3))
        logits = self.net.fc(features)
        found = {'maps': maps, 'features': features, 'logits': logits, 'softmax': logits.softmax(-1), 'log': logits.log_softmax(1), 'class': logits.argmax(1)}
        if self.other is not None: found['second'] = self.other(features)
        return tuple(found[what] for what in self.order)


def fill(model):
    generator = torch.Generator().manual_seed(3)
    draw = lambda t, low, high: t.data.copy_(low + (high - low) * torch.rand(t.shape, generator=generator))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            draw(module.weight, .6, 1.5); draw(module.bias, -.3, .3); draw(module.running_mean, -.3, .3); draw(module.running_var, .5, 2)
        elif hasattr(module, 'weight') and isinstance(module.weight, nn.Parameter):
            draw(module.weight, -.4, .4)
            if module.bias is not None: draw(module.bias, -.2, .2)
    return model.eval()


exporters = {
    'dynamo': dict(dynamo=True),
    'dynamo, fixed batch': dict(dynamo=True, fixed=True),
    'dynamo, optimize=False': dict(dynamo=True, optimize=False),
    'torchscript': dict(dynamo=False, opset_version=17),
    'the call that is advised': dict(dynamo=False, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False),
}


def exported(model, exporter, x):
    how = dict(exporters[exporter])
    if not how.pop('fixed', False):
        if how['dynamo']: how['dynamic_shapes'] = ({0: torch.export.Dim('batch')},)
        else: how['dynamic_axes'] = {'x': {0: 'batch'}}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'm.onnx')
        torch.onnx.export(model, (x,), path, input_names=['x'], verbose=False, **how)
        file = onnx.load(path)  # external data comes into it
    del file.metadata_props[:]
    for node in file.graph.node: del node.metadata_props[:]; node.doc_string = ''
    for info in [*file.graph.value_info, *file.graph.input, *file.graph.output, *file.graph.initializer]: del info.metadata_props[:]
    del file.graph.value_info[:]
    del file.graph.metadata_props[:]
    data = file.SerializeToString()
    session = onnxruntime.InferenceSession(data)
    found = session.run(None, {'x': x.numpy()})
    outputs = {o.name: np.asarray(y, dtype=float).round(7) for o, y in zip(session.get_outputs(), found)}
    return b64(data), {name: y.reshape(len(levels), -1).tolist() for name, y in outputs.items() if y.size <= 200}, list(outputs)


def images(kind=''):
    if kind in ('uint8, channels last',): return torch.tensor(levels.astype(np.uint8))
    x = levels if kind in ('bytes', 'mean only', 'floats, channels last') else levels / np.float32(255)
    if kind == 'transform_input': x = ((x - np.array(mean)) / np.array(std)).astype(np.float32)
    return torch.tensor(x if kind == 'floats, channels last' else np.ascontiguousarray(x.transpose(0, 3, 1, 2)))


def main():
    out = {'versions': {'torch': torch.__version__, 'onnx': onnx.__version__, 'onnxruntime': onnxruntime.__version__}, 'plain': {}, 'inside': {}, 'several': {}}
    for exporter in exporters:
        file, outputs, _ = exported(fill(Tiny()), exporter, images())
        out['plain'][exporter] = {'file': file, 'logits': list(outputs.values())[0]}
    kinds = ['unit', 'bytes', 'uint8, channels last', 'floats, channels last', 'half', 'mean only', 'product and sum', 'transform_input']
    for i, kind in enumerate(kinds):
        for exporter in (['dynamo', 'torchscript'] if i < 3 else [['dynamo', 'torchscript'][i % 2]]):
            file, outputs, _ = exported(fill(Normalizing(kind)), exporter, images(kind))
            out['inside'][f'{kind}, {exporter}'] = {'file': file, 'logits': list(outputs.values())[0]}
    for i, order in enumerate([['features', 'logits'], ['logits', 'features'], ['softmax', 'logits'], ['log'], ['class', 'logits'], ['maps', 'logits'], ['features', 'class'], ['logits', 'second']]):
        file, outputs, names = exported(fill(Several(order)), ['dynamo', 'torchscript'][i % 2], images())
        out['several'][' and '.join(order)] = {'file': file, 'names': names, 'outputs': outputs}
    buffer = io.BytesIO()
    torch.save(fill(Tiny()).state_dict(), buffer)
    out['weights'] = b64(buffer.getvalue())
    other = fill(Tiny())
    with torch.no_grad(): other.conv2.weight += .01 * torch.randn(other.conv2.weight.shape, generator=torch.Generator().manual_seed(5))
    buffer = io.BytesIO()
    torch.save(other.state_dict(), buffer)
    out['otherWeights'] = b64(buffer.getvalue())
    with open(os.path.join(here, 'onnx-exports.json'), 'w') as f: json.dump(out, f)


main()
