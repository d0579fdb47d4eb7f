// Looks at what a step computes before it is thrown away: for parity. The buffers are lent for the call only; `names`: whose part of them means something.
import type { DeviceTensor } from '#engine/compute/device.ts'
import type { FlatLayout } from '#engine/methods/parts/flat-layout.ts'
import type { Sensitivity } from './sensitivity.ts'

export interface PalmObserver {
  gradientOfDivergence?(layout: FlatLayout, gradient: DeviceTensor): void
  sensitivity?(
    layout: FlatLayout,
    parts: Sensitivity & { readonly importance: DeviceTensor },
    names: ReadonlySet<string>,
  ): void
  gradientOfTotal?(layout: FlatLayout, gradient: DeviceTensor, names: ReadonlySet<string>): void
  logitsOfView?(logits: Float32Array): void
}
