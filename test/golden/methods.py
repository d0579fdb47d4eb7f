"""Makes methods.json: methods that no published trace covers, computed independently of our code, from their equations, in PyTorch (float64).

    python methods.py         (needs torch and numpy; the tests need only its output)

Sources: shared METHODS.md, sections 6 (EcoTTA), 9 (DSS, reconstructed), 11 (AutoLR, online form) and 13 (PALM's alternatives).
Weights and pixels are not stored: both sides draw them from NumPy's legacy generator, seeded by the CRC-32 of a name.
"""
import base64
import json
import math
import pathlib
import zlib

import numpy as np
import torch
import torch.nn.functional as F

C, N, STEPS, SIDE = 5, 8, 4, 16
WIDTHS = (4, 8, 16)
torch.set_num_threads(1)
D = torch.float64


def rs(name):
    return np.random.RandomState(zlib.crc32(name.encode()))


def pixels(name, n):
    return torch.tensor(np.floor(rs(name).uniform(0, 256, size=(n, SIDE, SIDE, 3))), dtype=D).permute(0, 3, 1, 2).contiguous() / 255


def source():
    P = {}

    def conv(name, cout, cin, k=3):
        P[name] = torch.tensor(rs(name).normal(size=(cout, cin, k, k)) * math.sqrt(2 / (cin * k * k)), dtype=torch.float32).to(D)

    def bn(name, c):
        P[name + '.weight'] = torch.tensor(rs(name + '.weight').uniform(.6, 1.4, size=c), dtype=torch.float32).to(D)
        P[name + '.bias'] = torch.tensor(rs(name + '.bias').normal(size=c) * .2, dtype=torch.float32).to(D)
    conv('conv1.weight', 4, 3)
    bn('bn1', 4)
    cin = 4
    for s, w in enumerate(WIDTHS, 1):
        conv(f'layer{s}.0.conv1.weight', w, cin)
        bn(f'layer{s}.0.bn1', w)
        conv(f'layer{s}.0.conv2.weight', w, w)
        bn(f'layer{s}.0.bn2', w)
        cin = w
    P['linear.weight'] = torch.tensor(rs('linear.weight').normal(size=(C, 16)) * math.sqrt(2 / 16), dtype=torch.float32).to(D)
    P['linear.bias'] = torch.tensor(rs('linear.bias').normal(size=C) * .2, dtype=torch.float32).to(D)
    return P


def bn(P, h, n):
    m, v = h.mean((0, 2, 3), keepdim=True), h.var((0, 2, 3), unbiased=False, keepdim=True)
    s = lambda t: t.view(1, -1, 1, 1)
    return (h - m) / (v + 1e-5).sqrt() * s(P[n + '.weight']) + s(P[n + '.bias'])


MEAN, STD = (torch.tensor(v, dtype=torch.float32).to(D).view(1, 3, 1, 1) for v in ((.485, .456, .406), (.229, .224, .225)))


def stem(P, x):
    return F.relu(bn(P, F.conv2d((x - MEAN) / STD, P['conv1.weight'], padding=1), 'bn1'))


def block(P, h, s):
    p, stride = f'layer{s}.0', 2 if s > 1 else 1
    y = F.relu(bn(P, F.conv2d(h, P[p + '.conv1.weight'], stride=stride, padding=1), p + '.bn1'))
    y = bn(P, F.conv2d(y, P[p + '.conv2.weight'], padding=1), p + '.bn2')
    if s > 1:
        c = h.shape[1] // 2
        h = F.pad(h[:, :, ::2, ::2], (0, 0, 0, 0, c, c))
    return F.relu(y + h)


def head(P, h):
    return h.mean((2, 3)) @ P['linear.weight'].T + P['linear.bias']


def net(P, x):
    h = stem(P, x)
    for s in (1, 2, 3):
        h = block(P, h, s)
    return head(P, h)


def grads(loss, Q, names, keep=False):
    return dict(zip(names, torch.autograd.grad(loss, [Q[n] for n in names], retain_graph=keep)))


def leaf(P, names):
    return {n: (v.detach().clone().requires_grad_(True) if n in names else v) for n, v in P.items()}


def H(z):
    return -(z.softmax(1) * z.log_softmax(1)).sum(1)


def ce(a, b):
    return -(a.softmax(1) * b.log_softmax(1)).sum(1)


class Sfc32:
    """The app's own generator of draws."""

    def __init__(self, seed):
        self.w = [0x9e3779b9, 0x243f6a88, 0xb7e15162, seed & 0xffffffff]
        for _ in range(16):
            self.u32()

    def u32(self):
        a, b, c, n = self.w
        r = (a + b + n) & 0xffffffff
        self.w = [b ^ (b >> 9), (c + (c << 3)) & 0xffffffff, (((c << 21) | (c >> 11)) + r) & 0xffffffff, (n + 1) & 0xffffffff]
        return r

    def uniform(self, lo, hi):
        return lo + (hi - lo) * self.u32() / 2 ** 32


X = [pixels(f'x{t}', N) for t in range(8)]
V = [pixels(f'view{t}', N) for t in range(8)]


def palm(hp):
    P = source()
    names = [n for n in P if 'linear' not in n]
    start = {n: P[n].clone() for n in names}
    avg, imp, state = {}, {}, {}
    d, dmax, num = 1e-6, 1e-6, 0.0
    out = []
    for t in range(STEPS):
        Q = leaf(P, names)
        z, zv = net(Q, X[t]), net(Q, V[t])
        if hp['signal'] == 'pseudo-label':
            sig = F.cross_entropy(z, z.argmax(1))
        else:
            sig = -(z / hp['T']).log_softmax(1).sum(1).mean()
        g = grads(sig, Q, names, keep=True)
        sel = [n for n in names if g[n].abs().sum() <= hp['eta']]
        assert 0 < len(sel) < len(names), ('eta must divide', sorted(float(g[n].abs().sum()) for n in names))
        kept = H(z) < hp['margin']
        loss = (H(z)[kept].mean() if kept.any() else 0) + hp['lambda'] * C * ce(z, zv).mean()
        if hp['optimizer'] == 'adam':
            for n in sel:
                S = (P[n] * g[n]).abs()
                avg[n] = hp['alpha'] * S + (1 - hp['alpha']) * avg.get(n, torch.zeros_like(S))
                i = ((S - avg[n]).abs() + 1e-8) / (avg[n] + 1e-8)
                imp[n] = i if hp['granularity'] == 'element' else i.mean()
            moving = [n for n in names if n in imp]
        else:
            moving = sel
        G = grads(loss, Q, moving)
        if hp['state'] == 'fresh':
            state, d, dmax, num = {}, 1e-6, 1e-6, 0.0
            start = {n: P[n].clone() for n in names}
        if hp['optimizer'] == 'prodigy':
            d0, b3 = 1e-6, math.sqrt(.999)
            along = 0.0
            for n in moving:
                s = state.setdefault(n, dict(m=0 * P[n], v=0 * P[n], s=0 * P[n], w0=P[n].clone()))
                along += float((G[n] * (s['w0'] - P[n])).sum())
                s['m'] = .9 * s['m'] + .1 * d * G[n]
                s['v'] = .999 * s['v'] + .001 * d * d * G[n] ** 2
                s['s'] = b3 * s['s'] + d / d0 * d * G[n]
            num = b3 * num + d / d0 * d * along
            total = sum(float(s['s'].abs().sum()) for s in state.values())
            dmax = max(dmax, num / total)
            new = max(d, dmax)
            for n in moving:
                s = state[n]
                P[n] = P[n] - d * s['m'] / (s['v'].sqrt() + new * 1e-8)
            d = new
        elif hp['optimizer'] == 'lars':
            for n in moving:
                local = 1e-3 * P[n].norm() / G[n].norm()
                state[n] = .9 * state.get(n, 0 * P[n]) + local * G[n]
                P[n] = P[n] - state[n]
        elif hp['optimizer'] == 'adafactor':
            for n in moving:
                # The tensor's own PyTorch optimizer, one object per tensor, so that each counts its own steps.
                if n not in state:
                    w = P[n].clone().requires_grad_(True)
                    state[n] = (w, torch.optim.Adafactor([w]))
                w, opt = state[n]
                with torch.no_grad():
                    w.copy_(P[n])
                w.grad = G[n].clone()
                opt.step()
                P[n] = w.detach().clone()
        else:
            for n in moving:
                P[n] = P[n] - hp['kappa'] * imp[n] * G[n] / (G[n].abs() + 1e-8)
        out.append(dict(logits=z.detach(), selected=sel))
    return P, out


def dss():
    P, T = source(), source()
    names = list(P)
    tau, rnd, m, v = 1 / C, Sfc32(7), {}, {}
    out = []
    for t in range(STEPS):
        zt = net(T, X[t])
        p = zt.softmax(1)
        conf, y = p.max(1)
        tau = .1 * tau + .9 * float(conf.mean())
        high = conf >= tau
        assert 0 < int(high.sum()) < N
        ks = []
        for b in range(N):
            if not high[b]:
                low = [c for c in range(C) if p[b, c] < 1 / C]
                ks.append((b, low[int(rnd.uniform(0, len(low)))]))
        Q = leaf(P, names)
        z = net(Q, X[t])
        lp = z.log_softmax(1)
        loss = -lp[high, y[high]].mean() + sum(-(1 - lp[b, k].exp() + 1e-7).log() for b, k in ks) / len(ks)
        G = grads(loss, Q, names)
        for n in names:
            m[n] = .9 * m.get(n, 0 * G[n]) + .1 * G[n]
            v[n] = .999 * v.get(n, 0 * G[n]) + .001 * G[n] ** 2
            P[n] = P[n] - 1e-3 * (m[n] / (1 - .9 ** (t + 1))) / ((v[n] / (1 - .999 ** (t + 1))).sqrt() + 1e-8)
            T[n] = .9 * T[n] + .1 * P[n]
        out.append(dict(logits=zt.detach(), kept=high.tolist()))
    return T, out


def autolr():
    P = source()
    names = [n for n in P if 'linear' not in n]
    blocks = ['stem', 'layer1.0', 'layer2.0', 'layer3.0']
    of = lambda n: next((i for i, b in enumerate(blocks) if n.startswith(b + '.')), 0)
    convs = [n for n in names if 'conv' in n]
    rates, buf, gate, out = [1e-3] * 4, {}, .94, []
    for t in range(6):
        if t % 2 == 0:
            before = {n: P[n].clone() for n in convs}
        Q = leaf(P, names)
        z = net(Q, X[t])
        G = grads(H(z).mean(), Q, names)
        for n in names:
            buf[n] = G[n] if n not in buf else .9 * buf[n] + G[n]
            P[n] = P[n] - rates[of(n)] * (G[n] + .9 * buf[n])
        out.append(dict(logits=z.detach(), rates=list(rates)))
        if t % 2:
            v = []
            for i in (1, 2, 3):
                own = [n for n in convs if of(n) == i]
                v.append(1e6 * math.sqrt(sum(float(((P[n] - before[n]) ** 2).sum()) for n in own)) / sum(P[n].numel() for n in own))
            rank = sorted(range(3), key=lambda i: v[i])
            score = 1 - 2 * sum(abs(i - rank.index(i)) for i in range(3)) / 9
            if score < gate:
                if t == 1:
                    lo, hi = 2 * min(v), .4 * max(v)
                    if lo >= hi:
                        lo, hi = min(v), max(v)
                    want = [lo + (hi - lo) * i / 2 for i in range(3)]
                else:
                    gap, want = (max(v) - min(v)) / 2, list(v)
                    if want[2] <= want[1]:
                        want[2] = want[1] + gap
                    if want[0] >= want[1]:
                        want[0] = max(1e-12, want[1] - gap)
                for i in range(3):
                    rates[i + 1] *= min(2, max(.5, want[i] / v[i]))
                rates[0] = rates[1] / 2
            if gate > .8:
                gate *= .99
    return P, out


def ecotta():
    P = source()
    ends = [1, 3]  # two parts of the three blocks: 1 and 2
    widths = {0: 4, 1: 4, 3: 16}
    stride = {1: 1, 3: 4}
    meta, before = {}, 0
    for k, e in enumerate(ends):
        cin, cout = widths[before], widths[e]
        n = f'meta.{k}'
        w = rs(f'{n}.conv.weight').uniform(-1, 1, size=cout * cin * 9).astype(np.float32) * np.float32(1 / math.sqrt(9 * cin))
        meta[f'{n}.conv.weight'] = torch.tensor(w.reshape(cout, cin, 3, 3)).to(D)
        for b in ('bn', 'conv_bn'):
            meta[f'{n}.{b}.weight'] = torch.ones(cout, dtype=D)
            meta[f'{n}.{b}.bias'] = torch.zeros(cout, dtype=D)
        before = e
    names = list(meta)

    def forward(M, x, detach):
        g, first, pairs = stem(P, x), 1, []
        for k, e in enumerate(ends):
            inp = g.detach() if detach else g
            h = inp
            for s in range(first, e + 1):
                h = block(P, h, s)
            first = e + 1
            n = f'meta.{k}'
            g = bn(M, h, n + '.bn') + F.relu(bn(M, F.conv2d(inp, M[n + '.conv.weight'], stride=stride[e], padding=1), n + '.conv_bn'))
            pairs.append((g, h))
        return head(P, g), pairs

    def sgd(G, buf, lr):
        for n in names:
            buf[n] = G[n] if n not in buf else .9 * buf[n] + G[n]
            meta[n] = meta[n] - lr * buf[n]
    src = pixels('source', 10)
    labels = torch.arange(10) % C
    buf = {}
    for epoch in range(3):
        for i in range(2):
            Q = leaf(meta, names)
            z, _ = forward(Q, src[5 * i:5 * i + 5], False)
            rate = .05 * (i + 1) / 2 if epoch == 0 else .05 * .2 ** sum(epoch - 1 >= f * 2 for f in (.3, .6, .8))
            sgd(grads(F.cross_entropy(z, labels[5 * i:5 * i + 5]), Q, names), buf, rate)
    buf, out = {}, []
    for t in range(STEPS):
        Q = leaf(meta, names)
        _, pairs = forward(Q, X[t], True)
        reg = sum((g - h.detach()).abs().mean() for g, h in pairs)
        sgd(grads(.25 * reg, Q, names), buf, 5e-3)
        Q = leaf(meta, names)
        z, _ = forward(Q, X[t], False)
        kept = H(z) < 1.5
        assert 0 < int(kept.sum()) < N, H(z)
        sgd(grads(H(z)[kept].mean(), Q, names), buf, 5e-3)
        out.append(dict(logits=z.detach(), kept=kept.tolist(), regularization=float(reg)))
    return meta, out


BASE = dict(signal='uniform', T=50, eta=.0, margin=1.2, alpha=.5, kappa=1e-3, optimizer='adam', granularity='tensor', state='kept')
BASE['lambda'] = .01
CASES = {
    'palm pseudo-label': lambda: palm({**BASE, 'signal': 'pseudo-label', 'eta': 4.0}),
    'palm element': lambda: palm({**BASE, 'granularity': 'element', 'eta': 2e-3}),
    'palm lars': lambda: palm({**BASE, 'optimizer': 'lars', 'eta': 2e-3}),
    'palm prodigy': lambda: palm({**BASE, 'optimizer': 'prodigy', 'eta': 2e-3}),
    'palm prodigy fresh': lambda: palm({**BASE, 'optimizer': 'prodigy', 'eta': 2e-3, 'state': 'fresh'}),
    'palm adafactor': lambda: palm({**BASE, 'optimizer': 'adafactor', 'eta': 2e-3}),
    'palm adafactor fresh': lambda: palm({**BASE, 'optimizer': 'adafactor', 'eta': 2e-3, 'state': 'fresh'}),
    'dss': dss,
    'autolr': autolr,
    'ecotta': ecotta,
}
b64 = lambda a: base64.b64encode(a.detach().numpy().astype(np.float32).tobytes()).decode()
doc = {'versions': {'torch': torch.__version__, 'numpy': np.__version__}, 'cases': {}}
for name, make in CASES.items():
    P, steps = make()
    doc['cases'][name] = {
        'steps': [{k: (b64(v) if torch.is_tensor(v) else v) for k, v in s.items()} for s in steps],
        'parameters': {n: b64(v) for n, v in P.items() if name == 'dss' or 'linear' not in n},
    }
    print(name, [len(s['selected']) if 'selected' in s else '' for s in steps])
(pathlib.Path(__file__).parent / 'methods.json').write_text(json.dumps(doc) + '\n')
