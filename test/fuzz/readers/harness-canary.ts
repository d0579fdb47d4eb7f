// A reader that does what no reader may, one kind of fault a file: proof that the harness would see it.
import childProcess from 'node:child_process'
import type { FuzzReader } from '#test/fuzz/reader.ts'

const faults: readonly (() => unknown)[] = [
  () => childProcess.execSync('true'),
  () => {
    for (;;);
  },
  () => process.kill(process.pid, 'SIGKILL'),
  () => Buffer.alloc(200_000_000, 1).length,
  () => void Promise.reject(new Error('nobody listens')),
  () => (null as unknown as { read: () => void }).read(),
  () => Object.assign(Object.prototype, { polluted: true }),
]

export function harnessCanary(): FuzzReader {
  const file = (index: number) => ({ name: 'fault.bin', bytes: Uint8Array.of(index) })
  return {
    name: 'harness-canary',
    honest: [file(255)],
    hostile: faults.map((_, index) => ({ ...file(index), what: `fault ${index}` })),
    mutations: [],
    read: async (_, { bytes }) => void faults[bytes[0] as number]?.(),
  }
}
