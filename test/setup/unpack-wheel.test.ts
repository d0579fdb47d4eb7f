// What is taken out of a wheel of TensorFlow or of NVIDIA's, and what is not.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '#build/setup/places.mjs'

const made = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    for name in sys.argv[2:]:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = (0o100744 if name.endswith('/ptxas') else 0o100644) << 16
        wheel.writestr(entry, name)
`

test('libraries, headers and the compiler of kernels, which stays executable; nothing else and nothing outside of the folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'palm-wheel-'))
  try {
    const wanted = [
      'nvidia/cuda_nvcc/bin/ptxas',
      'nvidia/cuda_nvcc/nvvm/lib64/libnvvm.so',
      'nvidia/cuda_nvcc/nvvm/libdevice/libdevice.10.bc',
      'nvidia/nccl/lib/libnccl.so.2',
      'tensorflow/include/tensorflow/c/c_api.h',
      'tensorflow/libtensorflow_cc.so.2',
    ]
    const others = [
      '../outside/lib/libx.so',
      'nvidia/../../outside/lib/liby.so',
      'nvidia/cuda_nvcc/include/crt/math_functions.h',
      'nvidia_nccl_cu12-2.0.dist-info/METADATA',
      'tensorflow/python/lib/io.py',
    ]
    const script = join(folder, 'make.py')
    writeFileSync(script, made)
    execFileSync('python3', [script, join(folder, 'a.whl'), ...wanted, ...others])
    const target = join(folder, 'unpacked')
    execFileSync('python3', [join(root, 'build', 'setup', 'unpack-wheel.py'), join(folder, 'a.whl'), target])
    const found = readdirSync(target, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(target, join(entry.parentPath, entry.name)))
    expect(found.toSorted()).toEqual(wanted.toSorted())
    expect(statSync(join(target, 'nvidia/cuda_nvcc/bin/ptxas')).mode & 0o111).toBe(0o111)
    expect(statSync(join(target, 'nvidia/nccl/lib/libnccl.so.2')).mode & 0o111).toBe(0)
    expect(readdirSync(folder).toSorted()).toEqual(['a.whl', 'make.py', 'unpacked'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
