// What ships of others is listed with its licence: none is missing, and each has its text.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { collectLicences, packagesOf, packagesToRun } from '#build/licences.mjs'

const bundled = ['svelte', 'uplot', 'd3-scale', 'd3-interpolate', 'd3-scale-chromatic', 'zod']
const licences = collectLicences(bundled)
const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean; version: string }>
}

test('every package that the lock file installs to run the program is listed, with the version that is installed', () => {
  const listed = new Set(licences.packages.map(({ name, version }) => `${name}@${version}`))
  const wanted = Object.entries(lock.packages)
    .filter(([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional)
    .map(([path, { version }]) => `${path.slice(path.lastIndexOf('node_modules/') + 13)}@${version}`)
  expect(wanted.length).toBeGreaterThan(50)
  expect(wanted.filter((one) => !listed.has(one))).toEqual([])
})

test('what the bundler puts into the page is listed too, and what is no package', () => {
  const names = licences.packages.map(({ name }) => name)
  for (const name of bundled) expect(names).toContain(name)
  expect(licences.others.map(({ name }) => name).join()).toMatch(/TensorFlow.*EuroSAT.*EfficientNet.*WordNet.*Electron/)
})

test('each has a licence by name and in full', () => {
  for (const { name, licence, text } of [...licences.packages, ...licences.others]) {
    expect(licence, name).not.toBe('')
    expect(text === null ? '' : licences.texts[text]?.slice(0, 20_000), name).toMatch(
      /licen[cs]e|permission|redistribution|terms/i,
    )
  }
})

test('none is listed twice', () => {
  const keys = licences.packages.map(({ name, version }) => `${name} ${version}`)
  expect(new Set(keys).size).toBe(keys.length)
})

test('the packages of modules are told from their files', () => {
  expect(
    packagesOf([
      '/x/node_modules/svelte/src/index.js',
      '\0virtual',
      'C:\\x\\node_modules\\@a\\b\\c.js',
      '/x/node_modules/d/node_modules/e/f.js',
      '/x/src/y.ts',
    ]),
  ).toEqual(['@a/b', 'e', 'svelte'])
})

test('a package that is needed and not installed is an error, not a gap', () => {
  expect(packagesToRun().size).toBeGreaterThan(50)
  expect(() => collectLicences(['no-such-package'])).toThrow(/not installed/)
})
