// Messages of a hostile page: whole requests drawn from the contract, changed ones, packed bytes that lie, and noise. What must hold whatever arrives: the host stays up,
// every call is answered once, a handler only ever sees what its own schema takes, and nothing reaches Object.prototype.
import { z } from 'zod'
import { apiMethods, type ApiMethod } from '#contract/api.ts'
import { PalmError } from '#contract/errors.ts'
import { subscriptions, type SubscriptionName } from '#contract/subscriptions.ts'
import { idOf, mostMessageBytes, packMessage, type Message } from '#app/rpc/packing.ts'
import type { Port } from '#app/rpc/port.ts'
import { serve, type Handlers } from '#app/rpc/server.ts'
import { FuzzRandom } from '#test/fuzz/fuzz-random.ts'
import { mutateJson } from '#test/fuzz/json-mutations.ts'
import { tableOfSubscribers } from '#test/app/rpc/tables.ts'
import { drawRequest } from './draw-request.ts'

const methods = Object.keys(apiMethods) as ApiMethod[]
const topics = Object.keys(subscriptions) as SubscriptionName[]

/** Message `index` of `seed`; its own id is `index` + 1 where it has one that can be read (0 answers what has none). */
export function hostileMessage(seed: number, index: number): Message {
  const message = drawMessage(seed, index)
  // A larger one ends the connection: that has tests of its own.
  return Buffer.byteLength(message) <= mostMessageBytes ? message : ''
}

function drawMessage(seed: number, index: number): Message {
  const random = new FuzzRandom('messages', seed, index)
  const frame = drawFrame(random, index + 1)
  const text = JSON.stringify(frame)
  switch (random.below(8)) {
    case 0:
      return packed(frame, random)
    case 1:
      return noise(text, random)
    case 2:
    case 3:
      return text
    default:
      return mutateJson(text, random)
  }
}

function drawFrame(random: FuzzRandom, id: number): Record<string, unknown> {
  switch (random.below(12)) {
    case 0: {
      const name = random.pick(topics)
      return { type: 'subscribe', id, name, request: drawRequest(subscriptions[name].request, random) }
    }
    case 1:
      return { type: 'unsubscribe', id: random.below(id + 1) }
    case 2:
      return { type: 'misfit', id, reason: 'x'.repeat(random.below(1200)) }
    default: {
      const method = random.pick(methods)
      return { type: 'call', id, method, request: drawRequest(apiMethods[method].request, random) }
    }
  }
}

/** Bytes with a header: as we pack them, or with lengths, names or an end that lie. */
function packed(frame: Record<string, unknown>, random: FuzzRandom): Uint8Array {
  const request = { ...(frame['request'] as object | undefined), pixels: random.bytes(random.below(200)) }
  const message = packMessage({ ...frame, request }, 'request', ['pixels'])
  const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : Uint8Array.from(message)
  for (let n = random.below(4); n > 0 && bytes.length > 0; n--) bytes[random.below(bytes.length)] = random.below(256)
  return random.chance(0.3) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes
}

function noise(text: string, random: FuzzRandom): Message {
  const at = random.below(text.length)
  switch (random.below(4)) {
    case 0:
      return random.bytes(random.below(64))
    case 1:
      return text.slice(0, at)
    case 2:
      return text.slice(0, at) + String.fromCharCode(random.below(0x1_0000)) + text.slice(at + 1)
    default:
      return text + text
  }
}

/** What a host was seen to do. */
export class Witness {
  /** What must not happen. */
  readonly faults: string[] = []
  handled = 0
  refused = 0
  private readonly answers = new Map<number, number>()

  /** The table of a host that checks what reaches it, and answers each call with an error of its own. */
  serve(port: Port): void {
    const handlers = Object.fromEntries(
      methods.map((method) => [method, (request: unknown) => this.handle(method, request)]),
    )
    serve(port, handlers as unknown as Handlers, tableOfSubscribers({}), () => void (this.refused += 1))
  }

  /** What the host sent. */
  hear(text: string): void {
    const frame = answerSchema.safeParse(JSON.parse(text))
    if (!frame.success) return void this.faults.push(`an answer that is none: ${text.slice(0, 200)}`)
    this.answers.set(frame.data.id, (this.answers.get(frame.data.id) ?? 0) + 1)
    if (frame.data.error.code === 'internal') this.faults.push(`internal: ${frame.data.error.message}`)
  }

  /** After the last answer: whether what was sent was answered, each call once. An id that noise made twice may have as many answers. */
  check(sent: readonly Message[]): void {
    const ids = new Map<number, number>()
    for (const message of sent) {
      const id = idOf(message)
      if (id !== null) ids.set(id, (ids.get(id) ?? 0) + 1)
    }
    for (const [index, message] of sent.entries()) {
      const id = index + 1
      if (typeof message !== 'string' || idOf(message) !== id) continue
      if (!callSchema.safeParse(JSON.parse(message)).success) continue
      const answers = this.answers.get(id) ?? 0
      if (answers < 1 || answers > (ids.get(id) ?? 0))
        this.faults.push(`call ${id} has ${answers} answers: ${message.slice(0, 200)}`)
    }
    for (const [id, answers] of this.answers)
      if (id !== 0 && answers > (ids.get(id) ?? 0)) this.faults.push(`nobody asked for ${answers} answers of ${id}`)
    const probe: object = {}
    if ('polluted' in probe) this.faults.push('Object.prototype was changed')
  }

  private handle(method: ApiMethod, request: unknown): never {
    this.handled += 1
    const again = apiMethods[method].request.safeParse(request)
    if (!again.success) this.faults.push(`${method} was given what its schema refuses`)
    if (typeof request !== 'object' || request === null || Object.getPrototypeOf(request) !== Object.prototype)
      this.faults.push(`${method} was given no plain object`)
    throw new PalmError('run-not-found', 'This host has nothing.')
  }
}

const answerSchema = z.strictObject({
  type: z.literal('error'),
  id: z.number(),
  error: z.looseObject({ code: z.string(), message: z.string() }),
})
const callSchema = z.looseObject({ type: z.literal('call'), id: z.number() })
