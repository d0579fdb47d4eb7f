// The methods of the first folder's traces, made with each trace's settings, stored draws and observers.
import type { Device, DeviceTensor } from '#engine/compute/device.ts'
import { Cotta, type CottaStage } from '#engine/methods/cotta/cotta.ts'
import { descriptors } from '#engine/methods/descriptors.ts'
import { Law } from '#engine/methods/law/law.ts'
import type { Method } from '#engine/methods/method.ts'
import type { PalmObserver } from '#engine/methods/palm/observer.ts'
import { Palm } from '#engine/methods/palm/palm.ts'
import type { FlatLayout } from '#engine/methods/parts/flat-layout.ts'
import { ForwardOnly } from '#engine/methods/parts/forward-only.ts'
import { Surgical } from '#engine/methods/surgical/surgical.ts'
import { createTent } from '#engine/methods/tent/tent.ts'
import type { Model } from '#engine/models/model.ts'
import type { Seen } from './seen.ts'

interface TraceParts {
  readonly device: Device
  readonly model: Model
  /** The trace's, by their names there. */
  readonly hp: Readonly<Record<string, number>>
  readonly observer: PalmObserver
  readonly stage: CottaStage
}

type Make = (parts: TraceParts) => Method

/** By the trace's name. */
export const tracedMethods = new Map<string, Make>([
  ['source', ({ device, model }) => new ForwardOnly(device, model, 'source')],
  ['norm', ({ device, model }) => new ForwardOnly(device, model, 'norm')],
  [
    'tent',
    ({ device, model, hp }) =>
      createTent(device, model, descriptors.tent.options.parse({ method: 'tent', learningRate: hp.lr })),
  ],
  ['palm_reference', palm('reference')],
  ['palm_paper', palm('paper')],
  ['law', law(false)],
  ['law_clean', law(true)],
  [
    'surgical',
    ({ device, model, hp: { lr: learningRate, momentum, lambda, margin } }) => {
      const given = { method: 'surgical', learningRate, momentum, lambda, margin }
      return new Surgical(device, model, descriptors.surgical.options.parse(given), 0)
    },
  ],
  [
    'cotta',
    ({ device, model, hp, stage }) => {
      const options = descriptors.cotta.options.parse({
        method: 'cotta',
        learningRate: hp.lr,
        teacherMomentum: hp.teacher_momentum,
        restore: hp.restore_probability,
        threshold: hp.ap,
        augmentations: hp.n_augmentations,
      })
      return new Cotta(device, model, options, 0, stage)
    },
  ],
])

function palm(variant: 'reference' | 'paper'): Make {
  return ({ device, model, hp: { kappa, alpha, temperature, eta, lambda, margin }, observer }) => {
    const given = { method: 'palm', variant, kappa, alpha, temperature, eta, lambda, margin }
    return new Palm(device, model, descriptors.palm.options.parse(given), 0, observer)
  }
}

function law(clean: boolean): Make {
  return ({ device, model, hp, observer }) => {
    const options = descriptors.law.options.parse({
      method: 'law',
      learningRate: hp.lr,
      tau: hp.tau,
      weight: (hp.lambda ?? Number.NaN) * model.classes,
      clean,
    })
    return new Law(device, model, options, 0, observer)
  }
}

/** Keeps what a step lends into what `seen` gives at that time. */
export function observerOf(device: Device, seen: () => Seen): PalmObserver {
  const keep = (
    layout: FlatLayout,
    flat: DeviceTensor,
    into: Map<string, Float32Array>,
    names: ReadonlySet<string> | null = null,
  ) =>
    seen().reading.push(
      device.read(flat).then((values) => {
        for (const [name, { data }] of layout.cut(values)) if (names?.has(name) ?? true) into.set(name, data)
      }),
    )
  return {
    gradientOfDivergence: (layout, gradient) => void keep(layout, gradient, seen().gradKl),
    gradientOfTotal: (layout, gradient, names) => void keep(layout, gradient, seen().gradTotal, names),
    sensitivity: (layout, parts, names) => {
      keep(layout, parts.sensitivity, seen().S, names)
      keep(layout, parts.average, seen().Shat, names)
      keep(layout, parts.uncertainty, seen().D, names)
      keep(layout, parts.importance, seen().importance, names)
    },
    logitsOfView: (logits) => {
      seen().viewLogits = logits
    },
  }
}
