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
    const bytes = Uint8Array.from(atob(pixels), (ch) => ch.charCodeAt(0))
    const data = new ImageData(width, height)
    for (let i = 0; i < width * height; i++) {
      data.data.set(bytes.subarray(3 * i, 3 * i + 3), 4 * i)
      data.data[4 * i + 3] = 255
    }
    canvas.width = width
    canvas.height = height
    canvas.getContext('2d')?.putImageData(data, 0, 0)
  }
  draw(source)
  return { update: draw }
}
