// The web host's doors in a real browser: the file that hands over leads in, with the cookie and the key where they belong, and only once.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeHandOver } from '#app/hosts/hand-over.ts'
import { startWebHost, type WebHost } from '#app/hosts/web.ts'
import { chromiumPath, sharedBrowser } from './app-in-browser.ts'

const chromium = chromiumPath()

/** What the page does with its key, without the page. */
const page = '<!doctype html><title>outside</title><script src="/assets/enter.js"></script>'
const script = `
  const key = location.hash.slice('#key='.length) || localStorage.getItem('palm-key')
  localStorage.setItem('palm-key', key)
  const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket')
  socket.onopen = () => socket.send(key)
  socket.onmessage = ({ data }) => (document.title = data)
  socket.onclose = ({ code }) => (document.title = 'closed ' + code)
`

describe.skipIf(!chromium)('the way in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'palm-doors-'))
  const renderer = join(folder, 'renderer')
  let host: WebHost
  let ports = 0

  beforeAll(async () => {
    mkdirSync(join(renderer, 'assets'), { recursive: true })
    writeFileSync(join(renderer, 'index.html'), page)
    writeFileSync(join(renderer, 'assets', 'enter.js'), script)
    host = await startWebHost({ staticFolder: renderer, port: null, onPort: () => void (ports += 1) })
  })
  afterAll(async () => {
    await host.close()
    rmSync(folder, { recursive: true })
  })

  const visitor = async () => (await sharedBrowser(chromium ?? '')).newContext()

  test('a file of one’s own leads a browser in, once; another browser with the same file stays outside', async () => {
    const { address } = await writeHandOver(host.oneTimeAddress(), folder)
    const context = await visitor()
    const tab = await context.newPage()
    await tab.goto(address)
    await tab.waitForURL((url) => url.hash.startsWith('#key='))
    await expect.poll(() => tab.title()).toBe('ready')
    expect(ports).toBe(1)
    const [cookie] = await context.cookies(host.address)
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' })

    const other = await visitor()
    const late = await other.newPage()
    await late.goto(address)
    await expect.poll(() => late.textContent('body')).toContain('good for one visit')
    expect(readFileSync(fileURLToPath(address), 'utf8')).not.toContain(new URL(host.address).searchParams.get('token'))
    await other.close()

    await tab.goto(new URL('/', host.address).href) // as somebody who comes back
    await expect.poll(() => tab.title()).toBe('ready')
    await context.close()
  })

  test('a page on another port of the machine, which is sent the cookie, does not get in', async () => {
    const context = await visitor()
    const tab = await context.newPage()
    await tab.goto(host.address)
    await expect.poll(() => tab.title()).toBe('ready')
    // What such a page knows: the cookie, and no key, because the storage is another one.
    await tab.evaluate(() => localStorage.clear())
    await tab.goto(new URL('/', host.address).href)
    await expect.poll(() => tab.title()).toBe('closed 4401')
    await context.close()
  })
})
