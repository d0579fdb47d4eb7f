// Where the search looks for its images and keeps its networks and results, unless it is told otherwise.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

export const defaultFolders = {
  eurosat: join(root, '../shared/data/eurosat-rgb-10k'),
  fashion: '/usr/share/datasets/fashion-mnist',
  bundled: join(root, 'resources/models/eurosat-resnet20.safetensors'),
  networks: join(root, 'out/search/networks'),
  results: join(root, 'docs/palm-auto.jsonl'),
}
