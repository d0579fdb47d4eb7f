// Files that are written whole or not at all, and which checkpoint a person means.
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { dataFolderPath, prepareDataFolder } from '#app/services/data/data-folder.ts'
import { findCheckpoint } from '#app/services/runs/export.ts'
import { writeFiles } from '#session/export/write-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'palm-export-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('writing files', () => {
  it('replaces a file whole and leaves nothing beside it', async () => {
    const path = join(folder, 'a.safetensors')
    await writeFiles(new Map([[path, new Uint8Array([1, 2])]]))
    await writeFiles(new Map([[path, new Uint8Array([3])]]))
    expect([...readFileSync(path)]).toEqual([3])
    expect(readdirSync(folder)).toEqual(['a.safetensors'])
  })

  it('writes all of several or none, and says which folder is missing', async () => {
    const files = new Map([
      [join(folder, 'first'), new Uint8Array([1])],
      [join(folder, 'no', 'a.safetensors'), new Uint8Array()],
    ])
    await expect(writeFiles(files)).rejects.toMatchObject({
      code: 'input-unreadable',
      message: expect.stringContaining('does not exist'),
    })
    expect(readdirSync(folder)).toEqual(['a.safetensors'])
  })
})

describe('naming a checkpoint', () => {
  const checkpoint = (id: number, lane: string, step: number) => ({
    id,
    lane,
    step,
    domain: 0,
    sizeBytes: 1,
    createdAt: 0,
  })
  const some = [checkpoint(1, 'tent', 4), checkpoint(2, 'palm', 4), checkpoint(3, 'tent', 9), checkpoint(4, 'palm', 9)]

  it('takes its number, or last of a lane', () => {
    expect(findCheckpoint(some, '2').id).toBe(2)
    expect(findCheckpoint(some, 'last:tent').id).toBe(3)
    expect(
      findCheckpoint(
        some.filter(({ lane }) => lane === 'palm'),
        'last',
      ).id,
    ).toBe(4)
  })

  it('says what there is when it is not clear', () => {
    expect(() => findCheckpoint(some, 'last')).toThrow('last:tent or last:palm')
    expect(() => findCheckpoint(some, '7')).toThrow('it has 1, 2, 3, 4')
    expect(() => findCheckpoint(some, 'last:norm')).toThrow("Lane 'norm' has no checkpoint")
    expect(() => findCheckpoint(some, 'first')).toThrow('names no checkpoint')
    expect(() => findCheckpoint([], 'last')).toThrow('no checkpoint yet')
  })
})

describe('the data folder', () => {
  it('is the chosen one, else PALM_DATA, else the system’s place', () => {
    expect(dataFolderPath({ PALM_DATA: '/a' }, 'linux', '/b')).toBe('/b')
    expect(dataFolderPath({ PALM_DATA: '/a', XDG_DATA_HOME: '/x' }, 'linux', null)).toBe('/a')
    expect(dataFolderPath({ XDG_DATA_HOME: '/x' }, 'linux', null)).toBe(join('/x', 'palm-studio'))
    expect(dataFolderPath({}, 'darwin', null)).toMatch(/Library\/Application Support\/PALM Studio$/)
  })

  it.skipIf(process.getuid?.() === 0)(
    'is refused in plain words when it cannot be written (root can write everywhere)',
    async () => {
      chmodSync(folder, 0o500)
      await expect(prepareDataFolder(join(folder, 'data'))).rejects.toMatchObject({
        code: 'input-unreadable',
        message: expect.stringContaining('--data DIR'),
      })
      chmodSync(folder, 0o700)
    },
  )

  it('is refused in plain words when a file is in its place', async () => {
    await expect(prepareDataFolder(join(folder, 'a.safetensors'))).rejects.toMatchObject({
      code: 'input-unreadable',
      message: expect.stringContaining('PALM_DATA'),
    })
  })
})
