// What can compute a run, how it is chosen, and what is kept of it with the run.
import { z } from 'zod'

export const deviceKinds = ['cpu', 'cuda', 'webgpu'] as const
export const deviceKindSchema = z.enum(deviceKinds)
/** `cpu`: TensorFlow on the processor; `cuda`: TensorFlow on an NVIDIA card; `webgpu`: any card, through Dawn. */
export type DeviceKind = z.output<typeof deviceKindSchema>

export const deviceChoices = ['auto', ...deviceKinds] as const
/** `auto`: CUDA where its library and a card are, else WebGPU on a real card, else the processor. A kind by name: that one or none. */
export const deviceChoiceSchema = z.enum(deviceChoices)
export type DeviceChoice = z.output<typeof deviceChoiceSchema>

export const precisionSchema = z.enum(['float32', 'tf32'])
export type Precision = z.output<typeof precisionSchema>

/** A device that a run was computed on, from one of its steps on. */
export const usedDeviceSchema = z.object({
  /** The first step that was computed on it. */
  from: z.number().int().nonnegative(),
  kind: deviceKindSchema,
  /** Of the card or the processor, as its driver or the system calls it; empty = not said. */
  name: z.string(),
  /** Of the card; empty = not said, or a processor. */
  driver: z.string(),
  /** With its version. */
  library: z.string(),
  precision: precisionSchema,
  /** How far a small network's numbers were from the stored ones with TF32 on, relative to the largest; null = float32, or not measured. */
  tf32Deviation: z.number().nullable().default(null),
  /** WebGPU on the processor. */
  software: z.boolean().default(false),
  /** Why it is this one and not another, in a sentence; null = as it was chosen, or as the run began. */
  because: z.string().nullable().default(null),
})
export type UsedDevice = z.output<typeof usedDeviceSchema>

/** Of a run's plan (contract/tables/report.ts). */
interface RunRecord {
  readonly devices?: readonly UsedDevice[] | undefined
  readonly versions: Readonly<Record<string, string>>
}

/** The devices of a run in order. Older versions recorded the kind of one, and of a run that was resumed the last one's. */
export function devicesOf({ devices = [], versions }: RunRecord): readonly UsedDevice[] {
  const { device, tensorflow, precision } = versions
  const kind = deviceKindSchema.safeParse(device)
  if (devices.length > 0 || !kind.success) return devices
  // Before precision was recorded it was left to TensorFlow, which allows the shortened products.
  const tf32 = precision === 'tf32' || (precision === undefined && kind.data === 'cuda')
  return [
    {
      from: 0,
      kind: kind.data,
      name: '',
      driver: '',
      library: `TensorFlow ${tensorflow ?? ''}`.trim(),
      precision: tf32 ? 'tf32' : 'float32',
      tf32Deviation: null,
      software: false,
      because: null,
    },
  ]
}

/** Kinds that are not tried, and why in a sentence: one that was lost, or computed wrong numbers. */
export const ruledOutSchema = z.array(z.strictObject({ kind: deviceKindSchema, reason: z.string().max(10_000) })).max(8)
export type RuledOut = z.output<typeof ruledOutSchema>

/** What a session is told of its device. */
export const deviceOrderSchema = z.strictObject({
  choice: deviceChoiceSchema,
  /** What a run that goes on was computed on: tried first where the choice is the program's. */
  prefer: z.strictObject({ kind: deviceKindSchema, software: z.boolean() }).nullable(),
  without: ruledOutSchema,
})
export type DeviceOrder = z.output<typeof deviceOrderSchema>

const kindNames = {
  cpu: 'the processor',
  cuda: 'an NVIDIA GPU (CUDA)',
  webgpu: 'a GPU through WebGPU',
} as const satisfies Record<DeviceKind, string>

/** In the middle of a sentence. */
export const kindName = (kind: DeviceKind): string => kindNames[kind]

const shortNames = { cpu: 'processor', cuda: 'CUDA', webgpu: 'WebGPU' } as const satisfies Record<DeviceKind, string>

/** A kind of device as it was found on this machine. */
export const offeredDeviceSchema = z.object({
  kind: deviceKindSchema,
  name: z.string(),
  driver: z.string(),
  library: z.string(),
  software: z.boolean(),
  /** Why it cannot be used; null = it can. */
  problem: z.string().nullable(),
})
export type OfferedDevice = z.output<typeof offeredDeviceSchema>

/** Enough to tell whether numbers may differ: `CUDA with TF32`, `WebGPU in software`. */
export const shortDevice = ({
  kind,
  software,
  precision,
}: Pick<UsedDevice, 'kind' | 'software' | 'precision'>): string =>
  `${shortNames[kind]}${software ? ' in software' : ''}${precision === 'tf32' ? ' with TF32' : ''}`

/** One line: `CUDA, NVIDIA H200 (driver 570.1), TensorFlow 2.21.0, TF32`. */
export function deviceLine({ kind, name, driver, library, precision, software, tf32Deviation }: UsedDevice): string {
  const card = name === '' ? '' : `, ${name}`
  const off = tf32Deviation === null ? '' : ` (off by ${tf32Deviation.toExponential(1)} in the proof)`
  const by = driver === '' ? '' : ` (${/driver/i.test(driver) ? driver : `driver ${driver}`})`
  return `${shortNames[kind]}${software ? ' in software' : ''}${card}${by}, ${library}${precision === 'tf32' ? `, TF32${off}` : ''}`
}
