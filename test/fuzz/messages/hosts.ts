// The hosts that messages are sent to: the web host over its real socket, and Electron's ipc over the stand-in (the caller puts it in Electron's place).
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { startWebHost } from '#app/hosts/web.ts'
import type { Message } from '#app/rpc/packing.ts'
import { hostileMessage, Witness } from './messages.ts'

/** Sent between two waits for the host to catch up. */
const stretch = 500

/** Over the web host: all of `count` messages of `seed`, then a call that must still be answered. */
export async function fuzzWebHost(seed: number, count: number): Promise<Witness> {
  const witness = new Witness()
  const host = await startWebHost({ staticFolder: '.', port: null, onPort: (port) => witness.serve(port) })
  const page = await fetch(host.address)
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? ''
  const key = /#key=([\w-]+)"/.exec(await page.text())?.[1] ?? ''
  const origin = `http://127.0.0.1:${host.port}`
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}/socket`, { headers: { cookie, origin } })
  await once(socket, 'open')
  socket.send(key)
  await once(socket, 'message')
  socket.on('message', (data: Buffer) => witness.hear(data.toString()))
  const closed = new Promise<void>((resolve) =>
    socket.on('close', (code) => {
      witness.faults.push(`the host closed the socket: ${code}`)
      resolve()
    }),
  )
  const sent = await sendAll(
    seed,
    count,
    (message) => void (socket.readyState === WebSocket.OPEN && socket.send(message)),
    async () => {
      socket.ping()
      await Promise.race([once(socket, 'pong'), closed])
    },
  )
  socket.removeAllListeners('close')
  socket.terminate()
  await host.close()
  witness.check(sent)
  return witness
}

/** Sends all, `settle` now and then and at the end: by then what was sent is answered. */
export async function sendAll(
  seed: number,
  count: number,
  send: (message: Message) => void,
  settle: () => Promise<unknown>,
): Promise<Message[]> {
  const sent: Message[] = []
  for (let index = 0; index < count; index++) {
    const message = hostileMessage(seed, index)
    sent.push(message)
    send(message)
    if (index % stretch === stretch - 1) await settle()
  }
  await settle()
  return sent
}
