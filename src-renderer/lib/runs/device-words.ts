// What computed a run, in words: short beside its numbers, whole where there is room.
import type { UsedDevice } from '#contract/devices.ts'
import { exponent } from '#renderer/lib/text/format.ts'
import { said } from '#renderer/lib/german/said.svelte.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

const precisionWords = ({ precision, tf32Deviation }: UsedDevice): string[] => {
  const text = strings.devices
  if (precision === 'float32') return []
  return [tf32Deviation === null ? text.tf32 : text.tf32Off(exponent(tf32Deviation))]
}

const kindWords = ({ kind, software }: UsedDevice): string => {
  const { kinds, inSoftware } = strings.devices
  return software ? `${kinds[kind]} (${inSoftware})` : kinds[kind]
}

/** `WebGPU: Radeon RX 7600`, `CUDA: NVIDIA H200, TF32, off by 2.1e-3`; of a processor its kind alone. */
export function shortDevice(used: UsedDevice): string {
  const card = used.kind === 'cpu' || used.name === '' ? '' : `: ${used.name}`
  return [`${kindWords(used)}${card}`, ...precisionWords(used)].join(', ')
}

/** With driver and library. */
export function wholeDevice(used: UsedDevice): string {
  const { name, driver, library } = used
  return [
    `${kindWords(used)}${name === '' ? '' : `: ${name}`}`,
    ...(driver === '' ? [] : [strings.devices.driver(driver)]),
    said(library),
    ...precisionWords(used),
  ].join(', ')
}
