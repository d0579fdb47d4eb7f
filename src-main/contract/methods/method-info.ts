// What lists and tables show of every method, from its descriptor.
import { descriptors } from '#engine/methods/descriptors.ts'
import type { MethodNeed } from './descriptor.ts'
import { descriptorOf, type LaneOptions, type MethodId } from './methods.ts'

/** In the order of the paper's tables, then what came since, PALM last. */
export const methodIds = Object.keys(descriptors) as readonly MethodId[]

interface MethodInfo {
  readonly label: string
  readonly cite: string
  /** One plain sentence. */
  readonly does: string
  readonly needs: readonly MethodNeed[]
  /** What is ours and not published; shown wherever the method's numbers are. */
  readonly ours: string | null
}

const byMethod = <T>(of: (method: MethodId) => T) =>
  Object.fromEntries(methodIds.map((method) => [method, of(method)])) as Readonly<Record<MethodId, T>>

export const methodInfo = byMethod<MethodInfo>((method) => {
  const { name, paper, does, needs, footnote } = descriptorOf(method)
  return { label: name, cite: paper, does: does.en, needs, ours: footnote }
})
export const methodLabels = byMethod((method) => descriptorOf(method).name)

/** What runs when nobody chose: the others cost many times as much, or belong to a comparison. */
export const usualMethods: readonly MethodId[] = ['source', 'norm', 'tent', 'palm']

/** Whether a lane needs images of the kind the model was trained on. */
export function needsSourceImages(options: LaneOptions): boolean {
  const { needs, withoutSource } = descriptorOf(options.method)
  return needs.includes('source-images') && !withoutSource?.when(options)
}
