// The stage without a page, a camera or a clock: the program's own messages over a host of a few lines, frames from memory, and time that the test says.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClient, type PalmClient } from '#app/rpc/client.ts'
import { portPair } from '#app/rpc/port.ts'
import { serve } from '#app/rpc/server.ts'
import { PalmError } from '#contract/errors.ts'
import { isUnderWay, type RunEvent, type RunPlan, type RunStatus, type RunSummary } from '#contract/tables/report.ts'
import type { RunOptions } from '#contract/runs/run-options.ts'
import { stageDefaults, type WebcamControl, type WebcamFrame } from '#contract/webcam.ts'
import type { Cameras, FrameSource } from '#renderer/lib/webcam/frame-source.ts'
import { setLanguage } from '#renderer/lib/strings/strings.svelte.ts'
import { scenes } from '#renderer/lib/webcam/stage-scenes.ts'
import { Stage } from '#renderer/state/webcam/stage.svelte.ts'
import { Webcam } from '#renderer/state/webcam/webcam.svelte.ts'
import { emptySnapshot, tableOfHandlers, tableOfSubscribers } from '#test/app/rpc/tables.ts'

const side = 8
const picture = {
  pixels: new Uint8Array(3 * side * side),
  shown: new Uint8ClampedArray(4 * side * side),
}

/** What the program would do: runs that start and end, controls that are written down, frames that are answered by `says`. */
class Host {
  runs: { id: number; options: RunOptions; status: RunStatus }[] = []
  controls: WebcamControl[] = []
  frames: WebcamFrame[] = []
  steps = 0
  says = { unadapted: { index: 0, probability: 0.9 }, adapted: { index: 0, probability: 0.9 } }
  /** Its end was quicker than the order to stop. */
  refusals: { method: string; reason: string }[] = []
  private readonly runListeners = new Map<number, (event: RunEvent) => void>()
  private readonly listListeners = new Set<(run: RunSummary) => void>()

  summary = (run: { id: number; options: RunOptions; status: RunStatus }): RunSummary => ({
    ...emptySnapshot(0).run,
    id: run.id,
    options: run.options,
    status: run.status,
  })
  get active(): RunSummary | null {
    const run = this.runs.find(({ status }) => isUnderWay(status))
    return run ? this.summary(run) : null
  }

  end(id: number, status: RunStatus = 'done', message: string | null = null): void {
    const run = this.runs.find((one) => one.id === id)!
    run.status = status
    const error = message === null ? null : ({ code: 'session-died', message } as const)
    for (const listener of this.listListeners) listener(this.summary(run))
    this.runListeners.get(id)?.({ event: 'status', seq: 1, status, error, message: null })
  }

  private launch(options: RunOptions): { run: number } {
    if (this.active) throw new PalmError('run-busy', 'Another run is under way.')
    const run = { id: this.runs.length + 1, options, status: 'running' as const }
    this.runs.push(run)
    this.steps = 0
    return { run: run.id }
  }

  connect(): PalmClient {
    const [near, far] = portPair()
    serve(
      far,
      tableOfHandlers({
        'models.list': () => [],
        'models.details': () => ({
          format: '',
          architecture: '',
          name: '',
          hash: '',
          parameters: 1,
          classes: 3,
          classNames: ['cup', 'dog', 'key'],
          normalization: { mean: [0], std: [1] },
          normalizationFrom: 'file',
          normalizationNote: null,
          inputSize: { width: side, height: side },
          tensors: [],
          memoryBytes: 1,
          flops: 1,
          batch: 1,
          refusals: this.refusals,
        }),
        'runs.start': (options) => this.launch(options),
        'runs.list': () => this.runs.map(this.summary),
        'runs.stop': ({ run }) => {
          queueMicrotask(() => this.end(run))
          return {}
        },
        'queue.instead': async ({ work }) => {
          if (work.kind !== 'start') throw new PalmError('internal', 'not part of this test')
          if (this.active) this.end(this.active.id)
          return this.launch(work.options)
        },
        'runs.pause': () => ({}),
        'runs.continue': () => ({}),
        'webcam.control': (control) => {
          this.controls.push(control)
          return {}
        },
        'webcam.frame': async (frame) => {
          this.frames.push(frame)
          await new Promise((resolve) => setImmediate(resolve))
          if (this.active?.id !== frame.run) throw new PalmError('cancelled', 'The run is over.')
          return {
            frame: this.frames.length - 1,
            corrupted: null,
            sketch: frame.sketch ? picture.pixels : null,
            unadapted: [this.says.unadapted],
            adapted: [this.says.adapted],
            truth: { labelled: 0, unadapted: 0, adapted: 0 },
            window: { frames: 1, size: 1 },
            steps: this.steps,
            corruptMs: 0,
            predictMs: 0,
            adaptMs: null,
          }
        },
      }),
      tableOfSubscribers({
        run: ({ run }, sink) => {
          const found = this.runs.find(({ id }) => id === run)!
          sink.snapshot({ ...emptySnapshot(0), run: this.summary(found) })
          this.runListeners.set(run, (event) => sink.event(event))
          return () => this.runListeners.delete(run)
        },
        runs: (_request, sink) => {
          const listener = (run: RunSummary) => sink.event(run)
          this.listListeners.add(listener)
          sink.snapshot(this.runs.map(this.summary))
          return () => this.listListeners.delete(listener)
        },
      }),
    )
    return createClient(near)
  }
}

/** A plan as far as the stage reads it. */
const planOf = (domains: number) =>
  ({ lanes: [], domains: Array.from({ length: domains }, () => ({})) }) as unknown as RunPlan

/** A camera that gives the same picture for ever, a turn of the event loop apart, and can be unplugged. */
class MemoryCameras implements Cameras {
  opened = 0
  refuse: string | null = null
  private ended: (why: 'unplugged') => void = () => undefined
  private changed: () => void = () => undefined
  list = async () => [{ id: 'one', label: 'One' }]
  open = async (): Promise<FrameSource> => {
    if (this.refuse) throw new DOMException('no', this.refuse)
    this.opened += 1
    return {
      name: 'One',
      kind: 'camera',
      frames: 0,
      grab: () => ({ ...picture, takenAt: 0 }),
      next: () => new Promise((resolve) => setImmediate(resolve)),
      onEnd: (listener) => (this.ended = listener),
      close: () => undefined,
    }
  }
  openVideo = this.open
  onChange = (listener: () => void) => {
    this.changed = listener
    return () => undefined
  }
  unplug(): void {
    this.ended('unplugged')
  }
  plugIn(): void {
    this.changed()
  }
}

let host: Host
let cameras: MemoryCameras
let webcam: Webcam
let stage: Stage
let now: number
const settings = { ...stageDefaults, attractSeconds: 60, resetMinutes: 3, sceneSeconds: 10 }
const pass = (seconds: number) => {
  for (const end = now + 1000 * seconds; now < end;) stage.tick((now += 250))
}
const last = () => host.controls.at(-1)!
const resets = () => host.controls.filter(({ action }) => action === 'reset').length
/** So many more frames were answered. */
async function answered(count = 3): Promise<void> {
  const from = host.frames.length
  await expect.poll(() => host.frames.length, { interval: 5 }).toBeGreaterThan(from + count)
}

beforeEach(async () => {
  host = new Host()
  cameras = new MemoryCameras()
  now = 0
  webcam = new Webcam(
    host.connect(),
    cameras,
    () => now,
    (work) => setImmediate(work),
  )
  await webcam.start()
  stage = new Stage(webcam, settings, now, () => host.active)
  await answered()
  pass(2)
})
afterEach(() => webcam.close())

describe('a visitor', () => {
  test('chooses, goes on, strengthens and compares; the frames follow', async () => {
    stage.choose('fog')
    await expect.poll(() => last().settings).toEqual({ corruption: 'fog' })
    stage.turn(1)
    expect(stage.corruption).toBe('gaussian_noise')
    stage.strengthen(9)
    expect(stage.severity).toBe(5)
    stage.compare()
    expect(stage.corruption).toBeNull()
    stage.compare()
    expect(stage.corruption).toBe('gaussian_noise')
  })

  test('reads what is happening, and how many steps the other model made since the picture changed', async () => {
    expect(stage.words.caption).toBe('This is what the camera sees. Both models say: cup.')
    host.steps = 7
    await answered()
    stage.choose('fog')
    host.says = { unadapted: { index: 0, probability: 0.2 }, adapted: { index: 0, probability: 0.7 } }
    await answered()
    pass(2)
    expect(stage.words.caption).toMatch(/got foggy\. The model as trained is unsure/)
    host.steps = 12
    await answered(30)
    pass(4)
    expect(stage.words.caption).toMatch(/only 20 % sure\. The other one adapted in 5 steps: 70 % sure/)
    expect(stage.numbers.steps).toBe(12)
    expect(stage.words.announced).toMatch(/got foggy\. The model as trained is unsure/) // once for each change, for ears
  })

  test('reads and hears it in another language at once, however short the last words have stood', () => {
    stage.tick((now += 1))
    expect([stage.words.caption, stage.words.announced].join()).not.toMatch(/Kamera/)
    setLanguage('de')
    try {
      stage.tick((now += 1))
      expect(stage.words.caption).toBe('Das sieht die Kamera. Beide Modelle sagen: cup.')
      expect(stage.words.announced).toBe(stage.words.caption)
    } finally {
      setLanguage('en')
    }
    // A moment after it was told in German.
    stage.tick((now += 1))
    const { caption, announced } = stage.words
    expect([caption, announced]).toEqual(Array(2).fill('This is what the camera sees. Both models say: cup.'))
  })

  test('says what it is: both are counted for half a minute', async () => {
    host.says.adapted = { index: 1, probability: 0.8 }
    stage.teach(1)
    expect(stage.truthSeconds).toBe(30)
    await answered(5)
    pass(2)
    expect(stage.numbers.total).toMatchObject({ unadapted: 0, adapted: 1 })
    expect(stage.words.caption).toMatch(/It really is: dog\. Right in the last minute: 0 % as trained, 100 % adapting/)
    expect(host.frames.at(-1)?.truth).toBe(1)
    pass(29)
    expect(webcam.truth.current).toBeNull()
    expect(stage.truthSeconds).toBe(0)
  })

  test('sees each button’s picture, drawn from the frames at the chosen strength', async () => {
    await expect
      .poll(
        () => {
          pass(0.5)
          return stage.sketches.size
        },
        { interval: 20 },
      )
      .toBe(7)
    expect(new Set(host.frames.flatMap(({ sketch }) => (sketch ? [sketch.severity] : [])))).toEqual(new Set([3]))
  })

  test('does not leave by one press; a second one soon after, or a held key, does', () => {
    expect(stage.leave(now)).toBe(false)
    expect(stage.leaving).toBe(true)
    pass(5)
    expect(stage.leaving).toBe(false)
    expect(stage.leave(now)).toBe(false)
    expect(stage.leave(now + 1000)).toBe(true)
    pass(10)
    expect(stage.leave(now)).toBe(false)
    expect(stage.leave(now + 600, true)).toBe(false)
    expect(stage.leave(now + 1600, true)).toBe(true)
  })

  test('starts over: weights, corruption, counts and the truth go back', async () => {
    host.steps = 9
    await answered()
    stage.choose('snow')
    stage.teach(2)
    stage.startOver()
    await expect.poll(resets).toBe(1)
    expect(stage.corruption).toBeNull()
    expect(webcam.truth.current).toBeNull()
    await answered()
    expect(stage.numbers.steps).toBe(0)
    pass(1)
    expect(stage.numbers.total.unadapted).toBeNull()
  })
})

describe('when nobody is there', () => {
  test('after a minute it plays scene by scene, and the first touch gives back what was chosen and does nothing else', () => {
    stage.choose('snow')
    stage.input(now)
    pass(59)
    expect(stage.playing).toBe(false)
    pass(2)
    expect(stage.playing).toBe(true)
    const shown = [stage.corruption]
    for (let i = 1; i < scenes.length; i++) {
      pass(10)
      shown.push(stage.corruption)
    }
    expect(shown).toEqual(scenes.map(({ corruption }) => corruption))
    expect(stage.severity).toBe(scenes.at(-1)?.severity)
  })

  test('before everything goes back a returning visitor finds the same as before', () => {
    stage.choose('snow')
    stage.strengthen(2)
    stage.input(now)
    pass(90)
    expect(stage.playing).toBe(true)
    expect(stage.input(now)).toBe(true)
    expect([stage.playing, stage.corruption, stage.severity]).toEqual([false, 'snow', 2])
    expect(stage.input(now)).toBe(false)
    pass(59)
    expect(stage.playing).toBe(false)
  })

  test('after three minutes all goes back, once; who comes then begins with the clean picture', async () => {
    stage.choose('snow')
    stage.input(now)
    pass(150) // one round of scenes has begun, none has ended
    const before = resets()
    pass(31)
    await expect.poll(resets).toBeGreaterThan(before)
    expect(stage.playing).toBe(true) // the scene goes on
    stage.input(now)
    expect([stage.corruption, stage.severity]).toEqual([null, 3])
  })

  test('without playing it goes back too; zero switches either off', async () => {
    stage.settings = { ...settings, attractSeconds: 0 }
    stage.choose('snow')
    stage.input(now)
    pass(200)
    expect(stage.playing).toBe(false)
    expect(stage.corruption).toBeNull()
    await expect.poll(resets).toBe(1)
    stage.settings = { ...settings, attractSeconds: 0, resetMinutes: 0 }
    stage.choose('snow')
    stage.input(now)
    pass(2000)
    expect(stage.corruption).toBe('snow')
    await expect.poll(resets).toBe(1)
  })

  test('each round begins with the model as it was, and a run that has grown long gives way to a new one', async () => {
    pass(61)
    const before = resets()
    pass(10 * scenes.length)
    await expect.poll(resets).toBe(before + 1)
    expect(host.runs).toHaveLength(1)
    webcam.reports.plan = planOf(500)
    pass(10 * scenes.length)
    await expect.poll(() => host.runs.map(({ status }) => status)).toEqual(['done', 'running'])
    expect(cameras.opened).toBe(1)
    await expect.poll(() => webcam.phase).toBe('running')
    await answered()
    expect(host.frames.at(-1)?.run).toBe(2)
    expect(host.runs[1]?.options).toMatchObject({
      input: { kind: 'webcam' },
      lanes: [{ id: 'source' }, { id: 'palm' }],
    })
  })
})

describe('what breaks is taken up again', () => {
  test('a run that dies is started anew after two seconds, with a sentence meanwhile', async () => {
    host.end(1, 'interrupted', 'The session process was killed.')
    await expect.poll(() => webcam.phase).toBe('idle')
    pass(1.75)
    expect(stage.words.caption).toMatch(/started again/)
    expect(host.runs).toHaveLength(1)
    pass(1)
    await expect.poll(() => host.runs.length).toBe(2)
    await answered()
    pass(3)
    expect(stage.words.caption).toMatch(/what the camera sees/)
    expect(stage.retrying).toBe(false)
  })

  test('a camera that was unplugged is tried again, less and less often, and at once when a device comes', async () => {
    cameras.refuse = 'NotFoundError'
    cameras.unplug()
    pass(2)
    expect(stage.words.caption).toMatch(/Plug it in again/)
    pass(20)
    expect(webcam.source.lost).toBe(true)
    cameras.refuse = null
    cameras.plugIn()
    await expect.poll(() => webcam.source.lost).toBe(false)
    await answered()
    pass(2)
    expect(stage.words.caption).toMatch(/what the camera sees/)
  })

  test('a new connection is adopted with what was chosen', async () => {
    stage.choose('fog')
    webcam.setup.method = 'tent'
    webcam.close()
    webcam = new Webcam(
      host.connect(),
      cameras,
      () => now,
      (work) => setImmediate(work),
    )
    stage.attach(webcam)
    expect([webcam.setup.method, webcam.settings.corruption]).toEqual(['tent', 'fog'])
    pass(5)
    await expect.poll(() => webcam.phase).toBe('running')
    expect(host.runs).toHaveLength(1) // the one that went on
    expect(webcam.run).toBe(1)
    await answered()
  })

  test('a problem that is over goes from the screen by itself', () => {
    webcam.problem = 'Something.'
    pass(7)
    expect(webcam.problem).toBe('Something.')
    pass(3)
    expect(webcam.problem).toBe('')
  })

  test('what a visitor chooses while it starts again goes to the new run, not to the old one', async () => {
    webcam.reports.plan = planOf(500)
    const renewed = webcam.renew()
    stage.choose('frost')
    await renewed
    await expect.poll(() => host.controls.findLast(({ settings }) => settings.corruption === 'frost')?.run).toBe(2)
    expect(host.controls.some(({ run, settings }) => run === 1 && settings.corruption === 'frost')).toBe(false)
    expect(webcam.problem).toBe('')
  })

  test('before it ever ran nothing is tried again: the start page says what is wrong', async () => {
    const other = new Webcam(
      host.connect(),
      cameras,
      () => now,
      (work) => setImmediate(work),
    )
    const unborn = new Stage(other, settings, now, () => null)
    for (let at = now; at < now + 60_000; at += 250) unborn.tick(at)
    expect(other.phase).toBe('idle')
    expect(unborn.retrying).toBe(false)
  })
})

describe('the start page', () => {
  test('ends another run and starts when it is over', async () => {
    const other = new Webcam(
      host.connect(),
      cameras,
      () => now,
      (work) => setImmediate(work),
    )
    await other.startInstead()
    expect(host.runs.map(({ status }) => status)).toEqual(['done', 'running'])
    expect(other.phase).toBe('running')
    other.close()
  })

  test('stops nothing where the camera does not come', async () => {
    cameras.refuse = 'It is in use.'
    const other = new Webcam(
      host.connect(),
      cameras,
      () => now,
      (work) => setImmediate(work),
    )
    await other.startInstead()
    expect([other.phase, host.runs.map(({ status }) => status)]).toEqual(['idle', ['running']])
    other.close()
  })

  test('knows which methods the model refuses, and why', async () => {
    host.refusals = [{ method: 'palm', reason: 'It has no batch norm.' }]
    await webcam.setup.describe()
    expect(webcam.setup.refusal).toBe('It has no batch norm.')
    webcam.setup.method = 'tent'
    expect(webcam.setup.refusal).toBeNull()
  })
})
