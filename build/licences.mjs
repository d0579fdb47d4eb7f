// The licences of everything of others that ships: npm packages that the program needs to run, those that the bundler put into the page, and
// what is no package (TensorFlow, the sample's images, words). Written beside the built page as licences.json; Node >= 20, no dependencies.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from './setup/places.mjs'

/** @typedef {{name: string, version: string, licence: string, by: string, where: string, text: number | null}} Licence `text`: an index into `texts` */
/** @typedef {{packages: Licence[], others: Licence[], texts: string[]}} Licences */

const licenceFile = /^(licen[cs]e|copying|notice|unlicense)([._-].*)?$/i

/** What is not on npm. `text`: a file of the checkout. `from`: that package's text. `usual`: the licence's own. */
const others = [
  {
    name: 'TensorFlow',
    version: '2.21',
    licence: 'Apache-2.0',
    by: 'The TensorFlow Authors',
    where: 'the native library that the set-up fetches; computes everything',
    usual: 'Apache-2.0',
  },
  {
    name: 'Dawn, with Tint',
    version: '',
    licence: 'BSD-3-Clause',
    by: 'The Dawn & Tint Authors',
    where: 'inside the npm package webgpu (which calls itself MIT): computes on graphics cards',
    from: 'webgpu',
  },
  {
    name: 'EuroSAT (2,000 tiles of it)',
    version: '',
    licence: 'MIT; contains modified Copernicus Sentinel data',
    by: 'Patrick Helber and others',
    where: 'the images of the bundled sample',
    text: 'resources/sample/LICENSE',
  },
  {
    name: 'EfficientNet-Lite0, ImageNet weights',
    version: '0.1.0',
    licence: 'Apache-2.0',
    by: 'The TensorFlow Authors',
    where: 'only after it was fetched in the library of models',
    usual: 'Apache-2.0',
  },
  {
    name: 'WordNet, words and ids of ImageNet’s classes',
    version: '3.0',
    licence: 'WordNet License',
    by: 'Princeton University',
    where: 'names of classes',
    text: 'resources/labels/SOURCE.md',
  },
  {
    name: 'Electron, Chromium and Node.js',
    version: '',
    licence: 'MIT and others',
    by: 'The Electron, Chromium and Node.js contributors',
    where: 'the desktop package only; its full list is LICENSES.chromium.html in the package',
    from: 'electron',
  },
]

/** The names of the npm packages whose modules these are. @param {Iterable<string>} ids files, as a bundler names them */
export function packagesOf(ids) {
  /** @type {Set<string>} */
  const names = new Set()
  for (const id of ids) {
    const found = /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(id)?.[1]
    if (found) names.add(found.replace('\\', '/'))
  }
  return [...names].toSorted((a, b) => a.localeCompare(b, 'en'))
}

/** Every package that the program needs to run, and what they need in turn: name -> folder. */
export function packagesToRun() {
  const { dependencies } = readJson(join(root, 'package.json'))
  /** @type {Map<string, string>} */
  const found = new Map()
  const visit = (/** @type {string} */ name, /** @type {string} */ from, /** @type {boolean} */ optional) => {
    const folder = folderOf(name, from)
    if (!folder) {
      if (optional) return // made for another platform
      throw new Error(`${name}, which ${from} needs, is not installed`)
    }
    if (found.has(folder)) return
    const about = readJson(join(folder, 'package.json'))
    found.set(folder, about.name)
    for (const one of Object.keys(about.dependencies ?? {}))
      visit(one, folder, one in (about.optionalDependencies ?? {}))
    for (const one of Object.keys(about.optionalDependencies ?? {})) visit(one, folder, true)
    for (const one of Object.keys(about.peerDependencies ?? {})) visit(one, folder, true)
  }
  for (const name of Object.keys(dependencies ?? {})) visit(name, root, false)
  return found
}

/** @param {readonly string[]} bundled names of packages in the page @returns {Licences} */
export function collectLicences(bundled) {
  /** @type {string[]} */
  const texts = []
  const indexOf = (/** @type {string | null} */ text) => {
    if (text === null) return null
    const at = texts.indexOf(text)
    return at >= 0 ? at : texts.push(text) - 1
  }
  const folders = new Set(packagesToRun().keys())
  for (const name of bundled) {
    const folder = folderOf(name, root)
    if (!folder) throw new Error(`${name} is in the page and not installed`)
    folders.add(folder)
  }
  const found = [...folders].map((folder) => {
    const about = readJson(join(folder, 'package.json'))
    return {
      name: about.name,
      version: about.version,
      licence: nameOfLicence(about),
      by: nameOf(about.author),
      where: '',
      text: indexOf(
        textOf(folder) ?? usualText(nameOfLicence(about), nameOf(about.author) || `the ${about.name} contributors`),
      ),
    }
  })
  // The same release may lie in several places.
  const packages = [...new Map(found.map((one) => [`${one.name} ${one.version}`, one])).values()]
  packages.sort((a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'))
  const rest = others.map(({ text, from, usual, ...about }) => ({
    ...about,
    text: indexOf(
      text
        ? readFileSync(join(root, text), 'utf8').trim()
        : usual
          ? usualText(usual, about.by)
          : textOf(folderOf(from ?? '', root) ?? ''),
    ),
  }))
  return { packages, others: rest, texts }
}

/** For the bundler: writes licences.json beside the page, with what really is in the page. */
export function licencesPlugin() {
  return {
    name: 'palm-licences',
    /** @this {{emitFile(file: object): void}} @param {unknown} _options @param {Record<string, {modules?: Record<string, unknown>}>} bundle */
    generateBundle(_options, bundle) {
      const ids = Object.values(bundle).flatMap((chunk) => Object.keys(chunk.modules ?? {}))
      this.emitFile({
        type: 'asset',
        fileName: 'licences.json',
        source: JSON.stringify(collectLicences(packagesOf(ids))),
      })
    },
  }
}

/** As Node finds it. @param {string} name @param {string} from */
function folderOf(name, from) {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    if (existsSync(join(folder, 'package.json'))) return folder
    if (dirname(at) === at) return null
  }
}

/** From its licence files, else from its read-me. @param {string} folder */
function textOf(folder) {
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const text = names
    .filter((name) => licenceFile.test(name))
    .map((name) => readFileSync(join(folder, name), 'utf8').trim())
    .join('\n\n')
  if (text !== '') return text
  const readMe = names.find((name) => /^readme/i.test(name))
  const told = readMe
    ? /(?:^|\n)#*\s*(?:the )?licen[cs]e\b[\s\S]*?(\(?[^\n]*(?:copyright|the mit license)[\s\S]*)$/i.exec(
        readFileSync(join(folder, readMe), 'utf8'),
      )?.[1]
    : undefined
  return told && /permission is hereby granted/i.test(told) ? told.trim() : null
}

/** For a package that names its licence and brings no text. @param {string} licence @param {string} by */
function usualText(licence, by) {
  if (licence.startsWith('Apache-2.0')) return textOf(join(root, 'node_modules', 'typescript')) // whose licence it is, word for word
  if (licence !== 'MIT') return null
  return `MIT License\n\nCopyright (c) ${by}\n\n${mitTerms}`
}

const mitTerms = readFileSync(join(root, 'LICENSE'), 'utf8').trim().split('\n').slice(4).join('\n')

/** @param {{license?: unknown, licenses?: unknown}} about */
function nameOfLicence({ license, licenses }) {
  const one = (/** @type {unknown} */ value) =>
    typeof value === 'string'
      ? value
      : typeof value === 'object' && value !== null && 'type' in value
        ? String(value.type)
        : ''
  return one(license) || (Array.isArray(licenses) ? licenses.map(one).join(' or ') : '')
}

/** @param {unknown} author */
function nameOf(author) {
  if (typeof author === 'string') return author.replace(/\s*[<(].*$/, '')
  return typeof author === 'object' && author !== null && 'name' in author ? String(author.name) : ''
}

/**
 * @typedef {{name: string, version: string, author?: unknown, license?: unknown, licenses?: unknown, dependencies?: Record<string, string>, optionalDependencies?: Record<string, string>, peerDependencies?: Record<string, string>}} Manifest
 * @param {string} path @returns {Manifest}
 */
function readJson(path) {
  return /** @type {Manifest} */ (JSON.parse(readFileSync(path, 'utf8')))
}
