// The native library of a packaged app, supplied on its first launch by the same set-up step that a checkout runs (build/setup), in a
// process of its own, while the window is open already.
import { z } from 'zod'
import type { NativeStatus } from '#app/services/machine/doctor.ts'
import type { StartSession } from './session-process.ts'
import { describeExit } from './supervisor.ts'

const answerSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), library: z.string(), binding: z.string(), software: z.boolean().default(false) }),
  z.object({ ok: z.literal(false), reason: z.string() }),
])

export interface NativeSetup {
  status(): NativeStatus
  /** The compiled binding's path, empty where WebGPU computes and there is none, or null when the set-up failed; `status` says why. Never rejects. */
  readonly binding: Promise<string | null>
}

export function startNativeSetup(startProcess: StartSession): NativeSetup {
  let status: NativeStatus = { ok: false, settingUp: true, reason: null, library: null }
  const binding = new Promise<string | null>((resolve) => {
    const child = startProcess()
    let answer: z.output<typeof answerSchema> | null = null
    child.onMessage((message) => {
      const parsed = answerSchema.safeParse(message)
      answer = parsed.success ? parsed.data : { ok: false, reason: 'The set-up gave an answer that is not understood.' }
    })
    child.onExit((exit) => {
      if (answer?.ok) {
        const { library, software } = answer
        status = { ok: true, settingUp: false, reason: null, library: library || null, software }
        resolve(answer.binding)
      } else {
        status = {
          ok: false,
          settingUp: false,
          reason: answer ? answer.reason : describeExit(exit).message,
          library: null,
        }
        resolve(null)
      }
    })
  })
  return { status: () => status, binding }
}
