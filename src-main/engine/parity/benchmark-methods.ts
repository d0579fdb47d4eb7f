// The methods of the benchmark's traces, made with each trace's settings and stored draws, and what of them a trace holds besides the usual.
import { z } from 'zod'
import { descriptors } from '#engine/methods/descriptors.ts'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { Adacontrast } from '#engine/methods/adacontrast/adacontrast.ts'
import { Deyo } from '#engine/methods/deyo/deyo.ts'
import { Eata } from '#engine/methods/eata/eata.ts'
import { Rdumb } from '#engine/methods/rdumb/rdumb.ts'
import { ForwardOnly } from '#engine/methods/parts/forward-only.ts'
import { Lame } from '#engine/methods/lame/lame.ts'
import { Memo } from '#engine/methods/memo/memo.ts'
import type { Method, NamedArray } from '#engine/methods/method.ts'
import { Note } from '#engine/methods/note/note.ts'
import { Rmt } from '#engine/methods/rmt/rmt.ts'
import { Cmf } from '#engine/methods/cmf/cmf.ts'
import { Roid } from '#engine/methods/roid/roid.ts'
import { Rotta } from '#engine/methods/rotta/rotta.ts'
import { Santa } from '#engine/methods/santa/santa.ts'
import { Sar } from '#engine/methods/sar/sar.ts'
import type { SourceImages } from '#engine/methods/parts/source-images.ts'
import { createCome } from '#engine/methods/come/come.ts'
import type { Model } from '#engine/models/model.ts'

const settings = z.record(z.string(), z.unknown())
const common = z.looseObject({ OPTIM: z.looseObject({ LR: z.number() }) })
const eata = common.extend({
  EATA: z.looseObject({ MARGIN_E0: z.number(), D_MARGIN: z.number(), FISHER_ALPHA: z.number() }),
})
const contrast = z.looseObject({ TEMPERATURE: z.number(), PROJECTION_DIM: z.number() })
const teacher = z.looseObject({ MOMENTUM: z.number() })

/** The stored draws of the step that is being made. */
export interface Stage {
  /** The stored augmentation `k` of samples of the whole stream, pixels in [0, 1]; of this step's where none are named. */
  view(samples: readonly number[] | null, k?: number): DeviceTensor
  /** The stored augmentation of these samples of this step. */
  ofThisStep(kept: readonly number[]): DeviceTensor
  /** This step's part of a stored tensor [steps, …] as it is. */
  stored(name: string): NamedArray
  /** A stored tensor as a whole. */
  whole(name: string): NamedArray
  readonly source: SourceImages
}

export interface Traced {
  readonly method: Method
  /** Tensors after a step by their keys in the trace, and what a decision was. Without it: the method's parameters as `param_after`. */
  readonly outcome?: () => {
    readonly arrays: ReadonlyMap<string, ArrayLike<number>>
    readonly decisions?: Readonly<Record<string, unknown>>
    readonly losses?: readonly number[]
  }
  /** Only these samples of each batch. */
  readonly samples?: number
  /** Logits as the trace has them. */
  readonly logits?: (logits: Float32Array) => Float32Array
}

type Make = (device: Device, model: Model, hyperparameters: unknown, changes: unknown, stage: Stage) => Traced

const keyed = (
  prefix: string,
  parameters: ReadonlyMap<string, NamedArray>,
  choose: (name: string) => boolean = () => true,
) => [...parameters].filter(([name]) => choose(name)).map(([name, { data }]) => [`${prefix}/${name}`, data] as const)
const isStatistic = (name: string) => name.includes('running_')
const isWeight = (name: string) => !isStatistic(name)

export const makers: Readonly<Record<string, Make>> = {
  eata: eataTrace,
  eata_tight: eataTrace,
  rdumb(device, model, hyperparameters, changes) {
    const { OPTIM, EATA } = eata.parse(hyperparameters)
    const period = Object.entries(settings.parse(changes)).find(([name]) => name.endsWith('RESET_AFTER_NUM_UPDATES'))
    const { here } = z.looseObject({ here: z.number() }).parse(period?.[1])
    return {
      method: new Rdumb(
        device,
        model,
        descriptors.rdumb.options.parse({
          method: 'rdumb',
          learningRate: OPTIM.LR,
          margin: EATA.MARGIN_E0 * Math.log(model.classes),
          similarity: EATA.D_MARGIN,
          period: here,
        }),
      ),
    }
  },
  rdumb_ccc(device, model, hyperparameters) {
    const { lr, momentum, d_margin, period } = z
      .looseObject({ lr: z.number(), momentum: z.number(), d_margin: z.number(), period: z.number() })
      .parse(hyperparameters)
    return {
      method: new Rdumb(
        device,
        model,
        descriptors.rdumb.options.parse({
          method: 'rdumb',
          optimizer: 'sgd',
          learningRate: lr,
          momentum,
          similarity: d_margin,
          period,
        }),
      ),
    }
  },
  sar(device, model, hyperparameters) {
    const { OPTIM, EATA, SAR } = eata
      .extend({ SAR: z.looseObject({ RESET_CONSTANT_EM: z.number() }) })
      .parse(hyperparameters)
    return {
      method: new Sar(
        device,
        model,
        descriptors.sar.options.parse({
          method: 'sar',
          learningRate: OPTIM.LR,
          margin: EATA.MARGIN_E0 * Math.log(model.classes),
          resetBelow: SAR.RESET_CONSTANT_EM,
        }),
      ),
    }
  },
  deyo(device, model, hyperparameters, _changes, stage) {
    const { OPTIM, DEYO } = common
      .extend({ DEYO: z.looseObject({ PLPD: z.number(), MARGIN: z.number() }) })
      .parse(hyperparameters)
    const tiles = (j: number) => {
      const { shape, data } = stage.stored('deyo_perm')
      const n = shape.at(-1) ?? 0
      return Array.from(data.subarray(j * n, (j + 1) * n))
    }
    return {
      method: new Deyo(
        device,
        model,
        descriptors.deyo.options.parse({
          method: 'deyo',
          learningRate: OPTIM.LR,
          fall: DEYO.PLPD,
          margin: DEYO.MARGIN * Math.log(model.classes),
        }),
        0,
        tiles,
      ),
    }
  },
  roid(device, model, hyperparameters, _changes, stage) {
    const { OPTIM, ROID } = common.extend({ ROID: z.looseObject({ MOMENTUM_SRC: z.number() }) }).parse(hyperparameters)
    return {
      method: new Roid(
        device,
        model,
        descriptors.roid.options.parse({ method: 'roid', learningRate: OPTIM.LR, sourceMomentum: ROID.MOMENTUM_SRC }),
        0,
        stage.ofThisStep,
      ),
    }
  },
  cmf(device, model, hyperparameters, _changes, stage) {
    const { OPTIM, CMF } = common
      .extend({ CMF: z.looseObject({ ALPHA: z.number(), GAMMA: z.number(), Q: z.number() }) })
      .parse(hyperparameters)
    return {
      method: new Cmf(
        device,
        model,
        descriptors.cmf.options.parse({
          method: 'cmf',
          learningRate: OPTIM.LR,
          alpha: CMF.ALPHA,
          gamma: CMF.GAMMA,
          q: CMF.Q,
        }),
        0,
        stage.ofThisStep,
      ),
    }
  },
  norm_alpha: bnAlpha,
  norm_alpha_single: bnAlpha,
  come_tent: come,
  come_tent_c10: come,
  lame: lame('rbf'),
  lame_knn: lame('knn'),
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
      outcome: () => ({
        arrays: new Map([
          ...keyed('param_after', method.parameters(), isWeight),
          ...keyed('stats_after', method.parameters(), isStatistic),
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
      outcome: () => ({
        arrays: new Map([
          ...keyed('student_after', method.parameters()),
          ...keyed('teacher_after', method.teacherParameters()),
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
      outcome: () => ({
        arrays: new Map([...keyed('param_after', method.parameters()), ...projected(method.projectorWeights())]),
      }),
    }
  },
  memo(device, model, hyperparameters, _changes, stage) {
    const { OPTIM, BN } = common.extend({ BN: z.looseObject({ ALPHA: z.number() }) }).parse(hyperparameters)
    let first: ReadonlyMap<string, NamedArray> = new Map()
    const views = (image: number): DeviceTensor => {
      const { shape, data } = stage.stored('memo_aug')
      const [, ...rest] = shape
      const size = rest.reduce((product, n) => product * n, 1)
      return device.fromArray(data.slice(image * size, (image + 1) * size), rest)
    }
    const lent: DeviceTensor[] = []
    const method = new Memo(
      device,
      model,
      descriptors.memo.options.parse({ method: 'memo', learningRate: OPTIM.LR, nesterov: true, alpha: BN.ALPHA }),
      0,
      {
        views: (image) => {
          for (const tensor of lent.splice(0)) tensor.dispose()
          const made = views(image)
          lent.push(made)
          return made
        },
        adapted: (image, _loss, parameters) => {
          if (image === 0) first = parameters
        },
      },
    )
    return {
      method,
      samples: stage.whole('memo_aug').shape[1] ?? 0,
      outcome: () => {
        for (const tensor of lent.splice(0)) tensor.dispose()
        return { arrays: new Map(keyed('param_after', first)) }
      },
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
      outcome: () => ({
        arrays: new Map([
          ...keyed('param_after', method.parameters(), isWeight),
          ...keyed('stats_after', method.parameters(), isStatistic),
          ...keyed('momentum_after', method.momentumParameters(), isWeight),
          ...keyed('momentum_stats_after', method.momentumParameters(), isStatistic),
        ]),
      }),
    }
  },
}

function eataTrace(device: Device, model: Model, hyperparameters: unknown): Traced {
  const { OPTIM, EATA } = eata.parse(hyperparameters)
  return {
    method: new Eata(
      device,
      model,
      descriptors.eata.options.parse({
        method: 'eata',
        learningRate: OPTIM.LR,
        margin: EATA.MARGIN_E0 * Math.log(model.classes),
        similarity: EATA.D_MARGIN,
        fisherWeight: EATA.FISHER_ALPHA,
      }),
    ),
  }
}

function bnAlpha(device: Device, model: Model, hyperparameters: unknown): Traced {
  return {
    method: new ForwardOnly(
      device,
      model,
      'bn-alpha',
      z.looseObject({ BN: z.looseObject({ ALPHA: z.number() }) }).parse(hyperparameters).BN.ALPHA,
    ),
  }
}

function come(device: Device, model: Model, hyperparameters: unknown): Traced {
  const { lr, momentum, evidence_constant } = z
    .looseObject({ lr: z.number(), momentum: z.number(), evidence_constant: z.number() })
    .parse(hyperparameters)
  return {
    method: createCome(
      device,
      model,
      descriptors.come.options.parse({ method: 'come', learningRate: lr, momentum, evidence: evidence_constant }),
    ),
  }
}

/** The trace holds the assigned probabilities, ours are their logarithms. */
function lame(affinity: 'rbf' | 'knn'): Make {
  return (device, model, hyperparameters) => {
    const { LAME } = z.looseObject({ LAME: z.looseObject({ KNN: z.number() }) }).parse(hyperparameters)
    return {
      method: new Lame(
        device,
        model,
        descriptors.lame.options.parse({ method: 'lame', affinity, neighbors: LAME.KNN }),
      ),
      logits: (logits) => logits.map(Math.exp),
    }
  }
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
