// What computes a run: how it is chosen, and what is said of it beside the run's numbers.
import type { DeviceChoice, DeviceKind } from '#contract/devices.ts'
import type { InEachLanguage, Words } from './words.ts'

const en = {
  device: 'Device',
  devices: 'Devices',
  asSettings: 'As in the settings',
  choices: {
    auto: 'Automatic: the graphics card where there is one',
    cpu: 'Processor',
    cuda: 'NVIDIA GPU with CUDA, or none',
    webgpu: 'Graphics card with WebGPU, or none',
  } satisfies Record<DeviceChoice, string>,
  kinds: { cpu: 'Processor', cuda: 'CUDA', webgpu: 'WebGPU' } satisfies Record<DeviceKind, string>,
  inSoftware: 'in software: slow',
  driver: (version: string) => `driver ${version}`,
  tf32: 'TF32',
  tf32Off: (deviation: string) => `TF32, off by ${deviation}`,
  tf32Explained:
    'TF32 shortens the factors of products to ten bits. The figure is how far a small network’s numbers, two steps of PALM among them, were from those of 32-bit floating point on this card.',
  computedOn: (device: string) => `Computed on: ${device}`,
  from: (step: number) => `from step ${step.toLocaleString('en')} on`,
} as const

const de: Words<typeof en> = {
  device: 'Gerät',
  devices: 'Geräte',
  asSettings: 'Wie in den Einstellungen',
  choices: {
    auto: 'Automatisch: die Grafikkarte, wenn es eine gibt',
    cpu: 'Prozessor',
    cuda: 'NVIDIA-Grafikkarte mit CUDA, nichts anderes',
    webgpu: 'Grafikkarte mit WebGPU, nichts anderes',
  },
  kinds: { cpu: 'Prozessor', cuda: 'CUDA', webgpu: 'WebGPU' },
  inSoftware: 'in Software: langsam',
  driver: (version) => `Treiber ${version}`,
  tf32: 'TF32',
  tf32Off: (deviation) => `TF32, Abweichung ${deviation}`,
  tf32Explained:
    'TF32 kürzt die Faktoren von Produkten auf zehn Bit. Die Zahl sagt, wie weit die Zahlen eines kleinen Netzes, darunter zwei Schritte von PALM, auf dieser Karte von denen in 32-Bit-Gleitkomma entfernt waren.',
  computedOn: (device) => `Gerechnet auf: ${device}`,
  from: (step) => `ab Schritt ${step.toLocaleString('de')}`,
}

export const devices: InEachLanguage<typeof en> = { en, de }
