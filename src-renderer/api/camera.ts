// Cameras and video files of the browser as sources of frames. Everything that touches the page is here; what it means is in state/webcam/webcam-source.svelte.ts.
import { rgbBytes, type Cameras, type Frame, type FrameSource } from '#renderer/lib/webcam/frame-source.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

const wanted = { width: { ideal: 640 }, height: { ideal: 480 } } as const

/** A video element that plays: a camera's stream or a file. */
class PlayingVideo implements FrameSource {
  readonly name: string
  readonly kind: 'camera' | 'video'
  frames = 0
  private readonly video: HTMLVideoElement
  private readonly canvas = document.createElement('canvas')
  private readonly release: () => void
  private fresh = false
  private takenAt = performance.now()
  private wake: (() => void) | null = null
  private closed = false

  constructor(name: string, kind: 'camera' | 'video', video: HTMLVideoElement, release: () => void) {
    this.name = name
    this.kind = kind
    this.video = video
    this.release = release
    this.watch()
  }

  private watch(): void {
    if (this.closed) return
    this.video.requestVideoFrameCallback((now, { captureTime }) => {
      this.takenAt = captureTime ?? now
      this.frames += 1
      this.fresh = true
      this.wake?.()
      this.watch()
    })
  }

  grab(side: number): Frame | null {
    const { videoWidth: width, videoHeight: height } = this.video
    if (width === 0 || height === 0) return null
    const square = Math.min(width, height)
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side
    const context = this.canvas.getContext('2d', { willReadFrequently: true })
    if (!context) return null
    context.imageSmoothingQuality = 'high'
    context.drawImage(this.video, (width - square) / 2, (height - square) / 2, square, square, 0, 0, side, side)
    this.fresh = false
    const shown = context.getImageData(0, 0, side, side).data
    return { pixels: rgbBytes(shown), shown, takenAt: this.takenAt }
  }

  async next(): Promise<void> {
    while (!this.fresh && !this.closed) await new Promise<void>((resolve) => (this.wake = resolve))
  }

  onEnd(listener: (why: 'unplugged' | 'finished') => void): void {
    const { srcObject } = this.video
    if (srcObject instanceof MediaStream)
      for (const track of srcObject.getTracks())
        track.addEventListener('ended', () => this.closed || listener('unplugged'))
    this.video.addEventListener('error', () => this.closed || listener('finished'))
  }

  close(): void {
    this.closed = true
    this.wake?.()
    this.video.pause()
    this.release()
  }
}

async function playing(video: HTMLVideoElement): Promise<void> {
  video.muted = true
  video.playsInline = true
  await video.play()
}

export const browserCameras: Cameras = {
  async list() {
    if (!navigator.mediaDevices) return []
    const devices = await navigator.mediaDevices.enumerateDevices()
    return devices
      .filter(({ kind }) => kind === 'videoinput')
      .map(({ deviceId, label }, i) => ({ id: deviceId, label: label || strings.charts.cameraOf(i + 1) }))
  },
  async open(id) {
    if (!navigator.mediaDevices) throw new DOMException('No cameras here', 'SecurityError')
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { ...wanted, ...(id ? { deviceId: { exact: id } } : {}) },
    })
    const video = document.createElement('video')
    video.srcObject = stream
    const release = () => {
      for (const track of stream.getTracks()) track.stop()
      video.srcObject = null
    }
    try {
      await playing(video)
    } catch (thrown) {
      release()
      throw thrown
    }
    return new PlayingVideo(stream.getVideoTracks()[0]?.label || strings.charts.camera, 'camera', video, release)
  },
  async openVideo(file) {
    const url = URL.createObjectURL(file)
    const video = document.createElement('video')
    video.loop = true
    video.src = url
    const release = () => {
      video.removeAttribute('src')
      URL.revokeObjectURL(url)
    }
    try {
      await playing(video)
    } catch (thrown) {
      release()
      throw thrown
    }
    return new PlayingVideo(file.name, 'video', video, release)
  },
  onChange(listener) {
    navigator.mediaDevices?.addEventListener('devicechange', listener)
    return () => navigator.mediaDevices?.removeEventListener('devicechange', listener)
  },
}
