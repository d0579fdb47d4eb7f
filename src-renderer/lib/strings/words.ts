// What a language must give: the shape of the English strings, with any text in them. Pure types.

export type Language = 'en' | 'de'

/** The same keys; texts are any texts, and functions take the same and give a text. */
export type Words<T> = T extends string
  ? string
  : T extends (...args: infer Args) => string
    ? (...args: Args) => string
    : { readonly [K in keyof T]: Words<T[K]> }

/** One part of the interface in every language: a key that a language lacks, or has over, does not compile. */
export type InEachLanguage<T> = Readonly<Record<Language, Words<T>>>
