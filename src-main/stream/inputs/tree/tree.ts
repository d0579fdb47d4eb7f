// The files of a folder or an archive.
import { extname } from 'node:path'
import type { Stats } from 'node:fs'
import { folderTree } from './folder-tree.ts'
import { tarTree } from './tar.ts'
import type { Tree } from './tree-file.ts'
import { zipTree } from './zip.ts'

/** By the ending of the archive's name. Read in place, never unpacked. */
const archives: Readonly<Record<string, (path: string, bytes: number) => Promise<Tree>>> = {
  '.zip': zipTree,
  '.npz': zipTree,
  '.tar': tarTree,
}

/** Null for a file that is no archive. @throws PalmError `input-unreadable` for one that is damaged, or a folder that may not be read */
export async function openTree(path: string, info: Stats): Promise<Tree | null> {
  if (info.isDirectory()) return folderTree(path)
  return (await archives[extname(path).toLowerCase()]?.(path, info.size)) ?? null
}
