// Of the benchmark's traces those of methods that keep more than weights: memories of images, teachers, projectors, queues.
import { z } from 'zod'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { Adacontrast } from '#engine/methods/adacontrast/adacontrast.ts'
import { descriptors } from '#engine/methods/descriptors.ts'
import type { NamedArray } from '#engine/methods/method.ts'
import { Note } from '#engine/methods/note/note.ts'
import { Rmt } from '#engine/methods/rmt/rmt.ts'
import { Rotta } from '#engine/methods/rotta/rotta.ts'
import { Santa } from '#engine/methods/santa/santa.ts'
import {
  common,
  contrast,
  isStatistic,
  isWeight,
  keyed,
  settings,
  teacher,
  type Make,
  type Stage,
} from './trace-parts.ts'

export const remembering: Readonly<Record<string, Make>> = {
  rotta(device, model, hyperparameters, _changes, stage) {
    const { OPTIM, ROTTA } = common
      .extend({
        ROTTA: z.looseObject({
          MEMORY_SIZE: z.number(),
          UPDATE_FREQUENCY: z.number(),
          NU: z.number(),
          ALPHA: z.number(),
        }),
      })
      .parse(hyperparameters)
    let updates: {
      student: ReadonlyMap<string, NamedArray>
      teacher: ReadonlyMap<string, NamedArray>
      loss: number
    }[] = []
    const options = {
      learningRate: OPTIM.LR,
      memory: ROTTA.MEMORY_SIZE,
      period: ROTTA.UPDATE_FREQUENCY,
      teacherMomentum: 1 - ROTTA.NU,
      statisticsShare: ROTTA.ALPHA,
    }
    const method = new Rotta(device, model, descriptors.rotta.options.parse({ method: 'rotta', ...options }), 0, {
      view: (samples) => stage.view(samples),
      updated: (loss, student, newTeacher) => updates.push({ student, teacher: newTeacher, loss }),
    })
    const stats = (prefix: string, parameters: ReadonlyMap<string, NamedArray>) =>
      [...parameters]
        .filter(([name]) => isStatistic(name))
        .map(([name, { data }]) => [`${prefix}/${name.replace('.running_', '.')}`, data] as const)
    return {
      method,
      outcome() {
        const done = updates
        updates = []
        const arrays = done.flatMap(({ student, teacher: taught }, j) => [
          ...keyed(`update${j}/student_after`, student, isWeight),
          ...keyed(`update${j}/teacher_after`, taught, isWeight),
          ...stats(`update${j}/student_stats`, student),
          ...stats(`update${j}/teacher_stats`, taught),
        ])
        return {
          arrays: new Map(arrays),
          losses: done.map(({ loss }) => loss),
          decisions: { memory: method.remembered().map((list) => list.map(({ sample, age }) => ({ sample, age }))) },
        }
      },
    }
  },
  note(device, model, hyperparameters, _changes, stage) {
    const { lr, memory_size, iabn_k, bn_momentum } = z
      .looseObject({ lr: z.number(), memory_size: z.number(), iabn_k: z.number(), bn_momentum: z.number() })
      .parse(hyperparameters)
    const draws = stage.whole('note_uniform').data
    let at = 0
    const method = new Note(
      device,
      model,
      descriptors.note.options.parse({
        method: 'note',
        learningRate: lr,
        memory: memory_size,
        k: iabn_k,
        statisticsShare: bn_momentum,
      }),
      0,
      () => draws[at++] ?? Number.NaN,
    )
    return {
      method,
      outcome: async () => ({
        arrays: new Map([
          ...keyed('param_after', await method.parameters(), isWeight),
          ...keyed('stats_after', await method.parameters(), isStatistic),
        ]),
        decisions: { memory: method.remembered().map((list) => list.map(({ sample }) => sample)) },
      }),
    }
  },
  rmt(device, model, hyperparameters, _changes, stage) {
    const { OPTIM, RMT, CONTRAST, M_TEACHER } = common
      .extend({ RMT: z.looseObject({ NUM_SAMPLES_WARM_UP: z.number() }), CONTRAST: contrast, M_TEACHER: teacher })
      .parse(hyperparameters)
    const options = {
      learningRate: OPTIM.LR,
      temperature: CONTRAST.TEMPERATURE,
      projection: CONTRAST.PROJECTION_DIM,
      teacherMomentum: M_TEACHER.MOMENTUM,
      warmUpImages: RMT.NUM_SAMPLES_WARM_UP,
    }
    const method = new Rmt(
      device,
      model,
      descriptors.rmt.options.parse({ method: 'rmt', ...options }),
      0,
      projector(stage, 'rmt'),
    )
    return {
      method,
      outcome: async () => ({
        arrays: new Map([
          ...keyed('student_after', await method.parameters()),
          ...keyed('teacher_after', await method.teacherParameters()),
          ...projected(method.projectorWeights()),
        ]),
      }),
    }
  },
  santa(device, model, hyperparameters, _changes, stage) {
    const { OPTIM, CONTRAST } = common.extend({ CONTRAST: contrast }).parse(hyperparameters)
    const method = new Santa(
      device,
      model,
      descriptors.santa.options.parse({
        method: 'santa',
        learningRate: OPTIM.LR,
        temperature: CONTRAST.TEMPERATURE,
        projection: CONTRAST.PROJECTION_DIM,
      }),
      0,
      projector(stage, 'santa'),
    )
    return {
      method,
      outcome: async () => ({
        arrays: new Map([...keyed('param_after', await method.parameters()), ...projected(method.projectorWeights())]),
      }),
    }
  },
  adacontrast(device, model, hyperparameters, changes, stage) {
    const { OPTIM, ADACONTRAST, CONTRAST, M_TEACHER } = z
      .looseObject({
        OPTIM: z.looseObject({ LR: z.number(), MOMENTUM: z.number(), NESTEROV: z.boolean(), WD: z.number() }),
        ADACONTRAST: z.looseObject({ QUEUE_SIZE: z.number(), NUM_NEIGHBORS: z.number() }),
        CONTRAST: contrast,
        M_TEACHER: teacher,
      })
      .parse(hyperparameters)
    const seen = z.looseObject({ here: z.number() }).parse(settings.parse(changes)['samples seen at start']).here
    const options = {
      learningRate: OPTIM.LR,
      momentum: OPTIM.MOMENTUM,
      nesterov: OPTIM.NESTEROV,
      weightDecay: OPTIM.WD,
      temperature: CONTRAST.TEMPERATURE,
      teacherMomentum: M_TEACHER.MOMENTUM,
      queue: ADACONTRAST.QUEUE_SIZE,
      neighbors: ADACONTRAST.NUM_NEIGHBORS,
    }
    const method = new Adacontrast(
      device,
      model,
      descriptors.adacontrast.options.parse({ method: 'adacontrast', ...options }),
      0,
      {
        seen,
        view: (kind) =>
          kind === 'key' ? unit(device, stage.stored('x_key')) : stage.view(null, kind === 'weak' ? 0 : 1),
        queue: () => ({
          keys: columns(stage.whole('adacontrast_queue')),
          labels: Float32Array.from(stage.whole('adacontrast_queue_labels').data),
        }),
      },
    )
    return {
      method,
      outcome: async () => ({
        arrays: new Map([
          ...keyed('param_after', await method.parameters(), isWeight),
          ...keyed('stats_after', await method.parameters(), isStatistic),
          ...keyed('momentum_after', await method.momentumParameters(), isWeight),
          ...keyed('momentum_stats_after', await method.momentumParameters(), isStatistic),
        ]),
      }),
    }
  },
}

const order = { '0.weight': 0, '0.bias': 1, '2.weight': 2, '2.bias': 3 } as const

function projector(stage: Stage, method: string) {
  return (name: keyof typeof order) => Float32Array.from(stage.whole(`${method}_projector/${order[name]}`).data)
}

const projected = (weights: ReadonlyMap<string, Float32Array>) =>
  [...weights].map(([name, data]) => [`projector_after/${order[name as keyof typeof order]}`, data] as const)

function unit(device: Device, { shape, data }: NamedArray): DeviceTensor {
  const bytes = device.fromArray(Float32Array.from(data), shape)
  const pixels = device.scale(bytes, 1 / 255)
  bytes.dispose()
  return pixels
}

/** [D, K] stored by columns as rows [K, D]. */
function columns({ shape, data }: NamedArray): Float32Array {
  const [d = 0, k = 0] = shape
  return Float32Array.from({ length: d * k }, (_, i) => data[(i % d) * k + Math.floor(i / d)] as number)
}
