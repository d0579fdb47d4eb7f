// Opens an input of any kind.
import { unknownInputKind, type InputKind, type InputOf, type InputOptions } from '#contract/inputs/input-kinds.ts'
import { folder } from './kinds/folder.ts'
import type { InputDriver, InputFolders } from './kinds/kind.ts'
import { sample } from './kinds/sample.ts'
import { webcam } from './kinds/webcam.ts'
import type { Listing } from './listing.ts'

const drivers: { readonly [K in InputKind]: InputDriver<InputOf<K>> } = { sample, folder, webcam }

/** Its images, listed. @throws PalmError `input-unreadable` (also for a kind that there is not), `input-empty`, `input-labels` */
export async function openInput(input: InputOptions, folders: InputFolders): Promise<Listing> {
  if (!Object.hasOwn(drivers, input.kind)) throw unknownInputKind(input.kind)
  const driver: InputDriver<InputOptions> = drivers[input.kind]
  return driver.open(input, folders)
}
