// The methods of the benchmark's traces, made with each trace's settings and stored draws, and what of them a trace holds besides the usual.
import { z } from 'zod'
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { createCome } from '#engine/methods/come/come.ts'
import { Cmf } from '#engine/methods/cmf/cmf.ts'
import { descriptors } from '#engine/methods/descriptors.ts'
import { Deyo } from '#engine/methods/deyo/deyo.ts'
import { Eata } from '#engine/methods/eata/eata.ts'
import { Lame } from '#engine/methods/lame/lame.ts'
import { Memo } from '#engine/methods/memo/memo.ts'
import type { NamedArray } from '#engine/methods/method.ts'
import { ForwardOnly } from '#engine/methods/parts/forward-only.ts'
import { Rdumb } from '#engine/methods/rdumb/rdumb.ts'
import { Roid } from '#engine/methods/roid/roid.ts'
import { Sar } from '#engine/methods/sar/sar.ts'
import type { Model } from '#engine/models/model.ts'
import { remembering } from './remembering-methods.ts'
import { common, eata, keyed, settings, type Make, type Traced } from './trace-parts.ts'

export const makers: Readonly<Record<string, Make>> = {
  ...remembering,
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
