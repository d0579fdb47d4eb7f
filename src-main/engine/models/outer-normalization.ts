// Normalisation that a file carries inside: the arithmetic on each channel before its first layer. Put in front again, it would be done twice, and every
// figure be wrong without a sign of it. What it cannot show (folded into the first convolution's weights) stays an assumption, and is said to be one.
import { PalmError } from '#contract/errors.ts'
import type { AffineAtStart } from './affine-at-start.ts'
import type { ModelNormalization, NormalizationFrom } from './model.ts'
import { noNormalization } from './normalization.ts'

/** Pixels from 0 to 255 for a network, of ours from 0 to 1. */
const bytesFromUnit: ModelNormalization = { mean: [0, 0, 0], std: [1 / 255, 1 / 255, 1 / 255] }

export interface OuterNormalization {
  readonly normalization: ModelNormalization
  readonly from: NormalizationFrom
  /** What is inside, for people. */
  readonly note: string | null
}

/**
 * What must come before the network. `inside`: the file's own arithmetic, null where there is none; `bytes`: its input takes bytes; `given`: what
 * somebody wants; `usual`: of files that show none. @throws PalmError `model-unsupported` when that would normalise twice
 */
export function outerNormalization(
  inside: AffineAtStart | null,
  bytes: boolean,
  given: ModelNormalization | null,
  usual: ModelNormalization,
  fileName: string,
): OuterNormalization {
  const assumed: OuterNormalization = { normalization: usual, from: 'assumed', note: null }
  const odd = inside !== null && !bytes && rescales(inside)
  if (odd) {
    const note = `the file scales its input (by ${shown(inside.scale)}), but that is no normalisation of pixels: they are taken to be normalised before it`
    return given ? { normalization: given, from: 'given', note } : { ...assumed, note }
  }
  if ((!inside || idle(inside)) && !bytes) return given ? { normalization: given, from: 'given', note: null } : assumed
  const toBytes = bytes || (inside !== null && takesBytes(inside))
  const normalization = toBytes ? bytesFromUnit : noNormalization
  const note = inside ? noteOf(inside, toBytes) : 'the file takes pixels from 0 to 255'
  if (given && !alike(given, normalization))
    throw new PalmError(
      'model-unsupported',
      `${fileName}: ${note}, and the normalisation that is asked for (mean ${shown(given.mean)}, std ${shown(given.std)}) would be done before that${inside ? ', a second time' : ' and leave no bytes'}. Leave out --mean and --std, or put the model’s normalisation back to what its file says.`,
    )
  return { normalization: given ?? normalization, from: 'inside', note }
}

/**
 * Of what range of pixels the arithmetic makes something like a unit range: from 0 to 255 where, taken from 0 to 1, it would leave less than a tenth of
 * contrast, or a mean that no pixel can have.
 */
function takesBytes({ scale, offset }: AffineAtStart): boolean {
  const contrast = Math.max(...scale.map(Math.abs))
  const mean = Math.max(...scale.map((s, c) => -(offset[c] as number) / s))
  return contrast < 0.1 || mean > 1.5
}

/** Nothing is done that would be seen. */
const idle = ({ scale, offset }: AffineAtStart) =>
  scale.every((s) => Math.abs(s - 1) < 1e-6) && offset.every((o) => Math.abs(o) < 1e-6)

/**
 * Less contrast than before, of no bytes: pixels from 0 to 1 have a standard deviation below 1, so what comes in is normalised already, as for torchvision's
 * `transform_input`, which turns ImageNet's normalisation into another.
 */
const rescales = (inside: AffineAtStart) => !takesBytes(inside) && Math.max(...inside.scale.map(Math.abs)) < 0.95

function noteOf({ scale, offset }: AffineAtStart, toBytes: boolean): string {
  const unit = toBytes ? 255 : 1
  const std = scale.map((s) => 1 / (s * unit))
  const mean = scale.map((s, c) => -(offset[c] as number) / (s * unit))
  const plain = mean.every((m) => Math.abs(m) < 1e-6) && std.every((s) => Math.abs(s - 1) < 1e-5)
  const range = toBytes ? 'pixels from 0 to 255' : 'pixels from 0 to 1'
  return plain
    ? `the file takes ${range} and scales them itself`
    : `the file takes ${range} and normalises them itself (mean ${shown(mean)}, std ${shown(std)})`
}

const shown = (values: readonly number[]) => values.map((value) => String(Number(value.toPrecision(3)))).join('/')

const near = (a: readonly number[], b: readonly number[]) =>
  a.every((value, i) => Math.abs(value - (b[i] as number)) <= 1e-4 * Math.max(1e-3, Math.abs(b[i] as number)))

const alike = (a: ModelNormalization, b: ModelNormalization) => near(a.mean, b.mean) && near(a.std, b.std)
