// Who a view's charts are about: set once by the view, read by each chart's "Save picture", so that no chart needs to know its run.
import { getContext, setContext } from 'svelte'

const key = Symbol('picture-about')

/** Call while the view is made; `about` is asked when a picture is saved. */
export const setPictureAbout = (about: () => readonly string[]): void => void setContext(key, about)
export const pictureAbout = (): (() => readonly string[]) =>
  getContext<(() => readonly string[]) | undefined>(key) ?? (() => [])
