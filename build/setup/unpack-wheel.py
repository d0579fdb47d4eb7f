"""Takes the native TensorFlow library, the headers that the binding needs, and CUDA's libraries out of a wheel: unpack-wheel.py WHEEL FOLDER

A wheel is a zip file. Names are checked, so that nothing is written outside FOLDER.
"""
import pathlib
import sys
import zipfile

LIBRARIES = ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2')
HEADERS = tuple(f'tensorflow/include/{part}/' for part in ('tensorflow/c', 'tensorflow/core', 'xla/tsl', 'tsl'))
# What compiles kernels on the machine itself lies outside of any lib folder.
COMPILER = tuple(f'nvidia/cuda_nvcc/{part}' for part in ('bin/ptxas', 'nvvm/lib64/', 'nvvm/libdevice/'))


def is_wanted(name):
    if '..' in pathlib.PurePosixPath(name).parts or name.endswith('/'):
        return False
    in_lib = name.startswith('nvidia/') and '/lib/' in name
    return name in LIBRARIES or name.startswith(HEADERS) or name.startswith(COMPILER) or in_lib


wheel, folder = sys.argv[1], pathlib.Path(sys.argv[2])
with zipfile.ZipFile(wheel) as archive:
    for entry in archive.infolist():
        if is_wanted(entry.filename):
            path = pathlib.Path(archive.extract(entry, folder))
            # zipfile forgets what may be executed.
            path.chmod(0o755 if entry.external_attr >> 16 & 0o100 else 0o644)
