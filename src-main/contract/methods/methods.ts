// The options of a lane, one kind a method, made of the methods' descriptors (src-main/engine/methods/METHOD/descriptor.ts).
import { z } from 'zod'
import { descriptors } from '#engine/methods/descriptors.ts'
import type { MethodDescriptor } from './descriptor.ts'

type Descriptors = typeof descriptors
type Schema = Descriptors[keyof Descriptors]['options']

/** Options by their `method`. */
export const laneOptionsSchema = z.discriminatedUnion(
  'method',
  Object.values(descriptors).map(({ options }) => options) as [Schema, ...Schema[]],
)
export type LaneOptions = z.output<typeof laneOptionsSchema>
export type LaneOptionsInput = z.input<typeof laneOptionsSchema>
export type MethodId = LaneOptions['method']
export type OptionsOf<M extends MethodId> = Extract<LaneOptions, { method: M }>
export type PalmOptions = OptionsOf<'palm'>

/** What a method says of itself; its functions take options of that method only. */
export const descriptorOf = (method: MethodId): MethodDescriptor => descriptors[method]

/** The schema of one method's options. */
export const schemaOf = (method: MethodId): z.ZodObject => descriptors[method].options

export interface OptionInfo {
  readonly name: string
  readonly kind: 'number' | 'integer' | 'switch' | 'choice'
  readonly choices: readonly string[]
  readonly nullable: boolean
  readonly initial: number | string | boolean | null
  readonly help: string
}

const propertySchema = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  anyOf: z.array(z.looseObject({ type: z.string().optional(), enum: z.array(z.string()).optional() })).optional(),
  default: z.union([z.number(), z.string(), z.boolean(), z.null()]).optional(),
  description: z.string().optional(),
})

/** What can be set of a method, read from its schema. */
export function optionsOf(method: MethodId): OptionInfo[] {
  const { properties } = z
    .looseObject({ properties: z.record(z.string(), z.unknown()) })
    .parse(z.toJSONSchema(schemaOf(method), { io: 'input' }))
  return Object.entries(properties)
    .filter(([name]) => name !== 'method')
    .map(([name, value]) => {
      const property = propertySchema.parse(value)
      const main = property.anyOf?.find(({ type }) => type !== 'null') ?? property
      return {
        name,
        kind: main.enum
          ? 'choice'
          : main.type === 'boolean'
            ? 'switch'
            : main.type === 'integer'
              ? 'integer'
              : 'number',
        choices: main.enum ?? [],
        nullable: property.anyOf?.some(({ type }) => type === 'null') ?? false,
        initial: property.default ?? null,
        help: property.description ?? '',
      }
    })
}
