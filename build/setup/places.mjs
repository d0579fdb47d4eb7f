// Where the set-up keeps what it provides, and which versions it provides. Data and pure functions only; Node >= 20, no dependencies.
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout; in the packaged app (build/setup/first-run.mjs) the unpacked part of it. */
export const root = process.env.PALM_ROOT ?? fileURLToPath(new URL('../..', import.meta.url))

export const versions = { node: '24.21.0', tensorflow: '2.21.0', tfjs: '4.22.0' }

/** The oldest Node that better-sqlite3 and our sources run on. The set-up itself starts on an older one (package.json, "engines") and provides a newer. */
export const oldestNode = [22, 18]

/** @param {NodeJS.ProcessEnv} env @param {string} platform @param {string} home */
export function cacheFolder(env = process.env, platform = process.platform, home = homedir()) {
  if (env.PALM_CACHE) return env.PALM_CACHE
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'palm-studio')
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'palm-studio')
  return join(env.XDG_CACHE_HOME || join(home, '.cache'), 'palm-studio')
}

/** @param {string} version such as `v20.20.2` */
export function isNodeNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
}

/**
 * The PyPI wheels that hold the native library, by platform and device, with their checksums: pip refuses any other file.
 * One build tag is asked for whatever the machine's Python is, so one checksum holds everywhere.
 */
export const wheels = {
  'linux-x64-cpu': {
    size: '270 MB',
    bytes: 1.6e9,
    platforms: ['manylinux_2_27_x86_64'],
    packages: [
      {
        name: 'tensorflow-cpu',
        version: '2.21.0',
        sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
      },
    ],
  },
  // Unpacked under one folder: the library finds CUDA at ../nvidia/*/lib by its run path, and what compiles kernels at ../nvidia/cuda_nvcc.
  // Just what TensorFlow 2.21 opens: cudart, cublas (with cublasLt), cufft, cusolver, cusparse, cudnn, cupti, nccl; nvrtc and nvJitLink through
  // them. Downloaded and loaded on a machine without a GPU; the library ran on an H100 and an H200 with CUDA libraries of another origin.
  'linux-x64-cuda': {
    size: 'a download of 3.2 GB, 5.3 GB unpacked',
    bytes: 8.6e9,
    platforms: [
      'manylinux_2_27_x86_64',
      'manylinux_2_17_x86_64',
      'manylinux2014_x86_64',
      'manylinux2010_x86_64',
      'manylinux1_x86_64',
      'manylinux_2_12_x86_64',
      'manylinux_2_5_x86_64',
    ],
    packages: [
      {
        name: 'tensorflow',
        version: '2.21.0',
        sha256: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
      },
      {
        name: 'nvidia-cublas-cu12',
        version: '12.9.3.13',
        sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
      },
      {
        name: 'nvidia-cuda-cupti-cu12',
        version: '12.8.90',
        sha256: 'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
      },
      {
        name: 'nvidia-cuda-nvcc-cu12',
        version: '12.9.86',
        sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
      },
      {
        name: 'nvidia-cuda-nvrtc-cu12',
        version: '12.9.86',
        sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
      },
      {
        name: 'nvidia-cuda-runtime-cu12',
        version: '12.9.79',
        sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
      },
      {
        name: 'nvidia-cudnn-cu12',
        version: '9.28.0.42',
        sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
      },
      {
        name: 'nvidia-cufft-cu12',
        version: '11.4.1.4',
        sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
      },
      {
        name: 'nvidia-cusolver-cu12',
        version: '11.7.5.82',
        sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
      },
      {
        name: 'nvidia-cusparse-cu12',
        version: '12.5.10.65',
        sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
      },
      {
        name: 'nvidia-nccl-cu12',
        version: '2.32.3',
        sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
      },
      {
        name: 'nvidia-nvjitlink-cu12',
        version: '12.9.86',
        sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
      },
    ],
  },
}
