// A full handler table and small valid payloads, for tests that need only a part of one.
import { PalmError } from '../../../src-main/contract/errors.ts'
import type { RunEvent, RunSnapshot } from '../../../src-main/contract/report.ts'
import { runOptionsSchema } from '../../../src-main/contract/run-options.ts'
import type { Handlers } from '../../../src-main/app/rpc/server.ts'

/** Every method answers `internal` but those given, and settings, which answer with their defaults. */
export function tableOfHandlers(some: Partial<Handlers>): Handlers {
  const none = (): never => {
    throw new PalmError('internal', 'not part of this test')
  }
  return {
    'app.info': none,
    'app.doctor': none,
    'settings.get': () => ({ theme: 'system', order: '' }),
    'settings.set': none,
    'inputs.inspect': none,
    'inputs.preview': none,
    'models.inspect': none,
    'models.list': none,
    'models.add': none,
    'models.change': none,
    'models.duplicate': none,
    'models.remove': none,
    'models.fetch': none,
    'models.details': none,
    'dialogs.pickFolder': none,
    'dialogs.pickModel': none,
    'runs.list': none,
    'runs.estimate': none,
    'uploads.begin': none,
    'uploads.write': none,
    'uploads.finish': none,
    'uploads.cancel': none,
    'templates.list': none,
    'templates.save': none,
    'templates.remove': none,
    'templates.setInitial': none,
    'templates.remember': none,
    'runs.start': none,
    'runs.pause': none,
    'runs.continue': none,
    'runs.stop': none,
    'runs.resume': none,
    'runs.change': none,
    'runs.archive': none,
    'runs.remove': none,
    'runs.restore': none,
    'runs.snapshot': none,
    'runs.export': none,
    'webcam.frame': none,
    'webcam.control': none,
    'sweeps.define': none,
    'sweeps.list': none,
    'sweeps.plan': none,
    'sweeps.start': none,
    'sweeps.stop': none,
    'sweeps.remove': none,
    'sweeps.results': none,
    'sweeps.importance': none,
    ...some,
  }
}

export const sampleOptions = runOptionsSchema.parse({
  input: { kind: 'sample' },
  model: { kind: 'sample' },
  lanes: [{ id: 'source', label: 'Source', options: { method: 'source' } }],
})

export function statusEvent(seq: number): RunEvent {
  return { event: 'status', seq, status: 'running', error: null, message: null }
}

export function emptySnapshot(seq: number): RunSnapshot {
  return {
    seq,
    run: {
      id: 1,
      name: 'test',
      status: 'running',
      createdAt: 0,
      finishedAt: null,
      step: 0,
      totalSteps: 0,
      options: sampleOptions,
      inputName: 'sample',
      modelName: 'sample',
      lanes: [],
      error: null,
      note: '',
      tags: [],
      archived: false,
      deletedAt: null,
    },
    plan: null,
    steps: [],
    domains: [],
    checkpoints: [],
    collapses: [],
    skipped: [],
    skippedTotal: 0,
    progress: null,
    preview: [],
  }
}
