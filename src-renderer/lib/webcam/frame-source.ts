// Where pictures come from while a window looks at them, as the state needs it: what touches the page is behind it (api/camera.ts), so that a test can
// stand in its place. Pure.

export interface CameraInfo {
  readonly id: string
  readonly label: string
}

export interface Frame {
  /** RGB bytes of side x side pixels, as `webcam.frame` takes them. */
  readonly pixels: Uint8Array
  /** The same for showing: RGBA. */
  readonly shown: Uint8ClampedArray
  /** When the camera took it, on the clock of `performance.now()`. */
  readonly takenAt: number
}

export interface FrameSource {
  readonly name: string
  readonly kind: 'camera' | 'video'
  /** Pictures that it gave so far, looked at or not. */
  readonly frames: number
  /** The newest picture, its middle square scaled to side x side; null before the first. */
  grab(side: number): Frame | null
  /** Resolves when there is a picture newer than the last one that was grabbed, or it is over. */
  next(): Promise<void>
  /** `unplugged`: the camera is gone; `finished`: the video is over. */
  onEnd(listener: (why: 'unplugged' | 'finished') => void): void
  close(): void
}

export interface Cameras {
  /** Names are empty until a camera was allowed once. */
  list(): Promise<readonly CameraInfo[]>
  /** null = whichever. @throws DOMException as getUserMedia does */
  open(id: string | null): Promise<FrameSource>
  /** @throws Error when the browser cannot play it */
  openVideo(file: File): Promise<FrameSource>
  onChange(listener: () => void): () => void
}

/** RGBA -> RGB. */
export function rgbBytes(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3)
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from] as number
    rgb[to + 1] = rgba[from + 1] as number
    rgb[to + 2] = rgba[from + 2] as number
  }
  return rgb
}

/** RGB -> RGBA; null when it has another number of pixels. */
export function rgbaOf(rgb: Uint8Array, pixels: number): Uint8ClampedArray<ArrayBuffer> | null {
  if (rgb.length !== pixels * 3) return null
  const rgba = new Uint8ClampedArray(pixels * 4)
  for (let from = 0, to = 0; from < rgb.length; from += 3, to += 4) {
    rgba[to] = rgb[from] as number
    rgba[to + 1] = rgb[from + 1] as number
    rgba[to + 2] = rgb[from + 2] as number
    rgba[to + 3] = 255
  }
  return rgba
}
