// Which native library the set-up provides: TensorFlow for the processor, with CUDA for an NVIDIA card, or none, because WebGPU computes on any card and needs
// nothing. Decisions only: what is there is asked through `machine`, which a test puts in its place.
import { createInterface } from 'node:readline/promises'
import { StepError } from './step.mjs'

/**
 * @typedef {'none' | 'cpu' | 'cuda'} NativePart
 * @typedef {object} Machine
 * @property {NodeJS.ProcessEnv} env
 * @property {string} platform
 * @property {boolean} nvidia there is an NVIDIA driver
 * @property {(part: 'cpu' | 'cuda') => boolean} isReady whether it is set up already
 * @property {(part: 'cpu' | 'cuda') => boolean} isPinned whether there is a wheel for this system
 * @property {(tool: 'pip' | 'g++') => boolean} has
 * @property {() => 'cpu' | 'cuda' | null} answered what was answered before
 * @property {((question: string) => Promise<boolean>) | null} ask null = nobody is there to answer
 * @property {(answer: 'cpu' | 'cuda') => void} remember
 * @typedef {{part: NativePart, why: string | null}} NativeChoice `why`: in a sentence, where it is not what one would expect
 */

const wantable = ['auto', 'cpu', 'cuda', 'webgpu']

/** What the CUDA part costs, said before it is fetched. */
export const cudaQuestion =
  'There is an NVIDIA card. With CUDA’s libraries TensorFlow computes on it: a download of 3.2 GB, 5.3 GB on disk.\n  Without them the card computes through WebGPU, and TensorFlow for the processor (270 MB) stands beside it. Fetch CUDA’s?'

/** @param {Machine} machine @returns {Promise<NativeChoice>} @throws StepError for a PALM_DEVICE that is none, or that asks for what cannot be set up here */
export async function chooseNative(machine) {
  const wanted = machine.env.PALM_DEVICE || 'auto'
  if (!wantable.includes(wanted))
    throw new StepError(`PALM_DEVICE is “${wanted}”`, `It can be ${wantable.join(', ')}. Correct or unset it.`)
  if (wanted === 'webgpu') return { part: 'none', why: 'PALM_DEVICE asks for WebGPU, which needs nothing more.' }
  if (wanted === 'cpu' || wanted === 'cuda') return explicit(machine, wanted)
  if (machine.nvidia && machine.isReady('cuda')) return { part: 'cuda', why: null }
  if (machine.platform !== 'linux') return elsewhere(machine)
  const { part, why } = await ofLinux(machine)
  if (machine.isReady(part)) return { part, why }
  const missing = missingTools(machine)
  if (missing === null) return { part, why }
  return {
    part: 'none',
    why: `TensorFlow is not set up, because ${missing.what} here. ${missing.todo} and run this again to have it.`,
  }
}

/** @param {Machine} machine @param {'cpu' | 'cuda'} part @returns {NativeChoice} */
function explicit(machine, part) {
  if (machine.platform !== 'linux' || machine.isReady(part)) return { part, why: null } // by the npm package's own download
  if (!machine.isPinned(part))
    throw new StepError(
      `there is no pinned TensorFlow library for ${part} on ${machine.platform} ${process.arch}`,
      'Set PALM_DEVICE=webgpu, or give a library of your own: PALM_LIBTENSORFLOW=/path.',
    )
  const missing = missingTools(machine)
  if (missing)
    throw new StepError(
      `PALM_DEVICE asks for TensorFlow, and ${missing.what}`,
      `${missing.todo}, or set PALM_DEVICE=webgpu.`,
    )
  return { part, why: null }
}

/** macOS and Windows: neither Python nor a compiler is asked for. @param {Machine} machine @returns {NativeChoice} */
function elsewhere(machine) {
  if (machine.isReady('cpu')) return { part: 'cpu', why: null }
  return {
    part: 'none',
    why: 'WebGPU computes here. TensorFlow can be set up beside it: PALM_DEVICE=cpu npm start.',
  }
}

/** @param {Machine} machine @returns {Promise<{part: 'cpu' | 'cuda', why: string | null}>} */
async function ofLinux(machine) {
  if (!machine.nvidia || !machine.isPinned('cuda')) return { part: 'cpu', why: null }
  const before = machine.answered()
  if (before) return { part: before, why: null }
  if (machine.ask && missingTools(machine) === null) {
    const answer = (await machine.ask(cudaQuestion)) ? 'cuda' : 'cpu'
    machine.remember(answer)
    return { part: answer, why: null }
  }
  return {
    part: 'cpu',
    why: 'There is an NVIDIA card, and CUDA’s libraries (3.2 GB) are not fetched without being asked for: PALM_DEVICE=cuda npm start does. Until then WebGPU computes on it.',
  }
}

/** What a set-up needs besides Node. @param {Machine} machine @returns {{what: string, todo: string} | null} */
function missingTools(machine) {
  if (machine.platform !== 'linux') return null
  const [pip, compiler] = [machine.has('pip'), machine.has('g++')]
  if (pip && compiler) return null
  const names = [...(pip ? [] : ['Python 3 with pip']), ...(compiler ? [] : ['g++'])]
  const packages = [...(pip ? [] : ['python3-pip']), ...(compiler ? [] : ['g++'])]
  return {
    what: `there ${names.length === 1 ? 'is' : 'are'} no ${names.join(' and no ')}`,
    todo: `Install ${names.join(' and ')} (on Debian: apt-get install ${packages.join(' ')})`,
  }
}

/** At a terminal; Enter alone means no. @returns {((question: string) => Promise<boolean>) | null} */
export function askAtTerminal(input = process.stdin, output = process.stderr) {
  if (!input.isTTY || !output.isTTY) return null
  return async (question) => {
    const lines = createInterface({ input, output })
    try {
      return /^\s*(y|yes|j|ja)\s*$/i.test(await lines.question(`  ${question} [y/N] `))
    } finally {
      lines.close()
    }
  }
}
