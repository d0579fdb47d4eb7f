// The password of a lab's server: in the system's key store, in memory as long as the program runs, or in the environment. Each is for one place only: a page that was taken over
// cannot have it sent to a server of its choice, nor without encryption.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { parseBoundedJson } from '#contract/bounded-json.ts'
import { PalmError } from '#contract/errors.ts'
import type { LabPlace, LabView } from '#contract/sweeps/lab-view.ts'
import type { KeyStore } from '#app/services/machine/key-store.ts'
import type { placeOfEnvironment } from './lab-address.ts'

const sealedSchema = z.strictObject({ of: z.string(), password: z.string() })

/** Everything that decides who hears the password, and how. */
const bound = ({ server, user, encrypted, certificate }: LabPlace): string =>
  JSON.stringify([server.toLowerCase(), user, encrypted, certificate])

export class LabPassword {
  private readonly keys: KeyStore
  private readonly folder: string
  private readonly ofEnvironment: ReturnType<typeof placeOfEnvironment>
  /** What was read of the key store; undefined = not asked yet. */
  private opened: z.output<typeof sealedSchema> | null | undefined
  private session: { readonly of: string; readonly password: string } | null = null

  /** `folder`: the data folder's own for sealed keys. */
  constructor(keys: KeyStore, folder: string, ofEnvironment: ReturnType<typeof placeOfEnvironment>) {
    this.keys = keys
    this.folder = folder
    this.ofEnvironment = ofEnvironment
  }

  get refused(): string | null {
    return this.keys.refused()
  }

  /** What is known for that place, and nothing that was given for another one. */
  known(place: LabPlace): { readonly source: LabView['password']; readonly password: string | undefined } {
    const of = bound(place)
    if (this.session?.of === of) return { source: 'session', password: this.session.password }
    const kept = this.kept()
    if (kept?.of === of) return { source: 'kept', password: kept.password }
    const { ofEnvironment } = this
    if (ofEnvironment?.password !== undefined && bound(ofEnvironment.place) === of)
      return { source: 'environment', password: ofEnvironment.password }
    return { source: 'none', password: undefined }
  }

  /** @throws PalmError `bad-request` where it shall be kept and cannot be */
  remember(place: LabPlace, password: string, keep: boolean): void {
    const { refused } = this
    if (keep && refused !== null) throw new PalmError('bad-request', refused)
    this.forget()
    if (!keep) {
      this.session = { of: bound(place), password }
      return
    }
    const sealed = this.keys.seal(JSON.stringify({ of: bound(place), password }))
    mkdirSync(this.folder, { recursive: true, mode: 0o700 })
    writeFileSync(this.file, sealed, { mode: 0o600 })
    this.opened = undefined
  }

  forget(): void {
    this.session = null
    this.opened = null
    rmSync(this.file, { force: true })
  }

  private get file(): string {
    return join(this.folder, 'lab-password')
  }

  /** Null where there is none, or none that can be opened: by another user, on another machine. */
  private kept(): z.output<typeof sealedSchema> | null {
    if (this.opened !== undefined) return this.opened
    if (this.refused !== null || !existsSync(this.file)) return null
    try {
      const parsed = sealedSchema.safeParse(parseBoundedJson(this.keys.open(readFileSync(this.file))))
      this.opened = parsed.success ? parsed.data : null
    } catch {
      this.opened = null
    }
    return this.opened
  }
}
