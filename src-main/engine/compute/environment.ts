// The environment that a process must be STARTED with before it loads the native TensorFlow. Data only.
// TensorFlow and glibc read these once, when their library is loaded; setting them later has no effect.
import type { DeviceChoice, DeviceKind, Precision } from '#contract/devices.ts'

export const processEnvironment: Readonly<Record<string, string>> = {
  TF_CPP_MIN_LOG_LEVEL: '2',
  // Left to itself TensorFlow takes oneDNN's kernels on processors with AVX-512 VNNI only. On all others convolutions are slower, and those in groups have no gradient.
  TF_ENABLE_ONEDNN_OPTS: '1',
  TF_FORCE_GPU_ALLOW_GROWTH: 'true',
  // Activations are tens of megabytes and short-lived. Above glibc's threshold every one is mapped and unmapped, and its pages are
  // zeroed and faulted in again each time; kept on the heap they are reused.
  MALLOC_MMAP_THRESHOLD_: '4294967296',
  MALLOC_TRIM_THRESHOLD_: '4294967296',
  MALLOC_TOP_PAD_: '67108864',
}

/** What a person may choose of it. */
export interface ComputeSettings {
  readonly device: DeviceChoice
  readonly precision: Precision
  /** Within one operation; null = one a core. Sums are split among them, so another number gives other bits. */
  readonly threads: number | null
  /** The NVIDIA card that is seen, as CUDA calls it; absent or null = each. */
  readonly card?: string | null | undefined
}

/** Hides every NVIDIA card from CUDA. */
export const withoutCards = { CUDA_VISIBLE_DEVICES: '-1' } as const

/** The variables that make it so: TensorFlow's own, CUDA's, and ours for processes that nobody sends an order. */
export function environmentOf({
  device,
  precision,
  threads,
  card = null,
}: ComputeSettings): Readonly<Record<string, string>> {
  return {
    // CUDA's libraries shorten factors to 10 bits of mantissa (TF32) on newer GPUs unless they are told not to.
    ...(precision === 'float32' ? { NVIDIA_TF32_OVERRIDE: '0' } : {}),
    ...(threads === null ? {} : { TF_NUM_INTRAOP_THREADS: String(threads) }),
    ...(card === null ? {} : { CUDA_VISIBLE_DEVICES: card }),
    ...(device === 'cpu' ? withoutCards : {}),
    PALM_DEVICE: device,
  }
}

/** As it is recorded with a run: what this process was started with. */
export function chosenCompute(
  environment: Readonly<Record<string, string | undefined>>,
  kind: DeviceKind,
): { readonly threadSetting: string; readonly precision: Precision } {
  return {
    threadSetting: environment['TF_NUM_INTRAOP_THREADS'] || 'auto',
    precision: kind === 'cuda' && environment['NVIDIA_TF32_OVERRIDE'] !== '0' ? 'tf32' : 'float32',
  }
}
