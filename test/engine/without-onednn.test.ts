// TensorFlow takes oneDNN's kernels on x86 only. What its own kernels for processors lack (gradients in groups, dilation) is made of what they have: held here by
// a process in which oneDNN is off, as on all other processors. And that it is on where nobody says otherwise, however old the processor.
import { spawnSync } from 'node:child_process'
import { arch } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'

const childSchema = z.object({ deviations: z.array(z.unknown()), checks: z.number(), refused: z.boolean() })

function proven(oneDnn: '0' | undefined) {
  const { TF_ENABLE_ONEDNN_OPTS: _, ...env } = process.env
  const child = spawnSync(process.execPath, [join(import.meta.dirname, 'proven-child.ts')], {
    encoding: 'utf8',
    env: { ...env, ...(oneDnn === undefined ? {} : { TF_ENABLE_ONEDNN_OPTS: oneDnn }) },
  })
  expect(child.status, child.stderr).toBe(0)
  return childSchema.parse(JSON.parse(child.stdout))
}

test('without oneDNN, too, the processor computes every operation as plain loops do', () => {
  const { deviations, checks, refused } = proven('0')
  expect(deviations).toEqual([])
  expect(checks).toBeGreaterThan(80)
  // Else this machine’s TensorFlow ignores the switch, and nothing was tested.
  expect(refused).toBe(true)
})

test.skipIf(arch() !== 'x64')('oneDNN is on where nobody says otherwise', () => {
  expect(proven(undefined)).toMatchObject({ deviations: [], refused: false })
})
