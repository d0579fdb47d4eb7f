// Draws RGB bytes, base64, into a canvas: a Svelte action. No state of its own.
export interface PaintSource {
  readonly pixels: string
  readonly width: number
  readonly height: number
}

export function paint(canvas: HTMLCanvasElement, source: PaintSource): { update(source: PaintSource): void } {
  let drawn = ''
  const draw = ({ pixels, width, height }: PaintSource) => {
    if (pixels === drawn) return
    drawn = pixels
    const bytes = atob(pixels)
    const data = new ImageData(width, height)
    // Byte by byte: a hundred pictures of a million pixels come at once where the model's input is that large.
    for (let from = 0, to = 0; to < data.data.length; to += 4) {
      data.data[to] = bytes.charCodeAt(from++)
      data.data[to + 1] = bytes.charCodeAt(from++)
      data.data[to + 2] = bytes.charCodeAt(from++)
      data.data[to + 3] = 255
    }
    canvas.width = width
    canvas.height = height
    canvas.getContext('2d')?.putImageData(data, 0, 0)
  }
  draw(source)
  return { update: draw }
}
