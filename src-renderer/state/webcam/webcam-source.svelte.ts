// Where the webcam's pictures come from: the cameras that there are, the one that is open or the video that plays, and a camera that went away. Runs without a
// page: pictures come from behind `Cameras`.
import { cameraProblem } from '#renderer/lib/webcam/camera-problem.ts'
import type { CameraInfo, Cameras, FrameSource } from '#renderer/lib/webcam/frame-source.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

export class WebcamSource {
  cameras = $state.raw<readonly CameraInfo[]>([])
  /** The chosen one; null = whichever. */
  cameraId = $state<string | null>(null)
  kind = $state<FrameSource['kind']>('camera')
  name = $state('')
  mirrored = $state(true)
  /** The camera went away; it is taken up again when it comes back. */
  lost = $state(false)
  /** The video that plays, so that a new run can play it too. */
  file: File | null = null
  /** What is open. */
  current: FrameSource | null = null
  /** Frames that were answered since it was opened. */
  answered = 0
  private readonly devices: Cameras
  private readonly say: (problem: string) => void
  private readonly reopened: () => void

  /** `say`: shows what went wrong; '' = nothing. `reopened`: a camera that was lost gives pictures again. */
  constructor(devices: Cameras, say: (problem: string) => void, reopened: () => void) {
    this.devices = devices
    this.say = say
    this.reopened = reopened
    devices.onChange(() => void this.devicesChanged())
    void this.listCameras()
  }

  /** The chosen camera, or a video file. @throws after it said what is wrong */
  async open(file: File | null): Promise<FrameSource> {
    try {
      const source = await (file ? this.devices.openVideo(file) : this.devices.open(this.cameraId))
      this.current = source
      this.file = file
      this.kind = source.kind
      this.name = source.name
      this.answered = 0
      source.onEnd((why) => this.ended(source, why))
      void this.listCameras() // names are known now
      return source
    } catch (thrown) {
      this.say(cameraProblem(thrown))
      throw thrown
    }
  }

  /** A camera that went away, taken up again while the run goes on. */
  async reopen(): Promise<void> {
    if (!this.lost) return
    try {
      await this.open(this.kind === 'video' ? this.file : null)
      this.lost = false
      this.say('')
      this.reopened()
    } catch {
      // What is wrong has been said; it is tried again when a device comes, or when the user asks.
    }
  }

  close(): void {
    this.current?.close()
    this.current = null
  }

  /** What was chosen in another one, whose connection is gone. */
  resemble(other: WebcamSource): void {
    this.cameraId = other.cameraId
    this.mirrored = other.mirrored
    this.file = other.file
  }

  private async listCameras(): Promise<void> {
    this.cameras = await this.devices.list().catch(() => [])
    if (this.cameraId !== null && !this.cameras.some(({ id }) => id === this.cameraId)) this.cameraId = null
  }

  private async devicesChanged(): Promise<void> {
    await this.listCameras()
    if (this.lost && this.cameras.length > 0) await this.reopen()
  }

  private ended(source: FrameSource, why: 'unplugged' | 'finished'): void {
    if (source !== this.current) return
    this.close()
    this.lost = why === 'unplugged'
    this.say(why === 'unplugged' ? strings.webcam.unplugged : strings.webcam.noVideo)
  }
}
