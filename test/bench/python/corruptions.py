"""Times the corruptions the way the original Python code does them (NumPy, SciPy, scikit-image, OpenCV, Pillow), in our own words, at
severity 3, on one core: the other side of the corruption rows of `npm run bench -- --against-pytorch`. Prints JSON lines.

Motion blur and snow need ImageMagick there and are left out (null); frost's photographs are ours to replace and it is left out too.
"""
import argparse
import io
import json
import time

import cv2
import numpy as np
import skimage as sk
import skimage.color
import skimage.util
from PIL import Image
from scipy.ndimage import map_coordinates, zoom
from skimage.filters import gaussian

cv2.setNumThreads(1)
SMALL = dict(gauss=.08, shot=100, impulse=.03, speckle=.12, blur=.7, glass=(.4, 1, 1), disk=(.5, .6), zoom=(1.16, .01), fog=(.75, 2.5), bright=.15,
             contrast=.4, saturate=(1.5, 0), jpeg=58, pixel=.85, elastic=lambda n: (n * .08, n * .06, n * .06))
LARGE = dict(gauss=.18, shot=12, impulse=.09, speckle=.35, blur=3, glass=(1, 2, 3), disk=(6, .5), zoom=(1.21, .02), fog=(2.5, 1.7), bright=.3,
             contrast=.2, saturate=(2, 0), jpeg=15, pixel=.4, elastic=lambda n: (244 * .05, 244 * .01, 244 * .02))


def unit(x):
    return np.array(x) / 255.


def done(x):
    return np.uint8(np.clip(x, 0, 1) * 255)


def smooth(x, sigma):
    return gaussian(x, sigma=sigma, channel_axis=-1)


def disk_kernel(radius, alias):
    reach = np.arange(-8, 9) if radius <= 8 else np.arange(-radius, radius + 1)
    a, b = np.meshgrid(reach, reach)
    k = np.array(a ** 2 + b ** 2 <= radius ** 2, np.float32)
    return cv2.GaussianBlur(k / k.sum(), ksize=(3, 3) if radius <= 8 else (5, 5), sigmaX=alias)


def plasma(n, decay):
    m, step, rough = np.zeros((n, n)), n, 100.
    def wob(a):
        return a / 4 + rough * np.random.uniform(-rough, rough, a.shape)
    while step >= 2:
        h = step // 2
        c = m[0:n:step, 0:n:step]
        s = c + np.roll(c, -1, 0)
        m[h:n:step, h:n:step] = wob(s + np.roll(s, -1, 1))
        d, u = m[h:n:step, h:n:step], m[0:n:step, 0:n:step]
        m[0:n:step, h:n:step] = wob(d + np.roll(d, 1, 0) + u + np.roll(u, -1, 1))
        m[h:n:step, 0:n:step] = wob(d + np.roll(d, 1, 1) + u + np.roll(u, -1, 0))
        step, rough = h, rough / decay
    m -= m.min()
    return m / m.max()


def magnify(x, f):
    n = x.shape[0]
    c = int(np.ceil(n / f))
    t = (n - c) // 2
    y = zoom(x[t:t + c, t:t + c], (f, f, 1), order=1)
    t = (y.shape[0] - n) // 2
    return y[t:t + n, t:t + n]


def in_hsv(x, change):
    h = sk.color.rgb2hsv(unit(x))
    change(h)
    return done(sk.color.hsv2rgb(h))


def glass(x, p):
    sigma, reach, passes = p
    x = np.uint8(smooth(unit(x), sigma) * 255)
    n = x.shape[0]
    for _ in range(passes):
        for h in range(n - reach, reach, -1):
            for w in range(n - reach, reach, -1):
                dx, dy = np.random.randint(-reach, reach, size=(2,))
                x[h, w], x[h + dy, w + dx] = x[h + dy, w + dx], x[h, w]
    return done(smooth(x / 255., sigma))


def zoomed(x, p):
    x = unit(x).astype(np.float32)
    factors = np.arange(1, p[0], p[1])
    out = np.zeros_like(x)
    for f in factors:
        out += magnify(x, f)
    return done((x + out) / (len(factors) + 1))


def fog(x, p):
    x = unit(x)
    n, top = x.shape[0], x.max()
    x = x + p[0] * plasma(1 << (n - 1).bit_length(), p[1])[:n, :n, None]
    return done(x * top / (top + p[0]))


def elastic(x, p):
    x = np.array(x, np.float32) / 255.
    n = x.shape[0]
    c, q = np.float32((n, n)) // 2, n // 3
    a = np.float32([c + q, [c[0] + q, c[1] - q], c - q])
    b = a + np.random.uniform(-p[2], p[2], size=a.shape).astype(np.float32)
    x = cv2.warpAffine(x, cv2.getAffineTransform(a, b), (n, n), borderMode=cv2.BORDER_REFLECT_101)
    field = [(gaussian(np.random.uniform(-1, 1, size=(n, n)), p[1], mode='reflect', truncate=3) * p[0]).astype(np.float32)[..., None] for _ in range(2)]
    gx, gy, gz = np.meshgrid(np.arange(n), np.arange(n), np.arange(3))
    at = np.reshape(gy + field[1], (-1, 1)), np.reshape(gx + field[0], (-1, 1)), np.reshape(gz, (-1, 1))
    return done(map_coordinates(x, at, order=1, mode='reflect').reshape(x.shape))


def jpeg(x, quality):
    buffer = io.BytesIO()
    Image.fromarray(x).save(buffer, 'JPEG', quality=quality)
    return np.array(Image.open(buffer))


def pixel(x, share):
    n = x.shape[0]
    return np.array(Image.fromarray(x).resize((int(n * share),) * 2, Image.BOX).resize((n, n), Image.BOX))


def contrast(x, left):
    x = unit(x)
    mean = x.mean((0, 1), keepdims=True)
    return done((x - mean) * left + mean)


def table(s, n):
    return {
        'gaussian_noise': lambda x: done(unit(x) + np.random.normal(size=x.shape, scale=s['gauss'])),
        'shot_noise': lambda x: done(np.random.poisson(unit(x) * s['shot']) / s['shot']),
        'impulse_noise': lambda x: done(sk.util.random_noise(unit(x), mode='s&p', amount=s['impulse'])),
        'speckle_noise': lambda x: done(unit(x) + unit(x) * np.random.normal(size=x.shape, scale=s['speckle'])),
        'gaussian_blur': lambda x: done(smooth(unit(x), s['blur'])),
        'glass_blur': lambda x: glass(x, s['glass']),
        'defocus_blur': lambda x: done(np.stack([cv2.filter2D(unit(x)[..., c], -1, disk_kernel(*s['disk'])) for c in range(3)], -1)),
        'zoom_blur': lambda x: zoomed(x, s['zoom']),
        'fog': lambda x: fog(x, s['fog']),
        'brightness': lambda x: in_hsv(x, lambda h: np.clip(h[..., 2] + s['bright'], 0, 1, out=h[..., 2])),
        'saturate': lambda x: in_hsv(x, lambda h: np.clip(h[..., 1] * s['saturate'][0] + s['saturate'][1], 0, 1, out=h[..., 1])),
        'contrast': lambda x: contrast(x, s['contrast']),
        'pixelate': lambda x: pixel(x, s['pixel']),
        'jpeg_compression': lambda x: jpeg(x, s['jpeg']),
        'elastic_transform': lambda x: elastic(x, s['elastic'](n)),
        'motion_blur': None, 'snow': None, 'frost': None, 'spatter': None,
    }


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--sizes', default='32,64,224')
    for n in map(int, ap.parse_args().sizes.split(',')):
        y, x, c = np.mgrid[0:n, 0:n, 0:3]
        image = np.uint8(127.5 + 120 * np.sin(x * (c + 1) / 9) * np.cos(y / (5 + c)))
        for name, work in table(SMALL if n <= 96 else LARGE, n).items():
            speed = None
            if work:
                work(image)
                start, count = time.perf_counter(), 0
                while time.perf_counter() - start < .3:
                    work(image)
                    count += 1
                speed = count / (time.perf_counter() - start)
            print(json.dumps({'name': name, 'size': n, 'imagesPerSecond': speed}))


if __name__ == '__main__':
    main()
