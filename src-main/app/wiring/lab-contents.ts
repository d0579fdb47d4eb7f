// What a lab asks about inputs and models: what they hold, and which files may travel with the queue.
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { largestFilesBytes } from '#app/services/lab/lab-files.ts'
import type { ContentAbilities } from '#app/services/lab/lab-library.ts'
import type { LabSweepParts } from '#app/services/lab/lab-sweep.ts'
import { isPlaced } from '#contract/inputs/input-kinds.ts'
import { modelCost } from '#session/open-model.ts'
import { modelContent, modelFiles, type FilePart } from '#session/model-content.ts'
import { inputContent } from '#stream/inputs/content.ts'
import { fingerprintInput } from '#stream/inputs/inspect.ts'
import { foldersIn } from './inputs.ts'

/** Larger inputs are on a shared disk, or copied by hand. */
const largestInputBytes = 64 * 2 ** 20
const mostFiles = 20_000

export const contentAbilities = (resourcesFolder: string): ContentAbilities => {
  const folders = (source: boolean) => foldersIn(resourcesFolder, source ? 'source' : 'images')
  return {
    inputPrint: async (input, source) => (await fingerprintInput(input, folders(source))).hash,
    inputContent: (input, source) => inputContent(input, folders(source)),
    modelPrint: async (model) => (await modelCost(model, resourcesFolder)).hash,
    modelContent: (model) => modelContent(model, resourcesFolder),
  }
}

/** What an input or a model is read from, where it is not too much to be sent. */
export const filesOf: LabSweepParts['filesOf'] = async (what) => {
  if ('model' in what) {
    if (what.model.kind !== 'file') return null
    const files = await modelFiles(what.model)
    return (await bytesOf(files)) <= largestFilesBytes ? files : null
  }
  return isPlaced(what.input) ? treeOf(what.input.path) : null
}

async function bytesOf(files: readonly FilePart[]): Promise<number> {
  let sum = 0
  for (const { file } of files) sum += (await stat(file)).size
  return sum
}

async function treeOf(path: string): Promise<readonly FilePart[] | null> {
  if ((await stat(path)).isFile()) return within([{ path: basename(path), file: path }])
  const files: FilePart[] = []
  const above = dirname(path)
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    files.push({ path: relative(above, file).split(sep).join('/'), file })
    if (files.length > mostFiles) return null
  }
  return within(files)
}

const within = async (files: readonly FilePart[]): Promise<readonly FilePart[] | null> =>
  (await bytesOf(files)) <= largestInputBytes ? files : null
