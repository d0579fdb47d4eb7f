// The program's version, from package.json beside the sources or the bundles.
import { readFileSync } from 'node:fs'
import { z } from 'zod'

const packageSchema = z.object({ name: z.literal('palm-studio'), version: z.string() })

export function version(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const parsed = packageSchema.safeParse(JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8')))
      if (parsed.success) return parsed.data.version
    } catch {
      // Not there: the next place.
    }
  }
  return 'unknown'
}
