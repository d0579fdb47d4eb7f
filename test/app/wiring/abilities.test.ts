// What opening the app does with rows that it cannot read.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { abilities } from '#app/wiring/abilities.ts'
import { openWorkspace } from '#app/wiring/workspace.ts'

const started = (): never => {
  throw new Error('No process is started here.')
}

for (const key of ['last-run:sample', 'last-run:folder', 'run-templates'])
  test(`the app opens although ${key} cannot be read`, async () => {
    const data = mkdtempSync(join(tmpdir(), 'palm-abilities-'))
    const open = () =>
      openWorkspace({ data, resourcesFolder: 'resources', startSession: started, workers: null, preview: false })
    try {
      const first = await open()
      await first.runs.sessions.close()
      first.store.close()
      const db = new Database(join(data, 'palm.sqlite'))
      db.prepare('INSERT INTO settings (key, value) VALUES (?, ?)').run(key, '{"cut')
      db.close()
      const workspace = await open()
      const { uploads } = abilities(workspace, { session: started, probe: started, look: started })
      expect(uploads).toBeDefined()
      await uploads.close()
      await workspace.runs.sessions.close()
      workspace.store.close()
    } finally {
      rmSync(data, { recursive: true })
    }
  })
