// Fetching the wheels, over a pip that is cut off: what is whole is not fetched again, what is damaged is, and the library lies there only when all of it does.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { zipSync } from 'fflate'
import { isWhole, provideWheels } from '#build/setup/wheels.mjs'

const python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim()
const folder = mkdtempSync(join(tmpdir(), 'palm-wheels-'))
const [index, bin, log] = ['index', 'bin', 'log'].map((name) => join(folder, name)) as [string, string, string]
const target = join(folder, 'lib', 'tensorflow-cpu')
const scratch = join(folder, 'lib', 'download-cpu')

/** A wheel in the index, as the set-up knows it. */
function wheelOf(name: string, inside: string) {
  const bytes = zipSync({ [inside]: new TextEncoder().encode(inside) })
  writeFileSync(join(index, `${name.replaceAll('-', '_')}-1.0-py3-none-any.whl`), bytes)
  return { name, version: '1.0', sha256: createHash('sha256').update(bytes).digest('hex') }
}

const { PATH } = process.env
let wheel: Parameters<typeof provideWheels>[0]
const fetched = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [])

beforeAll(() => {
  mkdirSync(index)
  mkdirSync(bin)
  // In the place of python3: a pip that copies from the index, says which, and fails as long as there is a file `cut`; anything else is the real one's.
  writeFileSync(
    join(bin, 'python3'),
    `#!/bin/sh
case "$*" in
  "-m pip --version") echo "pip 25.3 from here" ;;
  "-m pip download"*)
    dest=; requirements=
    while [ $# -gt 0 ]; do
      case "$1" in --dest) dest=$2 ;; --requirement) requirements=$2 ;; --resume-retries) retries=$2 ;; esac
      shift
    done
    name=$(sed 's/==.*//' "$requirements" | tr - _)
    echo "$name \${retries:-none}" >> ${log}
    if [ "$name" = second_part ] && [ -e ${folder}/cut ]; then echo "the line was cut" >&2; exit 1; fi
    cp ${index}/$name-1.0-py3-none-any.whl "$dest/" ;;
  *) exec ${python} "$@" ;;
esac
`,
  )
  chmodSync(join(bin, 'python3'), 0o755)
  process.env.PATH = `${bin}${delimiter}${PATH}`
  wheel = {
    size: '2 KB',
    bytes: 2000,
    platforms: ['any'],
    packages: [
      wheelOf('first-part', 'tensorflow/libtensorflow_cc.so.2'),
      wheelOf('second-part', 'nvidia/nccl/lib/libnccl.so.2'),
    ],
  }
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
})
afterAll(() => {
  process.env.PATH = PATH
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

test('a download that is cut keeps what is whole and says what to do; the next one fetches the rest alone', async () => {
  writeFileSync(join(folder, 'cut'), '')
  await expect(provideWheels(wheel, 'cpu', target)).rejects.toMatchObject({
    detail: expect.stringContaining('the line was cut'),
    todo: expect.stringMatching(/wheels that are whole are kept.*PALM_DEVICE=webgpu/),
  })
  expect(existsSync(target)).toBe(false)
  expect(readdirSync(scratch).filter((name) => name.endsWith('.whl'))).toEqual(['first_part-1.0-py3-none-any.whl'])
  rmSync(join(folder, 'cut'))
  await provideWheels(wheel, 'cpu', target)
  expect(fetched()).toEqual(['first_part 20', 'second_part 20', 'second_part 20'])
  expect(readdirSync(target, { recursive: true }).map(String)).toEqual(
    expect.arrayContaining([
      join('tensorflow', 'libtensorflow_cc.so.2'),
      join('nvidia', 'nccl', 'lib', 'libnccl.so.2'),
    ]),
  )
  expect(existsSync(scratch)).toBe(false)
})

test('a wheel of another checksum is no wheel: it goes, and is fetched again', async () => {
  mkdirSync(scratch, { recursive: true })
  const [first] = wheel.packages
  const file = join(scratch, 'first_part-1.0-py3-none-any.whl')
  writeFileSync(file, 'half of it')
  expect(first && (await isWhole(scratch, first))).toBe(false)
  expect(existsSync(file)).toBe(false)
})

test('too little room is said before anything is fetched', async () => {
  const before = fetched().length
  await expect(provideWheels({ ...wheel, bytes: 1e18 }, 'cpu', target)).rejects.toMatchObject({
    message: expect.stringMatching(/lacks \d+\.\d GB/),
    todo: expect.stringContaining('PALM_CACHE'),
  })
  expect(fetched().length).toBe(before)
})
