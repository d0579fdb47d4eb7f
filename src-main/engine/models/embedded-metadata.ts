// What a file says of its model in its metadata: our own files in JSON, other people's under the same names in any other way. What does not fit is not ours:
// it is left out, and that is said.
import { z } from 'zod'
import { parseBoundedJson } from '#contract/bounded-json.ts'
import type { ModelNormalization } from './model.ts'
import { normalizationFrom } from './normalization.ts'

const size = z.number().int().min(1).max(4096)
const schemas = {
  class_names: z.array(z.string().max(200)).max(100_000),
  input_size: z.tuple([size, size]), // width, height
  stem_stride: z.number().int().min(1).max(4),
}
const numbers = z.array(z.number()).length(3)

export interface Embedded {
  readonly normalization: ModelNormalization | null
  readonly classNames: readonly string[] | null
  readonly inputSize: { readonly width: number; readonly height: number } | undefined
  readonly stemStride: number | undefined
  /** What was left out, in sentences. */
  readonly remarks: readonly string[]
}

export function embedded(metadata: Readonly<Record<string, string>>): Embedded {
  const strange: string[] = []
  function read<T>(key: string, schema: z.ZodType<T>): T | undefined {
    const text = metadata[key]
    if (text === undefined) return undefined
    const parsed = schema.safeParse(valueOf(text))
    if (!parsed.success) strange.push(key)
    return parsed.success ? parsed.data : undefined
  }
  const [mean, std] = [read('mean', numbers), read('std', numbers)]
  const normalization = mean && std ? normalizationFrom(mean, std) : null
  if (!normalization)
    strange.push(...['mean', 'std'].filter((key) => metadata[key] !== undefined && !strange.includes(key)))
  const inputSize = read('input_size', schemas.input_size)
  const classNames = read('class_names', schemas.class_names)
  const stemStride = read('stem_stride', schemas.stem_stride)
  return {
    normalization,
    classNames: classNames ?? null,
    inputSize: inputSize && { width: inputSize[0], height: inputSize[1] },
    stemStride,
    remarks:
      strange.length > 0
        ? [`Its metadata says ${strange.map((key) => `“${key}”`).join(', ')} in a way that is not known: left out.`]
        : [],
  }
}

/** JSON, or numbers between commas. */
function valueOf(text: string): unknown {
  for (const form of [text, `[${text}]`]) {
    try {
      return parseBoundedJson(form)
    } catch {
      continue
    }
  }
  return undefined
}
