// The data folder that is photographed: real runs and sweeps of the bundled sample, made by the real command, and a model and images of one's own. Made once; later
// photographs are taken of a copy.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { palmIn } from '#test/helpers/palm-here.ts'

const resources = fileURLToPath(new URL('../../resources', import.meta.url))

/** In 15 domains, as the paper's tables have them. */
const imagesEach = '20'

const sweep = {
  name: 'How much consistency',
  inputs: [{ kind: 'sample' }],
  models: [{ kind: 'sample' }],
  methods: ['source', 'tent', { method: 'palm', lambda: [0, 0.01, 0.05, 0.2] }],
  preset: 'auto',
  seeds: [0, 1],
  limit: 10,
  batchSize: 10,
  shows: 'curve',
}

const whole = 'whole'

/** Beside the data: images in class folders, one of them under another name, and a model file. */
export const ownImages = (folder: string): string => join(folder, 'my photos')
export const ownModel = (folder: string): string => join(folder, 'my model.safetensors')
export const dataOf = (folder: string): string => join(folder, 'data')

export async function makeSeed(folder: string, tell: (line: string) => void): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const palm = palmIn(dataOf(folder))
  const command = async (...args: string[]) => {
    tell(`palm ${args.join(' ')}`)
    const { code, err } = await palm(...args)
    if (code !== 0) throw new Error(`palm ${args.join(' ')} failed: ${err}`)
  }
  const run = (name: string, methods: string, ...rest: string[]) =>
    command('run', '--sample', '--limit', imagesEach, '--batch', '10', '--methods', methods, '--name', name, ...rest)
  for (const seed of ['0', '1', '2']) await run(`Four methods, seed ${seed}`, 'source,norm,tent,palm', '--seed', seed)
  await run('Others of the field', 'source,law,rotta,eata,palm')
  await run('Half as strong', 'source,norm,tent,palm', '--severity', '3')
  await run('A bolder kappa', 'source,palm', '--kappa', '0.005')
  writeFileSync(join(folder, 'sweep.json'), JSON.stringify(sweep))
  await command('sweep', join(folder, 'sweep.json'))
  await command('sweep', 'table8', '--limit', '10', '--batch', '10')
  for (const [as, from] of [
    ['Forest', 'Forest'],
    ['River', 'River'],
    ['Woodland', 'Forest'],
  ] as const) {
    const to = join(ownImages(folder), as)
    mkdirSync(to, { recursive: true })
    const tiles = readdirSync(join(resources, 'sample', 'images', from)).sort()
    for (const tile of tiles.slice(0, 20)) copyFileSync(join(resources, 'sample', 'images', from, tile), join(to, tile))
  }
  copyFileSync(join(resources, 'models', 'eurosat-resnet20.safetensors'), ownModel(folder))
  await command('models', 'add', ownModel(folder), '--name', 'Tiles, my training')
  writeFileSync(join(folder, whole), '')
}

/** Whether it was made to its end. */
export const hasSeed = (folder: string): boolean => existsSync(join(folder, whole))
export const copySeed = (from: string, to: string): void => cpSync(from, to, { recursive: true })
