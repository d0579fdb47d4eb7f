"""Makes architectures.json: one forward and backward pass of each architecture that recognises itself, by PyTorch in double precision.

    python architectures.py            (needs torch, torchvision, timm; the test needs only its output)

Weights and pixels are drawn as in make.py. Some networks are smaller than their published kin: what is held is the structure and the names.
"""
import functools
import json

import numpy as np
import timm
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision.models as tv
from torchvision.models.convnext import CNBlockConfig, ConvNeXt

from make import fill, here, passes, versions

imagenet = ([.485, .456, .406], [.229, .224, .225])
half = ([.5] * 3, [.5] * 3)
lite = ([127 / 255] * 3, [128 / 255] * 3)


class ProjectionBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        self.shortcut = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout)) if stride > 1 or cin != cout else nn.Sequential()

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.shortcut(x))


class CifarB(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        cin = 16
        for s, width in enumerate((16, 32, 64)):
            setattr(self, f'layer{s + 1}', nn.Sequential(ProjectionBlock(cin, width, 2 if s else 1), ProjectionBlock(width, width, 1)))
            cin = width
        self.linear = nn.Linear(64, 7)

    def forward(self, x):
        return self.linear(self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x)))))).mean((2, 3)))


class Next29Block(nn.Module):
    def __init__(self, cin, planes, stride, groups=32, base=4):
        super().__init__()
        dim = planes * base // 64 * groups
        self.conv_reduce, self.bn_reduce = nn.Conv2d(cin, dim, 1, bias=False), nn.BatchNorm2d(dim)
        self.conv_conv, self.bn = nn.Conv2d(dim, dim, 3, stride, 1, groups=groups, bias=False), nn.BatchNorm2d(dim)
        self.conv_expand, self.bn_expand = nn.Conv2d(dim, planes * 4, 1, bias=False), nn.BatchNorm2d(planes * 4)
        self.downsample = nn.Sequential(nn.Conv2d(cin, planes * 4, 1, stride, bias=False), nn.BatchNorm2d(planes * 4)) if stride > 1 or cin != planes * 4 else None

    def forward(self, x):
        y = F.relu(self.bn_reduce(self.conv_reduce(x)))
        y = self.bn_expand(self.conv_expand(F.relu(self.bn(self.conv_conv(y)))))
        return F.relu((self.downsample(x) if self.downsample else x) + y)


class Next29(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv_1_3x3, self.bn_1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64)
        cin = 64
        for s, planes in enumerate((64, 128, 256)):
            blocks = [Next29Block(cin, planes, 2 if s else 1)]
            cin = planes * 4
            blocks += [Next29Block(cin, planes, 1) for _ in range(2)]
            setattr(self, f'stage_{s + 1}', nn.Sequential(*blocks))
        self.classifier = nn.Linear(cin, 7)

    def forward(self, x):
        x = self.stage_3(self.stage_2(self.stage_1(F.relu(self.bn_1(self.conv_1_3x3(x))))))
        return self.classifier(x.mean((2, 3)))


def vgg():
    model = tv.vgg11_bn(num_classes=7)
    model.classifier = nn.Sequential(nn.Linear(512 * 49, 32), nn.ReLU(), nn.Dropout(), nn.Linear(32, 24), nn.ReLU(), nn.Dropout(), nn.Linear(24, 7))
    return model


def convnext():
    return ConvNeXt([CNBlockConfig(16, 32, 1), CNBlockConfig(32, 48, 2), CNBlockConfig(48, 64, 1), CNBlockConfig(64, None, 1)], num_classes=7)


group_norm = functools.partial(nn.GroupNorm, 32)
MODELS = {
    'cifar-resnet-14b': (CifarB, 32, ([.4914, .4822, .4465], [.2023, .1994, .2010])),
    'resnext-29-32x4d': (Next29, 32, half),
    'resnext-50-32x4d': (lambda: tv.resnext50_32x4d(num_classes=7), 64, imagenet),
    'resnet-18-gn': (lambda: tv.resnet18(num_classes=7, norm_layer=group_norm), 64, imagenet),
    'vgg-11-bn': (vgg, 96, imagenet),
    'densenet-121': (lambda: tv.densenet121(num_classes=7), 64, imagenet),
    'mobilenet-v2': (lambda: tv.mobilenet_v2(num_classes=7), 64, imagenet),
    'mobilenet-v2 timm': (lambda: timm.create_model('mobilenetv2_100', num_classes=7), 64, imagenet),
    'efficientnet-b0': (lambda: tv.efficientnet_b0(num_classes=7), 64, imagenet),
    'efficientnet-b0 timm': (lambda: timm.create_model('efficientnet_b0', num_classes=7), 64, imagenet),
    'efficientnet-lite0': (lambda: timm.create_model('tf_efficientnet_lite0', num_classes=7), 70, lite),
    'shufflenet-v2': (lambda: tv.shufflenet_v2_x0_5(num_classes=7), 64, imagenet),
    'regnet-y': (lambda: tv.regnet_y_400mf(num_classes=7), 64, imagenet),
    'regnet-y timm': (lambda: timm.create_model('regnety_002', num_classes=7), 64, imagenet),
    'convnext': (convnext, 64, imagenet),
    'convnext timm': (lambda: timm.create_model('convnext_tiny', num_classes=7, depths=(1, 1, 2, 1), dims=(16, 32, 48, 64)), 64, imagenet),
    'vit-w128-8': (lambda: tv.VisionTransformer(32, 8, 3, 2, 128, 256, num_classes=7), 32, imagenet),
    'vit-w128-8 timm': (lambda: timm.models.VisionTransformer(img_size=32, patch_size=8, embed_dim=128, depth=3, num_heads=2, num_classes=7), 32, half),
}


def calm(model):
    """Without what is random in training."""
    for module in model.modules():
        if hasattr(module, 'p') and 'drop' in type(module).__name__.lower() or type(module).__name__ == 'StochasticDepth':
            module.p = 0.
        if type(module).__name__ == 'DropPath':
            module.drop_prob = 0.
    return fill(model)


def short(value):
    return float(f'{value:.9g}')


def main():
    torch.set_num_threads(2)
    out = {}
    for name, (build, side, (mean, std)) in MODELS.items():
        batch = 6
        pixels = np.random.RandomState(1).uniform(0, 1, size=(batch, side, side, 3)).astype(np.float32).astype(np.float64)
        x = torch.tensor(((pixels - np.array(mean)) / np.array(std)).transpose(0, 3, 1, 2))
        direction = torch.tensor(np.random.RandomState(2).normal(size=(batch, 7)).astype(np.float32).astype(np.float64))
        nudge = lambda k: x.float() * (1 + 3e-7 * torch.tensor(np.random.RandomState(k).normal(size=x.shape)).float())
        model = calm(build())
        shapes = {n: list(t.shape) for n, t in model.state_dict().items() if not n.endswith('num_batches_tracked')}
        singles = [passes(calm(build()), nudge(k), direction.float()) for k in range(4)]
        source, logits, gradients = passes(model.double(), x, direction)
        rms = lambda a: float(np.sqrt(np.mean(a ** 2)))
        off = {'source': max(float(np.abs(s[0] - source).max() / rms(source)) for s in singles),
               'logits': max(float(np.abs(s[1] - logits).max() / rms(logits)) for s in singles),
               'gradients': max(max(abs(a - b) for a, b in zip(s[2][n], g)) / g[0] for s in singles for n, g in gradients.items() if g[0] > 1e-6)}
        out[name] = {'classes': 7, 'batch': batch, 'side': side, 'mean': mean, 'std': std, 'source': [short(v) for v in source], 'logits': [short(v) for v in logits],
                     'shapes': shapes, 'gradients': {n: [short(v) for v in g] for n, g in gradients.items()}, 'float32': off}
        print(name, off)
    (here / 'architectures.json').write_text(json.dumps({'versions': {**versions, 'timm': timm.__version__}, **out}) + '\n')


main()
