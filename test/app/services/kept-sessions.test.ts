// Processes that stay for the next order, with stand-ins that say what a session process says.
import { afterEach, describe, expect, test, vi } from 'vitest'
import { keepSessions } from '#app/services/processes/kept-sessions.ts'
import type { SessionExit, SessionProcess } from '#app/services/processes/session-process.ts'
import type { ToSession } from '#contract/session-protocol.ts'

class StandIn implements SessionProcess {
  readonly pid: number
  readonly received: string[] = []
  held = true
  killed = false
  private heard: (message: unknown) => void = () => undefined
  private gone: (exit: SessionExit) => void = () => undefined

  constructor(pid: number) {
    this.pid = pid
  }
  send(message: ToSession): void {
    this.received.push(message.type)
  }
  onMessage(listener: (message: unknown) => void): void {
    this.heard = listener
  }
  onExit(listener: (exit: SessionExit) => void): void {
    this.gone = listener
  }
  hold(wanted: boolean): void {
    this.held = wanted
  }
  kill(): void {
    this.killed = true
    this.exit(null, 'SIGKILL')
  }
  say(...types: string[]): void {
    for (const type of types) this.heard({ type })
  }
  exit(code: number | null, signal: string | null = null): void {
    this.gone({ code, signal, stderrTail: '' })
  }
}

function keeper(restMs = 60_000) {
  const started: StandIn[] = []
  const start = keepSessions(
    () => {
      const process = new StandIn(100 + started.length)
      started.push(process)
      return process
    },
    (settings) => settings?.device ?? 'none',
    restMs,
  )
  const use = (device: 'auto' | 'cpu' = 'auto') => {
    const process = start({ device, precision: 'float32', threads: null })
    const said: unknown[] = []
    const exits: SessionExit[] = []
    process.onMessage((message) => said.push((message as { type: string }).type))
    process.onExit((exit) => exits.push(exit))
    return { process, said, exits }
  }
  return { started, use }
}

/** One order that ends well. */
function served(process: StandIn | undefined): void {
  process?.say('ready', 'ended', 'idle')
}

afterEach(() => {
  vi.useRealTimers()
})

describe('kept session processes', () => {
  test('one that says it is idle is gone for its user, and serves the next one, who hears that it is ready', async () => {
    const { started, use } = keeper()
    const first = use()
    expect(first.process.pid).toBe(100)
    started[0]?.say('ready')
    first.process.send({ type: 'pause' })
    expect(started[0]?.received).toEqual(['stay', 'pause'])
    started[0]?.say('ended', 'idle')
    expect(first.said).toEqual(['ready', 'ended'])
    expect(first.exits).toEqual([{ code: 0, signal: null, stderrTail: '' }])
    expect(started[0]?.held).toBe(false)

    const second = use()
    expect(second.process.pid).toBe(100)
    expect(started[0]?.held).toBe(true)
    await expect.poll(() => second.said).toEqual(['ready'])
    expect(started).toHaveLength(1)
    expect(first.said).toEqual(['ready', 'ended'])
  })

  test('what its last user still says, or does, is not the next one’s', () => {
    const { started, use } = keeper()
    const first = use()
    served(started[0])
    first.process.send({ type: 'stop' })
    const second = use()
    first.process.send({ type: 'stop' })
    first.process.kill()
    second.process.send({ type: 'continue' })
    expect(started[0]?.received).toEqual(['stay', 'stay', 'continue'])
    expect(started[0]?.killed).toBe(false)
  })

  test('while one works, the next order gets a process of its own; so does one with another environment', () => {
    const { started, use } = keeper()
    use()
    expect(use().process.pid).toBe(101)
    served(started[0])
    expect(use('cpu').process.pid).toBe(102)
    expect(started[0]?.killed).toBe(false)
    expect(use().process.pid).toBe(100)
  })

  test('one that ends, dies or is killed is never used again, and its user hears how it went', () => {
    const { started, use } = keeper()
    const left = use()
    started[0]?.say('ready', 'ended')
    started[0]?.exit(0)
    expect(left.exits).toEqual([{ code: 0, signal: null, stderrTail: '' }])
    const killed = use()
    killed.process.kill()
    expect(killed.exits).toEqual([{ code: null, signal: 'SIGKILL', stderrTail: '' }])
    use()
    served(started[2])
    started[2]?.exit(137) // while it rests
    expect(use().process.pid).toBe(103)
  })

  test('two rest at most, the longest idle goes first; and each goes after a while', () => {
    vi.useFakeTimers()
    const { started, use } = keeper(1000)
    for (let i = 0; i < 3; i++) use()
    for (const process of started) served(process)
    expect(started.map(({ killed }) => killed)).toEqual([true, false, false])
    vi.advanceTimersByTime(900)
    const again = use()
    expect(again.process.pid).toBe(101)
    vi.advanceTimersByTime(200)
    expect(started.map(({ killed }) => killed)).toEqual([true, false, true])
  })
})

test('one that was killed is not kept, also when what it had said before comes after that', () => {
  const { started, use } = keeper()
  const first = use()
  const [dying] = started as [StandIn]
  dying.kill = () => (dying.killed = true) // the system takes a moment
  dying.say('ready')
  first.process.kill()
  dying.say('ended', 'idle')
  expect(first.said).toEqual(['ready', 'ended'])
  const second = use()
  expect(second.process.pid).toBe(101)
  dying.exit(null, 'SIGKILL')
  expect(first.exits).toEqual([{ code: null, signal: 'SIGKILL', stderrTail: '' }])
  expect(second.exits).toEqual([])
})
