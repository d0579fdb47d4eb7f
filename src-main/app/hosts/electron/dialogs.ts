// The system's own dialogs and its file manager.
import { app, dialog, shell } from 'electron'
import type { GrantParts } from '#app/services/grants.ts'
import { PalmError, toWireError } from '#contract/errors.ts'

const weights = ['safetensors', 'pth', 'pt', 'onnx', 'json']

/** The system's dialogs, under the titles that it gives them in its language. Null when the person closes one without choosing. */
export const dialogs = {
  async pickFolder(): Promise<string | null> {
    const { filePaths } = await dialog.showOpenDialog({
      properties: ['openDirectory'],
    })
    return filePaths[0] ?? null
  },
  async pickModel(): Promise<string | null> {
    const { filePaths } = await dialog.showOpenDialog({
      properties: ['openFile'],
      filters: [{ name: weights.map((ending) => `.${ending}`).join(' '), extensions: weights }],
    })
    return filePaths[0] ?? null
  },
}

/** Nothing from the start: what a person chooses in a dialog or drops on the window is added. */
export const electronPlaces: Pick<GrantParts, 'roots' | 'remedy'> = {
  roots: [],
  remedy: 'Choose it with the button beside the field, or drop it on the window.',
}

export async function openFolder(folder: string): Promise<void> {
  const problem = await shell.openPath(folder)
  if (problem) throw new PalmError('input-unreadable', `${folder} could not be opened: ${problem}`)
}

/** Says why the program cannot start, and ends it. */
export function refuseToStart(thrown: unknown): void {
  const { message, detail } = toWireError(thrown)
  dialog.showErrorBox('PALM Studio cannot start', detail === undefined ? message : `${message}\n\n${detail}`)
  app.exit(1)
}
