// The picker's view of folders: what may be opened and nothing else, in an order for people, within bounds.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FileListing, type ListingBounds } from '#app/services/files/file-listing.ts'
import { Grants } from '#app/services/grants.ts'
import { hasImageEnding } from '#stream/images/decode.ts'

let root: string
let home: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'palm-listing-')))
  home = join(root, 'home')
  for (const folder of ['photos/cat', 'photos/.thumbs', '.ssh', 'b10', 'b2'])
    mkdirSync(join(home, folder), { recursive: true })
  mkdirSync(join(root, 'secret'))
  for (const file of [
    'photos/cat/1.jpg',
    'photos/cat/2.PNG',
    'photos/cat/note.txt',
    'photos/a.jpg',
    'photos/list.csv',
    'photos/more.zip',
    'photos/model.safetensors',
    'photos/.hidden.csv',
  ])
    writeFileSync(join(home, file), 'x'.repeat(5))
  writeFileSync(join(root, 'secret', 'key.csv'), 'x')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const listing = (more: { places?: readonly string[]; bounds?: ListingBounds } = {}) => {
  const places = more.places ?? [home, join(root, 'nowhere')]
  const grants = new Grants({ roots: places, own: [], openedBefore: () => [], remedy: '' })
  return new FileListing({ grants, places, hasImageEnding, ...(more.bounds ? { bounds: more.bounds } : {}) })
}
const names = async (folder: string | null, kind: 'folder' | 'images' | 'model' = 'images', from = listing()) =>
  (await from.list({ folder, kind })).entries.map(({ name }) => name)

describe('a folder as the picker lists it', () => {
  it('begins at the places that are there', async () => {
    const found = await listing().list({ folder: null, kind: 'folder' })
    expect([found.folder, found.parent, found.entries.map(({ path }) => path)]).toEqual([null, null, [home]])
  })

  it('has folders first, numbers as people count, sizes, and how many images lie in each', async () => {
    expect(await names(home)).toEqual(['b2', 'b10', 'photos'])
    const photos = await listing().list({ folder: join(home, 'photos'), kind: 'images' })
    expect(photos).toMatchObject({ parent: home, images: 1, cut: false })
    expect(photos.entries).toMatchObject([
      { name: 'cat', folder: true, images: 2, more: false },
      { name: 'list.csv', folder: false, sizeBytes: 5, images: null },
      { name: 'more.zip', sizeBytes: 5 },
    ])
    expect(await names(join(home, 'photos'), 'model')).toEqual(['cat', 'model.safetensors'])
    expect(await names(join(home, 'photos'), 'folder')).toEqual(['cat'])
    expect((await listing().list({ folder: home, kind: 'folder' })).parent).toBeNull() // up leads to the places
  })

  it('shows nothing hidden, and no link that leads out of what may be opened', async () => {
    symlinkSync(join(root, 'secret'), join(home, 'photos', 'way-out'))
    symlinkSync(join(root, 'secret', 'key.csv'), join(home, 'photos', 'key.csv'))
    symlinkSync(join(home, '.ssh'), join(home, 'photos', 'keys'))
    symlinkSync(join(home, 'b2'), join(home, 'photos', 'inside'))
    symlinkSync(join(home, 'gone'), join(home, 'photos', 'broken'))
    expect(await names(join(home, 'photos'))).toEqual(['cat', 'inside', 'list.csv', 'more.zip'])
    for (const way of ['way-out', 'keys'])
      await expect(listing().list({ folder: join(home, 'photos', way), kind: 'images' })).rejects.toMatchObject({
        code: 'not-granted',
      })
  })

  it('goes into a place that is reached over a link itself', async () => {
    symlinkSync(home, join(root, 'linked'))
    const from = listing({ places: [join(root, 'linked')] })
    expect(await names(join(root, 'linked', 'photos'), 'images', from)).toEqual(['cat', 'list.csv', 'more.zip'])
    mkdirSync(join(root, 'home-of-another'))
    symlinkSync(join(root, 'home-of-another'), join(home, 'photos', 'other'))
    await expect(from.list({ folder: join(root, 'linked', 'photos', 'other'), kind: 'images' })).rejects.toThrow(
      'may not open',
    )
  })

  it('says why a folder cannot be listed', async () => {
    for (const [folder, why] of [
      ['nothing', 'is not there'],
      ['photos/a.jpg', 'is no folder'],
    ] as const)
      await expect(listing().list({ folder: join(home, folder), kind: 'images' })).rejects.toThrow(why)
  })

  it('reads so much and no more, and says that there is more', async () => {
    for (let i = 0; i < 50; i++) writeFileSync(join(home, 'photos', 'cat', `more-${i}.jpg`), '')
    const few = listing({ bounds: { read: 3, shown: 50, counted: 10, countMs: 1e6 } })
    const found = await few.list({ folder: join(home, 'photos'), kind: 'images' })
    expect([found.cut, found.entries.length + found.images <= 3]).toEqual([true, true])
    const [cat] = (
      await listing({ bounds: { read: 100, shown: 50, counted: 10, countMs: 1e6 } }).list({
        folder: join(home, 'photos'),
        kind: 'folder',
      })
    ).entries
    expect([cat?.more, (cat?.images ?? 99) <= 10]).toEqual([true, true])
    const [uncounted] = (
      await listing({ bounds: { read: 100, shown: 50, counted: 10, countMs: 0 } }).list({
        folder: join(home, 'photos'),
        kind: 'folder',
      })
    ).entries
    const one = await listing({ bounds: { read: 100, shown: 1, counted: 10, countMs: 0 } }).list({
      folder: join(home, 'photos'),
      kind: 'images',
    })
    expect([one.entries.map(({ name }) => name), one.cut]).toEqual([['cat'], true])
    expect(uncounted).toMatchObject({ images: null, more: false })
  })
})
