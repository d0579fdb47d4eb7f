// Running one step of the set-up: a line of progress, output kept for when it fails, a stamp when it is done, a lock around all of it.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** A failure of one step that says what to do. */
export class StepError extends Error {
  /** @param {string} why @param {string} todo @param {string} [detail] */
  constructor(why, todo, detail = '') {
    super(why)
    this.todo = todo
    this.detail = detail
  }
}

/** @param {string} file @param {string} key */
export const isDone = (file, key) => existsSync(file) && readFileSync(file, 'utf8') === key

/** @param {string} file @param {string} key */
export function markDone(file, key) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, key)
}

/**
 * Announces, runs and times a step. Throws what it throws, with the step's name.
 * @param {string} title @param {() => Promise<void>} work @param {() => string} [progress]
 */
export async function step(title, work, progress) {
  const start = Date.now()
  const tty = process.stderr.isTTY
  const line = () => `  ${title} … ${Math.round((Date.now() - start) / 1000)} s${progress ? `, ${progress()}` : ''}`
  process.stderr.write(tty ? `\r${line()}` : `  ${title} …\n`)
  const timer = setInterval(() => tty && process.stderr.write(`\r\x1b[K${line()}`), 500)
  try {
    await work()
  } catch (error) {
    if (error instanceof StepError) error.message = `${title}: ${error.message}`
    throw error
  } finally {
    clearInterval(timer)
    if (tty) process.stderr.write('\r\x1b[K')
  }
  process.stderr.write(`  ${title}: done in ${((Date.now() - start) / 1000).toFixed(0)} s\n`)
}

/**
 * Runs a program to its end. Its output is kept and shown only when it fails.
 * @param {string} command @param {string[]} args @param {{cwd?: string, env?: NodeJS.ProcessEnv, todo: string}} options
 */
export function runProgram(command, args, { cwd, env, todo }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && command === 'npm',
    })
    let output = ''
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-20_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => reject(new StepError(`${command} could not be started (${error.message})`, todo)))
    child.on('close', (code) => {
      if (code === 0) resolve(output)
      else reject(new StepError(`${command} ended with ${code}`, todo, output.trim().split('\n').slice(-12).join('\n')))
    })
  })
}

/**
 * One set-up at a time: a second one waits for the first. A lock whose owner is gone is taken over.
 * @template T @param {string} folder @param {() => Promise<T>} work @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  mkdirSync(folder, { recursive: true })
  const file = `${folder}/setup.lock`
  let told = false
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
      if (!ownerLives(file)) {
        rmSync(file, { force: true })
        continue
      }
      if (!told) process.stderr.write('  another set-up is at work; waiting for it …\n')
      told = true
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** @param {string} file */
function ownerLives(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'))
    if (!pid) return Date.now() - statSync(file).mtimeMs < 5000
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
