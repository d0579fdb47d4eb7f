// A browser whose fake camera plays a clip of the sample's pictures, over the real host; its tracks can be “unplugged” and its sockets lost.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeImage } from '#stream/images/decode.ts'
import { writeClip } from '#test/helpers/y4m.ts'
import { openApp, type BrowserOptions, type RunningApp } from './app-in-browser.ts'

const sample = fileURLToPath(new URL('../../resources/sample/images', import.meta.url))

/** Sessions that this process started and that are still there. */
export const sessionsOf = (pid: number) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => {
      try {
        const parent = Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1])
        return parent === pid && /\/session\.[tj]s/.test(readFileSync(`/proc/${child}/cmdline`, 'utf8'))
      } catch {
        return false // gone meanwhile
      }
    })

/** `framesEach`: how long the clip stays on a picture; `rate`: frames a second. The page keeps its tracks in `palmTracks`, its sockets in `palmSockets`. */
export async function openWithClip(
  executable: string,
  framesEach: number,
  args: readonly string[] = [],
  env?: BrowserOptions['env'],
  rate?: number,
): Promise<RunningApp> {
  const folder = mkdtempSync(join(tmpdir(), 'palm-clip-'))
  const clip = join(folder, 'clip.y4m')
  const pictures = await Promise.all(
    ['Forest', 'Highway', 'River', 'SeaLake', 'Industrial'].map((name) => {
      const file = readdirSync(join(sample, name)).sort()[0]!
      return decodeImage(readFileSync(join(sample, name, file)), file)
    }),
  )
  writeClip(clip, pictures, 256, framesEach, rate)
  const app = await openApp(executable, ['--no-demo', ...args], {
    args: ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${clip}`],
    permissions: ['camera'],
    still: true,
    ...(env ? { env } : {}),
  })
  // The tracks that the page gets, so that one can be “unplugged”, and its sockets, so that the connection can be lost.
  await app.page.addInitScript(() => {
    const tracks: MediaStreamTrack[] = []
    const sockets: WebSocket[] = []
    Object.assign(window, { palmTracks: tracks, palmSockets: sockets })
    window.WebSocket = class extends WebSocket {
      constructor(address: string | URL, protocols?: string | string[]) {
        super(address, protocols)
        sockets.push(this)
      }
    }
    // oxlint-disable-next-line typescript/unbound-method -- it is called with the devices it belongs to
    const real = MediaDevices.prototype.getUserMedia
    MediaDevices.prototype.getUserMedia = async function (constraints) {
      const stream = await real.call(this, constraints)
      tracks.splice(0, tracks.length, ...stream.getVideoTracks())
      return stream
    }
  })
  await app.page.reload()
  return {
    ...app,
    async close() {
      await app.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
