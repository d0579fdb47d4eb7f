// Files of the built renderer for a URL path: only what lies inside its folder, only kinds that a build makes.
import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
}

export interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>
  readonly contentType: string
  /** The build names it by its content, so it never changes. */
  readonly immutable: boolean
}

/**
 * The file for `urlPath` (still percent-encoded, `/` = index.html), or null: not there, not a kind that is served, or not
 * inside `root` once links are followed.
 */
export async function readStaticFile(root: string, urlPath: string): Promise<StaticFile | null> {
  let path: string
  try {
    path = decodeURIComponent(urlPath)
  } catch {
    return null
  }
  if (!path.startsWith('/') || /[\0\\]/.test(path) || path.split('/').includes('..')) return null
  const name = path === '/' ? '/index.html' : path
  const contentType = contentTypes[extname(name).toLowerCase()]
  if (contentType === undefined) return null
  try {
    const folder = await realpath(root)
    const file = await realpath(join(folder, name))
    if (!file.startsWith(folder + sep)) return null
    return { body: new Uint8Array(await readFile(file)), contentType, immutable: name.startsWith('/assets/') }
  } catch {
    return null
  }
}
