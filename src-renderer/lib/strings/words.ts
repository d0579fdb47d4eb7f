// What a language must give: the shape of the English strings, with any text in them. Pure types.
import type { en } from './en/en.ts'

/** The same keys; texts are any texts, and functions take the same and give a text. */
export type Words<T> = T extends string
  ? string
  : T extends (...args: infer Args) => string
    ? (...args: Args) => string
    : { readonly [K in keyof T]: Words<T[K]> }

export type Strings = Words<typeof en>
