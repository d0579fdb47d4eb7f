// A lab's queue as the window needs it: how the connection stands, what lies in the queue, and what is done to both. Runs without a page.
import type { PalmClient } from '#app/rpc/client.ts'
import { toWireError } from '#contract/errors.ts'
import { usualLabPlace, type LabPlace, type LabSweepView, type LabView } from '#contract/sweeps/lab-view.ts'
import { strings } from '#renderer/lib/strings/strings.svelte.ts'

/** What is typed. The password is here until it was sent, and nowhere else in the page. */
export interface LabForm {
  server: string
  database: string
  user: string
  password: string
  keep: boolean
  certificate: string
  encryption: 'usual' | 'on' | 'off'
}

export class Lab {
  view = $state.raw<LabView | null>(null)
  form = $state<LabForm>(formOf(usualLabPlace))
  busy = $state(false)
  problem = $state('')
  /** What was done last, to be read out. */
  said = $state('')
  private readonly client: PalmClient
  private readonly stop: () => void

  constructor(client: PalmClient) {
    this.client = client
    this.stop = client.subscribe(
      'lab',
      {},
      {
        snapshot: (view) => {
          if (view.place) this.form = formOf(view.place)
          this.view = view
        },
        event: (view) => (this.view = view),
        error: (error) => (this.problem = error.message),
      },
    )
  }

  get isOn(): boolean {
    return this.view?.phase === 'on' || this.view?.phase === 'lost'
  }

  /** One line of how it stands. */
  get status(): string {
    const text = strings.lab.status
    const { view } = this
    if (!view || view.phase === 'off') return text.off
    if (view.phase !== 'on') return text[view.phase]
    return text.on(view.state?.workers.length ?? 0, view.state?.active ?? 0)
  }

  of(sweep: number | null): LabSweepView | null {
    return this.view?.sweeps.find((one) => one.sweep === sweep) ?? null
  }

  /** @returns whether that worked */
  connect(): Promise<boolean> {
    const { server, database, user, password, keep, certificate, encryption } = this.form
    const encrypted = encryption === 'usual' ? null : encryption === 'on'
    const place: LabPlace = { server: server.trim(), database, user, certificate, encrypted }
    return this.attempt(async () => {
      await this.client.call('lab.connect', { place, password: password === '' ? null : password, keep })
      this.form.password = ''
    })
  }

  disconnect(): Promise<boolean> {
    return this.attempt(() => this.client.call('lab.disconnect', {}))
  }

  forgetPassword(): Promise<boolean> {
    return this.attempt(() => this.client.call('lab.forgetPassword', {}))
  }

  put(sweep: number): Promise<boolean> {
    return this.attempt(() => this.client.call('lab.put', { sweep }))
  }

  takeOut(sweep: number): Promise<boolean> {
    return this.attempt(async () => {
      const { cells } = await this.client.call('lab.takeOut', { sweep })
      this.said = strings.lab.takenOut(cells)
    })
  }

  again(key: string): Promise<boolean> {
    return this.attempt(() => this.client.call('lab.again', { key }))
  }

  close(): void {
    this.stop()
  }

  private async attempt(work: () => Promise<unknown>): Promise<boolean> {
    this.busy = true
    this.problem = ''
    this.said = ''
    try {
      await work()
      return true
    } catch (thrown) {
      this.problem = toWireError(thrown).message
      return false
    } finally {
      this.busy = false
    }
  }
}

const formOf = ({ server, database, user, certificate, encrypted }: LabPlace): LabForm => ({
  server,
  database,
  user,
  password: '',
  keep: false,
  certificate,
  encryption: encrypted === null ? 'usual' : encrypted ? 'on' : 'off',
})
