import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { narrowResources } from '#test/helpers/narrow-sample.ts'

/** For a machine on which other work takes ten parts of eleven: a test that waits for a state so long waits for one that does not come. */
const patience = Number(process.env.PALM_PATIENCE ?? 240_000)

/** What computes is not hurried with what waits: on a busy machine a test of many runs takes minutes, and with all of its faults (`npm run faults`) ten times as long. */
const longest = 3 * Math.max(patience, 240_000) * (process.env.PALM_FAULTS === 'all' ? 10 : 1)

/** What starts processes or a browser, or computes for long: not for `npm run test:quick`. */
const long = [
  'test/e2e/**',
  'test/cli/{branch,lab,lab-survives,process,run,sweep}.test.ts',
  'test/docs/{commands,exports}.test.ts',
  'test/session/{checkpoint-export,export,predictions,resume,time-travel,webcam}.test.ts',
  'test/faults/**',
  'test/fuzz/**',
  'test/engine/{architectures,gradients,methods,webgpu/proof}.test.ts',
  'test/app/services/{lab-app,lab-queue,native-setup,ready-models,run-estimate,sweeps}.test.ts',
  'test/architecture/**',
]

export default defineConfig({
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })], // for the runes of *.svelte.ts
  test: {
    include: ['test/**/*.test.ts'],
    exclude: process.env.PALM_QUICK ? ['node_modules/**', ...long] : ['node_modules/**'],
    // Sessions that tests start inherit it. A second thread of TensorFlow spins while the first has work: half as much again of the processor for networks this small.
    // The same device on every machine: what tests a card asks for it.
    // And a sample whose network is narrow (test/helpers/narrow-sample.ts).
    env: {
      TF_NUM_INTRAOP_THREADS: '1',
      PALM_DEVICE: process.env.PALM_DEVICE ?? 'cpu',
      PALM_RESOURCES: narrowResources,
    },
    globalSetup: 'test/helpers/narrow-sample.ts',
    setupFiles: 'test/helpers/kept-threads.ts',
    pool: 'forks',
    maxWorkers: 2,
    // What is young is collected a twentieth as often: workers, and the sessions that they start, are full of what lives for a step.
    execArgv: ['--max-semi-space-size=64', '--min-semi-space-size=32'],
    isolate: false, // a worker loads the program, the device and the browser once, for all its files
    testTimeout: longest,
    hookTimeout: longest,
    expect: { poll: { timeout: patience, interval: 100 } },
  },
})
