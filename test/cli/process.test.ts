// The command as a process: exit codes, what goes to which stream, and errors in one plain line.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'

const entry = join(import.meta.dirname, '..', '..', 'src-main', 'entry', 'cli.ts')
const data = mkdtempSync(join(tmpdir(), 'palm-cli-'))
afterAll(() => rmSync(data, { recursive: true }))

function palm(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [entry, ...args], {
    encoding: 'utf8',
    env: { ...process.env, PALM_DATA: data },
  })
  return { code: status, out: stdout, err: stderr }
}

describe('palm', () => {
  it('shows help and version on stdout with exit code 0', () => {
    expect(palm('--help')).toMatchObject({ code: 0, out: expect.stringContaining('Usage: palm COMMAND'), err: '' })
    expect(palm('run', '--help')).toMatchObject({ code: 0, out: expect.stringContaining('--severity LIST') })
    expect(palm('--version').out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it('answers wrong usage with a plain line, a hint and exit code 2', () => {
    expect(palm('run', '--sampel')).toEqual({
      code: 2,
      out: '',
      err: 'palm: palm run has no option --sampel; did you mean --sample?\npalm run --help lists its options\n',
    })
    expect(palm('exprt')).toMatchObject({ code: 2, err: expect.stringContaining("did you mean 'export'?") })
    expect(palm()).toMatchObject({ code: 2, out: expect.stringContaining('Usage:') })
  })
})

describe('palm doctor', () => {
  it('prints one JSON document that says what was found or what to do', () => {
    const { code, out } = palm('doctor', '--json')
    const report = JSON.parse(out) as {
      ok: boolean
      gigaflops: { forward: number } | null
      problems: { what: string; fix: string }[]
    }
    expect(code).toBe(report.ok ? 0 : 1)
    if (report.ok) expect(report.gigaflops?.forward).toBeGreaterThan(0)
    for (const problem of report.problems) expect(problem.fix).not.toBe('')
  })
})
