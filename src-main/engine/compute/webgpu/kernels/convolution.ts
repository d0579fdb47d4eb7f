// Convolutions with their gradients, in groups too: which rows, taps and channels the two kernels of products work on.
import type { ConvOptions, Device, DeviceTensor } from '#engine/compute/device.ts'
import { elementCount, showShape } from '#engine/compute/shape.ts'
import type { WebGpuCaller } from '#engine/compute/webgpu/runtime/caller.ts'
import { groupsOf } from '#engine/compute/webgpu/runtime/kernel.ts'
import { mustBeFloat } from './elementwise.ts'
import { busy, chooseTiles, depth, tilesOf, type TileName } from './gemm.ts'
import { pixelProducts, type pixelParameters } from './pixel-products.ts'
import { weightProducts } from './weight-products.ts'

type PixelValues = Omit<Record<keyof typeof pixelParameters, number>, 'total' | 'tileRows' | 'tileColumns' | 'padded'>

const fours = (count: number): number => Math.ceil(count / 4) * 4

/** [N, H, W, C] of what a convolution makes. */
export function convolvedShape(
  x: readonly number[],
  weight: readonly number[],
  made: number,
  { stride, padding, dilation = 1 }: ConvOptions,
): readonly number[] {
  const [n = 0, h = 0, w = 0] = x
  const [kh = 0, kw = 0] = weight
  const side = (size: number, before: number, after: number, taps: number) =>
    Math.floor((size + before + after - dilation * (taps - 1) - 1) / stride) + 1
  return [n, side(h, padding.top, padding.bottom, kh), side(w, padding.left, padding.right, kw), made]
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/**
 * The taps that reach pixels of remainder `of` (modulo stride) along one axis: the first, how far apart they are, how many; and that pixel `of` + i stride reads
 * output i + `offset` + t `step` through the t-th of them.
 */
function tapsOf(of: number, before: number, taps: number, { stride, dilation = 1 }: ConvOptions) {
  const apart = stride / gcd(stride, dilation)
  for (let first = 0; first < Math.min(apart, taps); first++) {
    const reach = of + before - first * dilation
    if (reach % stride === 0)
      return {
        first,
        apart,
        count: Math.ceil((taps - first) / apart),
        offset: reach / stride,
        step: -(apart * dilation) / stride,
      }
  }
  return { first: 0, apart, count: 0, offset: 0, step: 0 }
}

/** Pixels of one stretch of the weights' gradient: sums of more would lose digits, of fewer would be too many to add. */
const [shortest, longest] = [256, 4096]

export function convolutionKernels(
  call: WebGpuCaller,
  others: Pick<Device, 'transpose' | 'reshape' | 'sum'>,
  /** Always this one. */
  forced: TileName | null,
) {
  function products(
    image: DeviceTensor,
    weight: DeviceTensor,
    target: ReturnType<WebGpuCaller['empty']>,
    groups: number,
    values: PixelValues,
  ): void {
    const { rows, columns, perGroup } = values
    const tile = forced ?? chooseTiles(rows, columns, groups)
    const { bm, bn } = tilesOf(tile)
    const [tileRows, tileColumns] = [Math.ceil(rows / bm), Math.ceil(columns / bn)]
    const total = tileRows * tileColumns * groups
    call.into(
      pixelProducts(tile, perGroup % 4 === 0 && columns % 4 === 0),
      [image, weight],
      [target],
      { ...values, total, tileRows, tileColumns, padded: fours(perGroup) },
      groupsOf(total),
    )
  }

  function conv2d(x: DeviceTensor, weight: DeviceTensor, options: ConvOptions): DeviceTensor {
    mustBeFloat('A convolution', x, weight)
    const [kh = 0, kw = 0, perGroup = 0, made = 0] = weight.shape
    const [, height = 0, width = 0, channels = 0] = x.shape
    const groups = groupsIn(channels, perGroup, made)
    const y = call.empty(convolvedShape(x.shape, weight.shape, made, options))
    const [n = 0, outHeight = 0, outWidth = 0] = y.shape
    products(x, weight, y, groups, {
      rows: n * outHeight * outWidth,
      rowsHigh: outHeight,
      rowsWide: outWidth,
      height,
      width,
      channels,
      scale: options.stride,
      top: -options.padding.top,
      left: -options.padding.left,
      tapStep: options.dilation ?? 1,
      tapsHigh: kh,
      tapsWide: kw,
      perGroup,
      firstTap: 0,
      tapDown: kw,
      tapAcross: 1,
      tapRows: perGroup,
      weightColumns: made,
      groupRows: 0,
      groupColumns: made / groups,
      columns: made / groups,
      outHeight,
      outWidth,
      outChannels: made,
      spread: 1,
      spreadTop: 0,
      spreadLeft: 0,
    })
    return y
  }

  /** Pixels whose distance from the first is the same modulo the stride are reached by the same taps: one launch for each remainder. */
  function conv2dInputGradient(
    inputShape: readonly number[],
    weight: DeviceTensor,
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    mustBeFloat('A convolution', weight, dy)
    const [kh = 0, kw = 0, perGroup = 0, made = 0] = weight.shape
    const [n = 0, height = 0, width = 0, channels = 0] = inputShape
    const groups = groupsIn(channels, perGroup, made)
    const { stride, padding } = options
    // Four outputs of one tap must lie beside each other.
    const turned = others.transpose(weight, [0, 1, 3, 2])
    const dx = call.empty(inputShape)
    for (let down = 0; down < Math.min(stride, height); down++)
      for (let across = 0; across < Math.min(stride, width); across++) {
        const [rows, columns] = [tapsOf(down, padding.top, kh, options), tapsOf(across, padding.left, kw, options)]
        const [rowsHigh, rowsWide] = [Math.ceil((height - down) / stride), Math.ceil((width - across) / stride)]
        products(dy, turned, dx, groups, {
          rows: n * rowsHigh * rowsWide,
          rowsHigh,
          rowsWide,
          height: dy.shape[1] as number,
          width: dy.shape[2] as number,
          channels: made,
          scale: 1,
          top: rows.offset,
          left: columns.offset,
          tapStep: rows.step || columns.step,
          tapsHigh: columns.count && rows.count,
          tapsWide: columns.count,
          perGroup: made / groups,
          firstTap: rows.first * kw + columns.first,
          tapDown: rows.apart * kw,
          tapAcross: columns.apart,
          tapRows: made,
          weightColumns: perGroup,
          groupRows: made / groups,
          groupColumns: 0,
          columns: perGroup,
          outHeight: height,
          outWidth: width,
          outChannels: channels,
          spread: stride,
          spreadTop: down,
          spreadLeft: across,
        })
      }
    turned.dispose()
    return dx
  }

  function conv2dWeightGradient(
    x: DeviceTensor,
    weightShape: readonly number[],
    dy: DeviceTensor,
    options: ConvOptions,
  ): DeviceTensor {
    mustBeFloat('A convolution', x, dy)
    const [kh = 0, kw = 0, perGroup = 0, made = 0] = weightShape
    const [, height = 0, width = 0, channels = 0] = x.shape
    const [n = 0, outHeight = 0, outWidth = 0] = dy.shape
    const groups = groupsIn(channels, perGroup, made)
    const { stride, padding, dilation = 1 } = options
    const [pixels, padded, columns] = [n * outHeight * outWidth, fours(perGroup), made / groups]
    const rows = kh * kw * padded
    const tile = forced ?? weightTiles(rows, columns, pixels)
    const { bm, bn } = tilesOf(tile)
    const [tileRows, tileColumns] = [Math.ceil(rows / bm), Math.ceil(columns / bn)]
    const even = Math.ceil((pixels * tileRows * tileColumns * groups) / busy / depth) * depth
    const stretch = Math.min(Math.max(even, shortest), longest)
    const splits = Math.max(1, Math.ceil(pixels / stretch))
    const total = tileRows * tileColumns * splits * groups
    const parts = call.make(
      weightProducts(tile, perGroup % 4 === 0 && columns % 4 === 0),
      [x, dy],
      splits === 1 ? weightShape : [splits, elementCount(weightShape)],
      {
        ...{
          total,
          tileRows,
          tileColumns,
          splits,
          stretch,
          pixels,
          outHeight,
          outWidth,
          outChannels: made,
          height,
          width,
        },
        ...{ channels, stride, dilation, top: padding.top, left: padding.left, taps: kh * kw, tapsWide: kw },
        ...{ perGroup, padded, columns },
      },
      groupsOf(total),
    )
    if (splits === 1) return parts
    const sum = others.sum(parts, [0])
    const result = others.reshape(sum, weightShape)
    parts.dispose()
    sum.dispose()
    return result
  }

  return { conv2d, conv2dInputGradient, conv2dWeightGradient } satisfies Partial<Device>
}

/** Products that are not worth large tiles: their kernels are the ones that small things need anyway. */
const little = 2 ** 24

/** There are as many stretches as it takes, so that only waste counts. */
function weightTiles(rows: number, columns: number, pixels: number): TileName {
  if (columns <= 16) return 'slim'
  if (rows * columns * pixels < little) return 'small'
  if (columns <= 32) return 'half'
  return rows >= 512 ? 'large' : 'square'
}

function groupsIn(channels: number, perGroup: number, made: number): number {
  const groups = channels / perGroup
  if (!Number.isInteger(groups) || made % groups !== 0)
    throw new RangeError(`A convolution of ${showShape([perGroup, made])} channels cannot take ${channels}`)
  return groups
}
