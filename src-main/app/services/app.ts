// The app: one handler table for every host, over the run service, the store and what the entry wires in from other layers.
import type { AppInfo } from '#contract/app/app-info.ts'
import type { InputInfo } from '#contract/inputs/input-info.ts'
import { PalmError } from '#contract/errors.ts'
import type { Preview, PreviewRequest } from '#contract/inputs/input-preview.ts'
import type { ExportFormat, ExportRequest, ExportResult } from '#contract/models/export.ts'
import type { TensorsAnswer, TensorsRequest } from '#contract/columns/layers.ts'
import type { ModelInfo } from '#contract/tables/report.ts'
import type { ModelDetailsReport } from '#contract/models/library.ts'
import type { InputOptions } from '#contract/inputs/input-kinds.ts'
import type { ModelOptions } from '#contract/runs/run-options.ts'
import type { Records } from './runs/records.ts'
import type { CompareRequest, CompareResult } from '#contract/compare/compare-checkpoints.ts'
import { damageHandlers, type DamageRecords } from './data/damage.ts'
import { StorageService } from './data/storage.ts'
import { serve } from '#app/rpc/server.ts'
import type { Connection, Handlers, Subscribers } from '#app/rpc/server.ts'
import type { Port } from '#app/rpc/port.ts'
import { examine } from './machine/doctor.ts'
import { readLayers } from './runs/layers.ts'
import type { LayerRecords } from './runs/layers.ts'
import type { ImageService } from './runs/images.ts'
import type { DeviceProbe } from '#contract/device-probe.ts'
import type { DoctorParts, NativeStatus } from './machine/doctor.ts'
import type { ModelLibrary } from './models/model-library.ts'
import type { Looks } from './runs/looks.ts'
import type { RunEstimates } from './runs/run-estimate.ts'
import { RunTemplates } from './runs/run-templates.ts'
import { comparisonOf, curvesOfRuns, type CompareRecords } from './runs/compare.ts'
import type { Runs } from './runs/runs.ts'
import type { SweepService } from './sweeps/sweeps.ts'
import { labTable } from './lab/lab-table.ts'
import type { LabService } from './lab/lab-service.ts'
import type { FileListing } from './files/file-listing.ts'
import type { RunQueue } from './queue/run-queue.ts'
import { machineTable, logRuns } from './machine/machine-table.ts'
import type { DataMove } from './data/data-move.ts'
import type { Grants } from './grants.ts'
import { guarded } from './guard.ts'
import type { Log } from './machine/log.ts'
import type { Updates } from './machine/updates.ts'
import { pageUploads } from './data/page-uploads.ts'
import type { Uploads } from './data/uploads.ts'

export interface Dialogs {
  /** Whether one dialog can take a folder or a file. */
  readonly picksEither: boolean
  pickFolder(): Promise<string | null>
  pickModel(): Promise<string | null>
  pickImages(what: 'folder' | 'file' | 'either'): Promise<string | null>
  save(from: string, format: ExportFormat): Promise<string | null>
}

export interface AppParts {
  readonly version: string
  readonly host: AppInfo['host']
  readonly dataFolder: string
  readonly firstLaunch: boolean
  readonly store: Records & LayerRecords & CompareRecords & DamageRecords
  readonly runs: Runs
  readonly sweeps: SweepService
  readonly queue: RunQueue
  readonly lab: LabService
  readonly files: FileListing
  /** As the set-up step left it; asked anew each time, because the set-up may be run meanwhile. */
  readonly native: () => NativeStatus
  readonly inspectInput: (input: InputOptions, model: ModelOptions | null) => Promise<InputInfo>
  readonly previewInput: (request: PreviewRequest) => Promise<Preview>
  readonly looks: Looks
  readonly estimates: RunEstimates
  readonly uploads: Uploads
  readonly models: ModelLibrary
  readonly describeModel: (model: ModelOptions, batch: number) => Promise<ModelDetailsReport>
  readonly inspectModel: (model: ModelOptions) => Promise<ModelInfo>
  /** Writes a checkpoint as a model file and verifies it. */
  readonly exportCheckpoint: (request: ExportRequest) => Promise<ExportResult>
  /** What is in a lane's tensors. */
  readonly readTensors: (request: TensorsRequest) => Promise<TensorsAnswer>
  readonly images: ImageService
  readonly compareCheckpoints: (request: CompareRequest) => Promise<CompareResult>
  /** Writes the database file anew, in a process of its own. */
  readonly rewriteFile: () => Promise<void>
  readonly probe: () => Promise<DeviceProbe>
  readonly log: Log
  /** Which places of this machine a page may name. */
  readonly grants: Grants
  readonly move: DataMove
  readonly updates: Updates
  /** Shows a folder in the system's file manager; null where the host cannot. */
  readonly openFolder: ((folder: string) => Promise<void>) | null
  /** Whether a newcomer may be shown around. */
  readonly tour: boolean
  /** The system's dialogs; null where the host has none. */
  readonly dialogs: Dialogs | null
}

export interface App {
  /** Answers a page until its port closes. */
  connect(port: Port): void
  /** Stops the run under way (it can be resumed), answers what is being asked, closes every port and the store. */
  close(): Promise<void>
}

export function createApp(parts: AppParts): App {
  const connections = new Set<Connection>()
  const lab = labTable(parts.lab)
  const machine = machineTable({ ...parts, doctor: () => doctorOf(parts) })
  const handlers = guarded(
    { ...handlersOf(parts), ...machine.handlers, ...lab.handlers },
    { log: parts.log, isMoving: () => parts.move.isMoving, grants: parts.grants },
  )
  const unlog = logRuns(parts.runs, parts.log)
  const subscribers: Subscribers = {
    run: ({ run }, sink) => parts.runs.feeds.follow(run, sink),
    runs: (_request, sink) => parts.runs.feeds.followList(sink),
    sweeps: (_request, sink) => parts.sweeps.follow(sink),
    queue: (_request, sink) => parts.queue.follow(sink),
    ...lab.subscribers,
    ...machine.subscribers,
  }
  return {
    connect(port) {
      const uploads = pageUploads(parts.uploads)
      const own = { ...handlers, ...uploads.handlers }
      const connection = serve(port, own, subscribers, (what, reason) => parts.log.warning('rpc', what, reason))
      connections.add(connection)
      port.onClose(() => {
        connections.delete(connection)
        void uploads.close()
      })
    },
    async close() {
      parts.looks.close()
      parts.queue.close()
      await parts.lab.close()
      await parts.sweeps.close()
      await parts.runs.sessions.close()
      unlog()
      await parts.uploads.close()
      await Promise.all([...connections].map((connection) => connection.drain()))
      parts.store.close()
    },
  }
}

const doctorOf = (parts: AppParts): DoctorParts => ({
  dataFolder: parts.dataFolder,
  dataProblem: null,
  native: parts.native(),
  probe: parts.probe,
})

function handlersOf(
  parts: AppParts,
): Omit<Handlers, keyof ReturnType<typeof machineTable>['handlers'] | keyof ReturnType<typeof labTable>['handlers']> {
  const { store, runs, sweeps, queue, dialogs } = parts
  const templates = new RunTemplates(store)
  const storage = new StorageService({
    store,
    forgot: (...what) => runs.feeds.forgot(...what),
    activeRun: () => runs.sessions.activeRuns[0] ?? null,
    rewrite: parts.rewriteFile,
  })
  const { uploads } = parts
  /** What a person chose in the system's own dialog may be opened. */
  const granted = (path: string | null): string | null => {
    if (path !== null) parts.grants.allow(path)
    return path
  }
  const noDialogs = (): never => {
    throw new PalmError('bad-request', 'A browser cannot show this machine’s folders: type the path.')
  }
  return {
    'app.info': () => {
      const { ok, settingUp, reason } = parts.native()
      return {
        version: parts.version,
        host: parts.host,
        dataFolder: parts.dataFolder,
        firstLaunch: parts.firstLaunch,
        native: { ok, settingUp, reason },
        activeRun: runs.sessions.activeRuns.at(-1) ?? null,
        canPickFiles: dialogs !== null,
        picksEither: dialogs?.picksEither ?? true,
        canOpenFolders: parts.openFolder !== null,
        tour: parts.tour,
      }
    },
    'app.doctor': () => examine(doctorOf(parts)),
    'inputs.inspect': ({ input, model }) => parts.inspectInput(input, model),
    'inputs.preview': (request) => parts.previewInput(request),
    'inputs.look': (request) => parts.looks.look(request),
    'inputs.cancelLook': ({ by }) => done(parts.looks.cancel(by)),
    'models.list': () => parts.models.list(),
    'models.add': ({ path }) => parts.models.add(path),
    'models.change': ({ id, changes }) => parts.models.change(id, changes),
    'models.duplicate': ({ id }) => parts.models.duplicate(id),
    'models.remove': async ({ id }) => done(await parts.models.remove(id)),
    'models.fetch': ({ name }) => parts.models.fetch(name),
    'models.cancelFetch': () => done(parts.models.cancelFetch()),
    'models.details': ({ model, batch }) => parts.describeModel(model, batch),
    'models.inspect': ({ model }) => parts.inspectModel(model),
    'dialogs.pickFolder': async () => granted(dialogs ? await dialogs.pickFolder() : noDialogs()),
    'dialogs.pickModel': async () => granted(dialogs ? await dialogs.pickModel() : noDialogs()),
    'dialogs.pickImages': async ({ what }) => granted(dialogs ? await dialogs.pickImages(what) : noDialogs()),
    'dialogs.save': async ({ from, format }) => granted(dialogs ? await dialogs.save(from, format) : noDialogs()),
    'files.list': (request) => parts.files.list(request),
    'runs.list': () => runs.catalogue.list(),
    'runs.estimate': (request) => parts.estimates.estimate(request),
    'uploads.begin': (announced) => uploads.begin(announced),
    'uploads.write': async (piece) => done(await uploads.write(piece)),
    'uploads.finish': ({ upload }) => uploads.finish(upload),
    'uploads.cancel': async ({ upload }) => done(await uploads.cancel(upload)),
    'templates.list': () => templates.list(),
    'templates.save': (template) => templates.save(template),
    'templates.remove': ({ id }) => done(templates.remove(id)),
    'templates.setInitial': ({ initial }) => done(templates.setInitial(initial)),
    'templates.remember': ({ kind, ...last }) => done(templates.remember(kind, last)),
    'runs.start': async (options) => {
      await runs.sessions.settled()
      return { run: runs.sessions.start(options) }
    },
    'queue.add': (request) => ({ id: queue.add(request) }),
    'queue.move': ({ id, to }) => done(queue.move(id, to)),
    'queue.hold': ({ id, held }) => done(queue.hold(id, held)),
    'queue.remove': ({ id }) => done(queue.remove(id)),
    'queue.restore': ({ id }) => done(queue.restore(id)),
    'queue.pause': ({ paused }) => done(queue.pause(paused)),
    'queue.instead': async ({ work }) => ({ run: await queue.instead(work) }),
    ...damageHandlers({ store, dataFolder: parts.dataFolder, log: parts.log }),
    'runs.pause': ({ run }) => done(runs.sessions.pause(run)),
    'runs.continue': ({ run }) => done(runs.sessions.continue(run)),
    'runs.stop': ({ run }) => done(runs.sessions.stop(run)),
    'runs.resume': async ({ run, halve }) => {
      await runs.sessions.settled()
      return done(runs.sessions.resume(run, null, halve))
    },
    'runs.step': ({ run }) => done(runs.sessions.step(run)),
    'runs.adjust': async ({ run, change }) => ({ change: await runs.sessions.adjust(run, change) }),
    'runs.branch': async ({ stop, ...request }) => {
      await runs.sessions.settled()
      const run = stop ? await queue.instead({ kind: 'branch', ...request }) : runs.sessions.branch(request)
      return { run }
    },
    'checkpoints.compare': (request) => parts.compareCheckpoints(request),
    'storage.usage': () => storage.usage(),
    'storage.setPolicy': (policy) => storage.setPolicy(policy),
    'storage.plan': ({ policy, runs: these }) => storage.plan(policy, these),
    'storage.apply': ({ policy, runs: these }) => storage.apply(policy, these),
    'storage.shrink': () => storage.shrink(),
    'runs.change': ({ run, changes }) => done(runs.catalogue.change(run, changes)),
    'runs.archive': ({ runs: these, archived }) => done(runs.catalogue.archive(these, archived)),
    'runs.remove': ({ runs: these }) => done(runs.catalogue.remove(these)),
    'runs.restore': ({ runs: these }) => done(runs.catalogue.restore(these)),
    'runs.tag': ({ runs: these, add, remove }) => done(runs.catalogue.tag(these, add, remove)),
    'runs.compare': ({ runs: these }) => comparisonOf(store, these),
    'runs.curves': ({ runs: these, points }) => curvesOfRuns(store, these, points),
    'runs.snapshot': ({ run }) => runs.feeds.snapshot(run),
    'webcam.frame': (frame) => runs.sessions.frame(frame),
    'webcam.control': (control) => done(runs.sessions.control(control)),
    'sweeps.define': (definition) => ({ sweep: sweeps.define(definition) }),
    'sweeps.list': () => sweeps.list(),
    'sweeps.plan': ({ sweep }) => sweeps.plan(sweep),
    'sweeps.start': async ({ sweep }) => {
      await Promise.all([runs.sessions.settled(), runs.sessions.slots.find()])
      return done(sweeps.start(sweep))
    },
    'sweeps.stop': () => done(sweeps.stop()),
    'sweeps.remove': ({ sweep }) => {
      sweeps.remove(sweep)
      return done(parts.lab.forget(sweep))
    },
    'sweeps.results': ({ sweep }) => sweeps.results(String(sweep)),
    'sweeps.importance': ({ sweep }) => sweeps.importance(String(sweep)),
    'sweeps.risk': ({ sweep }) => sweeps.risk(String(sweep)),
    'runs.layers': (request) => readLayers(store, request),
    'runs.tensors': (request) => parts.readTensors(request),
    'runs.export': (request) => parts.exportCheckpoint(request),
    'runs.confusion': (request) => parts.images.confusion(request),
    'runs.images': (request) => parts.images.images(request),
    'runs.imagesCsv': (request) => parts.images.csv(request),
    'runs.pictures': (request) => parts.images.pictures(request),
  }
}

const done = (_nothing: void): Record<string, never> => ({})
