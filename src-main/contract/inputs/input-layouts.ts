// What can lie where an input's images are, one row a layout: recognised by what is there, not by what it is called. What reads them is in
// stream/inputs/layouts.
import type { InputDomains } from './input-kinds.ts'

interface InputLayoutRow {
  /** What its images can be cut into domains by; empty = they come as one, or corrupted already. */
  readonly domains: readonly InputDomains[]
  readonly label: Readonly<Record<'en' | 'de', string>>
  /** Within a sentence of the command line. */
  readonly words: string
}

const byFiles = ['none', 'folders', 'hour', 'day', 'month'] as const

export const inputLayouts = {
  'class-folders': {
    domains: byFiles,
    label: { en: 'Folders by class', de: 'Ordner je Klasse' },
    words: 'folders by class',
  },
  'flat-folder': {
    domains: byFiles,
    label: { en: 'Images without labels', de: 'Bilder ohne Labels' },
    words: 'images without labels',
  },
  table: { domains: ['none', 'column'], label: { en: 'A list', de: 'Eine Liste' }, words: 'a list' },
  'imagenet-c': {
    domains: [],
    label: { en: 'An ImageNet-C tree', de: 'Ein ImageNet-C-Baum' },
    words: 'an ImageNet-C tree (corrupted already)',
  },
  'cifar-c': {
    domains: [],
    label: { en: 'CIFAR-C arrays', de: 'CIFAR-C-Arrays' },
    words: 'CIFAR-C arrays (corrupted already)',
  },
  array: { domains: [], label: { en: 'An array of images', de: 'Ein Array von Bildern' }, words: 'an array of images' },
} as const satisfies Record<string, InputLayoutRow>

export type InputLayout = keyof typeof inputLayouts
export const inputLayoutIds = Object.keys(inputLayouts) as readonly InputLayout[]
