// The export dialog's logic, without a page.
import { expect, test } from 'vitest'
import type { ExportRequest } from '#contract/models/export.ts'
import { PalmError } from '#contract/errors.ts'
import { ExportForm } from '#renderer/state/live/export-form.svelte.ts'

const checkpoint = (id: number, lane: string, step: number) => ({
  id,
  lane,
  step,
  domain: 0,
  sizeBytes: 10,
  createdAt: 0,
})
const checkpoints = [
  checkpoint(1, 'tent', 4),
  checkpoint(2, 'palm', 4),
  checkpoint(3, 'tent', 9),
  checkpoint(4, 'palm', 9),
]
const result = {
  path: '/data/exports/run3-palm.onnx',
  cardPath: '/data/exports/run3-palm.onnx.json',
  format: 'onnx',
  sizeBytes: 5,
  tensors: 2,
  statistics: { from: 'batches', count: 5 },
  verified: { images: 8, difference: 1e-6 },
} as const

function makeForm(dataFolder = '/data') {
  const asked: ExportRequest[] = []
  let fails = false
  const form = new ExportForm(3, checkpoints, dataFolder, async (request) => {
    asked.push(request)
    if (fails) throw new PalmError('disk-full', 'The disk is full.')
    return result
  })
  return { form, asked, fail: (value: boolean) => (fails = value) }
}

test('begins with PALM’s newest checkpoint and a name beside the data, which tells run, lane, step and format', () => {
  const { form } = makeForm()
  expect([form.lane, form.checkpoint, form.path]).toEqual(['palm', 4, '/data/exports/run3-palm.safetensors'])
  form.checkpoint = 2
  expect(form.path).toBe('/data/exports/run3-palm-step4.safetensors')
  form.chooseLane('tent')
  form.chooseFormat('tfjs')
  expect([form.checkpoint, form.path]).toEqual([3, '/data/exports/run3-tent-tfjs'])
  expect(makeForm('C:\\data').form.path).toBe('C:\\data\\exports\\run3-palm.safetensors')
})

test('a path that was typed stays; its ending follows the format', () => {
  const { form } = makeForm()
  form.path = '/home/me/model.safetensors'
  form.chooseFormat('torch')
  expect(form.path).toBe('/home/me/model.pth')
  form.chooseFormat('tfjs')
  expect(form.path).toBe('/home/me/model')
  form.chooseFormat('onnx')
  expect(form.path).toBe('/home/me/model.onnx')
})

test('a path of a dialog brings its format, or gets the ending that it lacks', () => {
  const { form } = makeForm()
  form.takePath('/home/me/adapted.onnx')
  expect([form.format, form.path]).toEqual(['onnx', '/home/me/adapted.onnx'])
  form.takePath('/home/me/adapted')
  expect([form.format, form.path]).toEqual(['onnx', '/home/me/adapted.onnx'])
  form.takePath('/home/me/adapted.v2')
  expect(form.path).toBe('/home/me/adapted.v2')
  form.chooseFormat('tfjs')
  form.takePath('/home/me/web')
  expect([form.format, form.path]).toEqual(['tfjs', '/home/me/web'])
})

test('changed tensors only is not asked of a format that cannot hold them, statistics only when they are estimated', () => {
  const { form } = makeForm()
  form.changedOnly = true
  expect(form.request()).toMatchObject({ delta: true, statisticsFrom: null, usualStatistics: true })
  form.chooseFormat('onnx')
  form.statistics = 'estimated'
  expect(form.request()).toMatchObject({ run: 3, checkpoint: 4, format: 'onnx', delta: false, statisticsFrom: 5 })
  expect(form.request().usualStatistics).toBe(false)
  form.batches = null
  expect(form.ready).toBe(false)
})

test('says what went wrong, and can be asked again', async () => {
  const { form, asked, fail } = makeForm()
  fail(true)
  await form.submit()
  expect([form.state, form.error?.message, form.result]).toEqual(['asking', 'The disk is full.', null])
  fail(false)
  await form.submit()
  expect([form.state, form.error, form.result]).toEqual(['written', null, result])
  expect(asked).toHaveLength(2)
})
