// Electron's binary and what stands in for its window: fetched once, by its own installer; where that fails it is said, once a week; then a browser's window.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { appBrowsers, findAppBrowser } from '#app/hosts/app-window.ts'
import { electronBinary, provideElectron } from '#build/setup/electron.mjs'

let folder: string
let said = ''
const day = 24 * 3_600_000
const package_ = () => join(folder, 'electron')
const tries = () => readFileSync(join(folder, 'tries'), 'utf8').length
const installer = (works: boolean) =>
  `const { appendFileSync, mkdirSync, writeFileSync } = require('node:fs')
appendFileSync(${JSON.stringify(join(folder, 'tries'))}, '.')
${works ? `mkdirSync(__dirname + '/dist'); writeFileSync(__dirname + '/dist/electron', ''); writeFileSync(__dirname + '/path.txt', 'electron')` : `console.error('no way to the download'); process.exit(1)`}`

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-electron-set-up-'))
  mkdirSync(package_())
  writeFileSync(join(package_(), 'package.json'), '{"version":"1.2.3"}')
  writeFileSync(join(folder, 'tries'), '')
  said = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text)
    return true
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

const provide = (now: number, again = false) =>
  provideElectron({ node: process.execPath, env: process.env, again, folder: package_(), cache: folder, now })

describe('Electron’s binary', () => {
  test('is fetched once, by its own installer', async () => {
    writeFileSync(join(package_(), 'install.js'), installer(true))
    expect(electronBinary(package_())).toBeNull()
    const binary = join(package_(), 'dist', 'electron')
    expect(await provide(0)).toBe(binary)
    expect(await provide(day)).toBe(binary)
    expect(tries()).toBe(1)
  })

  test('that cannot be had is said, with what happens instead, and tried again after a week, for another version, or when it is wished', async () => {
    writeFileSync(join(package_(), 'install.js'), installer(false))
    expect(await provide(0)).toBeNull()
    expect(said).toContain('no way to the download')
    expect(said).toContain('npm start -- --electron')
    said = ''
    expect(await provide(6 * day)).toBeNull()
    expect([tries(), said]).toEqual([1, ''])
    await provide(6 * day, true)
    expect(tries()).toBe(2)
    await provide(8 * day)
    expect(tries()).toBe(3)
    writeFileSync(join(package_(), 'package.json'), '{"version":"1.2.4"}')
    await provide(8 * day)
    expect(tries()).toBe(4)
  })

  test('is not asked for where its package is not installed', async () => {
    rmSync(package_(), { recursive: true })
    expect(await provide(0)).toBeNull()
    expect(said).toBe('')
  })
})

describe('a window of a browser', () => {
  test.each(['linux', 'darwin', 'win32'] as const)('is looked for where %s keeps programs', (platform) => {
    const env = {
      PATH: ['/opt/bin', '/usr/bin'].join(process.platform === 'win32' ? ';' : ':'),
      HOME: '/home/me',
      PROGRAMFILES: 'C:\\Program Files',
    }
    const places = appBrowsers(platform, env)
    expect(places.length).toBeGreaterThan(1)
    const last = places.at(-1) as string
    expect(findAppBrowser(platform, env, (path) => (path === last ? path : null))).toBe(last)
    expect(findAppBrowser(platform, env, () => null)).toBeNull()
  })

  test('is not a snap’s, which cannot read the file that hands over', () => {
    const env = { PATH: '/usr/bin' }
    const snap = ['', 'snap', 'chromium', 'current', 'chromium'].join(sep)
    expect(findAppBrowser('linux', env, (path) => (path.endsWith('chromium') ? snap : null))).toBeNull()
  })
})
