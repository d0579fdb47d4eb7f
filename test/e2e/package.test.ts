// The desktop package as far as it can be made without Electron's binary: electron-builder packs for this system around a stand-in for it, the packed tree is read, its fuses too, and
// the packed program runs over the stand-in for the module `electron`.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BuiltApp } from '#test/electron/built-app.ts'
import { billOfMaterials } from '#build/bill-of-materials.mjs'
import { feedArguments } from '#build/updates-feed.mjs'
import { cacheFolder } from '#build/setup/places.mjs'
import { chromiumPath, sharedBrowser } from './app-in-browser.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const chromium = chromiumPath()

/** What every Electron binary has: this mark, a version, how many fuses there are, and each as `0`, `1` or `r` (removed). */
const fuseMark = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
const fuseNames = [
  'runAsNode',
  'enableCookieEncryption',
  'enableNodeOptionsEnvironmentVariable',
  'enableNodeCliInspectArguments',
  'enableEmbeddedAsarIntegrityValidation',
  'onlyLoadAppFromAsar',
  'loadBrowserProcessSpecificV8Snapshot',
  'grantFileProtocolExtraPrivileges',
] as const

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
}

describe.skipIf(process.platform !== 'linux')('the desktop package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'palm-package-'))
  const resources = join(folder, 'packed/linux-unpacked/resources')
  const program = join(folder, 'program')
  let files: string[] = []
  /** What was asked of the server that was built into the package. */
  const asked: string[] = []
  const appImage = join(folder, 'palm-studio.AppImage')
  const newer = Buffer.from(`#!/bin/sh\necho "$PALM_DATA" > "${join(folder, 'started')}"\n${'#'.repeat(100_000)}\n`)
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://127.0.0.1').pathname
    asked.push(path)
    const sha512 = createHash('sha512').update(newer).digest('base64')
    const list = JSON.stringify({ version: '99.0.0', files: [{ url: 'new.AppImage', sha512, size: newer.length }] })
    const body = path.endsWith('.yml') ? Buffer.from(list) : newer
    response.writeHead(200, { 'content-length': body.length }).end(body)
  })

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const feed = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const electron = join(folder, 'electron')
    mkdirSync(electron)
    const fuses = Buffer.concat([Buffer.from(fuseMark), Buffer.from([1, 9]), Buffer.from('101100011')])
    writeFileSync(join(electron, 'electron'), Buffer.concat([Buffer.from('no program\n'), fuses]), { mode: 0o755 })
    for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version', 'resources.pak'])
      writeFileSync(join(electron, name), '')
    const run = promisify(execFile)
    const modules = join(root, 'node_modules')
    await run(
      process.execPath,
      [
        join(modules, 'electron-builder/cli.js'),
        ...feedArguments(feed),
        ...['--linux', 'dir', '--config', 'build/electron-builder.yml'],
        ...[`-c.electronDist=${electron}`, `-c.directories.output=${join(folder, 'packed')}`],
      ],
      { cwd: root, maxBuffer: 16 << 20, env: { ...process.env, VITEST: undefined } }, // electron-builder has a mode for its own tests
    )
    await run(process.execPath, [
      join(modules, '@electron/asar/bin/asar.js'),
      'extract',
      join(resources, 'app.asar'),
      program,
    ])
    files = filesBelow(program)
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('holds the built program, the packages that it loads, its resources and the set-up', () => {
    for (const name of ['main', 'session', 'probe', 'picture-worker', 'corrupt-worker'])
      expect(files).toContain(`out/main/${name}.js`)
    expect(files).toContain('out/preload/preload.cjs')
    expect(files).toContain('out/renderer/index.html')
    expect(files).toContain('out/renderer/licences.json')
    for (const name of ['sample', 'paper', 'labels', 'models'])
      expect(existsSync(join(resources, 'resources', name))).toBe(true)
    expect(existsSync(join(resources, 'setup/first-run.mjs'))).toBe(true)
    // What the set-up compiles, which electron-builder by itself leaves out.
    const binding = join(resources, 'app.asar.unpacked/node_modules/@tensorflow/tfjs-node-gpu/binding')
    expect(readdirSync(binding)).toEqual(
      expect.arrayContaining(['tfjs_binding.cc', 'tfjs_backend.cc', 'tfjs_backend.h']),
    )
  })

  test('holds no sources, tests, maps, caches, other systems’ addons, nor TensorFlow’s library', () => {
    const unwanted = files.filter(
      (file) =>
        /^(src-main|src-renderer|test|docs|build|resources)\//.test(file) ||
        /\.(ts|mts|cts|map|gyp)$/.test(file) ||
        /compile-cache|libtensorflow|prebuilds\/(darwin|win32)|dist\/(darwin|win32)-/.test(file),
    )
    expect(unwanted).toEqual([])
    const packages = new Set(
      files
        .flatMap((file) => /^node_modules\/(@[^/]+\/[^/]+|[^/]+)\//.exec(file)?.[1] ?? [])
        .map((name) => name.replace(/-linux-.*/, '')),
    )
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    for (const name of Object.keys(dependencies)) expect([...packages]).toContain(name)
    const ofOthers = [...packages].filter((name) => !(name in dependencies)).sort()
    const ofTheUpdater = [
      ...['builder-util-runtime', 'fs-extra', 'graceful-fs', 'js-yaml', 'jsonfile', 'lazy-val'],
      ...['lodash.escaperegexp', 'lodash.isequal', 'sax', 'tiny-typed-emitter', 'universalify'],
    ]
    const ofTheLab = [
      ...['cron-parser', 'luxon', 'non-error', 'pg', 'pg-connection-string', 'pg-int8', 'pg-pool', 'pg-protocol'],
      ...['pg-types', 'pgpass', 'postgres-array', 'postgres-bytea', 'postgres-date', 'postgres-interval'],
      ...['rrule-temporal', 'serialize-error', 'split2', 'xtend'],
    ]
    expect(ofOthers).toEqual(
      [
        ...ofTheUpdater,
        ...ofTheLab,
        'debug',
        'ms',
        'pend',
        'protocol-buffers-schema',
        'resolve-protobuf-schema',
      ].sort(),
    )
  })

  test('says the licence of every package in it, with its text', () => {
    const { packages, texts } = JSON.parse(readFileSync(join(program, 'out/renderer/licences.json'), 'utf8')) as {
      packages: { name: string; version: string; licence: string; text: number | null }[]
      texts: string[]
    }
    const told = new Map(packages.map((row) => [row.name, row]))
    const versions = new Set(packages.map(({ name, version }) => `${name} ${version}`))
    // Those within others, too: they may be other versions.
    const packed = new Set(
      [...files, ...filesBelow(join(resources, 'app.asar.unpacked'))].flatMap(
        (file) => /^(?:.*\/)?node_modules\/(@[^/]+\/[^/]+|[^/]+)\/package\.json$/.exec(file)?.[1] ?? [],
      ),
    )
    expect(packed.size).toBeGreaterThan(10)
    for (const name of packed) {
      const row = told.get(name) ?? told.get(name.replace(/-(linux|darwin|win32)-.*/, ''))
      expect(row?.licence, name).toMatch(/\w/)
      expect(row && row.text !== null ? texts[row.text]?.length : 0, name).toBeGreaterThan(100)
    }
    for (const file of files.filter((one) => /node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(one))) {
      const { name, version } = JSON.parse(readFileSync(join(program, file), 'utf8')) as Record<string, string>
      if (name && version) expect([...versions], `${file} ${version}`).toContain(`${name} ${version}`)
    }
  })

  test('is what the bill of materials names: every package with its version', async () => {
    const { components } = JSON.parse(await billOfMaterials(process.env)) as {
      components: { name: string; version: string }[]
    }
    const named = new Set(components.map(({ name, version }) => `${name} ${version}`))
    const modules = files.filter((one) => /node_modules\/(@[^/]+\/)?[^/@]+\/package\.json$/.test(one))
    expect(modules.length).toBeGreaterThan(20)
    for (const file of modules) {
      const { name, version } = JSON.parse(readFileSync(join(program, file), 'utf8')) as Record<string, string>
      if (name && version) expect([...named], file).toContain(`${name} ${version}`)
    }
  })

  test('has taken out of Electron what the program does not need', () => {
    const binary = readFileSync(join(folder, 'packed/linux-unpacked/palm-studio'))
    const at = binary.indexOf(fuseMark) + fuseMark.length + 2
    const states = Object.fromEntries(fuseNames.map((name, i) => [name, String.fromCharCode(binary[at + i] ?? 0)]))
    expect(states).toEqual({
      runAsNode: '0',
      enableCookieEncryption: '1',
      enableNodeOptionsEnvironmentVariable: '0',
      enableNodeCliInspectArguments: '0',
      enableEmbeddedAsarIntegrityValidation: '1',
      onlyLoadAppFromAsar: '1',
      loadBrowserProcessSpecificV8Snapshot: '0',
      grantFileProtocolExtraPrivileges: '0',
    })
  })

  test('has the address for updates that it was built with, and none without', () => {
    expect(readFileSync(join(resources, 'app-update.yml'), 'utf8')).toContain('url: http://127.0.0.1:')
    expect(feedArguments(undefined)).toEqual(['--publish', 'never'])
    expect(readFileSync(join(root, 'build/electron-builder.yml'), 'utf8')).toMatch(/^publish: null$/m)
    for (const address of ['http://example.org/', 'ftp://example.org/', 'https://me:secret@example.org/', 'somewhere'])
      expect(() => feedArguments(address), address).toThrow('https')
  })

  test.skipIf(!chromium)(
    'runs the sample with nothing but what was packed, and takes a newer version when it is told to',
    async () => {
      const native = JSON.parse(readFileSync(join(cacheFolder(), 'native.json'), 'utf8')) as { bindingPath: string }
      const env = {
        PALM_TFJS_BINDING: process.env.PALM_TFJS_BINDING ?? native.bindingPath,
        PALM_TEST_PACKAGED: resources,
        APPIMAGE: appImage,
        XDG_CACHE_HOME: join(folder, 'cache'),
      }
      writeFileSync(appImage, 'this one')
      const browser = await sharedBrowser(chromium ?? '')
      const args = [`--data=${join(folder, 'data')}`, '--no-tour']
      const app = await BuiltApp.open(browser, args, { folder: program, env })
      await expect.poll(() => app.page(1)).not.toBeNull()
      const page = (await app.page(1)) as Page
      await expect.poll(() => page.title()).toMatch(/[1-9]\d* %/)
      await page.getByRole('button', { name: 'Pause' }).click()
      await page.getByRole('button', { name: 'Continue' }).waitFor() // it is under way for as long as this takes
      // The client of a lab's queue is in it, and the system's key store would keep its password.
      await page.getByRole('button', { name: 'Sweeps', exact: true }).click()
      await page.getByText('Not connected to a lab').click()
      await expect.poll(() => page.getByLabel('Keep it in the system’s key store').isEnabled()).toBe(true)
      await page.getByLabel('Server', { exact: true }).fill('127.0.0.1:1')
      await page.getByRole('button', { name: 'Connect', exact: true }).click()
      await expect.poll(() => page.getByRole('dialog').getByRole('alert').innerText()).toMatch(/nobody answers there/)
      await page.keyboard.press('Escape')
      await page.keyboard.press(',')
      await page.getByRole('button', { name: 'About', exact: true }).click()
      await expect.poll(() => page.getByLabel('Look for updates').isChecked()).toBe(false)
      expect(asked).toEqual([])
      await page.getByRole('button', { name: 'Look now' }).click()
      await page.getByText('Version 99.0.0 is there').waitFor()
      expect(asked).toHaveLength(1)
      await page.getByRole('button', { name: 'Fetch it' }).click()
      await page.getByText('Version 99.0.0 is here and was checked.').waitFor()
      await page.getByText('Run 1 is under way. It is stopped after its current step').waitFor()
      await page.getByRole('button', { name: 'Restart and install' }).click()
      await page.getByRole('button', { name: 'Stop, restart and install' }).click()
      expect(await app.ended).toBe(0)
      expect(app.faults).toEqual([])
      await app.close()
      expect(readFileSync(appImage)).toEqual(newer)
      await expect.poll(() => existsSync(join(folder, 'started'))).toBe(true)

      // The next version goes on where this one was stopped.
      const next = await BuiltApp.open(browser, args, { folder: program, env })
      await expect.poll(() => next.page(1)).not.toBeNull()
      const again = (await next.page(1)) as Page
      await again.getByRole('button', { name: 'Pause' }).waitFor()
      await expect.poll(() => again.title()).toMatch(/[1-9]\d* %/)
      await next.close()
    },
  )
})
