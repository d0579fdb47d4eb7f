// How an ONNX file is to be read, where more is known of it than it says: which output gives the scores, and a state dict that brings batch norm back.
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { parseBoundedJson } from '#contract/bounded-json.ts'
import { PalmError } from '#contract/errors.ts'
import { readWeightsFile, type WeightsFile } from '#engine/models/weights-file.ts'

/** A network as it is to be read: which output gives the scores, and a state dict that brings batch normalisation back. */
export async function withReading(
  file: WeightsFile,
  path: string,
  readWhole: (path: string) => Promise<Uint8Array>,
  { weights, output }: { readonly weights: string | null; readonly output: string | null },
): Promise<WeightsFile> {
  if (weights === null && output === null) return file
  if (file.kind !== 'network' || file.format !== 'onnx')
    throw new PalmError(
      'model-unsupported',
      `${path} is no ONNX file: ${weights === null ? 'an output is chosen' : 'weights are given beside a network'} for ONNX files only. Leave out --${weights === null ? 'output' : 'weights'}.`,
    )
  const dict =
    weights === null
      ? null
      : await readWeightsFile(await readWhole(weights), weights, () => Promise.reject(noParts(weights)))
  if (dict && dict.kind !== 'state-dict')
    throw new PalmError('model-unsupported', `${weights} holds a whole network; a state dict is needed beside ${path}.`)
  const state = dict && weights !== null ? { fileName: weights, tensors: dict.tensors } : null
  return { ...file, network: (hints) => file.network({ ...hints, output, weights: state }) }
}

const noParts = (path: string) => new PalmError('model-unsupported', `${path} is no state dict.`)

const readingSchema = z.object({ weights: z.string().max(255).nullable(), output: z.string().max(1000).nullable() })

/** How a file of the library is to be read, as the library has written it beside it. */
export async function readingBeside(path: string): Promise<{ weights: string | null; output: string | null }> {
  try {
    const { weights, output } = readingSchema.parse(parseBoundedJson(await readFile(`${path}.reading.json`, 'utf8')))
    return { weights: weights === null ? null : join(dirname(path), basename(weights)), output }
  } catch {
    return { weights: null, output: null }
  }
}
