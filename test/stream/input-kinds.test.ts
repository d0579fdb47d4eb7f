// The kinds of input: each has its driver, and one that there is not is refused by its name, whatever is asked of it. It must never become other images.
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { inputKindOf, inputOptionsSchema, isLive, isPlaced, type InputOptions } from '#contract/inputs/input-kinds.ts'
import { runOptionsSchema } from '#contract/runs/run-options.ts'
import { InputPreview } from '#stream/input-preview.ts'
import { fingerprintInput, inspectInput } from '#stream/inputs/inspect.ts'
import { openInput } from '#stream/inputs/open-input.ts'
import { openStream } from '#stream/open-stream.ts'

const folders = { sampleFolder: fileURLToPath(new URL('../../resources/sample/images', import.meta.url)) }
const unknown = { kind: 'satellite' } as unknown as InputOptions
const webcam = inputOptionsSchema.parse({ kind: 'webcam', name: 'Front camera' })
const refusal = { code: 'input-unreadable', message: expect.stringContaining('“satellite”') as string }

function streamOf(input: InputOptions) {
  const options = runOptionsSchema.parse({
    input: { kind: 'sample' },
    model: { kind: 'sample' },
    lanes: [{ id: 'source', label: 'Source', options: { method: 'source' } }],
  })
  return openStream(
    { ...options, input },
    { ...folders, inputSize: null, modelClasses: 10, classNames: null, imageNet: [], workers: 1, previewCount: 0 },
  )
}

function previewOf(input: InputOptions) {
  return new InputPreview(folders).pictures({
    input,
    inputSize: null,
    resize: 1,
    family: 'auto',
    seed: 0,
    image: 0,
    cells: [{ corruption: null, severity: null }],
  })
}

describe('an unknown kind of input', () => {
  test('is refused by its name when a run opens it', () => expect(streamOf(unknown)).rejects.toMatchObject(refusal))
  test('is refused when it is inspected', () =>
    expect(inspectInput(unknown, folders, null, [])).rejects.toMatchObject(refusal))
  test('is refused when its fingerprint is taken', () =>
    expect(fingerprintInput(unknown, folders)).rejects.toMatchObject(refusal))
  test('is refused when it is previewed', () => expect(previewOf(unknown)).rejects.toMatchObject(refusal))
  test('has no row, and a name from every object is none either', () => {
    expect(() => inputKindOf(unknown)).toThrow('“satellite”')
    expect(() => inputKindOf({ kind: 'toString' } as unknown as InputOptions)).toThrow('“toString”')
  })
})

describe('the kinds that there are', () => {
  test('the sample is listed under its own name', async () => {
    const listing = await openInput({ kind: 'sample' }, folders)
    expect([listing.name, listing.kind, listing.path]).toEqual([
      'EuroSAT sample',
      'class-folders',
      folders.sampleFolder,
    ])
  })

  test('a webcam is live, is not kept, and cannot be opened', async () => {
    expect([isLive(webcam), isPlaced(webcam), inputKindOf(webcam).kept]).toEqual([true, false, false])
    for (const asked of [openInput(webcam, folders), streamOf(webcam), previewOf(webcam)])
      await expect(asked).rejects.toMatchObject({
        code: 'input-unreadable',
        message: expect.stringContaining('Front camera') as string,
      })
  })
})
