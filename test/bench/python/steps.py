"""Times one adaptation step in PyTorch the way the methods' published codes do it: the other side of `npm run bench -- --against-pytorch`.

Our own words, not the authors' files: modules in train mode (batch statistics), two forward passes for PALM, one backward pass for
the KL term with the graph kept, a new Adam with one parameter group per tensor for every batch, and CoTTA's augmentations by torchvision.

    python steps.py --model resnet20 --method palm --layout nchw|channels_last --batch 200 --threads 2 [--device cuda [--tf32]]
Then one line on standard input = one timed step; each is answered with a JSON line {"ms": ...}. End of input: {"peakMiB": ...}.
"""
import argparse
import json
import math
import random
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision.transforms.functional as TF
from torchvision.transforms import InterpolationMode


class BasicBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.stride, self.extra = stride, cout - cin

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride != 1 or self.extra:
            x = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, self.extra // 2, self.extra - self.extra // 2))
        return F.relu(y + x)


class CifarResNet(nn.Module):
    def __init__(self, depth, classes=10):
        super().__init__()
        n = (depth - 2) // 6
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        layers, cin = [], 16
        for stage, width in enumerate((16, 32, 64)):
            for block in range(n):
                layers.append(BasicBlock(cin, width, 2 if stage and not block else 1))
                cin = width
        self.layers, self.linear = nn.Sequential(*layers), nn.Linear(64, classes)

    def forward(self, x):
        return self.linear(self.layers(F.relu(self.bn1(self.conv1(x)))).mean((2, 3)))


class WideBlock(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(cin), nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn2, self.conv2 = nn.BatchNorm2d(cout), nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.short = None if cin == cout else nn.Conv2d(cin, cout, 1, stride, 0, bias=False)

    def forward(self, x):
        o = F.relu(self.bn1(x))
        y = self.conv2(F.relu(self.bn2(self.conv1(o))))
        return y + (x if self.short is None else self.short(o))


class WideResNet(nn.Module):
    def __init__(self, depth, widen, classes=10):
        super().__init__()
        n = (depth - 4) // 6
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        layers, cin = [], 16
        for stage, width in enumerate((16, 32, 64)):
            for block in range(n):
                layers.append(WideBlock(cin, width * widen, 2 if stage and not block else 1))
                cin = width * widen
        self.layers, self.bn, self.fc = nn.Sequential(*layers), nn.BatchNorm2d(cin), nn.Linear(cin, classes)

    def forward(self, x):
        return self.fc(F.relu(self.bn(self.layers(self.conv1(x)))).mean((2, 3)))


class Normalised(nn.Module):
    def __init__(self, net):
        super().__init__()
        self.net = net
        self.register_buffer('mean', torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer('std', torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def forward(self, x):
        return self.net((x - self.mean) / self.std)


def resnet50():
    from torchvision.models import resnet50 as make
    return make(num_classes=1000)


MODELS = {
    'resnet20': lambda: CifarResNet(20),
    'resnet56': lambda: CifarResNet(56),
    'wrn-40-2': lambda: WideResNet(40, 2),
    'wrn-28-10': lambda: WideResNet(28, 10),
    'resnet50': resnet50,
}


def view(x):
    """CoTTA's augmentation of a whole batch with one set of random parameters."""
    n = x.shape[-1]
    u = random.uniform
    x = x.clamp(0, 1)
    jitter = [
        lambda t: TF.adjust_brightness(t, u(0.6, 1.4)),
        lambda t: TF.adjust_contrast(t, u(0.7, 1.3)),
        lambda t: TF.adjust_saturation(t, u(0.5, 1.5)),
        lambda t: TF.adjust_hue(t, u(-0.06, 0.06)),
        lambda t: t.clamp(1e-8, 1.0).pow(u(0.7, 1.3)).clamp(0, 1),
    ]
    random.shuffle(jitter)
    for change in jitter:
        x = change(x)
    x = TF.pad(x, [n // 2] * 4, padding_mode='edge')
    shift = [round(u(-n / 16, n / 16)), round(u(-n / 16, n / 16))]
    x = TF.affine(x, u(-15, 15), shift, u(0.9, 1.1), [0.0, 0.0], interpolation=InterpolationMode.BILINEAR, fill=[0.0])
    x = TF.gaussian_blur(x, [5, 5], [u(0.001, 0.5)] * 2)
    x = TF.center_crop(x, [n, n])
    if random.random() < 0.5:
        x = TF.hflip(x)
    return (x + torch.randn_like(x) * 0.005).clamp(0, 1)


def entropy(z):
    return -(z.softmax(1) * z.log_softmax(1)).sum(1)


class Palm:
    kappa, alpha, temperature, eta, lam, margin, eps = 5e-4, 0.5, 50.0, 1.0, 0.01, 0.4, 1e-8

    def __init__(self, model):
        self.model = model
        self.named = [(n, p) for n, p in model.named_parameters() if p.dim() == 4 or (p.dim() == 1 and 'linear' not in n and 'fc' not in n)]
        chosen = {id(p) for _, p in self.named}
        for p in model.parameters():
            p.requires_grad_(id(p) in chosen)
        self.average, self.rate = {}, {}

    def step(self, x):
        z, za = self.model(x), self.model(view(x))
        self.model.zero_grad()
        (-(z / self.temperature).log_softmax(1).sum(1)).mean().backward(retain_graph=True)
        for n, p in self.named:
            score = torch.norm(p.grad, p=1).item()
            if score <= self.eta:
                s = (p.data * p.grad).abs()
                self.average[n] = self.alpha * s + (1 - self.alpha) * self.average.get(n, torch.zeros_like(s))
                d = (s - self.average[n]).abs()
                self.rate[n] = ((d + self.eps) / (self.average[n] + self.eps)).mean().item()
        optimizer = torch.optim.Adam([{'params': p, 'lr': self.kappa * self.rate.get(n, 0.0)} for n, p in self.named])
        h = entropy(z)
        keep = h < self.margin
        kept = h[keep].mean() if bool(keep.any()) else (z * 0).sum()
        consistency = -(z.softmax(1) * za.log_softmax(1)).sum(1).mean()
        optimizer.zero_grad()
        (kept + self.lam * z.shape[1] * consistency).backward()
        optimizer.step()
        return z.detach()


class Tent:
    def __init__(self, model):
        self.model = model
        params = []
        for m in model.modules():
            for p in m.parameters(recurse=False):
                p.requires_grad_(isinstance(m, nn.BatchNorm2d))
            if isinstance(m, nn.BatchNorm2d):
                params += [m.weight, m.bias]
        self.optimizer = torch.optim.Adam(params, lr=1e-3)

    def step(self, x):
        z = self.model(x)
        entropy(z).mean().backward()
        self.optimizer.step()
        self.optimizer.zero_grad()
        return z.detach()


class Plain:
    def __init__(self, model):
        self.model = model

    @torch.no_grad()
    def step(self, x):
        return self.model(x)


def batch_statistics(model):
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.track_running_stats, m.running_mean, m.running_var = False, None, None


def peak_mib():
    with open('/proc/self/status') as status:
        for line in status:
            if line.startswith('VmHWM'):
                return int(line.split()[1]) / 1024
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--model', choices=MODELS, required=True)
    ap.add_argument('--method', choices=['source', 'norm', 'tent', 'palm'], required=True)
    ap.add_argument('--layout', choices=['nchw', 'channels_last'], default='nchw')
    ap.add_argument('--batch', type=int, default=200)
    ap.add_argument('--threads', type=int, default=2)
    ap.add_argument('--seed', type=int, default=0)
    ap.add_argument('--device', choices=['cpu', 'cuda'], default='cpu')
    ap.add_argument('--tf32', action='store_true')
    args = ap.parse_args()
    cuda = args.device == 'cuda'
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = args.tf32
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    random.seed(args.seed)
    model = Normalised(MODELS[args.model]())
    model.train(args.method != 'source')
    if args.method != 'source':
        batch_statistics(model)
    form = torch.channels_last if args.layout == 'channels_last' else torch.contiguous_format
    model = model.to(args.device).to(memory_format=form)
    stepper = {'source': Plain, 'norm': Plain, 'tent': Tent, 'palm': Palm}[args.method](model)
    side = 224 if args.model == 'resnet50' else 32
    x = torch.rand(args.batch, 3, side, side).to(args.device).to(memory_format=form)
    name = torch.cuda.get_device_name() if cuda else 'processor'
    print(json.dumps({'ready': torch.__version__, 'device': name}), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        z = stepper.step(x)
        float(z.sum())  # waits for the device
        ms = 1000 * (time.perf_counter() - start)
        print(json.dumps({'ms': ms, 'finite': math.isfinite(float(z.sum()))}), flush=True)
    alive = torch.cuda.max_memory_allocated() / 2**20 if cuda else None
    print(json.dumps({'peakMiB': peak_mib(), 'peakAliveMiB': alive}), flush=True)


if __name__ == '__main__':
    main()
