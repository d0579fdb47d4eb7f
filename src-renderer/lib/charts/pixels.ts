// Raw RGB bytes in base64 as canvases want them. Pure.

/** RGBA, opaque; what is missing stays black. */
export function rgbaOf(base64: string, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  const bytes = atob(base64)
  const out = new Uint8ClampedArray(4 * width * height)
  for (let i = 0, from = 0; i < out.length; i += 4, from += 3) {
    out[i] = bytes.charCodeAt(from)
    out[i + 1] = bytes.charCodeAt(from + 1)
    out[i + 2] = bytes.charCodeAt(from + 2)
    out[i + 3] = 255
  }
  return out
}
