// Templates and last settings over a real store: saved, changed, deleted and brought back; what is corrupt in the table is left out, counted, and hurts nothing.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RunTemplates } from '#app/services/runs/run-templates.ts'
import { readyTemplates } from '#contract/runs/ready-templates.ts'
import { methodIds } from '#contract/methods/method-info.ts'
import { readyTemplateNames, runSettingsSchema } from '#contract/runs/run-template.ts'
import { openStore, type Store } from '#store/store.ts'

const settings = runSettingsSchema.parse({
  methods: ['source', 'palm'],
  corruptions: ['fog'],
  differs: { palm: { eta: 0.5 } },
  batchSize: 20,
})
let folder: string
let store: Store
let templates: RunTemplates
const file = () => join(folder, 'palm.sqlite')
const write = (key: string, value: string) => {
  const db = new Database(file())
  db.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)').run(key, value)
  db.close()
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'palm-templates-'))
  store = openStore(file())
  templates = new RunTemplates(store)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

describe('templates', () => {
  test('are kept, sorted, renamed, deleted and brought back under the same number; a taken name is refused', () => {
    const night = templates.save({ id: null, name: 'Night', settings, place: null })
    const day = templates.save({
      id: null,
      name: 'Day',
      settings,
      place: { input: { kind: 'sample' }, model: { kind: 'sample' }, source: null },
    })
    expect(new RunTemplates(store).list()).toMatchObject({
      templates: [
        { name: 'Day', place: { input: { kind: 'sample' } } },
        { name: 'Night', settings: { differs: { palm: { eta: 0.5 } } } },
      ],
      initial: null,
      ignored: 0,
    })
    expect(() => templates.save({ id: null, name: 'night', settings, place: null })).toThrow(
      'There is a template “night” already',
    )
    templates.save({ ...night, name: 'Dusk' })
    templates.setInitial(day.id)
    templates.remove(day.id)
    expect(templates.list()).toMatchObject({ templates: [{ id: night.id, name: 'Dusk' }], initial: null })
    templates.save(day)
    expect(templates.list().templates.map(({ id }) => id)).toEqual([day.id, night.id])
    // Its number is not given to another meanwhile.
    templates.remove(day.id)
    expect(templates.save({ id: null, name: 'Third', settings, place: null }).id).toBeGreaterThan(day.id)
  })

  test('one of them is what a new form begins with, also one that ships; one that is gone is not', () => {
    templates.setInitial('quick')
    expect(templates.list().initial).toBe('quick')
    expect(() => templates.setInitial(7)).toThrow('not there any more')
    expect(templates.list().initial).toBe('quick')
    templates.setInitial(null)
    expect(templates.list().initial).toBeNull()
  })

  test('the last settings are remembered by kind of input', () => {
    const place = {
      input: { kind: 'folder' as const, path: '/data', split: null, domains: 'none' as const, labels: {} },
      model: null,
      source: null,
    }
    templates.remember('folder', { settings, place })
    expect(templates.list().last).toEqual({ sample: null, folder: { settings, place } })
  })

  test('rows that do not fit are left out and counted; one that is no JSON is among the damaged rows', () => {
    templates.save({ id: null, name: 'Good', settings, place: null })
    const stored = store.settings.get('run-templates') as { templates: unknown[] }
    write(
      'run-templates',
      JSON.stringify({
        ...stored,
        templates: [...stored.templates, { id: 9, name: 'Bad', settings: { methods: ['no-such-method'] } }],
        initial: 'no-such',
      }),
    )
    write('last-run:sample', '{"settings": 3}')
    write('last-run:folder', 'no JSON')
    expect(templates.list()).toMatchObject({
      templates: [{ name: 'Good' }],
      initial: null,
      last: { sample: null, folder: null },
      ignored: 2,
    })
    const damaged = () => store.settings.damaged().map(({ key }) => key)
    expect(damaged()).toEqual(['last-run:folder'])
    expect(templates.save({ id: null, name: 'Next', settings, place: null }).id).toBe(2)
    write('run-templates', '[')
    expect(damaged()).toEqual(['last-run:folder', 'run-templates'])
    expect(templates.list()).toMatchObject({ templates: [], ignored: 1 })
    expect(templates.save({ id: null, name: 'Anew', settings, place: null }).id).toBe(1)
  })

  test('those that ship fit, and name methods that there are', () => {
    expect(Object.keys(readyTemplates)).toEqual([...readyTemplateNames])
    for (const { methods, corruptions } of Object.values(readyTemplates)) {
      expect(methods.length).toBeGreaterThan(0)
      expect(methods.every((method) => methodIds.includes(method))).toBe(true)
      expect(corruptions.length).toBeGreaterThan(0)
    }
  })
})
