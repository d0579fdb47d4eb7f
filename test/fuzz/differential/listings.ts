// Generated trees against torchvision's ImageFolder, and generated lists against pandas: the same images with the same classes. The suite compares with the
// recorded answers of both, `npm run fuzz` with themselves.
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative, sep } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { PalmError } from '#contract/errors.ts'
import { emptyOf, matchClasses } from '#stream/inputs/labels.ts'
import { wholeNumber } from '#stream/inputs/whole-number.ts'
import { look, plant } from '#test/helpers/file-tree.ts'
import type { DifferentialKind } from './differential.ts'
import { drawList, drawTree, poolOf, type DrawnList, type DrawnTree } from './draw-listing.ts'

export const recordedAt = join(import.meta.dirname, '../../golden/listings.json')
type Recorded = Readonly<Record<'trees' | 'lists', Readonly<Record<string, string>>>>
const recorded = JSON.parse(readFileSync(recordedAt, 'utf8')) as Recorded
const python = process.env.PALM_PYTHON ?? 'python3'

/** One process that reads trees and lists as torchvision and pandas do. */
export class Reference {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>
  private readonly lines: AsyncIterator<string>

  constructor() {
    this.child = spawn(python, [join(import.meta.dirname, 'listings.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.child.on('error', () => this.child.stdout.destroy())
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]()
  }

  /** The next line; empty when the process has ended. */
  async line(): Promise<{ versions?: object; answer?: string }> {
    const { value, done } = await this.lines.next()
    return done === true ? {} : (JSON.parse(value) as { versions?: object; answer?: string })
  }

  async answer(request: object): Promise<string> {
    this.child.stdin.write(`${JSON.stringify(request)}\n`)
    return (await this.line()).answer ?? 'no answer'
  }

  close(): void {
    this.child.stdin.end()
  }
}

const live = process.env.VITEST === undefined
let reference: Reference | null = null

async function missing(): Promise<string | null> {
  if (!live) return null
  reference = new Reference()
  if ((await reference.line()).versions !== undefined) return null
  await close()
  return `${python} has no torchvision or pandas: python3 -m pip install torchvision pandas, or PALM_PYTHON=the Python that has them`
}

function close(): Promise<void> {
  reference?.close()
  reference = null
  return Promise.resolve()
}

/** As listings.py does. */
function hashOf(lines: readonly string[]): string {
  const sorted = lines.map((line) => Buffer.from(line.normalize('NFC'))).sort((a, b) => Buffer.compare(a, b))
  return createHash('sha256')
    .update(Buffer.concat(sorted.flatMap((line, i) => (i === 0 ? [line] : [Buffer.from('\n'), line]))))
    .digest('hex')
    .slice(0, 16)
}

/** Makes it there. @returns where */
export const plantTree = (keep: string, seed: number, { paths }: DrawnTree): string =>
  plant(join(keep, `tree-${seed}`), paths)

export const trees: DifferentialKind = {
  name: 'trees',
  missing,
  close,
  async one(seed, keep) {
    const drawn = drawTree(seed)
    const root = plantTree(keep, seed, drawn)
    const theirs = reference
      ? await reference.answer({ kind: 'tree', root, base: drawn.base })
      : (recorded.trees[seed] ?? 'not recorded')
    const mine = await oursOf(root, drawn)
    if (mine.hash === theirs) {
      rmSync(root, { recursive: true })
      return null
    }
    return `${root} is read otherwise than ImageFolder reads ${join(root, drawn.base)} (${theirs}):\n${mine.lines.join('\n')}`
  },
}

async function oursOf(root: string, { base }: DrawnTree): Promise<{ hash: string; lines: readonly string[] }> {
  try {
    const listing = await look(root)
    const { classNames, samples } = listing
    const context = { modelClasses: classNames.length, modelNames: null, chosen: {}, imageNet: [], ...emptyOf(listing) }
    const classes = matchClasses(classNames, context, root)
    const lines = [
      ...samples.map(({ id, classIndex }) => `${base === '' ? id : id.slice(base.length + 1)}\t${classes[classIndex]}`),
      ...classNames.map((name, i) => `${name}\t${classes[i]}`),
    ]
    return { hash: hashOf(lines), lines }
  } catch (thrown) {
    if (thrown instanceof PalmError) return { hash: 'refused', lines: [thrown.message] }
    throw thrown
  }
}

/** Writes it beside the images that it lists. @returns where */
export function plantList(keep: string, seed: number, { text }: DrawnList): string {
  const folder = plant(join(keep, 'lists'), poolOf())
  const path = join(folder, `list-${seed}.csv`)
  writeFileSync(path, text)
  return path
}

export const lists: DifferentialKind = {
  name: 'lists',
  missing,
  close,
  async one(seed, keep) {
    const drawn = drawList(seed)
    const file = plantList(keep, seed, drawn)
    const { separator, encoding, header, path, label } = drawn
    const theirs = reference
      ? await reference.answer({ kind: 'list', file, separator, encoding, header, path, label })
      : (recorded.lists[seed] ?? 'not recorded')
    const lines = await rowsOf(file)
    if (hashOf(lines) === theirs) {
      rmSync(file)
      return null
    }
    return `${file} is read otherwise than pandas reads it (${theirs}):\n${lines.slice(0, 20).join('\n')}`
  },
}

async function rowsOf(file: string): Promise<string[]> {
  try {
    const { samples, classNames, placeOf } = await look(file)
    return samples.map(({ classIndex }, i) => {
      const place = placeOf(i, null)
      const name = place.kind === 'file' ? basename(relative(file, place.path).split(sep).join('/')) : ''
      const label = classNames[classIndex] ?? ''
      return `${i}\t${name.replace(/\.[^.]*$/, '')}\t${wholeNumber(label) ?? label}`
    })
  } catch (thrown) {
    if (thrown instanceof PalmError) return [thrown.message]
    throw thrown
  }
}
