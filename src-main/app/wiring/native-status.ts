// The native library as the set-up left it: the only file of the running program that knows of build/setup.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { NativeStatus } from '#app/services/machine/doctor.ts'
import { cacheFolder } from '#build/setup/places.mjs'

const nativeSchema = z.object({
  ok: z.boolean(),
  library: z.string(),
  reason: z.string().nullable(),
  software: z.boolean().default(false),
})

/** As the set-up left it (build/setup/native.mjs writes the file). Without one, whether it works shows when a run starts. */
export function nativeStatus(): NativeStatus {
  const file = join(cacheFolder(), 'native.json')
  if (process.env.PALM_TFJS_BINDING)
    return {
      ok: existsSync(process.env.PALM_TFJS_BINDING),
      settingUp: false,
      reason: null,
      library: process.env.PALM_TFJS_BINDING,
    }
  try {
    const { ok, library, reason, software } = nativeSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    return { ok, settingUp: false, library: library || null, reason, software }
  } catch {
    return { ok: true, settingUp: false, library: null, reason: null }
  }
}
