// An image as the stream carries it: 8-bit RGB, rows from the top, three bytes a pixel. Plain data, safe to send to a worker.

export interface RgbImage {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array // height * width * 3
}

/** @throws RangeError when the data does not have width * height * 3 bytes. */
export function rgbImage(
  width: number,
  height: number,
  data: Uint8Array = new Uint8Array(width * height * 3),
): RgbImage {
  if (data.length !== width * height * 3)
    throw new RangeError(`${data.length} bytes are no ${width} x ${height} RGB image`)
  return { width, height, data }
}
