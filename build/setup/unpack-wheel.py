"""Takes the native TensorFlow library and the headers that the binding needs out of a wheel: unpack-wheel.py WHEEL FOLDER

A wheel is a zip file. Names are checked, so that nothing is written outside FOLDER.
"""
import pathlib
import sys
import zipfile

LIBRARIES = ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2')
HEADERS = tuple(f'tensorflow/include/{part}/' for part in ('tensorflow/c', 'tensorflow/core', 'xla/tsl', 'tsl'))

wheel, folder = sys.argv[1], pathlib.Path(sys.argv[2])
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        wanted = name in LIBRARIES or name.startswith(HEADERS) or (name.startswith('nvidia/') and '/lib/' in name)
        if wanted and '..' not in pathlib.PurePosixPath(name).parts:
            archive.extract(name, folder)
