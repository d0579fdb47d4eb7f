// Requests that fit a schema of the contract, drawn from the schema itself: numbers within and at their limits, each choice, each optional part there or not.
import { z } from 'zod'
import type { FuzzRandom } from '#test/fuzz/fuzz-random.ts'

/** Of JSON Schema what zod writes for this contract. */
interface JsonSchema {
  readonly type?: 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object'
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | false
}

const known = new Map<z.ZodType, JsonSchema>()

/** The schema as JSON Schema; what it cannot say (refinements, bytes) is anything. */
function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  let found = known.get(schema)
  if (!found) {
    found = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema
    known.set(schema, found)
  }
  return found
}

/** Mostly such as the schema takes: what it refines further may still refuse it. */
export const drawRequest = (schema: z.ZodType, random: FuzzRandom): unknown => draw(jsonSchemaOf(schema), random, 0)

const words = [
  'a',
  'tent',
  'palm',
  'sample',
  'gaussian_noise',
  'folder/cat',
  '/data/images',
  'x'.repeat(40),
  'ünï',
  '1',
]

function draw(schema: JsonSchema, random: FuzzRandom, depth: number): unknown {
  const among = schema.anyOf ?? schema.oneOf
  if (among) return draw(random.pick(among), random, depth)
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((part) => draw(part, random, depth))) as object
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return random.pick(schema.enum)
  switch (schema.type) {
    case 'null':
      return null
    case 'boolean':
      return random.chance(0.5)
    case 'integer':
    case 'number':
      return drawNumber(schema, schema.type === 'integer', random)
    case 'string': {
      const most = Math.min(schema.maxLength ?? 40, 60)
      return random.pick(words).slice(0, Math.max(schema.minLength ?? 0, random.below(most + 1)))
    }
    case 'array':
      return drawArray(schema, random, depth)
    case 'object':
      return drawObject(schema, random, depth)
    case undefined: // what JSON Schema cannot say
      return random.pick([null, 0, 'x', {}, []])
  }
}

function drawNumber(schema: JsonSchema, whole: boolean, random: FuzzRandom): number {
  const low = schema.minimum ?? Number(schema.exclusiveMinimum ?? -5)
  const high = Math.min(schema.maximum ?? Number(schema.exclusiveMaximum ?? low + 10), low + 1e6)
  const drawn = random.pick([low, high, low + random.next() * (high - low), low + 1])
  return whole ? Math.round(drawn) : drawn
}

function drawArray(schema: JsonSchema, random: FuzzRandom, depth: number): unknown[] {
  if (schema.prefixItems) return schema.prefixItems.map((item) => draw(item, random, depth + 1))
  const least = schema.minItems ?? 0
  const count = Math.min(schema.maxItems ?? 4, least + random.below(depth > 4 ? 1 : 4))
  return Array.from({ length: count }, () => draw(schema.items ?? {}, random, depth + 1))
}

function drawObject(schema: JsonSchema, random: FuzzRandom, depth: number): Record<string, unknown> {
  const required = new Set(schema.required)
  const entries = Object.entries(schema.properties ?? {})
    .filter(([name]) => required.has(name) || random.chance(depth > 4 ? 0.1 : 0.5))
    .map(([name, part]) => [name, draw(part, random, depth + 1)] as const)
  if (typeof schema.additionalProperties === 'object' && random.chance(0.5))
    entries.push([random.pick(words), draw(schema.additionalProperties, random, depth + 1)])
  return Object.fromEntries(entries)
}
