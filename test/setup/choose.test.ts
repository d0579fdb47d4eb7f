// What the set-up provides on which machine: TensorFlow's library, CUDA's, or nothing because WebGPU computes.
import { describe, expect, test } from 'vitest'
import { askAtTerminal, chooseNative, cudaQuestion } from '#build/setup/choose.mjs'

interface Fake {
  readonly platform?: string
  readonly device?: string
  readonly nvidia?: boolean
  readonly tools?: readonly ('pip' | 'g++')[]
  readonly ready?: readonly ('cpu' | 'cuda')[]
  readonly pinned?: readonly ('cpu' | 'cuda')[]
  readonly answered?: 'cpu' | 'cuda' | null
  readonly answer?: boolean | null
}

async function chosen(fake: Fake) {
  const asked: string[] = []
  const looked: string[] = []
  const remembered: string[] = []
  const { answer = null } = fake
  const choice = await chooseNative({
    env: fake.device === undefined ? {} : { PALM_DEVICE: fake.device },
    platform: fake.platform ?? 'linux',
    nvidia: fake.nvidia ?? false,
    isReady: (part) => (fake.ready ?? []).includes(part),
    isPinned: (part) => (fake.pinned ?? ['cpu', 'cuda']).includes(part),
    has(tool) {
      looked.push(tool)
      return (fake.tools ?? ['pip', 'g++']).includes(tool)
    },
    answered: () => fake.answered ?? null,
    ask:
      answer === null
        ? null
        : async (question) => {
            asked.push(question)
            return answer
          },
    remember: (given) => remembered.push(given),
  })
  return { ...choice, asked, looked, remembered }
}

describe('Linux', () => {
  test('without a card of NVIDIA’s: TensorFlow for the processor', async () => {
    expect(await chosen({})).toMatchObject({ part: 'cpu', why: null })
  })

  test.each([
    [['g++'], /no Python 3 with pip here.*apt-get install python3-pip\)/],
    [['pip'], /no g\+\+ here.*apt-get install g\+\+\)/],
    [[], /there are no Python 3 with pip and no g\+\+ here.*python3-pip g\+\+\)/],
  ] as const)('with only %j it is WebGPU, and what is missing is said', async (tools, why) => {
    expect(await chosen({ tools: [...tools] })).toMatchObject({ part: 'none', why: expect.stringMatching(why) })
  })

  test('what is set up already is used without looking for tools', async () => {
    expect(await chosen({ tools: [], ready: ['cpu'] })).toMatchObject({ part: 'cpu', looked: [] })
    expect(await chosen({ tools: [], nvidia: true, ready: ['cuda'] })).toMatchObject({ part: 'cuda', looked: [] })
  })

  test('with a card of NVIDIA’s it asks once, saying the size first; the answer is remembered', async () => {
    expect(await chosen({ nvidia: true, answer: true })).toMatchObject({
      part: 'cuda',
      asked: [cudaQuestion],
      remembered: ['cuda'],
    })
    expect(await chosen({ nvidia: true, answer: false })).toMatchObject({ part: 'cpu', remembered: ['cpu'] })
    expect(await chosen({ nvidia: true, answer: true, answered: 'cpu' })).toMatchObject({ part: 'cpu', asked: [] })
    expect(cudaQuestion).toMatch(/3\.2 GB, 5\.3 GB on disk/)
  })

  test('where nobody can answer gigabytes are not fetched, and it says how to have them', async () => {
    expect(await chosen({ nvidia: true })).toMatchObject({
      part: 'cpu',
      why: expect.stringContaining('PALM_DEVICE=cuda npm start'),
    })
  })

  test('a question that no answer could follow is not asked', async () => {
    expect(await chosen({ nvidia: true, answer: true, tools: [] })).toMatchObject({ part: 'none', asked: [] })
  })
})

test.each(['darwin', 'win32'])('%s: WebGPU, and neither Python nor a compiler is looked for', async (platform) => {
  expect(await chosen({ platform, tools: [] })).toMatchObject({
    part: 'none',
    why: expect.stringContaining('PALM_DEVICE=cpu'),
    looked: [],
  })
  expect(await chosen({ platform, ready: ['cpu'] })).toMatchObject({ part: 'cpu' })
  expect(await chosen({ platform, device: 'cpu', tools: [] })).toMatchObject({ part: 'cpu', looked: [] })
})

describe('PALM_DEVICE', () => {
  test.each(['cpu', 'cuda'] as const)('%s is what is set up', async (device) => {
    expect(await chosen({ device, nvidia: device === 'cpu', answer: true })).toMatchObject({ part: device, asked: [] })
  })

  test('webgpu sets nothing up; auto is as if it were not there', async () => {
    expect(await chosen({ device: 'webgpu', nvidia: true })).toMatchObject({ part: 'none', looked: [] })
    expect(await chosen({ device: 'auto' })).toMatchObject({ part: 'cpu' })
  })

  test('what cannot be set up is refused with what to do', async () => {
    await expect(chosen({ device: 'tpu' })).rejects.toMatchObject({
      message: expect.stringContaining('tpu'),
      todo: expect.stringContaining('auto, cpu, cuda, webgpu'),
    })
    await expect(chosen({ device: 'cuda', tools: ['pip'] })).rejects.toMatchObject({
      message: expect.stringContaining('no g++'),
      todo: expect.stringContaining('PALM_DEVICE=webgpu'),
    })
    await expect(chosen({ device: 'cuda', pinned: ['cpu'] })).rejects.toMatchObject({
      message: expect.stringContaining('no pinned'),
    })
  })
})

test('nobody is asked where there is no terminal', () => {
  const none = { isTTY: false }
  expect(askAtTerminal(none as typeof process.stdin, none as typeof process.stderr)).toBeNull()
})
