// A webcam, whose frames a window sends while a run goes on: there is nothing to list.
import type { InputOf } from '#contract/inputs/input-kinds.ts'
import { PalmError } from '#contract/errors.ts'
import type { InputDriver } from './kind.ts'

export const webcam: InputDriver<InputOf<'webcam'>> = {
  open: ({ name }) =>
    Promise.reject(
      new PalmError('input-unreadable', `The frames of ${name} are not kept: there is nothing to read again.`),
    ),
}
