// A hostile page against both hosts, so many messages as fit into a test; `npm run fuzz -- --messages` sends a hundred thousand to the web host.
import { expect, test, vi } from 'vitest'
import { inside, type BrowserWindow } from '#test/electron/stand-in.ts'
import { fuzzWebHost, sendAll } from './hosts.ts'
import { Witness } from './messages.ts'

vi.mock('electron', async () => await import('#test/electron/stand-in.ts'))
const { openWindow } = await import('#app/hosts/electron/window.ts')

const count = 3000

function expectSound({ faults, handled, refused }: Witness): void {
  expect(faults).toEqual([])
  // Requests that all fit, or none, put nothing to the test.
  expect(handled).toBeGreaterThan(count / 20)
  expect(refused).toBeGreaterThan(count / 20)
}

test(`the web host stays up under ${count} messages, answers each call once, and hands on only what fits`, async () => {
  expectSound(await fuzzWebHost(3, count))
})

test(`so does Electron’s ipc`, async () => {
  const witness = new Witness()
  openWindow({
    preload: 'preload.cjs',
    onPort: (port) => witness.serve(port),
    onNewWindow: () => undefined,
    onDropped: () => undefined,
  })
  const window = inside.windows.at(-1) as BrowserWindow
  window.webContents.on('stand-in:sent', ({ channel, args }: { channel: string; args: unknown[] }) => {
    if (channel === 'palm:message') witness.hear(String(args[0]))
    else witness.faults.push(`the host closed the port: ${channel}`)
  })
  inside.receive(window, 'palm:open', [])
  const sent = await sendAll(
    5,
    count,
    (message) => inside.receive(window, 'palm:message', [message]),
    () => new Promise((resolve) => setImmediate(resolve)),
  )
  for (const channel of ['palm:open:', 'palm:message:', '__proto__']) inside.receive(window, channel, [{}])
  witness.check(sent)
  expectSound(witness)
})
