"""Makes pictures.json: image files of every kind that is met in the wild as Pillow reads them, and torchvision's Resize + CenterCrop on odd sizes.

    python pictures.py            (needs torch, torchvision, numpy, pillow; the test needs only its output)

Deliberately unlike Pillow's convert('RGB'), here and in the program: EXIF orientation is applied, and grey of 16 bits keeps its upper byte (Pillow clips).
Pictures to be scaled are not stored: both sides draw them from NumPy's legacy generator.
"""
import base64
import io
import json
import pathlib
import struct
import zlib

import numpy as np
import PIL
import torchvision
import torchvision.transforms.functional as TF
from PIL import Image, ImageCms, ImageOps
from torchvision.transforms import InterpolationMode

here = pathlib.Path(__file__).parent
text = lambda data: base64.b64encode(data).decode()


def picture(seed, height, width, noise=12):
    """Smooth colour, edges and some noise."""
    r = np.random.RandomState(seed)
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    waves = 127.5 + 100 * np.sin((x + 3 * c) / 6) * np.cos(y / (5 + c))
    waves[height // 3:height // 2, width // 4:width // 2] = (230, 40, 90)
    return np.clip(waves + r.normal(size=(height, width, 3)) * noise, 0, 255).astype(np.uint8)


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png(array, bits, color_type, interlaced=False, extra=b''):
    """array: [height, width, channels], values in `bits` bits."""
    height, width, channels = array.shape

    def rows(part):
        out = b''
        for row in part:
            flat = row.reshape(-1)
            packed = flat.astype('>u2').tobytes() if bits == 16 else np.packbits(((flat[:, None] >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8)).tobytes()
            out += b'\0' + packed
        return out

    passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)] if interlaced else [(0, 0, 1, 1)]
    data = b''.join(rows(array[y::dy, x::dx]) for y, x, dy, dx in passes if array[y::dy, x::dx].size)
    head = struct.pack('>IIBBBBB', width, height, bits, color_type, 0, 0, int(interlaced))
    return b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', head) + extra + chunk(b'IDAT', zlib.compress(data)) + chunk(b'IEND', b'')


def bmp(rgba, masks, bits, top_down=False):
    """A bit-field BMP."""
    height, width, _ = rgba.shape
    values = np.zeros((height, width), np.uint32)
    for channel, mask in enumerate(masks):
        if mask:
            shift, size = (mask & -mask).bit_length() - 1, bin(mask).count('1')
            values |= (rgba[..., channel].astype(np.uint32) >> (8 - size)) << shift
    rows = values.astype('<u2' if bits == 16 else '<u4')
    rows = rows if top_down else rows[::-1]
    data = b''.join(row.tobytes() + b'\0' * (-len(row.tobytes()) % 4) for row in rows)
    head = struct.pack('<IiiHHIIiiII', 56, width, -height if top_down else height, 1, bits, 3, len(data), 2835, 2835, 0, 0) + struct.pack('<IIII', *masks)
    return b'BM' + struct.pack('<IHHI', 14 + len(head) + len(data), 0, 0, 14 + len(head)) + head + data


def swapped_profile():
    """sRGB's profile with red and blue exchanged: whoever applied it would be seen at once."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile('sRGB')).tobytes())
    count = struct.unpack('>I', profile[128:132])[0]
    at = {bytes(profile[132 + 12 * i:136 + 12 * i]): struct.unpack('>II', profile[136 + 12 * i:144 + 12 * i]) for i in range(count)}
    (red, size), (blue, _) = at[b'rXYZ'], at[b'bXYZ']
    profile[red:red + size], profile[blue:blue + size] = profile[blue:blue + size], profile[red:red + size]
    return bytes(profile)


def files():
    rgb = Image.fromarray(picture(9, 19, 27))
    grey = rgb.convert('L')
    rgba = Image.merge('RGBA', (*rgb.split(), grey))
    palette = rgb.quantize(16)
    cmyk = Image.merge('CMYK', (*[ImageOps.invert(band) for band in rgb.split()], grey.point(lambda v: v // 3)))
    wide = picture(4, 19, 27).astype(np.uint32) * 255 + picture(5, 19, 27)
    out = {}

    def add(name, data):
        image = Image.open(io.BytesIO(data))
        image.seek(0)
        image = ImageOps.exif_transpose(image)
        if image.mode.startswith('I;16') or image.mode == 'I':
            image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
        if image.mode in ('RGBA', 'LA', 'PA'):  # alpha is dropped, not blended
            image = image.convert('RGBA')
        decoded = np.asarray(image.convert('RGB'))
        out[name] = {'file': text(data), 'width': decoded.shape[1], 'height': decoded.shape[0], 'rgb': text(decoded.tobytes())}

    def save(name, image, **options):
        buffer = io.BytesIO()
        image.save(buffer, **options)
        add(name, buffer.getvalue())
        return buffer.getvalue()

    def turned(orientation):
        exif = Image.Exif()
        exif[0x0112] = orientation
        return exif

    profile = swapped_profile()
    # PNG
    save('grey.png', grey, format='PNG')
    save('grey-alpha.png', Image.merge('LA', (grey, rgb.getchannel('G'))), format='PNG')
    save('rgba.png', rgba, format='PNG')
    save('palette.png', palette, format='PNG')
    save('palette-transparent.png', palette, format='PNG', transparency=3)
    save('palette-translucent.png', palette, format='PNG', transparency=bytes(range(0, 256, 16)))
    save('colour-key.png', rgb, format='PNG', transparency=tuple(int(v) for v in np.asarray(rgb)[3, 4]))
    save('one-bit.png', rgb.convert('1'), format='PNG')
    add('two-bits.png', png(np.asarray(grey)[..., None] >> 6, 2, 0))
    add('four-bits.png', png(np.asarray(grey)[..., None] >> 4, 4, 0))
    add('grey-16.png', png(wide[..., :1], 16, 0))
    add('grey-alpha-16.png', png(wide[..., :2], 16, 4))
    add('rgb-16.png', png(wide, 16, 2))
    add('rgba-16.png', png(np.concatenate([wide, wide[..., :1]], 2), 16, 6))
    add('interlaced.png', png(np.asarray(rgb), 8, 2, interlaced=True))
    add('gamma.png', png(np.asarray(rgb), 8, 2, extra=chunk(b'gAMA', struct.pack('>I', 100000))))
    save('profile.png', rgb, format='PNG', icc_profile=profile)
    save('animated.png', rgb, format='PNG', save_all=True, append_images=[ImageOps.invert(rgb)], duration=50)
    # JPEG
    for name, sampling in [('444', 0), ('422', 1), ('420', 2)]:
        save(f'{name}.jpg', rgb, format='JPEG', quality=85, subsampling=sampling)
    save('progressive.jpg', rgb, format='JPEG', quality=85, subsampling=2, progressive=True)
    save('restarts.jpg', rgb, format='JPEG', quality=85, subsampling=0, restart_marker_blocks=2)
    save('grey.jpg', grey, format='JPEG', quality=90)
    save('stored-as-rgb.jpg', rgb, format='JPEG', quality=90, keep_rgb=True)
    save('profile.jpg', rgb, format='JPEG', quality=90, subsampling=0, icc_profile=profile)
    adobe = save('cmyk-adobe.jpg', cmyk, format='JPEG', quality=95)
    marker = adobe.index(b'\xff\xee')
    length = struct.unpack('>H', adobe[marker + 2:marker + 4])[0]
    add('cmyk-plain.jpg', adobe[:marker] + adobe[marker + 2 + length:])
    add('ycck-adobe.jpg', adobe[:marker + 2 + length - 1] + b'\x02' + adobe[marker + 2 + length:])
    # Orientation
    for orientation in range(1, 9):
        save(f'orientation-{orientation}.jpg', rgb, format='JPEG', quality=95, subsampling=0, exif=turned(orientation))
    save('orientation-6.png', rgb, format='PNG', exif=turned(6))
    save('orientation-6.webp', rgb, format='WEBP', lossless=True, exif=turned(6))
    save('orientation-7.tif', rgb, format='TIFF', tiffinfo={274: 7})
    # WebP
    save('lossy.webp', rgb, format='WEBP', quality=80)
    save('lossless.webp', rgb, format='WEBP', lossless=True)
    save('lossless-alpha.webp', rgba, format='WEBP', lossless=True, exact=True)
    save('lossy-alpha.webp', rgba, format='WEBP', quality=90, exact=True)
    save('animated.webp', rgb, format='WEBP', save_all=True, append_images=[ImageOps.invert(rgb)], duration=50, lossless=True)
    save('animated-lossy.webp', rgb, format='WEBP', save_all=True, append_images=[ImageOps.invert(rgb)], duration=50, quality=80)
    save('animated-alpha.webp', rgba, format='WEBP', save_all=True, append_images=[ImageOps.invert(rgb).convert('RGBA')], duration=50, lossless=True, exact=True)
    # GIF
    save('plain.gif', palette, format='GIF', interlace=0)
    save('interlaced.gif', palette, format='GIF', interlace=1)
    save('transparent.gif', palette, format='GIF', transparency=5)
    animated = save('animated.gif', palette, format='GIF', save_all=True, append_images=[ImageOps.invert(rgb).quantize(16)], duration=50)
    small = bytearray(save('small-frame.gif', palette.crop((0, 0, 13, 11)), format='GIF', interlace=0))
    small[6:10] = struct.pack('<HH', 27, 19)
    frame = small.index(b',\0\0\0\0\x0d\0\x0b\0')
    small[frame + 1:frame + 5] = struct.pack('<HH', 6, 4)
    add('small-frame.gif', bytes(small))
    assert len(animated)
    # BMP
    save('palette.bmp', palette, format='BMP')
    save('one-bit.bmp', rgb.convert('1'), format='BMP')
    save('rgb.bmp', rgb, format='BMP')
    array = np.asarray(rgba)
    add('bits-32.bmp', bmp(array, (0xff0000, 0xff00, 0xff, 0xff000000), 32))
    add('top-down.bmp', bmp(array, (0xff0000, 0xff00, 0xff, 0), 32, top_down=True))
    add('565.bmp', bmp(array, (0xf800, 0x7e0, 0x1f, 0), 16))
    # TIFF
    for compression in ['raw', 'tiff_lzw', 'tiff_adobe_deflate', 'packbits', 'jpeg']:
        save(f'{compression}.tif', rgb, format='TIFF', compression=compression)
    save('group4.tif', rgb.convert('1'), format='TIFF', compression='group4')
    save('one-bit.tif', rgb.convert('1'), format='TIFF')
    save('grey.tif', grey, format='TIFF')
    save('rgba.tif', rgba, format='TIFF', compression='tiff_lzw')
    save('palette.tif', palette, format='TIFF')
    save('cmyk.tif', cmyk, format='TIFF')
    save('grey-16.tif', Image.fromarray(wide[..., 0].astype(np.uint16)), format='TIFF')
    save('pages.tif', rgb, format='TIFF', save_all=True, append_images=[ImageOps.invert(rgb)])
    return out


def drawn(seed, height, width):
    """Whole numbers only, so that the test draws the same: stripes of three slopes, and noise."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    stripes = np.abs((3 * x + 5 * y + 40 * c) % 511 - 255)
    noise = np.floor(np.random.RandomState(seed).uniform(0, 1, size=(height, width, 3)) * 50).astype(np.int64) - 25
    return np.clip(stripes + noise, 0, 255).astype(np.uint8)


CUTS = [(1, 37, 53, 24, 1), (2, 90, 61, 32, 1), (3, 20, 20, 33, 1), (4, 129, 300, 64, 1), (5, 301, 200, 56, 64 / 56), (6, 200, 301, 56, 64 / 56),
        (7, 333, 500, 48, 256 / 224), (8, 500, 375, 48, 256 / 224), (9, 31, 47, 56, 64 / 56), (10, 57, 56, 56, 1), (11, 56, 57, 56, 1), (12, 1000, 10, 40, 256 / 224),
        (13, 61, 59, 45, 1), (14, 640, 427, 32, 1.25), (15, 480, 641, 224, 256 / 224), (16, 224, 224, 48, 256 / 224)]


def cuts():
    out = []
    for seed, height, width, size, ratio in CUTS:
        image = Image.fromarray(drawn(seed, height, width))
        resized = TF.resize(image, round(size * ratio), InterpolationMode.BILINEAR, antialias=True)
        cut = np.asarray(TF.center_crop(resized, [size, size]))
        out.append({'seed': seed, 'height': height, 'width': width, 'size': size, 'ratio': ratio, 'deflated': text(zlib.compress(cut.tobytes(), 9))})
    return out


versions = {'pillow': PIL.__version__, 'torchvision': torchvision.__version__, 'numpy': np.__version__}
(here / 'pictures.json').write_text(json.dumps({'versions': versions, 'files': files(), 'cuts': cuts()}) + '\n')
