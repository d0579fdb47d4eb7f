// The commands that concern the run on the screen, and a new one.
import { isLive } from '#contract/inputs/input-kinds.ts'
import { isUnderWay, type CheckpointInfo } from '#contract/tables/report.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'
import { ExportForm } from '#renderer/state/live/export-form.svelte.ts'
import type { AppState } from '#renderer/state/app/app-state.svelte.ts'
import type { Command } from './commands.svelte.ts'

/** Opens the export of the run on the screen. `chosen`: the checkpoint to begin with; null = the newest of PALM. */
export function openExport(app: AppState, chosen: CheckpointInfo | null = null): void {
  const { live } = app.run
  const { info } = app.program
  if (!live?.plan || live.checkpoints.length === 0 || !info) return
  app.dialogs.exporting = new ExportForm(
    live.id,
    live.checkpoints,
    info.dataFolder,
    (request) => app.program.exportCheckpoint(request),
    chosen,
  )
}

export function runCommands(app: AppState): Command[] {
  const text = strings.commands
  const { run } = app
  const { live, timeline, inspect } = run
  const underWay = live !== null && isUnderWay(live.status)
  const shown = app.navigation.view === 'live'
  const ofFiles = !isLive(live?.summary?.options.input)
  return [
    {
      id: 'pause',
      title: text.pause,
      key: ' ',
      menu: 'run',
      enabled: live?.status === 'paused' || live?.status === 'running',
      run: () => run.pauseOrContinue(),
    },
    {
      id: 'step',
      title: strings.timeline.stepCommand,
      key: '.',
      menu: 'run',
      enabled: shown && live?.status === 'paused' && ofFiles,
      run: () => void run.step(),
    },
    {
      id: 'change',
      title: strings.timeline.changeCommand,
      key: 'o',
      menu: 'run',
      enabled: shown && (timeline?.canAdjust ?? false),
      run: () => {
        if (timeline) timeline.changing = !timeline.changing
      },
    },
    {
      id: 'stop',
      title: text.stop,
      key: 's',
      keys: 'Mod+.',
      menu: 'run',
      enabled: underWay,
      run: () => void run.stop(),
    },
    {
      id: 'newRun',
      title: text.newRun,
      key: 'n',
      keys: 'Mod+N',
      menu: 'file',
      enabled: true,
      run: () => app.dialogs.openNewRun(),
    },
    {
      id: 'queue',
      title: strings.queue.command,
      key: 'q',
      menu: 'run',
      enabled: true,
      run: () => (app.dialogs.queue = true),
    },
    {
      id: 'export',
      title: text.export,
      key: 'e',
      keys: 'Mod+E',
      menu: 'file',
      enabled: shown && (live?.checkpoints.length ?? 0) > 0,
      run: () => openExport(app),
    },
    {
      id: 'images',
      title: strings.inspect.open,
      key: 'i',
      menu: 'view',
      enabled: shown && live?.plan != null && ofFiles && inspect !== null,
      run: () => inspect?.explore({ result: live?.unlabelled ? 'any' : 'wrong' }),
    },
  ]
}
