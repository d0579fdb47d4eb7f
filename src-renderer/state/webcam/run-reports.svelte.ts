// What a webcam's run reports step by step: its plan, the last steps, snapshots, and the layer map.
import type { PalmClient } from '#app/rpc/client.ts'
import type { WireError } from '#contract/errors.ts'
import { isUnderWay, type RunEvent, type RunPlan, type RunSnapshot } from '#contract/tables/report.ts'
import { RecentSteps } from '#renderer/lib/curves/recent-steps.ts'
import { LayerMap } from '#renderer/state/live/layer-map.svelte.ts'

export interface RunReportsNeeds {
  readonly client: PalmClient
  /** Does work when the page is drawn next. */
  readonly schedule: (work: () => void) => void
  /** The run is not under way any more; null = nothing went wrong. */
  readonly over: (error: WireError | null) => void
  /** Shows what went wrong. */
  readonly say: (problem: string) => void
}

export class RunReports {
  plan = $state.raw<RunPlan | null>(null)
  layerMap = $state.raw<LayerMap | null>(null)
  snapshots = $state(0)
  /** Rises with each step. */
  version = $state(0)
  /** Read it after `version`. */
  recent = new RecentSteps()
  private readonly needs: RunReportsNeeds
  private unfollow: (() => void) | null = null

  constructor(needs: RunReportsNeeds) {
    this.needs = needs
  }

  /** This run instead of the one before. */
  follow(run: number): void {
    const { client, schedule, say } = this.needs
    this.close()
    this.plan = null
    this.snapshots = 0
    this.recent = new RecentSteps()
    this.layerMap = new LayerMap(
      run,
      {
        layers: (request) => client.call('runs.layers', request),
        tensors: (request) => client.call('runs.tensors', request),
      },
      schedule,
    )
    this.unfollow = client.subscribe(
      'run',
      { run },
      {
        snapshot: (snapshot) => this.take(snapshot),
        event: (event) => this.hear(event),
        error: (error) => say(error.message),
      },
    )
  }

  close(): void {
    this.unfollow?.()
  }

  private take(snapshot: RunSnapshot): void {
    this.plan = snapshot.plan
    this.layerMap?.begin(snapshot, true)
    this.snapshots = snapshot.checkpoints.length
    this.recent.load(snapshot.steps)
    this.version += 1
    if (!isUnderWay(snapshot.run.status)) this.needs.over(snapshot.run.error)
  }

  private hear(event: RunEvent): void {
    if (event.event === 'plan') {
      this.plan = event.plan
      this.layerMap?.setPlan(event.plan)
    } else if (event.event === 'checkpoint') {
      this.snapshots += 1
      this.layerMap?.addCheckpoint(event.checkpoint)
    } else if (event.event === 'step') {
      this.layerMap?.push(event.reports)
      this.recent.push(event.reports)
      this.version += 1
    } else if (event.event === 'status' && !isUnderWay(event.status)) this.needs.over(event.error)
  }
}
