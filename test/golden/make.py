"""Makes the golden files beside it with PyTorch, torchvision and Pillow: what our engine, views and image reader are held against.

    python make.py            (needs torch, torchvision, numpy, pillow; the tests need only its output)

Weights and pixels are not stored: both sides draw them from NumPy's legacy generator, seeded by the CRC-32 of the tensor's name.
"""
import base64
import io
import json
import math
import pathlib
import zlib

import numpy as np
import PIL
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms.functional as TF
from PIL import Image
from torchvision.transforms import InterpolationMode

here = pathlib.Path(__file__).parent
versions = {'torch': torch.__version__, 'torchvision': torchvision.__version__, 'pillow': PIL.__version__, 'numpy': np.__version__}
text = lambda array: base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def drawn(name, shape, kind):
    r = np.random.RandomState(zlib.crc32(name.encode()))
    n = int(np.prod(shape))
    if kind == 'weight':
        v = r.normal(size=n) * math.sqrt(2 / (n / shape[0]))
    elif kind == 'positive':
        v = r.uniform(.6, 1.4, size=n)
    else:
        v = r.normal(size=n) * .2
    return torch.tensor(v.reshape(shape), dtype=torch.float32)


def kind_of(name, shape):
    if len(shape) > 1:
        return 'weight'
    return 'positive' if name.endswith('running_var') or (name.endswith('.weight')) else 'small'


def fill(model):
    state = {n: t if n.endswith('num_batches_tracked') else drawn(n, tuple(t.shape), kind_of(n, t.shape)) for n, t in model.state_dict().items()}
    model.load_state_dict(state)
    return model


class CifarBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False), nn.BatchNorm2d(cout)
        self.conv2, self.bn2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False), nn.BatchNorm2d(cout)
        self.stride, self.extra = stride, cout - cin

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride > 1 or self.extra:
            x = F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, self.extra // 2, self.extra - self.extra // 2))
        return F.relu(y + x)


class Cifar(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        cin = 16
        for s, width in enumerate((16, 32, 64)):
            blocks = []
            for b in range(n):
                blocks.append(CifarBlock(cin, width, 2 if s and not b else 1))
                cin = width
            setattr(self, f'layer{s + 1}', nn.Sequential(*blocks))
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(F.relu(self.bn1(self.conv1(x))))))
        return self.linear(x.mean((2, 3)))


class WideBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(cin), nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(cout), nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        if cin != cout:
            self.convShortcut = nn.Conv2d(cin, cout, 1, stride, 0, bias=False)

    def forward(self, x):
        o = F.relu(self.bn1(x))
        y = self.conv2(F.relu(self.bn2(self.conv1(o))))
        return y + (self.convShortcut(o) if hasattr(self, 'convShortcut') else x)


class Wide(nn.Module):
    def __init__(self, n, widen):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        cin = 16
        for s, width in enumerate((16, 32, 64)):
            blocks = []
            for b in range(n):
                blocks.append(WideBlock(cin, width * widen, 2 if s and not b else 1))
                cin = width * widen
            stage = nn.Module()
            stage.layer = nn.Sequential(*blocks)
            setattr(self, f'block{s + 1}', stage)
        self.bn1, self.fc = nn.BatchNorm2d(cin), nn.Linear(cin, 10)

    def forward(self, x):
        x = self.conv1(x)
        for stage in (self.block1, self.block2, self.block3):
            x = stage.layer(x)
        return self.fc(F.relu(self.bn1(x)).mean((2, 3)))


MODELS = {
    'cifar-resnet-20': (lambda: Cifar(3), 10, 4, 32, ([.485, .456, .406], [.229, .224, .225])),
    'wide-resnet-16-2': (lambda: Wide(2, 2), 10, 4, 32, ([0, 0, 0], [1, 1, 1])),
    'resnet-18': (lambda: torchvision.models.resnet18(num_classes=7), 7, 8, 64, ([.485, .456, .406], [.229, .224, .225])),
    'resnet-50': (lambda: torchvision.models.resnet50(num_classes=7), 7, 8, 64, ([.485, .456, .406], [.229, .224, .225])),
}


def passes(model, x, direction):
    model.eval()
    with torch.no_grad():
        source = model(x)
    model.train()
    model.zero_grad()
    logits = model(x)
    (logits * direction).sum().backward()
    gradients = {}
    for n, p in model.named_parameters():
        probe = np.random.RandomState(zlib.crc32(n.encode()) ^ 1).normal(size=p.numel())
        g = p.grad.reshape(-1).double().numpy()
        gradients[n] = [float(np.linalg.norm(g)), float(g @ probe)]
    return source.double().numpy().reshape(-1), logits.detach().double().numpy().reshape(-1), gradients


def models():
    """In double precision, and how far PyTorch's own float32 is from that (the worst of six, each with pixels nudged by a
    rounding error, since a ReLU at its kink may fall to either side): the yardstick for ours."""
    out = {}
    for name, (build, classes, batch, side, (mean, std)) in MODELS.items():
        model = fill(build())
        pixels = np.random.RandomState(1).uniform(0, 1, size=(batch, side, side, 3)).astype(np.float32).astype(np.float64)
        x = torch.tensor(((pixels - np.array(mean)) / np.array(std)).transpose(0, 3, 1, 2))
        direction = torch.tensor(np.random.RandomState(2).normal(size=(batch, classes)).astype(np.float32).astype(np.float64))
        nudge = lambda k: x.float() * (1 + 3e-7 * torch.tensor(np.random.RandomState(k).normal(size=x.shape)).float())
        singles = [passes(fill(build()), nudge(k), direction.float()) for k in range(6)]
        source, logits, gradients = passes(model.double(), x, direction)
        rms = lambda a: float(np.sqrt(np.mean(a ** 2)))
        off = {'source': max(float(np.abs(s[0] - source).max() / rms(source)) for s in singles),
               'logits': max(float(np.abs(s[1] - logits).max() / rms(logits)) for s in singles),
               'gradients': max(max(abs(a - b) for a, b in zip(s[2][n], g)) / g[0] for s in singles for n, g in gradients.items() if g[0] > 1e-6)}
        out[name] = {'classes': classes, 'batch': batch, 'side': side, 'mean': mean, 'std': std, 'source': source.tolist(),
                     'logits': logits.tolist(), 'gradients': gradients, 'float32': off}
    return out


def picture(seed, height, width):
    """Smooth in part, noisy in part, with clipped areas."""
    r = np.random.RandomState(seed)
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return np.clip(127.5 + 110 * np.sin((x + 2 * c) / 5) * np.cos(y / (4 + c)) + r.normal(size=(height, width, 3)) * 25, 0, 255).astype(np.uint8)


def views():
    n = 20
    x = np.stack([picture(5, n, n), picture(6, n, n)]).astype(np.float32) / 255
    t = torch.tensor(x.transpose(0, 3, 1, 2)).double()
    nhwc = lambda z: text(z.permute(0, 2, 3, 1).float().numpy())
    # torchvision's tensors path; `brightness` etc. as in CoTTA's transform
    single = {'brightness': TF.adjust_brightness(t, 1.3), 'contrast': TF.adjust_contrast(t, .75), 'saturation': TF.adjust_saturation(t, 1.45),
              'hue': TF.adjust_hue(t, -.055), 'gamma': t.clamp(1e-8, 1.).pow(.8).clamp(0, 1)}
    whole = []
    for order, b, c, s, h, g, angle, dx, dy, zoom, sigma, flip in [
        ([0, 1, 2, 3, 4], 1., 1., 1., 0., 1., 0., 0, 0, 1., .001, False),
        ([3, 0, 4, 2, 1], .7, 1.2, .6, .05, 1.25, 12., 2, -1, 1.08, .45, False),
        ([1, 4, 2, 0, 3], 1.35, .8, 1.4, -.03, .75, -14., -2, 2, .92, .3, True),
    ]:
        v = t.clone()
        steps = [lambda z: TF.adjust_brightness(z, b), lambda z: TF.adjust_contrast(z, c), lambda z: TF.adjust_saturation(z, s),
                 lambda z: TF.adjust_hue(z, h), lambda z: z.clamp(1e-8, 1.).pow(g).clamp(0, 1)]
        for k in order:
            v = steps[k](v)
        v = TF.pad(v, [n // 2] * 4, padding_mode='edge')
        v = TF.affine(v, angle, [dx, dy], zoom, [0., 0.], interpolation=InterpolationMode.BILINEAR, fill=[0.])
        v = TF.center_crop(TF.gaussian_blur(v, [5, 5], [sigma, sigma]), [n, n])
        v = TF.hflip(v) if flip else v
        whole.append({'order': order, 'brightness': b, 'contrast': c, 'saturation': s, 'hue': h, 'gamma': g, 'angle': angle, 'shiftX': dx,
                      'shiftY': dy, 'zoom': zoom, 'blurSigma': sigma, 'flip': flip, 'expected': nhwc(v)})
    return {'side': n, 'pixels': text(x), 'single': {k: nhwc(v) for k, v in single.items()}, 'whole': whole}


def images():
    rgb = Image.fromarray(picture(9, 18, 26))
    files = {}

    def add(name, image, **save):
        buffer = io.BytesIO()
        image.save(buffer, **save)
        shown = Image.open(io.BytesIO(buffer.getvalue()))
        shown = PIL.ImageOps.exif_transpose(shown)
        if shown.mode.startswith('I;16') or shown.mode == 'I':
            shown = Image.fromarray((np.asarray(shown).astype(np.uint32) >> 8).astype(np.uint8))
        if shown.mode in ('RGBA', 'LA'):  # alpha is dropped, not blended
            shown = shown.convert('RGBA')
        decoded = np.asarray(shown.convert('RGB'))
        files[name] = {'file': base64.b64encode(buffer.getvalue()).decode(), 'width': decoded.shape[1], 'height': decoded.shape[0], 'rgb': text(decoded)}

    exif = Image.Exif()
    exif[0x0112] = 6
    add('baseline.jpg', rgb, format='JPEG', quality=90)
    add('subsampled.jpg', rgb, format='JPEG', quality=60, subsampling=2)
    add('progressive.jpg', rgb, format='JPEG', quality=80, progressive=True)
    add('grey.jpg', rgb.convert('L'), format='JPEG', quality=90)
    add('turned.jpg', rgb, format='JPEG', quality=95, exif=exif)
    add('rgb.png', rgb, format='PNG')
    add('palette.png', rgb.quantize(16), format='PNG')
    add('grey.png', rgb.convert('L'), format='PNG')
    add('alpha.png', Image.merge('RGBA', (*rgb.split(), rgb.convert('L'))), format='PNG')
    add('grey-alpha.png', Image.merge('LA', (rgb.convert('L'), rgb.getchannel('G'))), format='PNG')
    add('bits16.png', Image.fromarray(np.asarray(rgb.convert('L')).astype(np.uint16) * 257), format='PNG')
    add('one-bit.png', rgb.convert('1'), format='PNG')
    add('rgb.bmp', rgb, format='BMP')
    add('lossless.webp', rgb, format='WEBP', lossless=True)
    resized = []
    for seed, height, width, size in [(1, 37, 53, 24), (2, 90, 61, 32), (3, 20, 20, 33), (4, 129, 300, 64)]:
        image = Image.fromarray(picture(seed, height, width))
        cut = TF.center_crop(TF.resize(image, size, InterpolationMode.BILINEAR, antialias=True), [size, size])
        resized.append({'height': height, 'width': width, 'size': size, 'pixels': text(np.asarray(image)), 'expected': text(np.asarray(cut))})
    return {'files': files, 'resized': resized}


import PIL.ImageOps  # noqa: E402

if __name__ == '__main__':
    torch.set_num_threads(2)
    for name, make in [('models', models), ('views', views), ('images', images)]:
        (here / f'{name}.json').write_text(json.dumps({'versions': versions, **make()}) + '\n')
