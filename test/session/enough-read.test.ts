// A run that read nothing, or too little of what it set out to read, has failed, and says so.
import { expect, test } from 'vitest'
import { checkRead } from '#session/batch/enough-read.ts'

const plan = { totalImages: 60, inputName: 'list.csv' }
const skipped = { files: [{ path: '/data/img\\0.png', reason: '/data/img\\0.png does not exist.' }], total: 60 }

test('none, or fewer than four in five, are too few', () => {
  expect(() => checkRead(0, plan, skipped)).toThrow(
    /^No image of list\.csv could be read\. 60 files could not be, e\.g\. .*does not exist/,
  )
  expect(() => checkRead(47, plan, { ...skipped, total: 13 })).toThrow(/^Only 47 of 60 images.*80 %/)
  expect(() => checkRead(48, plan, { ...skipped, total: 12 })).not.toThrow()
  expect(() => checkRead(60, plan, { files: [], total: 0 })).not.toThrow()
})
