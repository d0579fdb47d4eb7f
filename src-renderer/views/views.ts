// Every view, one row each, in the order of the header. Adding one: docs/contributing/view.md.
import type { RunSummary } from '#contract/tables/report.ts'
import { isLive } from '#contract/inputs/input-kinds.ts'
import { stageDefaults, type StageSettings } from '#contract/webcam.ts'
import { addressOf, runsOfAddress } from '#renderer/lib/runs/compare-address.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import type { AppState } from '#renderer/state/app/app-state.svelte.ts'
import { compareMarked, compareRuns } from '#renderer/state/app/compare-runs.ts'
import { panelCommands } from '#renderer/state/app/commands/panel-commands.ts'
import { frame } from '#renderer/state/app/frame.ts'
import { SettingsPages } from '#renderer/state/app/settings-pages.svelte.ts'
import { Compare } from '#renderer/state/history/compare.svelte.ts'
import { History } from '#renderer/state/history/history.svelte.ts'
import { Models, type ModelChoice } from '#renderer/state/models/models.svelte.ts'
import { Sweeps } from '#renderer/state/sweeps/sweeps.svelte.ts'
import { Webcam } from '#renderer/state/webcam/webcam.svelte.ts'
import CompareView from './compare/CompareView.svelte'
import HistoryView from './history/HistoryView.svelte'
import CurrentRunView from './live/CurrentRunView.svelte'
import ModelsView from './models/ModelsView.svelte'
import SettingsView from './settings/SettingsView.svelte'
import SweepsView from './sweeps/SweepsView.svelte'
import { defineView, type View } from './view.ts'
import WebcamView from './webcam/WebcamView.svelte'

const live = defineView({
  id: 'live',
  entry: {
    title: { en: 'Live', de: 'Live' },
    command: { en: 'Go to: live run', de: 'Gehe zu: Live' },
    key: 'l',
    keys: 'Mod+1',
    menu: 'view',
    icon: null,
  },
  state: null,
  commands: panelCommands,
  component: CurrentRunView,
  props: (context) => ({ ...context }),
})

const history = defineView({
  id: 'history',
  entry: {
    title: { en: 'History', de: 'Verlauf' },
    command: { en: 'Go to: history', de: 'Gehe zu: Verlauf' },
    key: 'h',
    keys: 'Mod+2',
    menu: 'view',
    icon: null,
  },
  state: {
    of: History,
    make: ({ client, runs, settings, undo }) =>
      new History(client, () => runs.all, undo, {
        view: settings.values.history,
        keep: (kept) => void settings.change({ history: kept }),
      }),
  },
  waiting: (app) => (app.runs.listed ? '' : strings.shell.loadingRuns),
  commands: (app) => [
    {
      id: 'compare',
      title: strings.compare.command,
      key: 'v',
      menu: 'view',
      enabled: app.navigation.view === 'history' && app.states.get(History) !== null,
      run: () => compareMarked(app),
    },
  ],
  component: HistoryView,
  props: ({ app }, shown) => ({
    history: shown,
    oncompare: () => compareMarked(app),
    onagain: (again: RunSummary) => app.dialogs.openNewRun({ again }),
    onopen: (run: number) => app.openRun(run),
    onsample: () => app.startSample(),
    onnew: () => app.dialogs.openNewRun(),
  }),
})

const compare = defineView({
  id: 'compare',
  entry: null,
  under: 'history',
  state: {
    of: Compare,
    make({ client, navigation, onRun }, before) {
      const made = new Compare(client)
      const runs = before?.runs ?? runsOfAddress(navigation.address) ?? []
      if (runs.length > 0) void made.open(runs)
      onRun((run) => made.heard(run))
      return made
    },
  },
  // What is compared stands in the address: a reload and the way back come to it.
  address: {
    of: ({ states, navigation }) => addressOf(states.get(Compare)?.runs ?? runsOfAddress(navigation.address) ?? []),
    open(app, address) {
      const runs = runsOfAddress(address)
      if (runs) compareRuns(app, runs)
      return runs !== null
    },
  },
  component: CompareView,
  props: ({ app, theme }, shown) => ({
    compare: shown,
    theme,
    onback: () => app.navigation.go('history'),
    onopen: (run: number) => app.openRun(run),
  }),
})

const sweeps = defineView({
  id: 'sweeps',
  entry: {
    title: { en: 'Sweeps', de: 'Sweeps' },
    command: { en: 'Go to: sweeps', de: 'Gehe zu: Sweeps' },
    key: 'w',
    keys: 'Mod+3',
    menu: 'view',
    icon: null,
  },
  state: {
    of: Sweeps,
    make({ client, undo }, before) {
      const { chosen, kind } = before ?? {}
      const made = new Sweeps(client, undo)
      if (chosen) void made.choose(chosen).then(() => made.show(kind ?? 'errors'))
      return made
    },
  },
  component: SweepsView,
  props: ({ app, theme }, shown) => ({
    sweeps: shown,
    models: app.states.get(Models),
    theme,
    onshowrun: (run: number) => app.openRun(run),
    waiting: app.queue.waiting(null, 'sweep'),
    linedUp: shown.chosen !== null && app.queue.holdsSweep(shown.chosen),
    onlineup: async () => {
      const { queued } = shown
      if (queued) await app.queue.lineUp(queued.work, queued.name, queued.estimateMs)
    },
  }),
})

const models = defineView({
  id: 'models',
  entry: {
    title: { en: 'Models', de: 'Modelle' },
    command: { en: 'Go to: models', de: 'Gehe zu: Modelle' },
    key: 'm',
    keys: 'Mod+4',
    menu: 'view',
    icon: null,
  },
  state: { of: Models, make: ({ client }) => new Models(client) },
  component: ModelsView,
  props: ({ app }, shown) => ({
    models: shown,
    onuse: (model: ModelChoice) => app.dialogs.openNewRun({ model }),
  }),
})

const webcam = defineView({
  id: 'webcam',
  entry: {
    title: { en: 'Webcam', de: 'Webcam' },
    command: { en: 'Go to: webcam', de: 'Gehe zu: Webcam' },
    key: 'c',
    keys: 'Mod+5',
    menu: 'view',
    icon: null,
  },
  state: {
    of: Webcam,
    make({ client, cameras }, before) {
      before?.close()
      return new Webcam(client, cameras, () => performance.now(), frame)
    },
  },
  component: WebcamView,
  props: ({ app, theme }, shown) => ({
    webcam: shown,
    active: app.runs.underWay.find(({ options }) => isLive(options.input)) ?? app.queue.inTheWay,
    theme,
    stageSettings: app.settings.values.stage ?? stageDefaults,
    onstagesettings: (stage: StageSettings) => void app.settings.change({ stage }),
  }),
})

const settings = defineView({
  id: 'settings',
  entry: {
    title: { en: 'Settings', de: 'Einstellungen' },
    command: { en: 'Settings', de: 'Einstellungen' },
    key: ',',
    keys: 'Mod+,',
    menu: 'file',
    icon: 'settings',
  },
  possible: (app) => app.connection.isOpen,
  open: (app) => app.navigation.openSettings('general'),
  state: {
    of: SettingsPages,
    make({ client }, before) {
      before?.close()
      return new SettingsPages(client)
    },
  },
  component: SettingsView,
  props: ({ app }, pages) => ({ app, pages }),
})

export const views: readonly View[] = [live, history, compare, sweeps, models, webcam, settings]

/** The live view where there is none of that id. */
export const viewOf = (id: string): View => views.find((view) => view.id === id) ?? live

/** Shows a view as its entry does. */
export function openView(app: AppState, { id, open }: View): void {
  if (open) open(app)
  else app.navigation.go(id)
}
