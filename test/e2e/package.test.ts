// The desktop package as far as it can be made without Electron's binary: electron-builder packs for this system around a stand-in for it, the packed tree is read, its fuses too, and
// the packed program runs over the stand-in for the module `electron`.
import { execFile } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BuiltApp } from '#test/electron/built-app.ts'
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

  beforeAll(async () => {
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
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

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
    // The desktop package has no command, and only the command asks a lab.
    const needed = Object.keys(dependencies).filter((name) => name !== 'pg-boss')
    for (const name of needed) expect([...packages]).toContain(name)
    const ofOthers = [...packages].filter((name) => !(name in dependencies)).sort()
    expect(ofOthers).toEqual(['debug', 'ms', 'pend', 'protocol-buffers-schema', 'resolve-protobuf-schema'])
  })

  test('says the licence of every package in it, with its text', () => {
    const { packages, texts } = JSON.parse(readFileSync(join(program, 'out/renderer/licences.json'), 'utf8')) as {
      packages: { name: string; licence: string; text: number | null }[]
      texts: string[]
    }
    const told = new Map(packages.map((row) => [row.name, row]))
    const packed = new Set(
      [...files, ...filesBelow(join(resources, 'app.asar.unpacked'))].flatMap(
        (file) => /^node_modules\/(@[^/]+\/[^/]+|[^/]+)\/package\.json$/.exec(file)?.[1] ?? [],
      ),
    )
    expect(packed.size).toBeGreaterThan(10)
    for (const name of packed) {
      const row = told.get(name) ?? told.get(name.replace(/-(linux|darwin|win32)-.*/, ''))
      expect(row?.licence, name).toMatch(/\w/)
      expect(row && row.text !== null ? texts[row.text]?.length : 0, name).toBeGreaterThan(100)
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

  test.skipIf(!chromium)('runs the sample with nothing but what was packed', async () => {
    symlinkSync(join(resources, 'resources'), join(program, 'resources'))
    const native = JSON.parse(readFileSync(join(cacheFolder(), 'native.json'), 'utf8')) as { bindingPath: string }
    const app = await BuiltApp.open(
      await sharedBrowser(chromium ?? ''),
      [`--data=${join(folder, 'data')}`, '--no-tour'],
      { folder: program, env: { PALM_TFJS_BINDING: process.env.PALM_TFJS_BINDING ?? native.bindingPath } },
    )
    await expect.poll(() => app.page(1)).not.toBeNull()
    const page = (await app.page(1)) as Page
    await expect.poll(() => page.title()).toMatch(/[1-9]\d* %/)
    expect(app.faults).toEqual([])
    await app.close()
  })
})
