// Which places a page may name: what it was granted and what lies in it, however the path is written; nothing else, in any request of the contract that names a place.
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { webPlaces } from '#app/hosts/web-places.ts'
import { Grants, placesIn } from '#app/services/grants.ts'
import { apiMethods, type ApiMethod } from '#contract/api.ts'
import { placeKeys } from '#contract/places.ts'

const home = resolve('/home/me')
const grantsOf = (before: readonly string[] = []) =>
  new Grants({ roots: [home], own: ['/var/palm'], openedBefore: () => before, remedy: 'Choose it.' })
const folder = (path: string) => ({ input: { kind: 'folder', path }, model: null })
const may = (grants: Grants, path: string) => {
  try {
    grants.check('inputs.inspect', folder(path))
    return true
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'not-granted', message: expect.stringContaining('Choose it.') })
    return false
  }
}

describe('a page may name', () => {
  test('what lies in an open folder, but nothing hidden in it', () => {
    const grants = grantsOf()
    for (const path of [home, '/home/me/photos', '/home/me/photos/../models/a.pth', '/home/me/photos/'])
      expect(may(grants, path), path).toBe(true)
    for (const path of ['/home/me/.ssh/id_ed25519', '/home/me/photos/.cache', '/home/me/x/../.ssh', '/home/me/.bashrc'])
      expect(may(grants, path), path).toBe(false)
  })

  test('nothing outside, whatever the path looks like', () => {
    const grants = grantsOf()
    for (const path of [
      '/',
      '/etc/passwd',
      '/home',
      '/home/meager',
      '/home/me/../you',
      '/home/me/photos/../../you/photos',
      '/home/me\u0000/../you',
      '../you',
      '/proc/self/environ',
    ])
      expect(may(grants, path), path).toBe(false)
  })

  test('what a person chose, the program’s own folders, and what was opened before', () => {
    const grants = grantsOf(['/data/old', '/data/net.pth'])
    for (const path of ['/var/palm/uploads/1', '/data/old/cat', '/data/net.pth']) expect(may(grants, path)).toBe(true)
    expect(may(grants, '/data/new')).toBe(false)
    grants.allow('/data/new')
    expect(may(grants, '/data/new/cat/1.jpg')).toBe(true)
    expect(may(grants, '/data/newer')).toBe(false)
    grants.allow('/data/.hidden') // chosen by hand
    expect(may(grants, '/data/.hidden/a')).toBe(true)
  })

  test('in a browser: the home folder, the folder of the start, what --allow names', () => {
    const grants = new Grants({ ...webPlaces(['/scratch']), own: [], openedBefore: () => [] })
    const add = (path: string) => () => grants.check('models.add', { path })
    for (const path of [join(homedir(), 'photos'), resolve('resources'), '/scratch/a', 'resources'])
      expect(add(path), path).not.toThrow()
    for (const path of ['/etc', join(homedir(), '.ssh')]) expect(add(path), path).toThrow('--allow')
  })
})

describe('every request of the contract', () => {
  interface Part {
    readonly properties?: Readonly<Record<string, Part>>
    readonly items?: Part
    readonly anyOf?: readonly Part[]
    readonly oneOf?: readonly Part[]
    readonly allOf?: readonly Part[]
    readonly maxLength?: number
  }
  /** Properties that hold a text, by name, with the longest that each may be. */
  const textsOf = (part: Part, name = ''): [string, number][] => [
    ...(part.maxLength === undefined ? [] : [[name, part.maxLength] as [string, number]]),
    ...Object.entries(part.properties ?? {}).flatMap(([key, inner]) => textsOf(inner, key)),
    ...[...(part.anyOf ?? []), ...(part.oneOf ?? []), ...(part.allOf ?? [])].flatMap((inner) => textsOf(inner, name)),
    ...(part.items ? textsOf(part.items, name) : []),
  ]
  const texts = (Object.keys(apiMethods) as ApiMethod[]).map((method) => {
    const schema = z.toJSONSchema(apiMethods[method].request, { io: 'input', unrepresentable: 'any', reused: 'inline' })
    return [method, textsOf(schema as Part)] as const
  })

  test('that takes a path takes it under a name that is looked at', () => {
    const long = texts.flatMap(([method, found]) =>
      found.filter(([, most]) => most === 4096).map(([name]) => `${method} ${name}`),
    )
    // A text to filter the history by; and what the system's dialog begins with, which nobody opens.
    const filters = ['settings.set value', 'dialogs.save from']
    const others = long.filter((text) => !placeKeys.includes(text.split(' ')[1] ?? '') && !filters.includes(text))
    expect(others).toEqual([])
    expect(long.length).toBeGreaterThan(10)
  })

  test('is looked at where it names a place', () => {
    const naming = texts
      .filter(([, found]) => found.some(([name]) => placeKeys.includes(name)))
      .map(([method]) => method)
    expect(naming).toEqual(
      expect.arrayContaining(['inputs.inspect', 'models.add', 'runs.start', 'runs.export', 'data.move']),
    )
    for (const method of naming) {
      if (method === 'uploads.write') continue
      expect(() => grantsOf().check(method, { deep: [{ path: '/etc/passwd' }] }), method).toThrow('may not open')
      expect(
        () => grantsOf().check(method, { model: { kind: 'file', path: home, weights: '/etc/x' } }),
        method,
      ).toThrow('/etc/x')
    }
  })

  test('has its places found however deep they lie', () => {
    expect(placesIn({ a: [{ path: '/x', weights: null }], b: { folder: '/y', other: '/z' }, path: '' })).toEqual([
      '/x',
      '/y',
    ])
  })
})
