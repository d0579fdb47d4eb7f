// The app as a whole: its parts, and what one of them means for another. No DOM but timers and frames, which a test may replace.
import type { PalmClient } from '#app/rpc/client.ts'
import type { RunSummary } from '#contract/tables/report.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { Notifier } from '#renderer/lib/notifier.ts'
import type { Cameras } from '#renderer/lib/webcam/frame-source.ts'
import { FilePicker } from '#renderer/state/files/file-picker.svelte.ts'
import { Sweeps } from '#renderer/state/sweeps/sweeps.svelte.ts'
import { sampleRun } from '#renderer/state/new-run/sample-run.ts'
import { LiveLayout } from '#renderer/state/live/live-layout.svelte.ts'
import { AppSettings } from './app-settings.svelte.ts'
import { Connection, type ClientConnection } from './connection/connection.svelte.ts'
import { CurrentRun } from './current-run.svelte.ts'
import { Damage } from './damage.svelte.ts'
import { Dialogs } from './dialogs.svelte.ts'
import { Navigation } from './navigation.svelte.ts'
import { Problems } from './problems.svelte.ts'
import { Program } from './program.svelte.ts'
import { Queue } from './queue.svelte.ts'
import { RunEnds } from './run-ends.svelte.ts'
import { RunList } from './run-list.svelte.ts'
import { Tour } from './tour.svelte.ts'
import { Undo } from './undo.svelte.ts'
import { ViewStates, type ViewStateMaker } from './view-states.svelte.ts'

export interface AppParts {
  readonly connect: () => Promise<ClientConnection>
  readonly cameras: Cameras
  readonly notifier: Notifier
  /** Of the views that show something of their own. */
  readonly states: readonly ViewStateMaker[]
}

export class AppState {
  readonly problems = new Problems()
  readonly undo = new Undo()
  readonly navigation = new Navigation()
  readonly dialogs = new Dialogs()
  readonly runs = new RunList()
  readonly connection: Connection
  readonly program: Program
  readonly settings: AppSettings
  readonly queue: Queue
  readonly damage: Damage
  readonly layout: LiveLayout
  readonly picker: FilePicker
  readonly run: CurrentRun
  readonly states: ViewStates
  readonly tour: Tour
  readonly ends: RunEnds
  private readonly cameras: Cameras

  constructor({ connect, cameras, notifier, states }: AppParts) {
    this.cameras = cameras
    this.connection = new Connection({
      connect,
      greet: async (client) => {
        await this.program.greet(client)
        await this.settings.read(client)
      },
      opened: (client) => this.opened(client),
      lost: () => this.run.lost(),
    })
    const { connection, problems, undo } = this
    this.program = new Program(connection.caller)
    this.picker = new FilePicker(this.program, connection.caller)
    this.settings = new AppSettings({ caller: connection.caller, problems, undo })
    this.queue = new Queue({ caller: connection.caller, runs: this.runs, problems, undo })
    this.run = new CurrentRun({ connection, list: this.runs, problems, queue: this.queue })
    this.damage = new Damage(connection.caller, problems)
    this.layout = new LiveLayout({
      read: () => this.settings.values.layouts,
      write: (layouts) => void this.settings.change({ layouts }),
    })
    this.states = new ViewStates(states)
    this.tour = new Tour(() => void this.settings.change({ tourSeen: true }))
    this.ends = new RunEnds({ notifier, now: Date.now, settings: () => this.settings.values })
    connection.start()
  }

  /** Shows a run in the live view. */
  openRun(run: number): void {
    this.navigation.go('live')
    this.run.show(run)
  }

  /** Starts the bundled sample and shows it. */
  startSample(): void {
    this.navigation.go('live')
    void this.run.startOrLineUp(sampleRun(), strings.startSample)
  }

  private opened(client: PalmClient): void {
    const { runs, settings, navigation, undo, cameras } = this
    const listeners: ((run: RunSummary) => void)[] = []
    undo.forget()
    settings.follow(client)
    this.queue.follow(client)
    void this.damage.look()
    this.states.open({
      client,
      runs,
      settings,
      navigation,
      undo,
      cameras,
      onRun: (listener) => void listeners.push(listener),
    })
    this.program.watchSetup(client)
    client.subscribe(
      'runs',
      {},
      {
        snapshot: (all) => {
          runs.replace(all)
          for (const run of all) this.ends.run(run, false)
          const shown = this.run.live?.id ?? this.program.info?.activeRun ?? runs.kept[0]?.id ?? null
          if (shown !== null) this.run.show(shown)
        },
        event: (run) => {
          runs.update(run)
          for (const listener of listeners) listener(run)
          this.ends.run(run, this.states.get(Sweeps)?.computes(run.id) ?? false)
          if (!this.run.live && run.deletedAt === null) this.run.show(run.id)
        },
        error: this.problems.show,
      },
    )
  }
}
