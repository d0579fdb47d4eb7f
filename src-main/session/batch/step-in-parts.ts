// A lane's step on a batch that is taken in parts (contract/runs/halving.ts): each part is a batch of its own to the method; what is reported is of all its images.
import type { DeviceTensor } from '#engine/compute/device.ts'
import type { Method, StepResult } from '#engine/methods/method.ts'

/** From and to of each part: as even as can be, the larger ones first. */
export function inParts(images: number, parts: number): [from: number, to: number][] {
  const size = Math.ceil(images / Math.min(parts, images))
  return Array.from({ length: Math.ceil(images / size) }, (_, i) => [i * size, Math.min(images, (i + 1) * size)])
}

export async function stepInParts(method: Method, xs: readonly DeviceTensor[]): Promise<StepResult> {
  const results: { readonly images: number; readonly result: StepResult }[] = []
  for (const x of xs) results.push({ images: x.shape[0] ?? 0, result: await method.step(x) })
  const last = (results.at(-1) as (typeof results)[number]).result // a batch has at least one image
  if (results.length === 1) return last
  const all = results.map(({ result }) => result)
  const images = results.reduce((sum, part) => sum + part.images, 0)
  /** Mean over images, of those parts that have it. */
  const mean = (valueOf: (result: StepResult) => number | undefined): number => {
    const having = results.filter(({ result }) => valueOf(result) !== undefined)
    const of = having.reduce((sum, part) => sum + part.images, 0)
    return having.reduce((sum, part) => sum + (part.images / of) * (valueOf(part.result) ?? 0), 0)
  }
  const names = new Set(all.flatMap(({ losses }) => Object.keys(losses)))
  const kept = all.every((result) => result.kept !== null)
    ? all.reduce((sum, result) => sum + (result.kept ?? 0), 0)
    : null
  return {
    classes: last.classes,
    logits: joined(
      all.map(({ logits }) => logits),
      Float32Array,
      images * last.classes,
    ),
    predictions: joined(
      all.map(({ predictions }) => predictions),
      Int32Array,
      images,
    ),
    losses: Object.fromEntries([...names].map((name) => [name, mean(({ losses }) => losses[name])])),
    keptMask: all.every(({ keptMask }) => keptMask !== null)
      ? all.flatMap(({ keptMask }) => [...(keptMask ?? [])])
      : null,
    kept,
    tensors: last.tensors, // as they are after the step
    adaptedShare: Math.min(
      1,
      mean(({ adaptedShare }) => adaptedShare),
    ),
  }
}

function joined<T extends Float32Array | Int32Array>(
  parts: readonly T[],
  Kind: new (length: number) => T,
  length: number,
): T {
  const out = new Kind(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
